/**
 * What must hold of hosts at every moment of a run of deny-networks. What stands on one is what its last successful command has given
 * it, each network until its end: that is all that its script does.
 */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { lateAmong, wantedNow } from '../blocklist/wanted.ts';
import { soFar } from '../so-far.ts';
import { endsTold, GRACE_MS, isOverlap, isTagged, longOwned } from '../blocklist/told.ts';

const DOCUMENT = /-deny-networks$/u;

function textsIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(String);
}

/** Commands of ours that have succeeded, by the host. */
function given(world: World): ReadonlyMap<string, Shape> {
  const last = new Map<string, Shape>();
  const askedIn = (parameters: Shape): number => Number(textsIn(parameters['asked'])[0] ?? 0);
  for (const { DocumentName, Status, InstanceId, Parameters } of world.records('ssm', 'CommandInvocations')) {
    if (!DOCUMENT.test(String(DocumentName)) || Status !== 'Success' || !isRecord(Parameters)) continue;
    const before = last.get(String(InstanceId));
    if (before === undefined || askedIn(Parameters) >= askedIn(before)) last.set(String(InstanceId), Parameters);
  }
  return last;
}

/** A network that a host drops, and until when, milliseconds. */
interface Dropped {
  readonly host: string;
  readonly cidr: string;
  readonly endMs: number;
}

/** What is dropped now. */
function dropped(world: World): readonly Dropped[] {
  return [...given(world)].flatMap(([host, parameters]) =>
    [...textsIn(parameters['v4']), ...textsIn(parameters['v6'])]
      .flatMap((list) => list.split(' '))
      .filter(Boolean)
      .map((element) => element.split(','))
      .map(([cidr = '', end = '0']) => ({ host, cidr, endMs: Number(end) * 1_000 }))
      .filter(({ endMs }) => endMs > world.clock.now()),
  );
}

const ownAddressesNeverDropped: Watcher = {
  name: 'own-addresses-never-dropped',
  check: (world, memory) => {
    const own = longOwned(world, memory);
    const bad = dropped(world).find(({ cidr }) => own.some((address) => isOverlap(cidr, address)));
    return bad === undefined ? undefined : `${bad.host} drops ${bad.cidr}, which is the account's own`;
  },
};

/** Also of what the host has not been told since: it ends there by itself. */
const noDropOutlivesItsTime: Watcher = {
  name: 'no-drop-outlives-its-time',
  check: (world, _memory, told = []) => {
    const ends = endsTold(told);
    const latest = world.clock.now() - GRACE_MS;
    const late = dropped(world).find(({ cidr }) => (ends.get(cidr) ?? Number.POSITIVE_INFINITY) < latest);
    return late === undefined ? undefined : `${late.host} drops ${late.cidr}, whose time was over five minutes ago`;
  },
};

/** No element is given an end that nobody was told of. */
const noDropIsMeantToOutliveItsTime: Watcher = {
  name: 'no-drop-is-meant-to-outlive-its-time',
  check: (world, _memory, told = []) => {
    const ends = endsTold(told);
    // The host counts whole seconds.
    const late = dropped(world).find(({ cidr, endMs }) => endMs > (ends.get(cidr) ?? Number.POSITIVE_INFINITY) + 1_000);
    return late === undefined ? undefined : `${late.host} was given ${late.cidr} for longer than it is blocked`;
  },
};

/** Hosts that can be given something: those that are tagged and run, whose agent answers and whose command does not fail. */
function reachable(world: World): readonly string[] {
  const online = new Set(
    world
      .records('ssm', 'InstanceInformation')
      .filter(({ PingStatus, PlatformType = 'Linux' }) => PingStatus === 'Online' && PlatformType === 'Linux')
      .map(({ InstanceId }) => InstanceId),
  );
  const document = world.records('ssm', 'Documents').find(({ Name }) => DOCUMENT.test(String(Name)));
  const drops = document?.['Drops'];
  if (document?.['Fails'] === true || document?.['Hangs'] === true || !isRecord(drops)) return [];
  const without = textsIn(drops['WithoutNftables']);
  return world
    .records('ec2', 'Instances')
    .filter((one) => isTagged(one) && isRecord(one['State']) && one['State']['Name'] === 'running')
    .filter(({ InstanceId }) => online.has(InstanceId) && !without.includes(String(InstanceId)))
    .map(({ InstanceId }) => String(InstanceId));
}

/** What was told as blocked is dropped soon by each host that can be given it, until its time is over or somebody lets it go. */
const whatIsBlockedIsDropped: Watcher = {
  name: 'what-is-blocked-is-dropped',
  check: (world, memory, told = []) => {
    const now = world.clock.now();
    const drops = dropped(world);
    const wanted = wantedNow(world, memory, told);
    const missing = reachable(world).flatMap((host) => {
      const there = drops.filter((one) => one.host === host);
      return wanted.filter((cidr) => !there.some((one) => isOverlap(one.cidr, cidr))).map((cidr) => `${host} ${cidr}`);
    });
    const late = lateAmong(missing, memory, now);
    return late === undefined ? undefined : `${late} was told as blocked, and is not dropped there for five minutes`;
  },
};

/** Whom our requests have sent a command, whatever came of it. */
const commanded: (sent: readonly LoggedRequest[]) => ReadonlySet<string> = soFar(
  () => new Set<string>(),
  (ids, { call, input }: LoggedRequest) => {
    const isOurs = call === 'ssm:SendCommand' && DOCUMENT.test(String(input['DocumentName']));
    if (isOurs) for (const id of textsIn(input['InstanceIds'])) ids.add(id);
  },
);

const onlyTaggedHostsAreCommanded: Watcher = {
  name: 'only-tagged-hosts-are-commanded',
  check: (world, memory, _told, sent = []) => {
    for (const instance of world.records('ec2', 'Instances').filter(isTagged))
      memory[String(instance['InstanceId'])] = true;
    const stranger = [...commanded(sent)].find((id) => memory[id] !== true);
    return stranger === undefined ? undefined : `${stranger} was sent a command, and has never had the tag`;
  },
};

export const HOST_INVARIANTS: readonly Watcher[] = [
  ownAddressesNeverDropped,
  noDropOutlivesItsTime,
  noDropIsMeantToOutliveItsTime,
  whatIsBlockedIsDropped,
  onlyTaggedHostsAreCommanded,
];
