/** Known differences about Auto Scaling, alarms and events. */

import { missingError, scalingApi, type Known } from './known.ts';

const ALARMS = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference';
const EVENTS = 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html';
const STRANGER =
  "A group, an instance or a value that does not exist is a ValidationError, the service's error for input it cannot take; moto fails on the request.";
const SEEN_TERMINATION = 'https://gist.github.com/watchamcb/cf6e8e4a03f204fe9fe4';
const ERRORS = 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html';

const scalingDifferences: readonly Known[] = [
  {
    operation: 'autoscaling:DescribeAutoScalingGroups',
    where: ['AutoScalingGroups[].HealthCheckGracePeriod'],
    right: 'simulator',
    because: "The API's default is 0 seconds; 300 is the console's.",
    source: scalingApi('CreateAutoScalingGroup'),
  },
  {
    operation: 'autoscaling:DescribeAutoScalingGroups',
    where: ['AutoScalingGroups[].SuspendedProcesses[].SuspensionReason'],
    right: 'simulator',
    because: 'A suspended process says why. Moto gives an empty reason.',
    source: scalingApi('SuspendedProcess'),
  },
  {
    operation: 'autoscaling:DescribeAutoScalingInstances',
    where: ['AutoScalingInstances[].HealthStatus'],
    right: 'simulator',
    because:
      'This operation prints the health in capitals, unlike DescribeAutoScalingGroups. The runbooks compare without case.',
    source: 'https://docs.aws.amazon.com/cli/latest/reference/autoscaling/describe-auto-scaling-instances.html',
  },
  {
    operation: 'autoscaling:DescribeLifecycleHooks',
    where: ['LifecycleHooks[].GlobalTimeout'],
    right: 'simulator',
    because:
      'The most an instance stays in a wait is 48 hours or 100 heartbeats, whichever is less. Moto always says 48 hours.',
    source: scalingApi('LifecycleHook'),
  },
  missingError(
    'autoscaling:DescribeLifecycleHooks',
    'ValidationError',
    'A group that does not exist is a ValidationError. Moto answers with no hooks.',
    ERRORS,
  ),
  {
    operation: 'autoscaling:DescribeScalingActivities',
    where: ['Activities'],
    right: 'simulator',
    because: 'A group has its activities of the last six weeks. Moto keeps none.',
    source: scalingApi('DescribeScalingActivities'),
  },
  missingError(
    'autoscaling:SetDesiredCapacity',
    'ValidationError',
    'A capacity above the maximum is refused; moto takes it. For a group that does not exist it fails.',
    scalingApi('SetDesiredCapacity'),
  ),
  missingError('autoscaling:SetInstanceHealth', 'ValidationError', STRANGER, scalingApi('SetInstanceHealth')),
  {
    operation: 'fact',
    where: ['the unhealthy member is gone'],
    right: 'simulator',
    because: 'An unhealthy member is replaced by its group. In moto it only stays unhealthy.',
    source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-unhealthy-instance.html',
  },
  missingError(
    'autoscaling:SuspendProcesses',
    'ValidationError',
    'A process that does not exist is refused, a group that does not exist as well.',
    scalingApi('SuspendProcesses'),
  ),
  {
    operation: 'autoscaling:TerminateInstanceInAutoScalingGroup',
    where: ['Activity.AutoScalingGroupARN', 'Activity.Details', 'Activity.EndTime'],
    right: 'simulator',
    because: 'The answer is an activity in progress, which has not ended, with its zone and its subnet in Details.',
    source: SEEN_TERMINATION,
  },
  {
    operation: 'autoscaling:TerminateInstanceInAutoScalingGroup',
    where: ['Activity.Cause'],
    right: 'simulator',
    because: 'The text begins with `At 2015-06-22T13:24:25Z instance`; moto spells the time otherwise.',
    source: SEEN_TERMINATION,
  },
  missingError(
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    'ValidationError',
    'Decrementing may not bring the capacity below the minimum, and the instance must be a member. Moto goes below, and fails on a stranger.',
    scalingApi('TerminateInstanceInAutoScalingGroup'),
  ),
];

export const otherDifferences: readonly Known[] = [
  ...scalingDifferences,
  ...['DescribeAlarms', 'DescribeAlarmsForMetric'].map((name): Known => ({
    operation: `cloudwatch:${name}`,
    where: ['MetricAlarms[].StateTransitionedTimestamp'],
    right: 'simulator',
    because: 'An alarm says when its state value last changed, beside when its state was last written.',
    source: `${ALARMS}/API_MetricAlarm.html`,
  })),
  {
    operation: 'cloudwatch:DescribeAlarms',
    where: ['MetricAlarms'],
    simulator: 'absent',
    right: 'simulator',
    because:
      'AlarmTypes leaves the other type out, even alarms that are named. Moto answers with metric alarms when composite ones are asked for.',
    source: `${ALARMS}/API_DescribeAlarms.html`,
  },
  {
    operation: 'fact',
    where: ['alarms on the first page', 'the first page of alarms has a successor'],
    right: 'simulator',
    because: 'MaxRecords bounds a page. Moto ignores it.',
    source: `${ALARMS}/API_DescribeAlarms.html`,
  },
  missingError(
    'events:PutEvents',
    'ValidationException',
    'A request has 1 to 10 entries. Moto takes none and eleven.',
    EVENTS,
  ),
  {
    operation: 'events:PutEvents',
    where: ['Entries[].ErrorCode', 'Entries[].ErrorMessage', 'Entries[].EventId', 'FailedEntryCount'],
    scenario: 'requests about events that cannot be',
    right: 'simulator',
    because:
      'Sources that begin with `aws.` are reserved: the entry fails by itself, with NotAuthorizedForSourceException.',
    source: EVENTS,
  },
];
