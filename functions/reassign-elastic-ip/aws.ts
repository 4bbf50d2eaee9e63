/**
 * Reads and writes AWS for `reassign-elastic-ip`. Behind it, in `aws/`: what a run is started with (`requests`), the two rounds
 * of reads (`rounds`), what AWS answers as facts (`facts`, `alarms`, `waiting-hooks`), knocking (`probes`), and the changing
 * calls (`changes`).
 */

import { DescribeAddressesCommand, EC2Client, type Address } from '@aws-sdk/client-ec2';
import { ec2Arn, nameInArn } from '../../shared/aws/arn.ts';
import { readHooks } from '../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../shared/aws/clients.ts';
import { need } from '../../shared/aws/ec2/reading.ts';
import { lookUntil } from '../../shared/aws/patience.ts';
import { textOf } from '../../shared/aws/planned-input.ts';
import type { Json, JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { classify, TerminalError } from '../../shared/kernel/errors.ts';
import { isJsonObject } from '../../shared/kernel/json.ts';
import { parseProbe, probeOnce } from '../../shared/kernel/probe.ts';
import { addressFacts, readableByVip } from './aws/facts.ts';
import { loneInterface } from './aws/interfaces.ts';
import { absentMachine, machinesOf, type KnownMachine, type Machines } from './aws/machines.ts';
import { probeHolder, standbyProbe, type StandbyProbe } from './aws/probes.ts';
import type { Request } from './aws/requests.ts';
import { hasWaiting, readMore, readRound, type BothRounds, type Round } from './aws/rounds.ts';
import { vipOf } from './aws/vip.ts';
import { waitingHooks } from './aws/waiting-hooks.ts';
import type { AddressFacts, AlarmFacts, Ask, Facts, Machine } from './decide.ts';

export { apply } from './aws/changes.ts';
export { requestOf, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Omit<Facts, 'history' | 'setback'>;

const RUNBOOK = 'reassign-elastic-ip';
/** Association usually shows in seconds (5 to 6 in NGINX's tests); ten times that is beyond doubt. */
const PATIENCE_MS = 60_000;

/**
 * The addresses a request concerns, with all that is to be known about each; one whose record cannot be read comes with that
 * as its own fault. Throws what AWS throws: an answer that failed is not an empty one.
 */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const round = await readRound(request, io);
  const chosen = concerned(request, round, io);
  if (chosen.length === 0) return [];
  const look = lookAt(await readMore(round, chosen, io), io);
  return Promise.all(
    chosen.map(async (address) => {
      const target = arnOf(address, io);
      try {
        return { target, facts: await factsAbout(address, request, look, io) };
      } catch (error) {
        if (!(error instanceof TerminalError)) throw error;
        return { target, fault: classify(error) };
      }
    }),
  );
}

/** Reads one address again. Throws `TerminalError` when its record cannot be read. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const round = await readRound(request, io);
  const address = movable(round.addresses).find((each) => arnOf(each, io) === target);
  if (address === undefined) return releasedFacts(target, request, await leftBehind(request, round, io));
  return factsAbout(address, request, lookAt(await readMore(round, [address], io), io), io);
}

/** Of an address that was released, or lost its tag, there is only its name, and perhaps hooks that wait for its run. */
function releasedFacts(target: string, { ask }: Request, hooks: Seen['hooks']): Seen {
  const id = nameInArn(target);
  return {
    ask,
    isReleased: true,
    address: { ...addressFacts({ AllocationId: id, PublicIp: id }, ''), problems: [] },
    siblings: [],
    instances: [],
    hooks,
    hookUnseen: false,
    alarms: [],
  };
}

/**
 * Hooks of groups of whose name no address is left: the event's own, and those of who leaves, since there is nothing to hand over.
 * Whether somebody may launch without an address is not for the run of another name to say, unless no name has an address any more.
 */
async function leftBehind({ hook }: Request, round: Round, io: Io): Promise<Seen['hooks']> {
  const served = new Set(movable(round.addresses).map(vipOf));
  const forsaken = round.groups.filter(
    (group) => !served.has(vipOf(group)) && (group.AutoScalingGroupName === hook?.group || hasWaiting(group)),
  );
  const names = forsaken.flatMap(({ AutoScalingGroupName: name = '' }) => (round.hooks.has(name) ? [] : [name]));
  const hooks = new Map([...round.hooks, ...(await readHooks(names, io))]);
  const vips = new Set(forsaken.flatMap((group) => vipOf(group) ?? []));
  const waiting = [...vips].flatMap((vip) => waitingHooks(vip, { groups: forsaken, hooks }, hook).hooks);
  const isLast = served.size === 0;
  return waiting.filter(({ group, transition }) => isLast || transition === 'terminating' || group === hook?.group);
}

/** What is left over from EC2-Classic has no allocation, and nothing can be done with it. */
function movable(addresses: readonly Address[]): readonly Address[] {
  return addresses.filter(({ AllocationId }) => AllocationId !== undefined);
}

function arnOf(address: Address, io: Io): string {
  return ec2Arn('elastic-ip', need(address.AllocationId, 'Addresses[].AllocationId'), io);
}

/** What a person names, or what an event's instances and group have to do with; a schedule concerns every address. */
function concerned(
  { ask, target, group }: Request,
  { addresses, instances, groups, alarms }: Round,
  io: Io,
): readonly Address[] {
  const all = movable(addresses);
  if (target !== null) return all.filter((address) => isNamed(address, target, io));
  if (ask.kind !== 'event') return all;
  const ids = new Set([...ask.instanceIds, ...toldOf(ask, alarms)]);
  const names = new Set([
    ...instances.filter(({ InstanceId }) => ids.has(InstanceId ?? '')).map(vipOf),
    ...groups.filter(({ AutoScalingGroupName }) => AutoScalingGroupName === group).map(vipOf),
  ]);
  return all.filter((address) => ids.has(address.InstanceId ?? '') || names.has(vipOf(address)));
}

/** How an address is called by AWS. Whatever is written so means that address, and never a name that somebody gave. */
const IS_ID = /^(?:eipalloc-|eipassoc-|arn:|\d{1,3}(?:\.\d{1,3}){3}$)/u;

function isNamed(address: Address, target: string, io: Io): boolean {
  if (!IS_ID.test(target)) return vipOf(address) === target;
  const { AllocationId, AssociationId, PublicIp, CarrierIp, CustomerOwnedIp } = address;
  const called = [AllocationId, AssociationId, PublicIp, CarrierIp, CustomerOwnedIp, arnOf(address, io)];
  return called.includes(target);
}

/** The instances that the alarm of an event speaks of now that it is read again; it may be more than its event named. */
function toldOf({ alarmNames }: Extract<Ask, { kind: 'event' }>, alarms: readonly AlarmFacts[]): string[] {
  return alarms.flatMap(({ name, instanceIds }) => (alarmNames.includes(name) ? instanceIds : []));
}

/** What was read, as it is needed for each address: what all addresses of a name share is made once. */
interface Look {
  readonly rounds: BothRounds;
  readonly machines: Machines;
  readonly around: (vip: string) => Around;
  readonly knockAtStandby: StandbyProbe;
}

/** What there is of a name: its addresses, its instances and whoever else holds one of its addresses, and the alarms about them. */
interface Around {
  readonly siblings: readonly AddressFacts[];
  readonly members: readonly KnownMachine[];
  readonly instances: readonly Machine[];
  readonly alarms: readonly AlarmFacts[];
}

function lookAt(rounds: BothRounds, io: Io): Look {
  const machines = machinesOf(rounds);
  const addresses = readableByVip(movable(rounds.addresses), io.region);
  const made = new Map<string, Around>();
  const around = (vip: string): Around => {
    const known = made.get(vip) ?? aroundOf(machines.byVip.get(vip) ?? [], addresses.get(vip) ?? [], machines, rounds);
    made.set(vip, known);
    return known;
  };
  return { rounds, machines, around, knockAtStandby: standbyProbe(io) };
}

function aroundOf(
  members: readonly KnownMachine[],
  siblings: readonly AddressFacts[],
  { byId }: Machines,
  { alarms }: BothRounds,
): Around {
  const holders = siblings.flatMap(({ association }) => byId.get(association?.instanceId ?? '') ?? []);
  const instances = [...new Set([...members, ...holders])].map(({ machine }) => machine);
  return { siblings, members, instances, alarms: alarmsAbout(instances, alarms) };
}

function alarmsAbout(machines: readonly Machine[], alarms: readonly AlarmFacts[]): readonly AlarmFacts[] {
  const ids = new Set(machines.map(({ id }) => id));
  return alarms.filter(({ instanceIds }) => instanceIds.some((id) => ids.has(id)));
}

/** The facts about one address: its own, and those of everybody of its name. */
async function factsAbout(address: Address, request: Request, look: Look, io: Io): Promise<Seen> {
  const { rounds, machines, around, knockAtStandby } = look;
  const facts = addressFacts(address, io.region);
  const { vip, association } = facts;
  const { siblings, members, instances, alarms } = around(vip);
  const holderId = association?.instanceId ?? '';
  const holder = machines.byId.get(holderId)?.machine;
  const [probe, probed] = await Promise.all([
    probeHolder(address, holder, io),
    facts.probeTag === null ? instances : probedAmong(instances, members, address, knockAtStandby),
  ]);
  const isAbsent = holderId !== '' && holder === undefined;
  return {
    ask: withTold(request.ask, rounds.alarms),
    address: { ...facts, probe },
    ...loneInterface(address, rounds.interfaces),
    siblings,
    instances: isAbsent ? [...probed, absentMachine(holderId)] : probed,
    alarms,
    ...waitingHooks(vip, rounds, request.hook),
  };
}

/** The instances, those of them that could take the address with what they answered. */
async function probedAmong(
  instances: readonly Machine[],
  members: readonly KnownMachine[],
  address: Address,
  knockAt: StandbyProbe,
): Promise<readonly Machine[]> {
  const probes = await Promise.all(members.map(async (each) => [each.machine, await knockAt(address, each)] as const));
  const answers = new Map(probes);
  return instances.map((machine) => ({ ...machine, probe: answers.get(machine) ?? 'none' }));
}

function withTold(ask: Ask, alarms: readonly AlarmFacts[]): Ask {
  if (ask.kind !== 'event') return ask;
  return { ...ask, instanceIds: [...new Set([...ask.instanceIds, ...toldOf(ask, alarms)])] };
}

/** Looks until the address shows where it was sent, and answers there where the plan expects that; a minute at most. */
export async function verify(
  _target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const move = plan.find(({ call }) => call === 'ec2:AssociateAddress');
  if (move === undefined) return { ok: true };
  const id = textOf(move.input, 'AllocationId');
  const wanted = `${textOf(move.input, 'NetworkInterfaceId')}/${textOf(move.input, 'PrivateIpAddress')}`;
  const expected = move.expect?.['probe'];
  const asked = parseProbe(typeof expected === 'string' ? expected : '');
  return lookUntil(io, PATIENCE_MS, async () => {
    const { Addresses } = await client(EC2Client).send(new DescribeAddressesCommand({ AllocationIds: [id] }), {
      abortSignal: io.signal,
    });
    const [seen] = Addresses ?? [];
    const isThere = `${seen?.NetworkInterfaceId}/${seen?.PrivateIpAddress}` === wanted;
    if (!isThere) return { ok: false, why: `${id} is not on ${wanted}` };
    const host = seen?.PublicIp;
    const answer = asked === undefined || host === undefined ? 'ok' : await probeOnce(host, asked);
    return answer === 'ok' ? { ok: true } : { ok: false, why: `${id} is on ${wanted}, but its probe says ${answer}` };
  });
}

/** Whom this very plan quarantines nobody may move to without `force`, and it is the one who had the address. */
function quarantines({ call, input }: PlannedCall): boolean {
  const tags = call === 'ec2:CreateTags' ? input['Tags'] : undefined;
  return Array.isArray(tags) && tags.some((tag: Json) => isJsonObject(tag) && tag['Key'] === 'runbook:quarantined');
}

/** The request that moves the address back; none for a move from nobody. */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const back = plan.find(({ call }) => call === 'ec2:AssociateAddress')?.undo?.input;
  if (back === undefined) return undefined;
  const place = { to: textOf(back, 'NetworkInterfaceId'), privateIp: textOf(back, 'PrivateIpAddress') };
  const force = plan.some(quarantines) ? { force: true } : {};
  return { runbook: RUNBOOK, target, params: { action: 'move', ...place, ...force } };
}
