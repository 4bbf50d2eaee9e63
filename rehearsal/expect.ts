/** `expect.json`: what a drill must come to, and the comparison with what it came to. */

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BadInputError } from '../shared/kernel/errors.ts';
import type { RunResult } from '../shared/kernel/report/result.ts';
import { parseDuration } from '../simulator/world/duration.ts';
import { nodesMembers } from './expect-nodes.ts';
import { queuesMembers } from './expect-queues.ts';
import { INVARIANTS } from './invariants.ts';
import { isRecord } from '../simulator/engine/json.ts';
import type { ServiceModel, World } from '../simulator/engine/model.ts';
import type { SimulationResult } from '../simulator/engine/run-types.ts';
import { SERVICES } from '../simulator/engine/services.ts';
import { pathText } from '../simulator/world/checking.ts';
import { placeIn } from '../simulator/world/record-path.ts';
import { pathAway } from '../simulator/world/regions.ts';
import { WORKERS } from '../simulator/world/workers.ts';

/** What a path may lead into: services, and the workers of the world file. */
const PLACES: readonly Pick<ServiceModel, 'name' | 'collections' | 'within' | 'global'>[] = [
  ...SERVICES,
  { name: WORKERS.service, collections: { [WORKERS.collection]: WORKERS.key } },
];

const outcome = z.enum(['done', 'nothing', 'refused', 'failed', 'planned', 'awaiting-approval', 'waiting', 'not-mine']);

const expectedResult = z.strictObject({
  runbook: z.string(),
  outcome,
  /** The first word of the reason. */
  code: z.string().optional(),
  /** The whole ARN, or what it ends with. */
  target: z.string().optional(),
  /** Members of the evidence, as they must be; others are not looked at. */
  evidence: z.record(z.string(), z.unknown()).default({}),
});

const expectSchema = z.strictObject({
  runFor: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as PT10M' })
    .default('PT0S'),
  results: z.array(expectedResult),
  final: z.record(z.string(), z.unknown()).default({}),
  ...queuesMembers,
  ...nodesMembers,
  calls: z
    .record(
      z.string().regex(/^(?:[a-z][a-z0-9-]*:[A-Z]\w+|ledger:[a-z]+)$/u, {
        error: 'must be service:Operation, e.g. ec2:AssociateAddress, or one of the ledger such as ledger:acquire',
      }),
      z.int().min(0),
    )
    .default({}),
  /** Alarms of the stack that the story raises without faults, after the prefix: `page`, `reassign-elastic-ip-standby`. No others may be. */
  alarms: z.array(z.string()).default([]),
  invariants: z.array(z.string()).default([]),
  sometimes: z.array(z.string()).default([]),
  /** What is deployed. Absent: the runbooks that `results` name, or all where it names none: an incident is explored for those it concerns. */
  runbooks: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  /** How the person answers who is asked for an approval. Absent: nobody is there. */
  approval: z.enum(['given', 'twice', 'late', 'stale', 'denied', 'forged', 'never']).optional(),
  /** Parts of the end that faults may change in this drill, by path (`*` is one step), each with its reason. */
  mayDiffer: z
    .record(
      z.string().regex(/^(?:(?:regions\/[^/]+\/)?[a-z0-9-]+\/\w+|ledger\/\*)\//u, {
        error: 'must be a path such as ec2/Snapshots/*, regions/us-east-1/ec2/Snapshots/* or ledger/*/actions',
      }),
      z.string().min(10, { error: 'must say why' }),
    )
    .default({}),
  /** Why the lease is load-bearing in this story: it is not explored with leases granted to everybody. */
  needsLeases: z.string().min(10, { error: 'must say why' }).optional(),
  /** Why it is not explored unless it is named: each try would take too long. */
  rehearsedOnly: z.string().min(10, { error: 'must say why' }).optional(),
  /** The story depends on what the ledger remembers: under the fault `ledger-lost` only the invariants must hold. */
  needsLedger: z.boolean().default(false),
});

/** What a drill must come to. */
export type Expectation = z.infer<typeof expectSchema>;

/** Reads `expect.json`. Throws `BadInputError` with the JSON path of the fault. */
export function parseExpectation(value: unknown): Expectation {
  const parsed = expectSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = issue?.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : [];
    throw new BadInputError(
      pathText([...(issue?.path ?? []), ...key]),
      key.length > 0 ? 'unknown key' : (issue?.message ?? parsed.error.message),
    );
  }
  const { invariants, final } = parsed.data;
  for (const [index, name] of invariants.entries()) {
    if (name in INVARIANTS) continue;
    const known = Object.keys(INVARIANTS).join(', ');
    throw new BadInputError(`invariants[${index}]`, `there is no invariant ${name}; one of ${known}`);
  }
  for (const path of Object.keys(final)) {
    const [service = '', collection = ''] = (pathAway(path)?.path ?? path).split('/');
    const isKnown = PLACES.find(({ name }) => name === service)?.collections[collection] !== undefined;
    if (isKnown) continue;
    const fault = `${service}/${collection} is no collection of a simulated service`;
    throw new BadInputError(pathText(['final', path]), fault);
  }
  return parsed.data;
}

/** One member further: of a list by index, by `Key` (then its value) or by `Name`. */
function stepInto(value: unknown, step: string): unknown {
  if (Array.isArray(value)) {
    const named: unknown = value.find(
      (entry: unknown) => isRecord(entry) && (entry['Key'] === step || entry['Name'] === step),
    );
    if (isRecord(named)) return named['Key'] === step ? named['Value'] : named;
    return /^\d+$/u.test(step) ? value[Number(step)] : undefined;
  }
  return isRecord(value) ? value[step] : undefined;
}

/**
 * What stands at `service/Collection/KEY/Member/…`, of another Region behind `regions/REGION/`; `undefined` where there is
 * nothing. A key may hold slashes (an ARN).
 */
function valueAt(world: World, path: string): unknown {
  const away = pathAway(path);
  if (away !== undefined) {
    const there = world.regions.get(away.region);
    return there === undefined ? undefined : valueAt(there, away.path);
  }
  const [service = '', collection = '', ...rest] = path.split('/');
  const model = PLACES.find(({ name }) => name === service);
  const keyMember = model?.collections[collection];
  if (model === undefined || keyMember === undefined) return undefined;
  const at = pathText(['final', path]);
  const { record, path: inside } = placeIn(world, [model, collection, keyMember], rest.join('/'), at);
  return record === undefined ? undefined : inside.reduce<unknown>(stepInto, record);
}

function finalFault(world: World, path: string, wanted: unknown): string | undefined {
  const found = valueAt(world, path) ?? null;
  const shown = JSON.stringify(found);
  if (isRecord(wanted) && 'present' in wanted) {
    const isPresent = found !== null;
    if (isPresent === wanted['present']) return undefined;
    return isPresent ? `${path}: expected none, found ${shown}` : `${path}: expected a value, found none`;
  }
  return isDeepStrictEqual(found, wanted) ? undefined : `${path}: expected ${JSON.stringify(wanted)}, found ${shown}`;
}

/** The end state against `final`. */
export function checkFinal(expect: Expectation, world: World): string[] {
  return Object.entries(expect.final).flatMap(([path, wanted]) => finalFault(world, path, wanted) ?? []);
}

/** The first word of a reason, by which machines tell it. */
export function codeOf(result: Pick<RunResult, 'reason'>): string {
  return result.reason.split(':')[0] ?? '';
}

const SILENT = new Set(['nothing', 'not-mine']);

/** Outcomes that say nothing new when they are said again, whoever asked: how often depends on how many events came meanwhile. */
const LASTING = new Set(['waiting', 'refused']);

/** The results that say something: not `nothing` or `not-mine`, and repeats of what was said before (a schedule's; anybody's that it waits or refuses) left out. */
export function tellingResults({
  results,
  invocations,
}: Pick<SimulationResult, 'results' | 'invocations'>): readonly RunResult[] {
  const kept: RunResult[] = [];
  const last = new Map<string, string>();
  for (const { invocation, result } of results) {
    const about = `${result.runbook} ${result.target ?? ''}`;
    const said = `${result.outcome} ${codeOf(result)}`;
    const repeated =
      last.get(about) === said && (LASTING.has(result.outcome) || invocations[invocation]?.delivery === -1);
    last.set(about, said);
    if (!SILENT.has(result.outcome) && !repeated) kept.push(result);
  }
  return kept;
}

type WantedResult = Expectation['results'][number];

function inWords({ runbook, outcome: ended, code, target, evidence }: WantedResult): string {
  const words = [
    `${runbook} ${ended}`,
    ...(code === undefined ? [] : [`(${code})`]),
    ...(target === undefined ? [] : [`on ${target}`]),
    ...(Object.keys(evidence).length === 0 ? [] : [`with ${JSON.stringify(evidence)}`]),
  ];
  return words.join(' ');
}

/** What a result was, with the members of the evidence that were looked at. */
function foundInWords(result: RunResult | undefined, looked: readonly string[]): string {
  if (result === undefined) return 'none';
  const { runbook, outcome: ended, target = 'no target', reason, evidence } = result;
  const seen = looked.map((member) => `${member} ${JSON.stringify(evidence[member] ?? null)}`);
  return [`${runbook} ${ended} on ${target}: ${reason}`, ...seen].join('; ');
}

function isAsWanted(wanted: WantedResult, result: RunResult): boolean {
  return (
    wanted.runbook === result.runbook &&
    wanted.outcome === result.outcome &&
    (wanted.code === undefined || wanted.code === codeOf(result)) &&
    (wanted.target === undefined || (result.target ?? '').endsWith(wanted.target)) &&
    Object.entries(wanted.evidence).every(([member, value]) => isDeepStrictEqual(result.evidence[member], value))
  );
}

/** Each result that is wanted, with its place in the list, and the one that came for it: the next of its runbook. */
type Pair = readonly [place: number, wanted: WantedResult | undefined, result: RunResult | undefined];

/** Functions run side by side: which of two tells first is nobody's to say. What one of them tells has its order. */
function paired(wanted: readonly WantedResult[], told: readonly RunResult[]): readonly Pair[] {
  const left = new Map(
    Object.entries(Object.groupBy(told, ({ runbook }) => runbook)).map(([name, own = []]) => [name, [...own]]),
  );
  const pairs = wanted.map((one, index): Pair => [index + 1, one, left.get(one.runbook)?.shift()]);
  const surplus = [...left.values()]
    .flat()
    .map((result, index): Pair => [wanted.length + index + 1, undefined, result]);
  return [...pairs, ...surplus];
}

/** The results against `results`, those of each runbook in order. */
export function checkResults(
  expect: Expectation,
  simulated: Pick<SimulationResult, 'results' | 'invocations'>,
): string[] {
  const told = tellingResults(simulated);
  return paired(expect.results, told).flatMap(([place, wanted, result]) => {
    if (wanted !== undefined && result !== undefined && isAsWanted(wanted, result)) return [];
    const expected = wanted === undefined ? 'none' : inWords(wanted);
    const found = foundInWords(result, Object.keys(wanted?.evidence ?? {}));
    return [`result ${place}: expected ${expected}, found ${found}`];
  });
}

/** The alarms that were raised against `alarms`. */
export function checkAlarms({ alarms }: Expectation, raised: readonly string[]): string[] {
  return [
    ...alarms.filter((name) => !raised.includes(name)).map((name) => `alarm ${name}: expected, not raised`),
    ...raised.filter((name) => !alarms.includes(name)).map((name) => `alarm ${name}: raised, not expected`),
  ];
}

/** The requests sent against `calls`. */
export function checkCalls(expect: Expectation, requests: SimulationResult['requests']): string[] {
  return Object.entries(expect.calls).flatMap(([call, wanted]) => {
    const count = requests.filter((request) => request.call === call).length;
    return count === wanted ? [] : [`${call}: expected ${wanted} times, sent ${count} times`];
  });
}
