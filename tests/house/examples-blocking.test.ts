/** The stack in which blocking is tried has what the two runbooks look for. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../build/cloudformation.ts';

const resource = z.looseObject({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.looseObject({}).default({}),
});
const { Resources } = z
  .object({ Resources: z.record(z.string(), resource) })
  .parse(readTemplate('examples/blocking/template.yml'));

function ofType(type: string): readonly (readonly [id: string, found: z.infer<typeof resource>])[] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

function property(id: string, name: string): unknown {
  return Resources[id]?.Properties[name];
}

const metricOf = z.object({ MetricName: z.unknown() });
const aclSchema = z.object({
  Scope: z.string(),
  VisibilityConfig: metricOf,
  Rules: z.tuple([
    z.object({ Priority: z.literal(0), Action: z.object({ Block: z.object({}) }), Statement: z.unknown() }),
    z.object({
      Priority: z.literal(1),
      Action: z.object({ Block: z.object({}) }),
      Statement: z.object({ RateBasedStatement: z.object({ AggregateKeyType: z.literal('IP') }).loose() }),
      VisibilityConfig: metricOf,
    }),
  ]),
});

describe('the web ACLs of the blocking example', () => {
  it.each([
    ['PageAcl', 'PageFlood', ['BlockedIpv4', 'BlockedIpv6'], [{ Name: 'Region', Value: { Ref: 'AWS::Region' } }]],
    ['GlobalAcl', 'GlobalFlood', ['GlobalIpv4', 'GlobalIpv6'], []],
  ])(
    '%s blocks whom its sets hold before its rate-based rule counts, and %s watches that rule',
    (acl, alarm, sets, region) => {
      const { Scope, Rules, VisibilityConfig } = aclSchema.parse(Resources[acl]?.Properties);
      const [blocklist, rate] = Rules;
      expect(blocklist.Statement).toEqual({
        OrStatement: {
          Statements: sets.map((set) => ({ IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': [set, 'Arn'] } } })),
        },
      });
      expect(sets.map((set) => [property(set, 'IPAddressVersion'), property(set, 'Scope')])).toEqual([
        ['IPV4', Scope],
        ['IPV6', Scope],
      ]);
      expect(Resources[alarm]?.Properties).toMatchObject({ Namespace: 'AWS/WAFV2', MetricName: 'BlockedRequests' });
      expect(property(alarm, 'Dimensions')).toEqual([
        { Name: 'WebACL', Value: VisibilityConfig.MetricName },
        { Name: 'Rule', Value: rate.VisibilityConfig.MetricName },
        ...region,
      ]);
    },
  );

  it('have sets that the publisher finds, empty in the beginning', () => {
    const sets = ofType('AWS::WAFv2::IPSet').map(([, { Properties }]) => Properties);
    expect(sets.map(({ Addresses, Tags }) => ({ Addresses, Tags }))).toEqual(
      Array.from({ length: 4 }, () => ({
        Addresses: [],
        Tags: [
          { Key: 'runbook:block', Value: { Ref: 'Name' } },
          { Key: 'runbook:shard', Value: '1' },
        ],
      })),
    );
  });

  it('are made for CloudFront in us-east-1 only', () => {
    const global = Object.entries(Resources).filter(([id]) => /^Global|^Distribution$/u.test(id));
    expect(global.map(([, { Condition }]) => Condition)).toEqual(global.map(() => 'HasCloudFront'));
    expect(Object.values(Resources).filter(({ Properties }) => Properties['Scope'] === 'CLOUDFRONT')).toHaveLength(3);
    expect(JSON.stringify(property('Distribution', 'DistributionConfig'))).toContain('"GlobalAcl"');
  });
});

describe('the network ACL of the blocking example', () => {
  it('is tagged, and judges every subnet of the network load balancer and no other', () => {
    expect(property('EdgeAcl', 'Tags')).toContainEqual({ Key: 'runbook:block', Value: { Ref: 'Name' } });
    const judged = ofType('AWS::EC2::SubnetNetworkAclAssociation').map(([, { Properties }]) => Properties);
    expect(judged.map(({ NetworkAclId }) => NetworkAclId)).toEqual([{ Ref: 'EdgeAcl' }, { Ref: 'EdgeAcl' }]);
    expect(judged.map(({ SubnetId }) => SubnetId)).toEqual(property('EdgeBalancer', 'Subnets'));
    expect(property('PageBalancer', 'Subnets')).toEqual([{ Ref: 'FirstPageSubnet' }, { Ref: 'SecondPageSubnet' }]);
  });
});
