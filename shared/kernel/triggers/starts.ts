/**
 * The ways a runbook is started, as values for the `triggers` of its definition.
 *
 * Each builder takes the EventBridge pattern it needs from AWS's event reference and a function that makes the runbook's own
 * request of the delivery. `toRequest` may return `undefined` ("not for this runbook") and may throw `BadInputError`.
 */

import { safeParse } from 'zod/mini';
// Types only: the value `core` is a namespace object that would put all of zod (400 KB) into every bundle.
import type { core } from 'zod/mini';
import type { Trigger } from '../definition.ts';
import type { BadInputError } from '../errors.ts';
import { badInput, found, memberPath } from './reader.ts';
import type {
  AlarmDelivery,
  Delivery,
  InstanceStateDelivery,
  LifecycleDelivery,
  RequestDelivery,
  ScalingResultDelivery,
  ScheduleDelivery,
} from './triggers.ts';

type ToRequest<D extends Delivery, Request> = (delivery: D) => Request | undefined;

/** A zod (or zod/mini) schema of the manual request's `params`. */
export type ParamsSchema<Params> = core.$ZodType<Params>;

/**
 * Any CloudWatch alarm transition, also to `OK`: the runbook says what each state means to it.
 * @param via `rule` (default): an EventBridge rule; `action`: the alarm's own Lambda action or SNS topic, which needs no rule.
 */
export function onAlarm<Request>(
  toRequest: ToRequest<AlarmDelivery, Request>,
  via: 'rule' | 'action' = 'rule',
): Trigger<Request> {
  return {
    name: 'alarm',
    ...(via === 'rule'
      ? { pattern: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] } }
      : {}),
    request: (delivery) => (delivery.kind === 'alarm' ? toRequest(delivery) : undefined),
  };
}

/** `EC2 Instance State-change Notification` into one of `states`. */
export function onInstanceState<Request>(
  states: readonly InstanceStateDelivery['state'][],
  toRequest: ToRequest<InstanceStateDelivery, Request>,
): Trigger<Request> {
  return {
    name: 'ec2-state-change',
    pattern: {
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
      detail: { state: states },
    },
    request: (delivery) =>
      delivery.kind === 'instance-state' && states.includes(delivery.state) ? toRequest(delivery) : undefined,
  };
}

/** An Auto Scaling launch hook waits (`transition: 'launching'`). */
export function onLaunchHook<Request>(toRequest: ToRequest<LifecycleDelivery, Request>): Trigger<Request> {
  return {
    name: 'launch-hook',
    pattern: { source: ['aws.autoscaling'], 'detail-type': ['EC2 Instance-launch Lifecycle Action'] },
    request: (delivery) =>
      delivery.kind === 'lifecycle' && delivery.transition === 'launching' ? toRequest(delivery) : undefined,
  };
}

/** An Auto Scaling terminate hook waits (`transition: 'terminating'`). */
export function onTerminateHook<Request>(toRequest: ToRequest<LifecycleDelivery, Request>): Trigger<Request> {
  return {
    name: 'terminate-hook',
    pattern: { source: ['aws.autoscaling'], 'detail-type': ['EC2 Instance-terminate Lifecycle Action'] },
    request: (delivery) =>
      delivery.kind === 'lifecycle' && delivery.transition === 'terminating' ? toRequest(delivery) : undefined,
  };
}

/** `EC2 Instance Launch Successful`: the group has put an instance into service, hooks included. */
export function onLaunchResult<Request>(toRequest: ToRequest<ScalingResultDelivery, Request>): Trigger<Request> {
  return {
    name: 'launch-result',
    pattern: { source: ['aws.autoscaling'], 'detail-type': ['EC2 Instance Launch Successful'] },
    request: (delivery) =>
      delivery.kind === 'scaling-result' && delivery.activity === 'launch' && delivery.successful
        ? toRequest(delivery)
        : undefined,
  };
}

/**
 * A tick without an input of its own.
 * @param rate the schedule expression of `function.yml`, e.g. `rate(1 minute)`.
 */
export function onSchedule<Request>(rate: string, toRequest: ToRequest<ScheduleDelivery, Request>): Trigger<Request> {
  return {
    name: 'schedule',
    schedule: rate,
    request: (delivery) => (delivery.kind === 'schedule' ? toRequest(delivery) : undefined),
  };
}

/**
 * The manual request, from a person or an EventBridge schedule's input.
 * @param runbook the runbook's name; a request for another one is not for this trigger.
 * @param paramsSchema schema of `params`; for an object it must be `z.strictObject`, so that a misspelt key is bad input.
 * @throws BadInputError (when a request is read) with a path such as `params.candidate`.
 * @throws TypeError (here, so when the handler is loaded) for an object schema that lets unknown keys pass.
 */
export function onRequest<Params, Request>(
  runbook: string,
  paramsSchema: ParamsSchema<Params>,
  toRequest: (params: Params, delivery: RequestDelivery) => Request | undefined,
): Trigger<Request> {
  if (!refusesUnknownKeys(paramsSchema)) throw new TypeError(`${runbook}: declare params with z.strictObject`);
  return {
    name: 'request',
    request: (delivery) => {
      if (delivery.kind !== 'request' || delivery.runbook !== runbook) return undefined;
      const parsed = safeParse(paramsSchema, delivery.params);
      if (!parsed.success) throw badParams(parsed.error.issues, delivery.params);
      return toRequest(parsed.data, delivery);
    },
  };
}

/**
 * Tried with a key no schema has: a strict object reports it even beside missing members. A union answers before it looks at
 * keys; its members are strict or not by their own declaration.
 */
function refusesUnknownKeys(schema: core.$ZodType): boolean {
  const tried = safeParse(schema, { 'no such key': true });
  return (
    !tried.success && tried.error.issues.some(({ code }) => code === 'unrecognized_keys' || code === 'invalid_union')
  );
}

/** The first fault, in our words: zod/mini ships without messages (each would read "Invalid input"). */
function badParams(issues: readonly core.$ZodIssue[], params: unknown): BadInputError {
  const [issue] = issues;
  if (issue === undefined) return badInput('params', 'not valid');
  const base = ['params', ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))].reduce<string>(
    memberPath,
    '',
  );
  if (issue.code === 'unrecognized_keys') return badInput(memberPath(base, issue.keys[0] ?? ''), 'unknown key');
  return badInput(base, `expected ${expectation(issue)}, found ${found(valueAt(params, issue.path))}`);
}

function expectation(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `text that matches ${issue.pattern ?? 'its pattern'}` : `a ${issue.format}`;
    default:
      return issue.message === 'Invalid input' ? 'another form' : issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' members' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((holder, key) => {
    if (typeof holder !== 'object' || holder === null) return undefined;
    return Object.getOwnPropertyDescriptor(holder, key)?.value as unknown;
  }, value);
}
