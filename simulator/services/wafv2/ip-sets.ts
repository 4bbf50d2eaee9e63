/** IP sets: read, listed, replaced as a whole under their lock. */

import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { strings } from '../ec2/filters.ts';
import { show } from '../ec2/state.ts';
import { isFamily, keptAs, type Family } from './addresses.ts';
import { summaries } from './pages.ts';
import { demandMember, demandNamed, demandScope, EXPANDED, invalid, MOST_ADDRESSES, renewToken } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/waf/latest/APIReference/API_';

function listIpSets(input: Shape, world: World): object {
  const { items, rest } = summaries('wafv2:ListIPSets', input, world, 'IPSets');
  return { IPSets: items, ...rest };
}

/** A set's family; a set that is known by its summary only may be of either. */
function familyOf(call: string, set: Shape): Family {
  const family = demandMember(call, 'IPSets', set, 'IPAddressVersion');
  if (isFamily(family)) return family;
  throw new NotSimulatedError(`${call} of a set of ${show(family)}`);
}

function getIpSet(input: Shape, world: World): object {
  const set = demandNamed(world, 'IPSets', input);
  const addresses = demandMember('wafv2:GetIPSet', 'IPSets', set, 'Addresses');
  if (set['IPAddressVersion'] === 'IPV6') world.assume(EXPANDED);
  return {
    IPSet: {
      Name: set['Name'],
      Id: set['Id'],
      ARN: set['ARN'],
      Description: set['Description'] ?? '',
      IPAddressVersion: set['IPAddressVersion'],
      Addresses: structuredClone(addresses),
    },
    LockToken: set['LockToken'],
  };
}

/** Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html (Description). */
const DESCRIPTION = { most: 256, form: /^[\w+=:#@/\-,.][\w+=:#@/\-,.\s]+[\w+=:#@/\-,.]$/u };

/**
 * Without a description AWS prints an empty one, which it does not take back.
 * Seen by users of the API: github.com/KensioSoftware/yulin/issues/1058.
 */
function demandDescription({ Description: given }: Shape): void {
  if (typeof given !== 'string') return;
  const faults = [
    ...(given === '' ? ['have length greater than or equal to 1'] : []),
    ...(given.length > DESCRIPTION.most ? [`have length less than or equal to ${DESCRIPTION.most}`] : []),
    ...(DESCRIPTION.form.test(given) ? [] : [`satisfy regular expression pattern: ${DESCRIPTION.form.source}`]),
  ];
  if (faults.length === 0) return;
  const told = faults.map(
    (fault) => `Value '${given}' at 'description' failed to satisfy constraint: Member must ${fault}`,
  );
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`;
  throw awsError('ValidationException', `${count} detected: ${told.join('; ')}`);
}

/** Listed among the errors of UpdateIPSet, without saying when. */
const REFUSES_REPEATS = 'wafv2: a request that names an address twice is refused';

function demandAddresses(world: World, given: readonly string[], family: Family): readonly string[] {
  const kept = given.map((address) => {
    const spelt = keptAs(address, family);
    // Seen by users of the API: github.com/aws/aws-cdk/issues/20003.
    if (spelt === undefined)
      throw invalid('The parameter contains formatting that is not valid.', 'IP_ADDRESS', address);
    return spelt;
  });
  if (new Set(kept).size < kept.length) {
    world.assume(REFUSES_REPEATS);
    throw awsError(
      'WAFDuplicateItemException',
      'AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.',
    );
  }
  return kept;
}

function updateIpSet(input: Shape, world: World): object {
  demandScope(world, input);
  demandDescription(input);
  const set = demandNamed(world, 'IPSets', input);
  const addresses = demandAddresses(world, strings(input, 'Addresses'), familyOf('wafv2:UpdateIPSet', set));
  if (addresses.length > MOST_ADDRESSES)
    throw awsError(
      'WAFLimitsExceededException',
      'AWS WAF couldn’t perform the operation because you exceeded your resource limit.',
    );
  if (input['LockToken'] !== set['LockToken'])
    throw awsError(
      'WAFOptimisticLockException',
      'AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.',
    );
  set['Addresses'] = [...addresses];
  // The whole is replaced: what is not said is not kept.
  if (input['Description'] === undefined) delete set['Description'];
  else set['Description'] = input['Description'];
  renewToken(set);
  return { NextLockToken: set['LockToken'] };
}

export const ipSetOperations: { readonly [operation: string]: Operation } = {
  ListIPSets: { kind: 'read', grade: 'documented', source: `${REFERENCE}ListIPSets.html`, run: listIpSets },
  GetIPSet: { kind: 'read', grade: 'documented', source: `${REFERENCE}GetIPSet.html`, run: getIpSet },
  UpdateIPSet: { kind: 'write', grade: 'documented', source: `${REFERENCE}UpdateIPSet.html`, run: updateIpSet },
};
