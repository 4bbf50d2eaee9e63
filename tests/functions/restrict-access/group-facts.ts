/** Builders of facts about security groups, and a model of a group that takes what EC2 takes. */

import type {
  GroupFacts,
  LockdownNote,
  RestrictLimits,
  SecurityGroup,
} from '../../../functions/restrict-access/decide/facts.ts';
import { lockdownValue } from '../../../functions/restrict-access/decide/group-note.ts';
import { decideGroup } from '../../../functions/restrict-access/decide/security-group.ts';
import { rulesIn, ruleText, type Rule } from '../../../functions/restrict-access/decide/rules.ts';
import type { Decision, JsonObject, PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';

export const NOW = '2026-11-29T03:00:00.000Z';
export const SG = 'sg-0a1b2c3d4e5f60718';
export const SG_ARN = `arn:aws:ec2:eu-west-1:111122223333:security-group/${SG}`;
export const PL = 'pl-0f1e2d3c4b5a69788';

export function later(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
}

export const LIMITS: RestrictLimits = {
  maxAgeSeconds: 900,
  maxTargets: 20,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 3_600,
  maxLooks: 5,
  maxWaitSeconds: 0,
  maxCalls: 310,
  defaultTtlSeconds: 3_600,
  minTtlSeconds: 60,
  maxTtlSeconds: 604_800,
  maxRules: 300,
  keptSeconds: 2_592_000,
};

export const ASKER = { by: 'anna', why: 'INC-7', delivery: 'request:1', sentAt: null, run: 'run-1' };
/** The schedule asks for nothing. */
export const CLOCK = { by: 'schedule', why: '', delivery: '', sentAt: null, run: 'run-9' };

/** A rule as people write it: `tcp 443 0.0.0.0/0`, `all - sg-1`, with a description `tcp 22 198.51.100.0/24 office`. */
export function rule(text: string): Rule {
  const [protocol = '', ports = '', from = '', ...words] = text.split(' ');
  const [first = '', last = first] = ports.split('-');
  const range =
    protocol === 'all' ? { IpProtocol: '-1' } : { IpProtocol: protocol, FromPort: Number(first), ToPort: Number(last) };
  const description = words.length === 0 ? {} : { description: words.join(' ') };
  return { range, source: sourceOf(from), ...description };
}

function sourceOf(from: string): Rule['source'] {
  if (from.startsWith('pl-')) return { PrefixListId: from };
  if (from.startsWith('sg-')) return { GroupId: from, UserId: '111122223333' };
  return from.includes(':') ? { CidrIpv6: from } : { CidrIp: from };
}

/** What an ordinary web server's group lets in. */
export const OPEN = ['tcp 443 0.0.0.0/0 everybody', 'tcp 443 ::/0', 'tcp 22 198.51.100.0/24 office', `all - ${SG}`];
export const LOCKED = [
  `all - ${SG}`,
  `tcp 443 ${PL} restrict-access: let in while the group is locked down`,
  `tcp 22 ${PL} restrict-access: let in while the group is locked down`,
];

export function group(rules: readonly string[] = OPEN, more: Partial<SecurityGroup> = {}): SecurityGroup {
  return { id: SG, name: 'web', vpcId: 'vpc-1', allowList: 'admins', rules: rules.map(rule), ...more };
}

/** The note of a lockdown of `OPEN` for an hour. */
export function note(more: Partial<LockdownNote> = {}): LockdownNote {
  const { sentAt: _sentAt, ...asker } = ASKER;
  return {
    kind: 'lockdown',
    ...asker,
    from: NOW,
    until: later(3_600),
    ended: null,
    over: null,
    allowList: { id: PL, name: 'admins' },
    taken: OPEN.slice(0, 3).map(rule),
    added: LOCKED.slice(1).map(rule),
    ...more,
  };
}

/** Nobody has locked it, and the schedule looks. */
function facts(more: Partial<GroupFacts> = {}): GroupFacts {
  return {
    kind: 'security-group',
    history: 'unread',
    target: SG_ARN,
    ask: null,
    asker: CLOCK,
    group: group(),
    named: [],
    allowList: { id: PL, name: 'admins', cidrs: ['203.0.113.0/28'] },
    noted: { note: null, version: 0 },
    ...more,
  };
}

export const lockdown: Pick<GroupFacts, 'ask' | 'asker'> = {
  ask: { action: 'lockdown', ttlSeconds: 3_600 },
  asker: ASKER,
};

export const lift: Pick<GroupFacts, 'ask' | 'asker'> = {
  ask: { action: 'lift' },
  asker: { ...ASKER, by: 'ben', delivery: 'request:2', run: 'run-2' },
};

/** It stands as the second write of its item, unless another one is meant. */
export function noted(one: LockdownNote = note(), version = 1): Pick<GroupFacts, 'noted'> {
  return { noted: { note: one, version } };
}

export function decided(more: Partial<GroupFacts>, now = NOW): Decision {
  return decideGroup(facts(more), LIMITS, now);
}

function rulesInto({ input }: { readonly input: JsonObject }): readonly Rule[] {
  const { IpPermissions: permissions } = input;
  return Array.isArray(permissions) ? rulesIn(permissions) : [];
}

function overIn(value: unknown): string {
  const over: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'over') : null;
  return typeof over === 'string' ? ` ${over}` : '';
}

/** A call as text: `authorize tcp 443 from pl-1`, `note`, `note opened`. */
function callText(call: PlannedCall): string {
  if (call.call === 'ledger:write') return `note${overIn(call.input['value'])}`;
  const verb = call.call.replace(/^ec2:(\w+)SecurityGroupIngress$/u, '$1').toLowerCase();
  return [verb, rulesInto(call).map(ruleText).join(', ')].join(' ');
}

/** The plan as text, or the word for there being none. */
export function planOf(decision: Decision): readonly string[] {
  return decision.kind === 'act' ? decision.plan.map(callText) : [`${decision.kind} ${decision.code}`];
}

/** AWS refuses a call that lets these in. */
export function refusal(rules: readonly string[], name: string, meaning: Refusal['meaning']): Refusal {
  const { taken } = lockdownValue(note({ taken: rules.map(rule) }));
  return {
    call: 'ec2:AuthorizeSecurityGroupIngress',
    input: { GroupId: SG, IpPermissions: taken },
    meaning,
    name,
    message: `${name} of AWS`,
    at: NOW,
  };
}
