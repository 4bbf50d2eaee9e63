/** What the name of a member says of the texts under it. Pure. */

/** Members whose texts name somebody or something, wherever they stand. */
const NAMING =
  /(?:^|[a-z_-])(?:Name|Id|ID|Arn|ARN|Url|URL|Host|Hostname|Domain|Description|Comment|Bucket|Cidr|Principal|User|Email|Title|TagValue|By|Requester|Owner)$|^(?:name|id|arn|url|host|bucket|key|user|email|by|requestedBy|target|title|comment|description|TagValue|Endpoint|Aliases|Items|AlarmDescription|Caller)$/u;

/** Members that have AWS's own words, which no enumeration of the SDK lists; names in them are those that stand elsewhere. */
const OPEN =
  /(?:Type|Types|State|States|Status|Statuses|Mode|Code|Class|Version|Protocol|Protocols|Family|Unit|Behavior|Action|Actions|Strategy|Tenancy|Platform|PlatformDetails|Engine|Runtime|Transition|Result|Expression|Timezone|Region|Zone|Zones|Progress|Statistic|Period|Port|Ports|Device|UsageOperation|Vendor|VendorName|Progress|Cause|Reason|Message|StatusReason|ProcessName|SuspensionReason|ServiceCode|QuotaCode|QuotaName|LifecycleTransition|DefaultResult|Method|Size|Hypervisor|Architecture|ProductDescription|Format|Position|FallbackBehavior|HeaderName|OptInStatus|Scheme|Matcher)$|^(?:StateReasonData|WindowsConfiguration|TerminationPolicies|Attributes|state|status)$/u;

/** Members whose texts are taken as they are: words of AWS's protocols, and of ours. */
const FIXED =
  /^(?:\$schema|action|alarm-class|awsRegion|call|code|detail-type|detailType|eventName|eventSource|eventVersion|IpProtocol|kind|LocationType|mode|namespace|Namespace|outcome|partition|principalIdFormat|RestrictionType|runbook|scope|Scope|source|what|DeviceName|RootDeviceName|phase|family|verdict|manner|stat|Statistic|AvailabilityZone|ZoneName|RegionName|Region|region|VendorName|HeaderName|ProcessName|PlatformName|InstanceType|EventSource|Protocol|LifecycleTransition|lifecycleTransition|ServiceName|QuotaCode|QuotaName|PolicyNames)$/u;

/** Members that end as one that names, and have AWS's words. */
const NOT_NAMING = new Set([
  'DeviceName',
  'RootDeviceName',
  'VirtualName',
  'HeaderName',
  'VendorName',
  'ProcessName',
  'QuotaName',
  'RegionName',
  'ZoneName',
  'ZoneId',
  'AvailabilityZoneId',
  'ServiceName',
  'PlatformName',
  'EventSource',
]);

/** Whether texts under it identify, whatever they look like. */
export function isNaming(member: string): boolean {
  return !NOT_NAMING.has(member) && NAMING.test(member);
}

/** Whether texts under it stay as they are. */
export function isFixed(member: string): boolean {
  return FIXED.test(member);
}

/**
 * Members that have AWS's words, and those of whoever sends metrics and events of their own. Source: CloudWatch user guide, "Namespaces"
 * (`AWS/…`; the agent's is `CWAgent`); EventBridge user guide, "Events" (`aws.…`). Of ours the sources have no capitals and no dots.
 */
const AWS_ONLY: ReadonlyMap<string, RegExp> = new Map([
  ['Namespace', /^(?:AWS\/|CWAgent$)/u],
  ['namespace', /^(?:AWS\/|CWAgent$)/u],
  ['source', /^(?:aws\.|[a-z-]+$)/u],
]);

/** Whether a text under a member that has AWS's words is somebody's own. */
export function isSomebodys(member: string, text: string): boolean {
  const own = AWS_ONLY.get(member);
  return own !== undefined && !own.test(text);
}

/** Dimensions of metrics in which AWS names its resources, as EC2, EBS, Auto Scaling, Elastic Load Balancing, SQS, WAF and Lambda have them. */
const DIMENSIONS: ReadonlySet<unknown> = new Set(
  `InstanceId InstanceType ImageId AutoScalingGroupName VolumeId AvailabilityZone Region LoadBalancer TargetGroup QueueName
  WebACL Rule RuleGroup FunctionName TopicName DistributionId CacheClusterId device fstype path host`.split(/\s+/u),
);

/** Whether a dimension is one of AWS's. */
export function isDimension(name: unknown): boolean {
  return DIMENSIONS.has(name);
}

/** Maps whose keys are names, addresses or paths; everywhere else keys are members of a protocol. */
const KEYED = new Set(['ManagedKeys', 'memory', 'probes', 'set', 'value']);

/** Whether the keys of an object under it may be names. */
export function isKeyed(member: string): boolean {
  return KEYED.has(member);
}

/** Whether texts under it are AWS's words. */
export function isOpen(member: string): boolean {
  return NOT_NAMING.has(member) || OPEN.test(member);
}

/** Tags of ours whose values are names; those of the others are words, numbers and sentences of ours, in which names may stand. */
const NAME_TAGS = new Set([
  'runbook:bastion',
  'runbook:block',
  'runbook:flush',
  'runbook:flush-bucket',
  'runbook:flush-index',
  'runbook:hpc-queue',
  'runbook:ladder',
  'runbook:lockdown',
  'runbook:parking',
  'runbook:redrive-target',
  'runbook:stage-in',
  'runbook:vip',
  'runbook:volumes',
]);

/** Under which name of a member the value of a tag is looked at. */
export function memberOfTag(key: string): string {
  const isOurs = key.startsWith('runbook:') && !NAME_TAGS.has(key);
  return isOurs || key === 'parallelcluster:node-type' ? 'Reason' : 'TagValue';
}

/** Whether the key of a tag is one that runbooks or AWS read. */
export function isTagKey(key: string): boolean {
  return key === 'Name' || /^(?:aws|parallelcluster|runbook):/u.test(key);
}
