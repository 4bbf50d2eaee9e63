/**
 * One dead letter of whatever sender: what the target that failed would have got, or why the letter stays. Pure.
 *
 * Who names the queue decides what a letter can be, and its form only confirms it. Nothing goes to anybody but the target that failed:
 * published again, a message would reach all other subscribers a second time.
 *
 * Sources: the AWS pages that are named beside each form; recorded of AWS by github.com/localstack/localstack where it says so.
 */

import { isBag } from '../../../shared/kernel/json.ts';
import { isEvent, isListOfFailed, recordIn, recordInEvent, type InvocationRecord } from './invocation-records.ts';
import { eventOf, notificationIn, type Notification } from './notifications.ts';
import {
  isNextTo,
  targetOf,
  unqualified,
  type AsynchronousFunction,
  type FunctionWithDestination,
  type Origin,
  type RuleTarget,
  type Schedule,
  type Subscription,
  type Target,
} from './origins.ts';
import { parsedJson } from './raw-json.ts';

/** A letter as SQS hands it over. */
export interface Envelope {
  /** `DeadLetterQueueSourceArn`; absent: no redrive policy of a queue has brought it here. */
  readonly source: string | undefined;
  readonly body: string;
  /** The texts of its message attributes by their names; of bytes an empty one. */
  readonly attributes: { readonly [name: string]: string };
}

/** What goes where. */
export interface Redelivery {
  /** A queue or a function. */
  readonly to: Target;
  /** The body of the message, or the event of the function. */
  readonly body: string;
  /** Message attributes that were added when the letter died, and were no part of what the queue would have got. */
  readonly without: readonly string[];
  /** A subscription's redrive policy has it go there: it needs no tag. */
  readonly isByPolicy?: true;
}

/** Why a letter stays where it is. */
export type StaysHere =
  | 'also-recorded' // its function tells its destination of it, too, which is here: it would be given twice
  | 'batch-pointer' // of a stream it says only where in it the records are
  | 'elsewhere' // its target is in another account or Region
  | 'for-every-rule' // a bus could not read it: on the bus again it would go to all rules
  | 'larger-than-the-function-takes'
  | 'neither-queue-nor-function'
  | 'no-json' // so no function can have failed on it
  | 'no-source'
  | 'ordered' // of its target and this queue one keeps an order and the other does not
  | 'payload-dropped' // by Lambda, since it was too large for a topic
  | 'pointer-only' // it names events, and has none
  | 'qualifier-unknown' // version, alias or neither: the letter does not say which has failed
  | 'several-could-have-sent-it'
  | 'source-is-gone'
  | 'truncated'
  | 'unlike-its-sources'
  | 'was-a-success'
  | 'was-transformed'; // what the target would have got may be something else

/** A letter that has been looked into. */
interface Letter extends Envelope {
  readonly json: unknown;
  readonly notification: Notification | undefined;
  /** It says how the asynchronous invocation of a function has failed. */
  readonly isOfFunction: boolean;
}

/** What an origin makes of a letter. */
interface Match {
  /** The letter names this very origin; else nothing in it speaks against. */
  readonly isProven: boolean;
  readonly answer: Redelivery | StaysHere;
}

/** Source: Lambda developer guide, "Adding a dead-letter queue"; recorded of AWS 2025-11-24. */
const OF_FUNCTION = ['RequestID', 'ErrorCode', 'ErrorMessage'] as const;
/** Source: EventBridge user guide, "Using dead-letter queues to process undelivered events". */
const OF_RULE = [
  'RULE_ARN',
  'TARGET_ARN',
  'ERROR_CODE',
  'ERROR_MESSAGE',
  'EXHAUSTED_RETRY_CONDITION',
  'RETRY_ATTEMPTS',
] as const;
/** Source: EventBridge Scheduler user guide, "Configuring a schedule's dead-letter queue". */
const OF_SCHEDULE = [
  ...OF_RULE.slice(1),
  'EXECUTION_ID',
  'IS_PAYLOAD_TRUNCATED',
  'SCHEDULED_TIME',
  'SCHEDULE_ARN',
] as const;

/** 1 MB for an asynchronous invocation. Source: Lambda API reference, Invoke. */
export const MOST_EVENT_BYTES = 1_048_576;

/** Whether the attributes of a failed asynchronous invocation are among these. */
function tellsOfFunction(names: readonly string[]): boolean {
  return names.includes('RequestID') && names.includes('ErrorCode');
}

function opened(envelope: Envelope): Letter {
  const json = parsedJson(envelope.body);
  return {
    ...envelope,
    json,
    notification: notificationIn(json),
    isOfFunction: tellsOfFunction(Object.keys(envelope.attributes)),
  };
}

/** It names a rule or a schedule: what else it looks like does not matter. */
function namesItsSender({ attributes }: Letter): boolean {
  return attributes['RULE_ARN'] !== undefined || attributes['SCHEDULE_ARN'] !== undefined;
}

function ofSubscription(letter: Letter, { subscription, topic, raw, to }: Subscription): Match | undefined {
  const isByPolicy = true;
  const { body, notification, isOfFunction } = letter;
  // Whether SNS adds these is contested. All three at once are nobody else's.
  const without = isOfFunction && 'ErrorMessage' in letter.attributes ? [...OF_FUNCTION] : [];
  // What was published raw can be anything; an envelope of SNS's own is what a subscriber who wants it raw does not get.
  if (raw)
    return notification === undefined ? { isProven: false, answer: { to, body, without, isByPolicy } } : undefined;
  if (notification?.topic !== topic || (notification.subscription ?? subscription) !== subscription) return undefined;
  // A queue would have got the notification as it is.
  const sent = to.kind === 'function' ? eventOf(notification, subscription) : body;
  return { isProven: true, answer: { to, body: sent, without, isByPolicy } };
}

/** The event of a failed invocation as it came here, if it came this way. */
function eventByWay(letter: Letter, { way }: AsynchronousFunction): string | undefined {
  if (way.by !== 'topic' || way.raw) return letter.isOfFunction ? letter.body : undefined;
  const { notification } = letter;
  return notification?.topic === way.topic && tellsOfFunction(notification.attributes)
    ? notification.message
    : undefined;
}

function ofAsynchronous(letter: Letter, origin: AsynchronousFunction, isAlsoRecorded: boolean): Match | undefined {
  const body = eventByWay(letter, origin);
  if (body === undefined) return undefined;
  const stays = (why: StaysHere): Match => ({ isProven: false, answer: why });
  if (isAlsoRecorded) return stays('also-recorded');
  if (origin.aliases.length > 0) return stays('qualifier-unknown');
  if (parsedJson(body) === undefined) return stays('no-json');
  return { isProven: false, answer: { to: targetOf(origin.function), body, without: [] } };
}

/** The record of a failed invocation as it came here, if it came this way. */
function recordByWay(letter: Letter, { way }: FunctionWithDestination): InvocationRecord | undefined {
  const { body, json, notification } = letter;
  if (way.by === 'rule') return recordInEvent(body, json);
  if (way.by === 'topic' && !way.raw)
    return notification?.topic === way.topic
      ? recordIn(notification.message, parsedJson(notification.message))
      : undefined;
  // A function may have failed on the record of another, whose destination it is: that letter is an event.
  return letter.isOfFunction ? undefined : recordIn(body, json);
}

function eventIn(record: InvocationRecord): Redelivery | StaysHere {
  if (record.isOfBatch) return 'batch-pointer';
  if (record.condition === 'Success') return 'was-a-success';
  if (record.payload === undefined) return 'payload-dropped';
  return { to: targetOf(record.function), body: record.payload, without: [] };
}

function ofDestination(letter: Letter, origin: FunctionWithDestination): Match | undefined {
  const record = recordByWay(letter, origin);
  if (record === undefined || unqualified(record.function) !== origin.function) return undefined;
  return { isProven: true, answer: eventIn(record) };
}

function ofRule(letter: Letter, { rule, to, isTransformed }: RuleTarget): Match | undefined {
  const { attributes, body, json } = letter;
  if (attributes['RULE_ARN'] !== rule || attributes['TARGET_ARN'] !== to.arn) return undefined;
  const stays = (why: StaysHere): Match => ({ isProven: true, answer: why });
  // AWS does not say whether the body is the event or what was made of it.
  if (isTransformed) return stays('was-transformed');
  if (!isEvent(json)) return stays('unlike-its-sources');
  return { isProven: true, answer: { to, body, without: OF_RULE } };
}

/** How a schedule's target is named where the request to its service is meant, by the service in the target's own ARN. */
const REQUESTS: { readonly [kind in Target['kind']]: string } = {
  queue: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
  function: 'arn:aws:scheduler:::aws-sdk:lambda:invoke',
  other: '',
};

/** The request to the service as AWS's own example has it in the body: `{ MessageBody, QueueUrl }`, `{ FunctionName, Payload }`. */
function requested(json: unknown, { kind, arn }: Target): string | undefined {
  if (!isBag(json)) return undefined;
  const [content, name] =
    kind === 'queue' ? [json['MessageBody'], json['QueueUrl']] : [json['Payload'], json['FunctionName']];
  if (typeof content !== 'string' || typeof name !== 'string') return undefined;
  const [account = '', queue = ''] = arn.split(':').slice(4);
  return name === arn || (kind === 'queue' && name.endsWith(`/${account}/${queue}`)) ? content : undefined;
}

/** What the schedule had for its target. */
function inputIn({ attributes, body, json }: Letter, to: Target): string | undefined {
  const target = attributes['TARGET_ARN'];
  if (target === to.arn) return body;
  return target === REQUESTS[to.kind] ? requested(json, to) : undefined;
}

function ofSchedule(letter: Letter, { schedule, to }: Schedule): Match | undefined {
  const { attributes } = letter;
  if (attributes['SCHEDULE_ARN'] !== schedule) return undefined;
  const stays = (why: StaysHere): Match => ({ isProven: true, answer: why });
  if (to.kind === 'other') return stays('neither-queue-nor-function');
  // What is not known to be whole is not.
  if (attributes['IS_PAYLOAD_TRUNCATED']?.toLowerCase() !== 'false') return stays('truncated');
  const input = inputIn(letter, to);
  if (input === undefined) return stays('unlike-its-sources');
  if (to.kind === 'function' && parsedJson(input) === undefined) return stays('no-json');
  return { isProven: true, answer: { to, body: input, without: OF_SCHEDULE } };
}

/** Records of the function's failures come here besides. */
function hasRecords(functionArn: string, origins: readonly Origin[]): boolean {
  return origins.some((origin) => origin.kind === 'lambda-destination' && origin.function === functionArn);
}

/** A letter as the event that a function may have failed on. */
export interface FailedEvent {
  /** Without version or alias. */
  readonly function: string;
  /** As it was given to it. */
  readonly event: string;
  /** Its failures are told by records, too, which come here: they name it. */
  readonly isRecorded: boolean;
}

/**
 * Whose failed event a letter may be, of the functions whose `DeadLetterConfig` leads here: all of those that it could have come from, for
 * it names none. By what each was given it shows whose it is.
 */
export function failedEvents(envelope: Envelope, origins: readonly Origin[]): readonly FailedEvent[] {
  const letter = opened(envelope);
  return origins.flatMap((origin) => {
    if (origin.kind !== 'lambda-async') return [];
    const event = eventByWay(letter, origin);
    const isRecorded = hasRecords(origin.function, origins);
    return event === undefined ? [] : [{ function: origin.function, event, isRecorded }];
  });
}

/** What an origin says of a letter; `undefined`: it is none of its. */
function matchOf(letter: Letter, origin: Origin, origins: readonly Origin[]): Match | undefined {
  switch (origin.kind) {
    case 'sqs':
      return undefined;
    case 'sns':
      return ofSubscription(letter, origin);
    case 'lambda-async':
      return ofAsynchronous(letter, origin, hasRecords(origin.function, origins));
    case 'lambda-destination':
      return ofDestination(letter, origin);
    case 'rule-target':
      return ofRule(letter, origin);
    case 'schedule':
      return ofSchedule(letter, origin);
    default:
      return isEvent(letter.json) ? { isProven: false, answer: 'for-every-rule' } : undefined;
  }
}

function isSame(one: Match['answer'], other: Match['answer']): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.to.arn === other.to.arn && one.body === other.body && one.without.join() === other.without.join();
}

/** What a letter is whoever has sent it; `undefined`: nothing that is known by its form alone. */
function hopeless(letter: Letter): StaysHere | undefined {
  if (letter.isOfFunction || namesItsSender(letter)) return undefined;
  if (isListOfFailed(letter.json)) return 'pointer-only';
  return recordIn(letter.body, letter.json)?.isOfBatch === true ? 'batch-pointer' : undefined;
}

/** Why none of those who name the queue can have sent it. */
function unexplained(letter: Letter): StaysHere {
  const { body, json, notification } = letter;
  const record = recordIn(body, json) ?? recordInEvent(body, json);
  const isKnown = namesItsSender(letter) || notification !== undefined || record !== undefined;
  return isKnown ? 'source-is-gone' : 'unlike-its-sources';
}

function answerTo(letter: Letter, origins: readonly Origin[]): Redelivery | StaysHere {
  const lost = hopeless(letter);
  if (lost !== undefined) return lost;
  if (origins.every(({ kind }) => kind === 'sqs')) return 'no-source';
  const matches = origins.flatMap((origin) => matchOf(letter, origin, origins) ?? []);
  const proven = matches.filter(({ isProven }) => isProven);
  const possible = namesItsSender(letter) ? [] : matches;
  const [first, ...others] = (proven.length > 0 ? proven : possible).map(({ answer }) => answer);
  if (first === undefined) return unexplained(letter);
  if (!others.every((other) => isSame(first, other))) return 'several-could-have-sent-it';
  return [first, ...others].find((one) => typeof one !== 'string' && one.isByPolicy) ?? first;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Whether the target is one that can be delivered to from here. */
function delivered(answer: Redelivery, queue: string): Redelivery | StaysHere {
  const { to, body } = answer;
  if (to.kind === 'other') return 'neither-queue-nor-function';
  if (!isNextTo(to.arn, queue)) return 'elsewhere';
  const [isOrdered, hasOrder] = [to.arn.endsWith('.fifo'), queue.endsWith('.fifo')];
  // What stands in an order may go to a queue that has none; a function would be given all of it at once.
  if (isOrdered ? !hasOrder : hasOrder && to.kind === 'function') return 'ordered';
  if (to.kind === 'queue') return answer;
  return bytesOf(body) > MOST_EVENT_BYTES ? 'larger-than-the-function-takes' : answer;
}

/**
 * Where a letter goes and as what, or why it stays.
 * @param queue the ARN of the queue of dead letters
 */
export function redelivery(envelope: Envelope, origins: readonly Origin[], queue: string): Redelivery | StaysHere {
  const { source, body } = envelope;
  if (source === undefined) {
    const answer = answerTo(opened(envelope), origins);
    return typeof answer === 'string' ? answer : delivered(answer, queue);
  }
  const origin = origins.find((one) => one.kind === 'sqs' && one.to.arn === source);
  return origin?.kind === 'sqs' ? delivered({ to: origin.to, body, without: [] }, queue) : 'source-is-gone';
}
