/** What is written down of a whole exploration: `docs/explored.json`. */

import { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { pathText } from '../../simulator/world/checking.ts';
import type { Exploration, ExplorationMode } from './explorer.ts';

/** Where it stands, from the root. */
export const EXPLORED = 'docs/explored.json';

const count = z.int().min(0);

const sum = z.object({
  drills: count,
  schedules: count,
  violations: count,
  /** Schedules of each drill by its name; a record that is older than this has none. */
  each: z.record(z.string(), count).optional(),
});

const recordSchema = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}$/u, { error: 'must be the hash of a commit' }),
  exhaustive: sum.optional(),
  'no-leases': sum.optional(),
});

/** Of one mode. */
interface ModeRecord {
  readonly mode: ExplorationMode;
  readonly drills: number;
  /** Tried in all. */
  readonly schedules: number;
  readonly violations: number;
  /** By the names of drills, how many were tried in each; absent: an older version wrote it. */
  readonly each?: { readonly [drill: string]: number };
}

/** A record as it is read. */
export interface ExplorationRecord {
  /** What was explored. */
  readonly commit: string;
  readonly modes: readonly ModeRecord[];
}

/**
 * Reads a record.
 * @throws BadInputError with the path of the fault
 */
export function parseExplorationRecord(value: unknown): ExplorationRecord {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BadInputError(pathText(issue?.path ?? []), issue?.message ?? parsed.error.message);
  }
  const { commit, ...sums } = parsed.data;
  const modes = (['exhaustive', 'no-leases'] as const).flatMap((mode): ModeRecord[] => {
    const found = sums[mode];
    if (found === undefined) return [];
    const { each, ...counts } = found;
    return [{ mode, ...counts, ...(each === undefined ? {} : { each }) }];
  });
  return { commit, modes };
}

/** How many schedules each drill was tried in, in the order of their names. */
export function schedulesOfEach(
  explored: readonly { readonly name: string; readonly found: Pick<Exploration, 'schedules'> }[],
): { readonly [drill: string]: number } {
  const inOrder = explored.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(inOrder.map(({ name, found }) => [name, found.schedules]));
}
