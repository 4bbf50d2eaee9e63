/** What people have at stake in a world that nobody wrote: the terms in which a runbook's promises are held against it. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { World } from '../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import { BEGIN, type Case } from './case.ts';

/**
 * Looks at every moment of one run; keeps what it remembers to itself. Returns what is wrong, or `undefined`.
 * `told`: outcomes logged so far; `sent`: requests so far, whatever became of them.
 */
export type Watch = (world: World, told: readonly RunResult[], sent: readonly LoggedRequest[]) => string | undefined;

/** One promise of a runbook's page, and how a run is held to it: while it goes on, or when it is over. */
export interface Interest {
  readonly name: string;
  /** Whose page that is, where several share one world. Absent: that of the runbook which the worlds are for. */
  readonly of?: string;
  /** The sentence of `functions/<runbook>/README.md` that this holds, word for word, or the part of it that does. */
  readonly quotes: string;
  /** Makes the watch of one run. */
  readonly watch?: (given: Given) => Watch;
  /** What is wrong now that all is over. */
  readonly end?: (end: SimulationEnd, given: Given) => readonly string[];
}

/** Up to three bad minutes, each followed by the tick that makes up for it. */
const BAD_MINUTES_SECONDS = 360;

/**
 * How long a world goes on, milliseconds: to a moment before the last tick, for what begins when time is up can be cut short
 * no more.
 */
export function runForMs({ minutes }: Case): number {
  return minutes * 60_000 - 1_000;
}

/** What an interest may know of the world beside the world itself: whose doing a change was. */
export class Given {
  readonly beginMs: number = Date.parse(BEGIN);
  /** When the run is broken off, and with it whatever still goes on. */
  readonly endMs: number;
  readonly case: Case;
  readonly #scripted: ReadonlyMap<number, readonly string[]>;

  constructor(given: Case, steps: readonly { readonly afterMs: number; readonly set: object }[]) {
    this.case = given;
    this.endMs = this.beginMs + runForMs(given);
    const scripted = new Map<number, string[]>();
    for (const { afterMs, set } of steps) {
      const at = this.beginMs + afterMs;
      scripted.set(at, [...(scripted.get(at) ?? []), ...Object.keys(set)]);
    }
    this.#scripted = scripted;
  }

  /** A time that a promise allows, seconds: longer where AWS does not do its part. */
  allowing(seconds: number): number {
    return this.case.surroundings.faults.length === 0 ? seconds : seconds + BAD_MINUTES_SECONDS;
  }

  /** Whether the script, and so somebody else than a runbook, changes something below this path at this moment. */
  isScripted(path: string, atMs: number): boolean {
    return this.#scripted.get(atMs)?.some((each) => each.startsWith(path)) === true;
  }

  /** Whether the script ever changes something below this path: how it is in the end says nothing of how it was. */
  touches(path: string): boolean {
    return [...this.#scripted.values()].some((paths) => paths.some((each) => each.startsWith(path)));
  }

  /** Whether the kill switch of everything is on at this moment, or was within so many seconds before. */
  isSwitchedOff(atMs: number, withinSeconds = 0): boolean {
    const seconds = (atMs - this.beginMs) / 1_000;
    return this.case.surroundings.switched.some(
      ({ fromSeconds, untilSeconds }) => seconds >= fromSeconds && seconds - withinSeconds <= untilSeconds,
    );
  }

  /** Whether a person asked this runbook for something within so many seconds before this moment. */
  isAskedFor(runbook: string, atMs: number, withinSeconds: number): boolean {
    const seconds = (atMs - this.beginMs) / 1_000;
    return this.case.arrivals.some(
      ({ event, seconds: asked }) =>
        event['runbook'] === runbook && asked <= seconds && seconds - asked <= withinSeconds,
    );
  }
}
