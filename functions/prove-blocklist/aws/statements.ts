/** What a rule's statement says of IP sets, as WAF reads it. */

import type { IPSetReferenceStatement, LabelMatchStatement, Statement } from '@aws-sdk/client-wafv2';
import type { ForwardedIn, SetReference } from '../decide.ts';

/** What is known of a statement, whatever else the request is. */
export interface Meaning {
  /** Sets of which it is true for whoever is in them. */
  readonly references: readonly SetReference[];
  /** Sets of which it is true for nobody who is in them. */
  readonly spares: readonly SetReference[];
  /** Sets outside which it is never true; `null`: it may be true of anybody. */
  readonly only: readonly string[] | null;
  /** All sets that are named, however deep. */
  readonly mentioned: readonly string[];
}

/** A label that an earlier rule adds. */
export interface Label {
  /** With the prefix of the web ACL or the rule group that it is added in. */
  readonly full: string;
  /** Whom the rule that adds it matches. */
  readonly meaning: Meaning;
  /** Whoever that rule matches has it; else the rule may not have been reached. */
  readonly isSure: boolean;
}

/** What a statement is read beside. */
export interface Context {
  /** With which labels begin that are added where the statement stands. */
  readonly prefix: string;
  readonly labels: readonly Label[];
}

const NOTHING: Meaning = { references: [], spares: [], only: null, mentioned: [] };

function forwardedIn({ IPSetForwardedIPConfig: config }: IPSetReferenceStatement): ForwardedIn | null {
  if (config === undefined) return null;
  const { HeaderName: header = '', Position: position = 'FIRST', FallbackBehavior: fallback = 'NO_MATCH' } = config;
  return { header: header.toLowerCase(), position, fallback };
}

/** A header can be forged, the sender cannot: who is not in the set may be matched all the same. */
function ofSet(statement: IPSetReferenceStatement): Meaning {
  const { ARN: arn = '' } = statement;
  const forwarded = forwardedIn(statement);
  const only = forwarded === null ? [arn] : null;
  return { references: [{ arn, forwarded }], spares: [], only, mentioned: [arn] };
}

function isSame(one: SetReference, other: SetReference): boolean {
  const [here, there] = [one.forwarded, other.forwarded];
  if (one.arn !== other.arn || (here === null) !== (there === null)) return false;
  return here?.header === there?.header && here?.position === there?.position;
}

function inEach([first = [], ...rest]: readonly (readonly SetReference[])[]): readonly SetReference[] {
  return first.filter((one) => rest.every((others) => others.some((other) => isSame(one, other))));
}

/** One of them is true. */
function either(all: readonly Meaning[]): Meaning {
  const isBounded = all.every(({ only }) => only !== null);
  return {
    references: all.flatMap(({ references }) => references),
    spares: inEach(all.map(({ spares }) => spares)),
    only: isBounded ? all.flatMap(({ only }) => only ?? []) : null,
    mentioned: all.flatMap(({ mentioned }) => mentioned),
  };
}

/** All of them are true. */
function together(all: readonly Meaning[]): Meaning {
  return {
    references: inEach(all.map(({ references }) => references)),
    spares: all.flatMap(({ spares }) => spares),
    only: all.map(({ only }) => only).find((sets) => sets !== null) ?? null,
    mentioned: all.flatMap(({ mentioned }) => mentioned),
  };
}

/**
 * Whether a statement's key stands for a label for certain. Without a prefix it is a label of the place where the statement stands.
 * Source: AWS WAF developer guide, "Rules that match labels".
 */
function isMeant({ Key: key = '', Scope: scope }: LabelMatchStatement, full: string, prefix: string): boolean {
  if (scope !== 'NAMESPACE') return full === key || full === prefix + key;
  const namespace = key.endsWith(':') ? key : `${key}:`;
  return full.startsWith(namespace) || full.startsWith(prefix + namespace);
}

/** It is true where one of the rules that add such a label has matched. */
function ofLabel(statement: LabelMatchStatement, { prefix, labels }: Context): Meaning {
  const { Key: key = '' } = statement;
  // Which parts of a label's name may be left out is told by examples only: whatever has the key in it may be meant.
  const possible = labels.filter(({ full }) => full.includes(key));
  const sure = possible.filter(({ full, isSure }) => isSure && isMeant(statement, full, prefix));
  // Labels with another prefix may come from groups that are not looked into, and from tokens.
  const isOwn = !key.startsWith('awswaf:') || (prefix !== '' && key.startsWith(prefix));
  const all = either(possible.map(({ meaning }) => meaning));
  return {
    references: sure.flatMap(({ meaning }) => meaning.references),
    spares: isOwn ? all.spares : [],
    only: isOwn ? all.only : null,
    mentioned: all.mentioned,
  };
}

/** What a statement says. */
export function meaningOf(statement: Statement | undefined, context: Context): Meaning {
  if (statement === undefined) return NOTHING;
  const { IPSetReferenceStatement: set, LabelMatchStatement: label } = statement;
  const { OrStatement: or, AndStatement: and, NotStatement: not } = statement;
  const { RateBasedStatement: rate, ManagedRuleGroupStatement: group } = statement;
  if (set !== undefined) return ofSet(set);
  if (label !== undefined) return ofLabel(label, context);
  if (or !== undefined) return either((or.Statements ?? []).map((each) => meaningOf(each, context)));
  if (and !== undefined) return together((and.Statements ?? []).map((each) => meaningOf(each, context)));
  const { references, spares, only, mentioned } = meaningOf(
    not?.Statement ?? rate?.ScopeDownStatement ?? group?.ScopeDownStatement,
    context,
  );
  if (not !== undefined) return { references: spares, spares: references, only: null, mentioned };
  // Only whoever sends too much, or what a group of somebody else's finds: and nobody outside the scope.
  return { references: [], spares, only, mentioned };
}
