/** The records of CloudFront, which stand in us-east-1, whatever Region asks: what a world file may leave out of them, and how they change. */

import { createHash } from 'node:crypto';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { GLOBAL_REGION, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { isShape, part, show } from '../ec2/state.ts';
import { faultOf, written } from './config.ts';

export const SERVICE = 'cloudfront';

/** The collections with the word for one of their records in ARNs. */
const NOUNS = {
  Distributions: 'distribution',
  DistributionTenants: 'distribution-tenant',
  AnycastIpLists: 'anycast-ip-list',
} as const;

export type Collection = keyof typeof NOUNS;

export function isCollection(name: string): name is Collection {
  return Object.hasOwn(NOUNS, name);
}

/** The word in ARNs and in paths for a record of a collection. */
export function nounOf(collection: Collection): string {
  return NOUNS[collection];
}

/** The collection that the record of an ARN would stand in. */
export function collectionOf(arn: string): Collection {
  const [, , , , , resource = ''] = arn.split(':');
  const [noun] = resource.split('/', 1);
  if (noun === NOUNS.AnycastIpLists) return 'AnycastIpLists';
  return noun === NOUNS.DistributionTenants ? 'DistributionTenants' : 'Distributions';
}

/** The records of a collection; `undefined` where nothing was ever said of any. */
function recordsGiven(world: World, collection: Collection): readonly Shape[] | undefined {
  return world.data[SERVICE]?.[collection];
}

/** Every record of a collection. */
export function records(world: World, collection: Collection): readonly Shape[] {
  return recordsGiven(world, collection) ?? [];
}

/**
 * Every record of a collection, for a listing.
 * @throws NotSimulatedError where a pasted world says nothing of any: none is not known to be there
 */
export function listed(call: string, world: World, collection: Collection): readonly Shape[] {
  const given = recordsGiven(world, collection);
  if (given !== undefined || !world.isPasted) return given ?? [];
  throw new NotSimulatedError(
    `${call}: no ${collection} were pasted; write "${SERVICE}": { "${collection}": [] } if there are none`,
  );
}

/** The world that keeps what is CloudFront's. */
export function keeper(world: World): World {
  return world.regions.get(GLOBAL_REGION) ?? world;
}

/** Capitals and digits that depend on a text only, as ids and entity tags of CloudFront are made of. */
export function letters(of: string, length: number): string {
  const digits = createHash('sha256').update(of).digest('hex').slice(0, 32);
  return BigInt(`0x${digits}`).toString(36).padStart(length, '0').slice(0, length).toUpperCase();
}

/** How long CloudFront's ids and entity tags are behind their first letter, as API_UpdateDistribution shows one. */
export const LENGTH = 13;

/** The record was changed: whoever has read it before holds an old entity tag. */
function renewTag(record: Shape): void {
  record['ETag'] = `E${letters(show(record['ETag']), LENGTH)}`;
}

/**
 * Until a change has reached all edge locations.
 * Source: https://aws.amazon.com/blogs/networking-and-content-delivery/slashing-cloudfront-change-propagation-times-in-2020-recent-changes-and-looking-forward/
 */
const DEPLOYED_AFTER_MS = 5 * 60_000;

/** It may be earlier, and at some edge locations it is. */
const FIVE_MINUTES = 'cloudfront: a change is deployed everywhere after five minutes';

/** Waits until what is under way is deployed; a later change is waited for by itself. */
function awaitDeployment(world: World, { Id: id, ETag: tag }: Shape): void {
  world.assume(FIVE_MINUTES);
  world.clock.after(DEPLOYED_AFTER_MS, () => {
    const record = records(keeper(world), 'Distributions').find((one) => one['Id'] === id);
    if (record?.['ETag'] === tag && record?.['Status'] === 'InProgress') record['Status'] = 'Deployed';
  });
}

/** Gives a distribution another configuration, which is on its way from now on. */
export function configure(world: World, record: Shape, config: Shape): void {
  record['DistributionConfig'] = config;
  record['Status'] = 'InProgress';
  record['LastModifiedTime'] = world.clock.iso();
  renewTag(record);
  awaitDeployment(world, record);
}

function completeDistribution(world: World, record: Shape, at: string): void {
  record['DomainName'] ??= `d${letters(`domain ${show(record['Id'])}`, LENGTH).toLowerCase()}.cloudfront.net`;
  record['Status'] ??= 'Deployed';
  const config = record['DistributionConfig'];
  if (!isShape(config)) return;
  // A word of whoever made it, which AWS always has, and asks for with each update: that it is the same is all that matters.
  config['CallerReference'] ??= show(record['Id']);
  if (world.isPasted) return;
  const whole = written(config, show(record['Id']));
  const fault = faultOf(whole);
  if (fault !== undefined) throw new BadInputError(`${at}.DistributionConfig`, `${fault.code}: ${fault.message}`);
  record['DistributionConfig'] = whole;
}

function completeIpList(record: Shape): void {
  record['Name'] ??= show(record['Id']);
  record['Status'] ??= 'Deployed';
  const addresses = record['AnycastIps'];
  if (Array.isArray(addresses)) record['IpCount'] ??= addresses.length;
}

/** Whether a distribution has no cache of its own: its tenants have. */
export function isMultiTenant(distribution: Shape): boolean {
  return configured(distribution)['ConnectionMode'] === 'tenant-only';
}

function completeTenant(world: World, record: Shape, at: string): void {
  record['Name'] ??= show(record['Id']);
  record['Enabled'] ??= true;
  record['Status'] ??= 'Deployed';
  record['CreatedTime'] ??= record['LastModifiedTime'];
  if (world.isPasted) return;
  record['Domains'] ??= [{ Domain: `${show(record['Name'])}.example.com`, Status: 'active' }];
  record['Parameters'] ??= [];
  const of = records(keeper(world), 'Distributions').find((one) => one['Id'] === record['DistributionId']);
  if (of === undefined || !isMultiTenant(of))
    throw new BadInputError(
      `${at}.DistributionId`,
      'must be that of a distribution whose configuration has the ConnectionMode tenant-only',
    );
}

/**
 * Completes a record of a world file or script.
 * @param at its path
 * @throws BadInputError with the path of what CloudFront could not hold
 */
export function complete(world: World, collection: Collection, record: Shape, at: string): void {
  const id = show(record['Id']);
  record[collection === 'Distributions' ? 'ARN' : 'Arn'] ??=
    `arn:aws:cloudfront::${world.account}:${NOUNS[collection]}/${id}`;
  record['LastModifiedTime'] ??= world.clock.iso();
  record['ETag'] ??= `E${letters(`${NOUNS[collection]} ${id}`, LENGTH)}`;
  if (!world.isPasted) record['Tags'] ??= [];
  if (collection === 'AnycastIpLists') completeIpList(record);
  else if (collection === 'DistributionTenants') completeTenant(world, record, at);
  else completeDistribution(world, record, at);
}

/** Brings the records of a file's top to where AWS keeps them. */
function moveAway(world: World, collection: Collection, given: readonly Shape[]): void {
  const there = keeper(world);
  if (there === world) return;
  const [home] = world.regions.keys();
  if (world.region !== home)
    throw new BadInputError(
      `${SERVICE}.${collection}`,
      `CloudFront is one for all Regions: write it at the top, or under regions.${GLOBAL_REGION}`,
    );
  const away = there.records(SERVICE, collection);
  for (const [index, record] of given.entries()) {
    if (away.some((one) => one['Id'] === record['Id']))
      throw new BadInputError(
        `${SERVICE}.${collection}[${index}].Id`,
        `${show(record['Id'])} is in regions.${GLOBAL_REGION}, too`,
      );
    away.push(record);
  }
  delete world.data[SERVICE]?.[collection];
}

/** Completes the service's part of a world file. */
export function startCloudFront(world: World): void {
  for (const collection of ['AnycastIpLists', 'Distributions', 'DistributionTenants'] as const) {
    const given = recordsGiven(world, collection);
    if (given === undefined) continue;
    // Tenants come last, for each is held against its distribution.
    for (const [index, record] of given.entries())
      complete(world, collection, record, `${SERVICE}.${collection}[${index}]`);
    moveAway(world, collection, given);
    if (collection === 'Distributions')
      for (const record of given) if (record['Status'] === 'InProgress') awaitDeployment(world, record);
  }
}

/** Where a record says what is configured: in its configuration, or, of a summary, beside its id. */
export function configured(record: Shape): Shape {
  return isShape(record['DistributionConfig']) ? part(record, 'DistributionConfig') : record;
}

/**
 * A member of a record that a summary does not print.
 * @throws NotSimulatedError where the world file does not hold it
 */
export function demandMember(call: string, collection: Collection, record: Shape, member: string): unknown {
  const value = record[member];
  if (value !== undefined) return value;
  throw new NotSimulatedError(
    `${call} of ${show(record['Id'])}: the world file does not say its ${member}; write it into ${SERVICE}.${collection}`,
  );
}
