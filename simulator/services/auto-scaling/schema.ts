/** Schema of the Auto Scaling part of a world file: what describe-auto-scaling-groups and its like print, nearly all of it optional. */

import { LifecycleState } from '@aws-sdk/client-auto-scaling';
import { z } from 'zod';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';
import { MOVE_NAMES } from './moves.ts';

const json = z.unknown();
const strings = z.array(z.string());
const result = z.enum(['CONTINUE', 'ABANDON']);
const transition = z.enum(['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING']);
const count = z.int().min(0);

/** All that AWS prints. What the simulator cannot carry on from is loaded all the same, and stays as it is until it matters (`isUnmodelled`). */
const lifecycleState = z.enum(LifecycleState);

const member = z.strictObject({
  InstanceId: z.string().min(1),
  InstanceType: z.string().optional(),
  AvailabilityZone: z.string().optional(),
  AvailabilityZoneId: z.string().optional(),
  LifecycleState: lifecycleState.optional(),
  HealthStatus: z.enum(['Healthy', 'Unhealthy', 'HEALTHY', 'UNHEALTHY']).optional(),
  LaunchConfigurationName: z.string().optional(),
  LaunchTemplate: json.optional(),
  ImageId: z.string().optional(),
  ProtectedFromScaleIn: z.boolean().optional(),
  WeightedCapacity: z.string().optional(),
});

const warmPoolConfiguration = z.strictObject({
  MaxGroupPreparedCapacity: z.int().min(-1).optional(),
  MinSize: count.optional(),
  PoolState: z.enum(['Stopped', 'Running', 'Hibernated']).optional(),
  Status: z.string().optional(),
  InstanceReusePolicy: z.strictObject({ ReuseOnScaleIn: z.boolean().optional() }).optional(),
});

/** What describe-warm-pool prints, with the name of the group it was asked about. */
const warmPool = z.strictObject({
  AutoScalingGroupName: z.string().min(1),
  Instances: z.array(member).optional(),
  WarmPoolConfiguration: warmPoolConfiguration.optional(),
});

const tag = z.strictObject({
  ResourceId: z.string().optional(),
  ResourceType: z.string().optional(),
  Key: z.string().min(1),
  Value: z.string().optional(),
  PropagateAtLaunch: z.boolean().optional(),
});

const group = z.strictObject({
  AutoScalingGroupName: z.string().min(1),
  AutoScalingGroupARN: z.string().optional(),
  LaunchConfigurationName: z.string().optional(),
  LaunchTemplate: json.optional(),
  MixedInstancesPolicy: json.optional(),
  MinSize: count.optional(),
  MaxSize: count.optional(),
  DesiredCapacity: count.optional(),
  PredictedCapacity: count.optional(),
  DefaultCooldown: count.optional(),
  AvailabilityZones: strings.optional(),
  AvailabilityZoneIds: strings.optional(),
  LoadBalancerNames: strings.optional(),
  TargetGroupARNs: strings.optional(),
  HealthCheckType: z.string().optional(),
  HealthCheckGracePeriod: count.optional(),
  Instances: z.array(member).optional(),
  CreatedTime: time.optional(),
  SuspendedProcesses: z
    .array(z.strictObject({ ProcessName: z.string(), SuspensionReason: z.string().optional() }))
    .optional(),
  PlacementGroup: z.string().optional(),
  VPCZoneIdentifier: z.string().optional(),
  EnabledMetrics: z.array(json).optional(),
  Status: z.string().optional(),
  Tags: z.array(tag).optional(),
  TerminationPolicies: strings.optional(),
  NewInstancesProtectedFromScaleIn: z.boolean().optional(),
  ServiceLinkedRoleARN: z.string().optional(),
  MaxInstanceLifetime: count.optional(),
  CapacityRebalance: z.boolean().optional(),
  WarmPoolConfiguration: warmPoolConfiguration.optional(),
  WarmPoolSize: count.optional(),
  Context: z.string().optional(),
  DesiredCapacityType: z.string().optional(),
  DefaultInstanceWarmup: count.optional(),
  TrafficSources: z.array(json).optional(),
  InstanceMaintenancePolicy: z
    .strictObject({
      MinHealthyPercentage: z.int().min(-1).max(100).optional(),
      MaxHealthyPercentage: z.int().min(-1).max(200).optional(),
    })
    .optional(),
  DeletionProtection: z.string().optional(),
  AvailabilityZoneDistribution: json.optional(),
  AvailabilityZoneImpairmentPolicy: json.optional(),
  CapacityReservationSpecification: json.optional(),
  InstanceLifecyclePolicy: z
    .strictObject({
      RetentionTriggers: z
        .strictObject({ TerminateHookAbandon: z.enum(['retain', 'terminate']).optional() })
        .optional(),
    })
    .optional(),
  Operator: json.optional(),
});

const hook = z.strictObject({
  LifecycleHookName: z.string().min(1),
  AutoScalingGroupName: z.string().min(1),
  LifecycleTransition: transition,
  NotificationTargetARN: z.string().optional(),
  RoleARN: z.string().optional(),
  NotificationMetadata: z.string().optional(),
  HeartbeatTimeout: z.int().min(30).max(7_200).optional(),
  GlobalTimeout: z.int().positive().optional(),
  DefaultResult: result.optional(),
});

const activity = z.strictObject({
  ActivityId: z.string(),
  AutoScalingGroupName: z.string(),
  AutoScalingGroupARN: z.string().optional(),
  AutoScalingGroupState: z.string().optional(),
  Description: z.string().optional(),
  Cause: z.string().optional(),
  StartTime: time,
  EndTime: time.optional(),
  StatusCode: z.string(),
  StatusMessage: z.string().optional(),
  Progress: z.number().optional(),
  Details: z.string().optional(),
});

/** Ours: a hook in progress. Give it to rehearse with a known token. */
const action = z.strictObject({
  LifecycleActionToken: z.string().optional(),
  AutoScalingGroupName: z.string(),
  LifecycleHookName: z.string(),
  EC2InstanceId: z.string(),
  LifecycleTransition: transition.optional(),
  StartedAt: time.optional(),
  HeartbeatUntil: time.optional(),
  GlobalUntil: time.optional(),
});

/** Ours: since when a member is in service or impaired, and the way it is on. */
const membership = z.strictObject({
  InstanceId: z.string(),
  AutoScalingGroupName: z.string(),
  InServiceAt: time.optional(),
  ImpairedSince: time.optional(),
  ActivityId: z.string().optional(),
  Move: z.enum(MOVE_NAMES).optional(),
});

export const autoScalingSchema = z.strictObject({
  ...TRIMMINGS,
  AutoScalingGroups: z.array(group).optional(),
  LifecycleHooks: z.array(hook).optional(),
  Activities: z.array(activity).optional(),
  LifecycleActions: z.array(action).optional(),
  Memberships: z.array(membership).optional(),
  WarmPools: z
    .array(warmPool)
    .optional()
    .describe(
      'Members of warm pools, which are not among the Instances of their group; the WarmPoolConfiguration of the group is what makes the pool. A group without an entry has an empty one.',
    ),
});
