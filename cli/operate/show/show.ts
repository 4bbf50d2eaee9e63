/** `runbook show RUN`: why a run ended as it did, and how to take it back. */

import { widthOf } from '../../layout.ts';
import { demandFree, writePage, type Destination } from '../../report/write.ts';
import { EXIT, planExitCodeOf } from '../../results.ts';
import { paintFor, UsageError, type CommandIo } from '../../terminal.ts';
import { outcomeOf } from '../outcome-word.ts';
import { inStack, nextLine } from '../command-line.ts';
import type { Place } from '../place.ts';
import { placeAsJson } from '../place-as-json.ts';
import { candidatesOf } from './candidates.ts';
import { changesOf } from './changes.ts';
import { findRuns, isRun } from './found-run.ts';
import { follow } from './follow.ts';
import { documentOf, withoutData } from './hidden.ts';
import { withoutHiddenLines } from './hidden-lines.ts';
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
  /** A file to write the run to as a page; `-`: standard output. */
  readonly html?: string;
  readonly force?: true;
}

/** A page has room for more than a terminal. */
const MOST_TARGETS_OF_A_PAGE = 60;

function recordAsJson(record: ShownRecord, isShown: boolean): object {
  const { evidence, plan } = record;
  return {
    ...record,
    candidates: candidatesOf(isShown ? evidence : withoutData(evidence)).candidates,
    hasActed: hasActed(record),
    changes: changesOf(plan, isShown).map(({ before, ...changed }) => ({ ...changed, before: before ?? null })),
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

/** Where a page is to go; `undefined`: none is asked for. */
function pageIn({ html, force, json }: ShowFlags): Destination | undefined {
  if (html === undefined) {
    if (force === true) throw new UsageError('--force goes with --html');
    return undefined;
  }
  if (html === '-' && json === true) throw new UsageError('--json and --html - both write to standard output');
  const destination = { file: html, force: force === true };
  demandFree(destination);
  return destination;
}

/** Shows a run, or follows it to its end. Ends with 2 where none, or more than one, is meant. */
export async function show(io: CommandIo, place: Place, text: string, flags: ShowFlags): Promise<number> {
  const destination = pageIn(flags);
  const run = await theRun(io, place, text);
  if (run === undefined) return EXIT.bad;
  const functions = await io.functions();
  const summary = functions.find((one) => one.summary.name === run.runbook)?.summary;
  const isFollowing = flags.follow === true;
  const isPage = destination !== undefined;
  const how = {
    summary,
    withDetails: flags.verbose === true || isFollowing || isPage,
    ...(isPage ? { mostTargets: MOST_TARGETS_OF_A_PAGE } : {}),
  };
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
  if (destination !== undefined) {
    const { storyPage } = await import('../../report/story-page.ts');
    writePage(io, destination, storyPage(story, { place, isShown, drills: io.drills }));
  }
  if (flags.json === true) io.stdout.write(`${JSON.stringify(storyAsJson(place, story, isShown), null, 2)}\n`);
  else if (destination === undefined) {
    const page = { place, width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env), isShown };
    // The steps of a run that was followed stand on the terminal already.
    const shown =
      isFollowing && flags.verbose !== true ? { ...story, details: { ok: true as const, value: [] } } : story;
    io.stdout.write(`${storyLines(page, shown, flags.verbose === true).join('\n')}\n`);
  }
  return codeOf(story, flags.planExitCode === true);
}
