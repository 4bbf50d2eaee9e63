/** `runbook show RUN`: why a run ended as it did, and how to take it back. */

import { labelled, widthOf, withoutFeeds } from '../../layout.ts';
import { demandFree, writePage, type Destination } from '../../report/write.ts';
import { EXIT, idOf, isJsonObject, planExitCodeOf } from '../../results.ts';
import { paintFor, UsageError, type CommandIo } from '../../terminal.ts';
import { outcomeOf } from '../outcome-word.ts';
import { inStack, nextLine } from '../command-line.ts';
import type { Place } from '../place.ts';
import { placeAsJson } from '../place-as-json.ts';
import { shortIds } from '../short-ids.ts';
import { momentText } from '../times.ts';
import { candidatesOf } from './candidates.ts';
import { changesOf } from './changes.ts';
import { findRuns, isRun, targetsInstead, type FoundRun } from './found-run.ts';
import { follow } from './follow.ts';
import { withoutData } from './hidden.ts';
import { withoutHiddenLines } from './hidden-lines.ts';
import { hasActed, type ShownRecord } from './record.ts';
import { storyLines } from './show-text.ts';
import { storyOf, type Story } from './story.ts';

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

/** Candidates are named as far as a person reads them. */
const MOST_NAMED = 10;

/** A page has room for more than a terminal. */
const MOST_TARGETS_OF_A_PAGE = 60;

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

function recordAsJson(record: ShownRecord, isShown: boolean): object {
  const { evidence, plan } = record;
  return {
    ...record,
    candidates: candidatesOf(isShown ? evidence : withoutData(evidence)).candidates,
    hasActed: hasActed(record),
    changes: changesOf(plan, isShown).map(({ before, ...changed }) => ({ ...changed, before: before ?? null })),
  };
}

/** What is hidden is so in every member, whoever has put it there. */
function documentOf(content: object, isShown: boolean): object {
  const document: unknown = JSON.parse(JSON.stringify(content));
  return isShown || !isJsonObject(document) ? content : withoutData(document);
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

async function whyNone(place: Place, text: string): Promise<string> {
  const targets = await targetsInstead(place, text);
  if (targets.length === 0) return 'no run begins so; `runbook runs` lists those of the last day, `--since 7d` more';
  const more = targets.length > MOST_NAMED ? `, and ${targets.length - MOST_NAMED} more` : '';
  return `the run has no such target; it has ${targets.slice(0, MOST_NAMED).map(idOf).join(', ')}${more}`;
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
  const found = await findRuns(place, text);
  const [run, ...others] = found;
  if (run === undefined) throw new UsageError(`${text}: ${await whyNone(place, text)}`);
  if (others.length > 0) {
    tellSeveral(io, place, text, found);
    return EXIT.bad;
  }
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
