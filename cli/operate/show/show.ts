/** `runbook show RUN`: why a run ended as it did, and how to take it back. */

import { widthOf } from '../../layout.ts';
import { EXIT, planExitCodeOf } from '../../results.ts';
import { paintFor, type CommandIo } from '../../terminal.ts';
import { outcomeOf } from '../outcome-word.ts';
import { inStack, nextLine } from '../command-line.ts';
import type { Place } from '../place.ts';
import { placeAsJson } from '../place-as-json.ts';
import { candidatesOf } from './candidates.ts';
import { changesOf } from './changes.ts';
import { findRuns, isRun } from './found-run.ts';
import { follow } from './follow.ts';
import { documentOf, linesWithoutData, withoutData } from './hidden.ts';
import { hasActed, type ShownRecord } from './record.ts';
import { storyLines } from './show-text.ts';
import { storyOf, type Story } from './story.ts';
import { theRun } from './the-run.ts';

/** Options of the command. */
export interface ShowFlags {
  readonly follow?: true;
  readonly verbose?: true;
  readonly json?: true;
  readonly showData?: true;
  readonly planExitCode?: true;
}

function recordAsJson(record: ShownRecord, isShown: boolean): object {
  const { evidence, plan } = record;
  return {
    ...record,
    candidates: candidatesOf(isShown ? evidence : withoutData(evidence)).candidates,
    hasActed: hasActed(record),
    changes: changesOf(plan, isShown).map(({ before, ...changed }) => ({ ...changed, before: before ?? null })),
  };
}

/** Lines that take a run back may need what is hidden. */
function withoutHiddenLines(story: Story): Story {
  const about = story.records.flatMap(({ plan, undoRequest }) => [
    ...plan.flatMap(({ input, undo }) => [input, ...(undo === undefined ? [] : [undo.input])]),
    ...(undoRequest === undefined ? [] : [undoRequest]),
  ]);
  const without = (line: string | null): string | null =>
    line === null ? null : (linesWithoutData([line], about)[0] ?? null);
  return {
    ...story,
    records: story.records.map((record) => ({ ...record, undo: linesWithoutData(record.undo, about) })),
    undo: story.undo.map((one) => {
      const request = without(one.request);
      const isWhole = request === one.request;
      return { ...one, request, ask: isWhole ? one.ask : null, lines: linesWithoutData(one.lines, about) };
    }),
  };
}

function storyAsJson(place: Place, story: Story, isShown: boolean): object {
  const { found, records, others, standing, undo, unread, details } = story;
  return documentOf(
    {
      place: placeAsJson(place),
      stack: found.stack.prefix,
      runbook: found.runbook,
      run: found.run,
      targets: found.targets,
      records: records.map((record) => recordAsJson(record, isShown)),
      others,
      standing: standing ?? null,
      undo,
      details: details.ok ? details.value : null,
      unread,
    },
    isShown,
  );
}

/** With `--plan-exit-code`: something is still to be done. Otherwise it was shown, whatever it is. */
function codeOf({ records }: Story, isPlanCode: boolean): number {
  const results = records.map(({ outcome, plan }) => ({ outcome: outcomeOf(outcome), plan }));
  return isPlanCode && planExitCodeOf(results) === EXIT.plan ? EXIT.plan : EXIT.ok;
}

/** Shows a run, or follows it to its end. Ends with 2 where none, or more than one, is meant. */
export async function show(io: CommandIo, place: Place, text: string, flags: ShowFlags): Promise<number> {
  const run = await theRun(io, place, text);
  if (run === undefined) return EXIT.bad;
  const functions = await io.functions();
  const summary = functions.find((one) => one.summary.name === run.runbook)?.summary;
  const isFollowing = flags.follow === true;
  const how = { summary, withDetails: flags.verbose === true || isFollowing };
  // What has no target yet may find some: a run is asked for anew each time.
  const read = async (): Promise<Story> =>
    storyOf(place, (await findRuns(place, text)).find((one) => isRun(run.run, one.run)) ?? run, how);
  const isShown = flags.showData === true;
  const known = await (isFollowing ? follow(io, place, read) : read());
  if (known === undefined) {
    io.stderr.write(
      `no longer followed; the run goes on: ${nextLine(inStack(place, run.stack.prefix), 'show', text, '-f')}\n`,
    );
    return EXIT.ok;
  }
  const story = isShown ? known : withoutHiddenLines(known);
  if (flags.json === true) io.stdout.write(`${JSON.stringify(storyAsJson(place, story, isShown), null, 2)}\n`);
  else {
    const page = { place, width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env), isShown };
    // The steps of a run that was followed stand on the terminal already.
    const shown =
      isFollowing && flags.verbose !== true ? { ...story, details: { ok: true as const, value: [] } } : story;
    io.stdout.write(`${storyLines(page, shown, flags.verbose === true).join('\n')}\n`);
  }
  return codeOf(story, flags.planExitCode === true);
}
