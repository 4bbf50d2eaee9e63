/** A consumer of a queue that breaks for a while, and what arrives meanwhile. */

import { CONSUMERS } from '../../simulator/world/consumers.ts';
import type { Shape, World, WorldData } from '../../simulator/engine/model.ts';
import { attributesOf, isFifo, nameOf, queueByName, secondsOf } from '../../simulator/services/sqs/state.ts';
import { bodyOf, policyOf } from './wards/queues.ts';

/** As many messages arrive: more than are tried first by a redrive is not needed to see whether they come back. */
const MESSAGES = 5;
/** A consumer is broken for as long as a person needs to be woken and to mend it, and until everything has failed as often as it may. */
const BROKEN_SECONDS = 900;
const AFTER_THE_LAST_SECONDS = 300;
/** An outage that would have to last longer cannot be followed: a queue hides its messages for twelve hours at most. */
const LONGEST_SECONDS = 14_400;

/** How a consumer is broken. */
export interface Outage {
  readonly queue: string;
  /** So long after the loss it works again. */
  readonly brokenSeconds: number;
  readonly how: string;
  /** The messages that arrive at the moment of the loss, each a step of a script: one path can be set once in a step. */
  readonly arrivals: readonly { readonly [path: string]: unknown }[];
  /** Why it cannot be played; absent: it can. */
  readonly unplayable?: string;
}

function numbers(): readonly number[] {
  return Array.from({ length: MESSAGES }, (_none, index) => index + 1);
}

function messageOf(queue: Shape, number: number): Shape {
  return {
    MessageId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    Body: bodyOf(nameOf(queue), number),
    ...(isFifo(queue) ? { Attributes: { MessageGroupId: 'whatif', MessageDeduplicationId: `whatif-${number}` } } : {}),
  };
}

function consumerOf(world: World, queue: string): Shape | undefined {
  return world.data[CONSUMERS.service]?.[CONSUMERS.collection]?.find((one) => one['queue'] === queue);
}

/** Attributes that say how many messages are in a queue, whoever sees them. */
const NUMBERS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;

/** Nobody has read what is in it, and its numbers say that it is empty. */
function isEmptyByNumbers(queue: Shape): boolean {
  return queue['Messages'] === undefined && NUMBERS.every((name) => attributesOf(queue)[name] === '0');
}

/** Why it is not known what is in a queue; `undefined`: it is. Messages of a paste, and of a snapshot always, were not read. */
function unreadIn(world: World, queue: Shape | undefined): string | undefined {
  if (!world.isPasted || queue === undefined || queue['Messages'] !== undefined || isEmptyByNumbers(queue))
    return undefined;
  const count = NUMBERS.reduce((sum, name) => sum + Number(attributesOf(queue)[name] ?? 0), 0);
  const has = count > 0 ? `${count} messages are in ${nameOf(queue)}, and none was read` : 'its messages were not read';
  return `${has}: sqs.Queues[${nameOf(queue)}].Messages says what is in it, [] that it is empty`;
}

/** The outage of a queue's consumer; `undefined`: what fails there goes nowhere else. */
export function outageOf(world: World, queue: Shape): Outage | undefined {
  const policy = policyOf(queue);
  if (policy === undefined) return undefined;
  const name = nameOf(queue);
  const failingSeconds = secondsOf(queue, 'VisibilityTimeout') * policy.mostReceives + AFTER_THE_LAST_SECONDS;
  const brokenSeconds = Math.max(BROKEN_SECONDS, failingSeconds);
  const minutes = Math.ceil(brokenSeconds / 60);
  const { fails, until } = consumerOf(world, name) ?? {};
  const isMended = typeof until === 'string' && Date.parse(until) <= world.clock.now();
  const isBroken = fails !== undefined && !isMended;
  const tooLong = brokenSeconds > LONGEST_SECONDS ? `its letters are dead after ${minutes} minutes only` : undefined;
  const unread = unreadIn(world, queue) ?? unreadIn(world, queueByName(world, policy.deadLetters));
  const unplayable = isBroken ? 'its consumer fails in this world already' : (tooLong ?? unread);
  return {
    queue: name,
    brokenSeconds,
    how: `its consumer throws for ${minutes} min, in which ${MESSAGES} messages arrive`,
    arrivals: numbers().map((one) => ({ [`sqs/Queues/${name}/Messages/+`]: messageOf(queue, one) })),
    ...(unplayable === undefined ? {} : { unplayable }),
  };
}

/** Queues whose numbers say that they are empty hold nothing: what arrives has somewhere to go, and can be followed. */
function withMessages(data: WorldData): WorldData {
  const { Queues: queues = [], ...others } = data['sqs'] ?? {};
  const Queues = queues.map((one) => (isEmptyByNumbers(one) ? { ...one, Messages: [] } : one));
  return { ...data, sqs: { ...others, Queues } };
}

/** The consumers of a world in which that of a queue fails on what arrives until a time; where it has none it is given one. */
export function withOutage(given: WorldData, { queue }: Outage, mendedAt: string): WorldData {
  const data = withMessages(given);
  const all = data[CONSUMERS.service]?.[CONSUMERS.collection] ?? [];
  const own = all.find((one) => one['queue'] === queue);
  const fails = [{ body: { whatif: queue } }];
  const broken: Shape = { queue, handles: 'PT1S', received: 0, handled: 0, ...own, fails, until: mendedAt };
  return { ...data, [CONSUMERS.service]: { [CONSUMERS.collection]: [...all.filter((one) => one !== own), broken] } };
}
