/** What the rules of a web ACL do with whoever is in a set: which block, what lets somebody in before, what they do instead. Pure. */

import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import type { Facts, SetReference, TaggedSet, WebAcl, WebRule } from './facts.ts';

/** What is said of a set at a web ACL. */
export type Status =
  | 'enforced'
  | 'not-referenced'
  | 'counts-only'
  | 'under-conditions'
  | 'behind-an-allow'
  | 'attached-to-nothing'
  | 'attachments-unread'
  | 'cannot-see-the-client'
  | 'judged-at-cloudfront';

export interface Judged {
  readonly status: Status;
  readonly said: string;
  /** It cannot see the client because CloudFront stands before it. */
  readonly isBehindCloudFront?: true;
}

/** A rule by which whoever is in a set is blocked, and where it looks for who that is. */
export interface Blocking {
  readonly rule: WebRule;
  readonly reference: SetReference;
}

/** Whether a rule of the web ACL names the set. */
export function refersTo({ rules }: Pick<WebAcl, 'rules'>, arns: ReadonlySet<string>): boolean {
  return rules.some(
    ({ references, spares, underConditions }) =>
      [...references, ...spares].some(({ arn }) => arns.has(arn)) || underConditions.some((arn) => arns.has(arn)),
  );
}

/** The rules by which the web ACL blocks whoever is in the set, each with what it looks at, the first first. */
export function blockingRules({ rules }: Pick<WebAcl, 'rules'>, arn: string): readonly Blocking[] {
  return rules
    .filter(({ action }) => action === 'Block')
    .flatMap((rule) => rule.references.filter((each) => each.arn === arn).map((reference) => ({ rule, reference })));
}

/** Whether an earlier rule may let in somebody whom a later one blocks. */
function letsIn(
  { action, only, spares }: WebRule,
  { arn, content }: TaggedSet,
  { forwarded }: SetReference,
  { allowSets }: Facts,
): boolean {
  if (action !== 'Allow') return false;
  // It sees the same of a request as the one that blocks, and leaves out whoever that one blocks.
  const isSpared = spares.some(
    (each) => each.arn === arn && JSON.stringify(each.forwarded) === JSON.stringify(forwarded),
  );
  if (isSpared) return false;
  if (only === null || content === null) return true;
  const blocked = indexOf(content.addresses);
  return only.some((allowedArn) => {
    const allowed = allowSets[allowedArn];
    return allowed === undefined || allowed.some((cidr) => blocked.overlapping(cidr).length > 0);
  });
}

/** What lets somebody of the set in before every rule that blocks; `undefined`: nothing does. */
export function judgeAhead(
  { rules, name }: WebAcl,
  set: TaggedSet,
  [first]: readonly Blocking[],
  facts: Facts,
): Judged | undefined {
  if (first === undefined) return undefined;
  const { rule, reference } = first;
  const ahead = rules.slice(0, rules.indexOf(rule)).find((each) => letsIn(each, set, reference, facts));
  if (ahead === undefined) return undefined;
  return {
    status: 'behind-an-allow',
    said: `rule ${ahead.name} (priority ${ahead.priority}) of ${name} may let in who is in ${set.name} before rule ${rule.name} (priority ${rule.priority})`,
  };
}

function whatDoes({ action, isOverridden }: WebRule): string {
  return isOverridden ? `has the action ${action} instead of its rule group's` : `has the action ${action}`;
}

/** Why no rule blocks whoever is in the set. */
export function judgeUnblocking({ rules, name }: WebAcl, set: TaggedSet): Judged {
  const referring = rules.filter(({ references }) => references.some(({ arn }) => arn === set.arn));
  const allowing = referring.find(({ action }) => action === 'Allow');
  if (allowing !== undefined)
    return { status: 'behind-an-allow', said: `rule ${allowing.name} of ${name} lets in whoever is in ${set.name}` };
  const blocking = rules.filter(({ action }) => action === 'Block');
  const narrowed = blocking.find(({ underConditions }) => underConditions.includes(set.arn));
  if (narrowed?.spares.some(({ arn }) => arn === set.arn) === true)
    return { status: 'under-conditions', said: `rule ${narrowed.name} of ${name} blocks nobody who is in ${set.name}` };
  if (narrowed !== undefined)
    return {
      status: 'under-conditions',
      said: `rule ${narrowed.name} of ${name} blocks whoever is in ${set.name} only under further conditions`,
    };
  // By a label the last one is who should have blocked.
  const other = referring.at(-1) ?? rules.find(({ underConditions }) => underConditions.includes(set.arn));
  const said =
    other === undefined ? 'no rule blocks' : `rule ${other.name} of ${name} ${whatDoes(other)}: it blocks nobody`;
  return { status: 'counts-only', said };
}
