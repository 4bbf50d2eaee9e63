/** Every list of words in the schema of world files holds all that AWS may print there, as far as the installed SDK knows. */

import * as apiGateway from '@aws-sdk/client-api-gateway';
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as batch from '@aws-sdk/client-batch';
import * as datasync from '@aws-sdk/client-datasync';
import * as fsx from '@aws-sdk/client-fsx';
import * as cloudFront from '@aws-sdk/client-cloudfront';
import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elastiCache from '@aws-sdk/client-elasticache';
import * as balancing from '@aws-sdk/client-elastic-load-balancing-v2';
import * as s3 from '@aws-sdk/client-s3';
import * as kms from '@aws-sdk/client-kms';
import * as ssm from '@aws-sdk/client-ssm';
import * as wafV2 from '@aws-sdk/client-wafv2';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { worldSchema } from '../../../simulator/world/world-file.ts';
import { isRecord } from '../../../simulator/engine/json.ts';

type Words = { readonly [name: string]: string };

/** Where a distribution stands in a world file. */
const DISTRIBUTIONS = ['Distribution', 'DistributionList.Items', 'Distributions'].map((name) => `cloudfront.${name}`);

/** Where a tenant stands in one. */
const TENANTS = ['DistributionTenant', 'DistributionTenantList', 'DistributionTenants'].map(
  (name) => `cloudfront.${name}`,
);

/** By place in a world file, the SDK's own list of what AWS prints there. */
const OF_THE_SDK: { readonly [place: string]: Words } = {
  'ec2.Instances.State.Name': ec2.InstanceStateName,
  'ec2.Reservations.Instances.State.Name': ec2.InstanceStateName,
  'ec2.InstanceStatuses.InstanceState.Name': ec2.InstanceStateName,
  'ec2.InstanceStatuses.InstanceStatus.Status': ec2.SummaryStatus,
  'ec2.InstanceStatuses.SystemStatus.Status': ec2.SummaryStatus,
  'ec2.InstanceStatuses.AttachedEbsStatus.Status': ec2.SummaryStatus,
  'ec2.Addresses.Domain': ec2.DomainType,
  'ec2.Volumes.VolumeType': ec2.VolumeType,
  'ec2.Volumes.State': ec2.VolumeState,
  'ec2.Volumes.Attachments.State': ec2.VolumeAttachmentState,
  'ec2.Snapshots.StorageTier': ec2.StorageTier,
  'ec2.Snapshots.State': ec2.SnapshotState,
  'ec2.SpotInstanceRequests.Type': ec2.SpotInstanceType,
  'ec2.AvailabilityZones.State': ec2.AvailabilityZoneState,
  'ec2.NetworkAcls.Entries.RuleAction': ec2.RuleAction,
  'ec2.VpcPeeringConnections.Status.Code': ec2.VpcPeeringConnectionStateReasonCode,
  'ec2.PlacementGroups.State': ec2.PlacementGroupState,
  'ec2.PlacementGroups.Strategy': ec2.PlacementStrategy,
  'ec2.InstanceTypeOfferings.LocationType': ec2.LocationType,
  'ec2.CapacityReservations.State': ec2.CapacityReservationState,
  'ec2.CapacityReservations.InstanceMatchCriteria': ec2.InstanceMatchCriteria,
  'ec2.ManagedPrefixLists.State': ec2.PrefixListState,
  'ec2.PrefixLists.State': ec2.PrefixListState,
  'api-gateway.Stages.cacheClusterStatus': apiGateway.CacheClusterStatus,
  'auto-scaling.AutoScalingGroups.Instances.LifecycleState': autoScaling.LifecycleState,
  'auto-scaling.AutoScalingGroups.WarmPoolConfiguration.PoolState': autoScaling.WarmPoolState,
  'auto-scaling.AutoScalingGroups.InstanceLifecyclePolicy.RetentionTriggers.TerminateHookAbandon':
    autoScaling.RetentionAction,
  'auto-scaling.WarmPools.Instances.LifecycleState': autoScaling.LifecycleState,
  'auto-scaling.WarmPools.WarmPoolConfiguration.PoolState': autoScaling.WarmPoolState,
  'batch.computeEnvironments.type': batch.CEType,
  'batch.computeEnvironments.state': batch.CEState,
  'batch.computeEnvironments.status': batch.CEStatus,
  'batch.jobQueues.state': batch.JQState,
  'batch.jobQueues.status': batch.JQStatus,
  'batch.jobs.status': batch.JobStatus,
  'datasync.TaskExecutions.Status': datasync.TaskExecutionStatus,
  'elasticache.ReplicationGroups.EffectiveDurability': elastiCache.EffectiveDurability,
  'fsx.DataRepositoryTasks.Lifecycle': fsx.DataRepositoryTaskLifecycle,
  'cloudwatch.MetricAlarms.StateValue': cloudWatch.StateValue,
  'cloudwatch.MetricAlarms.Statistic': cloudWatch.Statistic,
  'cloudwatch.CompositeAlarms.StateValue': cloudWatch.StateValue,
  'elastic-load-balancing-v2.LoadBalancers.IpAddressType': balancing.IpAddressType,
  'elastic-load-balancing-v2.LoadBalancers.Scheme': balancing.LoadBalancerSchemeEnum,
  'elastic-load-balancing-v2.LoadBalancers.State.Code': balancing.LoadBalancerStateEnum,
  'elastic-load-balancing-v2.LoadBalancers.Type': balancing.LoadBalancerTypeEnum,
  'elastic-load-balancing-v2.TargetGroups.HealthCheckProtocol': balancing.ProtocolEnum,
  'elastic-load-balancing-v2.TargetGroups.Protocol': balancing.ProtocolEnum,
  'elastic-load-balancing-v2.TargetGroups.TargetType': balancing.TargetTypeEnum,
  'elastic-load-balancing-v2.TargetHealth.TargetHealthDescriptions.AdministrativeOverride.Reason':
    balancing.TargetAdministrativeOverrideReasonEnum,
  'elastic-load-balancing-v2.TargetHealth.TargetHealthDescriptions.AdministrativeOverride.State':
    balancing.TargetAdministrativeOverrideStateEnum,
  'elastic-load-balancing-v2.TargetHealth.TargetHealthDescriptions.TargetHealth.Reason':
    balancing.TargetHealthReasonEnum,
  'elastic-load-balancing-v2.TargetHealth.TargetHealthDescriptions.TargetHealth.State': balancing.TargetHealthStateEnum,
  'elastic-load-balancing-v2.TargetHealth.TargetHealthDescriptions.Turns.Reason': balancing.TargetHealthReasonEnum,
  'elastic-load-balancing-v2.TargetHealth.TargetHealthDescriptions.Turns.State': balancing.TargetHealthStateEnum,
  'kms.Keys.KeyState': kms.KeyState,
  'kms.Keys.KeyManager': kms.KeyManagerType,
  'kms.KeyMetadata.KeyState': kms.KeyState,
  'kms.KeyMetadata.KeyManager': kms.KeyManagerType,
  's3.Buckets.Versioning.Status': s3.BucketVersioningStatus,
  'ssm.InstanceInformation.PingStatus': ssm.PingStatus,
  'ssm.InstanceInformationList.PingStatus': ssm.PingStatus,
  'ssm.InstanceInformation.PlatformType': ssm.PlatformType,
  'ssm.InstanceInformationList.PlatformType': ssm.PlatformType,
  'ssm.Parameters.Type': ssm.ParameterType,
  'ssm.Parameter.Type': ssm.ParameterType,
  'ssm.CommandInvocations.Status': ssm.CommandInvocationStatus,
  ...Object.fromEntries(
    DISTRIBUTIONS.flatMap((place) => [place, `${place}.DistributionConfig`]).map((place) => [
      `${place}.Restrictions.GeoRestriction.RestrictionType`,
      cloudFront.GeoRestrictionType,
    ]),
  ),
  'wafv2.IPSet.IPAddressVersion': wafV2.IPAddressVersion,
  'wafv2.IPSet.Scope': wafV2.Scope,
  'wafv2.IPSets.IPAddressVersion': wafV2.IPAddressVersion,
  'wafv2.IPSets.Scope': wafV2.Scope,
  'wafv2.WebACL.Scope': wafV2.Scope,
  'wafv2.WebACLs.Scope': wafV2.Scope,
  'wafv2.RuleGroups.Scope': wafV2.Scope,
};

/** Where the SDK says "string": the words of AWS's API reference. */
const OF_THE_REFERENCE: { readonly [place: string]: readonly string[] } = {
  // API_CacheCluster (CacheClusterStatus)
  'elasticache.CacheClusters.CacheClusterStatus': [
    'available',
    'creating',
    'deleted',
    'deleting',
    'incompatible-network',
    'modifying',
    'rebooting cluster nodes',
    'restore-failed',
    'snapshotting',
  ],
  // API_ReplicationGroup (Status)
  'elasticache.ReplicationGroups.Status': [
    'creating',
    'available',
    'modifying',
    'deleting',
    'create-failed',
    'snapshotting',
  ],
  // API_NodeGroupMember (CurrentRole)
  'elasticache.ReplicationGroups.NodeGroups.NodeGroupMembers.CurrentRole': ['primary', 'replica'],
  'auto-scaling.AutoScalingGroups.Instances.HealthStatus': ['Healthy', 'Unhealthy', 'HEALTHY', 'UNHEALTHY'],
  'auto-scaling.WarmPools.Instances.HealthStatus': ['Healthy', 'Unhealthy', 'HEALTHY', 'UNHEALTHY'],
  'auto-scaling.LifecycleHooks.LifecycleTransition': [
    'autoscaling:EC2_INSTANCE_LAUNCHING',
    'autoscaling:EC2_INSTANCE_TERMINATING',
  ],
  'auto-scaling.LifecycleHooks.DefaultResult': ['CONTINUE', 'ABANDON'],
  'ec2.ManagedPrefixLists.AddressFamily': ['IPv4', 'IPv6'],
  'ec2.PrefixLists.AddressFamily': ['IPv4', 'IPv6'],
  ...Object.fromEntries([...DISTRIBUTIONS, ...TENANTS].map((place) => [`${place}.Status`, ['InProgress', 'Deployed']])),
  // API_Invalidation, Status
  ...Object.fromEntries(
    [...DISTRIBUTIONS, ...TENANTS].map((place) => [`${place}.Invalidations.Status`, ['InProgress', 'Completed']]),
  ),
  ...Object.fromEntries(
    ['AnycastIpList', 'AnycastIpLists.Items', 'AnycastIpLists'].map((name) => [
      `cloudfront.${name}.Status`,
      ['Deployed', 'Deploying', 'Failed'],
    ]),
  ),
  // API_ListMessageMoveTasksResultEntry
  'sqs.Queues.MessageMoveTasks.Status': ['RUNNING', 'COMPLETED', 'CANCELLING', 'CANCELLED', 'FAILED'],
  // API_EventSourceMappingConfiguration, State
  'lambda.EventSourceMappings.State': [
    'Creating',
    'Enabling',
    'Enabled',
    'Disabling',
    'Disabled',
    'Updating',
    'Deleting',
  ],
  'cloudwatch.MetricAlarms.TreatMissingData': ['missing', 'breaching', 'notBreaching', 'ignore'],
};

/** The simulator's own, which AWS never prints. */
const OURS = [
  'api-gateway.Stages.Flushes.Of',
  'ec2.Instances.SpotInterruption.action',
  'ec2.Reservations.Instances.SpotInterruption.action',
  'ec2.Quotas.QuotaCode',
  'auto-scaling.LifecycleActions.LifecycleTransition',
  'auto-scaling.Memberships.Move',
  'ssm.Documents.Fails',
  'ssm.Documents.Hangs',
  'ssm.Documents.Parks.Fleet',
  'ssm.Documents.Parks.Partitions.State',
  'ssm.Document.Parks.Fleet',
  'ssm.Document.Parks.Partitions.State',
  'ssm.Document.Fails',
  'ssm.Document.Hangs',
  'lambda.Functions.Received.Outcome',
  'ssm.CommandInvocations.Result',
  'probes',
  'capacity.Market',
  'ledger.modes.mode',
  'ledger.approvals.verdict',
  'ledger.calls.calls.kind',
];

/** The lists of words of a JSON Schema, by place; a record's values and a list's entries are at the place of their holder. */
function listsIn(schema: unknown, place: readonly string[] = []): readonly (readonly [string, readonly unknown[]])[] {
  if (!isRecord(schema)) return [];
  const { enum: words, properties, items, additionalProperties, anyOf } = schema;
  return [
    ...(Array.isArray(words) ? [[place.join('.'), words] as const] : []),
    ...(isRecord(properties) ? Object.entries(properties) : []).flatMap(([name, each]) =>
      listsIn(each, [...place, name]),
    ),
    ...[items, additionalProperties, ...(Array.isArray(anyOf) ? anyOf : [])].flatMap((each) => listsIn(each, place)),
  ];
}

const all = listsIn(z.toJSONSchema(worldSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }));
/** What stands at the top of a file only. */
const ONE_PER_RUN: ReadonlySet<string> = new Set([
  'probes',
  'capacity.Market',
  'ledger.modes.mode',
  'ledger.approvals.verdict',
  'ledger.calls.calls.kind',
]);
const IN_A_REGION = /^regions\./u;
const lists = new Map(all.filter(([place]) => !IN_A_REGION.test(place)));

describe('the words that a world file may hold', () => {
  it('are all held against the SDK, the API reference, or are our own', () => {
    const known = [...Object.keys(OF_THE_SDK), ...Object.keys(OF_THE_REFERENCE), ...OURS];

    expect([...lists.keys()].toSorted()).toStrictEqual(known.toSorted());
  });

  it('are in another Region those of home', () => {
    const beside = all.filter(([place]) => IN_A_REGION.test(place));
    const atHome = beside.map(([place, words]) => [place.replace(IN_A_REGION, ''), words] as const);
    const ofServices = [...lists].filter(([place]) => !ONE_PER_RUN.has(place));

    expect(atHome).toStrictEqual(ofServices);
  });

  it.each(Object.entries(OF_THE_SDK))('%s: all that the SDK knows', (place, words) => {
    expect(lists.get(place)?.toSorted()).toStrictEqual(Object.values(words).toSorted());
  });

  it.each(Object.entries(OF_THE_REFERENCE))('%s: all that the API reference names', (place, words) => {
    expect(lists.get(place)).toStrictEqual(words);
  });

  it('has the thirty states of a group member that AWS prints at the time of writing', () => {
    expect(lists.get('auto-scaling.AutoScalingGroups.Instances.LifecycleState')).toStrictEqual(
      expect.arrayContaining([
        'Detaching',
        'EnteringStandby',
        'Quarantined',
        'RootVolumeReplaced',
        'Warmed:Terminating:Wait',
      ]),
    );
    expect(lists.get('auto-scaling.AutoScalingGroups.Instances.LifecycleState')).toHaveLength(30);
  });
});
