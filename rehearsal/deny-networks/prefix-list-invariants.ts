/** What must hold of managed prefix lists at every moment of a run of deny-networks. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { soFar } from '../so-far.ts';
import { lateAmong, wantedNow } from '../blocklist/wanted.ts';
import { endsTold, GRACE_MS, isOverlap, isTagged, longOwned } from '../blocklist/told.ts';

const WRITE = 'ec2:ModifyManagedPrefixList';

function cidrsIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((each) => (isRecord(each) ? [String(each['Cidr'])] : []));
}

/** The account's own, tagged or not. */
function lists(world: World): readonly Shape[] {
  return world.records('ec2', 'ManagedPrefixLists').filter(({ OwnerId }) => OwnerId !== 'AWS');
}

/** Our calls, answered or not. */
const callsIn: (sent: readonly LoggedRequest[]) => readonly LoggedRequest[] = soFar(
  (): LoggedRequest[] => [],
  (calls, request: LoggedRequest) => {
    if (request.call === WRITE) calls.push(request);
  },
);

function writes(sent: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return callsIn(sent).filter(({ answeredAt }) => answeredAt !== undefined);
}

/** What our calls have ever put in, whichever list it is in. */
const putIn: (sent: readonly LoggedRequest[]) => ReadonlySet<string> = soFar(
  () => new Set<string>(),
  (ours, { call, input }: LoggedRequest) => {
    if (call === WRITE) for (const cidr of cidrsIn(input['AddEntries'])) ours.add(cidr);
  },
);

/** Others' entries leave by others' hands only, and a list without the tag is nobody's business. */
const foreignListEntriesSurvive: Watcher = {
  name: 'foreign-list-entries-survive',
  check: (world, memory, _told, sent = []) => {
    const ours = putIn(sent);
    const count = writes(sent).length;
    const isOurWrite = count !== (memory['writes'] ?? 0);
    memory['writes'] = count;
    const lost = lists(world).flatMap((list) => {
      const key = `list ${String(list['PrefixListId'])}`;
      const known: unknown = memory[key];
      const before: readonly unknown[] = Array.isArray(known) ? known : [];
      const now = cidrsIn(list['Entries']);
      memory[key] = now;
      if (!isOurWrite) return [];
      const gone = before.map(String).filter((cidr) => !now.includes(cidr));
      return gone.filter((cidr) => !ours.has(cidr) || !isTagged(list));
    });
    return lost.length === 0 ? undefined : `${lost.join(', ')}: an entry of others was taken out of a prefix list`;
  },
};

/** What of ours is in a list. */
function entries(world: World, sent: readonly LoggedRequest[]): readonly string[] {
  const ours = putIn(sent);
  return lists(world)
    .filter(isTagged)
    .flatMap((list) => cidrsIn(list['Entries']))
    .filter((cidr) => ours.has(cidr));
}

const ownAddressesNeverListed: Watcher = {
  name: 'own-addresses-never-listed',
  check: (world, memory, _told, sent = []) => {
    const own = longOwned(world, memory);
    const bad = entries(world, sent).find((cidr) => own.some((address) => isOverlap(cidr, address)));
    return bad === undefined ? undefined : `${bad} is in a prefix list, and is the account's own`;
  },
};

const noEntryOutlivesItsTime: Watcher = {
  name: 'no-entry-outlives-its-time',
  check: (world, _memory, told = [], sent = []) => {
    const ends = endsTold(told);
    const latest = world.clock.now() - GRACE_MS;
    const late = entries(world, sent).find((cidr) => (ends.get(cidr) ?? Number.POSITIVE_INFINITY) < latest);
    return late === undefined ? undefined : `${late} is in a prefix list although its time was over five minutes ago`;
  },
};

/** A list of the network's family that has room, and that nobody is changing. */
function canTake(list: Shape, cidr: string): boolean {
  const isOfFamily = list['AddressFamily'] === (cidr.includes(':') ? 'IPv6' : 'IPv4');
  const isAtRest = !String(list['State']).endsWith('-in-progress');
  return isOfFamily && isAtRest && cidrsIn(list['Entries']).length < Number(list['MaxEntries']);
}

/** What was told as blocked is soon in each list that has room for it. */
const whatIsBlockedIsListed: Watcher = {
  name: 'what-is-blocked-is-listed',
  check: (world, memory, told = []) => {
    const wanted = wantedNow(world, memory, told);
    const missing = lists(world)
      .filter(isTagged)
      .flatMap((list) => {
        const there = cidrsIn(list['Entries']);
        return wanted
          .filter((cidr) => canTake(list, cidr) && !there.some((entry) => isOverlap(entry, cidr)))
          .map((cidr) => `${String(list['PrefixListId'])} ${cidr}`);
      });
    const late = lateAmong(missing, memory, world.clock.now());
    return late === undefined
      ? undefined
      : `${late} was told as blocked, and has not been in the list for five minutes`;
  },
};

export const PREFIX_LIST_INVARIANTS: readonly Watcher[] = [
  foreignListEntriesSurvive,
  ownAddressesNeverListed,
  noEntryOutlivesItsTime,
  whatIsBlockedIsListed,
];
