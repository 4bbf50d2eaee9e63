/** What must hold of network ACLs, with `prefix-list-invariants` of prefix lists and with `host-invariants` of hosts, at every moment of a run of deny-networks. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { HOST_INVARIANTS } from './host-invariants.ts';
import { PREFIX_LIST_INVARIANTS } from './prefix-list-invariants.ts';
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
function putIn(sent: readonly LoggedRequest[]): ReadonlySet<string> {
  const writes = sent.filter(({ call }) => /^ec2:(?:Create|Replace)NetworkAclEntry$/u.test(call));
  return new Set(writes.flatMap(({ input }) => entryOf(input).map(({ text }) => text)));
}

/** How many of our calls have been answered: between two of them whatever changes is somebody else's doing. */
function writesIn(sent: readonly LoggedRequest[]): number {
  return sent.filter(({ call, answeredAt }) => call.endsWith('NetworkAclEntry') && answeredAt !== undefined).length;
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

export const INVARIANTS: readonly Watcher[] = [
  foreignAclEntriesSurvive,
  ownAddressesNeverDenied,
  noDenialOutlivesItsTime,
  deniedBeforeLetIn,
  ...PREFIX_LIST_INVARIANTS,
  ...HOST_INVARIANTS,
];
