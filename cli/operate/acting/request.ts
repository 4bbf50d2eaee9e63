/** A person's request, made of what was typed, and checked by the runbook that is to read it. */

import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import { parseEvent, readersOf } from '../../../shared/kernel/triggers/parser.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import { UsageError } from '../../terminal.ts';
import type { ManualRequest } from '../place.ts';

/** Longest `requestedBy` that runbooks read (`shared/kernel/triggers/request.ts`). */
const LONGEST_NAME = 256;

/** What was typed. */
export interface Typed {
  readonly runbook: string;
  readonly target?: string;
  /** `key=value`, each. */
  readonly params: readonly string[];
  readonly dryRun: boolean;
  readonly reason?: string;
}

/** A number, a boolean, an object or a list as JSON writes it; anything else is text, so that nobody has to quote a quote. */
export function paramValue(text: string): Json {
  if (!/^(?:[[{]|-?\d|true$|false$)/u.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    const holder: object = { value };
    return isJsonObject(holder) ? (holder['value'] ?? text) : text;
  } catch {
    return text;
  }
}

function paramsOf(params: readonly string[]): JsonObject {
  const pairs = new Map<string, Json>();
  for (const param of params) {
    const at = param.indexOf('=');
    if (at < 1) throw new UsageError(`--param ${param}: expected KEY=VALUE`);
    const key = param.slice(0, at);
    if (pairs.has(key)) throw new UsageError(`--param ${key}: is given twice; a list is written as ${key}=[1,2]`);
    pairs.set(key, paramValue(param.slice(at + 1)));
  }
  return Object.fromEntries(pairs);
}

/** What is asked for. */
export interface Asked extends Omit<Typed, 'params'> {
  readonly params: JsonObject;
}

/** The request of a person. */
export function requestBy(caller: string, { runbook, target, params, dryRun, reason }: Asked): ManualRequest {
  return {
    runbook,
    ...(target === undefined ? {} : { target }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(dryRun ? { dryRun } : {}),
    ...(reason === undefined ? {} : { reason }),
    requestedBy: caller.slice(0, LONGEST_NAME),
  };
}

/**
 * The request that was typed.
 * @throws UsageError for a parameter that is no `key=value`, or given twice
 */
export function requestOf(typed: Typed, caller: string): ManualRequest {
  return requestBy(caller, { ...typed, params: paramsOf(typed.params) });
}

/** Paths of the request in the words of the command line. */
function asTyped(message: string): string {
  return message.replace(/^params\./u, '--param ').replace(/^(target|reason|dryRun)(?=[:.[])/u, '--$1');
}

/**
 * Has the runbook's own triggers read the request, before anything is sent.
 * @throws UsageError in one line
 */
export function demandReadable(request: ManualRequest, { summary }: Pick<DeployedFunction, 'summary'>): void {
  const { triggers, name } = summary;
  try {
    const parsed = parseEvent(request, readersOf(triggers));
    const isRead = parsed.kind === 'single' && triggers.some((trigger) => trigger.request?.(parsed.delivery));
    if (!isRead) throw new UsageError(`${name} is not started by a person's request`);
  } catch (error) {
    throw error instanceof BadInputError ? new UsageError(`${name}: ${asTyped(error.message)}`) : error;
  }
}
