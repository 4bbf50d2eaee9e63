/** A consumer of a queue that breaks for a while, and what arrives meanwhile. */

import { CONSUMERS } from '../../simulator/world/consumers.ts';
import type { Shape, World, WorldData } from '../../simulator/engine/model.ts';
import { isFifo, nameOf, secondsOf } from '../../simulator/services/sqs/state.ts';
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
  const unplayable = isBroken ? 'its consumer fails in this world already' : tooLong;
  return {
    queue: name,
    brokenSeconds,
    how: `its consumer throws for ${minutes} min, in which ${MESSAGES} messages arrive`,
    arrivals: numbers().map((one) => ({ [`sqs/Queues/${name}/Messages/+`]: messageOf(queue, one) })),
    ...(unplayable === undefined ? {} : { unplayable }),
  };
}

/** The consumers of a world in which that of a queue fails on what arrives until a time; where it has none it is given one. */
export function withOutage(data: WorldData, { queue }: Outage, mendedAt: string): WorldData {
  const all = data[CONSUMERS.service]?.[CONSUMERS.collection] ?? [];
  const own = all.find((one) => one['queue'] === queue);
  const fails = [{ body: { whatif: queue } }];
  const broken: Shape = { queue, handles: 'PT1S', received: 0, handled: 0, ...own, fails, until: mendedAt };
  return { ...data, [CONSUMERS.service]: { [CONSUMERS.collection]: [...all.filter((one) => one !== own), broken] } };
}
