import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { list, part } from '../../../../simulator/services/ec2/state.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const ARN = `arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/site/${ID}`;

function visible(MetricName: string, SampledRequestsEnabled = true): Shape {
  return { MetricName, SampledRequestsEnabled, CloudWatchMetricsEnabled: true };
}

function rule(Name: string, VisibilityConfig: Shape): Shape {
  return { Name, Priority: 0, Action: { Block: {} }, Statement: {}, VisibilityConfig };
}

function sample(RuleMetricName: string, ClientIP: string, more: Shape = {}): Shape {
  const Request = { ClientIP, Country: 'AQ', URI: '/', Method: 'GET' };
  return { RuleMetricName, Request, Action: 'BLOCK', Timestamp: '2026-11-22T07:50:00.000Z', ...more };
}

const SITE = {
  Name: 'site',
  Id: ID,
  VisibilityConfig: visible('site-metric'),
  Rules: [
    rule('block', visible('blocked')),
    rule('quiet', visible('quiet', false)),
    { Name: 'bare', Priority: 9, Action: { Count: {} }, Statement: {} },
  ],
  SampledRequests: [
    sample('blocked', '198.51.100.9'),
    sample('blocked', '198.51.100.8', { Timestamp: '2026-11-22T07:40:00.000Z', Weight: 3 }),
    sample('blocked', '198.51.100.7', { Timestamp: '2026-11-22T04:59:59.000Z' }),
    sample('site-metric', '192.0.2.1', { Action: 'ALLOW' }),
    sample('quiet', '192.0.2.2'),
    sample('bare', '192.0.2.3', { Action: 'COUNT' }),
  ],
};

function begin(acl: Shape = SITE) {
  const { call, set, pass } = serviceWorld({ wafv2: { WebACLs: [acl] } });
  const ask = (RuleMetricName: string, more: Shape = {}): Shape =>
    call('wafv2:GetSampledRequests', {
      WebAclArn: ARN,
      RuleMetricName,
      Scope: 'REGIONAL',
      TimeWindow: { StartTime: new Date('2026-11-22T00:00:00Z'), EndTime: new Date('2026-11-22T09:00:00Z') },
      MaxItems: 500,
      ...more,
    });
  return { call, set, pass, ask };
}

function clients(answer: Shape): unknown[] {
  return list(answer, 'SampledRequests').map((each) => part(each, 'Request')['ClientIP']);
}

describe('GetSampledRequests', () => {
  it('tells the requests that a rule met with in the last three hours, and that it looked no further back', () => {
    expect(begin().ask('blocked')).toEqual({
      SampledRequests: [
        {
          Request: { ClientIP: '198.51.100.8', Country: 'AQ', URI: '/', Method: 'GET' },
          Action: 'BLOCK',
          Timestamp: new Date('2026-11-22T07:40:00.000Z'),
          Weight: 3,
        },
        {
          Request: { ClientIP: '198.51.100.9', Country: 'AQ', URI: '/', Method: 'GET' },
          Action: 'BLOCK',
          Timestamp: new Date('2026-11-22T07:50:00.000Z'),
          Weight: 1,
        },
      ],
      PopulationSize: 4,
      TimeWindow: { StartTime: new Date('2026-11-22T05:00:00Z'), EndTime: new Date('2026-11-22T09:00:00Z') },
    });
  });

  it('leaves out what came before or after the window', () => {
    const { ask } = begin();
    const [early, late] = [new Date('2026-11-22T07:30:00Z'), new Date('2026-11-22T07:45:00Z')];
    expect(clients(ask('blocked', { TimeWindow: { StartTime: early, EndTime: late } }))).toEqual(['198.51.100.8']);
    expect(
      clients(ask('blocked', { TimeWindow: { StartTime: late, EndTime: new Date('2026-11-22T08:00:00Z') } })),
    ).toEqual(['198.51.100.9']);
  });

  it('tells what met with the default action under the metric of the web ACL', () => {
    expect(clients(begin().ask('site-metric'))).toEqual(['192.0.2.1']);
  });

  it('takes the name of a rule of which the world says no metric', () => {
    expect(clients(begin().ask('bare'))).toEqual(['192.0.2.3']);
  });

  it('tells nothing of a rule that is not sampled', () => {
    expect(begin().ask('quiet')).toMatchObject({ SampledRequests: [], PopulationSize: 0 });
  });

  it('tells so many as are asked for', () => {
    expect(begin().ask('blocked', { MaxItems: 1 })).toMatchObject({ SampledRequests: [{}], PopulationSize: 4 });
  });

  it('samples the first five thousand requests, and says when they were over', () => {
    const many = sample('blocked', '198.51.100.6', { Timestamp: '2026-11-22T07:00:00.000Z', Weight: 5000 });
    expect(begin({ ...SITE, SampledRequests: [...SITE.SampledRequests, many] }).ask('blocked')).toMatchObject({
      SampledRequests: [{ Request: { ClientIP: '198.51.100.6' } }],
      PopulationSize: 5000,
      TimeWindow: { EndTime: new Date('2026-11-22T07:00:00.000Z') },
    });
  });

  it.each([
    ['a metric that is not there', 'other', {}, /^WAFNonexistentItemException: /u],
    ['a web ACL that is not there', 'blocked', { WebAclArn: `${ARN}0` }, /^WAFNonexistentItemException: /u],
    ['another scope', 'blocked', { Scope: 'CLOUDFRONT' }, /^WAFInvalidParameterException: .*SCOPE_VALUE/u],
    ['no request', 'blocked', { MaxItems: 0 }, /^ValidationException: .*greater than or equal to 1$/u],
    ['more than 500', 'blocked', { MaxItems: 501 }, /^ValidationException: .*less than or equal to 500$/u],
    [
      'a window that was over three hours ago',
      'blocked',
      { TimeWindow: { StartTime: new Date('2026-11-22T01:00:00Z'), EndTime: new Date('2026-11-22T02:00:00Z') } },
      /^WAFInvalidParameterException: .*TIME_WINDOW/u,
    ],
    ['a name that is reserved', 'Default_Action', {}, /^not simulated: wafv2:GetSampledRequests of Default_Action$/u],
  ])('is refused for %s', (_what, metric, more, expected) => {
    expect(refusal(() => begin().ask(metric, more))).toMatch(expected);
  });

  it('is answered five times a second', () => {
    const { ask, pass } = begin();
    for (let count = 0; count < 5; count += 1) ask('blocked');
    expect(refusal(() => ask('blocked'))).toBe('ThrottlingException: Rate exceeded');
    pass(1);
    expect(clients(ask('blocked'))).toHaveLength(2);
  });
});

describe('a script', () => {
  it('adds a request, which came when it was added, and leaves the lock token as it is', () => {
    const { set, pass, ask, call } = begin();
    const token = (): unknown => call('wafv2:GetWebACL', { ARN })['LockToken'];
    const before = token();
    pass(60);
    const { Timestamp: _now, ...late } = sample('blocked', '198.51.100.5');
    set('wafv2/WebACLs/site/SampledRequests/+', late);
    const { SampledRequests: samples } = ask('blocked');
    expect(samples).toMatchObject([
      {},
      {},
      { Request: { ClientIP: '198.51.100.5' }, Timestamp: new Date('2026-11-22T08:01:00Z') },
    ]);
    expect(token()).toBe(before);
  });

  it('may add only what says its metric and has a time', () => {
    const { set } = begin();
    const add = (value: unknown) => refusal(() => set('wafv2/WebACLs/site/SampledRequests/+', value));
    expect(add({ Request: {} })).toMatch(/SampledRequests\[6\]: must be \{ RuleMetricName, Request, Action \}$/u);
    expect(add(sample('blocked', '192.0.2.9', { Timestamp: 'soon' }))).toMatch(/\[6\]\.Timestamp: must be a time$/u);
  });
});

it('the samples are not printed with the web ACL', () => {
  expect(begin().call('wafv2:GetWebACL', { ARN })['WebACL']).not.toHaveProperty('SampledRequests');
});
