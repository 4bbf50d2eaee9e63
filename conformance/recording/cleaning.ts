/**
 * Takes away what a run has left: what its journal tells of and what carries its mark, both. Users before what they use, again and again while
 * something refuses because another thing is in its way.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { errorName } from '../../shared/kernel/errors.ts';
import type { Past } from './journal.ts';
import type { Kind } from './kinds.ts';
import type { Leftover, Leftovers, Standing } from './leftovers.ts';

/** Users before what they use. */
export const ORDER: readonly Kind[] = [
  'auto-scaling-group',
  'instance',
  'elastic-ip',
  'volume',
  'snapshot',
  'launch-template',
  'vpc-peering-connection',
  'network-acl',
  'security-group',
  'prefix-list',
  'subnet',
  'internet-gateway',
  'vpc',
  'queue',
];

/** What could not be taken away. */
export interface Remaining {
  readonly kind: Kind;
  /** Absent: its kind could not be looked at. */
  readonly id?: string;
  readonly why: string;
}

/** How often it is looked, and how long is paused between. */
export interface Passes {
  readonly passes: number;
  readonly pauseMs: number;
}

/** What was created without an answer may show only after some looks. */
const LOOKS_FOR_OPEN = 3;

const GONE = /NotFound|NonExistent|DoesNotExist/u;

function whyOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${errorName(error)}: ${message}`;
}

/** What stands of one that the journal tells of and that does not carry the mark of its run. */
async function unmarked({ known }: Leftover, kind: Kind, id: string): Promise<readonly Remaining[]> {
  try {
    const found = (await known(id)).filter((one) => one.id === id);
    return found.map(({ run }) => ({
      kind,
      id,
      why: run === undefined ? 'it does not carry the mark of its run any more' : `it carries the mark of ${run}`,
    }));
  } catch (error) {
    return GONE.test(errorName(error)) ? [] : [{ kind, id, why: whyOf(error) }];
  }
}

async function removed({ remove }: Leftover, kind: Kind, id: string): Promise<readonly Remaining[]> {
  try {
    await remove(id);
    return [{ kind, id, why: 'it is being deleted' }];
  } catch (error) {
    return GONE.test(errorName(error)) ? [] : [{ kind, id, why: whyOf(error) }];
  }
}

/** One look at one kind; what it found is on its way out, or told with the reason. */
async function passOver(leftover: Leftover, kind: Kind, past: Past): Promise<readonly Remaining[]> {
  const ids = new Set(past.made.flatMap((one) => (one.kind === kind ? [one.id] : [])));
  const isOpen = past.open.has(kind);
  if (ids.size === 0 && !isOpen) return [];
  let found: readonly Standing[];
  try {
    found = await leftover.marked(past.head.run);
  } catch (error) {
    return [{ kind, why: whyOf(error) }];
  }
  // The answer of a filter is not taken at its word.
  const ours = found.filter(({ id, run }) => run === past.head.run && (isOpen || ids.has(id)));
  const left: Remaining[] = [];
  for (const { id } of ours) left.push(...(await removed(leftover, kind, id)));
  for (const id of ids) if (ours.every((one) => one.id !== id)) left.push(...(await unmarked(leftover, kind, id)));
  return left;
}

/** Takes away what a run has left; what is returned could not be. */
export async function clean(
  past: Past,
  leftovers: Leftovers,
  { passes, pauseMs }: Passes,
): Promise<readonly Remaining[]> {
  let left: readonly Remaining[] = [];
  const atLeast = past.open.size === 0 ? 1 : LOOKS_FOR_OPEN;
  for (let count = 1; count <= passes; count += 1) {
    left = [];
    for (const kind of ORDER) left = [...left, ...(await passOver(leftovers[kind], kind, past))];
    if (left.length === 0 && count >= atLeast) return [];
    if (count < passes) await sleep(pauseMs);
  }
  return left;
}
