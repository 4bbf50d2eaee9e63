/** A played loss as a drill: the files of a folder of `drills/`, made so that the drill passes. */

import { DEPLOYED_ENVIRONMENT, failuresOf, type Drill } from '../drill.ts';
import { alarmsRaised } from '../alarms.ts';
import { codeOf, parseExpectation, tellingResults, type Expectation } from '../expect.ts';
import { RUNBOOK_INVARIANTS } from '../runbooks.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';
import { parseWorld, worldFile, type ParsedWorld, type ScriptStep } from '../../simulator/world/world-file.ts';
import { copied } from '../../simulator/engine/json.ts';
import { shortSpan } from './spans.ts';
import { FOLLOWED_MS, lastingMs, leadMs, worldWith } from './play.ts';
import type { PlayedLoss } from './whatif.ts';
import type { Fared, LossReport } from './what-if.ts';

/** The files of a drill, by their names, as they are written. */
export type DrillFiles = Readonly<Record<'README.md' | 'world.json' | 'event.json' | 'expect.json', string>>;

/** What a drill is made of besides the loss. */
export interface Keeping {
  readonly world: ParsedWorld;
  readonly seed: number;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '');
}

/** A folder's name for a loss: `lose-zone-eu-west-1a`, `lose-ledger-and-instance-web-a`. */
export function folderOf({ losses }: LossReport): string {
  const parts = losses.map(({ kind, id, name }) =>
    kind === 'ledger' ? kind : `${kind}-${name ?? id.split('/').at(-1) ?? id}`,
  );
  return slug(`lose ${parts.join(' and ')}`);
}

function durationOf(ms: number): string {
  return `PT${Number((ms / 1_000).toFixed(3))}S`;
}

function stepOf({ afterMs, set, ifPossible }: ScriptStep): object {
  return { after: durationOf(afterMs), set, ...(ifPossible === true ? { ifPossible } : {}) };
}

/** The world in which this is lost as a file. What a paste leaves out is derived and written down, for a drill is taken at its word. */
async function worldOf({ world, seed }: Keeping, losses: PlayedLoss['losses']): Promise<object> {
  const changed = worldWith(world, losses);
  let file: Record<string, unknown> = {};
  const keep = { ledger: changed.ledger, simulated: changed.simulated };
  await simulate(
    {
      world: changed,
      events: [],
      functions: [],
      seed,
      faults: NO_FAULTS,
      runForMs: 0,
      atMostMs: 0,
      environment: {},
      watchers: [],
    },
    ({ world: begun }) => {
      file = copied(worldFile(begun, keep));
    },
  );
  return { ...file, whole: true, script: changed.script.map(stepOf) };
}

/** What stands in the end of what was hit, as far as the same is there with another seed: no id of what was made. */
function finalOf(fared: readonly Fared[], end: SimulationEnd): Record<string, unknown> {
  return Object.fromEntries(
    fared.flatMap(({ kind, id, verdict }): [string, unknown][] => {
      if (kind !== 'address' || verdict !== 'recovers') return [];
      const address = end.world.records('ec2', 'Addresses').find((one) => one['AllocationId'] === id);
      return [[`ec2/Addresses/${id}/InstanceId`, address?.['InstanceId'] ?? null]];
    }),
  );
}

function readmeOf({ losses, verdict, fared, rtoSeconds, rpoSeconds }: LossReport): string {
  const what = losses
    .map(({ kind, id, name }) => (kind === 'ledger' ? 'the ledger' : `${kind} ${name ?? id}`))
    .join(' and ');
  const hows = losses.map(({ how }, index) => `${losses.length > 1 ? `${index + 1}. ` : ''}${how}`).join('; ');
  const spans = [
    ...(rtoSeconds === undefined ? [] : [`after ${shortSpan(rtoSeconds)}`]),
    ...(rpoSeconds === undefined ? [] : [`data of the last ${shortSpan(rpoSeconds)} before are lost`]),
  ].join('; ');
  const ends = fared.map(
    ({ name, verdict: ended, last }) => `- ${name}: ${ended}${last === undefined ? '' : `; it ${last}`}`,
  );
  return [
    `# Without ${what}: ${verdict}`,
    '',
    `What happens: ${hows}.`,
    '',
    `Expected: ${verdict}${spans === '' ? '' : `, ${spans}`}.`,
    ...(ends.length === 0 ? [] : ['', ...ends]),
    '',
    'Kept by `runbook whatif --save`; what is expected is what the code did on that day.',
    '',
  ].join('\n');
}

async function rehearsed(
  drill: Drill,
  { functions, seed, runForMs }: Pick<PlayedLoss, 'functions'> & Pick<Keeping, 'seed'> & { readonly runForMs: number },
): Promise<SimulationEnd> {
  return simulate({
    world: drill.world,
    events: [],
    functions,
    seed,
    faults: NO_FAULTS,
    runForMs,
    environment: { ...DEPLOYED_ENVIRONMENT },
    watchers: RUNBOOK_INVARIANTS,
  });
}

function resultsOf(end: SimulationEnd): object[] {
  return tellingResults(end).map((result) => {
    const { runbook, outcome, target } = result;
    return {
      runbook,
      outcome,
      code: codeOf(result),
      ...(target === undefined ? {} : { target: target.split(/[/:]/u).at(-1) }),
    };
  });
}

/**
 * A played loss as a drill that passes: it is rehearsed once, and what came of it is what is expected.
 * @throws Error where it does not come to an end, or would not pass; BadInputError where its world is not whole: a paste that mentions more than it holds
 */
export async function keptLoss({ losses, report, functions }: PlayedLoss, keeping: Keeping): Promise<DrillFiles> {
  const file = await worldOf(keeping, losses);
  const world = parseWorld(JSON.parse(JSON.stringify(file)));
  const runbooks = functions.map(({ summary }) => summary.name);
  const lastMs = Math.max(
    0,
    ...report.told.map(({ afterSeconds }) => afterSeconds * 1_000),
    (report.rtoSeconds ?? 0) * 1_000,
  );
  const runForMs = Math.min(leadMs(world) + lastMs + SETTLING_MS, leadMs(world) + lastingMs(losses) + FOLLOWED_MS);
  const bare = {
    name: 'kept',
    directory: '',
    title: '',
    events: [],
    world,
    expect: parseExpectation({ results: [], runbooks }),
  };
  const end = await rehearsed(bare, { functions, seed: keeping.seed, runForMs });
  if (end.error !== undefined) throw end.error;
  const broken = new Set(end.violations.map((violation) => violation.split(':')[0] ?? ''));
  const asked = {
    runFor: durationOf(runForMs),
    results: resultsOf(end),
    final: finalOf(report.fared, end),
    invariants: RUNBOOK_INVARIANTS.map(({ name }) => name).filter((name) => !broken.has(name)),
    alarms: alarmsRaised(end, runbooks, world.nowMs),
    runbooks,
  };
  const expect: Expectation = parseExpectation(asked);
  const [failure] = failuresOf({ ...bare, expect }, functions, { ...end, violations: [] });
  if (failure !== undefined) throw new Error(`it would not pass: ${failure}`);
  return {
    'README.md': readmeOf(report),
    'world.json': `${JSON.stringify(file, null, 2)}\n`,
    'event.json': '[]\n',
    'expect.json': `${JSON.stringify(asked, null, 2)}\n`,
  };
}

/** So long after the last that was told it is looked on. */
const SETTLING_MS = 600_000;
