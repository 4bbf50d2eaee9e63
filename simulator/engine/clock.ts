/**
 * Simulated time: one ordered queue for the world's effects and for the timers of the code under test.
 *
 * Exactly `Date`, `setTimeout` and `clearTimeout` are replaced. `setImmediate`, `nextTick` and microtasks stay real: the
 * durable SDK queues its checkpoints there, and with them faked nothing ever answers. `setInterval` and `node:timers`
 * stay real too, so the code under test must not wait through them.
 */

import FakeTimers from '@sinonjs/fake-timers';
import type { Clock } from './model.ts';

/** The longest delay a timer holds (2^31 - 1 ms); longer ones would fire at once, as on the real clock. */
const LONGEST_TIMER_MS = 2_147_483_647;

type FakeClock = ReturnType<typeof FakeTimers.createClock>;
/** A timer of the simulated clock, as `setTimeout` returns it. */
type Timer = ReturnType<FakeClock['setTimeout']>;

/** Whose code a timer belongs to: it runs in its owner's context, and no more once the owner has died. */
export interface TimerOwner {
  readonly alive: () => boolean;
  readonly enter: (effect: () => void) => void;
  /** The owner's pending timers. */
  readonly timers: Set<Timer>;
}

export interface SimulatedClock extends Clock {
  /** Replaces the three globals; timers set from then on belong to what `owner` answers when they are set. */
  readonly install: (owner?: () => TimerOwner | undefined) => void;
  /** Puts the real globals back. Harmless when they are not replaced. */
  readonly uninstall: () => void;
  /** Moves to the next timer and fires it; false when there is none. An error of the effect is thrown. */
  readonly step: () => boolean;
  /** Pending timers that keep the world busy: all but `background` ones. */
  readonly foreground: () => number;
  /** Drops an owner's pending timers: its process is gone or frozen. */
  readonly drop: (owner: TimerOwner) => void;
  /** Notes that code under test was woken, so that it has to settle before the next step. */
  readonly wake: () => void;
  /** Whether code was woken since the last call. */
  readonly woken: () => boolean;
}

const realSetImmediate = setImmediate;
const RealDate = Date;

/** One turn of the real event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve);
  });
}

/** Lets woken code run until its next request: three turns, measured to be enough for the durable SDK's own queues. */
export async function settle(): Promise<void> {
  await turn();
  await turn();
  await turn();
}

interface Counters {
  background: number;
  woken: boolean;
}

function scheduler(fake: FakeClock, counters: Counters): Clock['after'] {
  return (milliseconds, effect, options) => {
    const background = options?.background === true;
    let timer: Timer | undefined;
    const set = (left: number): void => {
      const leg = Math.min(Math.max(Math.round(left), 0), LONGEST_TIMER_MS);
      timer = fake.setTimeout(() => (left > LONGEST_TIMER_MS ? set(left - leg) : fire()), leg);
    };
    const end = (): void => {
      timer = undefined;
      if (background) counters.background -= 1;
    };
    const fire = (): void => {
      end();
      effect();
    };
    if (background) counters.background += 1;
    set(milliseconds);
    return () => {
      if (timer === undefined) return;
      fake.clearTimeout(timer);
      end();
    };
  };
}

/** The replacements of the global `setTimeout` and `clearTimeout`. */
function timersOfTheCode(fake: FakeClock, counters: Counters, owner: () => TimerOwner | undefined) {
  const realClear = globalThis.clearTimeout;
  const pending = new Map<unknown, { readonly timer: Timer; readonly owner: TimerOwner | undefined }>();
  const forget = (timer: Timer): void => {
    pending.get(timer)?.owner?.timers.delete(timer);
    pending.delete(timer);
  };
  const set = (callback: (...parameters: unknown[]) => void, delayMs?: number, ...parameters: unknown[]): Timer => {
    const mine = owner();
    const timer = fake.setTimeout(() => {
      forget(timer);
      counters.woken = true;
      if (mine === undefined) callback(...parameters);
      else if (mine.alive()) mine.enter(() => callback(...parameters));
    }, delayMs ?? 0);
    if (mine?.alive() === false) {
      // A process that is gone sets no timer; it must not keep the world busy either.
      fake.clearTimeout(timer);
      return timer;
    }
    pending.set(timer, { timer, owner: mine });
    mine?.timers.add(timer);
    return timer;
  };
  const clear = (handle: Parameters<typeof realClear>[0]): void => {
    const known = pending.get(handle);
    if (known === undefined) {
      // Fired already, or set before the clock was installed and so a real one.
      realClear(handle);
      return;
    }
    forget(known.timer);
    fake.clearTimeout(known.timer);
  };
  return { set, clear };
}

/** Many entries of a run's story share a moment, so the last text is kept. */
function isoOf(fake: FakeClock): () => string {
  let at = Number.NaN;
  let text = '';
  return () => {
    if (at !== fake.now) {
      at = fake.now;
      text = new RealDate(at).toISOString();
    }
    return text;
  };
}

/** Makes a clock that stands at `startMs` (milliseconds since the epoch) until it is stepped. */
export function createClock(startMs: number): SimulatedClock {
  const fake = FakeTimers.createClock(startMs);
  const counters: Counters = { background: 0, woken: false };
  let restore: (() => void) | undefined;
  return {
    now: () => fake.now,
    iso: isoOf(fake),
    after: scheduler(fake, counters),
    install: (owner = () => undefined) => {
      if (restore !== undefined) throw new Error('this clock is installed already');
      const real = { Date: globalThis.Date, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
      const timers = timersOfTheCode(fake, counters, owner);
      Object.assign(globalThis, { Date: fake.Date, setTimeout: timers.set, clearTimeout: timers.clear });
      restore = () => void Object.assign(globalThis, real);
    },
    uninstall: () => {
      restore?.();
      restore = undefined;
    },
    step: () => {
      if (fake.countTimers() === 0) return false;
      fake.next();
      return true;
    },
    foreground: () => fake.countTimers() - counters.background,
    drop: (owner) => {
      for (const timer of owner.timers) fake.clearTimeout(timer);
      owner.timers.clear();
    },
    wake: () => {
      counters.woken = true;
    },
    woken: () => {
      const answer = counters.woken;
      counters.woken = false;
      return answer;
    },
  };
}
