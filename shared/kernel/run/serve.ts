/** Serves all targets of a run, or as many as there is room for; the rest is named, and left to the next run. */

import type { Located } from '../definition.ts';
import { fault } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import type { Resources } from '../ledger/access.ts';
import { reportLeft } from '../report/left.ts';
import type { RunEnd, RunResult } from '../report/result.ts';
import type { Place, RunContext } from './context.ts';
import { inTurn } from './in-turn.ts';
import { announcedIn, known } from './locate.ts';
import { operationsFor } from './room.ts';
import { makeRounds } from './rounds.ts';
import { runLost, runTarget, type TargetEnd } from './target-run.ts';

/** Operations kept for what comes after the targets: naming those that are left, and telling of branches that failed. */
const AFTERWARDS_OPERATIONS = 30;

/** What is served. */
export interface Demand<Seen extends object> {
  readonly located: readonly Located<Seen>[];
  readonly resources: Resources | undefined;
  readonly now: string;
  /** False in an execution that an older version began: its steps are those of all targets at once, in the order of `located`. */
  readonly inRounds: boolean;
}

/** Serves them. As many results as targets, in their order. */
export async function serve<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  { located, resources, now, inRounds }: Demand<Seen>,
): Promise<RunEnd> {
  const announced = announcedIn(resources, context.runbook.name);
  const order = inRounds ? inTurn(once(located), resources, now) : located;
  const places = order.map((each) => ({
    located: each,
    known: known(resources, announced, each.target, now),
    operations: operationsFor(context),
  }));
  if (!inRounds) return endOf(await runAll(context, host, 'targets', places));
  const isTooMany = fitting(host, places).length < places.length;
  const { results, others } = isTooMany ? await makeRounds(context, host, places) : { results: [], others: places };
  const { ends, left } = await runInWaves(context, host, others);
  const targets = left.map((place) => place.located.target);
  const named = left.length === 0 ? [] : await reportLeft({ ...context, host }, targets, others.length - left.length);
  const { failure, results: own } = endOf(ends);
  return { results: inOrder(located, [...results, ...own, ...named]), failure };
}

function endOf(ends: readonly TargetEnd[]): RunEnd {
  return {
    results: ends.map(({ result }) => result),
    failure: ends.find((end) => end.fault !== undefined)?.fault,
  };
}

/** A target that was named twice is one target. */
function once<Seen extends object>(located: readonly Located<Seen>[]): readonly Located<Seen>[] {
  return [...new Map(located.map((each) => [each.target, each])).values()];
}

/** The first of them that there is room for at the same time; one is always tried. */
function fitting<Seen extends object>(host: Host, places: readonly Place<Seen>[]): readonly Place<Seen>[] {
  let room = host.operationsLeft() - AFTERWARDS_OPERATIONS;
  const tooMany = places.findIndex(({ operations }, index) => {
    room -= operations;
    return room < 0 && index > 0;
  });
  return tooMany === -1 ? places : places.slice(0, tooMany);
}

interface Waves<Seen extends object> {
  readonly ends: readonly TargetEnd[];
  readonly left: readonly Place<Seen>[];
}

/**
 * Runs on as many targets as there is room for at the same time; and when they have ended on more, with the operations that they
 * did not need, until there is no room for a whole run.
 */
async function runInWaves<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
): Promise<Waves<Seen>> {
  const ends: TargetEnd[] = [];
  let left = places;
  for (let wave = 0; left.length > 0; wave += 1) {
    const [first] = left;
    const hasRoom = host.operationsLeft() - AFTERWARDS_OPERATIONS >= (first?.operations ?? 0);
    if (wave > 0 && !hasRoom) break;
    const served = fitting(host, left);
    ends.push(...(await runAll(context, host, wave === 0 ? 'targets' : `targets:${wave}`, served)));
    left = left.slice(served.length);
  }
  return { ends, left };
}

async function runAll<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  name: string,
  places: readonly Place<Seen>[],
): Promise<readonly TargetEnd[]> {
  const needed = places.reduce((sum, { operations }) => sum + operations, 0);
  const slack = Math.max(0, Math.floor((host.operationsLeft() - AFTERWARDS_OPERATIONS - needed) / places.length));
  const items = places.map((value) => ({ value, operations: value.operations + slack }));
  const settled = await host.each(
    name,
    items,
    (place, own) => runTarget(context, own, place),
    ({ operationsLeft = 0 }) => operationsLeft,
  );
  const ends: TargetEnd[] = [];
  for (const [index, place] of places.entries()) {
    const end = settled[index];
    if (end?.ok === true) ends.push(end.value);
    else ends.push(await runLost(context, host, place, end?.fault ?? NO_END));
  }
  return ends;
}

const NO_END = fault('retryable', 'BranchFailed', 'its branch has no end');

function inOrder(located: readonly Located<object>[], results: readonly RunResult[]): readonly RunResult[] {
  const position = new Map(located.map(({ target }, index) => [target, index]));
  const of = ({ target = '' }: RunResult): number => position.get(target) ?? 0;
  return results.toSorted((one, other) => of(one) - of(other));
}
