/** Known differences about members that step aside. */

import { missingError, scalingApi, type Known } from './known.ts';

const CLI = 'https://docs.aws.amazon.com/cli/latest/reference/autoscaling';
const TIME = 'The text begins with `At 2015-04-12T15:10:23Z instance`; moto spells the time otherwise.';

/** An operation that answers with activities. `page`: of the AWS CLI, whose example shows AWS's own answer. */
function ofActivities(name: string, page: string): readonly Known[] {
  const operation = `autoscaling:${name}`;
  const source = `${CLI}/${page}.html`;
  return [
    {
      operation,
      where: ['Activities[].AutoScalingGroupARN', 'Activities[].Details', 'Activities[].EndTime'],
      right: 'simulator',
      because: 'The answer is an activity under way, which has not ended, with its zone and its subnet in Details.',
      source,
    },
    {
      operation,
      where: ['Activities[].Description'],
      right: 'simulator',
      because: 'The word is Standby. Moto writes StandBy.',
      source,
    },
  ];
}

export const standbyDifferences: readonly Known[] = [
  ...ofActivities('EnterStandby', 'enter-standby'),
  ...ofActivities('ExitStandby', 'exit-standby'),
  ...ofActivities('DetachInstances', 'detach-instances').slice(0, 1),
  ...(
    [
      ['EnterStandby', 'enter-standby'],
      ['ExitStandby', 'exit-standby'],
    ] as const
  ).map(([name, page]): Known => ({
    operation: `autoscaling:${name}`,
    where: ['Activities[].Cause'],
    right: 'simulator',
    because: TIME,
    source: `${CLI}/${page}.html`,
  })),
  {
    operation: 'autoscaling:DetachInstances',
    where: ['Activities[].Cause'],
    right: 'simulator',
    because: `${TIME} It does not say that the capacity shrinks, either.`,
    source: `${CLI}/detach-instances.html`,
  },
  missingError(
    'autoscaling:EnterStandby',
    'ValidationError',
    'Decrementing may not bring the capacity below the minimum, and each instance must be a member in service. Moto goes below, passes over strangers, and takes a member twice.',
    'https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html',
  ),
  missingError(
    'autoscaling:ExitStandby',
    'ValidationError',
    'The capacity grows with each member that is back, and may not get above the maximum; each must be in standby. Moto goes above and passes over strangers.',
    'https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html',
  ),
  missingError(
    'autoscaling:DetachInstances',
    'ValidationError',
    'Decrementing may not bring the capacity below the minimum, and each instance must be a member. Moto goes below and passes over strangers.',
    scalingApi('DetachInstances'),
  ),
  {
    operation: 'fact',
    where: ['the member in standby is no target'],
    right: 'simulator',
    because: 'A member in standby is deregistered from its load balancers. In moto it stays a target.',
    source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html',
  },
];
