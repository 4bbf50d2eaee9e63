/** Does some work in the simulated AWS as a deployed function does it. */

import type { Io } from '../../shared/kernel/definition.ts';
import { makeIo } from '../../shared/kernel/run/io.ts';
import { NO_FAULTS, type FaultPoint, type LoggedRequest } from '../../simulator/engine/run-types.ts';
import { simulate } from '../../simulator/engine/simulation.ts';
import { deploy, run } from '../simulator/deploy.ts';

/** What came of it: a value, or what was thrown. */
export interface Done<T> {
  readonly value: T | undefined;
  readonly thrown: unknown;
  readonly requests: readonly LoggedRequest[];
}

export async function inFunction<T>(
  world: object,
  work: (io: Io) => Promise<T>,
  points: readonly FaultPoint[] = [],
): Promise<Done<T>> {
  let value: T | undefined;
  let thrown: unknown;
  const fn = deploy(async () => {
    const { signal } = new AbortController();
    const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });
    try {
      value = await work(io);
    } catch (error) {
      thrown = error;
    }
  });
  const { requests, error } = await simulate(run(fn, { world, faults: { ...NO_FAULTS, points } }));
  if (error !== undefined) throw error;
  return { value, thrown, requests };
}
