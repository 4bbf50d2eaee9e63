/**
 * Every request that a snapshot may send. This table is printed by `--list-calls`, is what `deploy/snapshot.yml` permits, and is what is
 * sent: `asking.ts` refuses whatever is not in it. Pure.
 *
 * Of what a response may carry `strip.ts` takes out what is no runbook's business. Whole operations are not here because of it: no bodies
 * of messages or objects (`sqs:ReceiveMessage`, `s3:GetObject`), no secrets, no user data, no output of commands.
 */

/** A request that may be sent. */
export interface Call {
  /** `service:Operation`, with IAM's prefix. */
  readonly call: string;
  /** What it is sent for. */
  readonly why: string;
  /** Which runbooks read what it brings. Empty: it is the snapshot's own, to know where it is. */
  readonly runbooks: readonly string[];
  /** Member of the request that asks for the next page; absent: there is one page. */
  readonly token?: string;
  /** IAM's actions, where they are not the call's own name. */
  readonly actions?: readonly string[];
  /** It leaves once in so many milliseconds: AWS takes no more. */
  readonly everyMs?: number;
}

const ADDRESS = 'reassign-elastic-ip';
const BASTION = 'heal-bastion';
const BLOCK = 'block-address';
const DENY = 'deny-networks';
const FLEET = 'scale-hpc-fleet';
const FLUSH = 'flush-caches';
const PROVE = 'prove-blocklist';
const PUBLISH = 'publish-blocklist';
const REDRIVE = 'redrive-dead-letters';
const RESTRICT = 'restrict-access';
const VOLUMES = 'carry-volumes';

const NEXT = { token: 'NextToken' } as const;
const MARKER = { token: 'Marker' } as const;
const NEXT_MARKER = { token: 'NextMarker' } as const;

type Row = readonly [
  operation: string,
  why: string,
  runbooks: readonly string[],
  more?: Pick<Call, 'token' | 'actions' | 'everyMs'>,
];

function rows(prefix: string, list: readonly Row[]): readonly Call[] {
  return list.map(([operation, why, runbooks, more = {}]) => ({
    call: `${prefix}:${operation}`,
    why,
    runbooks,
    ...more,
  }));
}

const IDENTITY: readonly Call[] = [
  ...rows('sts', [['GetCallerIdentity', 'whose account this is', []]]),
  ...rows('iam', [['ListAccountAliases', "the account's alias, for the header", []]]),
];

const LEDGER: readonly Call[] = [
  ...rows('dynamodb', [
    ['Query', 'the ledger: switches, modes, leases, records, data', []],
    ['GetItem', 'the ledger: bodies of records', []],
  ]),
];

const EC2 = rows('ec2', [
  ['DescribeAddresses', 'Elastic IPs, their holders and tags', [ADDRESS, BLOCK], {}],
  ['DescribeAvailabilityZones', 'zones, and whether they work', [ADDRESS, VOLUMES], {}],
  ['DescribeCapacityReservations', 'reserved capacity', [FLEET], NEXT],
  ['DescribeImages', 'images of launch templates and instances', [FLEET], {}],
  ['DescribeInstanceAttribute', 'termination and stop protection, no other attribute', [FLEET], {}],
  ['DescribeInstanceStatus', 'status checks', [ADDRESS, BASTION], NEXT],
  ['DescribeInstanceTypeOfferings', 'where the types of launch templates are offered', [FLEET], NEXT],
  ['DescribeInstanceTypes', 'what the types of launch templates can do', [FLEET], NEXT],
  ['DescribeInstances', 'instances', [ADDRESS, BASTION, DENY, FLEET, VOLUMES], NEXT],
  ['DescribeLaunchTemplateVersions', 'launch templates, without user data', [FLEET], NEXT],
  ['DescribeLaunchTemplates', 'launch templates', [FLEET], NEXT],
  ['DescribeManagedPrefixLists', 'prefix lists', [BLOCK, DENY, PROVE, RESTRICT], NEXT],
  ['DescribeNetworkAcls', 'network ACLs', [BASTION, DENY, PROVE], NEXT],
  ['DescribeNetworkInterfaces', 'network interfaces', [ADDRESS, BASTION, BLOCK], NEXT],
  ['DescribePlacementGroups', 'placement groups', [FLEET], {}],
  ['DescribeSecurityGroups', 'security groups and their rules', [BASTION, FLEET, RESTRICT], NEXT],
  ['DescribeSnapshots', 'snapshots of this account', [VOLUMES], NEXT],
  ['DescribeSpotInstanceRequests', 'which instances Spot may take back', [ADDRESS], NEXT],
  ['DescribeSubnets', 'subnets', [BASTION, FLEET], NEXT],
  ['DescribeVolumes', 'volumes', [ADDRESS, VOLUMES], NEXT],
  ['DescribeVpcPeeringConnections', 'networks that are ours by peering', [BLOCK], NEXT],
  ['DescribeVpcs', 'VPCs', [BLOCK], NEXT],
  ['GetManagedPrefixListEntries', 'what stands in the prefix lists', [BASTION, BLOCK, DENY, PROVE, RESTRICT], NEXT],
]);

const SCALING = rows('autoscaling', [
  ['DescribeAutoScalingGroups', 'groups', [ADDRESS, BASTION, VOLUMES], NEXT],
  ['DescribeLifecycleHooks', 'their lifecycle hooks', [ADDRESS, VOLUMES], {}],
  ['DescribeScalingActivities', 'what they did lately', [VOLUMES], NEXT],
  ['DescribeWarmPool', 'their warm pools', [VOLUMES], NEXT],
]);

const BALANCING = rows('elasticloadbalancing', [
  ['DescribeListeners', 'which ports lead to the bastions', [BASTION], MARKER],
  ['DescribeLoadBalancerAttributes', 'cross-zone load balancing', [BASTION], {}],
  ['DescribeLoadBalancers', 'load balancers', [BASTION, PROVE], MARKER],
  ['DescribeTags', 'tags of load balancers and target groups', [BASTION], {}],
  ['DescribeTargetGroupAttributes', 'how targets are taken out', [BASTION], {}],
  ['DescribeTargetGroups', 'target groups', [BASTION], MARKER],
  ['DescribeTargetHealth', 'health of targets', [BASTION], {}],
]);

const BATCH = rows('batch', [
  ['DescribeComputeEnvironments', 'compute environments', [FLEET], { token: 'nextToken' }],
  ['DescribeJobQueues', 'job queues', [FLEET], { token: 'nextToken' }],
  ['DescribeJobs', 'what waiting jobs ask for, without commands and environment', [FLEET], {}],
  ['ListJobs', 'jobs that wait or run', [FLEET], { token: 'nextToken' }],
]);

const CACHES: readonly Call[] = [
  ...rows('apigateway', [
    ['GetRestApis', 'which REST APIs there are', [FLUSH], { token: 'position', actions: ['apigateway:GET'] }],
    ['GetStages', 'caches of their stages, without variables', [FLUSH], { actions: ['apigateway:GET'] }],
  ]),
  ...rows('cloudfront', [
    ['GetAnycastIpList', 'addresses of CloudFront', [RESTRICT], {}],
    ['GetDistribution', 'distributions, without headers for origins', [FLUSH, RESTRICT], {}],
    ['GetDistributionTenant', 'tenants of distributions, without parameters', [FLUSH], {}],
    ['ListAnycastIpLists', 'addresses of CloudFront', [RESTRICT], MARKER],
    ['ListDistributionTenants', 'which tenants there are', [FLUSH], MARKER],
    ['ListDistributions', 'which distributions there are', [FLUSH, PROVE, RESTRICT], MARKER],
    ['ListTagsForResource', 'tags of distributions', [FLUSH, RESTRICT], {}],
  ]),
  ...rows('dax', [['DescribeClusters', 'DAX clusters', [FLUSH], NEXT]]),
  ...rows('elasticache', [
    ['DescribeCacheClusters', 'cache clusters', [FLUSH], MARKER],
    ['DescribeReplicationGroups', 'replication groups', [FLUSH], MARKER],
    ['ListTagsForResource', 'their tags', [FLUSH], {}],
  ]),
];

const QUEUES: readonly Call[] = [
  ...rows('sqs', [
    ['GetQueueAttributes', 'queues: redrive policies, how many messages', [REDRIVE, FLEET], {}],
    ['ListMessageMoveTasks', 'what SQS is moving', [REDRIVE], {}],
    ['ListQueueTags', 'tags of queues', [REDRIVE], {}],
    ['ListQueues', 'which queues there are', [REDRIVE, FLEET], NEXT],
  ]),
  ...rows('sns', [
    ['GetSubscriptionAttributes', 'dead letters of subscriptions', [REDRIVE], {}],
    ['ListSubscriptions', 'subscriptions', [REDRIVE], NEXT],
  ]),
  ...rows('events', [
    ['DescribeEventBus', 'dead letters of event buses', [REDRIVE], {}],
    ['ListEventBuses', 'event buses', [REDRIVE], NEXT],
    ['ListRules', 'rules', [REDRIVE], NEXT],
    ['ListTargetsByRule', 'dead letters of their targets, without inputs', [REDRIVE], NEXT],
  ]),
  ...rows('scheduler', [
    ['GetSchedule', 'dead letters of schedules, without inputs', [REDRIVE], {}],
    ['ListSchedules', 'schedules', [REDRIVE], NEXT],
  ]),
  ...rows('lambda', [
    ['GetFunctionConcurrency', 'whether a function is stopped', [REDRIVE], {}],
    ['ListAliases', 'aliases of functions', [REDRIVE], MARKER],
    ['ListEventSourceMappings', 'which queue feeds which function', [REDRIVE], MARKER],
    ['ListFunctionEventInvokeConfigs', 'destinations of failed events', [REDRIVE], MARKER],
    ['ListFunctions', 'functions, without environment', [REDRIVE], MARKER],
  ]),
  ...rows('kms', [['DescribeKey', 'whether keys of queues and volumes are enabled', [REDRIVE, VOLUMES], {}]]),
];

const FLEETS: readonly Call[] = [
  ...rows('datasync', [
    ['DescribeTask', 'tasks that stage data in', [FLEET], {}],
    ['DescribeTaskExecution', 'what they do now', [FLEET], {}],
  ]),
  ...rows('fsx', [
    ['DescribeDataRepositoryTasks', 'what stages data in', [FLEET], NEXT],
    ['DescribeFileSystems', 'file systems into which data is staged', [FLEET], NEXT],
  ]),
  ...rows('servicequotas', [['GetServiceQuota', 'quotas of vCPUs', [FLEET], {}]]),
  ...rows('ssm', [
    ['DescribeInstanceInformation', 'instances that Systems Manager reaches', [DENY], NEXT],
    ['GetParameter', 'ladders that launch templates name; never decrypted', [FLEET], {}],
    ['GetParametersByPath', 'which stacks are deployed here', [], NEXT],
    ['ListDocuments', 'command documents of this account', [BASTION, FLEET], NEXT],
  ]),
];

/** Source: AWS WAF quotas, "Maximum number of individual calls to Get or List": 5 a second; of ListResourcesForWebACL: 1. */
const OFTEN = { everyMs: 200 } as const;
const SELDOM = { everyMs: 1_000 } as const;

const WAF = rows('wafv2', [
  ['GetIPSet', 'addresses in IP sets', [PROVE, PUBLISH], OFTEN],
  ['GetRateBasedStatementManagedKeys', 'whom rate-based rules hold', [BLOCK], OFTEN],
  ['GetRuleGroup', 'rules of rule groups, without what they search for', [PROVE], OFTEN],
  ['GetWebACL', 'rules of web ACLs, without what they search for', [BLOCK, PROVE, RESTRICT], OFTEN],
  ['ListIPSets', 'IP sets', [PROVE, PUBLISH], { ...NEXT_MARKER, ...OFTEN }],
  ['ListResourcesForWebACL', 'what is behind a web ACL', [PROVE], SELDOM],
  ['ListTagsForResource', 'tags of IP sets and web ACLs', [PROVE, PUBLISH], OFTEN],
  ['ListWebACLs', 'web ACLs', [BLOCK, PROVE], { ...NEXT_MARKER, ...OFTEN }],
]);

/** All requests that a snapshot may send, in the order in which they are read. */
export const CALLS: readonly Call[] = [
  ...IDENTITY,
  ...LEDGER,
  ...rows('tag', [
    [
      'GetResources',
      'what carries tags',
      [BASTION, FLUSH, PROVE, PUBLISH, REDRIVE, RESTRICT],
      { token: 'PaginationToken' },
    ],
  ]),
  ...rows('cloudwatch', [['DescribeAlarms', 'alarms', [ADDRESS], NEXT]]),
  ...EC2,
  ...SCALING,
  ...BALANCING,
  ...BATCH,
  ...CACHES,
  ...QUEUES,
  ...FLEETS,
  ...WAF,
];

/** What `doctor` asks besides, of the stacks themselves. */
export const DOCTOR_CALLS: readonly Call[] = [
  ...rows('cloudwatch', [['GetMetricData', 'when the schedules ticked last', [], NEXT]]),
  ...rows('iam', [['SimulatePrincipalPolicy', 'what a role may not do although its policy says so', [], MARKER]]),
  ...rows('lambda', [['GetAccountSettings', 'how much concurrency is left in the account', [], {}]]),
];

const BY_NAME: ReadonlyMap<string, Call> = new Map([...CALLS, ...DOCTOR_CALLS].map((one) => [one.call, one]));

/** The row of a call; `undefined`: no part of the command that only reads sends it. */
export function callOf(name: string): Call | undefined {
  return BY_NAME.get(name);
}

/** IAM's actions that a call needs. */
export function actionsOf({ call, actions = [call] }: Call): readonly string[] {
  return actions;
}

/** `74 calls of 23 services`, for the line above the first of them. */
export function countText(calls: readonly Call[] = CALLS): string {
  const services = new Set(calls.map(({ call }) => call.split(':')[0]));
  return `${calls.length} calls of ${services.size} services`;
}
