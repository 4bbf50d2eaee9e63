/** Serves all targets of a run, or as many as there is room for; the rest is named, and left to the next run. */

import type { Located } from '../definition.ts';
import type { Fault } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import type { Resources } from '../ledger/access.ts';
import { reportLeft } from '../report/left.ts';
import type { RunEnd, RunResult } from '../report/result.ts';
import type { Place, RunContext } from './context.ts';
import { inTurn } from './in-turn.ts';
import { announcedIn, known } from './locate.ts';
import { operationsFor } from './room.ts';
import { makeRounds, type Rounds } from './rounds.ts';
import { runLost, runTarget, type TargetEnd } from './target-run.ts';

/** Operations kept for what comes after the targets: naming those that are left, and telling of branches that failed. */
const AFTERWARDS_OPERATIONS = 30;

/** What is served. */
export interface Demand<Seen extends object> {
  readonly located: readonly Located<Seen>[];
  readonly resources: Resources | undefined;
  readonly now: string;
  /** False in an execution that an older version began: it looks at every target in a run of its own. */
  readonly inRounds: boolean;
}

/** Serves them. As many results as targets, in their order. */
export async function serve<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  { located, resources, now, inRounds }: Demand<Seen>,
): Promise<RunEnd> {
  const order = inTurn(once(located), resources, now);
  const announced = announcedIn(resources, context.runbook.name);
  const places = order.map((each) => ({ located: each, known: known(resources, announced, each.target, now) }));
  const { results, others } = await rounds(context, host, places, inRounds);
  const room = roomFor(host, operationsFor(context.limits));
  const ends = await runAll(context, host, others.slice(0, room));
  const left = others.slice(room).map(({ located: { target } }) => target);
  const named = left.length === 0 ? [] : await reportLeft({ ...context, host }, left, room);
  return {
    results: inOrder(located, [...results, ...ends.map(({ result }) => result), ...named]),
    failure: ends.find(({ fault }) => fault !== undefined)?.fault,
  };
}

/** A target that was named twice is one target. */
function once<Seen extends object>(located: readonly Located<Seen>[]): readonly Located<Seen>[] {
  return [...new Map(located.map((each) => [each.target, each])).values()];
}

function rounds<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
  inRounds: boolean,
): Promise<Rounds<Seen>> | Rounds<Seen> {
  const isTooMany = places.length > roomFor(host, operationsFor(context.limits));
  return isTooMany && inRounds ? makeRounds(context, host, places) : { results: [], others: places };
}

/** For how many targets there is room; one is always tried. */
function roomFor(host: Host, operations: number): number {
  return Math.max(1, Math.floor((host.operationsLeft() - AFTERWARDS_OPERATIONS) / operations));
}

async function runAll<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
): Promise<readonly TargetEnd[]> {
  if (places.length === 0) return [];
  const operations = Math.floor((host.operationsLeft() - AFTERWARDS_OPERATIONS) / places.length);
  const items = places.map((value) => ({ value, operations }));
  const settled = await host.each('targets', items, (place, own) => runTarget(context, own, place));
  const lost: { readonly place: Place<Seen>; readonly why: Fault }[] = [];
  const ends: TargetEnd[] = [];
  for (const [index, place] of places.entries()) {
    const end = settled[index];
    if (end?.ok === true) ends.push(end.value);
    else if (end !== undefined) lost.push({ place, why: end.fault });
  }
  for (const { place, why } of lost) ends.push(await runLost(context, host, place, why));
  return ends;
}

function inOrder(located: readonly Located<object>[], results: readonly RunResult[]): readonly RunResult[] {
  const position = new Map(located.map(({ target }, index) => [target, index]));
  const of = ({ target = '' }: RunResult): number => position.get(target) ?? 0;
  return results.toSorted((one, other) => of(one) - of(other));
}
