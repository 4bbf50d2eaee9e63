/** How the account is asked: only what the table has, all pages, throttles waited for, refusals noted, and never without end. */

import { setTimeout as sleep } from 'node:timers/promises';
import { classify } from '../../shared/kernel/errors.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { actionsOf, callOf, type Call } from './calls.ts';
import { plain } from './plain.ts';
import { send } from './sdk.ts';

/** A record in AWS's shape, as JSON. */
export type Row = Record<string, unknown>;

/**
 * The most records of a snapshot. A world is held in memory and written as one document; a record has about 1.5 KB, so that this many
 * are 300 MB, and V8 makes no string of more than 512 MB (`buffer.constants.MAX_STRING_LENGTH`).
 */
const MOST_RECORDS = 200_000;

/** The most pages of one question: with the smallest pages that AWS gives (10 to 100 records) more than `MOST_RECORDS`. */
const MOST_PAGES = 20_000;

/**
 * A throttled request is sent again after 1, 2, 4, 8, 15, 15 … seconds, two minutes in all. EC2 fills a bucket of reads at 20 a second and
 * holds 100. Source: EC2 API, "Request throttling", "Uncategorized actions".
 */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000];

/** What is asked at the same time. EC2's bucket alone lasts for it; whoever else draws on it has the rest. */
const AT_ONCE = 8;

/** The longest answer: `DescribeSnapshots` of a full page takes some seconds. */
const ANSWER_MS = 30_000;

/** What was not read, and why. */
export interface Unread {
  readonly call: string;
  readonly region: string;
  /** IAM's actions that are missing; empty: access is not what failed. */
  readonly missing: readonly string[];
  readonly message: string;
}

/** A limit was hit: nothing is written. */
class TooMuchError extends Error {
  override readonly name = 'TooMuchError';
}

/** What asking needs of its surroundings; tests bring their own. */
export interface AskingOptions {
  /** Says something on standard error: a wait. */
  readonly say: (text: string) => void;
  /** Hears of each answer, how many there were. */
  readonly heard?: (count: number) => void;
  /** Waits; absent: as long as it says. */
  readonly wait?: (ms: number) => Promise<unknown>;
  readonly mostRecords?: number;
}

/** Asks an account. What it may not read it notes, and goes on. */
export interface Asker {
  /** One answer; `undefined`: it was refused, or there is no such thing. */
  readonly one: (region: string, call: string, input?: object) => Promise<Row | undefined>;
  /** The records of all pages; `undefined`: they may not be read. `member`: where they stand in an answer, a path of names. */
  readonly all: (region: string, call: string, input: object, member: string) => Promise<readonly Row[] | undefined>;
  /** Asks about each, a few at the same time, in their order. */
  readonly each: <T, R>(items: readonly T[], ask: (item: T) => Promise<R>) => Promise<R[]>;
  readonly unread: () => readonly Unread[];
  /** How many requests have been answered. */
  readonly answered: () => number;
}

/** What says that the caller may not: by name or by status. */
const DENIED = /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|^Forbidden/u;

/** There is no such thing (any more), or the account does not have the feature. It is no refusal. */
const ABSENT = /NotFound|NoSuch|DoesNotExist|NonExistent|NonexistentItem/u;

function isThrottle(name: string): boolean {
  return /Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughput/u.test(name);
}

function at(output: Row, path: string): unknown {
  return path.split('.').reduce<unknown>((place, name) => (isRecord(place) ? place[name] : undefined), output);
}

/** The token of the next page: under the name that asks for it, or with `Next` before it; CloudFront has it one level deeper. */
function nextOf(output: Row, token: string): string | undefined {
  const places = [output, ...Object.values(output).filter(isRecord)];
  for (const place of places)
    for (const name of [`Next${token}`, token]) {
      const found = place[name];
      // What asks for this page comes back as `Marker`, and `NextMarker` only says what is next.
      const isOwn = name === 'Marker' && 'IsTruncated' in place;
      if (typeof found === 'string' && found !== '' && !isOwn) return found;
    }
  return undefined;
}

class Account implements Asker {
  readonly #options: AskingOptions;
  readonly #unread = new Map<string, Unread>();
  #records = 0;
  #answered = 0;
  #busy = 0;
  readonly #queue: (() => void)[] = [];
  /** Where a call has to keep its distance: when the last one that was sent may be followed. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  unread = (): readonly Unread[] => [...this.#unread.values()];

  answered = (): number => this.#answered;

  async #slot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= AT_ONCE) await new Promise<void>((resolve) => void this.#queue.push(resolve));
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#queue.shift()?.();
    }
  }

  /** Waits for the turn of a call that may not leave too often. */
  async #turn(region: string, { call, everyMs }: Call): Promise<void> {
    if (everyMs === undefined) return;
    const key = `${region} ${call}`;
    const before = this.#turns.get(key);
    const { wait = sleep } = this.#options;
    this.#turns.set(
      key,
      (before ?? Promise.resolve()).then(() => wait(everyMs)),
    );
    await before;
  }

  async #patiently(region: string, row: Call, input: object): Promise<Row> {
    const { call } = row;
    const { say, wait = sleep } = this.#options;
    for (const [index, ms] of [...WAITS_MS, 0].entries()) {
      try {
        await this.#turn(region, row);
        const output = await this.#slot(() => send(call, input, { region, purpose: 'snapshot', timeoutMs: ANSWER_MS }));
        this.#answered += 1;
        this.#options.heard?.(this.#answered);
        return plain(output);
      } catch (error) {
        const { class: verdict, name } = classify(error);
        const isPassing = isThrottle(name) || (verdict === 'retryable' && index < 2);
        if (!isPassing || index >= WAITS_MS.length) throw error;
        if (isThrottle(name)) say(`${call} is throttled (${name}): sent again in ${ms / 1_000} s`);
        await wait(ms);
      }
    }
    throw new Error(`${call}: not answered`);
  }

  #note(region: string, call: Call, error: unknown): void {
    const { name, message } = classify(error);
    const isDenied = DENIED.test(name);
    const unread = {
      call: call.call,
      region,
      missing: isDenied ? actionsOf(call) : [],
      message: message === '' || message === name ? name : `${name}: ${message}`,
    };
    this.#unread.set(`${region} ${call.call}`, unread);
  }

  /** @throws Error for what the table does not have: a defect, found before anything is sent */
  #row(name: string): Call {
    const row = callOf(name);
    if (row === undefined) throw new Error(`${name} is not in the table of calls: it is not sent`);
    return row;
  }

  one = async (region: string, name: string, input: object = {}): Promise<Row | undefined> => {
    const call = this.#row(name);
    try {
      return await this.#patiently(region, call, input);
    } catch (error) {
      if (!ABSENT.test(classify(error).name)) this.#note(region, call, error);
      return undefined;
    }
  };

  all = async (region: string, name: string, input: object, member: string): Promise<readonly Row[] | undefined> => {
    const call = this.#row(name);
    const rows: Row[] = [];
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const more = token === undefined || call.token === undefined ? {} : { [call.token]: token };
      let output: Row;
      try {
        output = await this.#patiently(region, call, { ...input, ...more });
      } catch (error) {
        if (ABSENT.test(classify(error).name)) return rows;
        this.#note(region, call, error);
        return undefined;
      }
      const found = at(output, member);
      if (Array.isArray(found)) rows.push(...found.map((one: unknown) => (isRecord(one) ? one : { Value: one })));
      this.#count(Array.isArray(found) ? found.length : 0);
      const next = call.token === undefined ? undefined : nextOf(output, call.token);
      if (next === undefined || next === token) return rows;
      token = next;
    }
    throw new TooMuchError(`${name} has more than ${MOST_PAGES} pages: nothing was written; --region takes one Region`);
  };

  #count(more: number): void {
    const most = this.#options.mostRecords ?? MOST_RECORDS;
    this.#records += more;
    if (this.#records > most)
      throw new TooMuchError(`more than ${most} records are in this account: nothing was written`);
  }

  each = <T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> => Promise.all(items.map(ask));
}

/** Makes an asker. Nothing has been sent yet. */
export function askerOf(options: AskingOptions): Asker {
  return new Account(options);
}
