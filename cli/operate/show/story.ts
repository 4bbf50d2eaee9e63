/** Everything that is known of a run: read once, told to people and programs. */

import type { RunbookSummary } from '../../../shared/kernel/definition.ts';
import type { ResourceState, RunLine } from '../../../shared/kernel/ledger/ledger.ts';
import type { Detail, Operation, Place, Stack, Standing } from '../place.ts';
import { each, readOr, tried, type Reading } from '../reading.ts';
import type { DatedSwitch } from '../row-standing.ts';
import { shortIds } from '../short-ids.ts';
import { DAY_MS, daysBetween } from '../times.ts';
import type { FoundRun } from './found-run.ts';
import { hasActed, recordOf, type ShownRecord } from './record.ts';
import { isLater, undoToday, type UndoToday } from './undo-today.ts';

/** A run with all that belongs to it. */
export interface Story {
  readonly found: FoundRun;
  readonly summary: RunbookSummary | undefined;
  readonly records: readonly ShownRecord[];
  /** Other runs on the same targets, in the same minutes. */
  readonly others: readonly RunLine[];
  /** All runs on its targets that are on record, whenever they were. */
  readonly lines: readonly RunLine[];
  readonly operations: readonly Operation[];
  /** Targets that the run has in hand, or has announced something on. */
  readonly states: readonly ResourceState[];
  readonly standing: Standing | undefined;
  /** `null`: none were kept, or none were asked for. */
  readonly details: Reading<readonly Detail[] | null>;
  readonly undo: readonly UndoToday[];
  readonly switches: readonly DatedSwitch[];
  readonly shorts: ReadonlyMap<string, string>;
  /** Errors that leave open whether the run has ended. */
  readonly undecided: readonly Error[];
  /** What could not be read. */
  readonly unread: readonly string[];
}

/** So many targets of a run are told in full; the others are named. */
export const MOST_TARGETS = 10;

/** Other runs within this time before and after are context. */
const BESIDE_MS = 300_000;

/** No record of AWS's is later, nor older than 1970; beyond, days have no names that a key begins with. */
const LATEST_MS = Date.parse('9999-12-30T00:00:00Z');

function spanOf(records: readonly ShownRecord[]): readonly [fromMs: number, toMs: number] {
  const times = records.flatMap(({ at, phases }) => [at, ...phases.map(({ startedAt }) => startedAt)]).map(Date.parse);
  const known = times.filter((ms) => ms >= 0 && ms <= LATEST_MS);
  return known.length === 0
    ? [Number.NaN, Number.NaN]
    : [Math.min(...known) - BESIDE_MS, Math.max(...known) + BESIDE_MS];
}

async function recordsOf(
  { stack, runbook, run, targets }: FoundRun,
  mostTargets: number,
): Promise<readonly ShownRecord[]> {
  const lines = (await stack.book.beginning(runbook, run)).filter(
    (line) => line.run === run && targets.includes(line.target),
  );
  const records = await each(lines.slice(0, mostTargets), async (line) => {
    const body = await stack.book.read(line);
    return body === undefined ? [] : [recordOf(line, body)];
  });
  return records.flat().toSorted((one, other) => (one.at < other.at ? -1 : 1));
}

/** So many days are asked what operators did on them: each is a query, and a run that goes on for longer is seldom one that was. */
const MOST_DAYS = 31;

/** Days on which operators may have had to do with a run: of too many the first, which tells who started it, and the latest. */
function daysOf(
  fromMs: number,
  toMs: number,
): { readonly days: readonly string[]; readonly unread: readonly string[] } {
  if (Number.isNaN(fromMs)) return { days: [], unread: [] };
  const spanDays = Math.ceil((toMs - fromMs) / DAY_MS);
  if (spanDays < MOST_DAYS) return { days: daysBetween(fromMs, toMs), unread: [] };
  const latest = daysBetween(toMs - (MOST_DAYS - 2) * DAY_MS, toMs);
  const unread = `operations: the times of its record lie ${spanDays} days apart, of which ${MOST_DAYS} are asked for`;
  return { days: [...daysBetween(fromMs, fromMs), ...latest], unread: [unread] };
}

/** So many runs that were refused since are looked into: each is a read. */
const MOST_REFUSED = 50;

/** Runs that came after these on the same targets, and were refused after they had changed something: stopped half-way, say. */
async function brokenOff(
  { book }: Stack,
  records: readonly ShownRecord[],
  lines: readonly RunLine[],
): Promise<ReadonlySet<RunLine>> {
  const refused = lines.filter(
    (line) => line.outcome === 'refused' && records.some((record) => hasActed(record) && isLater(line, record)),
  );
  if (refused.length > MOST_REFUSED)
    throw new Error(`${refused.length} runs were refused since, of which at most ${MOST_REFUSED} are looked into`);
  const broken = await each(refused, async (line) => {
    const body = await book.read(line);
    const { cut, ...record } = recordOf(line, body ?? {});
    // Of a record that is lost nobody knows that nothing was sent.
    return body === undefined || 'record' in cut || hasActed({ cut, ...record }) ? [line] : [];
  });
  return new Set(broken.flat());
}

/** What is asked of the ledger beside the records themselves. */
async function besides({ stack, targets }: FoundRun, records: readonly ShownRecord[], mostTargets: number) {
  const { book } = stack;
  const named = targets.filter((target) => target !== '').slice(0, mostTargets);
  const [fromMs, toMs] = spanOf(records);
  const { days, unread } = daysOf(fromMs, toMs);
  const [switches, modes, resources, lines, operations] = await Promise.all([
    tried(book.switches),
    tried(book.modes),
    tried(book.resources),
    tried(async () => (await each(named, book.about)).flat()),
    tried(async () => (await each(days, book.operations)).flat()),
  ]);
  const broken = await tried(() => brokenOff(stack, records, readOr(lines, [])));
  return { switches, modes, resources, lines, broken, operations, fromMs, toMs, unread };
}

function unreadIn(readings: { readonly [what: string]: Reading<unknown> }): readonly string[] {
  return Object.entries(readings).flatMap(([what, reading]) => (reading.ok ? [] : [`${what}: ${reading.why}`]));
}

/** How much of a run is read. */
export interface StoryOptions {
  readonly summary: RunbookSummary | undefined;
  readonly withDetails: boolean;
  /** Told in full; absent: as many as a terminal has room for. */
  readonly mostTargets?: number;
}

/** Reads all that is known of a run. Rejects where its records cannot be read. */
export async function storyOf(
  place: Place,
  found: FoundRun,
  { summary, withDetails, mostTargets = MOST_TARGETS }: StoryOptions,
): Promise<Story> {
  const { stack, runbook, run } = found;
  const records = await recordsOf(found, mostTargets);
  const [beside, standing, details] = await Promise.all([
    besides(found, records, mostTargets),
    tried(() => stack.standing(runbook, run)),
    withDetails ? tried(() => stack.details(runbook, run)) : { ok: true as const, value: null },
  ]);
  const { switches, modes, resources, lines, broken, operations, fromMs, toMs } = beside;
  const about = readOr(lines, []);
  const shorts = shortIds([run, ...about.map((line) => line.run)]);
  const states = readOr(resources, []);
  const ledgers = {
    switches: readOr(switches, []),
    modes: readOr(modes, []),
    resources: states,
    lines: about,
    broken: readOr(broken, new Set<RunLine>()),
    limits: summary?.limits,
    shorts,
  };
  return {
    found,
    summary,
    records,
    others: about.filter((line) => line.run !== run && Date.parse(line.at) >= fromMs && Date.parse(line.at) <= toMs),
    lines: about,
    operations: readOr(operations, []),
    states: states.filter(({ owner = '' }) => owner.split('|')[0] === run),
    standing: readOr(standing, undefined),
    details,
    switches: ledgers.switches,
    undo: records.flatMap((record) => undoToday(place, stack, record, ledgers, records.length > 1) ?? []),
    shorts,
    undecided: [standing, resources].flatMap((reading) => (reading.ok ? [] : [reading.error])),
    unread: [
      ...unreadIn({ switches, modes, resources, 'runs on the targets': lines, operations, standing, details }),
      ...unreadIn({ 'runs on the targets': broken }),
      ...beside.unread,
    ],
  };
}
