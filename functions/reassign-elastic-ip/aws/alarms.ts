/** CloudWatch alarms, read again and reduced to what they say about instances. */

import type { CompositeAlarm, Metric, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { alarmNamesIn } from '../../../shared/kernel/triggers/alarm.ts';
import type { AlarmFacts } from '../decide.ts';

/** Namespaces whose metrics tell how busy an instance is. A full disk or processor is no failure of the host. */
const LOAD_NAMESPACES = new Set(['AWS/EC2', 'AWS/EBS', 'CWAgent']);

interface Source {
  readonly instanceId: string;
  readonly kind: AlarmFacts['kind'];
}

function sourceOf({ Namespace, MetricName, Dimensions }: Metric): Source | undefined {
  const instanceId = (Dimensions ?? []).find(({ Name }) => Name === 'InstanceId')?.Value;
  if (instanceId === undefined) return undefined;
  if (Namespace === 'AWS/EC2' && MetricName?.startsWith('StatusCheckFailed') === true)
    return { instanceId, kind: 'status' };
  return { instanceId, kind: LOAD_NAMESPACES.has(Namespace ?? '') ? 'load' : 'service' };
}

/** One metric, or several in a metric-math expression. */
function sourcesOf(alarm: MetricAlarm): Source[] {
  const metrics: Metric[] = [
    { Namespace: alarm.Namespace, MetricName: alarm.MetricName, Dimensions: alarm.Dimensions },
  ];
  for (const { MetricStat } of alarm.Metrics ?? [])
    if (MetricStat?.Metric !== undefined) metrics.push(MetricStat.Metric);
  return metrics.flatMap((metric) => sourceOf(metric) ?? []);
}

/**
 * What an alarm says of each instance that it measures: what the operator measures of the service on it outweighs how busy it
 * is, and that outweighs EC2's own checks, which are read directly. One alarm over several may say different things of each.
 */
function kindsIn(sources: readonly Source[]): ReadonlyMap<AlarmFacts['kind'], readonly string[]> {
  const kindOf = (id: string): AlarmFacts['kind'] =>
    KINDS.find((kind) => sources.some((source) => source.instanceId === id && source.kind === kind)) ?? 'status';
  return Map.groupBy(new Set(sources.map(({ instanceId }) => instanceId)), kindOf);
}

/** The weightiest first. */
const KINDS = ['service', 'load', 'status'] as const;

/** An alarm without a name cannot be told of, and one without a time is perhaps older than the last move: neither says anything. */
function factsOf(
  { AlarmName: name, StateUpdatedTimestamp: updated }: MetricAlarm | CompositeAlarm,
  sources: readonly Source[],
): AlarmFacts[] {
  if (name === undefined || updated === undefined) return [];
  const updatedAt = updated.toISOString();
  return [...kindsIn(sources)].map(([kind, instanceIds]) => ({ name, kind, instanceIds, updatedAt }));
}

type Alarm = MetricAlarm | CompositeAlarm;

/** Its operator has switched its actions off, or has another alarm suppress them: nothing is to come of it for the time being. */
function isMuted(alarm: Alarm): boolean {
  const isSuppressed = 'ActionsSuppressedBy' in alarm && alarm.ActionsSuppressedBy !== undefined;
  return alarm.ActionsEnabled === false || isSuppressed;
}

/**
 * What the red children of an alarm measure, those of its composite children among them; a metric alarm is its own. `seen`: each
 * is asked once, for rules may name one another, and the same below by many ways.
 */
function sourcesBelow(alarm: Alarm, red: ReadonlyMap<string, Alarm>, seen = new Set<Alarm>()): Source[] {
  if (seen.has(alarm)) return [];
  seen.add(alarm);
  if (!('AlarmRule' in alarm)) return sourcesOf(alarm);
  const children = alarmNamesIn(alarm.AlarmRule ?? '').flatMap((name) => red.get(name) ?? []);
  return children.flatMap((child) => sourcesBelow(child, red, seen));
}

/**
 * The alarms in ALARM among those read, by what they say about instances. A composite alarm speaks of the instances of its
 * children that are in ALARM, each of what it measures of them; that these have no actions of their own is usual.
 */
export function alarmFacts(metricAlarms: readonly MetricAlarm[], composites: readonly CompositeAlarm[]): AlarmFacts[] {
  const all: readonly Alarm[] = [...metricAlarms, ...composites];
  const alarms = all.filter(({ StateValue }) => StateValue === 'ALARM');
  const red = new Map(alarms.map((alarm) => [alarm.AlarmName ?? '', alarm]));
  return alarms.filter((alarm) => !isMuted(alarm)).flatMap((alarm) => factsOf(alarm, sourcesBelow(alarm, red)));
}
