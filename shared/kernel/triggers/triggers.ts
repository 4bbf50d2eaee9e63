/**
 * What may start a runbook: every event, as AWS delivers it, parsed once into a `Delivery`.
 * The event is a hint: it names resources; the truth is read again.
 */

import type { JsonObject } from '../decision.ts';
import type { BadInputError } from '../errors.ts';

interface DeliveryBase {
  /** When the fact happened, ISO 8601; absent when the event does not say (a manual request). */
  readonly at?: string;
  /** The same fact delivered twice, by whatever path, has the same id where AWS gives us one to derive it from. */
  readonly id: string;
  /** Account and region the event speaks of, where it says so. */
  readonly account?: string;
  readonly region?: string;
}

/** A CloudWatch alarm changed state: EventBridge event, alarm action payload, or SNS message. */
export interface AlarmDelivery extends DeliveryBase {
  readonly kind: 'alarm';
  readonly alarmName: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  /** Every `InstanceId` dimension of every metric in the configuration. */
  readonly instanceIds: readonly string[];
  /** Alarms a composite alarm's rule names. */
  readonly childAlarmNames: readonly string[];
}

export interface InstanceStateDelivery extends DeliveryBase {
  readonly kind: 'instance-state';
  readonly instanceId: string;
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
}

/** An Auto Scaling lifecycle hook waits for an answer. */
export interface LifecycleDelivery extends DeliveryBase {
  readonly kind: 'lifecycle';
  readonly transition: 'launching' | 'terminating';
  readonly group: string;
  readonly hook: string;
  readonly instanceId: string;
  readonly token: string;
  readonly metadata?: string;
  readonly origin?: string;
  readonly destination?: string;
}

/** `EC2 Instance Launch|Terminate Successful|Unsuccessful`. */
export interface ScalingResultDelivery extends DeliveryBase {
  readonly kind: 'scaling-result';
  readonly activity: 'launch' | 'terminate';
  readonly successful: boolean;
  readonly group: string;
  readonly instanceId: string;
}

/** A tick without an input of its own (`Scheduled Event`). */
export interface ScheduleDelivery extends DeliveryBase {
  readonly kind: 'schedule';
}

/** A person's or a schedule's request, in its one shape. */
export interface RequestDelivery extends DeliveryBase {
  readonly kind: 'request';
  readonly runbook: string;
  readonly target?: string;
  readonly params: JsonObject;
  readonly dryRun: boolean;
  readonly reason?: string;
  readonly requestedBy?: string;
}

/** `autoscaling:TEST_NOTIFICATION` and its like: sent when a hook or topic is set up; nothing to do. */
export interface TestDelivery extends DeliveryBase {
  readonly kind: 'test-notification';
}

/** Another well-formed EventBridge event; a runbook's own trigger may parse `detail`. */
export interface OtherDelivery extends DeliveryBase {
  readonly kind: 'other';
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

export type Delivery =
  | AlarmDelivery
  | InstanceStateDelivery
  | LifecycleDelivery
  | ScalingResultDelivery
  | ScheduleDelivery
  | RequestDelivery
  | TestDelivery
  | OtherDelivery;

/** One message of a batch: parsed, or what is wrong with it. One record never decides for another. */
export type BatchRecord =
  | { readonly messageId?: string; readonly source: 'sqs' | 'sns'; readonly delivery: Delivery }
  | { readonly messageId?: string; readonly source: 'sqs' | 'sns'; readonly error: BadInputError };

/** What `parseEvent` (`parser.ts`) makes of an invocation's event. */
export type ParsedEvent =
  | { readonly kind: 'single'; readonly delivery: Delivery }
  | { readonly kind: 'batch'; readonly records: readonly BatchRecord[] };
