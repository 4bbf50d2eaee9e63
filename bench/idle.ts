/** What the stack costs while nothing happens: counted in the packaged template and in ticks at rest, priced by the table. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageTemplate } from '../build/packaged-template.ts';
import { readParticulars } from '../deploy/standard/particulars.ts';
import { runbookNames } from '../deploy/standard/standard.ts';
import { DEPLOYED_ENVIRONMENT } from '../rehearsal/drill.ts';
import { discoverFunctions } from '../rehearsal/functions.ts';
import { NO_FAULTS, type LoggedRequest } from '../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../simulator/engine/simulation.ts';
import { parseSchedule, ticksBetween, type Schedule } from '../shared/kernel/triggers/schedule-expression.ts';
import { addressesOn, fleetAtRest, groupsOf, NOW } from './accounts.ts';
import { PRICES } from './prices.ts';

const FUNCTIONS = join(import.meta.dirname, '..', 'functions');
const DRILLS = join(import.meta.dirname, '..', 'drills');
const BEGIN_MS = Date.parse(NOW);
const MONTH_MS = 30 * 86_400_000;
const MILLION = 1_000_000;
/** Seconds that a tick takes of a warm function, its requests to AWS included. Assumed: a tenth of a second a round trip, six deep. */
const TICK_SECONDS = 0.6;
/** Ticks that are run; the first ones may still put something in order, the last one is what is counted. */
const TICKS = 6;

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) })),
});
const queriesSchema = z.array(z.looseObject({ MetricStat: z.unknown().optional() })).default([{ MetricStat: true }]);
const lineSchema = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.array(
      z.object({ Dimensions: z.array(z.array(z.string())), Metrics: z.array(z.object({ Name: z.string() })) }),
    ),
  }),
});

/** What stands in the template and costs by the month. */
interface Standing {
  readonly alarms: number;
  readonly alarmMetrics: number;
  readonly keys: number;
}

/** What a tick at rest does. */
interface Tick {
  readonly calls: number;
  readonly cloudwatch: number;
  readonly reads: number;
  readonly writes: number;
  /** Operations of a durable execution: its start, its steps and waits. */
  readonly operations: number;
  readonly logBytes: number;
  /** Metrics that have a value, by name and dimensions. */
  readonly metrics: ReadonlySet<string>;
}

/** A runbook at rest, over a month. */
export interface IdleRow {
  readonly name: string;
  readonly invocations: number;
  readonly callsATick: number;
  readonly operationsATick: number;
  readonly metrics: number;
  readonly parts: readonly IdlePart[];
}

/** What is paid for under one name: how much of it, at which price. */
export interface IdlePart {
  readonly what: string;
  readonly count: number;
  readonly price: number;
}

/** The stack at rest, over a month. */
export interface IdleFigures {
  readonly alarms: number;
  readonly alarmMetrics: number;
  readonly rows: readonly IdleRow[];
  /** Of the whole stack, each kind once. */
  readonly parts: readonly IdlePart[];
  readonly dollars: number;
  /** What a hundred addresses more would add. */
  readonly dollarsAHundredAddresses: number;
}

async function standing(): Promise<Standing> {
  const { Resources } = templateSchema.parse(JSON.parse(readFileSync(await packageTemplate(), 'utf8')));
  const all = Object.values(Resources);
  const alarms = all.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const billed = alarms.flatMap(({ Properties }) =>
    queriesSchema.parse(Properties['Metrics']).filter(({ MetricStat }) => MetricStat !== undefined),
  );
  return {
    alarms: alarms.length,
    alarmMetrics: billed.length,
    keys: all.filter(({ Type }) => Type === 'AWS::KMS::Key').length,
  };
}

function metricsIn(line: string): string[] {
  const parsed = lineSchema.safeParse(JSON.parse(line));
  if (!parsed.success) return [];
  const { _aws: embedded, ...values } = parsed.data;
  return embedded.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((dimensions) =>
      Metrics.map(({ Name }) => [Name, ...dimensions.map((dimension) => String(values[dimension]))].join(' ')),
    ),
  );
}

/** A step is told twice, when it begins and when it ends, and is one operation; the execution itself is one. */
function operationsOf(requests: readonly LoggedRequest[]): number {
  const ids = requests.flatMap(({ input }) =>
    z
      .looseObject({ Updates: z.array(z.looseObject({ Id: z.string().optional() })).default([]) })
      .parse(input)
      .Updates.map(({ Id }) => Id),
  );
  return ids.length === 0 ? 0 : new Set(ids).size + 1;
}

function tickOf(end: SimulationEnd, linesBefore: number): Tick {
  const last = end.invocations.at(-1)?.index;
  const requests = end.requests.filter(({ invocation }) => invocation === last);
  const of = (prefix: string): LoggedRequest[] => requests.filter(({ call }) => call.startsWith(prefix));
  const lines = end.lines.slice(linesBefore);
  const ledger = of('ledger:');
  return {
    calls: requests.length - ledger.length - of('lambda:').length,
    cloudwatch: of('cloudwatch:').length,
    reads: ledger.filter(({ kind }) => kind === 'read').length,
    writes: ledger.filter(({ kind }) => kind === 'write').length,
    operations: operationsOf(of('lambda:CheckpointDurableExecution')),
    logBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0),
    metrics: new Set(lines.flatMap(metricsIn)),
  };
}

/** The last of a few ticks over an account in which everything is well. */
async function restingTick(runbook: string, world: object, schedule: Schedule): Promise<Tick> {
  const functions = (await discoverFunctions(FUNCTIONS)).filter(({ summary }) => summary.name === runbook);
  const run = async (ticks: readonly number[]): Promise<SimulationEnd> => {
    const end = await simulate({
      world,
      events: [],
      functions,
      seed: 1,
      faults: NO_FAULTS,
      runForMs: ticks.at(-1) ?? 0,
      environment: DEPLOYED_ENVIRONMENT,
      watchers: [],
    });
    if (end.error !== undefined) throw end.error;
    return end;
  };
  const ticks: number[] = [];
  for (const atMs of ticksBetween(schedule, BEGIN_MS, Number.POSITIVE_INFINITY)) {
    ticks.push(atMs - BEGIN_MS);
    if (ticks.length === TICKS) break;
  }
  const before = await run(ticks.slice(0, -1));
  return tickOf(await run(ticks), before.lines.length);
}

/** Each with the price of one. */
function partsOf(tick: Tick, ticks: number, gigabytes: number): IdlePart[] {
  const each = (what: string, aTick: number, price: number): IdlePart => ({ what, count: ticks * aTick, price });
  return [
    each('invocations', 1, PRICES.invocationMillion / MILLION),
    each('ticks of the Scheduler', 1, PRICES.scheduleMillion / MILLION),
    each('GB-seconds', TICK_SECONDS * gigabytes, PRICES.gigabyteSecond),
    each('durable operations', tick.operations, PRICES.durableMillion / MILLION),
    each('ledger reads', tick.reads, PRICES.readMillion / MILLION),
    each('ledger writes', tick.writes, PRICES.writeMillion / MILLION),
    each('requests to CloudWatch', tick.cloudwatch, PRICES.cloudwatchMillion / MILLION),
    each('GB of log lines', tick.logBytes / 1e9, PRICES.logGigabyte),
    { what: 'metrics of ours', count: tick.metrics.size, price: PRICES.customMetric },
  ];
}

/** What some parts cost together. */
export function dollarsOf(parts: readonly IdlePart[]): number {
  return parts.reduce((sum, { count, price }) => sum + count * price, 0);
}

/** Parts of one kind as one. */
function byKind(parts: readonly IdlePart[]): IdlePart[] {
  return [...Map.groupBy(parts, ({ what }) => what)].map(([what, alike]) => ({
    what,
    count: alike.reduce((sum, { count }) => sum + count, 0),
    price: alike[0]?.price ?? 0,
  }));
}

async function row(runbook: string, world: object): Promise<IdleRow> {
  const { schedule, memorySize } = readParticulars(runbook);
  const ticks = parseSchedule(schedule.expression);
  const tick = await restingTick(runbook, world, ticks);
  const invocations = [...ticksBetween(ticks, BEGIN_MS, BEGIN_MS + MONTH_MS)].length;
  return {
    name: runbook,
    invocations,
    callsATick: tick.calls,
    operationsATick: tick.operations,
    metrics: tick.metrics.size,
    parts: partsOf(tick, invocations, memorySize / 1_024),
  };
}

/** The account of a drill before anything happens in it. */
function worldOf(drill: string): object {
  const { script: _later, ...world } = z
    .looseObject({ script: z.unknown().optional() })
    .parse(JSON.parse(readFileSync(join(DRILLS, drill, 'world.json'), 'utf8')));
  return world;
}

/** Of each runbook an account in which it looks after something, and finds it well. */
const AT_REST: { readonly [runbook: string]: object } = {
  'reassign-elastic-ip': addressesOn(1, 2, 0),
  'carry-volumes': groupsOf(1),
  // A set, a network ACL, and what may never be blocked.
  'block-address': worldOf('block-around-what-many-share'),
  'publish-blocklist': worldOf('block-around-what-many-share'),
  'deny-networks': worldOf('block-around-what-many-share'),
  'redrive-dead-letters': worldOf('redrive-three-queues'),
  'restrict-access': worldOf('lock-and-back'),
  'prove-blocklist': worldOf('prove-an-address'),
  'check-readiness': worldOf('readiness-all-well'),
  'scale-hpc-fleet': fleetAtRest(),
  // Nothing is looked after: a tick tells of runs that died.
  'flush-caches': worldOf('flush-by-hand'),
  'heal-bastion': worldOf('bastion-recovers'),
  // Windows that are left are looked for, and there are none.
  'receive-requests': worldOf('receive-for-nobody'),
};

/** Counts and prices the stack at rest, each runbook with one thing to look after. */
export async function measureIdle(): Promise<IdleFigures> {
  const { alarms, alarmMetrics, keys } = await standing();
  const more = await row('reassign-elastic-ip', addressesOn(101, 202, 0));
  const rows: IdleRow[] = [];
  for (const runbook of runbookNames()) {
    const world = AT_REST[runbook];
    if (world === undefined) throw new Error(`${runbook}: say in bench/idle.ts what its account at rest is`);
    rows.push(await row(runbook, world));
  }
  const one = rows.find(({ name }) => name === 'reassign-elastic-ip')?.parts ?? [];
  const parts = byKind([
    { what: 'metrics under alarms', count: alarmMetrics, price: PRICES.alarmMetric },
    { what: 'keys', count: keys, price: PRICES.key },
    ...rows.flatMap((of) => of.parts),
  ]);
  return {
    alarms,
    alarmMetrics,
    rows,
    parts,
    dollars: dollarsOf(parts),
    dollarsAHundredAddresses: dollarsOf(more.parts) - dollarsOf(one),
  };
}
