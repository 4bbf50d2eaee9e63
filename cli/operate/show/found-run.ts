/** Finds the run that a person names by the beginning of its id, over all stacks and runbooks of a place. */

import { UsageError } from '../../terminal.ts';
import type { Place, Stack } from '../place.ts';
import { each, readOr, tried } from '../reading.ts';
import { isTarget } from '../runs/found.ts';
import { typedRun } from '../short-ids.ts';

/** A run, recorded or under way. */
export interface FoundRun {
  readonly stack: Stack;
  readonly runbook: string;
  readonly run: string;
  /** ARNs; an empty text for what is recorded of no target. */
  readonly targets: readonly string[];
  /** When the last of it was recorded; empty: nothing is yet. */
  readonly at: string;
}

/** Fewer characters name too many. */
const LEAST_TYPED = 4;

interface Trace extends Omit<FoundRun, 'targets'> {
  readonly target: string;
}

/** What is recorded, and what has a lease: a run that has not ended has no record. */
async function tracesOf(stack: Stack, beginning: string): Promise<readonly Trace[]> {
  const { book, runbooks } = stack;
  const [states, ...pages] = await Promise.all([
    book.resources(),
    ...runbooks.map(({ name }) => book.beginning(name, beginning)),
  ]);
  const recorded = pages.flat().map(({ runbook, run, target, at }): Trace => ({ stack, runbook, run, target, at }));
  const held = states.flatMap(({ owner, runbook, resource }): Trace[] => {
    const run = owner?.split('|')[0] ?? '';
    return run.startsWith(beginning) && run !== '' ? [{ stack, runbook, run, target: resource, at: '' }] : [];
  });
  return [...recorded, ...held];
}

function grouped(traces: readonly Trace[]): readonly FoundRun[] {
  const groups = Map.groupBy(traces, ({ stack, runbook, run }) => JSON.stringify([stack.prefix, runbook, run]));
  return [...groups.values()].flatMap((group): FoundRun[] => {
    const [first] = group;
    if (first === undefined) return [];
    const times = group.map(({ at }) => at).toSorted();
    return [{ ...first, targets: [...new Set(group.map(({ target }) => target))], at: times.at(-1) ?? '' }];
  });
}

/** `RUN`, or `RUN/TARGET`: either may have slashes of its own. */
function readings(text: string): readonly { readonly run: string; readonly target?: string }[] {
  const slashes = [...text.matchAll(/\//gu)].map(({ index }) => index);
  return [{ run: text }, ...slashes.map((at) => ({ run: text.slice(0, at), target: text.slice(at + 1) }))];
}

/** Whether it is this very run: by its id, or by the name of its execution, which is all that is known of a start that Lambda knew. */
export function isRun(named: string, run: string): boolean {
  return run === named || run.startsWith(`${named}/`);
}

function meant(traces: readonly Trace[], text: string): readonly FoundRun[] {
  for (const { run, target } of readings(text)) {
    const { isMeant } = typedRun(run);
    const named = traces.filter(
      (trace) => isMeant(trace.run) && (target === undefined || isTarget(target, trace.target)),
    );
    const exact = named.filter((trace) => isRun(run, trace.run));
    if (named.length > 0) return grouped(exact.length > 0 ? exact : named);
  }
  return [];
}

/**
 * The runs that a person can mean by `RUN[/TARGET]`: one, where the text is long enough.
 * @throws UsageError for a text that is too short to ask for
 */
export async function findRuns(place: Place, text: string): Promise<readonly FoundRun[]> {
  const [first = ''] = text.split('/');
  const { beginning } = typedRun(first);
  if (beginning.length < LEAST_TYPED)
    throw new UsageError(`${text}: give at least ${LEAST_TYPED} characters of the run; \`runbook runs\` lists them`);
  const traces = await Promise.all(place.stacks.map((stack) => tracesOf(stack, beginning)));
  const found = meant(traces.flat(), text);
  return found.length > 0 ? found : begun(place, text);
}

/** Targets of the run in `RUN/TARGET` where the run is known, and the target is none of its. */
export async function targetsInstead(place: Place, text: string): Promise<readonly string[]> {
  const [first = ''] = text.split('/');
  const { beginning } = typedRun(first);
  const traces = (await Promise.all(place.stacks.map((stack) => tracesOf(stack, beginning)))).flat();
  const [run] = readings(text)
    .toReversed()
    .flatMap((reading) => meant(traces, reading.run));
  return (run?.targets ?? []).filter((target) => target !== '');
}

/** A run that has only just begun has left no trace in the ledger: by its whole id its own host may know it. */
async function begun({ stacks }: Place, run: string): Promise<readonly FoundRun[]> {
  const asked = stacks.flatMap((stack) => stack.runbooks.map(({ name }) => ({ stack, runbook: name })));
  const found = await each(asked, async ({ stack, runbook }): Promise<readonly FoundRun[]> => {
    const standing = readOr(await tried(() => stack.standing(runbook, run)), undefined);
    if (standing === undefined) return [];
    // A world takes whatever is not under way for ended: only what has left something was ever begun.
    const isKnown =
      standing.kind === 'running' ||
      standing.error !== undefined ||
      readOr(await tried(() => stack.details(runbook, run)), null) !== null;
    const whole = standing.kind === 'running' ? (standing.run ?? run) : run;
    return isKnown ? [{ stack, runbook, run: whole, targets: [], at: '' }] : [];
  });
  return found.flat();
}
