/** What `status` asks a stack: all side by side, and each answer by itself. */

import { latestOf } from '../../../shared/kernel/ledger/lines.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { ResourceState, RunLine } from '../../../shared/kernel/ledger/ledger.ts';
import { TROUBLE_KEY } from '../../../shared/kernel/run/memory-keys.ts';
import type { ModeRow, Operation, OperatorBook, Stack } from '../place.ts';
import { each, readOr, tried, type Reading } from '../reading.ts';
import type { DatedSwitch } from '../row-standing.ts';
import { DAY_MS, daysBetween } from '../times.ts';

type Heartbeats = Awaited<ReturnType<Stack['heartbeats']>>;
type Alarms = Awaited<ReturnType<Stack['alarms']>>;

/** What a stack has answered. */
export interface StackReadings {
  readonly switches: Reading<readonly DatedSwitch[]>;
  readonly modes: Reading<readonly ModeRow[]>;
  readonly resources: Reading<readonly ResourceState[]>;
  /** Recorded in the last 24 hours, newest first; of each run on each target the last. */
  readonly lines: Reading<readonly RunLine[]>;
  readonly operations: Reading<readonly Operation[]>;
  readonly heartbeats: Reading<Heartbeats>;
  readonly alarms: Reading<Alarms>;
  /** Runs on targets in trouble of which the last 24 hours do not tell, by target. */
  readonly older: ReadonlyMap<string, readonly RunLine[]>;
  /** Records that wait for a person, by their line. */
  readonly waiting: ReadonlyMap<RunLine, JsonObject>;
  /** Records of what was only planned, by their line. */
  readonly planned: ReadonlyMap<RunLine, JsonObject>;
}

/** Of so many targets older runs are asked for: each is a request, and nobody reads more lines. */
const MOST_ASKED = 40;

/** What is recorded in the 24 hours before. */
async function lastDay<T extends { readonly at: string }>(
  now: string,
  ask: (day: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const toMs = Date.parse(now);
  const from = new Date(toMs - DAY_MS).toISOString();
  const days = await Promise.all(daysBetween(toMs - DAY_MS, toMs).map(ask));
  return days.flat().filter(({ at }) => at >= from);
}

/** What the kernel remembers of a resource that is not all right, e.g. `refused:no-candidate`. */
export function troubleOf({ history }: ResourceState): string | undefined {
  const trouble = history.memory[TROUBLE_KEY];
  // A question is told by its record.
  return trouble?.startsWith('awaiting-approval:') ? undefined : trouble;
}

/** Whether a line tells of this trouble. */
export function tellsOf(line: RunLine, { resource, runbook }: ResourceState, trouble: string): boolean {
  const isAbout = line.target === resource && line.runbook === runbook;
  return isAbout && `${line.outcome}:${line.reason}:`.startsWith(`${trouble}:`);
}

async function olderRuns(
  book: OperatorBook,
  states: readonly ResourceState[],
  lines: readonly RunLine[],
): Promise<ReadonlyMap<string, readonly RunLine[]>> {
  const untold = states.filter((state) => {
    const trouble = troubleOf(state);
    return trouble !== undefined && !lines.some((line) => tellsOf(line, state, trouble));
  });
  const asked = await each(untold.slice(0, MOST_ASKED), async ({ resource }): Promise<[string, readonly RunLine[]]> => [
    resource,
    readOr(await tried(() => book.about(resource)), []),
  ]);
  return new Map(asked);
}

async function recordsWith(
  book: OperatorBook,
  lines: readonly RunLine[],
  wanted: string,
): Promise<ReadonlyMap<RunLine, JsonObject>> {
  const those = lines.filter(({ outcome }) => outcome === wanted).slice(0, MOST_ASKED);
  const read = await each(those, async (line): Promise<[RunLine, JsonObject]> => [
    line,
    readOr(await tried(() => book.read(line)), undefined) ?? {},
  ]);
  return new Map(read);
}

/** Asks a stack. Never rejects. */
export async function readStack({ book, heartbeats, alarms }: Stack, now: string): Promise<StackReadings> {
  const [switches, modes, resources, lines, operations, beats, ringing] = await Promise.all([
    tried(book.switches),
    tried(book.modes),
    tried(book.resources),
    tried(async () => latestOf(await lastDay(now, book.on))),
    tried(() => lastDay(now, book.operations)),
    tried(heartbeats),
    tried(alarms),
  ]);
  const known = readOr(lines, []);
  const [older, waiting, planned] = await Promise.all([
    olderRuns(book, readOr(resources, []), known),
    recordsWith(book, known, 'awaiting-approval'),
    recordsWith(book, known, 'planned'),
  ]);
  return { switches, modes, resources, lines, operations, heartbeats: beats, alarms: ringing, older, waiting, planned };
}
