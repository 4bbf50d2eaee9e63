/** Watchers tried by themselves: a world that a test changes, without runbooks, and looks at it between the changes. */

import { INVARIANTS } from '../../rehearsal/invariants.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { createClock } from '../../simulator/engine/clock.ts';
import type { LoggedRequest } from '../../simulator/engine/run-types.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import { createWorld, type SimulatedWorld } from '../../simulator/engine/world.ts';
import { parseWorld } from '../../simulator/world/world-file.ts';

export interface Stage {
  readonly world: SimulatedWorld;
  readonly pass: (seconds: number) => void;
}

/** A world of these parts of a world file, at eight o'clock. */
export function staged(parts: object): Stage {
  const parsed = parseWorld({ now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1', ...parts });
  const clock = createClock(parsed.nowMs);
  const world = createWorld(parsed.data, {
    services: SERVICES,
    seed: 1,
    account: parsed.account,
    region: parsed.region,
    clock,
  });
  const pass = (seconds: number): void => {
    const until = clock.now() + seconds * 1_000;
    clock.after(seconds * 1_000, () => undefined);
    while (clock.now() < until && clock.step());
  };
  return { world, pass };
}

/** What a watcher finds first: at a look before, or at one after each step. `told`: outcomes logged so far; `sent`: requests. */
export function watch(
  name: string,
  world: SimulatedWorld,
  steps: readonly (() => void)[],
  told: readonly RunResult[] = [],
  sent: readonly LoggedRequest[] = [],
): string | undefined {
  const watcher = INVARIANTS[name];
  if (watcher === undefined) throw new Error(`no invariant ${name}`);
  const memory: { [key: string]: unknown } = {};
  const found = [watcher.check(world, memory, told, sent)];
  for (const step of steps) {
    step();
    found.push(watcher.check(world, memory, told, sent));
  }
  return found.find((fault) => fault !== undefined);
}

/** One record of the world. */
export function record(
  world: SimulatedWorld,
  service: string,
  collection: string,
  member: string,
  id: string,
): Record<string, unknown> {
  const found = world.records(service, collection).find((one) => one[member] === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

/** Tells of an outcome, as a run does on the bus. */
export function tell(world: SimulatedWorld, detail: object): void {
  world.records('eventbridge', 'Entries').push({
    EventId: '1',
    Time: world.clock.iso(),
    Source: 'runbooks',
    DetailType: 'outcome',
    Detail: JSON.stringify(detail),
  });
}
