import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowToWrite } from '../../../cli/operate/acting/off-rows.ts';
import { endlessText, switchStanding } from '../../../cli/operate/row-standing.ts';
import { holds } from '../../../shared/kernel/ledger/rules.ts';

const ROW = { scope: 'all', reason: 'change', by: 'kim', at: '2026-11-22T08:00:00.000Z' };

/** Times near one another, so that equal and reversed ones come up; and what is none. */
const minutes = fc.integer({ min: 0, max: 8 });
const time = minutes.map((minute) => `2026-11-22T08:0${minute}:00.000Z`);
const spelt = minutes.chain((minute) =>
  fc.constantFrom(
    `2026-11-22T08:0${minute}:00Z`,
    `2026-11-22T08:0${minute}`,
    `2026-11-22T08:0${minute}:00.000`,
    `2026-11-22T10:0${minute}:00+02:00`,
  ),
);
const unread = fc.constantFrom('', 'tomorrow', '2026-02-30T08:00:00Z', '24/12/2026', '2026-11-22T25:00Z');
const span = fc.record(
  {
    from: fc.oneof({ weight: 6, arbitrary: spelt }, { weight: 1, arbitrary: unread }),
    until: fc.oneof({ weight: 6, arbitrary: spelt }, { weight: 1, arbitrary: unread }),
  },
  { requiredKeys: [] },
);
/** What a person asks for: checked, and in the ledger's spelling. */
const asked = fc
  .tuple(minutes, fc.option(minutes), fc.option(minutes))
  .filter(([at, from, until]) => (from ?? at) >= at && (until === null || until > (from ?? at)))
  .map(([at, from, until]) => {
    const timeOf = (minute: number): string => `2026-11-22T08:0${minute}:00.000Z`;
    return {
      ...ROW,
      at: timeOf(at),
      ...(from === null ? {} : { from: timeOf(from) }),
      ...(until === null ? {} : { until: timeOf(until) }),
    };
  });

describe('a switch', () => {
  it('is on for the command exactly where it holds for the functions', () => {
    fc.assert(
      fc.property(span, time, (times, now) => {
        const row = { ...ROW, ...times };
        expect(switchStanding(row, now) === 'stopping').toBe(holds(row, now));
      }),
    );
  });

  it.each([
    ['over', '2026-11-22T08:00:00Z', '2026-11-22T08:04:00Z'],
    ['stopping', '2026-11-22T08:05:00Z', '2026-11-22T08:05:01Z'],
    ['ahead', '2026-11-22T08:06:00Z', '2026-11-22T08:07:00Z'],
    ['over at its end', '2026-11-22T08:00:00Z', '2026-11-22T08:05:00Z'],
    ['stopping: without a zone in UTC', '2026-11-22T08:05:00', '2026-11-22T08:06:00'],
    ['stopping: reversed', '2026-11-22T07:00:00Z', '2026-11-22T06:00:00Z'],
    ['stopping: equal', '2026-11-22T08:06:00Z', '2026-11-22T08:06:00Z'],
  ])('is %s', (standing, from, until) => {
    const row = { ...ROW, from, until };
    expect(switchStanding(row, '2026-11-22T08:05:00.000Z')).toBe(/^\w+/u.exec(standing)?.[0]);
    expect(endlessText(row) !== '').toBe(/reversed|equal/u.test(standing));
  });

  it('stops, once it is turned off again, all that it would have and all that is asked for', () => {
    fc.assert(
      fc.property(span, asked, time, (times, wanted, now) => {
        fc.pre(now >= wanted.at);
        const standing = { ...ROW, ...times };
        const stops = holds(standing, now) || holds(wanted, now);
        const row = rowToWrite(wanted, standing, false) ?? standing;
        expect(!stops || holds(row, now)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
