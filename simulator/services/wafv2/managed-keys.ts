/** Whom a rate-based rule holds: a world says it beside the web ACL, by the rule's name (`ManagedKeys`). */

import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { isShape, list, show, text } from '../ec2/state.ts';
import { FAMILIES, keptAs } from './addresses.ts';
import { counting, demandMember, demandNamed, invalid, nonexistent } from './state.ts';

/** What the rule counts by, where it may be asked for whom it holds. Source: the SDK, WAFUnsupportedAggregateKeyTypeException. */
const BY_ADDRESS: ReadonlySet<unknown> = new Set(['IP', 'FORWARDED_IP']);

/** Listed among the errors of the call, without saying when. */
const REFUSES_OTHERS = 'wafv2: GetRateBasedStatementManagedKeys refuses a rule that is not rate-based';

/** Addresses of one family; an address by itself is written as WAF prints it. */
function heldIn(keys: unknown, family: (typeof FAMILIES)[number], rule: string): readonly string[] {
  const given = isShape(keys) ? keys[family] : undefined;
  const all: readonly unknown[] = Array.isArray(given) ? given : [];
  return all.map((address) => {
    const kept = keptAs(show(address), family) ?? keptAs(`${show(address)}/${family === 'IPV4' ? 32 : 128}`, family);
    if (kept === undefined)
      throw new NotSimulatedError(`${show(address)} in ManagedKeys.${rule}.${family}: it is no address of the family`);
    return kept;
  });
}

function getManagedKeys(input: Shape, world: World): object {
  const call = 'wafv2:GetRateBasedStatementManagedKeys';
  const { Scope, WebACLName: Name, WebACLId: Id } = input;
  const acl = demandNamed(world, 'WebACLs', { Scope, Name, Id });
  if (input['RuleGroupRuleName'] !== undefined) throw new NotSimulatedError(`${call} of a rule in a rule group`);
  demandMember(call, 'WebACLs', acl, 'Rules');
  const name = text(input, 'RuleName') ?? '';
  const rule = list(acl, 'Rules').find((one) => one['Name'] === name);
  if (rule === undefined) throw nonexistent();
  const counts = counting(rule);
  if (counts === undefined) {
    world.assume(REFUSES_OTHERS);
    throw invalid('The rule is not a rate-based rule.', 'RATE_BASED_STATEMENT', name);
  }
  if (!BY_ADDRESS.has(counts['AggregateKeyType']))
    throw awsError(
      'WAFUnsupportedAggregateKeyTypeException',
      'The rule counts by something else than the IP address, or the forwarded IP address.',
    );
  const keys = demandMember(call, 'WebACLs', acl, 'ManagedKeys');
  const held = isShape(keys) ? keys[name] : undefined;
  const [IPV4, IPV6] = FAMILIES.map((family) => ({ IPAddressVersion: family, Addresses: heldIn(held, family, name) }));
  return { ManagedKeysIPV4: IPV4, ManagedKeysIPV6: IPV6 };
}

export const managedKeysOperations: { readonly [operation: string]: Operation } = {
  GetRateBasedStatementManagedKeys: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/waf/latest/APIReference/API_GetRateBasedStatementManagedKeys.html',
    run: getManagedKeys,
  },
};
