/** Who asks for the letters of a queue: a person, what was begun before, or its own tag. Pure. */

import { nothing } from '../../../shared/judgement/decisions.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { askBegunBefore } from './asking.ts';
import type { Ask, Facts, Queue, RedriveLimits } from './facts.ts';
import { heldOffUntil, NOT_HELD_OFF } from './holding-off.ts';

/** What the schedule asks for where a queue is tagged `auto`: all of its letters, each as the tags say. */
const BY_ITSELF: Ask = {
  maxMessages: null,
  perSecond: null,
  filter: null,
  maxAgeSeconds: null,
  by: 'schedule',
  delivery: null,
  at: null,
};

/** What is asked for; or what is said instead, for nobody asks, or not now. */
export function beginning(facts: Facts, limits: RedriveLimits, now: string): Ask | Decision {
  const { target, ask, settings, queue, heldUntil } = facts;
  if (ask !== null) return ask;
  const begun = askBegunBefore(facts);
  const isAuto = settings.redrive === 'auto' && queue !== null;
  if (begun === null && !isAuto)
    return nothing({ target }, 'not-asked', `nobody has asked for the letters of ${target}`);
  // It goes on by itself: what it has announced is nothing that was left behind.
  if (heldUntil !== undefined) return nothing({ target }, 'under-way', `another run moves the letters of ${target}`);
  if (begun !== null) return begun;
  return (queue === null ? undefined : reserve(facts, queue, limits, now)) ?? BY_ITSELF;
}

/** Why a queue is not begun with that nobody has asked for by name; `undefined`: it is. */
function reserve({ history, work }: Facts, queue: Queue, limits: RedriveLimits, now: string): Decision | undefined {
  if (work !== undefined) return undefined;
  const { name, messages } = queue;
  const evidence = { queue: name, inTheQueue: messages };
  // What somebody else has in hand may be on its way out.
  if (messages.visible === 0)
    return { ...nothing(evidence, 'empty', `${name} has nothing to receive`), remember: forgotten(queue) };
  const until = heldOffUntil(history, queue, limits, now);
  if (until === undefined) return undefined;
  const because = `the last run left the letters of ${name} where they are: they are not tried again before ${until}`;
  return nothing({ ...evidence, until }, 'held-off', because);
}

/** Only a queue that holds nothing at all has nothing left that failed. */
function forgotten({ messages: { inFlight, delayed } }: Queue): typeof NOT_HELD_OFF {
  return inFlight + delayed === 0 ? NOT_HELD_OFF : {};
}
