/** A write to the data ledger as a call of a plan. Pure; `data-write.ts` sends it. */

import type { JsonObject, PlannedCall } from '../decision.ts';
import { TerminalError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import type { DataWrite } from './data.ts';

/** The name of the call in a plan. */
export const DATA_WRITE = 'ledger:write';

/** Plans a write. */
export function plannedWrite(write: DataWrite, because: string): PlannedCall {
  return { call: DATA_WRITE, input: { ...write }, because };
}

/**
 * What a planned write writes.
 * @throws TerminalError for an input that `plannedWrite` did not make
 */
export function writeOf(input: JsonObject): DataWrite {
  const { partition, key, ifVersion, value, expiresAt } = input;
  const isWhole = typeof partition === 'string' && typeof key === 'string' && typeof ifVersion === 'number';
  if (!isWhole || !isJsonObject(value))
    throw new TerminalError(`${DATA_WRITE}: expected partition, key, ifVersion and value`);
  return { partition, key, ifVersion, value, ...(typeof expiresAt === 'string' ? { expiresAt } : {}) };
}
