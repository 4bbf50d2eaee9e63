import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const ID = '11111111-2222-4333-8444-555555555555';

function rule(Name: string, statement: Shape): Shape {
  return { Name, Priority: 0, Action: { Block: {} }, Statement: statement };
}

function counts(AggregateKeyType: string): Shape {
  return { RateBasedStatement: { Limit: 500, EvaluationWindowSec: 60, AggregateKeyType } };
}

const SITE = {
  Name: 'site',
  Id: ID,
  Rules: [
    rule('flood', counts('IP')),
    rule('forwarded', counts('FORWARDED_IP')),
    rule('by-header', counts('CUSTOM_KEYS')),
    rule('geo', { GeoMatchStatement: { CountryCodes: ['XX'] } }),
  ],
  ManagedKeys: { flood: { IPV4: ['198.51.100.9'], IPV6: ['2001:db8::9/128'] } },
};

function begin() {
  const { call, set } = serviceWorld({ wafv2: { WebACLs: [SITE] } });
  const held = (RuleName: string, more: Shape = {}): Shape =>
    call('wafv2:GetRateBasedStatementManagedKeys', {
      Scope: 'REGIONAL',
      WebACLName: 'site',
      WebACLId: ID,
      RuleName,
      ...more,
    });
  return { call, set, held };
}

describe('GetRateBasedStatementManagedKeys', () => {
  it('names whom a rule holds, by family', () => {
    expect(begin().held('flood')).toEqual({
      ManagedKeysIPV4: { IPAddressVersion: 'IPV4', Addresses: ['198.51.100.9/32'] },
      ManagedKeysIPV6: { IPAddressVersion: 'IPV6', Addresses: ['2001:0db8:0000:0000:0000:0000:0000:0009/128'] },
    });
  });

  it('names nobody of a rule of which the world says nothing, until a script does', () => {
    const { held, set } = begin();
    expect(held('forwarded')).toMatchObject({ ManagedKeysIPV4: { Addresses: [] }, ManagedKeysIPV6: { Addresses: [] } });
    set('wafv2/WebACLs/site/ManagedKeys/forwarded/IPV4/+', '203.0.113.7/32');
    expect(held('forwarded')).toMatchObject({ ManagedKeysIPV4: { Addresses: ['203.0.113.7/32'] } });
  });

  it('leaves the lock token of the web ACL as it is when somebody else is held', () => {
    const { call, set } = begin();
    const token = (): unknown => call('wafv2:GetWebACL', { Name: 'site', Id: ID, Scope: 'REGIONAL' })['LockToken'];
    const before = token();
    set('wafv2/WebACLs/site/ManagedKeys/flood/IPV4/+', '203.0.113.7/32');
    expect(token()).toBe(before);
  });

  it.each([
    ['a rule that counts by something else', 'by-header', {}, /^WAFUnsupportedAggregateKeyTypeException: /u],
    ['a rule that is not there', 'none', {}, /^WAFNonexistentItemException: /u],
    ['a rule that counts nothing', 'geo', {}, /^WAFInvalidParameterException: /u],
    ['a web ACL that is not there', 'flood', { WebACLName: 'other' }, /^WAFNonexistentItemException: /u],
    ['a rule in a rule group', 'flood', { RuleGroupRuleName: 'group' }, /^not simulated: .*in a rule group$/u],
  ])('is refused for %s', (_what, name, more, expected) => {
    const { held } = begin();
    expect(refusal(() => held(name, more))).toMatch(expected);
  });

  it('does not print it with the web ACL', () => {
    const { call } = begin();
    expect(call('wafv2:GetWebACL', { Name: 'site', Id: ID, Scope: 'REGIONAL' })['WebACL']).not.toHaveProperty(
      'ManagedKeys',
    );
  });
});
