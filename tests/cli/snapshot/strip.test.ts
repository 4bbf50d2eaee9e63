import { describe, expect, it } from 'vitest';
import { stripped } from '../../../cli/snapshot/strip.ts';

describe('what is left out of a snapshot', () => {
  it.each([
    [
      'ec2',
      'LaunchTemplateVersions',
      { LaunchTemplateData: { ImageId: 'ami-1', UserData: 'c2VjcmV0' } },
      { LaunchTemplateData: { ImageId: 'ami-1' } },
    ],
    [
      'lambda',
      'Functions',
      { FunctionName: 'pay', Environment: { Variables: { TOKEN: 'x' } } },
      { FunctionName: 'pay' },
    ],
    ['sqs', 'Queues', { Attributes: { QueueArn: 'arn', Policy: '{}' } }, { Attributes: { QueueArn: 'arn' } }],
    [
      'batch',
      'jobs',
      { container: { vcpus: 2, environment: [{}], command: ['x'], secrets: [] } },
      { container: { vcpus: 2 } },
    ],
    [
      'eventbridge',
      'Rules',
      { Targets: [{ Id: '1', Input: '{"t":1}', HttpParameters: {} }] },
      { Targets: [{ Id: '1' }] },
    ],
    ['scheduler', 'Schedules', { Target: { Arn: 'a', Input: 'x' } }, { Target: { Arn: 'a' } }],
    ['api-gateway', 'Stages', { stageName: 'live', variables: { key: 'x' } }, { stageName: 'live' }],
    [
      'cloudfront',
      'Distributions',
      { Origins: { Items: [{ CustomHeaders: { Quantity: 1, Items: ['x'] } }] } },
      { Origins: { Items: [{ CustomHeaders: { Quantity: 0 } }] } },
    ],
    [
      'wafv2',
      'WebACLs',
      { Rules: [{ Statement: { ByteMatchStatement: { SearchString: 'c2VjcmV0' } } }] },
      { Rules: [{ Statement: { ByteMatchStatement: { SearchString: 'cmVtb3ZlZA==' } } }] },
    ],
    [
      'sns',
      'Subscriptions',
      { Protocol: 'https', Endpoint: 'https://x?t=1', Attributes: { Endpoint: 'https://x?t=1' } },
      { Protocol: 'https', Endpoint: 'removed', Attributes: { Endpoint: 'removed' } },
    ],
    [
      'sns',
      'Subscriptions',
      { Protocol: 'sqs', Endpoint: 'arn:aws:sqs' },
      { Protocol: 'sqs', Endpoint: 'arn:aws:sqs' },
    ],
  ])('of %s %s %j', (service, collection, given, left) => {
    expect(stripped({ [service]: { [collection]: [given] } })).toEqual({ [service]: { [collection]: [left] } });
  });
});
