/** How often AWS WAF may be asked: quotas of its own, which hold for all callers of an account in a Region. */

import { throttled } from '../../engine/failures.ts';
import type { Clock, Operation, World } from '../../engine/model.ts';

/**
 * Requests a second of any one operation.
 * Source: https://docs.aws.amazon.com/waf/latest/developerguide/limits.html (calls to any individual Create, Put or Update action;
 * to any individual Get or List action; to ListResourcesForWebACL).
 */
const PER_SECOND = { read: 5, write: 1, attachments: 1 } as const;
const SECOND_MS = 1_000;

const ATTACHMENTS = 'ListResourcesForWebACL';

interface Bucket {
  /** Requests that may come at once, up to the rate. */
  readonly left: number;
  readonly atMs: number;
}

/** By the clock of a Region's world. Full again after a second, so that no copy of a world needs it. */
const buckets = new WeakMap<Clock, Map<string, Bucket>>();

/** What AWS keeps of a second when another begins is not documented; this is its usual token bucket. */
const BURST = 'wafv2: an operation may burst up to its quota of one second';

function rateOf(name: string, kind: Operation['kind']): number {
  return name === ATTACHMENTS ? PER_SECOND.attachments : PER_SECOND[kind];
}

/** Books one request. A request that is refused for another reason is booked all the same; one that is throttled is not. */
function book({ clock, assume }: World, name: string, rate: number): void {
  const ofRegion = buckets.get(clock) ?? new Map<string, Bucket>();
  buckets.set(clock, ofRegion);
  const now = clock.now();
  const { left, atMs } = ofRegion.get(name) ?? { left: rate, atMs: now };
  const filled = Math.min(rate, left + ((now - atMs) / SECOND_MS) * rate);
  if (filled >= 1) {
    ofRegion.set(name, { left: filled - 1, atMs: now });
    return;
  }
  assume(BURST);
  throw throttled('wafv2');
}

/** An operation of AWS WAF within its quota; beyond it `ThrottlingException`. */
export function paced(name: string, operation: Operation): Operation {
  const rate = rateOf(name, operation.kind);
  return {
    ...operation,
    run: (input, world) => {
      book(world, name, rate);
      return operation.run(input, world);
    },
  };
}
