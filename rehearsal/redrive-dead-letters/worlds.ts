/**
 * Worlds for `redrive-dead-letters` that nobody wrote: up to three queues of dead letters, standard and FIFO, each with up to six sources and
 * their consumers; letters of all kinds in them; what people ask for, what others do meanwhile, and requests that go wrong.
 */

import * as fc from 'fast-check';
import type { Part } from '../worlds/case.ts';
import { anAsking, arrivalsOf } from './worlds/askings.ts';
import { aGraveyard, consumersOf, ELSEWHERE, graveyardName, KEYS, queuesOf, type Graveyard } from './worlds/queues.ts';
import { faults, happeningsOf, troubles } from './worlds/troubles.ts';

/** A redrive waits for its consumers, for hours where they may take so long. */
export const TRIED_ALONE = true;

const drawn = fc.record({
  graveyards: fc.array(aGraveyard, { minLength: 1, maxLength: 3 }),
  askings: fc.array(anAsking, { minLength: 1, maxLength: 4 }),
  troubles,
  faults,
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

/** As handler.ts has them: whoever waits for a consumer waits so long at most, and begins again so often. */
const [LONGEST_CYCLE_SECONDS, LATE_SECONDS, MAX_ATTEMPTS] = [3_600, 60, 3];
/** Pauses of one round: what is hidden is looked for three times, and what came back is given its time. */
const [HIDDEN_SECONDS, SWEEPS, BACK_OFF_SECONDS, MOST_DOUBLINGS] = [60, 4, 120, 5];

/** Seconds that one redrive of a queue takes at most, about. */
function secondsFor({ sources, tags, letters, isFifo }: Graveyard, perSecond: number): number {
  const cycles = sources.map(({ visibilitySeconds, maxReceiveCount }) => visibilitySeconds * maxReceiveCount);
  const wait = Math.min(LONGEST_CYCLE_SECONDS, Math.max(...cycles)) + LATE_SECONDS;
  const rate = Math.min(perSecond, Math.max(1, Number(tags.perSecond) || 50));
  const attempts = /^[1-5]$/u.test(tags.maxAttempts ?? '') ? Number(tags.maxAttempts) : MAX_ATTEMPTS;
  // Of a FIFO queue's group one bad letter is tried after the other.
  const rounds = attempts * (isFifo ? letters.count : 1) + 1;
  const pauses = Array.from(
    { length: rounds },
    (_none, round) => BACK_OFF_SECONDS * 2 ** Math.min(round, MOST_DOUBLINGS),
  );
  // A canary, a second one where too few went to tell, and all that follow; of several suspects each alone.
  const round = wait * (2 + sources.length) + SWEEPS * HIDDEN_SECONDS + (3 * letters.count) / rate;
  return rounds * round + pauses.reduce((sum, pause) => sum + pause, 0);
}

/** The longest that SQS hides a message is the longest that a run waits. */
const MOST_MINUTES = 780;
/** A tick that makes up for a dead run, and those that AWS has refused. */
const REST_MINUTES = 30;

function minutesOf({ graveyards, askings }: Drawn): number {
  const perSecond = Math.min(...askings.map((one) => one.perSecond ?? 50));
  const longest = Math.max(...graveyards.map((one) => secondsFor(one, perSecond)));
  const last = Math.max(...askings.map(({ seconds, again = 0 }) => seconds + again));
  return Math.min(MOST_MINUTES, REST_MINUTES + Math.ceil((last + longest) / 60));
}

function partOf(given: Drawn): Part {
  const { graveyards, askings } = given;
  const queues = graveyards.flatMap(queuesOf);
  const names = graveyards.map(graveyardName);
  const consumers = graveyards.flatMap(consumersOf);
  const sources = consumers.map(({ queue }) => String(queue));
  return {
    sections: { sqs: { Queues: [...queues, ...ELSEWHERE] }, kms: { Keys: KEYS } },
    consumers,
    probes: {},
    capacity: [],
    remembered: [],
    script: happeningsOf(given.troubles, { graveyards: names, sources }),
    arrivals: askings.flatMap((one) => arrivalsOf(one, names)),
    optIn: [],
    faults: given.faults,
    minutes: minutesOf(given),
  };
}

/** Parts of worlds with dead letters. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
