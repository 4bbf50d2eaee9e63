/** Serves all targets of a run. */

import type { Located } from '../definition.ts';
import { fault } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import type { Resources } from '../ledger/access.ts';
import type { RunEnd, RunResult } from '../report/result.ts';
import type { Place, RunContext } from './context.ts';
import { inTurn } from './in-turn.ts';
import { announcedIn, known } from './locate.ts';
import { operationsFor, roomIn } from './room.ts';
import { runLost, runTarget, type TargetEnd } from './target-run.ts';

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
  const order = inRounds ? inTurn(once(located), resources, now) : located;
  const places = placesOf(context, order, resources, now);
  const serveMany = inRounds && host.kind === 'durable' ? context.runbook.host.long?.serveMany : undefined;
  const { results, failure } =
    serveMany === undefined
      ? endOf(await runAll(context, host, 'targets', places))
      : await serveMany(context, host, places);
  return { results: inOrder(located, results), failure };
}

/** Targets, each with what the ledger knows of it. */
export function placesOf<Seen extends object>(
  context: RunContext<Seen>,
  located: readonly Located<Seen>[],
  resources: Resources | undefined,
  now: string,
): readonly Place<Seen>[] {
  const announced = announcedIn(resources, context.runbook.name);
  return located.map((each) => ({
    located: each,
    known: known(resources, announced, each.target, now),
    operations: operationsFor(context),
  }));
}

/** A target that was named twice is one target. */
export function once<Seen extends object>(located: readonly Located<Seen>[]): readonly Located<Seen>[] {
  return [...new Map(located.map((each) => [each.target, each])).values()];
}

/** What the runs on targets come to. */
export function endOf(ends: readonly TargetEnd[]): RunEnd {
  return {
    results: ends.map(({ result }) => result),
    failure: ends.find((end) => end.fault !== undefined)?.fault,
  };
}

/** Runs on all of these at the same time, the operations that are left shared out among them. As many ends as targets. */
export async function runAll<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  name: string,
  places: readonly Place<Seen>[],
): Promise<readonly TargetEnd[]> {
  const needed = places.reduce((sum, { operations }) => sum + operations, 0);
  const slack = Math.max(0, Math.floor((roomIn(host) - needed) / places.length));
  const items = places.map((value) => ({ value, operations: value.operations + slack }));
  const settled = await host.each(
    name,
    items,
    // Of a batch each record is a run of its own; what the host makes for an item has the name that the host was made with.
    (place, own) => runTarget(context, { ...own, run: host.run }, place),
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

const NO_END = fault('retryable', 'BranchFailed', 'it has no end');

function inOrder(located: readonly Located<object>[], results: readonly RunResult[]): readonly RunResult[] {
  const position = new Map(located.map(({ target }, index) => [target, index]));
  const of = ({ target = '' }: RunResult): number => position.get(target) ?? 0;
  return results.toSorted((one, other) => of(one) - of(other));
}
