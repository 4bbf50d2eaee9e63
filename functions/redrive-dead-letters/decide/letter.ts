/** One dead letter: where it goes, or why it stays. Pure. */

import type { StaysHere } from './envelopes.ts';

/** What SQS says of a message besides its body, and what is remembered of it. */
export interface Letter {
  /** The queue or function that it failed in, or why there is none that it could go back to. */
  readonly home: { readonly arn: string } | { readonly why: Homeless };
  /** What goes back of it: body, and names, types and values of its attributes, in bytes. */
  readonly bytes: number;
  /** The same of all of it, as it would be parked. */
  readonly wholeBytes: number;
  /**
   * - `waiting`: it was there when the run began.
   * - `back`: it has gone in this round, and has come back.
   * - `again`: it came back in an earlier round of this run.
   * - `new`: it was sent after the run had begun, and not by the run.
   */
  readonly standing: 'waiting' | 'back' | 'again' | 'new';
  /** Times that it has gone back before, and failed again. */
  readonly attempts: number;
  /** Why it is none of those that were asked for; absent: it is one. */
  readonly unwanted?: Unwanted | undefined;
}

/** - `filter-fails`: the filter says nothing of it, for a value in it is of another type. */
export type Unwanted = 'not-wanted' | 'filter-fails' | 'too-old';

/**
 * What is known of a queue's consumer.
 * - `untried`: nothing; its first letters go.
 * - `on-trial`: they have gone.
 * - `suspect`: of several on trial one fails, nobody knows which: each is tried once more, alone.
 */
export const TRUSTS = ['untried', 'on-trial', 'suspect', 'works', 'fails'] as const;

export type Trust = (typeof TRUSTS)[number];

/** - `sender-unknown`: it does not say where it failed, and nobody has looked yet who else has this queue for dead letters. */
type Homeless = Unfit | 'sender-unknown';

/**
 * - `target-not-tagged`: no redrive policy has it go to where it failed, and no tag permits it.
 * - `too-many-senders`: who has this queue for dead letters could not be read to the end.
 */
type Unfit = StaysHere | 'target-not-tagged' | 'too-many-senders';

/** Its key cannot be used, or its consumer is switched off. */
export const SHUT = ['key-unusable', 'consumer-off'] as const;

type Shut = (typeof SHUT)[number];

/** A queue or function that may be sent to. JSON. */
export type Destination = {
  /** Of a function without version or alias. */
  readonly arn: string;
  /** `null`: it is a function. */
  readonly url: string | null;
  readonly maximumMessageBytes: number;
  readonly trust: Trust;
  /** It is tried once more, alone: what went before is none of this trial. */
  readonly isAnew: boolean;
  /** Why no letter goes there; absent: it may. */
  readonly shut?: Shut | undefined;
};

/** The queue for what may go back no more. JSON. */
export type ParkingQueue = {
  readonly arn: string;
  readonly url: string;
  readonly maximumMessageBytes: number;
};

/** By what a letter is judged. */
export interface Rule {
  readonly to: readonly Destination[];
  readonly parking: ParkingQueue | null;
  readonly maxAttempts: number;
}

/** Why a letter cannot go back. */
export type Stays =
  | Unwanted
  | Unfit
  | 'new'
  | 'consumer-fails'
  | Shut
  | 'attempts-used-up'
  | 'larger-than-its-queue-takes'
  | 'its-queue-refuses-it';

/**
 * What becomes of a letter.
 * - `send`: it goes to the queue that it failed in, and to no other.
 * - `park`: it may not go back, and there is a queue for such.
 * - `stay`: it cannot go, and is not looked at again in this run.
 * - `back`: it has failed again, and waits for the end of the round; `isLast`: it has gone as often as it may.
 * - `wait`: nobody knows yet whether the consumer works, or where it failed.
 */
export type Fate =
  | { readonly kind: 'send'; readonly to: Destination }
  | { readonly kind: 'park'; readonly why: Stays }
  | { readonly kind: 'stay'; readonly why: Stays }
  | { readonly kind: 'back'; readonly isLast: boolean }
  | { readonly kind: 'wait'; readonly why: 'waits-for-the-canary' | 'sender-unknown' };

/** What becomes of it. */
export function fateOf(letter: Letter, rule: Rule): Fate {
  const { home, standing, attempts, bytes, wholeBytes } = letter;
  const isLast = attempts >= rule.maxAttempts;
  if (standing === 'back') return { kind: 'back', isLast };
  if (standing === 'new') return { kind: 'stay', why: 'new' };
  if (letter.unwanted !== undefined) return { kind: 'stay', why: letter.unwanted };
  if ('why' in home)
    return home.why === 'sender-unknown' ? { kind: 'wait', why: home.why } : { kind: 'stay', why: home.why };
  const to = rule.to.find(({ arn }) => arn === home.arn);
  if (to === undefined) return { kind: 'stay', why: 'source-is-gone' };
  if (to.shut !== undefined) return { kind: 'stay', why: to.shut };
  if (to.trust === 'fails') return { kind: 'stay', why: 'consumer-fails' };
  if (isLast) return parkedOr(rule, wholeBytes, 'attempts-used-up');
  if (bytes > to.maximumMessageBytes) return parkedOr(rule, wholeBytes, 'larger-than-its-queue-takes');
  const isTried = to.trust === 'on-trial' || to.trust === 'suspect';
  return isTried ? { kind: 'wait', why: 'waits-for-the-canary' } : { kind: 'send', to };
}

/** Parked where there is a queue that takes it; else it stays. */
function parkedOr({ parking }: Pick<Rule, 'parking'>, bytes: number, why: Stays): Fate {
  return parking === null || bytes > parking.maximumMessageBytes ? { kind: 'stay', why } : { kind: 'park', why };
}

const LINEAGE = /;?\s*Lineage=[^;]*/giu;

/**
 * The trace header to send. `Lineage` counts the functions that a chain has gone through, and Lambda ends one at 16: a letter that goes
 * back is no link more of it. The rest stays, so that a trace leads from the first try to the last.
 */
export function traceOf(header: string): string {
  return header.replaceAll(LINEAGE, '').replace(/^;\s*/u, '');
}
