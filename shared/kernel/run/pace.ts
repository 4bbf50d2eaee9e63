/**
 * Calls under a quota that all callers of an account and Region share: each is booked on the token bucket of its name, and leaves
 * when its turn has come. A durable run waits for that without paying.
 */

import type { Fault } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import { attemptTwice, keepLease, LEASE_SECONDS } from '../ledger/access.ts';
import type { Lease, Ledger } from '../ledger/ledger.ts';
import { openPacer } from '../ledger/pacer.ts';

/** A quota of AWS's: a bucket of tokens, of which each call takes one. */
export interface Bucket {
  /** Calls that draw on the same quota share its name, e.g. `ec2:RunInstances`; a quota of another Region has another. */
  readonly name: string;
  /** Tokens that AWS puts in a second; the source stands beside the number. */
  readonly perSecond: number;
  /** Tokens that it holds. */
  readonly burst: number;
}

/** Of a quota the runbooks take so much: people, and whatever else they run, draw on the same bucket. */
const SHARE = 0.5;

/** Nobody waits for longer than a tick of the schedule: what would have to is left to the next run. */
const LONGEST_SECONDS = 300;

/** Who waits for a turn. */
interface Queue {
  readonly host: Host;
  readonly ledger: Ledger;
  /** Kept while it waits. */
  readonly lease: Lease | undefined;
  /** Sets its steps apart from those of other calls. */
  readonly name: string;
}

/** What came of it. */
type Turn =
  /** The call may leave. `waited`: time has passed meanwhile. `lease`: `null` where it was lost. */
  | { readonly kind: 'now'; readonly waited: boolean; readonly lease: Lease | undefined | null }
  /** The bucket is booked up for longer than the run can wait. */
  | { readonly kind: 'booked-up'; readonly because: string }
  /** It could not be booked. */
  | { readonly kind: 'fault'; readonly fault: Fault };

/** Puts a call off until its turn has come. */
export type Pace = (queue: Queue) => Promise<Turn>;

/** The pace of calls that draw on this bucket. */
export function paced({ name, perSecond, burst }: Bucket): Pace {
  const rate = { bucket: name, intervalMs: 1_000 / (perSecond * SHARE), burst: Math.max(1, Math.floor(burst * SHARE)) };
  return async ({ host, ledger, lease, name: step }) => {
    const booked = await attemptTwice(host, `book:${step}`, async () => {
      const longestMs = longestMsOf(host);
      const waitMs = await openPacer().book({ ...rate, nowMs: Date.now(), longestMs });
      if (waitMs === null) return { longestMs };
      const seconds = waitMs / 1_000;
      const kept = lease === undefined || seconds === 0 ? lease : await keepFor(ledger, lease, seconds);
      return { seconds, lease: kept ?? null };
    });
    if (!booked.ok) return { kind: 'fault', fault: booked.fault };
    const { value } = booked;
    if (!('seconds' in value)) {
      const because = `${name} is booked up for more than ${Math.max(0, Math.floor(value.longestMs / 1_000))} s`;
      return { kind: 'booked-up', because };
    }
    if (value.seconds > 0) await host.wait(`paced:${step}`, value.seconds);
    return { kind: 'now', waited: value.seconds > 0, lease: lease === undefined ? undefined : value.lease };
  };
}

/** The plain host pays for each second, and must come to its report. */
function longestMsOf({ kind, remainingMs }: Host): number {
  const longestMs = LONGEST_SECONDS * 1_000;
  return kind === 'durable' ? longestMs : Math.max(0, Math.min(longestMs, remainingMs() - LEASE_SECONDS * 1_000));
}

/** A ledger that does not answer now has not taken the lease away. */
function keepFor(ledger: Ledger, lease: Lease, seconds: number): Promise<Lease | undefined> {
  return keepLease(ledger, lease, seconds).catch(() => lease);
}
