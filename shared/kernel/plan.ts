/** Plans as values: their hash, and what is left to undo of them. */

import { createHash } from 'node:crypto';
import type { JsonObject, PlannedCall } from './decision.ts';
import { canonical } from './json.ts';

const TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/gu;

/**
 * What an approval is bound to and drift is measured by: `planHash` without client tokens. They tell a repeat from a new try,
 * and a runbook may take another one for the same call from time to time. `run`: as in `planHash`.
 */
export function approvalHash(plan: readonly PlannedCall[], run?: string): string {
  return planHash(
    plan.map((each) => ({ ...each, input: withoutToken(each.input) })),
    run,
  );
}

function withoutToken({ ClientToken: _token, ...input }: JsonObject): JsonObject {
  return input;
}

/**
 * What tells one plan from another: the calls and their inputs, in order. Reasons are not part of
 * it, nor are times of day (a tag such as `runbook:moved-at` carries the moment of the decision, not its substance).
 * `run`: nor is its name, wherever it stands, so that the plans of two runs can be told from each other.
 */
export function planHash(plan: readonly PlannedCall[], run?: string): string {
  const substance = canonical(plan.map(({ call, input }) => ({ call, input }))).replaceAll(TIME, '<time>');
  const hashed = run === undefined ? substance : substance.replaceAll(run, '<run>');
  return createHash('sha256').update(hashed).digest('hex').slice(0, 32);
}

/** The plan without the ways back that a later call of it has made void. */
export function stillUndoable(plan: readonly PlannedCall[]): readonly PlannedCall[] {
  return plan.map((planned, index) => {
    const { undo, ...bare } = planned;
    const names = undo === undefined ? '' : JSON.stringify(undo.input);
    const isVoid = plan.slice(index + 1).some(({ voids = [] }) => voids.some((id) => names.includes(`"${id}"`)));
    return isVoid ? bare : planned;
  });
}

/** A token of 32 hex digits that is the same for the same parts. */
export function tokenOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, 32);
}
