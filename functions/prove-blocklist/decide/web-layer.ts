/** Whether a set is enforced: which web ACL refers to it, what lets the client in before, what the web ACL is attached to. Pure. */

import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import { named } from '../../../shared/judgement/blocklist/notes.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { counted } from './words.ts';
import type { Facts, SetReference, TaggedSet, WebAcl, WebRule } from './facts.ts';

type Status =
  | 'enforced'
  | 'not-referenced'
  | 'counts-only'
  | 'under-conditions'
  | 'behind-an-allow'
  | 'attached-to-nothing'
  | 'attachments-unread'
  | 'cannot-see-the-client';

/** What one web ACL does for one set. */
interface Layer {
  readonly set: string;
  readonly status: Status;
  /** Absent: no web ACL refers to the set. */
  readonly webAcl?: string;
  readonly said: string;
  readonly evidence: JsonObject;
}

/** Whether WAF would have to be mended for this: what is merely not used somewhere is nobody's harm. */
const HARMS: ReadonlySet<Status> = new Set([
  'counts-only',
  'under-conditions',
  'behind-an-allow',
  'cannot-see-the-client',
]);

/** The rule by which the web ACL blocks whoever is in the set, with what it looks at. */
export function blockingRule(
  { rules }: WebAcl,
  arn: string,
): { readonly rule: WebRule; readonly reference: SetReference } | undefined {
  for (const rule of rules) {
    const reference = rule.references.find((each) => each.arn === arn);
    if (rule.action === 'Block' && reference !== undefined) return { rule, reference };
  }
  return undefined;
}

/** Whether an earlier rule may let in somebody who is in the set. */
function letsIn({ action, only }: WebRule, { content }: TaggedSet, { allowSets }: Facts): boolean {
  if (action !== 'Allow') return false;
  if (only === null || content === null) return true;
  const blocked = indexOf(content.addresses);
  return only.some((arn) => {
    const allowed = allowSets[arn];
    return allowed === undefined || allowed.some((cidr) => blocked.overlapping(cidr).length > 0);
  });
}

interface Judged {
  readonly status: Status;
  readonly said: string;
}

/** Why a rule does not block whoever is in the set. */
function judgeUnblocking({ rules, name }: WebAcl, set: TaggedSet): Judged {
  const referring = rules.find(({ references }) => references.some(({ arn }) => arn === set.arn));
  if (referring?.action === 'Allow')
    return { status: 'behind-an-allow', said: `rule ${referring.name} of ${name} lets in whoever is in ${set.name}` };
  if (referring !== undefined)
    return {
      status: 'counts-only',
      said: `rule ${referring.name} of ${name} has the action ${referring.action}: it blocks nobody`,
    };
  const [narrowed] = rules.filter(({ underConditions }) => underConditions.includes(set.arn));
  return {
    status: 'under-conditions',
    said: `rule ${narrowed?.name ?? '?'} of ${name} blocks whoever is in ${set.name} only under further conditions`,
  };
}

/** Of whom the web ACL knows by the sender alone; `undefined`: it sees who they are, or nobody was seen. */
function whyBlind({ samples, scope }: WebAcl, { forwarded }: SetReference, facts: Facts): string | undefined {
  const clients = (samples ?? []).flatMap(({ client }) => client ?? []);
  if (clients.length === 0 || forwarded !== null || scope === 'CLOUDFRONT') return undefined;
  const cloudFront = indexOf(facts.cloudFrontRanges ?? []);
  const through = clients.filter((client) => cloudFront.overlapping(client).length > 0).length;
  if (through > 0)
    return `${through} of ${counted(clients.length, 'request')} that were sampled came from CloudFront: block in a set of scope CLOUDFRONT, or look into the header X-Forwarded-For`;
  if (clients.every((client) => specialUse(client) !== undefined))
    return `all requests that were sampled (${clients.length}) came from private addresses (a VPC origin, a proxy): block in front of that`;
  return undefined;
}

/** Of a reading that is not whole what there is counts, and that there is nothing does not. */
function isAttachmentKnown({ attached }: WebAcl): boolean {
  return attached !== null && (attached.isWhole || attached.count > 0);
}

function judge(acl: WebAcl, set: TaggedSet, facts: Facts): Judged {
  const { attached, name } = acl;
  const isKnown = isAttachmentKnown(acl);
  if (isKnown && attached?.count === 0)
    return { status: 'attached-to-nothing', said: `${name} is attached to nothing` };
  const blocking = blockingRule(acl, set.arn);
  if (blocking === undefined) return judgeUnblocking(acl, set);
  const { rule, reference } = blocking;
  const ahead = acl.rules.slice(0, acl.rules.indexOf(rule)).find((each) => letsIn(each, set, facts));
  if (ahead !== undefined)
    return {
      status: 'behind-an-allow',
      said: `rule ${ahead.name} (priority ${ahead.priority}) of ${name} may let in who is in ${set.name} before rule ${rule.name} (priority ${rule.priority})`,
    };
  const blind = whyBlind(acl, reference, facts);
  if (blind !== undefined) return { status: 'cannot-see-the-client', said: `${name}: ${blind}` };
  if (!isKnown) return { status: 'attachments-unread', said: `what ${name} is attached to is not known` };
  return {
    status: 'enforced',
    said: `rule ${rule.name} of ${name} blocks, at ${counted(attached?.count ?? 0, 'resource')}`,
  };
}

function secondsBetween(then: string, now: string): number {
  return Math.round((Date.parse(now) - Date.parse(then)) / 1_000);
}

function evidenceOf(acl: WebAcl, set: TaggedSet, { status, said }: Judged, now: string): JsonObject {
  const { attached, rules } = acl;
  const groups = rules.filter(({ action }) => action === 'Group').map(({ name }) => name);
  return {
    set: set.name,
    webAcl: acl.name,
    status,
    said,
    ...(attached === null
      ? {}
      : {
          attachedTo: attached.count,
          resources: named(attached.names),
          attachmentsReadAt: attached.readAt,
          attachmentsAgeSeconds: secondsBetween(attached.readAt, now),
          ...(attached.isWhole ? {} : { attachedToMore: 'perhaps: not all kinds of resources answered' }),
        }),
    ...(groups.length === 0 ? {} : { ruleGroupsNotLookedInto: named(groups) }),
  };
}

function refersTo({ rules }: WebAcl, { arn }: TaggedSet): boolean {
  return rules.some(
    ({ references, underConditions }) =>
      references.some((reference) => reference.arn === arn) || underConditions.includes(arn),
  );
}

/** What each web ACL that refers to a set does for it; one entry where none does. */
function layersOf(set: TaggedSet, facts: Facts, now: string): readonly Layer[] {
  const referring = facts.webAcls.filter((acl) => acl.scope === set.scope && refersTo(acl, set));
  if (referring.length === 0) {
    const said = `no rule of any web ACL of scope ${set.scope} refers to ${set.name}`;
    const status = 'not-referenced';
    return [{ set: set.name, status, said, evidence: { set: set.name, status, said } }];
  }
  return referring.map((acl) => {
    const judged = judge(acl, set, facts);
    return { set: set.name, webAcl: acl.name, ...judged, evidence: evidenceOf(acl, set, judged, now) };
  });
}

/** Whether something that could refer to the set was not read: a web ACL, or a rule group of the account's own. */
function isBlind({ unreadScopes, webAcls }: Facts, set: TaggedSet | undefined): boolean {
  const near = webAcls.filter(({ scope }) => scope === set?.scope);
  const asksGroups = near.some(({ rules }) => rules.some(({ asksOwnGroup }) => asksOwnGroup === true));
  return asksGroups || unreadScopes.some((scope) => scope === set?.scope);
}

export interface WebLayers {
  readonly layers: readonly Layer[];
  /** In words, what is not enforced and has to be mended. */
  readonly faults: readonly string[];
  /** In words, what nobody can say. */
  readonly unknown: readonly string[];
}

/** A set that nobody refers to is no harm where it could not be found out. */
function faultsOf(layers: readonly Layer[], isUnsure: boolean): Pick<WebLayers, 'faults' | 'unknown'> {
  const harmful = layers.filter(({ status }) => HARMS.has(status));
  const isEnforced = layers.some(({ status }) => status === 'enforced');
  const isUnread = layers.some(({ status }) => status === 'attachments-unread');
  const rest = layers.filter(({ status }) => !HARMS.has(status) && status !== 'enforced').map(({ said }) => said);
  const faults = harmful.map(({ said }) => said);
  if (isEnforced) return { faults, unknown: [] };
  if (isUnread || isUnsure) return { faults, unknown: rest };
  return { faults: [...faults, ...rest], unknown: [] };
}

/** Judges the sets. */
export function webLayersOf(facts: Facts, now: string): WebLayers {
  const bySet = facts.sets.map((set) => layersOf(set, facts, now));
  const judged = bySet.map((layers, index) => faultsOf(layers, isBlind(facts, facts.sets[index])));
  return {
    layers: bySet.flat(),
    faults: judged.flatMap(({ faults }) => faults),
    unknown: judged.flatMap(({ unknown }) => unknown),
  };
}
