/**
 * Which letters went back before: kept in the data ledger, so that one that fails for ever does not go back for ever.
 *
 * Partition `redriven`, key `QUEUE/ROUND/…`: the prints of letters that went in that round, written before they are sent, many at once;
 * `forgiven`, the queues whose consumer was broken in that round, so that it counts against none of their letters; or the prints of
 * letters that are `spared`, for they came back behind one of their group.
 */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import { openData, type DataItem } from '../../../shared/kernel/ledger/data.ts';
import type { Progress } from '../decide.ts';
import { homeOf, type Received } from './letters.ts';

const PARTITION = 'redriven';

/** A letter may wait for 14 days, and again for 14 days where it comes back. Source: API_SetQueueAttributes, `MessageRetentionPeriod`. */
const KEPT_MS = 28 * 24 * 3_600_000;

/** The clocks of SQS and of Lambda are apart by so much at most. Assumed. */
const CLOCKS_APART_MS = 2_000;

/** Characters of a print, which are six bytes: of a million letters two are taken for one with a chance of 1 in 560. */
const [PRINT_CHARS, PRINT_BYTES] = [8, 6];

/** Letters in one item: a fifth of what it may hold. */
const MOST_PRINTS = 5_000;

interface Round {
  readonly atMs: number;
  /** In order, so that each is found by halves. */
  readonly prints: Float64Array;
  /** Letters that went in it, and are not charged with it. */
  readonly spared: Float64Array;
  /** Queues whose letters are not charged with it. */
  readonly forgiven: ReadonlySet<string>;
}

export interface Attempts {
  /** Times that the letter went before and failed, as far as its consumer was to be blamed on it. */
  readonly of: (letter: Received) => number;
  /** When it went last in this run, as milliseconds of the round; `undefined`: it did not. */
  readonly lastRoundMs: (letter: Received, sinceMs: number) => number | undefined;
  /** Keeps that these go now. Throws what the ledger throws: then they must not go. */
  readonly note: (letters: readonly Received[]) => Promise<void>;
  /** The round counts against none of these letters. Throws what the ledger throws. */
  readonly spare: (letters: readonly Received[]) => Promise<void>;
  /** The round counts against no letter of these queues. Throws what the ledger throws. */
  readonly forgive: (queueArns: readonly string[]) => Promise<void>;
}

function numberOf(print: string): number {
  return Buffer.from(print, 'base64url').readUIntBE(0, PRINT_BYTES);
}

function printsIn({ value }: DataItem, member: 'prints' | 'spared'): number[] {
  const prints = typeof value[member] === 'string' ? value[member] : '';
  const count = Math.floor(prints.length / PRINT_CHARS);
  return Array.from({ length: count }, (_none, index) =>
    numberOf(prints.slice(index * PRINT_CHARS, (index + 1) * PRINT_CHARS)),
  );
}

function forgivenIn({ value }: DataItem): readonly string[] {
  const queues = isBag(value) && Array.isArray(value['forgiven']) ? value['forgiven'] : [];
  return queues.filter((one) => typeof one === 'string');
}

/** When the round of an item began. */
function roundOf({ key }: DataItem): string {
  return key.split('/')[1] ?? '';
}

function sorted(items: readonly DataItem[], member: 'prints' | 'spared'): Float64Array {
  return Float64Array.from(items.flatMap((item) => printsIn(item, member))).toSorted();
}

function roundsIn(items: readonly DataItem[], nowMs: number): readonly Round[] {
  return [...Map.groupBy(items, roundOf)].flatMap(([at, of]): readonly Round[] => {
    const atMs = Date.parse(at);
    if (!(atMs >= nowMs - KEPT_MS)) return [];
    const [prints, spared] = [sorted(of, 'prints'), sorted(of, 'spared')];
    return [{ atMs, prints, spared, forgiven: new Set(of.flatMap(forgivenIn)) }];
  });
}

function holds(prints: Float64Array, wanted: number): boolean {
  let [low, high] = [0, prints.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((prints[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return prints[low] === wanted;
}

/**
 * What the ledger has of a queue's letters. Throws what the ledger throws.
 * @throws TerminalError for an item that cannot be read: taken for an empty one, letters would go more often than they may
 */
async function itemsOf(queueName: string): Promise<readonly DataItem[]> {
  const items = await openData().list(PARTITION, `${queueName}/`);
  const broken = items.find(({ fault }) => fault !== undefined);
  if (broken !== undefined)
    throw new TerminalError(`data ledger, ${PARTITION}/${broken.key}: ${broken.fault}: mend or delete the item`);
  return items;
}

/** A round that begins, or goes on. */
export interface Beginning {
  readonly queueName: string;
  readonly round: number;
  readonly before: Progress;
}

/**
 * When the round began, ISO 8601: now, or when a piece of this run began it that broke off. What that one sent is then known as this
 * round's: it comes back, and is judged, like all others. Throws what the ledger throws.
 */
export async function roundAtOf({ queueName, round, before }: Beginning, io: Io): Promise<string> {
  if (before.roundAt !== null && round <= before.round) return before.roundAt;
  const items = await itemsOf(queueName);
  const own = items.filter(({ value }) => value['run'] === io.run).map(roundOf);
  return own.filter((at) => at > (before.roundAt ?? '')).toSorted()[0] ?? io.now();
}

/** Of which queue's letters, and when the round that goes on began, ISO 8601. */
export interface Place {
  readonly queueName: string;
  readonly roundAt: string;
}

/** Reads what is known of a queue's letters. Throws what the ledger throws. */
export async function openAttempts({ queueName, roundAt }: Place, io: Io): Promise<Attempts> {
  const nowMs = Date.parse(io.now());
  const rounds = roundsIn(await itemsOf(queueName), nowMs);
  const own = { atMs: Date.parse(roundAt), prints: new Set<number>() };
  const wentIn = ({ print, sentMs }: Received): readonly Omit<Round, 'prints'>[] => {
    const wanted = numberOf(print);
    const isLater = ({ atMs }: Pick<Round, 'atMs'>): boolean => sentMs >= atMs - CLOCKS_APART_MS;
    const known = rounds.filter((round) => isLater(round) && holds(round.prints, wanted));
    const isOwn = isLater(own) && own.prints.has(wanted) && !known.some(({ atMs }) => atMs === own.atMs);
    return isOwn ? [...known, { atMs: own.atMs, spared: new Float64Array(), forgiven: new Set<string>() }] : known;
  };
  const write = (value: JsonObject): Promise<void> => writeNew({ queueName, roundAt }, value, io);
  const noted = together((prints) => write({ prints }));
  return {
    of: (letter) => {
      const print = numberOf(letter.print);
      const isCharged = ({ spared, forgiven }: Omit<Round, 'prints'>): boolean =>
        !forgiven.has(homeOf(letter)) && !holds(spared, print);
      return wentIn(letter).filter(isCharged).length;
    },
    lastRoundMs: (letter, sinceMs) =>
      wentIn(letter)
        .map(({ atMs }) => atMs)
        .filter((atMs) => atMs >= sinceMs)
        .toSorted((one, other) => one - other)
        .at(-1),
    note: async (letters) => {
      await noted(letters.map(({ print }) => print));
      for (const { print } of letters) own.prints.add(numberOf(print));
    },
    spare: (letters) => write({ spared: letters.map(({ print }) => print).join('') }),
    forgive: (forgiven) => write({ forgiven }),
  };
}

/** Times that another key is tried where one is there: a piece that broke off has written it. */
const MOST_TRIES = 20;

async function writeNew({ queueName, roundAt }: Place, value: JsonObject, io: Io): Promise<void> {
  const now = io.now();
  const expiresAt = new Date(Date.parse(now) + KEPT_MS).toISOString();
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const key = `${queueName}/${roundAt}/${now}-${tries}`;
    const write = { partition: PARTITION, key, ifVersion: 0, value: { run: io.run, ...value }, expiresAt };
    if (await openData().write(write)) return;
  }
  throw new Error(`${queueName}: ${MOST_TRIES} items of the same millisecond stand in the ledger`);
}

/**
 * Writes what many hands ask for at about the same time together: while one write is under way what comes waits, and goes with the next.
 * Each hand is told when its own is written.
 */
function together(write: (prints: string) => Promise<void>): (prints: readonly string[]) => Promise<void> {
  let waiting: string[] = [];
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const writeAll = async (): Promise<void> => {
    // Whoever asked for the write under way hears of its failure; those that wait are not concerned.
    await underWay.catch(() => undefined);
    const prints = waiting;
    [waiting, next] = [[], undefined];
    for (let from = 0; from < prints.length; from += MOST_PRINTS)
      await write(prints.slice(from, from + MOST_PRINTS).join(''));
  };
  return (prints) => {
    waiting.push(...prints);
    next ??= underWay = writeAll();
    return next;
  };
}
