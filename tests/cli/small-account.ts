/** A small account that the events of `tests/fixtures/events` tell of: the instance that holds an address, and its standby. */

const HOLDER = 'i-0123456789abcdef0';
const STANDBY = 'i-0fedcba9876543210';
const TAGS = [{ Key: 'runbook:vip', Value: 'web' }];

function instance(InstanceId: string, zone: string, host: string): object {
  const PrivateIpAddress = `10.0.${host}.10`;
  const NetworkInterfaceId = `eni-0${host.repeat(16)}`;
  return {
    InstanceId,
    State: { Name: 'running' },
    Placement: { AvailabilityZone: `eu-west-1${zone}` },
    PrivateIpAddress,
    NetworkInterfaces: [
      {
        NetworkInterfaceId,
        PrivateIpAddress,
        Attachment: { DeviceIndex: 0, Status: 'attached' },
        PrivateIpAddresses: [{ Primary: true, PrivateIpAddress }],
      },
    ],
    Tags: TAGS,
  };
}

const ADDRESS = {
  AllocationId: 'eipalloc-0123456789abcdef0',
  PublicIp: '203.0.113.10',
  Domain: 'vpc',
  NetworkBorderGroup: 'eu-west-1',
  Tags: TAGS,
};
const HELD = {
  AssociationId: 'eipassoc-0123456789abcdef0',
  InstanceId: HOLDER,
  NetworkInterfaceId: 'eni-01111111111111111',
  NetworkInterfaceOwnerId: '111122223333',
  PrivateIpAddress: '10.0.1.10',
};
const INSTANCES = [instance(HOLDER, 'a', '1'), instance(STANDBY, 'b', '2')];

const IMPAIRED = {
  InstanceId: HOLDER,
  InstanceState: { Name: 'running' },
  SystemStatus: { Status: 'ok' },
  InstanceStatus: {
    Status: 'impaired',
    Details: [{ Name: 'reachability', Status: 'failed', ImpairedSince: '2026-11-22T07:58:00Z' }],
  },
};

const ALARM = {
  AlarmName: 'web-primary-status',
  StateValue: 'ALARM',
  StateUpdatedTimestamp: '2026-11-22T08:00:04Z',
  StateTransitionedTimestamp: '2026-11-22T08:00:04Z',
  Namespace: 'AWS/EC2',
  MetricName: 'StatusCheckFailed',
  Statistic: 'Maximum',
  Dimensions: [{ Name: 'InstanceId', Value: HOLDER }],
  Period: 60,
  EvaluationPeriods: 2,
  DatapointsToAlarm: 2,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'breaching',
};

const COMPOSITE = {
  AlarmName: 'web-down',
  StateValue: 'ALARM',
  StateUpdatedTimestamp: '2026-11-22T08:00:04Z',
  StateTransitionedTimestamp: '2026-11-22T08:00:04Z',
  AlarmRule: 'ALARM("web-primary-status")',
};

function group(
  members: readonly { readonly InstanceId: string; readonly LifecycleState: string }[],
  hook: object,
): object {
  return {
    AutoScalingGroups: [
      {
        AutoScalingGroupName: 'web',
        MinSize: 0,
        MaxSize: 2,
        DesiredCapacity: 1,
        AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
        Instances: members,
        Tags: TAGS.map((tag) => ({ ...tag, PropagateAtLaunch: true })),
      },
    ],
    LifecycleHooks: [{ AutoScalingGroupName: 'web', HeartbeatTimeout: 300, DefaultResult: 'CONTINUE', ...hook }],
  };
}

/** How the account stands when the event comes. */
export type Standing =
  /** The holder fails its instance check, the standby is well, an alarm tells of it. */
  | 'failing'
  /** Both are well. */
  | 'well'
  /** The group launches its one member; nobody holds the address. */
  | 'launching'
  /** The group ends the holder; the other member stays. */
  | 'leaving'
  /** A queue of dead letters that is tagged `auto` holds one; nobody takes from the queue that it failed in. */
  | 'letters';

const EC2 = { Instances: INSTANCES, Addresses: [{ ...ADDRESS, ...HELD }] };
const LAUNCHING = {
  LifecycleHookName: 'claim',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  NotificationMetadata: 'vip=web',
};
const LEAVING = { LifecycleHookName: 'hand-over', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' };
const MEMBERS = [
  { InstanceId: HOLDER, LifecycleState: 'Terminating:Wait' },
  { InstanceId: STANDBY, LifecycleState: 'InService' },
];

const ORDERS_DLQ = 'arn:aws:sqs:eu-west-1:111122223333:orders-dlq';
const QUEUES = [
  {
    QueueName: 'orders',
    Attributes: {
      VisibilityTimeout: '30',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: ORDERS_DLQ, maxReceiveCount: 1 }),
    },
    Messages: [],
  },
  {
    QueueName: 'orders-dlq',
    Attributes: { MessageRetentionPeriod: '1209600' },
    Tags: { 'runbook:redrive': 'auto' },
    Messages: [
      {
        MessageId: '107df077-0456-5ab9-ab95-e969c6bf729c',
        Body: '{"id": 1}',
        Attributes: {
          SentTimestamp: '1795330800000',
          ApproximateReceiveCount: '2',
          SenderId: 'AIDAEXAMPLE',
          DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-west-1:111122223333:orders',
        },
      },
    ],
  },
];

const ACCOUNTS: { readonly [S in Standing]: object } = {
  failing: {
    ec2: { ...EC2, InstanceStatuses: [IMPAIRED] },
    cloudwatch: { MetricAlarms: [ALARM], CompositeAlarms: [COMPOSITE] },
  },
  well: { ec2: EC2 },
  launching: {
    ec2: { Instances: INSTANCES.slice(1), Addresses: [ADDRESS] },
    'auto-scaling': group([{ InstanceId: STANDBY, LifecycleState: 'Pending:Wait' }], LAUNCHING),
  },
  leaving: { ec2: EC2, 'auto-scaling': group(MEMBERS, LEAVING) },
  letters: { sqs: { Queues: QUEUES }, lambda: { EventSourceMappings: [] } },
};

/** The account as a world file. */
export function smallAccount(standing: Standing, now: string): object {
  // It has no queues but where a standing says so: an event may ask for one.
  return { now, account: '111122223333', region: 'eu-west-1', sqs: { Queues: [] }, ...ACCOUNTS[standing] };
}
