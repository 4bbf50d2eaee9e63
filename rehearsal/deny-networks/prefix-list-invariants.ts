/** What must hold of managed prefix lists at every moment of a run of deny-networks. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
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

function writes(sent: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return sent.filter(({ call, answeredAt }) => call === WRITE && answeredAt !== undefined);
}

/** What our calls have ever put in, whichever list it is in. */
function putIn(sent: readonly LoggedRequest[]): ReadonlySet<string> {
  const asked = sent.filter(({ call }) => call === WRITE);
  return new Set(asked.flatMap(({ input }) => cidrsIn(input['AddEntries'])));
}

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

export const PREFIX_LIST_INVARIANTS: readonly Watcher[] = [
  foreignListEntriesSurvive,
  ownAddressesNeverListed,
  noEntryOutlivesItsTime,
];
