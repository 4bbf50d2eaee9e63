/** What `decide` is told of a queue of dead letters, and of those whose letters they are. Pure. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** A queue as SQS describes it. JSON. */
export type Queue = {
  readonly arn: string;
  readonly name: string;
  readonly url: string;
  readonly isFifo: boolean;
  /** `MaximumMessageSize`: bytes of body and attributes together. */
  readonly maximumMessageBytes: number;
  /** Approximate numbers, as SQS counts them; up to a minute late. */
  readonly messages: { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  /** Where it puts what it has handed over too often (`RedrivePolicy`); `null`: nowhere. */
  readonly deadLetters: string | null;
};

/** What people have set by tags on the queue of dead letters. */
export type Settings = {
  /** The tag `runbook:redrive`; `null`: it is not there, and the queue nobody's to touch. */
  readonly redrive: 'auto' | 'manual' | null;
  /** The tag `runbook:redrive-per-second`; `null`: not said. */
  readonly perSecond: number | null;
  /** One line per tag that cannot be read. */
  readonly problems: readonly string[];
};

/** What is asked for. */
export type Ask = {
  /** At most so many messages; `null`: all. */
  readonly maxMessages: number | null;
  /** At most so many a second; `null`: as the tag says. */
  readonly perSecond: number | null;
  /** Who asks. */
  readonly by: string;
  /** What the request is known by: one that comes twice is the same; `null`: of a run before this one. */
  readonly delivery: string | null;
  /** When a run before this one announced it, ISO 8601; `null`: it was asked for now. */
  readonly at: string | null;
};

export interface Facts extends KernelFacts {
  /** The ARN of the queue of dead letters. */
  readonly target: string;
  /** `null`: there is none of this name. */
  readonly queue: Queue | null;
  readonly settings: Settings;
  /** The queues whose redrive policy names it; none where they are more than `maxSources`. */
  readonly sources: readonly Queue[];
  /** How many there are. */
  readonly sourceCount: number;
  /** `null`: the schedule, which asks for nothing but finishes what was begun. */
  readonly ask: Ask | null;
}

export interface RedriveLimits extends Limits {
  /** Seconds in which a request with the same words is the same one, come twice. */
  readonly sameRequestSeconds: number;
  /** Messages a second where neither tag nor request says so. */
  readonly perSecond: number;
  /** Seconds for which a message is hidden while it is dealt with. */
  readonly hiddenSeconds: number;
  /** Times that a run waits for what it could not deal with to be seen again. */
  readonly maxRounds: number;
  /** Queues whose dead letters are in one: what is known of them is kept at each look. */
  readonly maxSources: number;
  /** Messages that a run leaves behind before it stops: it has to know each of them again. */
  readonly maxLeft: number;
  /** Pieces of work without a pause: an invocation has to end before its time-out. */
  readonly piecesInARow: number;
}
