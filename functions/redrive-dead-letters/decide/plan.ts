/** The one entry of a plan: what the next piece of the work is to do. Pure. */

import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { MOST_EVENT_BYTES } from './envelopes.ts';
import { isFunction, type Ask, type Facts, type Queue, type RedriveLimits, type Source } from './facts.ts';
import { placeIn } from './progress.ts';
import { shut } from './readiness.ts';
import { heldIn, trustsOf, verdictOn, type Trial } from './trial.ts';

/** The entry of a plan that stands for the whole work. */
export const WORK = 'work:redrive';

/**
 * What the piece does.
 * - `send`: letters go where they failed.
 * - `again`: so do those that have come back; a round begins.
 * - `collect`: what went could have come back by now, and is looked for; what has not gone goes.
 * - `search`: letters are looked at for those that have come back; none goes.
 * - `forgive`: that they went is counted against no letter whose consumer is broken; none is looked at.
 * - `hand-over`: what was received and has not gone is left to SQS's own move task; none is looked at.
 * - `stand-by`: nothing yet; but the run is announced, so that whoever wants it cancelled finds it.
 * - `take-back`: what became of that task is kept, as the plan has it; none is looked at.
 */
export type Part = 'send' | 'again' | 'collect' | 'search' | 'forgive' | 'hand-over' | 'take-back' | 'stand-by';

interface Scene {
  readonly facts: Facts;
  readonly limits: RedriveLimits;
  readonly ask: Ask;
  readonly queue: Queue;
  readonly trial: Trial;
}

/** The call of that part. */
export function callOf(scene: Scene, part: Part, bySqs: JsonObject = {}): PlannedCall {
  const { facts, limits, ask, queue, trial } = scene;
  const { round } = trial.progress;
  const perSecond = paceOf(scene);
  const trusts = part === 'search' ? undefined : trustsOf(trial);
  const { canary, leastJudged, maxBack, hiddenSeconds, maxLeft, maxStays, maxLookedAt } = limits;
  const bounds = { canary, leastJudged, maxBack, hiddenSeconds, maxLeft, maxStays, maxLookedAt };
  return {
    call: WORK,
    input: {
      select: { queue: queue.arn, url: queue.url, held: heldIn(queue), retentionSeconds: queue.retentionSeconds },
      rule: {
        mode: part === 'again' ? 'send' : part,
        to: facts.sources.map((source) => ({
          ...placeOf(source),
          // While letters are only looked at nothing is decided yet.
          trust: part === 'forgive' ? 'fails' : (trusts?.get(source.arn) ?? placeIn(trial.progress, source.arn).trust),
          ...shutOf(source, facts),
          isAnew: trusts?.get(source.arn) === 'untried' && verdictOn(source.arn, trial) === 'suspect',
        })),
        filter: ask.filter,
        maxAgeSeconds: ask.maxAgeSeconds,
        senders: facts.senders,
        tagged: facts.tagged,
        parking: facts.parking === null ? null : placeOf(facts.parking),
        maxAttempts: facts.settings.maxAttempts ?? limits.maxAttempts,
        ...(part === 'take-back' ? { bySqs } : {}),
        round: part === 'again' ? round + 1 : round,
        // What SQS has moved is none of what was counted before.
        isNewTrial: part === 'take-back' || (trusts !== undefined && isNewTrial(scene)),
        perSecond,
        ...bounds,
      },
      maxItems: ask.maxMessages,
    },
    because: `each goes back to where it failed (${facts.sources.map(({ name }) => name).join(', ')}), ${perSecond} a second at most`,
  };
}

/** Some consumer may be tried with this piece: what came back before is none of its, unless its trial only goes on. */
function isNewTrial({ trial }: Scene): boolean {
  const goesOn = trial.sources.some(
    ({ arn }) => placeIn(trial.progress, arn).trust === 'on-trial' && verdictOn(arn, trial) === 'untried',
  );
  const isAlone = trial.sources.some(({ arn }) => verdictOn(arn, trial) === 'suspect');
  return isAlone || (!goesOn && [...trustsOf(trial).values()].includes('untried'));
}

function shutOf(source: Source, { readiness }: Facts): JsonObject {
  const why = shut(source, readiness);
  return why === undefined ? {} : { shut: why };
}

/** A place as a piece of the work has it. */
export function placeOf(source: Source): JsonObject {
  const { arn } = source;
  if (isFunction(source)) return { arn, url: null, maximumMessageBytes: MOST_EVENT_BYTES };
  return { arn, url: source.url, maximumMessageBytes: source.maximumMessageBytes };
}

/** Slow at first, and twice as fast with each piece that found the consumers working. */
export function paceOf({ facts, limits, ask, trial }: Scene): number {
  const most = ask.perSecond ?? facts.settings.perSecond ?? limits.perSecond;
  return Math.min(most, limits.rampPerSecond * 2 ** Math.min(trial.progress.freePieces, RAMP_STEPS));
}

/** More would be no number any more. */
const RAMP_STEPS = 20;
