/** CloudFront's invalidations, of distributions and of tenants: which there are, what is in them, and the calls that make one. */

import {
  CloudFrontClient,
  CreateInvalidationCommand,
  CreateInvalidationForDistributionTenantCommand,
  GetInvalidationCommand,
  GetInvalidationForDistributionTenantCommand,
  ListInvalidationsCommand,
  ListInvalidationsForDistributionTenantCommand,
  type Invalidation,
  type InvalidationBatch,
  type InvalidationList,
  type InvalidationSummary,
} from '@aws-sdk/client-cloudfront';
import { client } from '../../../shared/aws/clients.ts';
import { numberOf, objectOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName, RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';
import { paced } from '../../../shared/kernel/run/pace.ts';
import type { CacheName } from '../decide.ts';
import { GLOBAL } from './front.ts';

/** An invalidation with what is in it. */
export interface InvalidationRead {
  readonly id: string;
  readonly reference: string;
  readonly isCompleted: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly items: readonly string[];
}

/** What was read of the invalidations of one cache. */
export interface InvalidationsRead {
  /** Those that are in progress, and those that were made since; oldest first. */
  readonly invalidations: readonly InvalidationRead[];
  /** How many were left out, for there are too many. */
  readonly unread: number;
}

interface Listed {
  readonly id: string;
  readonly isCompleted: boolean;
  readonly createdAt: string;
}

function listedOf({ Id: id, Status: status, CreateTime: created }: InvalidationSummary): Listed {
  if (id === undefined || status === undefined || created === undefined)
    throw new TerminalError("CloudFront's listing lacks an invalidation's Id, Status or CreateTime");
  return { id, isCompleted: status === 'Completed', createdAt: created.toISOString() };
}

/** No invalidation was ever seen in progress for so long: what is older need not be listed. Assumed. */
const OLDEST_MS = 86_400_000;

/** Invalidations of which one look reads what is in them: each is a request, and CloudFront is soon throttled. Assumed. */
const MOST_READ = 100;

/** A listing that answers with more pages than a day can fill does not come to an end. */
const MOST_PAGES = 200;

/** A page of them. */
async function listed(
  { id, tenantOf }: CacheName,
  after: string | undefined,
  { signal: abortSignal }: Io,
): Promise<InvalidationList | undefined> {
  const front = client(CloudFrontClient, GLOBAL);
  const marker = after === undefined ? {} : { Marker: after };
  const answer = await (tenantOf === null
    ? front.send(new ListInvalidationsCommand({ DistributionId: id, ...marker }), { abortSignal })
    : front.send(new ListInvalidationsForDistributionTenantCommand({ Id: id, ...marker }), { abortSignal }));
  return answer.InvalidationList;
}

/**
 * What there is of them, newest first, as far back as it matters.
 * @param inProgress how many are in progress; `null`: not known, so that it is looked as far back as any could be
 */
async function listInvalidations(
  of: CacheName,
  since: string,
  inProgress: number | null,
  io: Io,
): Promise<readonly Listed[]> {
  const { id } = of;
  const found: Listed[] = [];
  const oldest = new Date(Date.parse(since) - OLDEST_MS).toISOString();
  let marker: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const list = await listed(of, marker, io);
    if (list === undefined) throw new TerminalError(`${id}: CloudFront's answer lacks the list of invalidations`);
    found.push(...(list.Items ?? []).map(listedOf));
    const last = found.at(-1)?.createdAt ?? since;
    const open = found.filter(({ isCompleted }) => !isCompleted).length;
    const isAllSeen = last < since && inProgress !== null && open >= inProgress;
    if (list.IsTruncated !== true || isAllSeen || last < oldest) return found;
    marker = list.NextMarker;
  }
  throw new TerminalError(`${id}: CloudFront's list of invalidations has no end`);
}

async function printed({ id: of, tenantOf }: CacheName, id: string, io: Io): Promise<Invalidation | undefined> {
  const front = client(CloudFrontClient, GLOBAL);
  const { signal: abortSignal } = io;
  try {
    const answer = await (tenantOf === null
      ? front.send(new GetInvalidationCommand({ DistributionId: of, Id: id }), { abortSignal })
      : front.send(new GetInvalidationForDistributionTenantCommand({ DistributionTenantId: of, Id: id }), {
          abortSignal,
        }));
    return answer.Invalidation;
  } catch (error) {
    // It has just been listed: the answer is older than the list.
    if (errorName(error) === 'NoSuchInvalidation') throw new RetryableError(`${of}: ${id} cannot be read yet`);
    throw error;
  }
}

async function readInvalidation(of: CacheName, { id }: Listed, io: Io): Promise<InvalidationRead> {
  const read = await printed(of, id, io);
  const { Status: status, CreateTime: created, InvalidationBatch: batch } = read ?? {};
  if (
    status === undefined ||
    created === undefined ||
    batch?.CallerReference === undefined ||
    batch.Paths === undefined
  )
    throw new TerminalError(`${of.id}: CloudFront's answer about ${id} lacks its Status, CreateTime or paths`);
  return {
    id,
    reference: batch.CallerReference,
    isCompleted: status === 'Completed',
    createdAt: created.toISOString(),
    items: batch.Paths.Items ?? [],
  };
}

/**
 * Reads what is in progress at a cache, and what was made there since.
 * @param inProgress how many CloudFront says are in progress; `null`: it does not say it
 * @param own ids of those that are read in any case
 */
export async function readInvalidations(
  of: CacheName,
  {
    since,
    inProgress,
    own,
  }: { readonly since: string; readonly inProgress: number | null; readonly own: ReadonlySet<string> },
  io: Io,
): Promise<InvalidationsRead> {
  const all = await listInvalidations(of, since, inProgress, io);
  const wanted = all
    .filter(({ isCompleted, createdAt }) => !isCompleted || createdAt >= since)
    .toSorted((one, other) => Number(own.has(other.id)) - Number(own.has(one.id)));
  const invalidations: InvalidationRead[] = [];
  // One after the other: a few quick requests are enough to be throttled.
  for (const each of wanted.slice(0, MOST_READ)) invalidations.push(await readInvalidation(of, each, io));
  const inOrder = invalidations.toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt));
  return { invalidations: inOrder, unread: Math.max(0, wanted.length - MOST_READ) };
}

/** CloudFront has taken this CallerReference before. */
class UsedReferenceError extends Error {
  override readonly name = 'CallerReferenceUsed';
}

/** The wording of an error that has the same name as that for a bad path. Source: https://github.com/aws/aws-cdk/issues/3878. */
const USED = /caller reference/iu;

/** The batch of a planned call. */
function batchOf(input: JsonObject): InvalidationBatch {
  const batch = objectOf(input, 'InvalidationBatch');
  const paths = objectOf(batch, 'Paths');
  return {
    CallerReference: textOf(batch, 'CallerReference'),
    Paths: { Quantity: numberOf(paths, 'Quantity'), Items: textsOf(paths, 'Items') },
  };
}

/** Hands a batch to CloudFront, and tells a reference that was used from a bad path. */
async function unlessUsed(sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (errorName(error) === 'InvalidArgument' && error instanceof Error && USED.test(error.message))
      throw new UsedReferenceError(error.message);
    throw error;
  }
}

/**
 * CloudFront publishes no rate: it was throttled after six or seven quick requests (https://github.com/aws/aws-sdk-js/issues/3983). One a
 * second, and a burst of four, are assumed.
 */
const PACE = paced({ name: 'cloudfront:CreateInvalidation', perSecond: 1, burst: 4 });

/**
 * Sources of the names: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html and
 * API_CreateInvalidationForDistributionTenant, and of one that they do not have:
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html (CallerReference). A reference that was used is no
 * success: what was taken under it is looked at.
 */
const MEANS: Change['means'] = {
  InvalidationBatchAlreadyExists: 'wait',
  CallerReferenceUsed: 'wait',
  TooManyInvalidationsInProgress: 'capacity',
  NoSuchDistribution: 'conflict',
  EntityNotFound: 'conflict',
  // One path that it does not take refuses all of them.
  InvalidArgument: 'refused',
  BatchTooLarge: 'refused',
};

/** Invalidates paths at a distribution. */
export const createInvalidation: Change = {
  send: (input, io) => {
    const command = new CreateInvalidationCommand({
      DistributionId: textOf(input, 'DistributionId'),
      InvalidationBatch: batchOf(input),
    });
    return unlessUsed(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
  },
  paced: PACE,
  means: MEANS,
};

/** Invalidates paths at a tenant. That both draw on one rate is assumed. */
export const createTenantInvalidation: Change = {
  send: (input, io) => {
    const command = new CreateInvalidationForDistributionTenantCommand({
      Id: textOf(input, 'Id'),
      InvalidationBatch: batchOf(input),
    });
    return unlessUsed(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
  },
  paced: PACE,
  means: MEANS,
};
