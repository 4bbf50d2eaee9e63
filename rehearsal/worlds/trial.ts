/** One generated world: run, and held against what people have at stake in it. */

import { DEPLOYED_ENVIRONMENT } from '../drill.ts';
import type { Interest } from './interest.ts';
import { Given, runForMs } from './interest.ts';
import { reachOf, type Reach } from './reach.ts';
import type { Drawn } from './draw.ts';
import { NO_FAULTS, type DeployedFunction, type Watcher } from '../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';
import { parseWorld } from '../../simulator/world/world-file.ts';

/** Interests by the runbook whose page promises them. */
export interface InterestsByRunbook {
  readonly [runbook: string]: readonly Interest[];
}

/** Something that must not be. */
export interface Wrong {
  /** The name of the interest; of what is nobody's in particular, `run`. */
  readonly interest: string;
  readonly what: string;
}

/** What one world came to. */
export interface Trial {
  readonly end: SimulationEnd;
  readonly wrongs: readonly Wrong[];
  readonly reach: Reach;
}

/**
 * Requests of one world, all runs together, beyond which it is given up as one that comes to no end: a busy one has 2,500. Counted, for a
 * clock would not stop at the same request each time.
 */
const MOST_REQUESTS = 20_000;

/** Ends a run that asks AWS on and on: what is thrown is told as a run that broke off. Throws beyond so many requests. */
export function demandAnEnd(requests: number): void {
  if (requests > MOST_REQUESTS) throw new Error(`it has sent ${MOST_REQUESTS} requests, and goes on`);
}

const withoutEnd: Watcher = {
  name: 'without-end',
  check: (_world, _memory, _told, sent = []) => {
    demandAnEnd(sent.length);
    return undefined;
  },
};

/** Thrown by the clock of a trial, which is the only way to end a run in which something still waits. */
class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

/**
 * Ends the run at the end of the world's time. A durable run that waits for a snapshot goes on for hours, and once the
 * schedules tick no more there is nothing that could be promised.
 */
function clockUntil(endMs: number): Watcher {
  return {
    name: 'clock',
    check: (world) => {
      if (world.clock.now() >= endMs) throw new TimeIsUp('the time of this world is up');
      return undefined;
    },
  };
}

/** What a run may never do, whatever is promised: break off, hang. */
function brokenRun({ error, invocations }: SimulationEnd): readonly Wrong[] {
  const overrun = invocations.find(({ ended }) => ended === 'timed-out');
  return [
    ...(error === undefined || error instanceof TimeIsUp ? [] : [`it broke off: ${error.message}`]),
    ...(overrun === undefined ? [] : [`${overrun.runbook} ran out of time instead of ending by itself`]),
  ].map((what) => ({ interest: 'run', what }));
}

function watcherOf(interest: Interest, given: Given): readonly Watcher[] {
  const watch = interest.watch?.(given);
  if (watch === undefined) return [];
  return [{ name: interest.name, check: (world, _memory, told = [], sent = []) => watch(world, told, sent) }];
}

/** A finding of a watcher, which is `name: what`; what the simulator itself finds has no such name. */
function wrongOf(violation: string, interests: readonly Interest[]): Wrong {
  const own = interests.find(({ name }) => violation.startsWith(`${name}: `));
  if (own === undefined) return { interest: 'run', what: violation };
  return { interest: own.name, what: violation.slice(own.name.length + 2) };
}

/** Runs one world with those of the functions that are deployed in it, and judges it. */
export async function tryOut(
  { case: one, runbooks }: Drawn,
  functions: readonly DeployedFunction[],
  interests: InterestsByRunbook,
): Promise<Trial> {
  const world = parseWorld(one.world);
  const given = new Given(one, world.script);
  const concerned = runbooks.flatMap((runbook) => interests[runbook] ?? []);
  const end = await simulate({
    world,
    events: one.arrivals.map(({ seconds, event, runbook }) => ({
      event,
      afterMs: seconds * 1_000,
      ...(runbook === undefined ? {} : { runbook }),
    })),
    functions: functions.filter(({ summary }) => runbooks.includes(summary.name)),
    seed: one.seed,
    faults: { ...NO_FAULTS, points: one.surroundings.faults },
    runForMs: runForMs(one),
    environment: { ...DEPLOYED_ENVIRONMENT },
    watchers: [...concerned.flatMap((interest) => watcherOf(interest, given)), withoutEnd, clockUntil(given.endMs)],
  });
  const ended = concerned.flatMap(({ name, end: judge }) =>
    (judge?.(end, given) ?? []).map((what) => ({ interest: name, what })),
  );
  return {
    end,
    wrongs: [...brokenRun(end), ...end.violations.map((violation) => wrongOf(violation, concerned)), ...ended],
    // One that is only deployed beside another is nobody's to judge.
    reach: reachOf(
      end,
      runbooks.filter((runbook) => interests[runbook] !== undefined),
    ),
  };
}

/** Wrongs that differ in ids, numbers and times only are of one kind. */
export function kindOf({ interest, what }: Wrong): string {
  const same = what
    .replaceAll(/\b(?:i|eipalloc|eni|vol|snap|subnet)-[0-9a-z]+/gu, 'ID')
    .replaceAll(/\d+/gu, '0')
    .slice(0, 120);
  return `${interest}: ${same}`;
}
