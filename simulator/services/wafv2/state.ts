/** The records of AWS WAF: what names them, what locks them, and what of them a world file may leave out. */

import { createHash } from 'node:crypto';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, GLOBAL_REGION, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { isShape, list, show, text } from '../ec2/state.ts';
import { FAMILIES, familyOf, isFamily, keptAs, type Family } from './addresses.ts';

export const SCOPES = ['CLOUDFRONT', 'REGIONAL'] as const;

/** The collections by the word for one of their records in ARNs. */
const NOUNS = { IPSets: 'ipset', WebACLs: 'webacl', RuleGroups: 'rulegroup' } as const;

export const COLLECTIONS = ['IPSets', 'WebACLs', 'RuleGroups'] as const;

export type Collection = keyof typeof NOUNS;

/** Kept in us-east-1, wherever it is used. Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_GetIPSet.html (Scope). */
export const GLOBAL: (typeof SCOPES)[number] = 'CLOUDFRONT';

/** Source: https://docs.aws.amazon.com/waf/latest/developerguide/limits.html (IP addresses per IP set). */
export const MOST_ADDRESSES = 10_000;

/** The records of a collection; `undefined` where nothing was ever said of any. */
export function recordsGiven(world: World, collection: Collection): readonly Shape[] | undefined {
  return world.data['wafv2']?.[collection];
}

export function records(world: World, collection: Collection): readonly Shape[] {
  return recordsGiven(world, collection) ?? [];
}

/** The scope of a record: as it says, as its ARN says, or REGIONAL. */
export function scopeOf(record: Shape): string {
  return text(record, 'Scope') ?? (show(record['ARN']).includes(':global/') ? 'CLOUDFRONT' : 'REGIONAL');
}

/** A UUID that depends on a text only. */
function uuidOf(of: string): string {
  const digits = createHash('sha256').update(of).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

function arnOf({ account, region }: World, collection: Collection, record: Shape): string {
  const [where, place] = scopeOf(record) === GLOBAL ? [GLOBAL_REGION, 'global'] : [region, 'regional'];
  return `arn:aws:wafv2:${where}:${account}:${place}/${NOUNS[collection]}/${show(record['Name'])}/${show(record['Id'])}`;
}

/** The record was written: whoever has read it before holds an old token. */
export function renewToken(record: Shape): void {
  record['LockToken'] = uuidOf(show(record['LockToken']));
}

/** Spellings of addresses in IPv6 sets are compared as text by whoever is not careful. Seen by users of WAF Classic: github.com/hashicorp/terraform-provider-aws/issues/22797. */
export const EXPANDED = 'wafv2: IPv6 addresses read back with all their digits';

function familyGiven(record: Shape, addresses: readonly unknown[], at: string): Family {
  const given = record['IPAddressVersion'];
  if (isFamily(given)) return given;
  const [first] = addresses;
  if (typeof first === 'string') return familyOf(first);
  throw new BadInputError(`${at}.IPAddressVersion`, `must be ${FAMILIES.join(' or ')}: the set has no address to tell`);
}

/**
 * Addresses of a world file or script as AWS keeps them, each once.
 * @throws BadInputError with the path of one that AWS would not keep
 */
function completeAddresses(record: Shape, at: string): void {
  const given = record['Addresses'];
  if (given === undefined) return;
  if (!Array.isArray(given)) throw new BadInputError(`${at}.Addresses`, 'must be a list');
  const addresses: readonly unknown[] = given;
  const family = familyGiven(record, addresses, at);
  if (addresses.length > MOST_ADDRESSES)
    throw new BadInputError(`${at}.Addresses`, `holds ${addresses.length}; a set has ${MOST_ADDRESSES} at most`);
  const kept = addresses.map((address, index) => {
    const spelt = typeof address === 'string' ? keptAs(address, family) : undefined;
    if (spelt !== undefined) return spelt;
    throw new BadInputError(`${at}.Addresses[${index}]`, `${show(address)} is no address range of an ${family} set`);
  });
  record['IPAddressVersion'] = family;
  record['Addresses'] = [...new Set(kept)];
}

/** A world file may have at the top what is for CloudFront, as if it were at home. */
function mayHold({ region, regions }: World, scope: string): boolean {
  const [home] = regions.keys();
  return scope !== GLOBAL || region === GLOBAL_REGION || region === home;
}

function completeNames(world: World, collection: Collection, record: Shape, at: string): void {
  const scope = scopeOf(record);
  if (!mayHold(world, scope))
    throw new BadInputError(
      `${at}.Scope`,
      `what is for CloudFront is in ${GLOBAL_REGION} only: write it at the top, or under regions.${GLOBAL_REGION}`,
    );
  record['Scope'] = scope;
  record['Id'] ??=
    text(record, 'ARN')?.split('/').at(-1) ?? uuidOf(`${NOUNS[collection]} ${scope} ${show(record['Name'])}`);
  record['ARN'] ??= arnOf(world, collection, record);
  record['LockToken'] ??= uuidOf(show(record['ARN']));
  if (!world.isPasted) record['Tags'] ??= [];
}

/** What AWS WAF does with what no rule is about, where a written world does not say. */
const ALLOW = { Allow: {} };

/** A rule's statement that counts requests; `undefined`: it counts none. */
export function counting(rule: Shape): Shape | undefined {
  const statement = rule['Statement'];
  const counts = isShape(statement) ? statement['RateBasedStatement'] : undefined;
  return isShape(counts) ? counts : undefined;
}

/** The rules of a web ACL that hold whom they have counted too often. */
function rateBasedRules(acl: Shape): readonly string[] {
  return list(acl, 'Rules').flatMap((rule) => (counting(rule) === undefined ? [] : [show(rule['Name'])]));
}

/** Nobody is held where a written world does not say; a list that is there may be added to by a script. */
function completeManagedKeys(world: World, record: Shape): void {
  if (world.isPasted && record['ManagedKeys'] === undefined) return;
  const given = isShape(record['ManagedKeys']) ? record['ManagedKeys'] : {};
  const nobody = rateBasedRules(record).map((rule) => [rule, {}] as const);
  const keys = Object.entries({ ...Object.fromEntries(nobody), ...given });
  record['ManagedKeys'] = Object.fromEntries(
    keys.map(([rule, held]) => [rule, { IPV4: [], IPV6: [], ...(isShape(held) ? held : {}) }]),
  );
}

/** What web ACLs and rule groups have in common. Source of the prefix: AWS WAF developer guide, "Label syntax and naming requirements". */
function completeRules({ account }: World, record: Shape, noun: string): void {
  const name = show(record['Name']);
  record['VisibilityConfig'] ??= {
    SampledRequestsEnabled: true,
    CloudWatchMetricsEnabled: true,
    MetricName: name,
  };
  record['LabelNamespace'] ??= `awswaf:${account}:${noun}:${name}:`;
}

function completeWebAcl(world: World, record: Shape): void {
  if (record['Rules'] === undefined) return;
  record['DefaultAction'] ??= ALLOW;
  completeRules(world, record, NOUNS.WebACLs);
  record['ManagedByFirewallManager'] ??= false;
  completeManagedKeys(world, record);
  if (!world.isPasted) record['SampledRequests'] ??= [];
}

/**
 * Completes a record of a world file or script.
 * @param at its path
 * @throws BadInputError with the path of what AWS could not hold
 */
export function complete(world: World, collection: Collection, record: Shape, at: string): void {
  completeNames(world, collection, record, at);
  if (collection === 'IPSets') completeAddresses(record, at);
  else if (collection === 'WebACLs') completeWebAcl(world, record);
  else completeRules(world, record, NOUNS.RuleGroups);
}

/** The ARNs of the IP sets that rules refer to, however deep in their statements. */
function referredTo(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((entry: unknown) => referredTo(entry));
  if (!isShape(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const arn = name === 'IPSetReferenceStatement' && isShape(inner) ? text(inner, 'ARN') : undefined;
    return arn === undefined ? referredTo(inner) : [arn];
  });
}

function noteGaps(world: World): void {
  const known = new Set(records(world, 'IPSets').map((record) => record['ARN']));
  for (const collection of ['WebACLs', 'RuleGroups'] as const)
    for (const [index, record] of records(world, collection).entries())
      for (const id of new Set(list(record, 'Rules').flatMap(referredTo)))
        if (!known.has(id)) {
          const path = `wafv2.${collection}[${index}].Rules`;
          world.gap({ path, id, message: `there is no IP set ${id} in wafv2.IPSets` });
        }
}

function isSame(one: Shape, other: Shape): boolean {
  return one['Name'] === other['Name'] && one['Scope'] === other['Scope'];
}

/**
 * Brings what is for CloudFront to where AWS keeps it.
 * @throws BadInputError where the same is there already
 */
function moveGlobal(world: World, collection: Collection): void {
  const there = world.regions.get(GLOBAL_REGION);
  const given = recordsGiven(world, collection);
  if (given === undefined || there === undefined || there === world) return;
  const away = there.records('wafv2', collection);
  for (const [index, record] of given.entries()) {
    if (record['Scope'] !== GLOBAL) continue;
    if (away.some((one) => isSame({ Scope: scopeOf(one), Name: one['Name'] }, record)))
      throw new BadInputError(
        `wafv2.${collection}[${index}].Name`,
        `${show(record['Name'])} is in regions.${GLOBAL_REGION}, too`,
      );
    away.push(record);
  }
  const own = world.records('wafv2', collection);
  const kept = own.filter((record) => record['Scope'] !== GLOBAL);
  // Of a paste that is about CloudFront alone nothing is known of what is REGIONAL: an empty list would say that there is none.
  if (kept.length === 0 && own.length > 0 && world.isPasted) delete world.data['wafv2']?.[collection];
  else own.splice(0, own.length, ...kept);
}

/** Completes the service's part of a world file. */
export function startWafV2(world: World): void {
  for (const collection of COLLECTIONS) {
    const given = records(world, collection);
    for (const [index, record] of given.entries()) complete(world, collection, record, `wafv2.${collection}[${index}]`);
    moveGlobal(world, collection);
  }
  noteGaps(world);
}

/** @throws AwsError where nothing of that scope is asked for here */
export function demandScope({ region }: World, input: Shape): string {
  const scope = show(input['Scope']);
  const isKnown = scope === 'REGIONAL' || (scope === GLOBAL && region === GLOBAL_REGION);
  if (isKnown) return scope;
  // Seen by users of the API: github.com/aws-solutions/aws-waf-security-automations/issues/300.
  throw invalid('The scope is not valid.', 'SCOPE_VALUE', scope);
}

export function invalid(reason: string, field: string, parameter: string): Error {
  return awsError('WAFInvalidParameterException', `Error reason: ${reason}, field: ${field}, parameter: ${parameter}`);
}

function demandKnown(world: World, arn: string): void {
  if (world.isMentionedOnly(arn))
    throw new NotSimulatedError(`what AWS says of ${arn}: the world file mentions it, but does not hold it`);
}

/** Source of the wording: the same exception's text in the API reference. */
export function nonexistent(): Error {
  return awsError(
    'WAFNonexistentItemException',
    'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
  );
}

/** The record that a request names by Name, Scope and Id; all three have to be its own. */
export function demandNamed(world: World, collection: Collection, input: Shape): Shape {
  const scope = demandScope(world, input);
  const { Name, Id } = input;
  const found = records(world, collection).find(
    (record) => record['Name'] === Name && record['Id'] === Id && record['Scope'] === scope,
  );
  if (found !== undefined) return found;
  demandKnown(world, arnOf(world, collection, { Name, Id, Scope: scope }));
  throw nonexistent();
}

/** The record of an ARN. */
export function demandArn(world: World, collections: readonly Collection[], arn: string): Shape {
  const found = collections.flatMap((collection) => records(world, collection)).find((record) => record['ARN'] === arn);
  if (found !== undefined) return found;
  demandKnown(world, arn);
  throw nonexistent();
}

/**
 * A member of a record that its summary does not print.
 * @throws NotSimulatedError where the world file does not hold it: nothing is not known to be there
 */
export function demandMember(call: string, collection: Collection, record: Shape, member: string): unknown {
  const value = record[member];
  if (value !== undefined) return value;
  throw new NotSimulatedError(
    `${call} of ${show(record['Name'])}: the world file does not say its ${member}; write them into wafv2.${collection}, [] if there are none`,
  );
}
