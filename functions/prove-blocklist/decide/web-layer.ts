/** Whether a set is enforced: which web ACL refers to it, what lets the client in before, what the web ACL is attached to. Pure. */

import { named } from '../../../shared/judgement/blocklist/notes.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Facts, TaggedSet, WebAcl } from './facts.ts';
import { blockingRules, judgeAhead, judgeUnblocking, refersTo, type Judged, type Status } from './web-rules.ts';
import { attachmentOf, judgeSight } from './web-sight.ts';

/** What one web ACL does for one set. */
interface Layer {
  readonly set: string;
  readonly status: Status;
  /** Absent: no web ACL refers to the set. */
  readonly webAcl?: string;
  readonly said: string;
  readonly isBehindCloudFront?: true;
  readonly evidence: JsonObject;
}

/** Whether WAF would have to be mended for this: what is merely not used somewhere is nobody's harm. */
const HARMS: ReadonlySet<Status> = new Set([
  'counts-only',
  'under-conditions',
  'behind-an-allow',
  'cannot-see-the-client',
]);

/** What is as it should be. */
const WELL: ReadonlySet<Status> = new Set(['enforced', 'judged-at-cloudfront']);

function judge(acl: WebAcl, set: TaggedSet, facts: Facts, now: string): Judged {
  const { name } = acl;
  const attachment = attachmentOf(acl, now);
  if (attachment.is === 'nothing') return { status: 'attached-to-nothing', said: attachment.said };
  // Whoever has it is not known, so nobody is harmed for certain by what its rules do.
  if (attachment.is === 'unlisted') return { status: 'attachments-unread', said: attachment.said };
  const blocking = blockingRules(acl, set.arn);
  const [first] = blocking;
  if (first === undefined) return judgeUnblocking(acl, set);
  const ahead = judgeAhead(acl, set, blocking, facts);
  if (ahead !== undefined) return ahead;
  const blind = judgeSight(acl, blocking, facts);
  if (blind !== undefined) return { ...blind, said: `${name}: ${blind.said}` };
  if (attachment.is === 'unknown') return { status: 'attachments-unread', said: attachment.said };
  return { status: 'enforced', said: `rule ${first.rule.name} of ${name} blocks, ${attachment.said}` };
}

function secondsBetween(then: string, now: string): number {
  return Math.round((Date.parse(now) - Date.parse(then)) / 1_000);
}

/** Rules that matter for the set and of which WAF keeps no samples: whom they have met with nobody can see. */
function unsampled({ rules, isSampled }: WebAcl, { arn }: TaggedSet): readonly string[] {
  const matter = rules.filter(
    ({ action, references }) => action === 'Allow' || references.some((each) => each.arn === arn),
  );
  const off = matter.filter((rule) => !rule.isSampled).map(({ name }) => name);
  return isSampled ? off : [...off, 'the default action'];
}

function attachedIn({ attached }: WebAcl, now: string): JsonObject {
  if (attached === null) return {};
  return {
    attachedTo: attached.count,
    resources: named(attached.names),
    attachmentsReadAt: attached.readAt,
    attachmentsAgeSeconds: secondsBetween(attached.readAt, now),
    ...(attached.isWhole ? {} : { attachedToMore: 'perhaps: not all kinds of resources answered' }),
  };
}

function evidenceOf(acl: WebAcl, set: TaggedSet, { status, said }: Judged, now: string): JsonObject {
  const groups = acl.rules.filter(({ action }) => action === 'Group').map(({ name }) => name);
  const unseen = unsampled(acl, set);
  return {
    set: set.name,
    webAcl: acl.name,
    status,
    said,
    ...attachedIn(acl, now),
    ...(groups.length === 0 ? {} : { ruleGroupsNotLookedInto: named(groups) }),
    ...(unseen.length === 0 ? {} : { samplesSwitchedOff: named(unseen) }),
  };
}

/** What each web ACL that refers to a set does for it; one entry where none does. */
function layersOf(set: TaggedSet, facts: Facts, now: string): readonly Layer[] {
  const referring = facts.webAcls.filter((acl) => acl.scope === set.scope && refersTo(acl, new Set([set.arn])));
  if (referring.length === 0) {
    const said = `no rule of any web ACL of scope ${set.scope} refers to ${set.name}`;
    const status = 'not-referenced';
    return [{ set: set.name, status, said, evidence: { set: set.name, status, said } }];
  }
  return referring.map((acl) => {
    const judged = judge(acl, set, facts, now);
    return { set: set.name, webAcl: acl.name, ...judged, evidence: evidenceOf(acl, set, judged, now) };
  });
}

interface OfSet {
  readonly set: TaggedSet;
  readonly layers: readonly Layer[];
}

/** Requests that have passed CloudFront were judged there, where the blocklist is enforced there: a web ACL behind it blocks whoever comes by another way. */
function besideCloudFront({ set, layers }: OfSet, all: readonly OfSet[]): OfSet {
  const before = all.find(
    (other) =>
      other.set.scope === 'CLOUDFRONT' &&
      other.set.content?.family === set.content?.family &&
      other.layers.some(({ status }) => status === 'enforced'),
  );
  if (before === undefined || set.scope === 'CLOUDFRONT') return { set, layers };
  const status: Status = 'judged-at-cloudfront';
  const judged = layers.map((layer) => {
    if (layer.isBehindCloudFront !== true) return layer;
    const said = `who comes to ${layer.webAcl} by CloudFront is judged there, by ${before.set.name}; by a distribution of somebody else's nobody is`;
    return { ...layer, status, said, evidence: { ...layer.evidence, status, said } };
  });
  return { set, layers: judged };
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
  const isEnforced = layers.some(({ status }) => WELL.has(status));
  const isUnread = layers.some(({ status }) => status === 'attachments-unread');
  const rest = layers.filter(({ status }) => !HARMS.has(status) && !WELL.has(status)).map(({ said }) => said);
  const faults = harmful.map(({ said }) => said);
  if (isEnforced) return { faults, unknown: [] };
  if (isUnread || isUnsure) return { faults, unknown: rest };
  return { faults: [...faults, ...rest], unknown: [] };
}

/** Judges the sets. */
export function webLayersOf(facts: Facts, now: string): WebLayers {
  const alone = facts.sets.map((set): OfSet => ({ set, layers: layersOf(set, facts, now) }));
  const bySet = alone.map((each) => besideCloudFront(each, alone));
  // Where a web ACL or a rule group was not read, it may be the one that refers to the set.
  const judged = bySet.map(({ set, layers }) => faultsOf(layers, facts.unreadScopes.includes(set.scope)));
  return {
    layers: bySet.flatMap(({ layers }) => layers),
    faults: judged.flatMap(({ faults }) => faults),
    unknown: judged.flatMap(({ unknown }) => unknown),
  };
}
