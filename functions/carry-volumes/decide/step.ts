/** The form of a step: calls to be made now, or a while to wait, and the decision that is made of them. Pure. */

import type { Act, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { isBeating, withDueBeat } from './beat.ts';
import { noteOf } from './progress.ts';
import type { View } from './view.ts';

/** A step as its author writes it. `steps` are counted in the run's progress. */
export interface Step {
  readonly code: string;
  readonly because: string;
  readonly plan: readonly PlannedCall[];
  readonly steps?: readonly string[];
  readonly evidence?: JsonObject;
  readonly budget?: Act['budget'];
}

/** A step that either side may have to take: it is the caller who makes a decision of it. */
export interface Doing extends Step {
  readonly kind: 'act';
  readonly steps: readonly string[];
}

/** Nothing to be done yet: the caller waits in its own way. */
export interface Waiting {
  readonly kind: 'wait';
  readonly code: string;
  readonly because: string;
  readonly seconds: number;
}

/** One step; `last`: the goal is reached with it. */
export function act(
  view: View,
  { code, because, plan, steps = [], evidence = {}, budget = 'free' }: Step,
  last = false,
): Act {
  const { progress, now } = view;
  const beating = withDueBeat(view, plan, because);
  const decision: Act = {
    kind: 'act',
    code,
    because,
    evidence: { ...view.evidence, ...evidence },
    plan: beating,
    intent: intentOf(view),
    note: noteOf(progress, steps, isBeating(beating), now),
    budget,
  };
  return last ? decision : { ...decision, more: true };
}

function intentOf({ facts: { set, instanceId, leaving } }: View): string {
  if (instanceId === null) return `${set} in order`;
  return leaving ? `${set} leaves ${instanceId}` : `${set} comes to ${instanceId}`;
}
