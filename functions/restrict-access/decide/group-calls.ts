/** The calls that change a group's rules, and what AWS has refused of them. Pure. */

import type { PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { permissionsOf, rulesIn, ruleText, type Rule } from './rules.ts';

const AUTHORIZE = 'ec2:AuthorizeSecurityGroupIngress';
const REVOKE = 'ec2:RevokeSecurityGroupIngress';

/** Lets these in; no call where there are none. */
export function authorize(groupId: string, rules: readonly Rule[], because: string): readonly PlannedCall[] {
  return changing(AUTHORIZE, groupId, rules, because);
}

/** Lets these in no longer; no call where there are none. */
export function revoke(groupId: string, rules: readonly Rule[], because: string): readonly PlannedCall[] {
  return changing(REVOKE, groupId, rules, because);
}

function changing(call: string, groupId: string, rules: readonly Rule[], because: string): readonly PlannedCall[] {
  if (rules.length === 0) return [];
  return [{ call, input: { GroupId: groupId, IpPermissions: permissionsOf(rules) }, because }];
}

/** AWS would not let in what was asked for: for want of room, or since it will not have it. A conflict is neither. */
export interface Denial {
  readonly rules: readonly Rule[];
  readonly isForRoom: boolean;
  readonly refusal: Refusal;
}

/** What AWS has refused to let in during this run, oldest first. */
export function denialsIn(refusals: readonly Refusal[] = []): readonly Denial[] {
  return refusals
    .filter(({ call, meaning }) => call === AUTHORIZE && meaning !== 'conflict')
    .map((refusal) => {
      const { IpPermissions: permissions } = refusal.input;
      const rules = Array.isArray(permissions) ? rulesIn(permissions) : [];
      return { rules, isForRoom: refusal.meaning === 'capacity', refusal };
    });
}

/** How often AWS has said so of one rule by itself, and for good or for want of room. */
export function deniedAlone(denials: readonly Denial[], rule: Rule, isForRoom: boolean): number {
  const text = ruleText(rule);
  return denials.filter(
    ({ rules: [only, ...others], isForRoom: isSuch }) =>
      only !== undefined && others.length === 0 && isSuch === isForRoom && ruleText(only) === text,
  ).length;
}

/** Things that are named one by one; the others are counted. A group has 60 rules unless its quota was raised. */
const NAMED = 60;

/** Rules for people. */
export function named(rules: readonly Rule[]): readonly string[] {
  return upToSome(rules.map(ruleText));
}

/** How many they are, for people: `1 rule`, `3 rules`. */
export function rulesInAll({ length }: readonly Rule[]): string {
  return length === 1 ? '1 rule' : `${length} rules`;
}

/** Texts for people: so many as anybody reads. */
export function upToSome(texts: readonly string[]): readonly string[] {
  return texts.length <= NAMED ? texts : [...texts.slice(0, NAMED), `and ${texts.length - NAMED} more`];
}
