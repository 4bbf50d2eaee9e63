/** Invalidations, of distributions and of tenants: accepted whole or not at all, bounded by what is in progress, and completed after a while. */

import { Invalidation$, InvalidationSummary$ } from '@aws-sdk/client-cloudfront';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, type Clock, type Operation, type Shape, type World } from '../../engine/model.ts';
import { parseDuration } from '../../world/duration.ts';
import { outputOf } from '../ec2/shape.ts';
import { isShape, list, part, show } from '../ec2/state.ts';
import { demandDistribution } from './distributions.ts';
import { page } from './pages.ts';
import { demandMember, isMultiTenant, keeper, letters, LENGTH, nounOf, records } from './state.ts';
import { demandTenant } from './tenants.ts';

const REFERENCE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_';

const whole = outputOf(Invalidation$);
const summary = outputOf(InvalidationSummary$);

/** What has a cache of its own. */
export const CACHED = ['Distributions', 'DistributionTenants'] as const;
export type Cached = (typeof CACHED)[number];

export function isCached(collection: string): collection is Cached {
  return CACHED.some((each) => each === collection);
}

/** Sources: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html, API_CreateInvalidation (BatchTooLarge). */
const [MOST_FILES, MOST_WILDCARDS, MOST_IN_A_BATCH] = [3_000, 15, 3_000];

const MOST_CHARACTERS = 4_000;

/** Requests were throttled after six or seven quick ones: https://github.com/aws/aws-sdk-js/issues/3983. No rate is published. */
const RATE = { size: 6, perSecond: 1 };
const RATE_ASSUMED = 'cloudfront: of CreateInvalidation six go at once, and one a second';

const buckets = new WeakMap<Clock, { readonly tokens: number; readonly atMs: number }>();

function draw(world: World): void {
  const { clock } = keeper(world);
  const now = clock.now();
  const before = buckets.get(clock) ?? { tokens: RATE.size, atMs: now };
  const tokens = Math.min(RATE.size, before.tokens + ((now - before.atMs) / 1_000) * RATE.perSecond);
  buckets.set(clock, { tokens: Math.max(0, tokens - 1), atMs: now });
  if (tokens >= 1) return;
  world.assume(RATE_ASSUMED);
  throw awsError('Throttling', 'Rate exceeded');
}

/** How long an invalidation takes where the distribution does not say it. "Usually within a minute": the developer guide's words are vaguer. */
const TAKES_MS = 60_000;
const TAKES_ASSUMED = 'cloudfront: an invalidation takes a minute, and all of it is completed at once';

function takesMs(holder: Shape): number {
  return parseDuration(show(holder['InvalidationTakes'])) ?? TAKES_MS;
}

/** A distribution or a tenant, with the name of the operation that asks. */
interface Holder {
  readonly call: string;
  readonly collection: Cached;
  readonly record: Shape;
}

/** All invalidations of one; of a pasted one that does not say them they are not known. */
function invalidationsOf(world: World, { call, collection, record }: Holder): readonly Shape[] {
  // Where none is in progress those before are over, whatever they were.
  const areOver = record['InProgressInvalidationBatches'] === 0;
  if (world.isPasted && !areOver) demandMember(call, collection, record, 'Invalidations');
  return list(record, 'Invalidations');
}

function inProgress(invalidations: readonly Shape[]): readonly Shape[] {
  return invalidations.filter(({ Status: status }) => status === 'InProgress');
}

function itemsOf(invalidation: Shape): readonly string[] {
  const items = part(part(invalidation, 'InvalidationBatch'), 'Paths')['Items'];
  return Array.isArray(items) ? items.map(show) : [];
}

function isWildcard(item: string): boolean {
  return item.startsWith('/') && item.endsWith('*');
}

/**
 * Characters that RFC 1738 calls unsafe, and such that are not of ASCII, have to be encoded; a tilde is refused as it is
 * (https://github.com/aws/aws-sdk-js-v3/issues/4042); a `*` is the last character or refused. An escape is taken, whatever it stands for.
 */
const PATH = /^\/(?:[!$&'()+,\-./0-9:;=?@A-Z_a-z]|%[0-9A-Fa-f]{2})*\*?$/u;
const TAG = /^#[\u0021-\u002b\u002d-\u007e]{1,256}$/u;

function isTaken(holder: Shape, item: string): boolean {
  const refused: unknown = holder['RefusedPaths'];
  if (Array.isArray(refused) && refused.includes(item)) return false;
  return item.length <= MOST_CHARACTERS && (PATH.test(item) || TAG.test(item));
}

/** The message names no path: https://github.com/laurilehmijoki/s3_website/issues/63. */
function demandPaths(holder: Shape, items: readonly string[]): void {
  if (items.length > 0 && items.every((item) => isTaken(holder, item))) return;
  throw awsError('InvalidArgument', 'Your request contains one or more invalid invalidation paths.');
}

/** That cache tags count as files is not documented. */
const TAGS_ASSUMED = 'cloudfront: a cache tag in progress counts as a file';

function demandRoom(world: World, invalidations: readonly Shape[], items: readonly string[]): void {
  const now = inProgress(invalidations).flatMap(itemsOf);
  if (items.some((item) => item.startsWith('#'))) world.assume(TAGS_ASSUMED);
  const counted = (wanted: boolean): readonly [number, number] => [
    items.filter((item) => isWildcard(item) === wanted).length,
    now.filter((item) => isWildcard(item) === wanted).length,
  ];
  const isOver = ([more, before]: readonly [number, number], most: number): boolean => more > 0 && before + more > most;
  if (!isOver(counted(true), MOST_WILDCARDS) && !isOver(counted(false), MOST_FILES)) return;
  throw awsError(
    'TooManyInvalidationsInProgress',
    'You have exceeded the maximum number of allowable InProgress invalidation batch requests, or invalidation objects.',
  );
}

/**
 * A reference that was used. That the same paths are answered with the first invalidation is documented
 * (API_InvalidationBatch), and was seen to be an error: https://github.com/aws/aws-cdk/issues/3878.
 */
const USED_ASSUMED = 'cloudfront: a CallerReference that was used with the same paths is InvalidArgument';

function demandReference(world: World, invalidations: readonly Shape[], batch: Shape, items: readonly string[]): void {
  const reference = show(batch['CallerReference']);
  if (reference === '') throw awsError('InvalidArgument', 'Your request lacks a caller reference.');
  const before = invalidations.find((one) => part(one, 'InvalidationBatch')['CallerReference'] === reference);
  if (before === undefined) return;
  if (itemsOf(before).join('\n') !== items.join('\n'))
    throw awsError(
      'InvalidationBatchAlreadyExists',
      'An invalidation batch with this caller reference exists already.',
    );
  world.assume(USED_ASSUMED);
  throw awsError(
    'InvalidArgument',
    'Your request contains a caller reference that was used for a previous invalidation batch for the same distribution.',
  );
}

/** Completes it when its time has come. */
function awaitCompletion(
  world: World,
  { collection, record }: Omit<Holder, 'call'>,
  invalidation: Shape,
  options?: { readonly background: true },
): void {
  const { clock } = world;
  const ms = Math.max(0, Date.parse(show(invalidation['CompletesAt'])) - clock.now());
  const complete = (): void => {
    const holder = records(keeper(world), collection).find((one) => one['Id'] === record['Id']);
    const own = list(holder, 'Invalidations').find((one) => one['Id'] === invalidation['Id']);
    if (own !== undefined) own['Status'] = 'Completed';
  };
  clock.after(ms, complete, options);
}

/** Whether tenants share what their distribution may have in progress is not documented: the words are "per distribution". */
const OF_EACH_TENANT = 'cloudfront: 3,000 files and 15 wildcards may be in progress at each tenant';

/** Takes a batch. */
function take(input: Shape, world: World, find: () => Holder): object {
  draw(world);
  const holder = find();
  const { collection, record } = holder;
  const batch = part(input, 'InvalidationBatch');
  const paths = part(batch, 'Paths');
  const items = Array.isArray(paths['Items']) ? paths['Items'].map(show) : [];
  if (Number(paths['Quantity']) !== items.length)
    throw awsError('InconsistentQuantities', "The value of Quantity and the size of Items don't match.");
  if (items.length > MOST_IN_A_BATCH)
    throw awsError('BatchTooLarge', 'Invalidation batch specified is too large.', 413);
  const before = invalidationsOf(world, holder);
  demandReference(world, before, batch, items);
  demandPaths(record, items);
  if (collection === 'DistributionTenants') world.assume(OF_EACH_TENANT);
  demandRoom(world, before, items);
  if (record['InvalidationTakes'] === undefined) world.assume(TAKES_ASSUMED);
  const { clock } = world;
  const id = show(record['Id']);
  const invalidation: Shape = {
    Id: `I${letters(`invalidation ${id} ${show(batch['CallerReference'])}`, LENGTH)}`,
    Status: 'InProgress',
    CreateTime: clock.iso(),
    CompletesAt: new Date(clock.now() + takesMs(record)).toISOString(),
    InvalidationBatch: structuredClone(batch),
  };
  record['Invalidations'] = [...before, invalidation];
  const known: unknown = record['InvalidatedPaths'];
  record['InvalidatedPaths'] = [...new Set([...(Array.isArray(known) ? known.map(show) : []), ...items])].toSorted();
  awaitCompletion(world, holder, invalidation);
  const path = `${nounOf(collection)}/${id}/invalidation/${show(invalidation['Id'])}`;
  return { Location: `https://cloudfront.amazonaws.com/2020-05-31/${path}`, Invalidation: whole(invalidation) };
}

function ofDistribution(call: string, world: World, Id: unknown): Holder {
  return { call, collection: 'Distributions', record: demandDistribution(world, { Id }) };
}

function ofTenant(call: string, world: World, id: unknown): Holder {
  return { call, collection: 'DistributionTenants', record: demandTenant(call, world, ({ Id }) => Id === id) };
}

function createInvalidation(input: Shape, world: World): object {
  return take(input, world, () => {
    const holder = ofDistribution('cloudfront:CreateInvalidation', world, input['DistributionId']);
    // A user of the API was answered so: https://github.com/domits1/Domits/pull/3250.
    if (isMultiTenant(holder.record))
      throw awsError('NoSuchDistribution', 'The specified distribution does not exist.', 404);
    return holder;
  });
}

function createForTenant(input: Shape, world: World): object {
  const call = 'cloudfront:CreateInvalidationForDistributionTenant';
  return take(input, world, () => ofTenant(call, world, input['Id']));
}

function read(world: World, holder: Holder, id: unknown): object {
  const found = invalidationsOf(world, holder).find((one) => one['Id'] === id);
  if (found === undefined) throw awsError('NoSuchInvalidation', 'The specified invalidation does not exist.', 404);
  return { Invalidation: whole(found) };
}

function getInvalidation({ DistributionId: of, Id: id }: Shape, world: World): object {
  return read(world, ofDistribution('cloudfront:GetInvalidation', world, of), id);
}

function getForTenant({ DistributionTenantId: of, Id: id }: Shape, world: World): object {
  return read(world, ofTenant('cloudfront:GetInvalidationForDistributionTenant', world, of), id);
}

/** Newest first. Source: API_ListInvalidations (Marker). */
function listing(input: Shape, world: World, holder: Holder): object {
  const newest = invalidationsOf(world, holder)
    .toReversed()
    .toSorted((a, b) => Date.parse(show(b['CreateTime'])) - Date.parse(show(a['CreateTime'])));
  return { InvalidationList: page(input, newest, summary) };
}

function listInvalidations(input: Shape, world: World): object {
  return listing(input, world, ofDistribution('cloudfront:ListInvalidations', world, input['DistributionId']));
}

function listForTenant(input: Shape, world: World): object {
  return listing(input, world, ofTenant('cloudfront:ListInvalidationsForDistributionTenant', world, input['Id']));
}

function completeInvalidation(world: World, holder: Omit<Holder, 'call'>, invalidation: Shape, at: string): void {
  const batch = invalidation['InvalidationBatch'];
  if (!isShape(batch) || !isShape(batch['Paths']))
    throw new BadInputError(`${at}.InvalidationBatch`, 'must say its Paths, as get-invalidation prints them');
  batch['CallerReference'] ??= show(invalidation['Id']);
  batch['Paths']['Quantity'] ??= itemsOf(invalidation).length;
  invalidation['CreateTime'] ??= world.clock.iso();
  const createdMs = Date.parse(show(invalidation['CreateTime']));
  invalidation['CompletesAt'] ??= new Date(createdMs + takesMs(holder.record)).toISOString();
  const isOver = Date.parse(show(invalidation['CompletesAt'])) <= world.clock.now();
  invalidation['Status'] ??= isOver ? 'Completed' : 'InProgress';
  if (invalidation['Status'] === 'InProgress') awaitCompletion(world, holder, invalidation, { background: true });
}

/**
 * Completes the invalidations of a distribution or a tenant, as a world file or a script says them: other people's.
 * @throws BadInputError with the path of what is missing
 */
export function completeInvalidations(world: World, collection: Cached, record: Shape, at: string): void {
  for (const [index, invalidation] of list(record, 'Invalidations').entries())
    completeInvalidation(world, { collection, record }, invalidation, `${at}.Invalidations[${index}]`);
}

function operation(kind: Operation['kind'], name: string, run: Operation['run']): Operation {
  return { kind, grade: 'documented', source: `${REFERENCE}${name}.html`, run };
}

export const invalidationOperations: { readonly [operation: string]: Operation } = {
  CreateInvalidation: operation('write', 'CreateInvalidation', createInvalidation),
  GetInvalidation: operation('read', 'GetInvalidation', getInvalidation),
  ListInvalidations: operation('read', 'ListInvalidations', listInvalidations),
  CreateInvalidationForDistributionTenant: operation(
    'write',
    'CreateInvalidationForDistributionTenant',
    createForTenant,
  ),
  GetInvalidationForDistributionTenant: operation('read', 'GetInvalidationForDistributionTenant', getForTenant),
  ListInvalidationsForDistributionTenant: operation('read', 'ListInvalidationsForDistributionTenant', listForTenant),
};
