/**
 * Reads and writes AWS for `reassign-elastic-ip`. Behind it, in `aws/`: what a run is started with (`requests`), the two rounds
 * of reads (`rounds`), what AWS answers as facts (`facts`, `alarms`, `waiting-hooks`), knocking (`probes`), and the changing
 * calls (`changes`).
 */

import { DescribeAddressesCommand, EC2Client, type Address } from '@aws-sdk/client-ec2';
import { ec2Arn, lastPartOf } from '../../shared/aws/arn.ts';
import { client } from '../../shared/aws/clients.ts';
import { need } from '../../shared/aws/ec2/reading.ts';
import { lookUntil } from '../../shared/aws/patience.ts';
import { textOf } from '../../shared/aws/planned-input.ts';
import type { JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { TerminalError } from '../../shared/kernel/errors.ts';
import { parseProbe } from '../../shared/kernel/probe.ts';
import { absentMachine, addressFacts, machineOf } from './aws/facts.ts';
import { probeHolder, probeStandby } from './aws/probes.ts';
import type { Request } from './aws/requests.ts';
import { readMore, readRound, type BothRounds, type Round } from './aws/rounds.ts';
import { VIP, vipOf } from './aws/vip.ts';
import { waitingHooks } from './aws/waiting-hooks.ts';
import type { AlarmFacts, Ask, Facts } from './decide.ts';

export { apply } from './aws/changes.ts';
export { requestOf, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Omit<Facts, 'history' | 'setback'>;

const RUNBOOK = 'reassign-elastic-ip';
/** Association usually shows in seconds (5 to 6 in NGINX's tests); ten times that is beyond doubt. */
const PATIENCE_MS = 60_000;

/** The addresses a request concerns, with all that is to be known about each. Throws what AWS throws: an answer that failed is not an empty one. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const round = await readRound(request, io);
  const chosen = concerned(request, round);
  if (chosen.length === 0) return [];
  const rounds = await readMore(round, chosen, io);
  return Promise.all(
    chosen.map(async (address) => ({
      target: arnOf(address, io),
      facts: await factsAbout(address, request, rounds, io),
    })),
  );
}

/** Reads one address again. Throws `TerminalError` when it is no longer there to be moved. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const round = await readRound(request, io);
  const address = round.addresses.find((each) => arnOf(each, io) === target);
  if (address === undefined) throw new TerminalError(`${target}: released, or no longer tagged ${VIP}`);
  return factsAbout(address, request, await readMore(round, [address], io), io);
}

function arnOf(address: Address, io: Io): string {
  return ec2Arn('elastic-ip', need(address.AllocationId, 'Addresses[].AllocationId'), io);
}

/** What a person names, or what an event's instances and group have to do with; a schedule concerns every address. */
function concerned({ ask, target, group }: Request, { addresses, instances, groups, alarms }: Round): Address[] {
  if (target !== null) {
    const id = lastPartOf(target);
    return addresses.filter(
      (address) => [address.AllocationId, address.PublicIp].includes(id) || vipOf(address) === target,
    );
  }
  if (ask.kind !== 'event') return [...addresses];
  const ids = new Set([...ask.instanceIds, ...instancesOf(alarms)]);
  const names = new Set([
    ...instances.filter(({ InstanceId }) => ids.has(InstanceId ?? '')).map(vipOf),
    ...groups.filter(({ AutoScalingGroupName }) => AutoScalingGroupName === group).map(vipOf),
  ]);
  return addresses.filter((address) => ids.has(address.InstanceId ?? '') || names.has(vipOf(address)));
}

function instancesOf(alarms: readonly AlarmFacts[]): string[] {
  return alarms.flatMap(({ instanceIds }) => instanceIds);
}

/** The facts about one address: its own, and those of its holder and of everybody of its name. */
async function factsAbout(address: Address, request: Request, rounds: BothRounds, io: Io): Promise<Seen> {
  const vip = vipOf(address) ?? '';
  const holderId = address.InstanceId ?? '';
  const chosen = rounds.instances.filter((each) => each.InstanceId === holderId || vipOf(each) === vip);
  const holder = chosen.find(({ InstanceId }) => InstanceId === holderId);
  const [probe, ...probes] = await Promise.all([
    probeHolder(address, holder === undefined ? undefined : machineOf(holder, rounds), io),
    ...chosen.map((instance) => probeStandby(address, instance, io)),
  ]);
  const machines = chosen.map((instance, index) => ({
    ...machineOf(instance, rounds),
    probe: probes[index] ?? ('none' as const),
  }));
  if (holderId !== '' && holder === undefined) machines.push(absentMachine(holderId));
  const about = new Set(machines.map(({ id }) => id));
  return {
    ask: withTold(request.ask, rounds.alarms),
    address: addressFacts(address, rounds.addresses, probe),
    instances: machines,
    alarms: rounds.alarms.filter(({ instanceIds }) => instanceIds.some((id) => about.has(id))),
    ...waitingHooks(vip, rounds, request.hook),
  };
}

/** The alarm, read again, may tell of more instances than its event did. */
function withTold(ask: Ask, alarms: readonly AlarmFacts[]): Ask {
  if (ask.kind !== 'event') return ask;
  return { ...ask, instanceIds: [...new Set([...ask.instanceIds, ...instancesOf(alarms)])] };
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
  const probe = parseProbe(typeof expected === 'string' ? expected : '');
  return lookUntil(io, PATIENCE_MS, async () => {
    const { Addresses } = await client(EC2Client).send(new DescribeAddressesCommand({ AllocationIds: [id] }), {
      abortSignal: io.signal,
    });
    const [seen] = Addresses ?? [];
    const isThere = `${seen?.NetworkInterfaceId}/${seen?.PrivateIpAddress}` === wanted;
    if (!isThere) return { ok: false, why: `${id} is not on ${wanted}` };
    const answer = probe === undefined ? 'ok' : await io.probe(need(seen?.PublicIp, `${id}.PublicIp`), probe);
    return answer === 'ok' ? { ok: true } : { ok: false, why: `${id} is on ${wanted}, but its probe says ${answer}` };
  });
}

/** The request that moves the address back; none for a move from nobody. */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const back = plan.find(({ call }) => call === 'ec2:AssociateAddress')?.undo?.input;
  return back === undefined
    ? undefined
    : { runbook: RUNBOOK, target, params: { action: 'move', to: textOf(back, 'NetworkInterfaceId') } };
}
