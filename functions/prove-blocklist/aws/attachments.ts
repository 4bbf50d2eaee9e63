/** What web ACLs are attached to. AWS answers that seldom, so what was read last is remembered, and read again only when it is old. */

import { CloudFrontClient, ListDistributionsByWebACLIdCommand } from '@aws-sdk/client-cloudfront';
import { ListResourcesForWebACLCommand, WAFV2Client, type ResourceType } from '@aws-sdk/client-wafv2';
import { attempted, type Reading } from '../../../shared/aws/attempted.ts';
import { client } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import { memoryKey, type Attached } from '../decide.ts';
import type { ReadAcl } from './web-acls.ts';

/**
 * How old a reading is before there is another. AWS answers `ListResourcesForWebACL` once a second to all callers of an account, and 6 to
 * 12 times to a whole organization (AWS WAF quotas). A quarter of an hour, less what one tick may come earlier than another.
 */
const OLD_MS = 870_000;

/** Half of what the account has: people and consoles ask the same. */
const BETWEEN_LISTINGS_MS = 2_000;

/** Web ACLs that one run reads again, the oldest readings first: six types each, two seconds apart, fit into the function's time. */
const MOST_READ = 15;

/** ARNs that are kept by name. */
const NAMED = 20;

/** What a regional web ACL may be attached to; a listing is of one type. Source: the SDK, ResourceType without what is CloudFront's. */
const TYPES: readonly ResourceType[] = [
  'APPLICATION_LOAD_BALANCER',
  'API_GATEWAY',
  'APPSYNC',
  'COGNITO_USER_POOL',
  'APP_RUNNER_SERVICE',
  'VERIFIED_ACCESS_INSTANCE',
];

/** A reading, and whether it is of this run. */
export interface Attachment {
  readonly attached: Attached | null;
  readonly isReadNow: boolean;
  readonly unread: readonly string[];
}

/** What cannot be understood is read again. */
function rememberedIn(text: string | undefined): Attached | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isJsonObject(value) ? attachedIn(value) : null;
  } catch {
    return null;
  }
}

function attachedIn({ at, readAt, isWhole, count, hadSome, names }: JsonObject): Attached | null {
  if (typeof at !== 'string' || typeof readAt !== 'string' || typeof count !== 'number') return null;
  const texts = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  return { at, readAt, isWhole: isWhole === true, count, hadSome: hadSome === true || count > 0, names: texts };
}

async function distributionsOf({ arn }: ReadAcl, io: Io): Promise<readonly string[]> {
  const all: string[] = [];
  let marker: string | undefined;
  do {
    const command = new ListDistributionsByWebACLIdCommand({ WebACLId: arn, Marker: marker });
    // CloudFront has one endpoint, whatever the Region.
    const { DistributionList: list } = await client(CloudFrontClient, { region: 'us-east-1' }).send(command, {
      abortSignal: io.signal,
    });
    all.push(...(list?.Items ?? []).map(({ ARN, Id }) => ARN ?? Id ?? ''));
    marker = list?.IsTruncated === true ? list.NextMarker : undefined;
  } while (marker !== undefined);
  return all;
}

async function resourcesOf({ arn }: ReadAcl, type: ResourceType, io: Io): Promise<readonly string[]> {
  const command = new ListResourcesForWebACLCommand({ WebACLArn: arn, ResourceType: type });
  const { ResourceArns = [] } = await client(WAFV2Client).send(command, { abortSignal: io.signal });
  return ResourceArns;
}

/** What one kind after the other says; a kind that does not answer holds up no other. */
async function listings(acl: ReadAcl, io: Io): Promise<readonly Reading<readonly string[]>[]> {
  const place = `what ${acl.name} is attached to`;
  if (acl.scope === 'CLOUDFRONT') return [await attempted(place, io, () => distributionsOf(acl, io))];
  const readings: Reading<readonly string[]>[] = [];
  for (const type of TYPES) {
    await io.sleep(BETWEEN_LISTINGS_MS);
    readings.push(await attempted(`${place} (${type})`, io, () => resourcesOf(acl, type, io)));
  }
  return readings;
}

/** Asks. A reading that failed counts as one: it is not asked for again before its time, and what was known before stands. */
async function readOne(acl: ReadAcl, before: Attached | null, io: Io): Promise<Attachment> {
  const at = io.now();
  const readings = await listings(acl, io);
  const arns = readings.flatMap(({ value }) => value ?? []);
  const unread = readings.flatMap((each) => each.unread);
  const isWhole = unread.length === 0;
  const isNews = isWhole || arns.length > 0 || before === null;
  const hadSome = arns.length > 0 || before?.hadSome === true;
  const now = { at, readAt: at, isWhole, count: arns.length, hadSome, names: arns.slice(0, NAMED) };
  return { attached: isNews ? now : { ...before, at, isWhole }, isReadNow: true, unread };
}

/** What is remembered of attachments, and whether this run may read them. */
export interface Remembered {
  readonly memory: { readonly [key: string]: string };
  /** A dry run writes nothing down, so it may not read them either: two in a row would. */
  readonly mayRead: boolean;
}

/** By ARN, what each web ACL is attached to: as it is remembered, or read again where that is old. */
export async function readAttachments(
  acls: readonly ReadAcl[],
  { memory, mayRead }: Remembered,
  io: Io,
): Promise<ReadonlyMap<string, Attachment>> {
  const known = acls.map((acl) => ({ acl, attached: rememberedIn(memory[memoryKey(acl.id)]) }));
  const old = new Date(Date.parse(io.now()) - OLD_MS).toISOString();
  const due = known
    .filter(({ attached }) => mayRead && (attached === null || attached.at <= old))
    .toSorted((one, other) => ((one.attached?.at ?? '') < (other.attached?.at ?? '') ? -1 : 1))
    .slice(0, MOST_READ);
  const all = new Map<string, Attachment>(
    known.map(({ acl, attached }) => [acl.arn, { attached, isReadNow: false, unread: [] }]),
  );
  for (const { acl, attached } of due) all.set(acl.arn, await readOne(acl, attached, io));
  return all;
}
