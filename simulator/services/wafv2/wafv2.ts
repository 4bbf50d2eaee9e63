/** The simulated AWS WAF: IP sets under optimistic locking, web ACLs, rule groups, tags; each within its quota of requests. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { GLOBAL_REGION, type Operation, type ServiceModel, type Shape, type World } from '../../engine/model.ts';
import { isShape } from '../ec2/state.ts';
import { ipSetOperations } from './ip-sets.ts';
import { managedKeysOperations } from './managed-keys.ts';
import { paced } from './rates.ts';
import { completeSamples, sampledRequestsOperations } from './sampled-requests.ts';
import { wafV2Schema } from './schema.ts';
import { COLLECTIONS, complete, GLOBAL, records, renewToken, startWafV2, type Collection } from './state.ts';
import { webAclOperations } from './web-acls.ts';

function isCollection(name: string): name is Collection {
  return COLLECTIONS.some((collection) => collection === name);
}

/** Members whose change is none of what the token locks. */
const UNLOCKED: ReadonlySet<string | undefined> = new Set([
  'LockToken',
  'ManagedKeys',
  'SampledRequests',
  'Tags',
  'Resources',
]);

/** Completes the samples of a web ACL that has any. */
function sampled(world: World, record: Shape, at: string): void {
  const given = record['SampledRequests'];
  if (given !== undefined) record['SampledRequests'] = completeSamples(world, given, `${at}.SampledRequests`);
}

/** A record appears, or is replaced as a whole. */
function put(world: World, collection: Collection, key: string, value: Shape, at: string): void {
  const [name, scope] = key.split('/').toReversed();
  const record: Shape = { ...(scope === undefined ? {} : { Scope: scope }), ...value, Name: value['Name'] ?? name };
  complete(world, collection, record, at);
  sampled(world, record, at);
  const there = record['Scope'] === GLOBAL ? world.regions.get(GLOBAL_REGION) : undefined;
  const all = (there ?? world).records('wafv2', collection);
  const index = all.findIndex((one) => one['Name'] === record['Name'] && one['Scope'] === record['Scope']);
  if (index < 0) all.push(record);
  else all[index] = record;
}

/** A person's or a stack's edit: whoever has read the record before holds an old token. */
function changeWafV2(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (!isCollection(collection)) return false;
  const at = ['wafv2', collection, key, ...path].join('/');
  const [member] = path;
  if (member === undefined) {
    if (!isShape(value)) return false;
    put(world, collection, key, value, at);
    return true;
  }
  const record = records(world, collection).find(
    (one) => one['Name'] === key || `${String(one['Scope'])}/${String(one['Name'])}` === key,
  );
  if (record !== undefined && member === 'SampledRequests' && path.length === 1) {
    record[member] = completeSamples(world, value, at);
    return true;
  }
  if (record === undefined || UNLOCKED.has(member)) return false;
  if (member === 'Addresses') {
    if (path.length > 1) throw new BadInputError(at, 'set the whole list, or add with /+ and remove with /-');
    const edited = { ...record, Addresses: value };
    complete(world, collection, edited, ['wafv2', collection, key].join('/'));
    record['Addresses'] = edited['Addresses'];
    renewToken(record);
    return true;
  }
  renewToken(record);
  return false;
}

const operations = { ...ipSetOperations, ...webAclOperations, ...managedKeysOperations, ...sampledRequestsOperations };

export const wafV2: ServiceModel = {
  name: 'wafv2',
  prefix: 'wafv2',
  schema: wafV2Schema,
  collections: { IPSets: 'Name', WebACLs: 'Name', RuleGroups: 'Name' },
  within: { IPSets: 'Scope', WebACLs: 'Scope', RuleGroups: 'Scope' },
  global: [GLOBAL],
  operations: Object.fromEntries(
    Object.entries(operations).map(([name, operation]): [string, Operation] => [name, paced(name, operation)]),
  ),
  start: (world) => {
    for (const [index, acl] of records(world, 'WebACLs').entries()) sampled(world, acl, `wafv2.WebACLs[${index}]`);
    startWafV2(world);
  },
  change: changeWafV2,
};
