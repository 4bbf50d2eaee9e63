import { describe, expect, it } from 'vitest';
import { spanOf } from '../../../../cli/operate/acting/when.ts';

const NOW = '2026-11-22T08:00:00.000Z';

describe('from when until when', () => {
  it.each([
    [{}, {}],
    [{ until: '2h' }, { until: '2026-11-22T10:00:00.000Z' }],
    [{ until: '30m' }, { until: '2026-11-22T08:30:00.000Z' }],
    [{ until: '366d' }, { until: '2027-11-23T08:00:00.000Z' }],
    [{ until: '2026-11-22T10:00+01:00' }, { until: '2026-11-22T09:00:00.000Z' }],
    [
      { from: '3d', until: '2h' },
      { from: '2026-11-25T08:00:00.000Z', until: '2026-11-25T10:00:00.000Z' },
    ],
    [
      { from: '2026-12-23T18:00:00Z', until: '14d' },
      { from: '2026-12-23T18:00:00.000Z', until: '2027-01-06T18:00:00.000Z' },
    ],
  ])('%j', (typed, span) => {
    expect(spanOf(typed, NOW)).toEqual(span);
  });

  it.each([
    [{ until: 'tomorrow' }, '--until: expected 30m, 2h, 3d or a time such as 2026-11-22T08:00:00Z, found tomorrow'],
    [{ until: '2026-11-22T10:00:00' }, '--until: expected 30m, 2h, 3d or a time such as 2026-11-22T08:00:00Z'],
    [{ until: '2026-13-22T10:00:00Z' }, '--until: expected 30m'],
    [{ until: '2027-02-30T10:00Z' }, '--until: expected 30m, 2h, 3d or a time such as 2026-11-22T08:00:00Z'],
    [{ from: '2026-11-31T00:00:00Z' }, '--from: expected 30m'],
    [{ until: '367d' }, '--until: 367d is more than 366 days ahead; without --until it is off until it is switched on'],
    [{ from: '9999-12-31T23:59:59Z', until: '1d' }, '--from: 9999-12-31T23:59:59Z is more than 366 days ahead'],
    [{ from: '360d', until: '7d' }, '--until: 7d is more than 366 days ahead'],
    [{ until: '0h' }, '--until: 0h is past, it is 2026-11-22T08:00:00.000Z'],
    [{ until: '2026-11-22T07:59:59Z' }, '--until: 2026-11-22T07:59:59Z is past'],
    [{ from: '2026-11-22T07:59:59Z' }, '--from: 2026-11-22T07:59:59Z is past'],
    [{ from: '3h', until: '2026-11-22T10:00:00Z' }, '--until: 2026-11-22T10:00:00Z is not after --from 3h'],
  ])('is refused: %j', (typed, message) => {
    expect(() => spanOf(typed, NOW)).toThrow(message);
  });
});
