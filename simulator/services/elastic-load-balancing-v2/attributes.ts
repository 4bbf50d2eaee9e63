/** Attributes of load balancers and target groups: what the world gives, over AWS's defaults. */

import { NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { list, show, text } from '../ec2/state.ts';
import { findRecord, PREFIX, balancerArn } from './state.ts';

type Values = { readonly [key: string]: string };

/** Source: API_LoadBalancerAttribute. */
function ofNetwork(balancer: Shape): Values {
  return {
    'access_logs.s3.enabled': 'false',
    'access_logs.s3.bucket': '',
    'access_logs.s3.prefix': '',
    'deletion_protection.enabled': 'false',
    'dns_record.client_routing_policy': 'any_availability_zone',
    'ipv6.deny_all_igw_traffic': balancer['Scheme'] === 'internal' ? 'true' : 'false',
    'load_balancing.cross_zone.enabled': 'false',
    'secondary_ips.auto_assigned.per_subnet': '0',
    'zonal_shift.config.enabled': 'false',
  };
}

/** Source: API_TargetGroupAttribute. */
function ofNetworkGroup({ Protocol: protocol, TargetType: type }: Shape): Values {
  const isDatagram = protocol === 'UDP' || protocol === 'TCP_UDP';
  const losesClient = type === 'ip' && (protocol === 'TCP' || protocol === 'TLS');
  return {
    'deregistration_delay.timeout_seconds': '300',
    'deregistration_delay.connection_termination.enabled': String(isDatagram),
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    'preserve_client_ip.enabled': String(!losesClient),
    'proxy_protocol_v2.enabled': 'false',
    'stickiness.enabled': 'false',
    'stickiness.type': 'source_ip',
    'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
    'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
    'target_health_state.unhealthy.connection_termination.enabled': String(!isDatagram),
    'target_health_state.unhealthy.draining_interval_seconds': '0',
  };
}

/** Protocols of target groups that are behind networks. */
const OF_NETWORKS: ReadonlySet<unknown> = new Set(['TCP', 'UDP', 'TCP_UDP', 'TLS', undefined]);

function given(record: Shape): Values {
  return Object.fromEntries(list(record, 'Attributes').map(({ Key, Value }) => [show(Key), show(Value)]));
}

function asList(values: Values): Shape[] {
  return Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
}

/**
 * The attributes of a load balancer as AWS prints them.
 * @throws NotSimulatedError for other kinds than networks, whose defaults are not modelled
 */
export function balancerAttributes(balancer: Shape): Shape[] {
  if (balancer['Type'] !== 'network')
    throw new NotSimulatedError(`${PREFIX}:DescribeLoadBalancerAttributes of other load balancers than networks`);
  return asList({ ...ofNetwork(balancer), ...given(balancer) });
}

/**
 * The attributes of a target group as AWS prints them.
 * @throws NotSimulatedError for those of applications and gateways, whose defaults are not modelled
 */
export function groupAttributes(group: Shape): Shape[] {
  if (!OF_NETWORKS.has(group['Protocol']))
    throw new NotSimulatedError(`${PREFIX}:DescribeTargetGroupAttributes of a group of ${show(group['Protocol'])}`);
  return asList({ ...ofNetworkGroup(group), ...given(group) });
}

/** Whether each node sends to the targets of all zones: what the group says, or else its load balancer. */
export function isCrossZone(world: World, group: Shape): boolean {
  const key = 'load_balancing.cross_zone.enabled';
  const own = given(group)[key];
  if (own === 'true' || own === 'false') return own === 'true';
  const balancer = findRecord(world, 'LoadBalancers', balancerArn(group)) ?? {};
  // Source: API_LoadBalancerAttribute: on for applications, off for others.
  return (given(balancer)[key] ?? String(text(balancer, 'Type') === 'application')) === 'true';
}

/** An attribute of a group in milliseconds that counts seconds. */
export function msOfAttribute(group: Shape, key: string): number {
  const seconds = Number(given(group)[key] ?? ofNetworkGroup(group)[key]);
  return Number.isFinite(seconds) ? seconds * 1_000 : 0;
}

/** Whether an attribute of a group is on. */
export function isOn(group: Shape, key: string): boolean {
  return (given(group)[key] ?? ofNetworkGroup(group)[key]) === 'true';
}
