/** The deployed bundles over HTTP: each runbook's main drill, as far as the emulator can carry it, against the simulator's end of it. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeAddressesCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { z } from 'zod';
import { ROOT } from '../build/cloudformation.ts';
import { discoverFunctions } from '../simulator/drill-functions.ts';
import { NO_FAULTS } from '../simulator/run-types.ts';
import { simulate } from '../simulator/simulation.ts';
import type { Built } from './bundles.ts';
import { normal } from './compare.ts';
import { CONTROL_TABLE } from './control-table.ts';
import type { Emulator } from './emulator.ts';
import { openGateway } from './gateway.ts';
import { environmentFor } from './ledger.ts';
import { motoBeginning } from './on-moto.ts';
import { idIn, simulatedBeginning } from './on-simulator.ts';
import { clientsFor } from './place.ts';
import { ACCOUNT, REGION, type Seed } from './scenario.ts';

/** An incident that both worlds can begin with. */
export interface HandlerDrill {
  readonly runbook: string;
  readonly name: string;
  readonly seed: Seed;
  /** The event, about things by their ids, at a time (ISO, whole seconds). */
  readonly event: (id: (name: string) => string, at: string) => object;
}

/** How a run was made. */
export type Way = 'command, planning' | 'command, acting without the ledger' | 'Lambda handler with the ledger';

/** Where a run ended, with names for ids; equal ends are equal values. */
export interface End {
  readonly outcome: string;
  /** Planned calls with their input. */
  readonly plan: unknown;
  /** The addresses and the tags of the instances afterwards. */
  readonly state: unknown;
}

export interface HandlerRun {
  readonly drill: HandlerDrill;
  readonly way: Way;
  readonly simulator: End;
  readonly emulator: End;
  /** Requests that changed something, in order, as they came over HTTP. */
  readonly writes: readonly string[];
}

const results = z.object({
  results: z.array(z.looseObject({ outcome: z.string(), reason: z.string(), plan: z.array(z.looseObject({ call: z.string(), input: z.record(z.string(), z.unknown()) })) })),
});

type Result = z.infer<typeof results>['results'][number];

const NOTHING: Result = { outcome: 'no result', reason: '', plan: [] };

interface SeenTag {
  readonly Key?: unknown;
  readonly Value?: unknown;
}

function tagsOf(tags: readonly SeenTag[]): object {
  return Object.fromEntries(tags.map(({ Key, Value }) => [String(Key), Value]));
}

function endOf(result: Result, names: ReadonlyMap<string, string>, state: unknown): End {
  return { outcome: result.outcome, plan: normal(result.plan.map(({ call, input }) => ({ call, input })), names), state: normal(state, names) };
}

function namesOf(ids: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...ids].map(([name, id]) => [id, name]));
}

/** What is compared of an address. Moto forgets the instance of an address that was put on an interface; the interface tells as much. */
function placeOf(address: object, tags: readonly SeenTag[]): object {
  const members = ['AllocationId', 'NetworkInterfaceId', 'PrivateIpAddress'].map((name): [string, unknown] => [name, Reflect.get(address, name)]);
  return { ...Object.fromEntries(members), tags: tagsOf(tags) };
}

const recordsSchema = z.array(z.looseObject({ Tags: z.array(z.looseObject({ Key: z.string(), Value: z.string() })).default([]) }));

async function onSimulator(drill: HandlerDrill, dryRun: boolean): Promise<End> {
  const now = '2026-11-22T08:00:00Z';
  const { world, ids } = simulatedBeginning(drill.seed, now);
  const functions = (await discoverFunctions(join(ROOT, 'functions'))).filter(({ summary }) => summary.name === drill.runbook);
  const event = drill.event(idIn(ids), now);
  const environment = { RUNBOOK_DRY_RUN: String(dryRun) };
  const end = await simulate({ world, events: [{ event, afterMs: 0 }], functions, seed: 1, faults: NO_FAULTS, runForMs: 0, environment, watchers: [] });
  if (end.error !== undefined) throw end.error;
  const { results: told } = results.parse({ results: end.results.map(({ result }) => result) });
  const addresses = recordsSchema.parse(end.world.records('ec2', 'Addresses')).map((address) => placeOf(address, address.Tags));
  const instances = recordsSchema.parse(end.world.records('ec2', 'Instances')).map((instance) => ({ InstanceId: instance['InstanceId'], tags: tagsOf(instance.Tags) }));
  return endOf(told[0] ?? NOTHING, namesOf(ids), { addresses, instances });
}

async function stateOn(url: string): Promise<object> {
  const { ec2 } = clientsFor(url);
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const instances = Reservations.flatMap(({ Instances }) => Instances ?? []);
  return {
    addresses: Addresses.map((address) => placeOf(address, address.Tags ?? [])),
    instances: instances.map(({ InstanceId, Tags: tags = [] }) => ({ InstanceId, tags: tagsOf(tags) })),
  };
}

/** Runs a program of this folder; a failed run tells its story on standard output too. */
function script(name: string, parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'conformance', name), ...parameters], { cwd: ROOT, env, maxBuffer: 10_000_000 }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

function parsed(text: string, stderr: string): Result {
  try {
    return results.parse(JSON.parse(text)).results[0] ?? NOTHING;
  } catch {
    return { ...NOTHING, outcome: `no result: ${stderr.trim().split('\n').at(-1) ?? text}` };
  }
}

const BUS = 'conformance';
const TABLE = 'conformance-control';

async function makeLedger(url: string): Promise<void> {
  const dynamo = new DynamoDBClient({ endpoint: url, region: REGION, credentials: { accessKeyId: 'conformance', secretAccessKey: 'conformance' } });
  await dynamo.send(new CreateTableCommand({ TableName: TABLE, ...CONTROL_TABLE }));
  await clientsFor(url).eventBridge.send(new CreateEventBusCommand({ Name: BUS }));
}

async function runBundle(way: Way, { deployed, replaceable }: Built, drill: HandlerDrill, eventFile: string, url: string): Promise<Result> {
  const env = environmentFor(url, REGION);
  if (way === 'Lambda handler with the ledger') {
    const settings = { LEDGER_CONTROL_TABLE: TABLE, OUTCOME_BUS: BUS, RUNBOOK_DRY_RUN: 'false', RUNBOOK_APPROVAL: 'never' };
    const { stdout, stderr } = await script('invoke-bundle.ts', [deployed, drill.runbook, ACCOUNT, REGION, eventFile], { ...env, ...settings });
    return parsed(stdout.trim().split('\n').at(-1) ?? '', stderr);
  }
  const acting = way === 'command, planning' ? [] : ['--apply', '--unsafe-no-ledger'];
  const { stdout, stderr } = await script('handle-bundle.ts', [replaceable, '--', 'handle', eventFile, '--aws', ...acting, '--json'], env);
  return parsed(stdout, stderr);
}

/** Runs one drill in one way against the emulator, and in the simulator. */
export async function runHandler(drill: HandlerDrill, way: Way, built: Built, emulator: Emulator): Promise<HandlerRun> {
  const simulator = await onSimulator(drill, way === 'command, planning');
  await emulator.reset();
  const ids = await motoBeginning(emulator.url, drill.seed);
  await makeLedger(emulator.url);
  const gateway = await openGateway(emulator.url);
  try {
    const eventFile = `${built.deployed}.event.json`;
    // The emulator's clock is the real one.
    writeFileSync(eventFile, JSON.stringify(drill.event(idIn(ids), `${new Date().toISOString().slice(0, 19)}Z`)));
    const result = await runBundle(way, built, drill, eventFile, gateway.url);
    const writes = gateway.passages.filter(({ operation }) => !/^(?:Describe|Get|Query)/u.test(operation)).map(({ operation }) => operation);
    return { drill, way, simulator, emulator: endOf(result, namesOf(ids), await stateOn(emulator.url)), writes };
  } finally {
    gateway.close();
  }
}
