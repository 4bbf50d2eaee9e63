/** One effect as a step of the host: its result or its classified failure, with its times. */

import { classify, fault, TerminalError, type Fault } from '../errors.ts';
import { shortenedText } from '../report/shortened.ts';
import type { Host } from './host.ts';

/** What an effect has learnt besides its result, whether it succeeded or failed. JSON, since the step keeps it. */
export interface Aside {
  /** It slept. `lease`: the lease as the sleep has left it; `null`: lost on the way, or never there. */
  readonly slept?: { readonly leaseUntil: string | null };
}

interface Times {
  readonly startedAt: string;
  readonly endedAt: string;
}

/** An effect's result or its classified failure, with its times: what a step keeps. */
export type Attempt<T> = Times &
  Aside &
  ({ readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault });

/** A durable step's result may hold 256 KB (Lambda durable execution quota); the envelope needs a little of it. */
export const STEP_RESULT_LIMIT_BYTES = 250_000;

/** UTF-8 bytes of a JSON value: what a checkpoint counts. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value ?? null));
}

function bounded<T>({ kind }: Host, name: string, value: T): T {
  if (kind === 'plain') return value;
  const bytes = bytesOf(value);
  if (bytes > STEP_RESULT_LIMIT_BYTES)
    throw new TerminalError(`${name}: result of ${bytes} bytes is over the ${STEP_RESULT_LIMIT_BYTES} a step may keep`);
  return value;
}

/** Of what an error says so much is kept, bytes: a step keeps it, and it becomes the reason of the run. */
const MESSAGE_LIMIT_BYTES = 20_000;

function briefly(why: Fault): Fault {
  return { ...why, message: shortenedText(why.message, MESSAGE_LIMIT_BYTES) };
}

/** Times before the end of an invocation at which its calls are aborted, so that it can still say what it did. */
const WIND_DOWN_MS = 3_000;

/** A read may be cut short; a write that is under way is not, since its effect would be unknown; the report closes the run. */
function endsEarly(name: string): boolean {
  return !isCall(name) && name !== 'report';
}

/** A call that is under way is never sent again by itself: what came of it is looked at. */
function isCall(name: string): boolean {
  return name.startsWith('apply:');
}

/** The name of the fault of a call whose answer is not known, because the invocation ended. */
export const STEP_INTERRUPTED = 'StepInterrupted';

const LOST_STEP = fault(
  'retryable',
  STEP_INTERRUPTED,
  'the invocation ended before it was known what came of the call',
);

/**
 * Runs one effect as a step, classifying its failure inside it: only a name survives a step's own error.
 * `aside` is asked when the effect has ended, for what it has learnt either way.
 */
export async function attempt<T>(
  host: Host,
  name: string,
  effect: (signal: AbortSignal) => Promise<T>,
  aside: () => Aside = () => ({}),
): Promise<Attempt<T>> {
  const run = (): Promise<Attempt<T>> => runOnce(host, name, effect, aside);
  if (!isCall(name)) return host.step(name, run);
  try {
    return await host.step(name, run, { atMostOnce: true });
  } catch {
    // A step too, for its times have to be the same at every replay.
    return host.step(`${name}:interrupted`, () => {
      const at = new Date().toISOString();
      return Promise.resolve({ ok: false, fault: LOST_STEP, startedAt: at, endedAt: at });
    });
  }
}

async function runOnce<T>(
  host: Host,
  name: string,
  effect: (signal: AbortSignal) => Promise<T>,
  aside: () => Aside,
): Promise<Attempt<T>> {
  const startedAt = new Date().toISOString();
  const { interrupt } = host;
  if (interrupt?.aborted === true && name !== 'report') {
    const why = fault('terminal', 'Interrupted', `stopped by a person before ${name}`, 'none');
    return { ok: false, fault: why, startedAt, endedAt: startedAt };
  }
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error('the function is about to time out')),
    Math.max(0, host.remainingMs() - WIND_DOWN_MS),
  );
  try {
    const { signal } = controller;
    const ending = interrupt !== undefined && endsEarly(name) ? AbortSignal.any([signal, interrupt]) : signal;
    const value = bounded(host, name, await effect(ending));
    return { ok: true, value, startedAt, endedAt: new Date().toISOString(), ...aside() };
  } catch (error) {
    return { ok: false, fault: briefly(classify(error)), startedAt, endedAt: new Date().toISOString(), ...aside() };
  } finally {
    clearTimeout(timer);
  }
}
