/**
 * What `publish-blocklist` does about a network ACL: each blocked network is denied at a number before the first entry that lets any
 * of it in. Pure.
 *
 * An ACL has no lock: what is read may have changed before it is written. So nothing is written but what was noted as ours, and what
 * was written is read back.
 */

import { covers, familyOf } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { AclFacts, AclLimits, NetworkAcl } from './network-acl-facts.ts';
import { ingressOf, noteText, type Ingress } from './network-acl-order.ts';
import { changesFor, type Changes, type Place, type Swap } from './network-acl-places.ts';
import { rulesFor } from './network-acl-rules.ts';
import { gone, named, withNotes } from '../../../shared/judgement/blocklist/notes.ts';
import { isSameNote, noteOf } from '../../../shared/judgement/blocklist/published.ts';
import { secondsPastDue } from '../../../shared/judgement/blocklist/wanted.ts';

export type { AclEntry, AclFacts, AclLimits, NetworkAcl } from './network-acl-facts.ts';

/** An ACL, what it is to become, and what it cannot be. */
interface Outlook {
  readonly acl: NetworkAcl;
  readonly ingress: Ingress;
  readonly changes: Changes;
  /** Entries that come, with their numbers. */
  readonly added: readonly Place[];
  readonly removed: readonly Place[];
  readonly withoutRoom: readonly string[];
  readonly withoutNumber: readonly string[];
}

/** Decides on one ACL. */
export function decideNetworkAcl(facts: AclFacts, limits: AclLimits, now: string): Decision {
  const { acl, arn, published, wishes } = facts;
  if (acl === null) return gone(arn);
  const outlook = outlookOf(facts, acl, limits);
  const { changes, added, removed, withoutRoom, withoutNumber } = outlook;
  const mine = [...changes.kept, ...added].map(noteText);
  const unreadable = [...wishes.unreadable, ...wishes.guardFaults, ...acl.problems];
  const evidence = { ...evidenceOf(outlook), ...(unreadable.length === 0 ? {} : { unreadable: named(unreadable) }) };
  const because = saidOf(outlook);
  const isAmiss = withoutRoom.length + withoutNumber.length + unreadable.length > 0;
  const attention = isAmiss ? { attention: true as const } : {};
  const isEqual = added.length + removed.length === 0;
  if (isEqual && isSameNote(noteOf(mine, published.version), published))
    return { kind: 'nothing', code: 'as-wanted', because, evidence, ...attention };
  const late = secondsPastDue(wishes, leftBy(outlook), now);
  return {
    kind: 'act',
    code: isEqual ? 'noted' : 'published',
    because,
    evidence,
    plan: withNotes({ arn, published, mine, added: added.map(noteText) }, callsFor(outlook)),
    intent: `publish ${acl.id}`,
    budget: 'free',
    ...(late === undefined ? {} : { metrics: { SecondsPastDue: late } }),
    ...attention,
  };
}

function outlookOf(facts: AclFacts, acl: NetworkAcl, limits: AclLimits): Outlook {
  const ingress = ingressOf(acl, facts.published);
  const rules = rulesFor(facts, ingress, limits);
  const changes = changesFor(ingress, rules);
  const { created, deletedFirst, createdThen, deleted } = changes;
  const swapped = [...changes.swapped, ...changes.swappedThen];
  const unplaced = rules.needed.filter((cidr) => changes.unplaced.some((each) => covers(each, cidr)));
  return {
    acl,
    ingress,
    changes,
    added: [...created, ...swapped, ...createdThen],
    removed: [...swapped.map(({ instead }) => instead), ...deletedFirst, ...deleted],
    withoutRoom: rules.withoutRoom,
    withoutNumber: [...rules.withoutNumber, ...unplaced],
  };
}

/** Networks that have no rule any more; one that was only moved still has. */
function leftBy({ removed, added, changes }: Outlook): readonly string[] {
  const stays = new Set([...changes.kept, ...added].map(({ cidr }) => cidr));
  return removed.map(({ cidr }) => cidr).filter((cidr) => !stays.has(cidr));
}

function callsFor({ acl, changes }: Outlook): readonly PlannedCall[] {
  const { created, swapped, deletedFirst, createdThen, swappedThen, deleted } = changes;
  return [
    ...created.map((place) => create(acl, place)),
    ...swapped.map((place) => swap(acl, place)),
    ...deletedFirst.map((place) => remove(acl, place, 'its place is needed')),
    ...createdThen.map((place) => create(acl, place)),
    ...swappedThen.map((place) => swap(acl, place)),
    ...deleted.map((place) => remove(acl, place, 'it is not to stand there any more')),
  ];
}

/** A denial of all protocols, as EC2 takes it. */
function denialOf(acl: NetworkAcl, { ruleNumber, cidr }: Place): JsonObject {
  return {
    NetworkAclId: acl.id,
    RuleNumber: ruleNumber,
    Protocol: '-1',
    RuleAction: 'deny',
    Egress: false,
    [familyOf(cidr) === 'IPV4' ? 'CidrBlock' : 'Ipv6CidrBlock']: cidr,
  };
}

function create(acl: NetworkAcl, place: Place): PlannedCall {
  const because = `${place.cidr} is blocked, and number ${place.ruleNumber} comes before whatever lets it in`;
  return { call: 'ec2:CreateNetworkAclEntry', input: denialOf(acl, place), because };
}

function swap(acl: NetworkAcl, { instead, ...place }: Swap): PlannedCall {
  const because = `${place.cidr} is blocked, and has no room beside ${instead.cidr}, which is not to stand there any more`;
  return { call: 'ec2:ReplaceNetworkAclEntry', input: denialOf(acl, place), because };
}

function remove(acl: NetworkAcl, { ruleNumber, cidr }: Place, why: string): PlannedCall {
  return {
    call: 'ec2:DeleteNetworkAclEntry',
    input: { NetworkAclId: acl.id, RuleNumber: ruleNumber, Egress: false },
    because: `the denial of ${cidr} at number ${ruleNumber} is ours: ${why}`,
  };
}

function saidOf({ acl, ingress, changes, added, removed, withoutRoom, withoutNumber }: Outlook): string {
  const { id, blocklist } = acl;
  const change = `${added.length} more and ${removed.length} fewer`;
  const news = added.length + removed.length === 0 ? 'has' : `gets ${change}:`;
  const others = ingress.foreign.length === 0 ? '' : `, beside ${ingress.foreign.length} entries of others`;
  const full = withoutRoom.length === 0 ? '' : `; ${withoutRoom.length} more have no room in it`;
  const late =
    withoutNumber.length === 0
      ? ''
      : `; ${withoutNumber.length} more are let in by an entry before which no number is free`;
  return `${id} ${news} ${changes.kept.length + added.length} networks of ${blocklist}${others}${full}${late}`;
}

function evidenceOf({ acl, ingress, changes, added, removed, withoutRoom, withoutNumber }: Outlook): JsonObject {
  return {
    acl: acl.id,
    vpc: acl.vpcId,
    blocklist: acl.blocklist,
    networks: changes.kept.length + added.length,
    foreign: ingress.foreign.length,
    ...(added.length === 0 ? {} : { added: named(added.map(noteText)) }),
    ...(removed.length === 0 ? {} : { removed: named(removed.map(noteText)) }),
    ...(withoutRoom.length === 0 ? {} : { withoutRoom: withoutRoom.length }),
    ...(withoutNumber.length === 0 ? {} : { noNumberBeforeAllow: withoutNumber.length }),
  };
}
