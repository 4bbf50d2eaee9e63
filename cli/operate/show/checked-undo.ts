/**
 * What a record says of how its run is taken back, before it is offered to a person. Whoever may write run records could write
 * anything there, and a person at 3 a.m. pastes it: a line is offered that is one call of AWS to a service which the run itself has
 * called, and a request that is one to the run's own runbook. Pure.
 */

import type { Json, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { printable } from '../../../shared/kernel/printable.ts';
import { commandLine } from '../../../shared/kernel/shell.ts';
import { serviceOfLine } from '../../aws-line.ts';
import { isJsonObject } from '../../results.ts';

/**
 * Of lines those that may be offered, in their order. Of a record whose plan is lost none is: nothing says what they would take back.
 */
export function offeredLines(lines: readonly string[], plan: readonly PlannedCall[]): readonly string[] {
  const called = new Set(plan.map((planned) => serviceOfLine(commandLine(planned))));
  return lines.filter((line) => {
    const service = serviceOfLine(line);
    return service !== undefined && called.has(service);
  });
}

/** A name of a parameter of a request. */
const PARAM_NAME = /^[A-Za-z][\w-]*$/u;

/** Whether a text can be a word of a command line that a person reads before pasting it: no option, nothing invisible, one line. */
function isPlain(text: string): boolean {
  return !text.startsWith('-') && printable(text) === text && !text.includes('\n');
}

function isPlainParam([name, value]: readonly [string, Json | undefined]): boolean {
  return PARAM_NAME.test(name) && (typeof value !== 'string' || isPlain(value));
}

/** The request, if it may be offered; `undefined`: it is not one to that runbook, or would not be the line that a person reads. */
export function offeredRequest(request: Json | undefined, runbook: string): JsonObject | undefined {
  if (!isJsonObject(request) || request['runbook'] !== runbook || !isPlain(runbook)) return undefined;
  const { target = '', params = {} } = request;
  const isTarget = typeof target === 'string' && isPlain(target);
  const areParams = isJsonObject(params) && Object.entries(params).every(isPlainParam);
  return isTarget && areParams ? request : undefined;
}
