/** Sends one call of a plan, and says what its error means. */

import type { JsonObject, Meaning } from '../decision.ts';
import type { Change, Io, Send } from '../definition.ts';
import { classify, errorName } from '../errors.ts';

/** What AWS said instead of carrying the call out, with the meaning that the runbook gives it. JSON. */
export type Said = {
  readonly meaning: Meaning;
  readonly name: string;
  readonly message: string;
  readonly at: string;
};

/** What came of a call that AWS answered. JSON, since the step of the call keeps it. */
export type Answer = {
  /** Absent: it was carried out. */
  readonly said?: Said;
};

/** Sends it. Throws the errors whose meaning the runbook does not say. */
export async function sendCall(change: Send | Change, input: JsonObject, io: Io): Promise<Answer> {
  const { send, means } = typeof change === 'function' ? { send: change, means: {} } : change;
  try {
    await send(input, io);
    return {};
  } catch (error) {
    const meaning = meaningOf(means, error);
    if (meaning === undefined) throw error;
    const { name, message } = classify(error);
    const said = { meaning, name, message, at: new Date().toISOString() };
    return { said };
  }
}

function meaningOf(means: Change['means'], error: unknown): Meaning | undefined {
  const name = errorName(error);
  return Object.hasOwn(means, name) ? means[name] : undefined;
}
