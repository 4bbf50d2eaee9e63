/** A simulated world for tests of single services: only services, clock and seed; no runbooks, no faults. */

import { createClock, type SimulatedClock } from '../../../simulator/engine/clock.ts';
import type { BusEvent, Shape } from '../../../simulator/engine/model.ts';
import { change } from '../../../simulator/world/script.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { createWorld, type SimulatedWorld } from '../../../simulator/engine/world.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';

export interface ServiceWorld {
  readonly world: SimulatedWorld;
  readonly clock: SimulatedClock;
  /** Every event so far, in order. */
  readonly events: BusEvent[];
  /** One API call: `autoscaling:SetInstanceHealth`. Throws what AWS answers. */
  readonly call: (call: string, input?: Shape) => Shape;
  /** A scripted change, as a world file makes it. */
  readonly set: (path: string, value: unknown) => void;
  /** Lets so many seconds pass. */
  readonly pass: (seconds: number) => void;
  /** Until nothing in the foreground is pending; returns the seconds that took. */
  readonly quiesce: () => number;
  /** `detail-type`s so far, without those of EC2's own state changes. */
  readonly titles: () => string[];
}

/** The clock's `background` flag is not visible from outside, so a marker in the foreground stops the time. */
function passTime(clock: SimulatedClock, milliseconds: number): void {
  const until = clock.now() + milliseconds;
  const marker = { reached: false };
  clock.after(milliseconds, () => {
    marker.reached = true;
  });
  while (!marker.reached && clock.now() <= until) clock.step();
}

/** Makes a world of the parts of a world file; the rest of the file is filled in. */
export function serviceWorld(parts: { readonly [service: string]: unknown }, seed = 1): ServiceWorld {
  const parsed = parseWorld({ now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1', ...parts });
  const clock = createClock(parsed.nowMs);
  const events: BusEvent[] = [];
  const world = createWorld(structuredClone(parsed.data), {
    services: SERVICES,
    seed,
    account: parsed.account,
    region: parsed.region,
    clock,
    onEvent: (event) => events.push(event),
  });
  return {
    world,
    clock,
    events,
    call: (call, input = {}) => {
      const [prefix, operation = ''] = call.split(':');
      const model = SERVICES.find((service) => service.prefix === prefix)?.operations[operation];
      if (model === undefined) throw new Error(`there is no ${call}`);
      return { ...model.run(input, world) };
    },
    set: (path, value) => change(world, path, value, path),
    pass: (seconds) => passTime(clock, seconds * 1_000),
    quiesce: () => {
      const since = clock.now();
      while (clock.foreground() > 0) clock.step();
      return (clock.now() - since) / 1_000;
    },
    titles: () => events.filter((event) => event.source !== 'aws.ec2').map((event) => event['detail-type']),
  };
}
