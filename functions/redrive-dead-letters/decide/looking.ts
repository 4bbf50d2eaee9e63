/** Looks at some of the letters of a queue, and moves none: what they are (`peek`), and what a redrive would do with them (`plan`). Pure. */

import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import type { Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import type { Facts, Queue, RedriveLimits } from './facts.ts';
import { engineFor } from './engine.ts';
import { placeOf } from './plan.ts';
import { objection } from './preflight.ts';
import { heldIn } from './trial.ts';

/** The entry of a plan that stands for the look. */
export const LOOK = 'work:peek';

export type Looking = 'peek' | 'plan';

/** Behind the ARN of the queue: nobody who looks is in the way of who moves, or takes what that one has announced for its own. */
const SUFFIXES: readonly Looking[] = ['peek', 'plan'];

/** The target of a run that only looks. */
export function lookTarget(queueArn: string, looking: Looking): string {
  return `${queueArn}/${looking}`;
}

/** The queue that a run only looks at; `undefined`: it does more. */
export function lookedAt(target: string): { readonly looking: Looking; readonly queueArn: string } | undefined {
  const looking = SUFFIXES.find((one) => target.endsWith(`/${one}`));
  return looking === undefined ? undefined : { looking, queueArn: target.slice(0, -looking.length - 1) };
}

/** What keeps letters from being moved, and not from being looked at. */
const OF_MOVING: ReadonlySet<string> = new Set([
  'no-sources',
  'too-many-sources',
  'target-not-tagged',
  'too-many-senders',
  'ordered',
  'no-parking',
  'parking-in-use',
]);

/** Decides on a look. A tick that finds one left by a dead run lets it be: whoever asked asks again. */
export function look(facts: Facts, looking: Looking, limits: RedriveLimits): Decision {
  const { target, queue, ask, work } = facts;
  if (ask === null) return nothing({ target }, 'not-asked', 'nobody waits for what a run before this one looked at');
  if (queue === null) return refuse({ target }, 'gone', `there is no queue ${target}`);
  const objected = objection(facts, queue, limits);
  if (objected !== undefined && (looking === 'plan' || !OF_MOVING.has(objected.code))) return objected;
  const evidence = { queue: queue.name, inTheQueue: queue.messages };
  if (isJsonObject(work?.told)) return told(facts, queue, work.told, limits);
  if (work !== undefined) return refuse(evidence, 'broke-off', `the look at ${queue.name} broke off: ask again`);
  if (heldIn(queue) === 0) return nothing(evidence, 'empty', `${queue.name} has nothing to look at`);
  return {
    kind: 'act',
    code: 'looking',
    because: `at most ${limits.sample} letters of ${queue.name} are looked at, and none is moved`,
    evidence,
    intent: `look at ${target}`,
    plan: [callOf(facts, queue, limits)],
    budget: 'free',
    more: true,
  };
}

function callOf(
  { sources, senders, tagged, parking, settings, ask }: Facts,
  queue: Queue,
  limits: RedriveLimits,
): PlannedCall {
  return {
    call: LOOK,
    input: {
      select: { queue: queue.arn, url: queue.url, retentionSeconds: queue.retentionSeconds },
      rule: {
        to: sources.map((source) => ({ ...placeOf(source), trust: 'works' })),
        senders,
        tagged,
        parking: parking === null ? null : placeOf(parking),
        maxAttempts: settings.maxAttempts ?? limits.maxAttempts,
        filter: ask?.filter ?? null,
        maxAgeSeconds: ask?.maxAgeSeconds ?? null,
        hiddenSeconds: limits.hiddenSeconds,
      },
      maxItems: Math.min(limits.sample, ask?.maxMessages ?? limits.sample),
    },
    because: 'what a part of the letters is tells what most are',
  };
}

/** What was seen; and of a plan how long it would take. */
function told(facts: Facts, queue: Queue, sample: JsonObject, limits: RedriveLimits): Decision {
  const { target, ask, settings } = facts;
  const isPlan = lookedAt(target)?.looking === 'plan';
  const { name, messages } = queue;
  const held = Math.min(heldIn(queue), ask?.maxMessages ?? Infinity);
  const perSecond = ask?.perSecond ?? settings.perSecond ?? limits.perSecond;
  const by = ask === null ? undefined : engineFor({ facts, ask, limits, queue });
  const pace = {
    ...(by === undefined ? {} : { engine: by.engine, engineBecause: by.because }),
    perSecond,
    aboutSeconds: Math.ceil(held / perSecond),
  };
  return {
    kind: 'act',
    code: isPlan ? 'foreseen' : 'peeked',
    because: isPlan
      ? `what a redrive would do with about ${held} letters of ${name}, by those that were looked at; none was moved`
      : `${Number(sample['letters'] ?? 0)} of about ${heldIn(queue)} letters of ${name} were looked at, and none was moved`,
    evidence: { queue: name, inTheQueue: messages, ...(isPlan ? pace : {}), ...sample },
    intent: `look at ${target}`,
    plan: [],
    budget: 'free',
  };
}
