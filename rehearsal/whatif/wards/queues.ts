/** Queues of dead letters that may go back: one is well while nothing of an outage is left in it, or anywhere. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { attributesOf, messagesIn, nameOf, queuesOf } from '../../../simulator/services/sqs/state.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { nameIn } from '../../redrive-dead-letters/letters.ts';
import { GOOD, type Look, type Ward } from './ward.ts';

/** A queue whose letters came back is left alone for an hour; two ticks more. */
const PATIENCE_SECONDS = 4_500;

/** The body of a message that arrives while the consumer of a queue is broken. */
export function bodyOf(queue: string, number: number): string {
  return JSON.stringify({ whatif: queue, number });
}

/** The policy by which a queue hands on what fails: to which queue, after how many receives. */
export interface RedrivePolicy {
  readonly deadLetters: string;
  readonly mostReceives: number;
}

/** The redrive policy of a queue; `undefined`: it has none, or none that can be read. */
export function policyOf(queue: Shape): RedrivePolicy | undefined {
  const given: unknown = attributesOf(queue)['RedrivePolicy'];
  if (typeof given !== 'string') return undefined;
  try {
    const read: unknown = JSON.parse(given);
    if (!isRecord(read) || typeof read['deadLetterTargetArn'] !== 'string') return undefined;
    return { deadLetters: nameIn(read['deadLetterTargetArn']), mostReceives: Number(read['maxReceiveCount'] ?? 1) };
  } catch {
    return undefined;
  }
}

function tagIn(queue: Shape, key: string): string | undefined {
  const tags: unknown = queue['Tags'];
  return isRecord(tags) && typeof tags[key] === 'string' ? tags[key] : undefined;
}

/** How the bodies of all those messages of a queue begin. */
function markOf(queue: string): string {
  return bodyOf(queue, 0).slice(0, -2);
}

/** How many of the messages are in a queue that arrived at any of these while its consumer was broken. */
function markedIn(queue: Shape, marks: readonly string[]): number {
  return messagesIn(queue).filter(({ Body: body }) => marks.some((mark) => String(body).startsWith(mark))).length;
}

function lookAt(world: World, deadLetters: string, sources: ReadonlySet<string>, marks: readonly string[]): Look {
  const counted = queuesOf(world).map((queue) => [nameOf(queue), markedIn(queue, marks)] as const);
  const where = counted.filter(([, count]) => count > 0);
  const dead = where.find(([name]) => name === deadLetters);
  if (dead !== undefined) return { level: 'bad', what: `holds ${dead[1]} dead letters` };
  const waiting = where.find(([name]) => sources.has(name));
  if (waiting !== undefined)
    return { level: 'bad', what: `has ${waiting[1]} messages in ${waiting[0]} that nobody has handled` };
  const [parked] = where;
  return parked === undefined ? GOOD : { level: 'bad', what: `has ${parked[1]} letters in ${parked[0]}` };
}

/** The queues of dead letters that a runbook looks after, each with the queues whose letters it has. */
export function queueWards(world: World): readonly Ward[] {
  const queues = queuesOf(world);
  return queues.flatMap((queue): Ward[] => {
    const name = nameOf(queue);
    if (tagIn(queue, 'runbook:redrive') === undefined) return [];
    const sources = new Set(queues.filter((one) => policyOf(one)?.deadLetters === name).map(nameOf));
    if (sources.size === 0) return [];
    const marks = [...sources].map(markOf);
    return [
      {
        kind: 'queue',
        id: name,
        name: `dead letters ${name}`,
        runbook: 'redrive-dead-letters',
        parts: sources,
        patienceSeconds: PATIENCE_SECONDS,
        look: (now) => lookAt(now, name, sources, marks),
        ...(tagIn(queue, 'runbook:redrive') === 'auto'
          ? {}
          : { byHand: `npx runbook run redrive-dead-letters --target ${name}` }),
      },
    ];
  });
}
