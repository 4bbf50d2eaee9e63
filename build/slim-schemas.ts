/** The schema file of each client, rewritten so that what we do not send or read of it stays out of the bundle. */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { keepMembers } from './kept-members.ts';
import { leaveOutUnnamed } from './slim-members.ts';

const SCHEMA_FILE = /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const SCHEMA_DECLARATION = /^(export var|var) (\w+\$?) = (\[[\s\S]*?\]);$/gmu;

/** Wraps the schema arrays of a client's schema file so that a bundler may drop the unused ones. */
export function markSchemasPure(source: string): string {
  return source.replaceAll(SCHEMA_DECLARATION, '$1 $2 = /* @__PURE__ */ (() => $3)();');
}

const STRING_CONSTANT = /^const (_\w+) = ("[^"\\\n]*");\n/gmu;
/** Strings are matched too, so that a name inside one is left alone. */
const STRING_OR_NAME = /"[^"\n]*"|`[^`\n]*`|\b_\w+\b/gu;

/** Puts a string that is used once where it is used; as a variable each costs a declaration more. */
export function inlineStrings(source: string): string {
  const uses = new Map<string, number>();
  for (const [word] of source.matchAll(STRING_OR_NAME)) uses.set(word, (uses.get(word) ?? 0) + 1);
  const once = new Map<string, string>();
  const rest = source.replaceAll(STRING_CONSTANT, (declaration, name: string, text: string) => {
    if (uses.get(name) !== 2) return declaration;
    once.set(name, text);
    return '';
  });
  return rest.replaceAll(STRING_OR_NAME, (word) => once.get(word) ?? word);
}

const EC2_MEMBER = /\[(\d+|\(\) => \w+\$?), \{ \[_eQN\]: `(\w+)`,\s+\[_xN\]: (_\w+) \}\]/gu;
const EC2_HELPER =
  'const ec2Member = (name, schema = 0) => [schema, { ec2QueryName: name, xmlName: name[0].toLowerCase() + name.slice(1) }];\n';

/**
 * EC2 writes out two names of each member, `InstanceId` for requests and `instanceId` for answers. Derived from one another
 * they take 12 to 15 KB less of what our commands use.
 */
export function deriveMemberNames(source: string): string {
  const texts = new Map([...source.matchAll(STRING_CONSTANT)].map(([, name = '', text = '']) => [name, text]));
  const names = new Map([...texts].map(([name, text]) => [text, name]));
  const derived = source.replaceAll(EC2_MEMBER, (member, schema: string, queryName: string, xmlName: string) => {
    if (texts.get(xmlName) !== JSON.stringify(queryName.charAt(0).toLowerCase() + queryName.slice(1))) return member;
    const name = names.get(JSON.stringify(queryName)) ?? JSON.stringify(queryName);
    return schema === '0' ? `ec2Member(${name})` : `ec2Member(${name}, ${schema})`;
  });
  return derived === source ? source : EC2_HELPER + derived;
}

/**
 * Shapes in EC2's answers of which nothing of ours reads anything, by their schema. Most of what EC2 says of an instance is how
 * it was launched.
 */
export const UNREAD: readonly string[] = [
  'AssociatedSubnetList',
  'AttachmentEnaSrdSpecification$',
  'AvailabilityZoneGeographyList',
  'AvailabilityZoneMessageList',
  'AvailabilityZoneSubGeographyList',
  'BandwidthWeightingTypeList',
  'BlockPublicAccessStates$',
  'BootModeTypeList',
  'CapacityAllocations',
  'CapacityReservationAdjustmentDetails$',
  'CapacityReservationCommitmentInfo$',
  'ConnectionTrackingConfiguration$',
  'ConnectionTrackingSpecification$',
  'ConnectionTrackingSpecificationResponse$',
  'CreditSpecification$',
  'DefaultConnectionTrackingConfiguration$',
  'EbsInfo$',
  'EbsStatusDetailsList',
  'ElasticGpuAssociationList',
  'ElasticGpuSpecificationResponseList',
  'ElasticInferenceAcceleratorAssociationList',
  'EnclaveOptions$',
  'FpgaInfo$',
  'HibernationOptions$',
  'IamInstanceProfile$',
  'ImageWatermarkList',
  'InferenceAcceleratorInfo$',
  'InstanceAttachmentEnaSrdSpecification$',
  'InstanceIpv4PrefixList',
  'InstanceIpv6PrefixList',
  'InstanceMaintenanceOptions$',
  'InstanceMetadataOptionsResponse$',
  'InstanceNetworkPerformanceOptions$',
  'InstanceRequirements$',
  'InstanceSecondaryInterfaceList',
  'InstanceStatusDetailsList',
  'InstanceStorageInfo$',
  'InstanceTypeSpecification$',
  'InterruptibleCapacityAllocation$',
  'InterruptionInfo$',
  'Ipv4PrefixListResponse',
  'Ipv4PrefixesList',
  'Ipv6PrefixListResponse',
  'Ipv6PrefixesList',
  'LaunchSpecification$',
  'LaunchTemplateBlockDeviceMappingList',
  'LaunchTemplateElasticInferenceAcceleratorResponseList',
  'LaunchTemplateEnaSrdSpecification$',
  'LaunchTemplateEnclaveOptions$',
  'LaunchTemplateHibernationOptions$',
  'LaunchTemplateIamInstanceProfileSpecification$',
  'LaunchTemplateInstanceMaintenanceOptions$',
  'LaunchTemplateInstanceMetadataOptions$',
  'LaunchTemplateInstanceSecondaryInterfaceSpecificationList',
  'LaunchTemplateLicenseList',
  'LaunchTemplateNetworkPerformanceOptions$',
  'LaunchTemplatePrivateDnsNameOptions$',
  'LaunchTemplatesMonitoring$',
  'LicenseList',
  'MediaAcceleratorInfo$',
  'Monitoring$',
  'NeuronInfo$',
  'NitroTpmInfo$',
  'PerformanceStatusSummary$',
  'PrivateDnsNameOptionsOnLaunch$',
  'PrivateDnsNameOptionsResponse$',
  'ProcessorInfo$',
  'ProductCodeList',
  'PublicIpDnsNameOptions$',
  'RootDeviceTypeList',
  'ScanResults$',
  'SpotInstanceStateFault$',
  'StateReason$',
  'VirtualizationTypeList',
];

/** The same of Auto Scaling's groups: which instances they would launch. */
export const UNREAD_OF_GROUPS: readonly string[] = [
  'AvailabilityZoneDistribution$',
  'AvailabilityZoneImpairmentPolicy$',
  'CapacityReservationSpecification$',
  'EnabledMetrics',
  'InstanceMaintenancePolicy$',
  'MixedInstancesPolicy$',
];

/** The same of WAF's web ACLs, which nothing of ours writes: by what a rule is true, where that is no IP set, and what it answers with. */
export const UNREAD_OF_WEB_ACLS: readonly string[] = [
  'ApplicationConfig$',
  'AsnMatchStatement$',
  'AssociationConfig$',
  'ByteMatchStatement$',
  'CaptchaConfig$',
  'ChallengeConfig$',
  'CustomRequestHandling$',
  'CustomResponse$',
  'CustomResponseBodies',
  'DataProtectionConfig$',
  'FirewallManagerStatement$',
  'ForwardedIPConfig$',
  'GeoMatchStatement$',
  'ManagedRuleGroupConfigs',
  'MonetizationConfig$',
  'MonetizeAction$',
  'OnSourceDDoSProtectionConfig$',
  'RateBasedStatementCustomKeys',
  'RegexMatchStatement$',
  'RegexPatternSetReferenceStatement$',
  'SizeConstraintStatement$',
  'SqliMatchStatement$',
  'XssMatchStatement$',
];

/** The same of CloudWatch's alarms: how they evaluate, and those that watch log groups. */
export const UNREAD_OF_ALARMS: readonly string[] = [
  'ActionConfiguration$',
  'EvaluationCriteria$',
  'EvaluationWindow$',
  'LogAlarms',
  'WarmUpConfiguration$',
];

/** The same of Lambda's functions and mappings: by what they run, and by what a mapping reads streams. */
export const UNREAD_OF_FUNCTIONS: readonly string[] = [
  'AliasRoutingConfiguration$',
  'AmazonManagedKafkaEventSourceConfig$',
  'CapacityProviderConfig$',
  'DocumentDBEventSourceConfig$',
  'EnvironmentResponse$',
  'EphemeralStorage$',
  'EventSourceMappingLoggingConfig$',
  'EventSourceMappingMetricsConfig$',
  'FileSystemConfigList',
  'FilterCriteria$',
  'FilterCriteriaError$',
  'ImageConfigResponse$',
  'LayersReferenceList',
  'ProvisionedPollerConfig$',
  'RuntimeVersionConfig$',
  'ScalingConfig$',
  'SelfManagedEventSource$',
  'SelfManagedKafkaEventSourceConfig$',
  'SnapStartResponse$',
  'SourceAccessConfigurations',
  'TenancyConfig$',
  'TracingConfigResponse$',
  'VpcConfigResponse$',
];

/** The same of targets of EventBridge's rules: what each kind of target is given besides. */
export const UNREAD_OF_TARGETS: readonly string[] = [
  'AppSyncParameters$',
  'BatchParameters$',
  'EcsParameters$',
  'HttpParameters$',
  'KinesisParameters$',
  'RedshiftDataParameters$',
  'RetryPolicy$',
  'RunCommandParameters$',
  'SageMakerPipelineParameters$',
  'SqsParameters$',
];

/**
 * The same of AWS Batch's jobs and compute environments: what a job runs with, and what its instances are made of. What its containers
 * ask for is read of what AWS sent: texts and numbers by the names that the SDK has for them, too.
 */
export const UNREAD_OF_JOBS: readonly string[] = [
  'AttemptDetails',
  'ComputeScalingPolicy$',
  'ConsumableResourceProperties$',
  'ContainerDetail$',
  'ContainerProperties$',
  'ContainerSummary$',
  'Ec2ConfigurationList',
  'EcsProperties$',
  'EcsPropertiesDetail$',
  'EcsSettings$',
  'EksAttemptDetails',
  'EksConfiguration$',
  'EksProperties$',
  'EksPropertiesDetail$',
  'EnvironmentVariables',
  'EphemeralStorage$',
  'FargatePlatformConfiguration$',
  'JobCapacityUsageSummaryList',
  'JobDependencyList',
  'JobStateTimeLimitActions',
  'JobTimeout$',
  'LaunchTemplateSpecification$',
  'LinuxParameters$',
  'LogConfiguration$',
  'ManagedInstancesProvider$',
  'MountPoints',
  'NetworkConfiguration$',
  'NetworkInterfaceList',
  'NodeDetails$',
  'NodeRangeProperties',
  'RepositoryCredentials$',
  'RetryStrategy$',
  'RuntimePlatform$',
  'SecretList',
  'ServiceEnvironmentOrders',
  'Ulimits',
  'UpdateManagedInstancesProviderConfiguration$',
  'UpdatePolicy$',
  'Volumes',
];

/** The same of DataSync's tasks: what is transferred, and what is told of it. */
export const UNREAD_OF_TRANSFERS: readonly string[] = [
  'FilterList',
  'ManifestConfig$',
  'Options$',
  'ReportResult$',
  'TaskExecutionFilesFailedDetail$',
  'TaskExecutionFilesListedDetail$',
  'TaskExecutionFoldersFailedDetail$',
  'TaskExecutionFoldersListedDetail$',
  'TaskReportConfig$',
  'TaskSchedule$',
  'TaskScheduleDetails$',
];

/** The same of schedules. */
export const UNREAD_OF_SCHEDULES: readonly string[] = [
  'EcsParameters$',
  'EventBridgeParameters$',
  'EventBridgePutEventsV2Parameters$',
  'EventBridgePutRawEventsParameters$',
  'FlexibleTimeWindow$',
  'KinesisParameters$',
  'RetryPolicy$',
  'SageMakerPipelineParameters$',
  'SqsParameters$',
];

const EC2_REFERENCE = /\[\(\) => (\w+\$?)(?=, \{ \[_eQN\])/gu;
const GROUP = /^export var AutoScalingGroup\$ = \[[\s\S]*?\];$/mu;
const REFERENCE = /\(\) => (\w+\$?)/gu;
/** Smithy's number for a document: what AWS sent stays as it is. */
const DOCUMENT = '15';

/** Takes what nobody reads out of an answer as it is, without its schemas: 8 KB of what our commands use. */
export function leaveUnread(source: string): string {
  return source
    .replaceAll(EC2_REFERENCE, (member, name: string) => (UNREAD.includes(name) ? `[${DOCUMENT}` : member))
    .replace(GROUP, (group) =>
      group.replaceAll(REFERENCE, (member, name: string) => (UNREAD_OF_GROUPS.includes(name) ? DOCUMENT : member)),
    );
}

/** By client: their answers are JSON, in which one may stand for another wherever it is named. */
const UNREAD_IN_JSON: readonly (readonly [client: RegExp, schemas: readonly string[]])[] = [
  [/[\\/]client-wafv2[\\/]/u, UNREAD_OF_WEB_ACLS],
  [/[\\/]client-cloudwatch[\\/]/u, UNREAD_OF_ALARMS],
  [/[\\/]client-lambda[\\/]/u, UNREAD_OF_FUNCTIONS],
  [/[\\/]client-eventbridge[\\/]/u, UNREAD_OF_TARGETS],
  [/[\\/]client-scheduler[\\/]/u, UNREAD_OF_SCHEDULES],
  [/[\\/]client-batch[\\/]/u, UNREAD_OF_JOBS],
  [/[\\/]client-datasync[\\/]/u, UNREAD_OF_TRANSFERS],
];

/** The same for a client whose answers are JSON: 6 KB of WAF's, 4 KB of Lambda's, 1 KB of CloudWatch's. `path`: of its schema file. */
export function leaveUnreadInJson(source: string, path: string): string {
  const [, unread = []] = UNREAD_IN_JSON.find(([client]) => client.test(path)) ?? [];
  return source.replaceAll(REFERENCE, (member, name: string) => (unread.includes(name) ? DOCUMENT : member));
}

/** Errors whose name on the wire (`ResourceContention`) is not the SDK's, and which `shared/kernel/errors.ts` knows by the latter. */
const RENAMED_ERRORS = new Set(['LimitExceededFault', 'ResourceContentionFault', 'ScalingActivityInProgressFault']);
const ERROR_REGISTRATION = /^\w+_registry\.registerError\((\w+)\$, \1\);$/gmu;

/**
 * Leaves out the error classes of a client, 22 KB of Lambda's: without its class an error still has its name, message, status
 * and members. The durable SDK too judges the errors of its client by nothing else.
 */
export function dropErrorClasses(source: string): string {
  return source.replaceAll(ERROR_REGISTRATION, (registration, name: string) =>
    name.endsWith('ServiceException') || RENAMED_ERRORS.has(name) ? registration : '',
  );
}

/**
 * A client declares its schemas as arrays with computed keys, which esbuild has to take for side effects: all 1.3 MB of
 * EC2's would stay for the ten commands we use.
 */
export const slimSchemas: Plugin = {
  name: 'slim-schemas',
  setup(build) {
    build.onLoad({ filter: SCHEMA_FILE }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const left = leaveUnreadInJson(leaveUnread(keepMembers(leaveOutUnnamed(source, path))), path);
      const derived = deriveMemberNames(left);
      const contents = dropErrorClasses(inlineStrings(markSchemasPure(derived)));
      if (markSchemasPure(source) === source)
        return { errors: [{ text: `${path}: no schema arrays found; has the SDK changed its layout?` }] };
      if (source.includes('"ec2QueryName"') && derived === left)
        return { errors: [{ text: `${path}: no member names to derive; has the SDK changed its layout?` }] };
      return { contents, loader: 'js' };
    });
  },
};
