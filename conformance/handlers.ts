/** The deployed bundles over HTTP: each runbook's main drill, as far as the emulator can carry it, against the simulator's end of it. */

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { ROOT } from '../build/cloudformation.ts';
import { discoverFunctions, type DiscoveredFunction } from '../rehearsal/functions.ts';
import { NO_FAULTS } from '../simulator/engine/run-types.ts';
import { simulate } from '../simulator/engine/simulation.ts';
import type { Built } from './bundles.ts';
import { compareEnds, type Difference } from './compare.ts';
import { CONTROL_TABLE } from './control-table.ts';
import { HttpExecution, runExecution } from './durable-service.ts';
import type { Emulator } from './emulator.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { endOf, outcomesOf, toldIn, type Ec2Records, type End, type Told } from './handler-end.ts';
import { environmentFor } from './ledger.ts';
import { motoBeginning } from './on-moto.ts';
import { idIn, simulatedBeginning } from './on-simulator.ts';
import { clientsFor } from './place.ts';
import { ACCOUNT, REGION, type Seed } from './scenario.ts';
import { script } from './script.ts';

/** An incident that both worlds can begin with. */
export interface HandlerDrill {
  readonly runbook: string;
  readonly name: string;
  readonly seed: Seed;
  /** What starts runs, one after the other, each when the world is at rest: about things by their ids, at a time (ISO, whole seconds). */
  readonly events: readonly ((id: (name: string) => string, at: string) => object)[];
  /** An operation that EC2 is once too busy for when Lambda runs the handler, so that a durable execution has to suspend. */
  readonly busyOnce?: string;
  /** What would be done takes longer than anybody waits for a comparison. */
  readonly isOnlyPlanned?: true;
}

/** How a run was made. */
export type Way = 'command, planning' | 'command, acting without the ledger' | 'Lambda handler with the ledger';

export interface HandlerRun {
  readonly drill: HandlerDrill;
  readonly way: Way;
  /** Where the emulator's run ended, in words. */
  readonly outcome: string;
  readonly differences: readonly Difference[];
  /** Requests that changed something, in order, as they came over HTTP. */
  readonly writes: readonly string[];
  /** Invocations of each run of a durable execution. */
  readonly invocations: readonly number[];
}

/** Between two events of an incident on the simulator: long enough for everything that the first set off. */
const AT_REST_MS = 1_200_000;
const SIMULATED_FROM = Date.parse('2026-11-22T08:00:00Z');

function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The emulator's world has no schedule, so that a comparison must have none either. */
function unscheduled(fn: DiscoveredFunction): DiscoveredFunction {
  return {
    ...fn,
    summary: { ...fn.summary, triggers: fn.summary.triggers.filter(({ schedule }) => schedule === undefined) },
  };
}

async function functionOf({ runbook }: HandlerDrill): Promise<DiscoveredFunction> {
  const fn = (await discoverFunctions(join(ROOT, 'functions'))).find(({ summary }) => summary.name === runbook);
  if (fn === undefined) throw new Error(`there is no runbook ${runbook}`);
  return fn;
}

/** Where the simulator ends a drill, with the sources. */
export async function endOnSimulator(drill: HandlerDrill, dryRun: boolean): Promise<End> {
  const fn = await functionOf(drill);
  const { world, ids } = simulatedBeginning(drill.seed, wholeSeconds(SIMULATED_FROM));
  const events = drill.events.map((event, index) => ({
    event: event(idIn(ids), wholeSeconds(SIMULATED_FROM + index * AT_REST_MS)),
    afterMs: index * AT_REST_MS,
  }));
  const environment = { RUNBOOK_DRY_RUN: String(dryRun) };
  const end = await simulate({
    world,
    events,
    functions: [unscheduled(fn)],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 0,
    environment,
    watchers: [],
  });
  if (end.error !== undefined) throw end.error;
  const records = (collection: string): readonly object[] => end.world.records('ec2', collection);
  const state = {
    Addresses: records('Addresses'),
    Instances: records('Instances'),
    Volumes: records('Volumes'),
    Snapshots: records('Snapshots'),
  };
  return endOf(toldIn({ results: end.results.map(({ result }) => result) }), state, ids);
}

async function recordsOn(url: string): Promise<Ec2Records> {
  const { ec2 } = clientsFor(url);
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return { Addresses, Instances: Reservations.flatMap(({ Instances }) => Instances ?? []), Volumes, Snapshots };
}

function parsed(text: string, stderr: string): readonly Told[] {
  try {
    return toldIn(JSON.parse(text));
  } catch {
    return [{ target: '', outcome: `no result: ${stderr.trim().split('\n').at(-1) || text}`, code: '', plan: [] }];
  }
}

const BUS = 'conformance';
const TABLE = 'conformance-control';

async function makeLedger(url: string): Promise<void> {
  const dynamo = new DynamoDBClient({
    endpoint: url,
    region: REGION,
    credentials: { accessKeyId: 'conformance', secretAccessKey: 'conformance' },
  });
  await dynamo.send(new CreateTableCommand({ TableName: TABLE, ...CONTROL_TABLE }));
  await clientsFor(url).eventBridge.send(new CreateEventBusCommand({ Name: BUS }));
}

interface Stage {
  readonly fn: DiscoveredFunction;
  readonly built: Built;
  readonly gateway: Gateway;
}

interface Turn {
  readonly told: readonly Told[];
  /** Of a durable execution. */
  readonly invocations?: number;
}

/** One invocation is one process: nothing but the checkpoints goes from one to the next. */
async function onLambda({ fn, built, gateway }: Stage, event: object): Promise<Turn> {
  const env = {
    ...environmentFor(gateway.url, REGION),
    LEDGER_CONTROL_TABLE: TABLE,
    OUTCOME_BUS: BUS,
    RUNBOOK_DRY_RUN: 'false',
    RUNBOOK_MODE: 'apply',
    RUNBOOK_APPROVAL: 'never',
  };
  const eventFile = `${built.deployed}.event.json`;
  let errors = '';
  const invoke = async (payload: object): Promise<string> => {
    writeFileSync(eventFile, JSON.stringify(payload));
    const { stdout, stderr } = await script(
      'invoke-bundle.ts',
      [built.deployed, fn.summary.name, ACCOUNT, REGION, eventFile],
      env,
    );
    errors = stderr;
    return stdout.trim().split('\n').at(-1) ?? '';
  };
  if (fn.summary.host === 'plain') return { told: parsed(await invoke(event), errors) };
  const execution = new HttpExecution(fn.summary.name, randomUUID(), event, Date.now());
  gateway.serve(execution);
  const { answer, invocations } = await runExecution(execution, async (payload): Promise<unknown> =>
    JSON.parse(await invoke(payload)),
  );
  const result: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'Result') : undefined;
  return {
    told: parsed(
      execution.result ?? (typeof result === 'string' && result !== '' ? result : JSON.stringify(answer)),
      errors,
    ),
    invocations,
  };
}

async function byCommand({ built, gateway }: Stage, event: object, way: Way): Promise<Turn> {
  const eventFile = `${built.replaceable}.event.json`;
  writeFileSync(eventFile, JSON.stringify(event));
  const acting = way === 'command, planning' ? [] : ['--apply', '--unsafe-no-ledger'];
  // A person's request does not say whose account it is about.
  const { stdout, stderr } = await script(
    'handle-bundle.ts',
    [built.replaceable, '--', 'handle', eventFile, '--aws', '--account', ACCOUNT, ...acting, '--json'],
    environmentFor(gateway.url, REGION),
  );
  return { told: parsed(stdout, stderr) };
}

async function onEmulator(
  drill: HandlerDrill,
  way: Way,
  stage: Stage,
  ids: ReadonlyMap<string, string>,
): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  for (const makeEvent of drill.events) {
    // The emulator's clock is the real one.
    const event = makeEvent(idIn(ids), wholeSeconds(Date.now()));
    turns.push(
      way === 'Lambda handler with the ledger' ? await onLambda(stage, event) : await byCommand(stage, event, way),
    );
  }
  return turns;
}

/** Runs one drill in one way against the emulator, and in the simulator. */
export async function runHandler(drill: HandlerDrill, way: Way, built: Built, emulator: Emulator): Promise<HandlerRun> {
  const fn = await functionOf(drill);
  const simulator = await endOnSimulator(drill, way === 'command, planning');
  await emulator.reset();
  const ids = await motoBeginning(emulator.url, drill.seed);
  await makeLedger(emulator.url);
  const gateway = await openGateway(
    emulator.url,
    way === 'Lambda handler with the ledger' ? drill.busyOnce : undefined,
  );
  try {
    const turns = await onEmulator(drill, way, { fn, built, gateway }, ids);
    const told = turns.flatMap((turn) => turn.told);
    const differences = compareEnds(
      drill.runbook,
      `${drill.name}; ${way}`,
      simulator,
      endOf(told, await recordsOn(emulator.url), ids),
    );
    const writes = gateway.passages
      .filter(({ operation }) => !/^(?:Describe|Get|List|Query)/u.test(operation))
      .map(({ operation }) => operation);
    return {
      drill,
      way,
      outcome: outcomesOf(told),
      differences,
      writes,
      invocations: turns.flatMap(({ invocations = [] }) => invocations),
    };
  } finally {
    gateway.close();
  }
}
