/** The simulated CloudFront: distributions under their entity tags, their tenants, and anycast static IP lists. One for all Regions. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { ServiceModel, Shape, World } from '../../engine/model.ts';
import { isShape, part, show } from '../ec2/state.ts';
import { ipListOperations } from './anycast-ip-lists.ts';
import { counted, faultOf } from './config.ts';
import { distributionOperations } from './distributions.ts';
import { completeInvalidations, invalidationOperations, isCached, CACHED, type Cached } from './invalidations.ts';
import { cloudFrontSchema } from './schema.ts';
import {
  complete,
  configure,
  isCollection,
  keeper,
  records,
  SERVICE,
  startCloudFront,
  type Collection,
} from './state.ts';
import { tenantOperations } from './tenants.ts';

/** A record appears, or is replaced as a whole. */
function put(world: World, collection: Collection, key: string, value: Shape, at: string): void {
  const record: Shape = { ...value, Id: key };
  complete(world, collection, record, at);
  if (isCached(collection)) completeInvalidations(keeper(world), collection, record, at);
  const all = keeper(world).records(SERVICE, collection);
  const index = all.findIndex((one) => one['Id'] === key);
  if (index < 0) all.push(record);
  else all[index] = record;
}

/** A configuration with one member changed, however deep; `null` takes it out. What is in a list is changed with the list. */
function changed(config: Shape, [first = '', ...rest]: readonly string[], value: unknown, at: string): Shape {
  if (Array.isArray(config[first]) && rest.length > 0)
    throw new BadInputError(at, 'set the whole list, or add with /+ and remove with /-');
  const inner = rest.length === 0 ? value : changed(part(config, first), rest, value, at);
  const { [first]: _before, ...others } = config;
  return inner === null ? others : { ...others, [first]: inner };
}

/** Other people's invalidations, as a whole list. */
function invalidate(
  world: World,
  collection: Cached,
  record: Shape | undefined,
  inside: readonly string[],
  value: unknown,
  at: string,
): boolean {
  if (record === undefined || inside.length > 0 || !Array.isArray(value))
    throw new BadInputError(at, 'set the whole list of a distribution, or a tenant, that is there, or add with /+');
  record['Invalidations'] = structuredClone(value);
  completeInvalidations(keeper(world), collection, record, at);
  return true;
}

/** A person's or a stack's edit: whoever has read the distribution before holds an old entity tag. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (!isCollection(collection)) return false;
  const at = [SERVICE, collection, key, ...path].join('/');
  const [member, ...inside] = path;
  if (member === undefined) {
    if (!isShape(value)) return false;
    put(world, collection, key, value, at);
    return true;
  }
  if (member !== 'DistributionConfig' && member !== 'Invalidations') return false;
  const record = records(keeper(world), collection).find((one) => show(one['Id']) === key);
  if (member === 'Invalidations')
    return isCached(collection) && invalidate(world, collection, record, inside, value, at);
  if (!isShape(record?.['DistributionConfig'])) throw new BadInputError(at, `there is no configuration of ${key}`);
  const edited = inside.length === 0 ? value : changed(part(record, member), inside, value, at);
  const config = counted(edited, true);
  if (!isShape(config)) throw new BadInputError(at, 'must be a configuration');
  const fault = faultOf(config);
  if (fault !== undefined) throw new BadInputError(at, `${fault.code}: ${fault.message}`);
  configure(keeper(world), record, config);
  return true;
}

export const cloudFront: ServiceModel = {
  name: SERVICE,
  prefix: 'cloudfront',
  schema: cloudFrontSchema,
  collections: { Distributions: 'Id', DistributionTenants: 'Id', AnycastIpLists: 'Id' },
  global: [],
  everywhere: true,
  operations: { ...distributionOperations, ...tenantOperations, ...invalidationOperations, ...ipListOperations },
  start: (world) => {
    startCloudFront(world);
    const there = keeper(world);
    for (const collection of CACHED)
      for (const [index, record] of records(there, collection).entries())
        completeInvalidations(there, collection, record, `${SERVICE}.${collection}[${index}]`);
  },
  change,
};
