/** What stands before and behind the tagged sets: their content, the web ACLs that name them, whom those let in first and have seen. */

import { attempted } from '../../../shared/aws/attempted.ts';
import { setIn, UNNUMBERED, type TaggedSetName } from '../../../shared/aws/blocklist/tagged-sets.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { refersTo, type Sample, type Scope, type TaggedSet, type WebAcl } from '../decide.ts';
import { readAttachments, type Attachment, type Remembered } from './attachments.ts';
import { BETWEEN_READINGS_MS } from './pauses.ts';
import { readCloudFrontRanges } from './networks.ts';
import { readSamples } from './samples.ts';
import { readContent } from './sets.ts';
import { readWebAcls, type ReadAcl } from './web-acls.ts';

export interface Web {
  readonly sets: readonly (TaggedSet & Pick<TaggedSetName, 'blocklist'>)[];
  /** Those that name one of the sets. */
  readonly webAcls: readonly WebAcl[];
  readonly allowSets: { readonly [arn: string]: readonly string[] };
  readonly cloudFrontRanges: readonly string[] | null;
  readonly unread: readonly string[];
  readonly unreadScopes: readonly Scope[];
}

async function readSets(sets: readonly TaggedSetName[], io: Io): Promise<Pick<Web, 'sets' | 'unread'>> {
  const read: Web['sets'][number][] = [];
  const unread: string[] = [];
  for (const set of sets) {
    await io.sleep(BETWEEN_READINGS_MS);
    const content = await attempted(`IP set ${set.name}`, io, () => readContent(set, io));
    unread.push(...content.unread);
    const { arn, name, scope, shard, blocklist } = set;
    read.push({ arn, name, scope, isNumbered: shard !== UNNUMBERED, blocklist, content: content.value });
  }
  return { sets: read, unread };
}

interface Acls {
  readonly acls: readonly ReadAcl[];
  readonly unread: readonly string[];
  readonly unreadScopes: readonly Scope[];
}

/** The web ACLs that name one of the sets, of the scopes that these have. */
async function readReferring(sets: readonly TaggedSetName[], io: Io): Promise<Acls> {
  const ours = new Set(sets.map(({ arn }) => arn));
  const scopes = [...new Set(sets.map(({ scope }) => scope))];
  const readings = await Promise.all(scopes.map(async (scope) => ({ scope, ...(await readWebAcls(scope, io)) })));
  return {
    acls: readings.flatMap(({ value }) => value ?? []).filter((acl) => refersTo(acl, ours)),
    unread: readings.flatMap(({ unread }) => unread),
    unreadScopes: readings.filter(({ unread }) => unread.length > 0).map(({ scope }) => scope),
  };
}

/** The sets by which rules let somebody in. */
async function readAllowSets(acls: readonly ReadAcl[], io: Io): Promise<Pick<Web, 'allowSets' | 'unread'>> {
  const letting = acls.flatMap(({ rules }) => rules.filter(({ action }) => action === 'Allow'));
  const arns = new Set(letting.flatMap(({ only }) => only ?? []));
  const allowSets: { [arn: string]: readonly string[] } = {};
  const unread: string[] = [];
  for (const set of [...arns].flatMap((arn) => setIn(arn) ?? [])) {
    await io.sleep(BETWEEN_READINGS_MS);
    const content = await attempted(`IP set ${set.name}`, io, () => readContent(set, io));
    unread.push(...content.unread);
    if (content.value !== null) allowSets[set.arn] = content.value.addresses;
  }
  return { allowSets, unread };
}

async function readAllSamples(
  acls: readonly ReadAcl[],
  ours: ReadonlySet<string>,
  io: Io,
): Promise<{ readonly samples: ReadonlyMap<string, readonly Sample[]>; readonly unread: readonly string[] }> {
  const samples = new Map<string, readonly Sample[]>();
  const unread: string[] = [];
  for (const acl of acls) {
    const read = await readSamples(acl, ours, io);
    unread.push(...read.unread);
    samples.set(acl.arn, read.value ?? []);
  }
  return { samples, unread };
}

/** What requests come from that pass CloudFront: only where a regional web ACL could see it. */
async function cloudFrontFor(acls: readonly ReadAcl[], io: Io): Promise<Pick<Web, 'cloudFrontRanges' | 'unread'>> {
  if (acls.every(({ scope }) => scope === 'CLOUDFRONT')) return { cloudFrontRanges: [], unread: [] };
  const read = await attempted("CloudFront's ranges", io, () => readCloudFrontRanges(io));
  return { cloudFrontRanges: read.value, unread: read.unread };
}

function joined(acl: ReadAcl, attachment: Attachment | undefined, samples: readonly Sample[] | undefined): WebAcl {
  const { arn, id, name, scope, rules, isSampled } = acl;
  const { attached = null, isReadNow = false } = attachment ?? {};
  return { arn, id, name, scope, rules, isSampled, attached, isReadNow, samples: samples ?? null };
}

/** Reads one thing after the other: WAF's quotas are those of the whole account. */
export async function readWeb(sets: readonly TaggedSetName[], remembered: Remembered, io: Io): Promise<Web> {
  const content = await readSets(sets, io);
  const { acls, unread, unreadScopes } = await readReferring(sets, io);
  const allowed = await readAllowSets(acls, io);
  const ours = new Set(sets.map(({ arn }) => arn));
  const seen = await readAllSamples(acls, ours, io);
  const cloudFront = await cloudFrontFor(acls, io);
  const attachments = await readAttachments(acls, remembered, io);
  const attached = [...attachments.values()];
  return {
    sets: content.sets,
    webAcls: acls.map((acl) => joined(acl, attachments.get(acl.arn), seen.samples.get(acl.arn))),
    allowSets: allowed.allowSets,
    cloudFrontRanges: cloudFront.cloudFrontRanges,
    unread: [content, { unread }, allowed, seen, cloudFront, ...attached].flatMap((each) => each.unread),
    unreadScopes,
  };
}
