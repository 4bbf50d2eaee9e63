/**
 * Reads for `check-readiness`; it writes nothing. Behind it, in `aws/`: which runbooks were deployed (`plate`), who hears (`people`), what starts
 * them (`starting`), where ends what failed (`dead-letters`).
 */

import { attempted } from '../../shared/aws/attempted.ts';
import { TOPICS } from '../../shared/judgement/readiness.ts';
import { readConfig, stackName } from '../../shared/kernel/config.ts';
import type { Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { TerminalError } from '../../shared/kernel/errors.ts';
import { openLedger } from '../../shared/kernel/ledger/access.ts';
import { readQueue } from './aws/dead-letters.ts';
import { readAlarms, readTopic } from './aws/people.ts';
import { readPlate, type Plated } from './aws/plate.ts';
import { readFunction, readMappings, readRules, readSchedule } from './aws/starting.ts';
import { MATTERS, type Facts, type Matter, type Seen as SeenMatter, type Unread } from './decide.ts';

/** What is asked: a matter's name, or `null` for all; and whether a person asks. */
export type Request = { readonly target: string | null; readonly isAsked: boolean };

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<Facts>;

/** What a target is called: a matter is no resource of AWS's. */
const TARGET_PREFIX = 'readiness/';

/** Queues of what failed that a stack has whatever its runbooks are, behind its prefix. */
const STACK_QUEUES = ['failed-runs', 'undelivered', 'outcomes-undelivered', 'trouble-dead-letters'] as const;

/** What was read of a matter, and what was not. */
interface Look {
  readonly seen: SeenMatter;
  readonly unread: readonly Unread[];
}

/** Reads one thing after another: Lambda answers 15 such questions a second to all callers of an account. */
async function each<T>(
  names: readonly string[],
  io: Io,
  read: (name: string, io: Io) => Promise<T>,
): Promise<{ readonly all: readonly T[]; readonly unread: readonly Unread[] }> {
  const all: T[] = [];
  const unread: Unread[] = [];
  for (const name of names) {
    const { value, unread: why } = await attempted(name, io, () => read(name, io));
    if (value !== null) all.push(value);
    unread.push(...why.map((text) => unreadOf(name, text)));
  }
  return { all, unread };
}

/** `attempted` puts the place in front of its reason. */
function unreadOf(place: string, text: string): Unread {
  return { place, why: text.slice(place.length + 2) };
}

/** The runbooks of the stack; none where nobody knows which they are. */
async function platesOf(
  prefix: string,
  io: Io,
): Promise<{ readonly plates: readonly Plated[]; readonly unread: readonly Unread[] }> {
  const place = `door plate ${prefix}`;
  const { value, unread } = await attempted(place, io, () => readPlate(prefix, io));
  return { plates: value ?? [], unread: unread.map((text) => unreadOf(place, text)) };
}

async function ofTopics(prefix: string, io: Io): Promise<Look> {
  const names = TOPICS.flatMap(({ topics: ofOne }) => ofOne).map((topic) => `${prefix}-${topic}`);
  const { all: topics, unread } = await each(names, io, readTopic);
  return { seen: { matter: 'subscriptions', topics }, unread };
}

async function ofAlarms(prefix: string, io: Io): Promise<Look> {
  const { value: alarms, unread } = await attempted('alarms', io, () => readAlarms(prefix, io));
  return { seen: { matter: 'alarms', alarms }, unread: unread.map((text) => unreadOf('alarms', text)) };
}

async function ofFunctions(prefix: string, io: Io): Promise<Look> {
  const { plates, unread: unplated } = await platesOf(prefix, io);
  const names = plates.map(({ name }) => name);
  const { all: functions, unread } = await each(names, io, readFunction);
  return { seen: { matter: 'functions', functions }, unread: [...unplated, ...unread] };
}

async function ofMappings(prefix: string, io: Io): Promise<Look> {
  const place = 'event source mappings';
  const { value, unread } = await attempted(place, io, () => readMappings(prefix, io));
  return { seen: { matter: 'mappings', mappings: value ?? [] }, unread: unread.map((text) => unreadOf(place, text)) };
}

async function ofSchedules(prefix: string, io: Io): Promise<Look> {
  const { plates, unread: unplated } = await platesOf(prefix, io);
  const names = plates.map(({ name }) => name);
  const { all: schedules, unread } = await each(names, io, readSchedule);
  return { seen: { matter: 'schedules', schedules }, unread: [...unplated, ...unread] };
}

async function ofRules(prefix: string, io: Io): Promise<Look> {
  const { outcomeBus } = readConfig();
  const starting = await each(['default'], io, (bus) => readRules(bus, `${prefix}-`, io));
  const telling = await each(outcomeBus === '' ? [] : [outcomeBus], io, (bus) => readRules(bus, undefined, io));
  const rules = [...starting.all, ...telling.all].flat();
  const outcomes = telling.all.length === 0 ? '' : outcomeBus;
  return { seen: { matter: 'rules', rules, outcomes }, unread: [...starting.unread, ...telling.unread] };
}

async function ofQueues(prefix: string, io: Io): Promise<Look> {
  const { plates, unread: unplated } = await platesOf(prefix, io);
  const own = plates.filter(({ isDurable }) => isDurable).map(({ name }) => `${name}-failed`);
  const names = [...STACK_QUEUES.map((name) => `${prefix}-${name}`), ...own];
  const { all: queues, unread } = await each(names, io, readQueue);
  return { seen: { matter: 'queues', queues }, unread: [...unplated, ...unread] };
}

const LOOKS: { readonly [matter in Matter]: (prefix: string, io: Io) => Promise<Look> } = {
  subscriptions: ofTopics,
  alarms: ofAlarms,
  functions: ofFunctions,
  mappings: ofMappings,
  schedules: ofSchedules,
  rules: ofRules,
  queues: ofQueues,
};

async function look(matter: Matter, { isAsked }: Request, io: Io): Promise<Seen> {
  const prefix = stackName();
  const ledger = openLedger(readConfig());
  const known = await attempted('what was told', io, () => ledger.resource(TARGET_PREFIX + matter));
  const memory = known.value?.memory ?? {};
  return { prefix, run: io.run, isAsked, memory, ...(await LOOKS[matter](prefix, io)) };
}

function matterIn(target: string): Matter | undefined {
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : target;
  return MATTERS.find((matter) => matter === name);
}

/** The matters that are meant. Each is looked at by itself: what cannot be read of one says nothing of another. */
export function locate({ target }: Request): Promise<readonly Located<Seen>[]> {
  const meant = target === null ? undefined : matterIn(target);
  const matters = target === null ? MATTERS : MATTERS.filter((matter) => matter === meant);
  return Promise.resolve(matters.map((matter) => ({ target: TARGET_PREFIX + matter })));
}

/**
 * Reads one of them.
 * @throws TerminalError for a target that is none
 */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const matter = matterIn(target);
  if (matter === undefined)
    throw new TerminalError(`${target} is no matter of a stack; there are ${MATTERS.join(', ')}`);
  return look(matter, request, io);
}

/** No plan is ever made, so there is nothing to be sent. */
export const apply = {};

/** And nothing to be read back. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
