/** What starts a run, reduced to what is asked, and of which fleets. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { AlarmMetric, MetricAlarmDelivery } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import type { ScalingResultDelivery } from '../../../shared/kernel/triggers/scaling-result.ts';
import type { Ask } from '../decide.ts';

/** Which fleets. JSON. */
export type Named =
  | { readonly by: 'all' }
  /** The value of their tag, an ARN, or the end of one: `targetgroup/bastion/73e2d6bc24d8a067`. */
  | { readonly by: 'text'; readonly text: string }
  /** As a metric names them; without a target group all that are behind the load balancer. One of the two is there. */
  | { readonly by: 'metric'; readonly targetGroup: string | null; readonly loadBalancer: string | null }
  /** Those at which an Auto Scaling group registers its members. */
  | { readonly by: 'group'; readonly group: string };

/** What starts a run. JSON. */
export type Request = { readonly of: Named; readonly ask: Ask };

/** What the schedule asks for. */
export const TICK: Request = { of: { by: 'all' }, ask: { kind: 'look', by: 'the schedule', isTick: true } };

/** Source: Network Load Balancer user guide, "CloudWatch metrics for your Network Load Balancer". */
const NAMESPACE = 'AWS/NetworkELB';
const COUNTS: ReadonlySet<string> = new Set(['UnHealthyHostCount', 'HealthyHostCount']);

function isOfHosts({ namespace, name }: AlarmMetric): boolean {
  return namespace === NAMESPACE && COUNTS.has(name);
}

/** An alarm on the hosts of a Network Load Balancer. Every other alarm is somebody else's. */
export function ofAlarm({ alarmName, state, metrics }: MetricAlarmDelivery): Request | undefined {
  const [metric] = metrics.filter(isOfHosts);
  if (metric === undefined) return undefined;
  const { TargetGroup: targetGroup = null, LoadBalancer: loadBalancer = null } = metric.dimensions;
  // A metric of neither is the sum of all, in which nobody is named.
  const of: Named =
    targetGroup === null && loadBalancer === null ? { by: 'all' } : { by: 'metric', targetGroup, loadBalancer };
  const by = `alarm ${alarmName}`;
  return { of, ask: state === 'ALARM' ? { kind: 'look', by, isTick: false } : { kind: 'over', by } };
}

/** A group has launched or ended a host, or could not. */
export function ofScaling({ group, activity }: ScalingResultDelivery): Request {
  return { of: { by: 'group', group }, ask: { kind: 'look', by: `${activity} in ${group}`, isTick: false } };
}

/** The params of a person's request. */
interface PersonParams {
  readonly action?: 'heal' | 'replace' | undefined;
  readonly host?: string | undefined;
}

/** @throws BadInputError where nothing is named, or what is named does not go together */
export function ofPerson(
  { action = 'heal', host }: PersonParams,
  { target, reason = '', requestedBy = 'somebody' }: RequestDelivery,
): Request {
  if (action === 'heal' && host !== undefined)
    throw new BadInputError('params.host', 'a host is named to be replaced: "action": "replace"');
  const of: Named = target === undefined ? { by: 'all' } : { by: 'text', text: target };
  if (action === 'heal') return { of, ask: { kind: 'look', by: requestedBy, isTick: false } };
  if (host === undefined) throw new BadInputError('params.host', 'say which host: its instance id');
  if (target === undefined)
    throw new BadInputError('target', 'say which fleet: the value of its tag runbook:bastion, or its target group');
  return { of, ask: { kind: 'replace', host, by: requestedBy, why: reason } };
}
