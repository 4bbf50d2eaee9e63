/** What people are told of many letters before any is moved: counts, in so many bytes and no more. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { printable } from '../../../shared/kernel/printable.ts';
import type { SeenLetter } from './seen-letter.ts';

/** A letter that was looked at. No body and no value of an attribute is told of it but its error class. */
export interface Looked extends Pick<SeenLetter, 'source' | 'errorClass' | 'sentAt' | 'attempts'> {
  /** What would become of it, in a word; `null`: nobody has judged it. */
  readonly fate: string | null;
  /** The same for letters of the same content. */
  readonly print: string;
}

/** What the counts are held against. */
export interface Against {
  /** ISO 8601. */
  readonly now: string;
  /** `MessageRetentionPeriod` of the queue that they stand in. */
  readonly retentionSeconds: number;
}

/** So many kinds are named, the others counted. */
const MOST_NAMED = 10;
/** Characters of a name: a message instead of a class may be as long as it likes, and hold what is nobody's business. */
const MOST_CHARACTERS = 100;

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/** Counts letters by where they come from, why they failed, their age, and what would become of them; and says when the first is lost by its age. */
export function histogramOf(letters: readonly Looked[], { now, retentionSeconds }: Against): JsonObject {
  const nowMs = Date.parse(now);
  const sent = letters.flatMap(({ sentAt }) => (sentAt === null ? [] : [Date.parse(sentAt)]));
  const deadlines = sent.map((ms) => ms + retentionSeconds * 1_000);
  const earliestMs = deadlines.reduce((least, ms) => Math.min(least, ms), Infinity);
  return {
    letters: letters.length,
    bySource: counted(letters.map(({ source }) => source)),
    byErrorClass: counted(letters.map(({ errorClass }) => errorClass)),
    byAge: agesOf(
      sent.map((ms) => nowMs - ms),
      letters.length,
    ),
    byAttempts: counted(letters.map(({ attempts }) => String(attempts))),
    byFate: counted(letters.map(({ fate }) => fate)),
    ...duplicatesIn(letters),
    ...(Number.isFinite(earliestMs) ? { earliestDeadline: new Date(earliestMs).toISOString() } : {}),
    expireWithinADay: deadlines.filter((ms) => ms <= nowMs + DAY_MS).length,
  };
}

/** `{ named: { orders: 7, refunds: 2 }, others: 3, without: 1 }`: those that are most first. */
function counted(names: readonly (string | null)[]): JsonObject {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== null) counts.set(told(name), (counts.get(told(name)) ?? 0) + 1);
  const ranked = [...counts].toSorted(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
  const others = sumOf(ranked.slice(MOST_NAMED).map(([, count]) => count));
  const without = names.filter((name) => name === null).length;
  return {
    named: Object.fromEntries(ranked.slice(0, MOST_NAMED)),
    ...(others === 0 ? {} : { others }),
    ...(without === 0 ? {} : { without }),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The name on one line, printable, and cut between two characters. */
function told(name: string): string {
  let line = '';
  for (const character of name.slice(0, 4 * MOST_CHARACTERS).replaceAll(/\s+/gu, ' ')) {
    const next = line + printable(character);
    if (next.length > MOST_CHARACTERS) break;
    line = next;
  }
  return line;
}

function agesOf(ages: readonly number[], count: number): JsonObject {
  const younger = (ms: number): number => ages.filter((age) => age < ms).length;
  const unknown = count - ages.length;
  return {
    underAMinute: younger(MINUTE_MS),
    underAnHour: younger(HOUR_MS) - younger(MINUTE_MS),
    underADay: younger(DAY_MS) - younger(HOUR_MS),
    older: ages.length - younger(DAY_MS),
    ...(unknown === 0 ? {} : { unknown }),
  };
}

/** Letters that say what another one says: `contents` stand there more than once, by `copies` more than once each. */
function duplicatesIn(letters: readonly Looked[]): JsonObject {
  const counts = [...Map.groupBy(letters, ({ print }) => print).values()].map((same) => same.length);
  const several = counts.filter((count) => count > 1);
  if (several.length === 0) return {};
  return { duplicates: { contents: several.length, copies: sumOf(several) - several.length } };
}
