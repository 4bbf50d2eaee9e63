/** Finds the runs of a place, and what operators did in between. */

import { latestOf } from '../../../shared/kernel/ledger/lines.ts';
import type { RunLine } from '../../../shared/kernel/ledger/ledger.ts';
import { idOf } from '../../results.ts';
import type { Operation, Place, Stack } from '../place.ts';
import { each } from '../reading.ts';
import { daysBetween } from '../times.ts';

/** What is looked for. */
export interface Wanted {
  readonly fromMs: number;
  /** ARN, id or name. */
  readonly target?: string;
  readonly outcomes?: readonly string[];
  readonly runbook?: string;
}

/** A run, or what an operator did, with the stack it belongs to. */
export type Found =
  | ({ readonly kind: 'run'; readonly stack: string } & RunLine)
  | ({ readonly kind: 'operation'; readonly stack: string } & Operation);

/** Whether somebody who names a target so can mean this one. */
export function isTarget(named: string, target: string): boolean {
  return target !== '' && (named === target || named === idOf(target));
}

/** Targets of the ledger that are meant: what leads to their runs without reading every day. */
async function arnsOf({ book }: Stack, named: string): Promise<readonly string[]> {
  if (named.startsWith('arn:')) return [named];
  const states = await book.resources();
  return states.map(({ resource }) => resource).filter((resource) => isTarget(named, resource));
}

async function runsOf(
  stack: Stack,
  { fromMs, target, outcomes, runbook }: Wanted,
  now: string,
): Promise<readonly RunLine[]> {
  const { book } = stack;
  const arns = target === undefined ? [] : await arnsOf(stack, target);
  const pages =
    arns.length > 0 ? await each(arns, book.about) : await each(daysBetween(fromMs, Date.parse(now)), book.on);
  const from = new Date(fromMs).toISOString();
  return latestOf(pages.flat()).filter(
    (line) =>
      line.at >= from &&
      (target === undefined || isTarget(target, line.target)) &&
      (outcomes === undefined || outcomes.includes(line.outcome)) &&
      (runbook === undefined || line.runbook === runbook),
  );
}

/** What an operator did concerns all runs, unless one target or outcome is asked for. */
async function operationsOf({ book }: Stack, wanted: Wanted, now: string): Promise<readonly Operation[]> {
  const { fromMs, target, outcomes, runbook } = wanted;
  if (target !== undefined || outcomes !== undefined) return [];
  const pages = await each(daysBetween(fromMs, Date.parse(now)), book.operations);
  const from = new Date(fromMs).toISOString();
  return pages
    .flat()
    .filter(({ at, scope }) => at >= from && (runbook === undefined || scope === 'all' || scope === runbook));
}

/** What is found, oldest first. Rejects with the SDK's error where a ledger does not answer: half a list looks like a whole one. */
export async function foundIn(place: Place, wanted: Wanted): Promise<readonly Found[]> {
  const now = place.now();
  const found = await each(place.stacks, async (stack): Promise<readonly Found[]> => {
    const [runs, operations] = await Promise.all([runsOf(stack, wanted, now), operationsOf(stack, wanted, now)]);
    return [
      ...runs.map((line): Found => ({ kind: 'run', stack: stack.prefix, ...line })),
      ...operations.map((operation): Found => ({ kind: 'operation', stack: stack.prefix, ...operation })),
    ];
  });
  return found.flat().toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}
