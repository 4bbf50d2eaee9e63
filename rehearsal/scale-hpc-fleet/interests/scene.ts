/** What the interests of scale-hpc-fleet see of a generated world at a moment: fleets as they are set, their jobs, their gangs. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { list, part, records, show, stateOf, text } from '../../../simulator/services/ec2/state.ts';
import { attributesOf, liveMessages, liveStandingOf, queueByName } from '../../../simulator/services/sqs/state.ts';
import { tagOf } from '../../records.ts';
import { soFar } from '../../so-far.ts';
import type { Given } from '../../worlds/interest.ts';
import { diaryOf } from './diary.ts';

export const RUNBOOK = 'scale-hpc-fleet';
export const [LAUNCH, TERMINATE] = ['ec2:RunInstances', 'ec2:TerminateInstances'] as const;

/** How the placement group of one gang alone is named: this, and the gang's id. */
export const OWN_GROUP = 'runbook-hpc-';

const PRESENT: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

/** It bills, or may. */
export function isPresent(instance: Shape): boolean {
  return PRESENT.has(stateOf(instance));
}

/** A rung as the parameter has it. */
export interface Rung {
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly group: string | undefined;
  readonly market: 'on-demand' | 'spot';
  readonly reservation: string | undefined;
}

/** A gang that the ledger knew at first, or that the runbook has asked for. */
export interface Known {
  readonly id: string;
  readonly fleet: string;
  readonly queue: string;
  readonly size: number;
  /** What the ledger said of it at first; `asked`: it was asked for since. */
  readonly record: 'up' | 'launching' | 'ending' | 'over' | 'damaged' | 'asked';
  readonly askedMs: number;
  /** How long a lease on it lasts that stood in the ledger at first, where nobody writes it anew. */
  readonly leasedUntilMs: number;
  /** How long it may last: whoever has a worker writes it anew, but only with a job. */
  readonly heldUntilMs: number;
  /** Where the ledger had it at first. */
  readonly rung?: Rung;
}

/** A gang as it stands. */
export interface Gang extends Known {
  readonly nodes: readonly Shape[];
  /** All of its nodes are there, and none is stopped. */
  readonly isWhole: boolean;
  readonly isRunning: boolean;
  /** Somebody keeps it: a node is protected, or a lease taken. */
  readonly isHeld: boolean;
}

/** A fleet as it stands. */
export interface Fleet {
  readonly id: string;
  readonly queue: string | undefined;
  readonly size: number | undefined;
  readonly idle: number | 'auto' | undefined;
  /** Within how many seconds its nodes have to attest; absent: they need not. */
  readonly attest: number | undefined;
  readonly most: number | undefined;
  /** Absent: nobody can read them. */
  readonly rungs: readonly Rung[] | undefined;
  /** Jobs that wait or are at work; absent: there is no queue. */
  readonly jobs: number | undefined;
  readonly gangs: readonly Gang[];
  /** Nodes that are there: of its gangs, and those that carry its tag besides. */
  readonly nodes: number;
  readonly strangers: readonly string[];
  /** Something that has to be known before anything is launched cannot be read. */
  readonly fault: string | undefined;
}

function shapeIn(value: unknown): Shape {
  return isRecord(value) ? value : {};
}

function shapesIn(value: unknown): readonly Shape[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** What the data ledger holds when the world begins. */
function dataOf({ case: { world } }: Given): readonly Shape[] {
  return shapesIn(shapeIn(world['ledger'])['data']);
}

const STATES = ['up', 'launching', 'ending', 'over'] as const;

function leaseEnd(data: readonly Shape[], id: string): number {
  const lease = data.find(({ partition, key }) => partition === 'hpc-lease' && key === id);
  const value = shapeIn(lease?.['value']);
  if (lease === undefined || value['state'] !== 'busy') return 0;
  const until = Date.parse(String(value['until']));
  return Number.isNaN(until) ? Number.POSITIVE_INFINITY : until;
}

/** Whoever does jobs, as the world has them at first. */
export function workersIn({ case: { world } }: Given): readonly Shape[] {
  return shapesIn(world['workers']);
}

/** Queues that have a worker: it writes the leases of its gangs anew, and gives them back. */
function manned(given: Given): ReadonlySet<unknown> {
  return new Set(workersIn(given).map(({ queue }) => queue));
}

function rungIn(rung: Shape): Rung {
  return {
    instanceType: show(rung['instanceType']),
    subnetId: show(rung['subnetId']),
    zone: show(rung['zone']),
    group: text(rung, 'placementGroup'),
    market: rung['market'] === 'spot' ? 'spot' : 'on-demand',
    reservation: text(rung, 'reservation'),
  };
}

function keptAtFirst(given: Given): readonly Known[] {
  const data = dataOf(given);
  const attended = manned(given);
  return data
    .filter(({ partition }) => partition === 'hpc-gang')
    .map(({ key, value: kept }): Known => {
      const [fleet = '', id = ''] = String(key).split('/');
      const value = shapeIn(kept);
      const size = Number(value['nodes']);
      const state = STATES.find((one) => one === value['state']);
      return {
        id,
        fleet,
        queue: String(value['queue']),
        size,
        record: size < 1 || state === undefined ? 'damaged' : state,
        askedMs: Date.parse(String(value['askedAt'])),
        leasedUntilMs: attended.has(value['queue']) ? 0 : leaseEnd(data, id),
        heldUntilMs: leaseEnd(data, id),
        rung: rungIn(shapeIn(value['rung'])),
      };
    });
}

/** Launches that the runbook has asked for, by their token. */
const asked = soFar<LoggedRequest, Map<string, Known>>(
  () => new Map(),
  (found, { call, runbook, input, at }) => {
    if (call !== LAUNCH || runbook !== RUNBOOK) return;
    const id = show(input['ClientToken']);
    const known = found.get(id);
    found.set(id, {
      id,
      fleet: show(part(input, 'LaunchTemplate')['LaunchTemplateId']),
      queue: tagOf(list(input, 'TagSpecifications')[0], 'runbook:hpc-queue') ?? '',
      size: Number(input['MinCount']),
      record: known?.record ?? 'asked',
      askedMs: Date.parse(at),
      leasedUntilMs: 0,
      heldUntilMs: 0,
    });
  },
);

/** Gangs that the ledger has noted as up since the world began, and when: milliseconds. */
export const notedUp = soFar<LoggedRequest, Map<string, number>>(
  () => new Map(),
  (found, { call, input, at }) => {
    const isUp =
      call === 'ledger:write' && input['partition'] === 'hpc-gang' && shapeIn(input['value'])['state'] === 'up';
    const id = show(input['key']).split('/')[1] ?? '';
    if (isUp && !found.has(id)) found.set(id, Date.parse(at));
  },
);

/** The runbook's requests of one call, in order; what became of each stands in it later. */
function requestsOf(wanted: string): (sent: readonly LoggedRequest[]) => readonly LoggedRequest[] {
  return soFar<LoggedRequest, LoggedRequest[]>(
    () => [],
    (found, request) => {
      if (request.call === wanted && request.runbook === RUNBOOK) found.push(request);
    },
  );
}

export const launchesIn = requestsOf(LAUNCH);
export const terminationsIn = requestsOf(TERMINATE);

const beginnings = new WeakMap<Given, readonly Known[]>();

/** Gangs that the ledger knew when the world began. */
export function beginningOf(given: Given): readonly Known[] {
  const own = beginnings.get(given) ?? keptAtFirst(given);
  beginnings.set(given, own);
  return own;
}

/** All gangs that are the runbook's to end. */
export function knownGangs(given: Given, sent: readonly LoggedRequest[]): ReadonlyMap<string, Known> {
  return new Map([...beginningOf(given).map((one): [string, Known] => [one.id, one]), ...asked(sent)]);
}

function wholeNumber(value: string | undefined): number | undefined {
  const trimmed = value?.trim() ?? '';
  return /^\d{1,6}$/u.test(trimmed) ? Number(trimmed) : undefined;
}

function zonesIn(world: World): ReadonlyMap<string, string> {
  return new Map(records(world, 'Subnets').map((one) => [show(one['SubnetId']), show(one['AvailabilityZone'])]));
}

function parsed(value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? '');
  } catch {
    return undefined;
  }
}

const MEMBERS: ReadonlySet<string> = new Set(['instanceType', 'subnetId', 'placementGroup', 'market', 'reservation']);

/** The ladder of a name, if it is one. */
function rungsIn(world: World, name: string | undefined, size: number | undefined): readonly Rung[] | undefined {
  const parameter = world.records('ssm', 'Parameters').find((one) => one['Name'] === name);
  const read = parsed(text(parameter, 'Value'));
  if (name === undefined || !Array.isArray(read) || read.length === 0 || !read.every(isRecord)) return undefined;
  const zones = zonesIn(world);
  const isOdd = read.some(
    (rung) =>
      Object.keys(rung).some((member) => !MEMBERS.has(member)) ||
      !zones.has(show(rung['subnetId'])) ||
      ((size ?? 1) > 1 && rung['placementGroup'] === undefined),
  );
  if (isOdd) return undefined;
  return read.map((rung) => rungIn({ ...rung, zone: zones.get(show(rung['subnetId'])) ?? '' }));
}

/** Jobs that wait or are at work, as SQS counts them. */
function jobsIn(world: World, name: string | undefined): number | undefined {
  const queue = name === undefined ? undefined : queueByName(world, name);
  if (queue === undefined) return undefined;
  const counts = attributesOf(queue);
  if (queue['Messages'] === undefined)
    return (
      Number(counts['ApproximateNumberOfMessages'] ?? 0) + Number(counts['ApproximateNumberOfMessagesNotVisible'] ?? 0)
    );
  const now = world.clock.now();
  return liveMessages(queue, now).filter((message) => liveStandingOf(message, now) !== 'delayed').length;
}

function isProtected({ DisableApiTermination: flag }: Shape): boolean {
  return flag === true || shapeIn(flag)['Value'] === true;
}

/** Gangs that their workers hold at that time. */
function heldIn(world: World): ReadonlySet<string> {
  const now = world.clock.iso();
  const holds = world.records('workers', 'Workers').flatMap((worker) => list(worker, 'holds'));
  const lasting = holds.filter(({ until }) => until === undefined || show(until) >= now);
  return new Set(lasting.map(({ gang }) => show(gang)));
}

function gangsIn(world: World, given: Given, sent: readonly LoggedRequest[]): readonly Gang[] {
  const byToken = Map.groupBy(records(world, 'Instances').filter(isPresent), (one) => text(one, 'ClientToken') ?? '');
  const [held, now] = [heldIn(world), world.clock.now()];
  return [...knownGangs(given, sent).values()].flatMap((known): Gang[] => {
    const nodes = byToken.get(known.id)?.toSorted((a, b) => Number(a['AmiLaunchIndex']) - Number(b['AmiLaunchIndex']));
    if (nodes === undefined) return [];
    const states = nodes.map(stateOf);
    const isWhole = nodes.length >= known.size && states.every((state) => state === 'pending' || state === 'running');
    return [
      {
        ...known,
        nodes,
        isWhole,
        isRunning: isWhole && states.every((state) => state === 'running'),
        isHeld: held.has(known.id) || nodes.some(isProtected) || known.heldUntilMs >= now,
      },
    ];
  });
}

function idleIn(value: string | undefined): number | 'auto' | undefined {
  return value === undefined || value.trim() === 'auto' ? 'auto' : wholeNumber(value);
}

const MOST_BY_DEFAULT = 256;

function faultOf(fleet: Omit<Fleet, 'fault'>, isRivalled: boolean, hasDamage: boolean): string | undefined {
  if (fleet.queue === undefined || !/^[\w-]{1,75}(?:\.fifo)?$/u.test(fleet.queue)) return 'the queue';
  if (fleet.size === undefined || fleet.size < 1 || fleet.size > 1_000) return 'the number of nodes';
  if (fleet.idle === undefined) return 'the seconds';
  if (fleet.most === undefined || fleet.most > 1_000) return 'the most nodes';
  if (fleet.jobs === undefined) return 'the jobs';
  if (fleet.rungs === undefined) return 'the ladder';
  if (isRivalled) return 'whose jobs they are';
  return hasDamage ? 'a record' : undefined;
}

function fleetIn(world: World, template: Shape, all: readonly Shape[], gangs: readonly Gang[], given: Given): Fleet {
  const id = show(template['LaunchTemplateId']);
  const queue = tagOf(template, 'runbook:hpc-queue')?.trim();
  const size = wholeNumber(tagOf(template, 'runbook:nodes-per-job'));
  const most = tagOf(template, 'runbook:max-nodes');
  const own = gangs.filter(({ fleet }) => fleet === id);
  const tokens = new Set(own.map((gang) => gang.id));
  const strangers = records(world, 'Instances').filter(
    (one) => isPresent(one) && !tokens.has(text(one, 'ClientToken') ?? '') && tagOf(one, 'runbook:hpc-queue') === queue,
  );
  const fleet = {
    id,
    queue,
    size,
    idle: idleIn(tagOf(template, 'runbook:idle-seconds')),
    attest: wholeNumber(tagOf(template, 'runbook:attest')),
    most: most === undefined ? MOST_BY_DEFAULT : wholeNumber(most),
    rungs: rungsIn(world, tagOf(template, 'runbook:ladder'), size),
    jobs: jobsIn(world, queue),
    gangs: own,
    nodes: own.reduce((sum, { nodes }) => sum + nodes.length, strangers.length),
    strangers: strangers.map((one) => show(one['InstanceId'])),
  };
  const isRivalled = all.some((other) => other !== template && tagOf(other, 'runbook:hpc-queue') === queue);
  const hasDamage = beginningOf(given).some((known) => known.fleet === id && known.record === 'damaged');
  return { ...fleet, fault: faultOf(fleet, isRivalled, hasDamage) };
}

const looks = new WeakMap<Given, { readonly at: string; readonly fleets: readonly Fleet[] }>();

/** All fleets of the account at this moment. */
export function fleetsIn(world: World, given: Given, sent: readonly LoggedRequest[]): readonly Fleet[] {
  const at = `${world.clock.now()}/${sent.length}`;
  const known = looks.get(given);
  if (known?.at === at) return known.fleets;
  const gangs = gangsIn(world, given, sent);
  const tagged = records(world, 'LaunchTemplates').filter((one) => tagOf(one, 'runbook:hpc-queue') !== undefined);
  const fleets = tagged.map((template) => fleetIn(world, template, tagged, gangs, given));
  looks.set(given, { at, fleets });
  diaryOf(given).look(fleets, isOff(given, world.clock.now()), world.clock.now());
  return fleets;
}

/** Whether nobody looks after anything: the switch is thrown, or was a moment ago, or nothing can be read. */
export function isOff(given: Given, nowMs: number): boolean {
  return given.case.surroundings.ledgerLost || given.isSwitchedOff(nowMs, AFTER_SWITCH_SECONDS);
}

/** Until the first tick after a switch is taken back has looked. */
const AFTER_SWITCH_SECONDS = 120;

/** Looks once a second of the world's time at most. */
export class Now {
  #lastMs = Number.NEGATIVE_INFINITY;

  isDue(world: World): boolean {
    const now = world.clock.now();
    if (now - this.#lastMs < 1_000) return false;
    this.#lastMs = now;
    return true;
  }
}

/** Requests that have been answered since the last look, each once. */
export class Answered {
  #read = 0;
  #open: LoggedRequest[] = [];

  look(sent: readonly LoggedRequest[], call: string): readonly LoggedRequest[] {
    for (; this.#read < sent.length; this.#read += 1) {
      const request = sent[this.#read];
      if (request?.call === call && request.runbook === RUNBOOK) this.#open.push(request);
    }
    const done = this.#open.filter(({ answeredAt }) => answeredAt !== undefined);
    if (done.length > 0) this.#open = this.#open.filter(({ answeredAt }) => answeredAt === undefined);
    return done;
  }
}
