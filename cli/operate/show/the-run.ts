/** The one run that a person means; where it is none or several, what to type instead. */

import { labelled, widthOf, withoutFeeds } from '../../layout.ts';
import { idOf } from '../../results.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import type { Place } from '../place.ts';
import { shortIds } from '../short-ids.ts';
import { momentText } from '../times.ts';
import { findRuns, targetsInstead, type FoundRun } from './found-run.ts';

/** Candidates are named as far as a person reads them. */
const MOST_NAMED = 10;

/** Several runs begin so: they are listed on standard error, for nothing is shown. */
function tellSeveral(io: CommandIo, place: Place, text: string, runs: readonly FoundRun[]): void {
  const shorts = shortIds(runs.map(({ run }) => run));
  const latest = runs.toSorted((one, other) => (one.at < other.at ? 1 : -1));
  const width = widthOf(io.stderr);
  for (const { run, runbook, targets, at } of latest.slice(0, MOST_NAMED).toReversed()) {
    const named = targets.filter((target) => target !== '').map(idOf);
    const when = at === '' ? 'under way' : momentText(at, place.now());
    const whose = [runbook, named.slice(0, 3).join(', ')].join(' ').trim();
    io.stderr.write(`${labelled(['  ', shorts.get(run) ?? run, '  ', when, '  '], whose, width)}\n`);
  }
  const more = runs.length > MOST_NAMED ? `, the latest ${MOST_NAMED} of them above` : '';
  const typed = withoutFeeds(text);
  io.stderr.write(`runbook: ${typed}: ${runs.length} runs begin so${more}; give more of one\n`);
}

async function whyNone(place: Place, text: string): Promise<string> {
  const targets = await targetsInstead(place, text);
  if (targets.length === 0) return 'no run begins so; `runbook runs` lists those of the last day, `--since 7d` more';
  const more = targets.length > MOST_NAMED ? `, and ${targets.length - MOST_NAMED} more` : '';
  return `the run has no such target; it has ${targets.slice(0, MOST_NAMED).map(idOf).join(', ')}${more}`;
}

/**
 * Finds the run that `RUN[/TARGET]` means. `undefined`: several begin so, which are listed on standard error.
 * @throws UsageError where none does, or the text is too short
 */
export async function theRun(io: CommandIo, place: Place, text: string): Promise<FoundRun | undefined> {
  const found = await findRuns(place, text);
  const [run, ...others] = found;
  if (run === undefined) throw new UsageError(`${text}: ${await whyNone(place, text)}`);
  if (others.length === 0) return run;
  tellSeveral(io, place, text, found);
  return undefined;
}
