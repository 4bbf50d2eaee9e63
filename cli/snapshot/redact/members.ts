/** What the name of a member says of the texts under it. Pure. */

/** Members whose texts name somebody or something, wherever they stand. */
const NAMING =
  /(?:^|[a-z_-])(?:Name|Id|ID|Arn|ARN|Url|URL|Host|Hostname|Domain|Description|Comment|Bucket|Cidr|Principal|User|Email|Title|TagValue|By|Requester|Owner)$|^(?:name|id|arn|url|host|bucket|key|user|email|by|requestedBy|reason|target|title|comment|description|TagValue|Endpoint|Aliases|Items|AlarmDescription|Caller)$/u;

/** Members that have AWS's own words, which no enumeration of the SDK lists; names in them are those that stand elsewhere. */
const OPEN =
  /(?:Type|Types|State|States|Status|Statuses|Mode|Code|Class|Version|Protocol|Protocols|Family|Unit|Behavior|Action|Actions|Strategy|Tenancy|Platform|PlatformDetails|Engine|Runtime|Transition|Result|Expression|Timezone|Region|Zone|Zones|Progress|Statistic|Period|Port|Ports|Device|UsageOperation|Vendor|VendorName|Progress|Cause|StateReason|Message|StatusReason|ProcessName|SuspensionReason|ServiceCode|QuotaCode|QuotaName|LifecycleTransition|DefaultResult|Method|Size|Hypervisor|Architecture|ProductDescription|Format|Position|FallbackBehavior|HeaderName|OptInStatus|Scheme|Matcher)$|^(?:runbook|action|kind|outcome|code|call|at|source|detail-type|eventName|eventSource|awsRegion|version|region|time|mode|scope|partition|what|RestrictionType|Progress|State|DeviceName|RootDeviceName|IpProtocol|StateReasonData|LocationType|Namespace|MetricName|TerminationPolicies|Attributes|Protocol|Scope|WindowsConfiguration)$/u;

/** Members that end as one that names, and have AWS's words. */
const NOT_NAMING = new Set(['DeviceName', 'RootDeviceName', 'MetricName', 'VirtualName', 'HeaderName', 'VendorName', 'ProcessName', 'QuotaName', 'RegionName', 'ZoneName', 'ZoneId', 'AvailabilityZoneId', 'ServiceName', 'PlatformName', 'EventSource']);

/** Whether texts under it identify, whatever they look like. */
export function isNaming(member: string): boolean {
  return !NOT_NAMING.has(member) && NAMING.test(member);
}

/** Whether texts under it are AWS's words. */
export function isOpen(member: string): boolean {
  return NOT_NAMING.has(member) || OPEN.test(member);
}

/** Whether the key of a tag is one that runbooks or AWS read. */
export function isTagKey(key: string): boolean {
  return key === 'Name' || key.startsWith('runbook:') || key.startsWith('aws:');
}
