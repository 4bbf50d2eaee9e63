/**
 * The language of EventBridge Scheduler's recurring schedules: `rate(…)` and `cron(…)`, in UTC. For those who make a schedule or
 * stand in for it, deployment and simulator: no bundle carries it. Sources: EventBridge Scheduler user guide, "Schedule types";
 * EventBridge user guide, "Cron expressions reference". What these do not describe is refused, though AWS may take it.
 */

import { Cron } from 'croner';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const UNIT_MS: { readonly [unit: string]: number } = { minute: MINUTE_MS, hour: 3_600_000, day: DAY_MS };

/** A recurring schedule. Times are epoch milliseconds. */
export interface Schedule {
  /** The first tick after `afterMs`, for a rate the time of a tick; `undefined`: it has none any more. */
  readonly next: (afterMs: number) => number | undefined;
  /** The longest time between two ticks; `Infinity` where there comes a last one. */
  readonly longestGapMs: () => number;
}

/** An expression that is no recurring schedule: one line that says what is wrong with it. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** One of the six fields. */
interface FieldForm {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for the values from `least` on. */
  readonly words?: readonly string[];
  /** What may stand in the field by itself, besides `*`, values, ranges and steps. */
  readonly alone?: RegExp;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTES: FieldForm = { name: 'minutes', least: 0, most: 59 };
const HOURS: FieldForm = { name: 'hours', least: 0, most: 23 };
/** `L`: the last day of the month. `15W`: the weekday nearest to the 15th, in that month. */
const DAY_OF_MONTH: FieldForm = {
  name: 'day-of-month',
  least: 1,
  most: 31,
  alone: /^(?:L|(?:[1-9]|[12]\d|3[01])W)$/u,
};
const MONTH: FieldForm = { name: 'month', least: 1, most: 12, words: MONTHS };
/** `L`: Saturday. `6L`: the last Friday of the month. `3#2`: its second Tuesday. */
const DAY_OF_WEEK: FieldForm = {
  name: 'day-of-week',
  least: 1,
  most: 7,
  words: DAYS,
  alone: /^(?:L|[1-7]L|[1-7]#[1-5])$/u,
};
const YEAR: FieldForm = { name: 'year', least: 1970, most: 2199 };

const FIELDS = [MINUTES, HOURS, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR] as const;

/** `5`, `1-5`, `*`, each perhaps with `/2`. */
const PART = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/u;

/** A calendar has 14 forms, seven weekdays in plain and leap years, and comes by all of them in 28 years. */
const CALENDAR_BEGINS = Date.UTC(2024, 0, 1);
const CALENDAR_MS = Date.UTC(2052, 0, 1) - CALENDAR_BEGINS;
const EVERY_YEAR = '1970-2199';

/**
 * Understands a schedule expression.
 * @throws ScheduleError for one that Scheduler refuses, that happens once (`at(…)`), or that is not documented
 */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/u.exec(expression);
  if (rate !== null) return parseRate(expression, Number(rate[1]), rate[2] ?? '');
  const fields = /^cron\((.*)\)$/u.exec(expression)?.[1]?.trim().split(/\s+/u);
  if (fields === undefined) throw new ScheduleError(`${expression}: neither rate(5 minutes) nor cron(0 8 * * ? *)`);
  return parseCron(expression, fields);
}

/** The ticks after `fromMs`, for a rate the time of a tick, until `toMs`, that included. */
export function* ticksBetween({ next }: Pick<Schedule, 'next'>, fromMs: number, toMs: number): Generator<number> {
  for (let atMs = next(fromMs); atMs !== undefined && atMs <= toMs; atMs = next(atMs)) yield atMs;
}

function parseRate(expression: string, value: number, unit: string): Schedule {
  const periodMs = value * (UNIT_MS[unit] ?? 0);
  if (periodMs === 0) throw new ScheduleError(`${expression}: the value is at least 1`);
  return { next: (afterMs) => afterMs + periodMs, longestGapMs: () => periodMs };
}

function parseCron(expression: string, fields: readonly string[]): Schedule {
  const refuse = (why: string): never => {
    throw new ScheduleError(`${expression}: ${why}`);
  };
  if (fields.length !== FIELDS.length)
    return refuse(`${fields.length} fields, not the six ${FIELDS.map(({ name }) => name).join(', ')}`);
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    return refuse('one of day-of-month and day-of-week must be ?, and the other not');
  const plain = FIELDS.map((form, index) => plainField(form, fields[index] ?? '', refuse));
  const next = nextOf(plain);
  if (next(CALENDAR_BEGINS) === undefined) return refuse('it never comes');
  return { next, longestGapMs: () => longestGapOf(plain) };
}

/** A field in the library's words: numbers for names, ranges for open steps. */
function plainField(form: FieldForm, field: string, refuse: (why: string) => never): string {
  const { name, least, most, words = [], alone } = form;
  if (field === '?' && alone !== undefined) return '*';
  const numbered = field.replaceAll(/[A-Z]{3}/gu, (word) =>
    words.includes(word) ? String(least + words.indexOf(word)) : word,
  );
  if (alone?.test(numbered) === true) return form === DAY_OF_WEEK && numbered === 'L' ? String(most) : numbered;
  const parts = numbered.split(',').map((part) => plainPart(form, part));
  const values = words.length === 0 ? `${least} to ${most}` : `${least} to ${most} or ${words[0]} to ${words.at(-1)}`;
  return parts.every((part) => part !== undefined)
    ? parts.join(',')
    : refuse(`${name}: ${field} is not made of ${values} as this field may be`);
}

/** `undefined`: no value, range or step of this field. */
function plainPart({ least, most }: FieldForm, part: string): string | undefined {
  const [whole, every, from, to, step] = PART.exec(part) ?? [];
  if (whole === undefined) return undefined;
  const first = every === undefined ? Number(from) : least;
  // `5/10` goes on from 5 to the end of the field.
  const isOpen = every !== undefined || step !== undefined;
  const last = Number(to ?? (isOpen ? most : from));
  const width = Number(step ?? 1);
  if (first < least || last > most || first > last || width < 1 || width > most) return undefined;
  return width === 1 ? `${first}-${last}` : `${first}-${last}/${width}`;
}

function nextOf(plain: readonly string[]): Schedule['next'] {
  const cron = new Cron(`0 ${plain.join(' ')}`, {
    mode: '7-part',
    // 1 is Sunday.
    alternativeWeekdays: true,
    timezone: 'UTC',
    paused: true,
  });
  return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime();
}

/** Minutes and hours are the same on each of its days: the gap is within a day, or from the last of one to the first of the next. */
function longestGapOf(plain: readonly string[]): number {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = plain;
  if (year !== EVERY_YEAR) return Number.POSITIVE_INFINITY;
  const [beforeMs, endMs] = [CALENDAR_BEGINS - 1, CALENDAR_BEGINS + CALENDAR_MS];
  const anyDay = { next: nextOf([minutes, hours, '*', '*', '*', '*']) };
  const itsDays = { next: nextOf(['0', '0', dayOfMonth, month, dayOfWeek, '*']) };
  const times = [...ticksBetween(anyDay, beforeMs, beforeMs + DAY_MS)];
  const days = [...ticksBetween(itsDays, beforeMs, endMs)];
  const withinDay = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return Math.max(longestBetween(times), longestBetween(days) - withinDay);
}

function longestBetween(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
