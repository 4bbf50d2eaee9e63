import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const TOKEN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const ARN = `arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/site/${ID}`;
const SET = 'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge/22222222-2222-4333-8444-555555555555';
const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0a1b2c3d4e5f6071';
const STAGE = 'arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod';
const BLOCK = {
  Name: 'block',
  Priority: 0,
  Action: { Block: {} },
  Statement: { NotStatement: { Statement: { IPSetReferenceStatement: { ARN: SET } } } },
};
const SITE = { Name: 'site', Id: ID, LockToken: TOKEN, Rules: [BLOCK], Resources: [BALANCER, STAGE] };
const EDGE = { Name: 'edge', ARN: SET, Addresses: ['192.0.2.1/32'], Tags: [{ Key: 'team', Value: 'blue' }] };

function begin(acls: readonly Shape[] = [SITE], frame: Shape = {}) {
  return serviceWorld({ wafv2: { IPSets: [EDGE], WebACLs: acls }, ...frame });
}

describe('GetWebACL', () => {
  it.each([{ Name: 'site', Id: ID, Scope: 'REGIONAL' }, { ARN }])('tells the rules, asked with %j', (named) => {
    expect(begin().call('wafv2:GetWebACL', named)).toEqual({
      WebACL: {
        Name: 'site',
        Id: ID,
        ARN,
        Description: '',
        DefaultAction: { Allow: {} },
        VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'site' },
        LabelNamespace: 'awswaf:111122223333:webacl:site:',
        ManagedByFirewallManager: false,
        Rules: [BLOCK],
      },
      LockToken: TOKEN,
    });
  });

  it('is not simulated where the world does not say the rules', () => {
    const { call } = begin([{ Name: 'site', Id: ID }]);
    expect(refusal(() => call('wafv2:GetWebACL', { ARN }))).toBe(
      'not simulated: wafv2:GetWebACL of site: the world file does not say its Rules; write them into wafv2.WebACLs, [] if there are none',
    );
  });

  it('has another token once somebody edits its rules, and not for being attached', () => {
    const { set, call } = begin();
    set('wafv2/WebACLs/site/Resources', []);
    expect(call('wafv2:GetWebACL', { ARN })['LockToken']).toBe(TOKEN);
    set('wafv2/WebACLs/site/Rules/-', BLOCK);
    const { LockToken: token, WebACL: acl } = call('wafv2:GetWebACL', { ARN });
    expect(token).not.toBe(TOKEN);
    expect(acl).toMatchObject({ Rules: [] });
  });
});

it('a web ACL whose rule names a set that is not there is refused', () => {
  expect(refusal(() => serviceWorld({ wafv2: { WebACLs: [SITE] } }))).toBe(
    `wafv2.WebACLs[0].Rules: there is no IP set ${SET} in wafv2.IPSets`,
  );
});

it('ListWebACLs prints summaries', () => {
  expect(begin().call('wafv2:ListWebACLs', { Scope: 'REGIONAL' })).toEqual({
    WebACLs: [{ Name: 'site', Id: ID, Description: '', LockToken: TOKEN, ARN }],
    NextMarker: 'site',
  });
});

describe('ListResourcesForWebACL', () => {
  it('tells the load balancers where no type is asked for, and is answered once a second', () => {
    const { call, pass } = begin();
    const list = (input: Shape): unknown => call('wafv2:ListResourcesForWebACL', { WebACLArn: ARN, ...input });
    expect(list({})).toEqual({ ResourceArns: [BALANCER] });
    expect(refusal(() => list({}))).toBe('ThrottlingException: Rate exceeded');
    pass(1);
    expect(list({ ResourceType: 'API_GATEWAY' })).toEqual({ ResourceArns: [STAGE] });
    pass(1);
    expect(list({ ResourceType: 'APPSYNC' })).toEqual({ ResourceArns: [] });
  });

  it('refuses what is for CloudFront', () => {
    const global = `arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/${ID}`;
    const acl = { Name: 'site', ARN: global, Rules: [], Resources: [] };
    const { call } = begin([acl], { region: 'us-east-1' });
    expect(refusal(() => call('wafv2:ListResourcesForWebACL', { WebACLArn: global }))).toMatch(
      /^WAFInvalidParameterException: .*field: RESOURCE_ARN/u,
    );
  });
});

describe('ListTagsForResource', () => {
  it('tells the tags of a set', () => {
    expect(begin().call('wafv2:ListTagsForResource', { ResourceARN: SET })).toEqual({
      TagInfoForResource: { ResourceARN: SET, TagList: [{ Key: 'team', Value: 'blue' }] },
    });
  });

  it('tells of a web ACL without tags that it has none', () => {
    expect(begin().call('wafv2:ListTagsForResource', { ResourceARN: ARN })).toEqual({
      TagInfoForResource: { ResourceARN: ARN, TagList: [] },
    });
  });

  it('goes by pages', () => {
    const { call, set } = begin();
    set('wafv2/IPSets/edge/Tags/zone', 'a');
    const first = call('wafv2:ListTagsForResource', { ResourceARN: SET, Limit: 1 });
    expect(first['NextMarker']).toBe('team');
    expect(call('wafv2:ListTagsForResource', { ResourceARN: SET, Limit: 1, NextMarker: 'team' })).toEqual({
      TagInfoForResource: { ResourceARN: SET, TagList: [{ Key: 'zone', Value: 'a' }] },
    });
  });

  it('is refused for what is not there', () => {
    const { call } = begin();
    expect(refusal(() => call('wafv2:ListTagsForResource', { ResourceARN: `${ARN}0` }))).toMatch(
      /^WAFNonexistentItemException: /u,
    );
  });
});
