/**
 * Elastic Load Balancing's part of a world file: load balancers, target groups and their targets' health as the API prints them, with
 * what it prints by other operations (attributes, tags) beside.
 */

import {
  IpAddressType,
  Listener$,
  LoadBalancer$,
  LoadBalancerSchemeEnum,
  LoadBalancerStateEnum,
  LoadBalancerTypeEnum,
  ProtocolEnum,
  TargetAdministrativeOverrideReasonEnum,
  TargetAdministrativeOverrideStateEnum,
  TargetGroup$,
  TargetHealthDescription$,
  TargetHealthReasonEnum,
  TargetHealthStateEnum,
  TargetTypeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { z } from 'zod';
import { recordSchema, type Refinements } from '../ec2/shape.ts';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';

/** All that AWS prints: what is not modelled is loaded all the same. */
const states = z.enum(TargetHealthStateEnum);
const reasons = z.enum(TargetHealthReasonEnum);

const REFINEMENTS: Refinements = {
  LoadBalancer: {
    IpAddressType: z.enum(IpAddressType).describe('Default: ipv4.'),
    Scheme: z.enum(LoadBalancerSchemeEnum).describe('Default: internet-facing.'),
    Type: z.enum(LoadBalancerTypeEnum).describe('Default: as its ARN says.'),
    SecurityGroups: z.array(z.string()).describe('Default: none; then nothing but network ACLs is asked on its side.'),
  },
  LoadBalancerState: { Code: z.enum(LoadBalancerStateEnum).describe('Default: active.') },
  TargetGroup: {
    TargetGroupName: z.string().describe('Default: as its ARN says.'),
    Protocol: z.enum(ProtocolEnum).describe('Default: TCP.'),
    Port: z.int().min(1).max(65_535).describe('Needed, but for functions.'),
    TargetType: z.enum(TargetTypeEnum).describe('Default: instance. The health of others stays as it is given.'),
    HealthCheckProtocol: z.enum(ProtocolEnum).describe('Default: TCP, or HTTP for a group of that or of HTTPS.'),
    HealthCheckPort: z
      .string()
      .regex(/^(?:traffic-port|\d{1,5})$/u, { error: 'must be traffic-port or a number, as text' })
      .describe('Default: traffic-port.'),
    HealthCheckIntervalSeconds: z.int().min(5).max(300).describe('Default: 30.'),
    HealthCheckTimeoutSeconds: z.int().min(2).max(120).describe('Default: 10, for HTTP 6.'),
    HealthyThresholdCount: z.int().min(2).max(10).describe('Default: 5.'),
    UnhealthyThresholdCount: z.int().min(2).max(10).describe('Default: 2.'),
    LoadBalancerArns: z
      .array(z.string())
      .describe('At most one. Default: that of the listener in Listeners which forwards to the group, if any.'),
  },
  TargetHealth: { State: states, Reason: reasons.describe('Default: the usual one of the state.') },
  AdministrativeOverride: {
    State: z.enum(TargetAdministrativeOverrideStateEnum),
    Reason: z.enum(TargetAdministrativeOverrideReasonEnum),
  },
};

const tags = z
  .array(z.strictObject({ Key: z.string().min(1), Value: z.string().optional() }))
  .optional()
  .describe('The Tags that describe-tags prints. Default: none; of a paste they are not known.');

const attributes = z
  .array(z.strictObject({ Key: z.string().min(1), Value: z.string() }))
  .optional()
  .describe(
    'As describe-load-balancer-attributes or describe-target-group-attributes prints them. What is left out has AWS’s default.',
  );

const loadBalancer = recordSchema(LoadBalancer$, 'LoadBalancerArn', REFINEMENTS, {
  Attributes: attributes,
  Tags: tags,
});

const targetGroup = recordSchema(TargetGroup$, 'TargetGroupArn', REFINEMENTS, {
  Attributes: attributes,
  Tags: tags,
  NewTargetsServe: z
    .boolean()
    .optional()
    .describe(
      'false: no instance answers that is launched and registered here from now on, as if it crashed at each boot (its Serves becomes false). Default: true.',
    ),
  RegistrationSeconds: z
    .number()
    .min(0)
    .optional()
    .describe('From registration to the first health check. Default: 60, which is assumed.'),
});

/** What stands beside AWS's own of a target. */
const TARGET_OWN = {
  Turns: z
    .strictObject({ State: states, Reason: reasons.optional(), At: time })
    .optional()
    .describe(
      'Derived: what the state becomes at that time if nothing else happens; of one that is draining, unused: it is gone then. A run leaves it behind.',
    ),
  PassesBy: z
    .string()
    .optional()
    .describe(
      'Derived: what would keep the health check from a target that is given as healthy; it gets past just that.',
    ),
};

const targetHealth = z.strictObject({
  TargetGroupArn: z.string().min(1),
  TargetHealthDescriptions: z
    .array(recordSchema(TargetHealthDescription$, undefined, REFINEMENTS, TARGET_OWN))
    .optional()
    .describe(
      'describe-target-health output of that group. Given unhealthy though nothing keeps the health check from it, a target does not serve (Serves of its instance becomes false).',
    ),
  Unavailable: z.boolean().optional().describe('DescribeTargetHealth fails with HealthUnavailable. Default: false.'),
});

export const elasticLoadBalancingV2Schema = z.strictObject({
  ...TRIMMINGS,
  LoadBalancers: z
    .array(loadBalancer)
    .optional()
    .describe('Of the second version: applications, networks, gateways; describe-load-balancers output as it is.'),
  TargetGroups: z.array(targetGroup).optional().describe('describe-target-groups output as it is.'),
  TargetHealth: z
    .array(targetHealth)
    .optional()
    .describe(
      'Who is registered, by target group, and how healthy. Of a group without an entry: members in service of Auto Scaling groups that name it, else nobody; of a paste it is not known. ' +
        'A script sets "elastic-load-balancing-v2/TargetHealth/TARGET-GROUP-ARN/i-1/State": "unavailable" (or i-1:22, where an instance is there by several ports; a state or, without /State, the whole TargetHealth; null takes the target out): ' +
        'unavailable, and what has a reason of Elb.*, stays until the script changes it; unhealthy makes its instance not serve, healthy makes it serve. ' +
        '"…/TARGET-GROUP-ARN/i-1/AdministrativeOverride" and "…/TARGET-GROUP-ARN/Unavailable" are set as they are.',
    ),
  Listeners: z
    .array(recordSchema(Listener$, 'ListenerArn', REFINEMENTS, { Tags: tags }))
    .optional()
    .describe(
      'describe-listeners output as it is. Left out: each target group of a load balancer has one, of its own port and protocol; of a paste they are not known.',
    ),
});
