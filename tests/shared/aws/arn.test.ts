/** What ARNs name: ids without slashes, and names of groups that may look like anything but a colon. */

import { expect, it } from 'vitest';
import { arnParts, nameInArn } from '../../../shared/aws/arn.ts';

const GROUP = 'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:0a1b:autoScalingGroupName';

it.each([
  ['arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1', 'i-0a1'],
  ['arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-0a', 'eipalloc-0a'],
  ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:prod/cpu', 'prod/cpu'],
  [`${GROUP}/db`, 'db'],
  [`${GROUP}/prod/db`, 'prod/db'],
  [`${GROUP}/instance/i-0a1`, 'instance/i-0a1'],
  [`${GROUP}//`, '/'],
  ['prod/db', 'prod/db'],
  ['', ''],
])('%s names %s', (text, name) => {
  expect(nameInArn(text)).toBe(name);
});

it('has a service, a Region, an account and a kind', () => {
  expect(arnParts(`${GROUP}/prod/i-0b1`)).toEqual({
    service: 'autoscaling',
    region: 'eu-west-1',
    account: '111122223333',
    kind: 'autoScalingGroupName',
    name: 'prod/i-0b1',
  });
  expect(arnParts('arn:aws:sqs:eu-west-1:111122223333')).toBeUndefined();
  expect(arnParts('db')).toBeUndefined();
});
