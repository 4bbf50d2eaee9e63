/** One effect of the runbook's own on its target, as a step of the host. */

import type { Io } from '../definition.ts';
import { attempt, type Attempt } from '../hosts/attempt.ts';
import type { TargetRun } from './context.ts';
import { patientIo } from './io.ts';
import { noted, rested, type RunState } from './state.ts';

/** What came of an effect, and the state with all that it learnt: its phase, and the lease as it left it. */
export interface Effect<T, Seen extends object> {
  readonly made: Attempt<T>;
  readonly state: RunState<Seen>;
}

/** Runs `work` as the step `<phase>:N`. What a sleep in it has done to the lease comes out of the step with its result. */
export async function effect<T, Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  phase: 'observe' | 'verify',
  work: (io: Io) => Promise<T>,
): Promise<Effect<T, Seen>> {
  const patient = patientIo(run, state.lease?.held);
  const made = await attempt(run.host, `${phase}:${state.turn}`, (signal) => work(patient.io(signal)), patient.aside);
  return { made, state: rested(noted(state, phase, made), made) };
}
