/** What must hold of network ACLs, with `prefix-list-invariants` of prefix lists and with `host-invariants` of hosts, at every moment of a run of deny-networks. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { HOST_INVARIANTS } from './host-invariants.ts';
import { lateAmong, wantedNow } from '../blocklist/wanted.ts';
import { PREFIX_LIST_INVARIANTS } from './prefix-list-invariants.ts';
import { soFar } from '../so-far.ts';
import { endsTold, GRACE_MS, isOverlap, isTagged, longOwned } from '../blocklist/told.ts';

/** An entry of what comes in, as text: `99 deny 198.51.100.9/32`. */
interface Entry {
  readonly text: string;
  readonly number: number;
  readonly cidr: string;
  readonly isDenied: boolean;
}

function entryOf(value: unknown): readonly Entry[] {
  if (!isRecord(value) || value['Egress'] === true) return [];
  const cidr = String(value['CidrBlock'] ?? value['Ipv6CidrBlock']);
  const number = Number(value['RuleNumber']);
  const action = String(value['RuleAction']);
  return [{ text: `${number} ${action} ${cidr}`, number, cidr, isDenied: action === 'deny' }];
}

function entriesOf(acl: Shape): readonly Entry[] {
  const entries: readonly unknown[] = Array.isArray(acl['Entries']) ? acl['Entries'] : [];
  return entries.flatMap(entryOf);
}

function acls(world: World): readonly Shape[] {
  return world.records('ec2', 'NetworkAcls').filter(isTagged);
}

/** Entries that our calls have ever put in, whichever ACL they are of. */
const putIn: (sent: readonly LoggedRequest[]) => ReadonlySet<string> = soFar(
  () => new Set<string>(),
  (ours, { call, input }: LoggedRequest) => {
    if (/^ec2:(?:Create|Replace)NetworkAclEntry$/u.test(call)) for (const { text } of entryOf(input)) ours.add(text);
  },
);

/** Our calls, answered or not. */
const callsIn: (sent: readonly LoggedRequest[]) => readonly LoggedRequest[] = soFar(
  (): LoggedRequest[] => [],
  (calls, request: LoggedRequest) => {
    if (request.call.endsWith('NetworkAclEntry')) calls.push(request);
  },
);

/** How many of our calls have been answered: between two of them whatever changes is somebody else's doing. */
function writesIn(sent: readonly LoggedRequest[]): number {
  return callsIn(sent).filter(({ answeredAt }) => answeredAt !== undefined).length;
}

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((each) => typeof each === 'string');
}

/** Others' entries leave by others' hands only. */
const foreignAclEntriesSurvive: Watcher = {
  name: 'foreign-acl-entries-survive',
  check: (world, memory, _told, sent = []) => {
    const ours = putIn(sent);
    const isOurWrite = writesIn(sent) !== (memory['writes'] ?? 0);
    memory['writes'] = writesIn(sent);
    const lost = acls(world).flatMap((acl) => {
      const key = `acl ${String(acl['NetworkAclId'])}`;
      const before = textsOf(memory[key]);
      const now = entriesOf(acl).map(({ text }) => text);
      memory[key] = [...now];
      return isOurWrite ? before.filter((text) => !now.includes(text) && !ours.has(text)) : [];
    });
    return lost.length === 0 ? undefined : `${lost.join(', ')}: an entry of others was taken out of an ACL`;
  },
};

/** What of ours is in an ACL. */
function denials(world: World, sent: readonly LoggedRequest[]): readonly Entry[] {
  const ours = putIn(sent);
  return acls(world)
    .flatMap(entriesOf)
    .filter(({ isDenied, text }) => isDenied && ours.has(text));
}

const ownAddressesNeverDenied: Watcher = {
  name: 'own-addresses-never-denied',
  check: (world, memory, _told, sent = []) => {
    const own = longOwned(world, memory);
    const bad = denials(world, sent).find(({ cidr }) => own.some((address) => isOverlap(cidr, address)));
    return bad === undefined ? undefined : `${bad.text}: the account's own address is denied`;
  },
};

const noDenialOutlivesItsTime: Watcher = {
  name: 'no-denial-outlives-its-time',
  check: (world, _memory, told = [], sent = []) => {
    const ends = endsTold(told);
    const latest = world.clock.now() - GRACE_MS;
    const late = denials(world, sent).find(({ cidr }) => (ends.get(cidr) ?? Number.POSITIVE_INFINITY) < latest);
    return late === undefined ? undefined : `${late.text} stands although its time was over five minutes ago`;
  },
};

/** A denial of ours is no use behind what lets its network in; it may stand there for as long as it takes to see that somebody let it in. */
const deniedBeforeLetIn: Watcher = {
  name: 'denied-before-let-in',
  check: (world, memory, _told, sent = []) => {
    const ours = putIn(sent);
    const now = world.clock.now();
    const behind = acls(world).flatMap((acl) => {
      const entries = entriesOf(acl);
      const lets = entries.filter(({ isDenied }) => !isDenied);
      return entries.filter(
        ({ text, number, cidr }) => ours.has(text) && lets.some((one) => one.number < number && meets(one.cidr, cidr)),
      );
    });
    for (const key of Object.keys(memory)) if (!behind.some(({ text }) => text === key)) delete memory[key];
    const late = behind.find(({ text }) => {
      const since = memory[text] ?? now;
      memory[text] = since;
      return now - Number(since) > GRACE_MS;
    });
    return late === undefined ? undefined : `${late.text} has stood behind what lets it in for five minutes`;
  },
};

/** Everything of a family, or a network. */
function meets(entry: string, cidr: string): boolean {
  if (entry.endsWith('/0')) return entry.includes(':') === cidr.includes(':');
  return isOverlap(entry, cidr);
}

/** Rules of a family that an ACL has without a quota of its own, AWS's own denial among them. Source: VPC's quotas. */
const RULES_OF_A_FAMILY = 20;

function isOfFamily(cidr: string, other: string): boolean {
  return cidr.includes(':') === other.includes(':');
}

/** Whether an ACL has room for one more denial of the family, and a number before whatever lets the network in. */
function canDeny(acl: Shape, cidr: string): boolean {
  const entries = entriesOf(acl);
  const lets = entries.filter((one) => !one.isDenied && meets(one.cidr, cidr)).map(({ number }) => number);
  const numbers = new Set(entries.map(({ number }) => number));
  const before = lets.length === 0 ? [] : Array.from({ length: Math.min(...lets) - 1 }, (_, index) => index + 1);
  const isRoomLeft = entries.filter((one) => isOfFamily(one.cidr, cidr)).length < RULES_OF_A_FAMILY;
  return isRoomLeft && before.some((number) => !numbers.has(number));
}

/** What was told as blocked is soon denied by each ACL that lets it in and has room. */
const whatIsBlockedIsDenied: Watcher = {
  name: 'what-is-blocked-is-denied',
  check: (world, memory, told = []) => {
    const wanted = wantedNow(world, memory, told);
    const missing = acls(world).flatMap((acl) => {
      const denied = entriesOf(acl).filter(({ isDenied, cidr }) => isDenied && !cidr.endsWith('/0'));
      return wanted
        .filter((cidr) => !denied.some((one) => isOverlap(one.cidr, cidr)) && canDeny(acl, cidr))
        .map((cidr) => `${String(acl['NetworkAclId'])} ${cidr}`);
    });
    const late = lateAmong(missing, memory, world.clock.now());
    return late === undefined
      ? undefined
      : `${late} was told as blocked, and has not been denied there for five minutes`;
  },
};

export const INVARIANTS: readonly Watcher[] = [
  foreignAclEntriesSurvive,
  ownAddressesNeverDenied,
  noDenialOutlivesItsTime,
  deniedBeforeLetIn,
  whatIsBlockedIsDenied,
  ...PREFIX_LIST_INVARIANTS,
  ...HOST_INVARIANTS,
];
