/** Invalidations: accepted whole or not at all, bounded by what is in progress, and completed after a while. */

import { Invalidation$, InvalidationSummary$ } from '@aws-sdk/client-cloudfront';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, type Clock, type Operation, type Shape, type World } from '../../engine/model.ts';
import { parseDuration } from '../../world/duration.ts';
import { outputOf } from '../ec2/shape.ts';
import { isShape, list, part, show } from '../ec2/state.ts';
import { demandDistribution } from './distributions.ts';
import { page } from './pages.ts';
import { demandMember, keeper, letters, LENGTH, records } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_';

const whole = outputOf(Invalidation$);
const summary = outputOf(InvalidationSummary$);

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

function takesMs(distribution: Shape): number {
  return parseDuration(show(distribution['InvalidationTakes'])) ?? TAKES_MS;
}

/** All invalidations of a distribution; of a pasted one that does not say them they are not known. */
function invalidationsOf(call: string, world: World, distribution: Shape): readonly Shape[] {
  // Where none is in progress those before are over, whatever they were.
  const areOver = distribution['InProgressInvalidationBatches'] === 0;
  if (world.isPasted && !areOver) demandMember(call, 'Distributions', distribution, 'Invalidations');
  return list(distribution, 'Invalidations');
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

function isTaken(distribution: Shape, item: string): boolean {
  const refused: unknown = distribution['RefusedPaths'];
  if (Array.isArray(refused) && refused.includes(item)) return false;
  return item.length <= MOST_CHARACTERS && (PATH.test(item) || TAG.test(item));
}

/** The message names no path: https://github.com/laurilehmijoki/s3_website/issues/63. */
function demandPaths(distribution: Shape, items: readonly string[]): void {
  if (items.length > 0 && items.every((item) => isTaken(distribution, item))) return;
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
function awaitCompletion(world: World, id: string, invalidation: Shape, options?: { readonly background: true }): void {
  const { clock } = world;
  const ms = Math.max(0, Date.parse(show(invalidation['CompletesAt'])) - clock.now());
  const complete = (): void => {
    const distribution = records(keeper(world), 'Distributions').find((one) => one['Id'] === id);
    const own = list(distribution, 'Invalidations').find((one) => one['Id'] === invalidation['Id']);
    if (own !== undefined) own['Status'] = 'Completed';
  };
  clock.after(ms, complete, options);
}

function createInvalidation(input: Shape, world: World): object {
  const call = 'cloudfront:CreateInvalidation';
  draw(world);
  const distribution = demandDistribution(world, { Id: input['DistributionId'] });
  const batch = part(input, 'InvalidationBatch');
  const paths = part(batch, 'Paths');
  const items = Array.isArray(paths['Items']) ? paths['Items'].map(show) : [];
  if (Number(paths['Quantity']) !== items.length)
    throw awsError('InconsistentQuantities', "The value of Quantity and the size of Items don't match.");
  if (items.length > MOST_IN_A_BATCH)
    throw awsError('BatchTooLarge', 'Invalidation batch specified is too large.', 413);
  const before = invalidationsOf(call, world, distribution);
  demandReference(world, before, batch, items);
  demandPaths(distribution, items);
  demandRoom(world, before, items);
  if (distribution['InvalidationTakes'] === undefined) world.assume(TAKES_ASSUMED);
  const { clock } = world;
  const id = show(distribution['Id']);
  const invalidation: Shape = {
    Id: `I${letters(`invalidation ${id} ${show(batch['CallerReference'])}`, LENGTH)}`,
    Status: 'InProgress',
    CreateTime: clock.iso(),
    CompletesAt: new Date(clock.now() + takesMs(distribution)).toISOString(),
    InvalidationBatch: structuredClone(batch),
  };
  distribution['Invalidations'] = [...before, invalidation];
  const known: unknown = distribution['InvalidatedPaths'];
  distribution['InvalidatedPaths'] = [
    ...new Set([...(Array.isArray(known) ? known.map(show) : []), ...items]),
  ].toSorted();
  awaitCompletion(world, id, invalidation);
  return {
    Location: `https://cloudfront.amazonaws.com/2020-05-31/distribution/${id}/invalidation/${show(invalidation['Id'])}`,
    Invalidation: whole(invalidation),
  };
}

function getInvalidation({ DistributionId: of, Id: id }: Shape, world: World): object {
  const distribution = demandDistribution(world, { Id: of });
  const found = invalidationsOf('cloudfront:GetInvalidation', world, distribution).find((one) => one['Id'] === id);
  if (found === undefined) throw awsError('NoSuchInvalidation', 'The specified invalidation does not exist.', 404);
  return { Invalidation: whole(found) };
}

/** Newest first. Source: API_ListInvalidations (Marker). */
function listInvalidations(input: Shape, world: World): object {
  const distribution = demandDistribution(world, { Id: input['DistributionId'] });
  const all = invalidationsOf('cloudfront:ListInvalidations', world, distribution);
  const newest = all
    .toReversed()
    .toSorted((a, b) => Date.parse(show(b['CreateTime'])) - Date.parse(show(a['CreateTime'])));
  return { InvalidationList: page(input, newest, summary) };
}

function completeInvalidation(world: World, distribution: Shape, invalidation: Shape, at: string): void {
  const batch = invalidation['InvalidationBatch'];
  if (!isShape(batch) || !isShape(batch['Paths']))
    throw new BadInputError(`${at}.InvalidationBatch`, 'must say its Paths, as get-invalidation prints them');
  batch['CallerReference'] ??= show(invalidation['Id']);
  batch['Paths']['Quantity'] ??= itemsOf(invalidation).length;
  invalidation['CreateTime'] ??= world.clock.iso();
  const createdMs = Date.parse(show(invalidation['CreateTime']));
  invalidation['CompletesAt'] ??= new Date(createdMs + takesMs(distribution)).toISOString();
  const isOver = Date.parse(show(invalidation['CompletesAt'])) <= world.clock.now();
  invalidation['Status'] ??= isOver ? 'Completed' : 'InProgress';
  if (invalidation['Status'] === 'InProgress')
    awaitCompletion(world, show(distribution['Id']), invalidation, { background: true });
}

/**
 * Completes a distribution's invalidations, as a world file or a script says them: other people's.
 * @throws BadInputError with the path of what is missing
 */
export function completeInvalidations(world: World, distribution: Shape, at: string): void {
  for (const [index, invalidation] of list(distribution, 'Invalidations').entries())
    completeInvalidation(world, distribution, invalidation, `${at}.Invalidations[${index}]`);
}

function operation(kind: Operation['kind'], name: string, run: Operation['run']): Operation {
  return { kind, grade: 'documented', source: `${REFERENCE}${name}.html`, run };
}

export const invalidationOperations: { readonly [operation: string]: Operation } = {
  CreateInvalidation: operation('write', 'CreateInvalidation', createInvalidation),
  GetInvalidation: operation('read', 'GetInvalidation', getInvalidation),
  ListInvalidations: operation('read', 'ListInvalidations', listInvalidations),
};
