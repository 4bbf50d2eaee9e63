/**
 * An alarm with the metrics that it watches, for a runbook to which it is not about instances. A bundle carries this reader only where
 * its runbook asks for it. Sources of the forms: as in `alarm.ts`.
 */

import type { Trigger } from '../definition.ts';
import { alarms, type AlarmDelivery } from './alarm.ts';
import type { Field } from './reader.ts';
import type { DocumentReader } from './triggers.ts';

/** A metric as its alarm names it. JSON. */
export type AlarmMetric = {
  /** `AWS/WAFV2`. */
  readonly namespace: string;
  /** `BlockedRequests`. */
  readonly name: string;
  /** By name: `{ "WebACL": "edge", "Rule": "flood" }`. */
  readonly dimensions: { readonly [name: string]: string };
};

/** A CloudWatch alarm changed state, with its metrics; of a composite alarm and of an expression there are none. */
export interface MetricAlarmDelivery extends Omit<AlarmDelivery, 'kind'> {
  readonly kind: 'metric-alarm';
  readonly metrics: readonly AlarmMetric[];
  /** It watches what is computed of its metrics (metric maths, a query): none of them by itself. */
  readonly isComputed: boolean;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'metric-alarm': MetricAlarmDelivery;
  }
}

/** Source: CloudWatch, `Dimension`: a name of 255 and a value of 1,024 characters at most. */
const MAX_VALUE_CHARS = 1024;

/** An object in events and action payloads, a list of `{ name, value }` in messages. */
function dimensionsOf(dimensions: Field): AlarmMetric['dimensions'] {
  if (dimensions.absent) return {};
  if (Array.isArray(dimensions.value)) {
    const pairs = dimensions
      .list()
      .map((one) => [one.get('name').text(), one.get('value').text(MAX_VALUE_CHARS)] as const);
    return Object.fromEntries(pairs);
  }
  return Object.fromEntries(dimensions.keys().map((name) => [name, dimensions.get(name).text(MAX_VALUE_CHARS)]));
}

/** `metricStat.metric` of each metric; an expression has none. */
function metricsOf(configuration: Field): readonly AlarmMetric[] {
  if (configuration.absent) return [];
  const metrics = configuration.get('metrics').optionalList();
  return metrics.flatMap((each) => {
    if (each.get('metricStat').absent) return [];
    const metric = each.get('metricStat').get('metric');
    const [namespace, name] = [metric.get('namespace').text(), metric.get('name').text()];
    return [{ namespace, name, dimensions: dimensionsOf(metric.get('dimensions')) }];
  });
}

/** Some entry of the list has no metric of its own. */
function isComputed(list: Field, stat: 'metricStat' | 'MetricStat'): boolean {
  return list.optionalList().some((each) => each.get(stat).absent);
}

/** What a message calls its trigger: one metric, or several under `Metrics`. */
function metricsOfMessage(trigger: Field): readonly AlarmMetric[] {
  if (trigger.absent) return [];
  const several = trigger.get('Metrics').optionalList();
  const stats = several.flatMap((each) =>
    each.get('MetricStat').absent ? [] : [each.get('MetricStat').get('Metric')],
  );
  const all = trigger.get('MetricName').absent ? stats : [trigger, ...stats];
  return all.map((metric) => ({
    namespace: metric.get('Namespace').text(),
    name: metric.get('MetricName').text(),
    dimensions: dimensionsOf(metric.get('Dimensions')),
  }));
}

type Watched = Pick<MetricAlarmDelivery, 'metrics' | 'isComputed'>;

function watchedBy(configuration: Field): Watched {
  const metrics = metricsOf(configuration);
  return { metrics, isComputed: !configuration.absent && isComputed(configuration.get('metrics'), 'metricStat') };
}

function watchedInMessage(trigger: Field): Watched {
  const metrics = metricsOfMessage(trigger);
  return { metrics, isComputed: !trigger.absent && isComputed(trigger.get('Metrics'), 'MetricStat') };
}

function withMetrics(alarm: AlarmDelivery, watched: Watched): MetricAlarmDelivery {
  return { ...alarm, kind: 'metric-alarm', ...watched };
}

const metricAlarms: DocumentReader = {
  event: {
    pattern: alarms.event.pattern,
    read: (event) => withMetrics(alarms.event.read(event), watchedBy(event.detail.get('configuration'))),
  },
  message: {
    called: alarms.message.called,
    keys: alarms.message.keys,
    read: (document) => {
      const data = document.get('alarmData');
      const watched = data.absent ? watchedInMessage(document.get('Trigger')) : watchedBy(data.get('configuration'));
      return withMetrics(alarms.message.read(document), watched);
    },
  },
};

/**
 * Any CloudWatch alarm transition with its metrics, also to `OK`: the runbook says what each state means to it.
 * @param via `rule` (default): an EventBridge rule; `action`: the alarm's own Lambda action or SNS topic, which needs no rule.
 */
export function onMetricAlarm<Request>(
  toRequest: (delivery: MetricAlarmDelivery) => Request | undefined,
  via: 'rule' | 'action' = 'rule',
): Trigger<Request> {
  return {
    name: 'alarm',
    reads: metricAlarms,
    ...(via === 'rule' ? { pattern: alarms.event.pattern } : {}),
    request: (delivery) => (delivery.kind === 'metric-alarm' ? toRequest(delivery) : undefined),
  };
}
