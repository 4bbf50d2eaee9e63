import { describe, expect, test } from 'vitest';
import { parseSchedule, ScheduleError, ticksBetween } from '../../../../shared/kernel/triggers/schedule-expression.ts';

/** A Sunday. */
const NOW_MS = Date.parse('2026-11-22T08:00:00Z');
const HOUR_MS = 3_600_000;

/** The next three ticks after `NOW_MS`, to the minute. */
function nextOf(expression: string): readonly string[] {
  const { next } = parseSchedule(expression);
  const times: number[] = [];
  for (let atMs = next(NOW_MS); atMs !== undefined && times.length < 3; atMs = next(atMs)) times.push(atMs);
  return times.map((atMs) => new Date(atMs).toISOString().replace(':00.000Z', ''));
}

function gapHours(expression: string): number {
  return parseSchedule(expression).longestGapMs() / HOUR_MS;
}

describe('a rate', () => {
  test.each([
    ['rate(1 minute)', ['2026-11-22T08:01', '2026-11-22T08:02', '2026-11-22T08:03'], 1 / 60],
    ['rate(5 minutes)', ['2026-11-22T08:05', '2026-11-22T08:10', '2026-11-22T08:15'], 5 / 60],
    ['rate(12 hours)', ['2026-11-22T20:00', '2026-11-23T08:00', '2026-11-23T20:00'], 12],
    ['rate(1 day)', ['2026-11-23T08:00', '2026-11-24T08:00', '2026-11-25T08:00'], 24],
  ])('%s ticks so often from its beginning', (expression, times, hours) => {
    expect(nextOf(expression)).toEqual(times);
    expect(gapHours(expression)).toBe(hours);
  });
});

describe('a cron expression', () => {
  test.each([
    ['each day', 'cron(0 8 * * ? *)', ['2026-11-23T08:00', '2026-11-24T08:00', '2026-11-25T08:00']],
    ['each day of the week', 'cron(0 9 ? * * *)', ['2026-11-22T09:00', '2026-11-23T09:00', '2026-11-24T09:00']],
    ['steps from a value', 'cron(10/20 * * * ? *)', ['2026-11-22T08:10', '2026-11-22T08:30', '2026-11-22T08:50']],
    ['steps from anywhere', 'cron(*/15 * * * ? *)', ['2026-11-22T08:15', '2026-11-22T08:30', '2026-11-22T08:45']],
    ['steps in a range', 'cron(0 1-9/4 * * ? *)', ['2026-11-22T09:00', '2026-11-23T01:00', '2026-11-23T05:00']],
    ['values', 'cron(5,6 10,22 * * ? *)', ['2026-11-22T10:05', '2026-11-22T10:06', '2026-11-22T22:05']],
    ['months by name', 'cron(0 0 1 JAN,JUL ? *)', ['2027-01-01T00:00', '2027-07-01T00:00', '2028-01-01T00:00']],
    ['weekdays by name', 'cron(0 18 ? * MON-FRI *)', ['2026-11-23T18:00', '2026-11-24T18:00', '2026-11-25T18:00']],
    [
      'weekdays by number, 1 a Sunday',
      'cron(0 9 ? * 1,7 *)',
      ['2026-11-22T09:00', '2026-11-28T09:00', '2026-11-29T09:00'],
    ],
    ['the last day of the month', 'cron(0 10 L * ? *)', ['2026-11-30T10:00', '2026-12-31T10:00', '2027-01-31T10:00']],
    [
      'the last of the week, Saturday',
      'cron(0 10 ? * L *)',
      ['2026-11-28T10:00', '2026-12-05T10:00', '2026-12-12T10:00'],
    ],
    [
      'the last Friday, by number',
      'cron(15 10 ? * 6L *)',
      ['2026-11-27T10:15', '2026-12-25T10:15', '2027-01-29T10:15'],
    ],
    [
      'the last Friday, by name',
      'cron(15 10 ? * FRIL *)',
      ['2026-11-27T10:15', '2026-12-25T10:15', '2027-01-29T10:15'],
    ],
    ['the second Tuesday', 'cron(0 10 ? * 3#2 *)', ['2026-12-08T10:00', '2027-01-12T10:00', '2027-02-09T10:00']],
    ['a fifth Wednesday', 'cron(0 10 ? * WED#5 *)', ['2026-12-30T10:00', '2027-03-31T10:00', '2027-06-30T10:00']],
    ['the weekday near the third', 'cron(0 10 3W * ? *)', ['2026-12-03T10:00', '2027-01-04T10:00', '2027-02-03T10:00']],
    ['leap days', 'cron(0 8 29 2 ? *)', ['2028-02-29T08:00', '2032-02-29T08:00', '2036-02-29T08:00']],
    ['years', 'cron(0 8 1 1 ? 2027/2)', ['2027-01-01T08:00', '2029-01-01T08:00', '2031-01-01T08:00']],
    ['years that end', 'cron(0 8 1 1 ? 2026-2028)', ['2027-01-01T08:00', '2028-01-01T08:00']],
  ])('may name %s: %s', (_what, expression, times) => {
    expect(nextOf(expression)).toEqual(times);
  });

  test.each([
    ['cron(0/15 * * * ? *)', 0.25],
    ['cron(0 8 * * ? *)', 24],
    ['cron(0 18 ? * MON-FRI *)', 72],
    ['cron(0/30 8-17 ? * MON-FRI *)', 62.5],
    ['cron(0 0 1/3 * ? *)', 72],
    ['cron(0 10 L * ? *)', 744],
    ['cron(0 8 * * ? 2026-2199)', Number.POSITIVE_INFINITY],
  ])('%s has at most so many hours between two ticks: %d', (expression, hours) => {
    expect(gapHours(expression)).toBe(hours);
  });
});

describe('what is no recurring schedule', () => {
  const DAYS = 'one of day-of-month and day-of-week must be ?, and the other not';
  test.each([
    ['at(2026-11-22T08:00:00)', 'neither rate(5 minutes) nor cron(0 8 * * ? *)'],
    ['rate(30 seconds)', 'neither rate(5 minutes) nor cron(0 8 * * ? *)'],
    ['rate(0 minutes)', 'the value is at least 1'],
    ['cron(0 8 * * ?)', '5 fields, not the six minutes, hours, day-of-month, month, day-of-week, year'],
    ['cron(0 8 * * * *)', DAYS],
    ['cron(0 8 ? * ? *)', DAYS],
    ['cron(0 8 1 * MON *)', DAYS],
    ['cron(60 8 * * ? *)', 'minutes: 60 is not made of 0 to 59 as this field may be'],
    ['cron(0 8-25 * * ? *)', 'hours: 8-25 is not made of 0 to 23 as this field may be'],
    ['cron(? 8 * * ? *)', 'minutes: ? is not made of 0 to 59 as this field may be'],
    ['cron(0/0 8 * * ? *)', 'minutes: 0/0 is not made of 0 to 59 as this field may be'],
    ['cron(0 8 0 * ? *)', 'day-of-month: 0 is not made of 1 to 31 as this field may be'],
    ['cron(0 8 32W * ? *)', 'day-of-month: 32W is not made of 1 to 31 as this field may be'],
    ['cron(0 8 1W,15 * ? *)', 'day-of-month: 1W,15 is not made of 1 to 31 as this field may be'],
    ['cron(0 8 LW * ? *)', 'day-of-month: LW is not made of 1 to 31 as this field may be'],
    ['cron(0 8 1 MAI ? *)', 'month: MAI is not made of 1 to 12 or JAN to DEC as this field may be'],
    ['cron(0 8 ? * 0 *)', 'day-of-week: 0 is not made of 1 to 7 or SUN to SAT as this field may be'],
    ['cron(0 8 ? * FRI-MON *)', 'day-of-week: FRI-MON is not made of 1 to 7 or SUN to SAT as this field may be'],
    ['cron(0 8 ? * 3#1,6#3 *)', 'day-of-week: 3#1,6#3 is not made of 1 to 7 or SUN to SAT as this field may be'],
    ['cron(0 8 ? * 3#6 *)', 'day-of-week: 3#6 is not made of 1 to 7 or SUN to SAT as this field may be'],
    ['cron(0 8 * * ? 1969)', 'year: 1969 is not made of 1970 to 2199 as this field may be'],
    ['cron(0 8 31 FEB ? *)', 'it never comes'],
  ])('%s is refused: %s', (expression, why) => {
    expect(() => parseSchedule(expression)).toThrow(new ScheduleError(`${expression}: ${why}`));
  });
});

describe('ticks between two moments', () => {
  test('are after the first, and until the second', () => {
    const tenMinutes = [...ticksBetween(parseSchedule('cron(0/5 * * * ? *)'), NOW_MS, NOW_MS + 600_000)];
    expect(tenMinutes).toEqual([NOW_MS + 300_000, NOW_MS + 600_000]);
  });

  test('end with the schedule', () => {
    expect([...ticksBetween(parseSchedule('cron(0 9 22 11 ? 2026)'), NOW_MS, Number.POSITIVE_INFINITY)]).toEqual([
      NOW_MS + HOUR_MS,
    ]);
  });
});
