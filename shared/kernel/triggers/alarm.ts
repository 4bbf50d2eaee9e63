/**
 * The three forms in which a CloudWatch alarm speaks. Sources, all in the CloudWatch user guide: EventBridge event
 * "Alarm events and EventBridge"; action payload "Invoke a Lambda function from an alarm"; SNS message "Notifying users on
 * alarm changes".
 */

import type { Trigger } from '../definition.ts';
import { Field, badInput, isInstanceId, quote } from './reader.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

const STATES = ['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const;

const EVENTS = { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] };

/** `PutCompositeAlarm` takes a rule of at most 10,240 characters. */
const MAX_RULE_CHARS = 10_240;

/** `ALARM(name)`, `OK("name")`, `INSUFFICIENT_DATA(arn)`. */
const RULE_TERM = /\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*(?:\(([^()"']+)\)|\(\s*"([^"]*)"\s*\)|\(\s*'([^']*)'\s*\))/gi;
/** `AT_LEAST(2, ALARM, (one, two))`: the list is in the second pair of parentheses. */
const RULE_QUORUM = /\bAT_LEAST\s*\([^()]*\(([^()]*)\)/gi;

/** A CloudWatch alarm changed state: EventBridge event, alarm action payload, or SNS message. */
export interface AlarmDelivery extends DeliveryBase {
  readonly kind: 'alarm';
  readonly alarmName: string;
  readonly state: (typeof STATES)[number];
  /** Every `InstanceId` dimension of every metric in the configuration. */
  readonly instanceIds: readonly string[];
  /** Alarms a composite alarm's rule names. */
  readonly childAlarmNames: readonly string[];
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly alarm: AlarmDelivery;
  }
}

interface AlarmPlace {
  readonly account: string;
  readonly region?: string;
}

function alarmNameOf(nameOrArn: string): string {
  const text = nameOrArn.trim().replace(/^(["'])(.*)\1$/, '$2');
  return text.startsWith('arn:') ? text.slice(text.indexOf(':alarm:') + ':alarm:'.length) : text;
}

/** Names of the alarms in a composite alarm's rule, unique, in order. */
export function alarmNamesIn(rule: string): readonly string[] {
  const terms = [...rule.matchAll(RULE_TERM)].map(([, bare, double, single]) => bare ?? double ?? single ?? '');
  const members = [...rule.matchAll(RULE_QUORUM)].flatMap(([, list]) => (list ?? '').split(','));
  return [...new Set([...terms, ...members].map(alarmNameOf))].filter((name) => name !== '');
}

/** Dimensions are an object in events and action payloads, a list of `{ name, value }` in SNS messages. */
function instanceIdsOf(dimensions: Field): readonly string[] {
  if (dimensions.absent) return [];
  const values = Array.isArray(dimensions.value)
    ? dimensions
        .list()
        .filter((dimension) => dimension.get('name').text() === 'InstanceId')
        .map((dimension) => dimension.get('value'))
    : [dimensions.get('InstanceId')].filter((dimension) => !dimension.absent);
  // A team's own metric may call something else InstanceId: that is not an EC2 instance, and not a fault.
  return values.map((value) => value.text(1024)).filter(isInstanceId);
}

function uniqueInstanceIds(dimensions: readonly Field[]): readonly string[] {
  return [...new Set(dimensions.flatMap(instanceIdsOf))];
}

/** `metricStat.metric.dimensions`, with the keys in the case of the form; a math expression has no `metricStat`. */
function dimensionsOf(metric: Field, keys: readonly [string, string, string]): readonly Field[] {
  const [stat, inner, dimensions] = keys;
  return metric.get(stat).absent ? [] : [metric.get(stat).get(inner).get(dimensions)];
}

function childAlarmNames(rule: Field): readonly string[] {
  const text = rule.optionalText(MAX_RULE_CHARS);
  return text === undefined ? [] : alarmNamesIn(text);
}

function alarmDelivery(
  place: AlarmPlace,
  alarmName: string,
  at: string,
  rest: Pick<AlarmDelivery, 'state' | 'instanceIds' | 'childAlarmNames'>,
): AlarmDelivery {
  // The event, the action and the message about one transition carry the same state timestamp, to the millisecond.
  const id = `alarm:${place.account}:${place.region ?? ''}:${alarmName}:${at}`;
  return { kind: 'alarm', id, at, ...place, alarmName, ...rest };
}

function configurationOf(configuration: Field): Pick<AlarmDelivery, 'instanceIds' | 'childAlarmNames'> {
  if (configuration.absent) return { instanceIds: [], childAlarmNames: [] };
  const metrics = configuration.get('metrics').optionalList();
  return {
    instanceIds: uniqueInstanceIds(
      metrics.flatMap((metric) => dimensionsOf(metric, ['metricStat', 'metric', 'dimensions'])),
    ),
    childAlarmNames: childAlarmNames(configuration.get('alarmRule')),
  };
}

/** `detail` of the event and `alarmData` of the action payload have the same members. */
function fromAlarmData(place: AlarmPlace, data: Field): AlarmDelivery {
  const state = data.get('state');
  return alarmDelivery(place, data.get('alarmName').text(), state.get('timestamp').time(), {
    state: state.get('value').oneOf(STATES),
    ...configurationOf(data.get('configuration')),
  });
}

/** Account and region of an alarm's ARN. */
function placeOfArn(arn: Field): Required<AlarmPlace> {
  const [, , service, region, account, type] = arn.text(1600).split(':');
  if (service !== 'cloudwatch' || type !== 'alarm') return arn.fail('the ARN of an alarm');
  return { account: new Field(account, arn.path).account(), region: new Field(region, arn.path).region() };
}

function mustAgree(field: Field, arnSays: string): void {
  if (!field.absent && field.value !== arnSays) {
    throw badInput(field.path, `expected ${quote(arnSays)} as in the alarm's ARN, found ${quote(String(field.value))}`);
  }
}

/** The payload with which an alarm invokes a Lambda function. */
function parseAlarmAction(payload: Field): AlarmDelivery {
  payload.get('source').oneOf(EVENTS.source);
  const place = placeOfArn(payload.get('alarmArn'));
  mustAgree(payload.get('accountId'), place.account);
  mustAgree(payload.get('region'), place.region);
  return fromAlarmData(place, payload.get('alarmData'));
}

function triggerInstanceIds(trigger: Field): readonly string[] {
  if (trigger.absent) return [];
  const metrics = trigger.get('Metrics').optionalList();
  return uniqueInstanceIds([
    trigger.get('Dimensions'),
    ...metrics.flatMap((metric) => dimensionsOf(metric, ['MetricStat', 'Metric', 'Dimensions'])),
  ]);
}

/** The message an alarm publishes to an SNS topic. Its `Region` is a display name (`EU (Ireland)`): the ARN says it better. */
function parseAlarmMessage(message: Field): AlarmDelivery {
  const arn = message.get('AlarmArn');
  const place = arn.absent ? { account: message.get('AWSAccountId').account() } : placeOfArn(arn);
  mustAgree(message.get('AWSAccountId'), place.account);
  return alarmDelivery(place, message.get('AlarmName').text(), message.get('StateChangeTime').time(), {
    state: message.get('NewStateValue').oneOf(STATES),
    instanceIds: triggerInstanceIds(message.get('Trigger')),
    childAlarmNames: childAlarmNames(message.get('AlarmRule')),
  });
}

/** What the payload of an action has, and no message of an alarm. */
const ACTION_KEYS = ['alarmData', 'alarmArn'];

/** The documents that alarms come in. */
export const alarms = {
  event: {
    pattern: EVENTS,
    read: ({ detail, frame: { account, region } }) => fromAlarmData({ account, region }, detail),
  },
  message: {
    called: 'an alarm',
    keys: [...ACTION_KEYS, 'AlarmName', 'NewStateValue'],
    read: (document) =>
      ACTION_KEYS.some((key) => document.has(key)) ? parseAlarmAction(document) : parseAlarmMessage(document),
  },
} satisfies DocumentReader;

/**
 * Any CloudWatch alarm transition, also to `OK`: the runbook says what each state means to it.
 * @param via `rule` (default): an EventBridge rule; `action`: the alarm's own Lambda action or SNS topic, which needs no rule.
 */
export function onAlarm<Request>(
  toRequest: (delivery: AlarmDelivery) => Request | undefined,
  via: 'rule' | 'action' = 'rule',
): Trigger<Request> {
  return {
    name: 'alarm',
    reads: alarms,
    ...(via === 'rule' ? { pattern: EVENTS } : {}),
    request: (delivery) => (delivery.kind === 'alarm' ? toRequest(delivery) : undefined),
  };
}
