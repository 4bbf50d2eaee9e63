/** Queues of dead letters: whether what fails gets there, stays long enough, and has somewhere to go back to. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import {
  attributesOf,
  isFifo,
  nameOf,
  queueByName,
  queuesOf,
  secondsOf,
} from '../../../simulator/services/sqs/state.ts';
import { LONGEST_RETENTION_SECONDS } from '../../../shared/judgement/readiness.ts';
import { sendersOf, unreadPlaces } from './senders.ts';
import { policyOf } from '../../../rehearsal/whatif/wards/queues.ts';
import { counted, finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';

const letters = finder('dead-letters', 'redrive-dead-letters');
const REDRIVE = 'runbook:redrive';
const DAY_SECONDS = 86_400;

function tagIn({ Tags: tags }: Shape, key: string): string | undefined {
  return isRecord(tags) && typeof tags[key] === 'string' ? tags[key] : undefined;
}

function days(seconds: number): string {
  return counted(Math.round((seconds / DAY_SECONDS) * 10) / 10, 'day');
}

function urlOf(queue: Shape): string {
  const { QueueUrl: url } = queue;
  return typeof url === 'string' ? url : 'QUEUE-URL';
}

/**
 * A letter of a standard queue keeps the time at which it was sent first, so that it is forgotten the earlier the longer it was tried.
 * Source: SQS developer guide, "Using dead-letter queues": retention of a dead-letter queue.
 */
function retention(source: Shape, dead: Shape, lines: Lines): Finding | undefined {
  // Of a FIFO queue the time begins anew when a message comes to the dead letters.
  if (isFifo(dead)) return undefined;
  const kept = secondsOf(dead, 'MessageRetentionPeriod');
  const before = secondsOf(source, 'MessageRetentionPeriod');
  if (kept > before || kept >= LONGEST_RETENTION_SECONDS) return undefined;
  return letters({
    level: 'warning',
    about: nameOf(dead),
    text: `keeps letters for ${days(kept)} from when they were sent first, ${nameOf(source)} for ${days(before)}: what is tried for long is forgotten soon after it is dead, or at once`,
    fix: lines.aws('sqs:SetQueueAttributes', {
      QueueUrl: urlOf(dead),
      Attributes: { MessageRetentionPeriod: String(LONGEST_RETENTION_SECONDS) },
    }),
  });
}

/** A queue whose failures go nowhere: SQS keeps on receiving them. */
function ofSource(world: World, source: Shape, lines: Lines): readonly Finding[] {
  const policy = policyOf(source);
  if (policy === undefined) return [];
  const dead = queueByName(world, policy.deadLetters);
  if (dead === undefined)
    return [
      letters({
        level: 'broken',
        about: nameOf(source),
        text: `names ${policy.deadLetters} for its dead letters, and there is no such queue here: nothing that fails ever leaves it`,
        fix: lines.aws('sqs:CreateQueue', { QueueName: policy.deadLetters }),
      }),
    ];
  const found = tagIn(dead, REDRIVE) === undefined ? undefined : retention(source, dead, lines);
  return found === undefined ? [] : [found];
}

function ofTagged(world: World, dead: Shape, lines: Lines): readonly Finding[] {
  const about = nameOf(dead);
  const parking = tagIn(dead, 'runbook:parking');
  const found: Finding[] = [];
  const unread = unreadPlaces(world);
  const blind = world.isPasted && unread.length > 0 ? `; not known here: ${unread.join(', ')}` : '';
  if (sendersOf(world, dead) === 0)
    found.push(
      letters({
        level: 'warning',
        about,
        text: `is tagged, and no queue, subscription, function, rule or schedule here names it for what fails: its letters stay${blind}`,
        fix: lines.aws('sqs:UntagQueue', { QueueUrl: urlOf(dead), TagKeys: [REDRIVE] }),
      }),
    );
  if (parking !== undefined && queueByName(world, parking) === undefined)
    found.push(
      letters({
        level: 'broken',
        about,
        text: `parks what can never go in ${parking}, and there is no such queue`,
        fix: lines.aws('sqs:CreateQueue', { QueueName: parking }),
      }),
    );
  if (found.length === 0)
    found.push(letters({ level: 'ok', about, text: `may be redriven (${tagIn(dead, REDRIVE) ?? ''})` }));
  return found;
}

/** Looks at every queue that carries the tag, and at every one that names another for its dead letters. */
export function lettersOf(world: World, lines: Lines): readonly Finding[] {
  const queues = queuesOf(world).filter((one) => Object.keys(attributesOf(one)).length > 0);
  const tagged = queues.filter((one) => tagIn(one, REDRIVE) !== undefined);
  return [
    ...queues.flatMap((one) => ofSource(world, one, lines)),
    ...tagged.flatMap((one) => ofTagged(world, one, lines)),
  ];
}
