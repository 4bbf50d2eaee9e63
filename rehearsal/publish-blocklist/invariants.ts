/** What must hold at every moment of a run of publish-blocklist. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { pendingIn } from '../blocklist/pending.ts';
import { soFar } from '../so-far.ts';
import {
  allowedTold,
  endsTold,
  GRACE_MS,
  isOverlap,
  isTagged,
  isWithin,
  longOwned,
  ownedNow,
} from '../blocklist/told.ts';

/** WAF's quota of entries in a set. */
const SET_CAPACITY = 10_000;

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((each) => typeof each === 'string');
}

/** Those for CloudFront too, which are in a Region of their own. */
function sets({ regions }: World): readonly Shape[] {
  return [...regions.values()].flatMap((world) => world.records('wafv2', 'IPSets'));
}

/** What our writes have ever brought into sets. */
const broughtBy: (sent: readonly LoggedRequest[]) => ReadonlySet<string> = soFar(
  () => new Set<string>(),
  (brought, { call, input }: LoggedRequest) => {
    if (call === 'wafv2:UpdateIPSet') for (const cidr of textsOf(input['Addresses'])) brought.add(cidr);
  },
);

/** Our writes, answered or not. */
const writesIn: (sent: readonly LoggedRequest[]) => readonly LoggedRequest[] = soFar(
  (): LoggedRequest[] => [],
  (writes, request: LoggedRequest) => {
    if (request.call === 'wafv2:UpdateIPSet') writes.push(request);
  },
);

/** An entry of somebody else's leaves a set by somebody else's hand only, and a set without the tag is nobody's business. */
const foreignEntriesSurvive: Watcher = {
  name: 'foreign-entries-survive',
  check: (world, memory, _told, sent = []) => {
    const ours = writesIn(sent).filter(({ answeredAt }) => answeredAt !== undefined);
    const isOurWrite = ours.length !== (memory['writes'] ?? 0);
    const found = sets(world).flatMap((set) => {
      const key = `set ${String(set['ARN'])}`;
      const [before, now] = [textsOf(memory[key]), textsOf(set['Addresses'])];
      memory[key] = [...now];
      const known: unknown = memory[`brought ${key}`];
      const brought = new Set(textsOf(known));
      const [stoodBefore, standsNow] = [new Set(before), new Set(now)];
      const came = now.filter((cidr) => !stoodBefore.has(cidr));
      if (isOurWrite) for (const cidr of came) brought.add(cidr);
      memory[`brought ${key}`] = [...brought];
      if (!isOurWrite || before.length === 0) return [];
      return before.filter((cidr) => !standsNow.has(cidr) && (!brought.has(cidr) || !isTagged(set)));
    });
    memory['writes'] = ours.length;
    return found.length === 0 ? undefined : `${found.join(', ')}: an entry of others was taken out`;
  },
};

/** No address of the account's own is in a set that we write, unless somebody else put it there. */
const ownAddressesNeverBlocked: Watcher = {
  name: 'own-addresses-never-blocked',
  check: (world, memory, _told, sent = []) => {
    const brought = broughtBy(sent);
    const own = longOwned(world, memory);
    const blocked = sets(world)
      .filter(isTagged)
      .flatMap((set) => textsOf(set['Addresses']));
    const bad = blocked.filter((cidr) => brought.has(cidr)).find((cidr) => own.some((one) => isOverlap(cidr, one)));
    return bad === undefined ? undefined : `${bad} is blocked and is the account's own`;
  },
};

/** What was blocked for a time is out of the set soon after it. */
const noBlockOutlivesItsTime: Watcher = {
  name: 'no-block-outlives-its-time',
  check: (world, _memory, told = [], sent = []) => {
    const brought = broughtBy(sent);
    const ends = endsTold(told);
    const latest = world.clock.now() - GRACE_MS;
    const blocked = sets(world)
      .filter(isTagged)
      .flatMap((set) => textsOf(set['Addresses']));
    const late = blocked.find((cidr) => brought.has(cidr) && (ends.get(cidr) ?? Number.POSITIVE_INFINITY) < latest);
    return late === undefined ? undefined : `${late} is blocked although its time was over five minutes ago`;
  },
};

/** A set of the network's family that has room; without any there is nowhere to publish. */
function setsFor(world: World, cidr: string): readonly Shape[] {
  const family = cidr.includes(':') ? 'IPV6' : 'IPV4';
  return sets(world).filter((set) => isTagged(set) && set['IPAddressVersion'] === family);
}

/** What was told as blocked is in a set soon, and stays there until its time is over or somebody lets it go. */
const nothingAskedForIsLost: Watcher = {
  name: 'nothing-asked-for-is-lost',
  check: (world, memory, told = []) => {
    const now = world.clock.now();
    const own = ownedNow(world);
    const allowed = [...allowedTold(told)].flatMap(([cidr, until]) => (until > now ? [cidr] : []));
    const lost = Object.entries(pendingIn(memory, told, now)).find(([cidr, { since, until }]) => {
      if (until <= now || own.some((address) => isOverlap(cidr, address))) return false;
      if (allowed.some((one) => isWithin(cidr, one))) memory[`seen ${cidr}`] = now;
      const there = setsFor(world, cidr);
      const isFull = there.some((set) => textsOf(set['Addresses']).length >= SET_CAPACITY);
      const isIn = there.some((set) => textsOf(set['Addresses']).some((entry) => isOverlap(entry, cidr)));
      if (there.length === 0 || isFull || isIn) memory[`seen ${cidr}`] = now;
      const seen = memory[`seen ${cidr}`];
      return now - (typeof seen === 'number' ? seen : since) > GRACE_MS;
    });
    return lost === undefined ? undefined : `${lost[0]} was told as blocked five minutes ago, and is in no set`;
  },
};

export const INVARIANTS: readonly Watcher[] = [
  foreignEntriesSurvive,
  ownAddressesNeverBlocked,
  noBlockOutlivesItsTime,
  nothingAskedForIsLost,
];
