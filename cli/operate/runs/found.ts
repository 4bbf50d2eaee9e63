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
  /** ARN or id, or what somebody named it by who started a run on it. */
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

/**
 * A name, or a public address, stands in no record: what it means the runs know that were started by it, as far back as is asked for.
 */
async function targetsCalled(
  named: string,
  lines: readonly RunLine[],
  operations: () => Promise<readonly Operation[]>,
): Promise<ReadonlySet<string>> {
  if (lines.some(({ target }) => isTarget(named, target))) return new Set();
  const started = (await operations()).filter(({ what, more }) => what === 'run' && more['target'] === named);
  const runs = new Set(started.map(({ more }) => more['run']));
  return new Set(lines.flatMap(({ run, target }) => (runs.has(run) && target !== '' ? [target] : [])));
}

async function operationsOn({ book }: Stack, { fromMs }: Wanted, now: string): Promise<readonly Operation[]> {
  return (await each(daysBetween(fromMs, Date.parse(now)), book.operations)).flat();
}

async function runsOf(stack: Stack, wanted: Wanted, now: string): Promise<readonly RunLine[]> {
  const { fromMs, target, outcomes, runbook } = wanted;
  const { book } = stack;
  const arns = target === undefined ? [] : await arnsOf(stack, target);
  const pages =
    arns.length > 0 ? await each(arns, book.about) : await each(daysBetween(fromMs, Date.parse(now)), book.on);
  const from = new Date(fromMs).toISOString();
  const lines = latestOf(pages.flat());
  const called =
    target === undefined || arns.length > 0
      ? new Set()
      : await targetsCalled(target, lines, () => operationsOn(stack, wanted, now));
  return lines.filter(
    (line) =>
      line.at >= from &&
      (target === undefined || isTarget(target, line.target) || called.has(line.target)) &&
      (outcomes === undefined || outcomes.includes(line.outcome)) &&
      (runbook === undefined || line.runbook === runbook),
  );
}

/** What an operator did concerns all runs, unless one target or outcome is asked for. */
async function operationsOf(stack: Stack, wanted: Wanted, now: string): Promise<readonly Operation[]> {
  const { fromMs, target, outcomes, runbook } = wanted;
  if (target !== undefined || outcomes !== undefined) return [];
  const from = new Date(fromMs).toISOString();
  const operations = await operationsOn(stack, wanted, now);
  return operations.filter(
    ({ at, scope }) => at >= from && (runbook === undefined || scope === 'all' || scope === runbook),
  );
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
