/** What health checks would find of a target as the account stands. */

import type { Shape, World } from '../../engine/model.ts';
import { find, list, stateOf as stateOfInstance, text, zoneIsDark, zoneOf } from '../ec2/state.ts';
import { statusOf } from '../ec2/statuses.ts';
import { isCrossZone } from './attributes.ts';
import { type Thresholds, wayTo } from './reach.ts';
import { balancerArn, checkedPort, findRecord, idOf, numberIn, type Target } from './state.ts';

/** `silent`: no check succeeds; `by`: what keeps them from the target, absent where the fault is its own. */
export type Verdict =
  | { readonly kind: 'answers' }
  | { readonly kind: 'silent'; readonly by?: string }
  | { readonly kind: 'unused'; readonly reason: string; readonly description: string }
  | { readonly kind: 'unknown'; readonly what: string };

const ALL_NODES =
  'elasticloadbalancing: with cross-zone load balancing a target is healthy while the nodes of all zones reach it, without while that of its own does';

/** Whether something on the instance accepts connections at a port: its member Serves. */
function serves(instance: Shape, port: number): boolean {
  const { Serves: ports } = instance;
  return Array.isArray(ports) ? ports.includes(port) : ports !== false;
}

function isUp(world: World, instance: Shape): boolean {
  const checks = statusOf(world, text(instance, 'InstanceId') ?? '');
  return (
    stateOfInstance(instance) === 'running' &&
    checks.system !== 'impaired' &&
    checks.instance !== 'impaired' &&
    !zoneIsDark(world, zoneOf(instance))
  );
}

function unused(reason: string, description: string): Verdict {
  return { kind: 'unused', reason, description };
}

/** Source of the descriptions: `aws elbv2 describe-target-health` as users of the API print it. */
const OUTSIDE = unused(
  'Target.NotInUse',
  'Target is in an Availability Zone that is not enabled for the load balancer',
);
const IDLE = unused('Target.NotInUse', 'Target group is not configured to receive traffic from the load balancer');

/** The subnets of the nodes that check a target. */
function checkingSubnets(world: World, group: Shape, zones: readonly Shape[], zone: string): readonly string[] {
  world.assume(ALL_NODES);
  const all = isCrossZone(world, group);
  return zones.filter(({ ZoneName: name }) => all || name === zone).flatMap((one) => text(one, 'SubnetId') ?? []);
}

/** Source of the defaults: API_CreateTargetGroup. */
function thresholdsOf(group: Shape): Thresholds {
  return {
    unhealthy: numberIn(group, 'UnhealthyThresholdCount', 2),
    healthy: numberIn(group, 'HealthyThresholdCount', 5),
  };
}

/** What health checks find. */
export function verdictOf(world: World, target: Target): Verdict {
  const { group } = target;
  const instance = find(world, 'Instances', idOf(target));
  if (group['TargetType'] !== undefined && group['TargetType'] !== 'instance')
    return { kind: 'unknown', what: 'the health of other targets than instances is not modelled' };
  if (instance === undefined) return { kind: 'unknown', what: `ec2.Instances does not hold ${idOf(target)}` };
  const state = stateOfInstance(instance);
  if (state === 'stopped' || state === 'terminated')
    return unused('Target.InvalidState', `Target is in the ${state} state`);
  const arn = balancerArn(group);
  if (arn === undefined) return IDLE;
  const balancer = findRecord(world, 'LoadBalancers', arn);
  const zones = list(balancer, 'AvailabilityZones');
  if (balancer === undefined || balancer['AvailabilityZones'] === undefined)
    return { kind: 'unknown', what: `LoadBalancers does not hold the AvailabilityZones of ${arn}` };
  const zone = zoneOf(instance);
  if (!zones.some(({ ZoneName: name }) => name === zone)) return OUTSIDE;
  const port = checkedPort(target);
  if (!isUp(world, instance) || !serves(instance, port)) return { kind: 'silent' };
  const subnets = checkingSubnets(world, group, zones, zone);
  const way = wayTo(world, balancer, subnets, { instance, port, thresholds: thresholdsOf(group) });
  if (way.kind === 'unknown') return way;
  // Given as healthy in spite of this very thing: the world knows more than the model.
  if (way.kind === 'shut' && way.by !== target.record['PassesBy']) return { kind: 'silent', by: way.by };
  return { kind: 'answers' };
}
