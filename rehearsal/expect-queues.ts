/** What must be in queues in the end, and how much their consumers must have handled: `queues`, `order` and `handled` of `expect.json`. */

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { isRecord } from '../simulator/engine/json.ts';
import type { Shape, World } from '../simulator/engine/model.ts';
import { show } from '../simulator/services/ec2/state.ts';
import { attributesOf, liveMessages, queueByName } from '../simulator/services/sqs/state.ts';
import { CONSUMERS } from '../simulator/world/consumers.ts';

/** A message: `Body`, `MessageId`, `MessageAttributes`, or by its name any of its system attributes. */
const expectedMessage = z.record(z.string(), z.unknown());

type ExpectedMessage = z.infer<typeof expectedMessage>;

export const queuesMembers = {
  /** By the queue's name all that is in it, in flight and delayed too. A queue that is not named is not looked at. */
  queues: z.record(z.string(), z.array(expectedMessage)).default({}),
  /** Whether messages of one group must be in the order given. Of a queue as a whole nothing is said of the order. */
  order: z.enum(['any', 'per MessageGroupId']).default('any'),
  /** By the queue's name how many messages its consumer has handled. */
  handled: z.record(z.string(), z.int().min(0)).default({}),
};

interface ExpectedQueues {
  readonly queues: { readonly [name: string]: readonly ExpectedMessage[] };
  readonly order: 'any' | 'per MessageGroupId';
  readonly handled: { readonly [name: string]: number };
}

/** Attributes that a runbook may add to what was sent. */
const OURS = 'runbook';

function withoutOurs(attributes: unknown): unknown {
  if (!isRecord(attributes)) return {};
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith(OURS)));
}

function memberOf(message: Shape, member: string): unknown {
  if (member === 'MessageAttributes') return withoutOurs(message[member]);
  return message[member] ?? attributesOf(message)[member];
}

function isAs(wanted: ExpectedMessage, message: Shape): boolean {
  return Object.entries(wanted).every(([member, value]) => isDeepStrictEqual(memberOf(message, member), value));
}

function shown(message: Shape): string {
  const group = attributesOf(message)['MessageGroupId'];
  return JSON.stringify({ Body: message['Body'], ...(group === undefined ? {} : { MessageGroupId: group }) });
}

/** Pairs what is wanted with what is there, the fullest description first, so that none takes what another one needs. */
function differences(name: string, wanted: readonly ExpectedMessage[], found: readonly Shape[]): readonly string[] {
  const left = [...found];
  const bySize = wanted.toSorted((one, other) => Object.keys(other).length - Object.keys(one).length);
  const missing = bySize.filter((one) => {
    const index = left.findIndex((message) => isAs(one, message));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [
    ...missing.map((one) => `queue ${name}: expected ${JSON.stringify(one)}, which is not in it`),
    ...left.map((message) => `queue ${name}: ${shown(message)} is in it, not expected`),
  ];
}

/** Of each group what is there, against what is wanted, one by one. */
function disorder(name: string, wanted: readonly ExpectedMessage[], found: readonly Shape[]): readonly string[] {
  const groups = new Set(wanted.map(({ MessageGroupId: group }) => group));
  return [...groups].flatMap((group) => {
    const own = found.filter((message) => attributesOf(message)['MessageGroupId'] === group);
    const inOrder = wanted
      .filter((one) => one['MessageGroupId'] === group)
      .every((one, index) => isAs(one, own[index] ?? {}));
    return inOrder ? [] : [`queue ${name}: group ${String(group)} is in another order: ${own.map(shown).join(' ')}`];
  });
}

function queueFaults(world: World, name: string, wanted: readonly ExpectedMessage[], order: string): readonly string[] {
  const queue = queueByName(world, name);
  if (queue === undefined) return [`queue ${name}: there is none`];
  const found = liveMessages(queue, world.clock.now());
  const faults = differences(name, wanted, found);
  return faults.length > 0 || order === 'any' ? faults : disorder(name, wanted, found);
}

function handledIn(world: World, name: string): unknown {
  const consumers = world.data[CONSUMERS.service]?.[CONSUMERS.collection] ?? [];
  return consumers.find(({ queue }) => queue === name)?.['handled'];
}

/** What is in the queues, and what was handled, against what must be. */
export function checkQueues({ queues, order, handled }: ExpectedQueues, world: World): string[] {
  return [
    ...Object.entries(queues).flatMap(([name, wanted]) => queueFaults(world, name, wanted, order)),
    ...Object.entries(handled).flatMap(([name, wanted]) => {
      const count = handledIn(world, name) ?? 'no consumer';
      return count === wanted ? [] : [`handled of ${name}: expected ${wanted}, found ${show(count)}`];
    }),
  ];
}
