/** Sends one call of a plan, and says what its error means. */

import type { Json, JsonObject, Meaning } from '../decision.ts';
import type { Change, Doing, Io } from '../definition.ts';
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
  /** What a piece of bulk work told. */
  readonly told?: Json;
};

/** Sends it, or does the next piece of it. Throws the errors whose meaning the runbook does not say. */
export async function sendCall(doing: Doing, input: JsonObject, io: Io, before?: Json): Promise<Answer> {
  const change = typeof doing === 'function' ? { send: doing, means: {} } : doing;
  try {
    if ('piece' in change) return { told: await change.piece(input, io, before) };
    await change.send(input, io);
    return {};
  } catch (error) {
    const meaning = meaningOf(change.means, error);
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
