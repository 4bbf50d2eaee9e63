/** `runbook undo RUN`: has the runbook itself take a run back, behind the guards that whatever a person asks for has to pass. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { canonical } from '../../../shared/kernel/json.ts';
import { EXIT, idOf, isJsonObject } from '../../results.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import { complain } from '../complain.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { ManualRequest, Operation, Place } from '../place.ts';
import { each } from '../reading.ts';
import { isRun } from '../show/found-run.ts';
import { documentOf, linesWithoutData } from '../show/hidden.ts';
import { hasActed, type ShownRecord } from '../show/record.ts';
import { MOST_TARGETS, storyOf, type Story } from '../show/story.ts';
import { hasChanged, isLater } from '../show/undo-today.ts';
import { theRun } from '../show/the-run.ts';
import { bareCalls } from '../take-back.ts';
import { DAY_MS, daysBetween, wholeMoment } from '../times.ts';
import { requestBy } from './request.ts';
import { startRequest, type FollowFlags } from './run.ts';

/** How a run is taken back. */
export interface UndoFlags extends FollowFlags {
  readonly dryRun?: true;
  readonly reason?: string;
  /** Also where another run has changed the same since. */
  readonly anyway?: true;
}

/** Nothing is started: in a word, and in a sentence for a person, with lines to paste. */
interface Unstarted {
  readonly code: 'nothing-to-undo' | 'taken-back' | 'under-way' | 'no-request' | 'stale' | 'unread';
  readonly reason: string;
  readonly lines?: readonly string[];
  readonly exit: number;
}

/** What is to be sent. */
interface Inverse {
  readonly record: ShownRecord;
  readonly request: JsonObject;
  readonly hindrances: readonly string[];
}

/** A plain run is over by then, and a durable one has left a record or has its lease. */
const UNANSWERED_MS = 900_000;

const isUnstarted = (one: Inverse | Unstarted): one is Unstarted => 'exit' in one;

/** Requests of the records, each once: several targets may have one and the same, and then what is in the way of any of them is. */
function inversesOf({ records, undo }: Story): readonly Inverse[] {
  const found = records.flatMap((record): readonly Inverse[] => {
    const { undoRequest: request } = record;
    const known = undo.find(({ target }) => target === record.target);
    return request === undefined || known === undefined || known.request === null
      ? []
      : [{ record, request, hindrances: known.hindrances }];
  });
  const alike = Map.groupBy(found, ({ request }) => canonical(request));
  return [...alike.values()].flatMap(([first, ...others]): Inverse[] => {
    if (first === undefined) return [];
    const hindrances = [first, ...others].flatMap((one) => one.hindrances);
    return [{ ...first, hindrances: [...new Set(hindrances)] }];
  });
}

/** One that has no record yet has perhaps changed something already. */
function withoutRecords({ standing, states, found }: Story): Unstarted {
  const isOpen = standing?.kind === 'running' || states.length > 0;
  return isOpen
    ? { code: 'under-way', exit: EXIT.refused, reason: `${found.run} has not ended: what it has done is known then` }
    : { code: 'nothing-to-undo', exit: EXIT.ok, reason: `${found.run} has left no record: it has changed nothing` };
}

/** What takes it back has no request: a person does that call by call. */
function byHand(place: Place, { records, undo, found }: Story): Unstarted {
  const about = records.flatMap(({ plan }) => plan.flatMap((planned) => [planned.input, planned.undo?.input ?? {}]));
  const lines = linesWithoutData(
    undo.flatMap((one) => one.lines),
    about,
  );
  const how = lines.length === 0 ? 'nor are there calls that do' : bareCalls(place);
  const reason = `${found.runbook} has no request that takes this back; ${how}`;
  return { code: 'no-request', exit: EXIT.refused, reason, lines };
}

function isAsked({ undo }: Story, { target, undoRequest }: ShownRecord): boolean {
  return undoRequest !== undefined && undo.some((one) => one.target === target && one.request !== null);
}

/** The one request that is meant. */
function inverseOf(place: Place, story: Story): Inverse | Unstarted {
  const { records, found } = story;
  const home = inStack(place, found.stack.prefix);
  if (found.targets.length > MOST_TARGETS)
    throw new UsageError(`${found.run} has ${found.targets.length} targets: say which, undo RUN/TARGET`);
  if (records.length === 0) return withoutRecords(story);
  if (!records.some(hasActed))
    return { code: 'nothing-to-undo', exit: EXIT.ok, reason: `${found.run} has changed nothing` };
  const [inverse, ...others] = inversesOf(story);
  if (inverse === undefined) return byHand(place, story);
  // What has no request is not taken back by that of another target.
  const byHands = records.filter((record) => hasActed(record) && !isAsked(story, record));
  if (others.length === 0 && byHands.length === 0) return inverse;
  const changed = [...[inverse, ...others].map(({ record }) => record), ...byHands];
  const lines = changed.map(({ target }) => nextLine(home, 'undo', `${found.run}/${idOf(target)}`));
  throw new UsageError(`${found.run} has changed several targets, say which: ${lines.join(', ')}`);
}

/** The latest request that was to take this back, on the days of the run or lately; questions change nothing. */
async function takingBack(
  place: Place,
  { operations, found }: Story,
  { target }: ShownRecord,
): Promise<Operation | undefined> {
  const nowMs = Date.parse(place.now());
  const lately = await each(daysBetween(nowMs - DAY_MS, nowMs), found.stack.book.operations);
  return [...operations, ...lately.flat()]
    .filter(({ more }) => more['undoes'] === found.run && more['undoesOf'] === target && more['dryRun'] !== true)
    .toSorted((one, other) => (one.at < other.at ? -1 : 1))
    .at(-1);
}

/** Whoever asks twice gets one: the second time it would be taken back from where it is now. */
async function doneAlready(place: Place, story: Story, { record }: Inverse): Promise<Unstarted | undefined> {
  const { stack } = story.found;
  const before = await takingBack(place, story, record);
  const by = before?.more['run'];
  if (before === undefined || typeof by !== 'string') return undefined;
  const lines = [nextLine(inStack(place, stack.prefix), 'show', by)];
  const when = `at ${wholeMoment(before.at)} by ${before.by}`;
  const about = await stack.book.about(record.target);
  const ended = about.find(({ run }) => isRun(by, run));
  // What has changed it after that may have brought back what this run did.
  if (ended?.outcome === 'done' && !about.some((line) => isLater(line, ended) && hasChanged(line)))
    return { code: 'taken-back', exit: EXIT.ok, reason: `it was taken back already, asked for ${when}`, lines };
  const ageMs = Date.parse(place.now()) - Date.parse(before.at);
  const isUnderWay =
    ended === undefined ? ageMs < UNANSWERED_MS : ended.outcome === 'awaiting-approval' && ageMs < DAY_MS;
  return isUnderWay
    ? { code: 'under-way', exit: EXIT.refused, reason: `it is being taken back, asked for ${when}`, lines }
    : undefined;
}

/** Guards know how AWS stands, not what this run was to have: what came after it is asked here. */
function outdated({ unread }: Story, { hindrances }: Inverse): Unstarted | undefined {
  const stale = hindrances.find((text) => text.startsWith('stale: '));
  if (stale !== undefined)
    return {
      code: 'stale',
      exit: EXIT.refused,
      reason: `${stale.slice('stale: '.length)}: what stood before this run is not what stands now. With --anyway it is asked for all the same`,
    };
  const blind = unread.find((text) => /^(?:runs on the targets|operations): /u.test(text));
  return blind === undefined
    ? undefined
    : {
        code: 'unread',
        exit: EXIT.failed,
        reason: `whether another run has changed the same since is not known (${blind}). With --anyway it is asked for all the same`,
      };
}

function sayUnstarted(io: CommandIo, place: Place, story: Story, told: Unstarted, json: boolean): number {
  const { code, reason, lines = [], exit } = told;
  const { runbook, run } = story.found;
  if (json) {
    const document = { place: placeAsJson(place), runbook, run, code, reason, lines };
    io.stdout.write(`${JSON.stringify(documentOf(document, false), null, 2)}\n`);
    return exit;
  }
  if (exit === EXIT.ok) io.stdout.write(`${reason}\n`);
  else complain(io, `nothing was sent: ${reason}`);
  for (const line of lines) io.stdout.write(`${line}\n`);
  return exit;
}

function requestIn(place: Place, { request, record }: Inverse, { dryRun, reason }: UndoFlags): ManualRequest {
  const { target, params } = request;
  return requestBy(place.caller, {
    runbook: record.runbook,
    ...(typeof target === 'string' ? { target } : {}),
    params: isJsonObject(params) ? params : {},
    dryRun: dryRun === true,
    reason: reason ?? `takes back run ${record.run}`,
  });
}

/** Takes a run back. */
export async function undoRun(io: CommandIo, place: Place, text: string, flags: UndoFlags): Promise<number> {
  const found = await theRun(io, place, text);
  if (found === undefined) return EXIT.bad;
  const summary = (await io.functions()).find((one) => one.summary.name === found.runbook)?.summary;
  const story = await storyOf(place, found, { summary, withDetails: false });
  const json = flags.json === true;
  const inverse = inverseOf(place, story);
  if (isUnstarted(inverse)) return sayUnstarted(io, place, story, inverse, json);
  const hindered =
    (await doneAlready(place, story, inverse)) ?? (flags.anyway === true ? undefined : outdated(story, inverse));
  if (hindered !== undefined && flags.dryRun !== true) return sayUnstarted(io, place, story, hindered, json);
  if (hindered !== undefined) complain(io, `without --dry-run nothing would be sent: ${hindered.reason}`);
  for (const hindrance of inverse.hindrances) complain(io, hindrance);
  const { run, target } = inverse.record;
  const request = requestIn(place, inverse, flags);
  return startRequest(io, place, { stack: found.stack, request, noted: { undoes: run, undoesOf: target } }, flags);
}
