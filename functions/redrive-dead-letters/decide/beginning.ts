/** Who asks for the letters of a queue: a person, an alarm, what was begun before, or its own tag. Pure. */

import { needsHistory, nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { pendingOf, secondsSince } from '../../../shared/judgement/since.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { askBegunBefore } from './asking.ts';
import type { Alarm, Ask, Facts, Queue, RedriveLimits } from './facts.ts';
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
  const { target, ask, settings, queue, heldUntil, alarm = null } = facts;
  if (ask !== null) return (alarm === null ? undefined : unheard(facts, alarm, ask, limits, now)) ?? ask;
  const begun = askBegunBefore(facts);
  const isAuto = settings.redrive === 'auto' && queue !== null;
  if (begun === null && !isAuto)
    return nothing({ target }, 'not-asked', `nobody has asked for the letters of ${target}`);
  // It goes on by itself: what it has announced is nothing that was left behind.
  if (heldUntil !== undefined) return nothing({ target }, 'under-way', `another run moves the letters of ${target}`);
  if (begun !== null) return begun;
  return (queue === null ? undefined : reserve(facts, queue, limits, now)) ?? BY_ITSELF;
}

/** Why an alarm starts nothing; `undefined`: it does, or has. */
function unheard(facts: Facts, alarm: Alarm, ask: Ask, limits: RedriveLimits, now: string): Decision | undefined {
  const { target, queue, settings, history, work } = facts;
  if (work !== undefined) return undefined;
  const evidence = { alarm: alarm.name, state: alarm.state };
  if (alarm.state !== 'ALARM')
    return nothing(evidence, 'alarm-not-raised', `alarm ${alarm.name} has changed to ${alarm.state}`);
  if (queue === null) return nothing(evidence, 'gone', `there is no queue ${target}`);
  // Whoever misspelt the tag is told.
  if (settings.problems.length > 0) return undefined;
  const { name } = queue;
  if (settings.redrive === null) return nothing(evidence, 'not-tagged', `${name} has no tag runbook:redrive`);
  if (settings.redrive === 'manual')
    return nothing(evidence, 'tagged-manual', `${name} is tagged manual: its letters go back when a person asks`);
  if (alarm.watches !== 'depth') {
    const because = `alarm ${alarm.name} watches ${alarm.watches}: only one on AWS/SQS ApproximateNumberOfMessagesVisible of one queue starts a redrive`;
    return refuse(evidence, 'not-depth', because);
  }
  if (history === 'unread') return needsHistory(evidence, 'whether its letters were tried before');
  const pending = pendingOf(history);
  // Another run is at it, or the next tick finishes what it left: two would be one too many.
  if (pending !== undefined && pending.note['delivery'] !== ask.delivery) {
    const because = `a redrive of ${name} was begun at ${pending.at}, and goes on`;
    return { kind: 'refuse', code: 'under-way', because, evidence };
  }
  return reserve(facts, queue, limits, now);
}

/** Why a queue is not begun with that nobody has asked for by name; `undefined`: it is. */
function reserve({ history, work }: Facts, queue: Queue, limits: RedriveLimits, now: string): Decision | undefined {
  if (work !== undefined) return undefined;
  const { name, messages } = queue;
  const evidence = { queue: name, inTheQueue: messages };
  // What somebody else has in hand may be on its way out.
  if (messages.visible === 0)
    return { ...nothing(evidence, 'empty', `${name} has nothing to receive`), remember: forgotten(queue) };
  const next = nextBeginning(history, limits, now);
  if (next !== undefined)
    return nothing(
      { ...evidence, until: next },
      'held-off',
      `a redrive of ${name} has just been begun: the next not before ${next}`,
    );
  const until = heldOffUntil(history, queue, limits, now);
  if (until === undefined) return undefined;
  const because = `the last run left the letters of ${name} where they are: they are not tried again before ${until}`;
  return nothing({ ...evidence, until }, 'held-off', because);
}

/** From the booking of a run of its own to its next look: what is younger is this very run's. Assumed. */
const OWN_BOOKING_SECONDS = 60;

/**
 * When a queue may be begun with again that nobody asks for by name; `undefined`: now. Where letters come one by one each tick would be a
 * redrive, and the hour's budget spent before the hour.
 */
function nextBeginning(history: Facts['history'], limits: RedriveLimits, now: string): string | undefined {
  const [last] = typeof history === 'object' ? history.actions : [];
  if (last === undefined || secondsSince(last, now) <= OWN_BOOKING_SECONDS) return undefined;
  const spacingMs = (limits.windowSeconds / limits.maxActionsPerWindow) * 1_000;
  const next = new Date(Date.parse(last) + spacingMs).toISOString();
  return next > now ? next : undefined;
}

/** Only a queue that holds nothing at all has nothing left that failed. */
function forgotten({ messages: { inFlight, delayed } }: Queue): typeof NOT_HELD_OFF {
  return inFlight + delayed === 0 ? NOT_HELD_OFF : {};
}
