/** What the SDK gives as JSON: times as text, bytes as Base64, nothing that is not there. Pure. */

import { isRecord } from '../../simulator/engine/json.ts';

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.filter((one) => one !== undefined && one !== null).map(plainValue);
  return isRecord(value) ? plain(value) : value;
}

/** An output of the SDK without its metadata. */
export function plain(output: Record<string, unknown>): Record<string, unknown> {
  const members = Object.entries(output).filter(
    ([name, value]) => value !== undefined && value !== null && name !== '$metadata',
  );
  return Object.fromEntries(members.map(([name, value]) => [name, plainValue(value)]));
}
