/** What runs of restrict-access have noted in the ledger, as the invariants hold it against the account. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { LoggedRequest } from '../../simulator/engine/run-types.ts';

/** Two ticks, and what a minute of throttling and a repeat may add to them. */
export const GRACE_MS = 300_000;

/** Notes of one target. */
export interface Noted {
  /** ARN. */
  readonly target: string;
  /** The note that was written last. */
  readonly value: { readonly [member: string]: unknown };
  /** All of them, oldest first. */
  readonly all: readonly { readonly [member: string]: unknown }[];
  /** When it ends, or was ended. */
  readonly endMs: number;
}

interface Written {
  readonly target: string;
  readonly value: { readonly [member: string]: unknown };
  readonly atMs: number;
}

function writtenBy({ call, input, at, error, fault }: LoggedRequest): readonly Written[] {
  const { partition, key, value } = input;
  const isNote = call === 'ledger:write' && partition === 'restriction' && typeof key === 'string' && isRecord(value);
  // One whose answer was lost may have been written.
  const isKept = error === undefined || fault !== undefined;
  return isNote && isKept ? [{ target: key, value, atMs: Date.parse(at) }] : [];
}

function endOf(written: readonly Written[]): number {
  const ends = written.map(({ value, atMs }) => {
    const isEnded = isRecord(value['ended']) || typeof value['over'] === 'string';
    return isEnded ? atMs : Date.parse(String(value['until']));
  });
  return ends.at(-1) ?? Number.POSITIVE_INFINITY;
}

/** What was noted, by target. */
export function noted(sent: readonly LoggedRequest[]): readonly Noted[] {
  const byTarget = Map.groupBy(sent.flatMap(writtenBy), ({ target }) => target);
  return [...byTarget].flatMap(([target, written]) => {
    const value = written.at(-1)?.value;
    if (value === undefined) return [];
    return [{ target, value, all: written.map((each) => each.value), endMs: endOf(written) }];
  });
}
