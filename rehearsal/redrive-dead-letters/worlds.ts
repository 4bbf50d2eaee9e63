/**
 * Worlds for `redrive-dead-letters` that nobody wrote: up to three queues of dead letters, standard and FIFO, each with up to six sources and
 * their consumers, or up to three senders that are no queues, or both; letters of all kinds in them; what people ask for, what others do
 * meanwhile, and requests that go wrong.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import type { Part } from '../worlds/case.ts';
import { aside } from '../worlds/pieces.ts';
import { anAsking, arrivalsOf } from './worlds/askings.ts';
import { aGraveyard, consumersOf, ELSEWHERE, graveyardName, KEYS, queuesOf, type Graveyard } from './worlds/queues.ts';
import { addedBy, cycleSecondsOf, someSenders, withoutQueues, type Added, type Senders } from './worlds/senders.ts';
import { faults, happeningsOf, troubles } from './worlds/troubles.ts';

/** A redrive waits for its consumers, for hours where they may take so long. */
export const TRIED_ALONE = true;

const drawn = fc.record({
  graveyards: fc.array(aGraveyard, { minLength: 1, maxLength: 3 }),
  askings: fc.array(anAsking, { minLength: 1, maxLength: 4 }),
  troubles,
  faults,
  senders: aside(someSenders),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

/** As handler.ts has them: whoever waits for a consumer waits so long at most, and begins again so often. */
const [LONGEST_CYCLE_SECONDS, LATE_SECONDS, MAX_ATTEMPTS] = [3_600, 60, 3];
/** Pauses of one round: what is hidden is looked for three times, and what came back is given its time. */
const [HIDDEN_SECONDS, SWEEPS, BACK_OFF_SECONDS] = [60, 4, 120];

/** Seconds that one redrive of a queue takes at most, about. */
function secondsFor(
  { sources, tags, letters }: Graveyard,
  perSecond: number,
  senders: Senders = { all: [], areAlone: false, areMuddled: false },
): number {
  const cycles = [
    0,
    ...sources.map(({ visibilitySeconds, maxReceiveCount }) => visibilitySeconds * maxReceiveCount),
    ...(senders.all.length === 0 ? [] : [cycleSecondsOf(senders)]),
  ];
  const count = letters.count + senders.all.reduce((sum, one) => sum + one.count, 0);
  const wait = Math.min(LONGEST_CYCLE_SECONDS, Math.max(...cycles)) + LATE_SECONDS;
  const rate = Math.min(perSecond, Math.max(1, Number(tags.perSecond) || 50));
  const attempts = /^[1-5]$/u.test(tags.maxAttempts ?? '') ? Number(tags.maxAttempts) : MAX_ATTEMPTS;
  const rounds = attempts + 1;
  const pauses = Array.from({ length: rounds }, (_none, round) => BACK_OFF_SECONDS * 2 ** round);
  // A canary, a second one where too few went to tell, and all that follow; of several suspects each alone.
  const round = wait * (2 + sources.length + senders.all.length) + SWEEPS * HIDDEN_SECONDS + (3 * count) / rate;
  return rounds * round + pauses.reduce((sum, pause) => sum + pause, 0);
}

/** The longest that SQS hides a message is the longest that a run waits. */
const MOST_MINUTES = 780;
/** A tick that makes up for a dead run, and those that AWS has refused. */
const REST_MINUTES = 30;

/** Of each group of a FIFO queue one letter is charged in a round: it takes as many rounds as there are bad ones, times as often as each may go. */
function goesOnForHours({ isFifo, sources }: Graveyard, senders: Senders | undefined): boolean {
  const failing = [...sources.map(({ consumer }) => consumer.kind), ...(senders?.all ?? []).map(({ mood }) => mood)];
  return isFifo && failing.some((kind) => kind.startsWith('fails'));
}

function minutesOf({ graveyards, askings, senders }: Drawn): number {
  if (graveyards.some((one, index) => goesOnForHours(one, senders[index]))) return MOST_MINUTES;
  const perSecond = Math.min(...askings.map((one) => one.perSecond ?? 50));
  const longest = Math.max(...graveyards.map((one, index) => secondsFor(one, perSecond, senders[index])));
  const last = Math.max(...askings.map(({ seconds, again = 0 }) => seconds + again));
  return Math.min(MOST_MINUTES, REST_MINUTES + Math.ceil((last + longest) / 60));
}

/** A queue with the letters that its senders have left there, among those of its sources. */
function withLetters(queue: Shape, { letters }: Added): Shape {
  const added = letters.get(String(queue['QueueName']));
  if (added === undefined) return queue;
  const own: readonly unknown[] = Array.isArray(queue['Messages']) ? queue['Messages'] : [];
  const both = Array.from({ length: Math.max(own.length, added.length) }, (_none, index) => [own[index], added[index]]);
  return { ...queue, Messages: both.flat().filter((letter) => letter !== undefined) };
}

function partOf(given: Drawn): Part {
  const { askings, senders } = given;
  const graveyards = given.graveyards.map((one, index) => withoutQueues(one, senders[index]));
  const added = addedBy(senders, graveyards);
  const queues = graveyards.flatMap(queuesOf).map((queue) => withLetters(queue, added));
  const names = graveyards.map(graveyardName);
  const consumers = graveyards.flatMap(consumersOf);
  const sources = consumers.map(({ queue }) => String(queue));
  return {
    sections: {
      sqs: { Queues: [...queues, ...ELSEWHERE, ...added.queues] },
      kms: { Keys: KEYS },
      ...added.sections,
    },
    consumers: [...consumers, ...added.consumers],
    probes: {},
    capacity: [],
    remembered: [],
    script: happeningsOf(given.troubles, { graveyards: names, sources }),
    arrivals: askings.flatMap((one) => arrivalsOf(one, names)),
    optIn: [],
    faults: given.faults,
    minutes: minutesOf({ ...given, graveyards }),
  };
}

/** Parts of worlds with dead letters. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
