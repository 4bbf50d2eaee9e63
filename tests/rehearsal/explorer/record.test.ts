import { describe, expect, it } from 'vitest';
import { parseExplorationRecord, schedulesOfEach } from '../../../rehearsal/explorer/record.ts';

const COMMIT = '5fb0b606222b0d2bcfc9feca0f7657d8249491ca';
const SUM = { drills: 2, schedules: 30, left: 4, folded: 1, stopped: 9, untried: 0, violations: 0, neverSeen: [] };

describe('the record of a whole exploration', () => {
  it('is read with what each drill was tried in', () => {
    expect(
      parseExplorationRecord({
        commit: COMMIT,
        seed: 1,
        exhaustive: { ...SUM, each: { a: 10, b: 20 } },
        'no-leases': SUM,
      }),
    ).toEqual({
      commit: COMMIT,
      modes: [
        { mode: 'exhaustive', drills: 2, schedules: 30, violations: 0, each: { a: 10, b: 20 } },
        { mode: 'no-leases', drills: 2, schedules: 30, violations: 0 },
      ],
    });
  });

  it.each([
    [{ commit: 'HEAD' }, /^commit: must be the hash of a commit$/u],
    [{ commit: COMMIT, exhaustive: { ...SUM, schedules: -1 } }, /^exhaustive\.schedules: /u],
    [null, /./u],
  ])('is refused with the path of what is wrong: %j', (value, message) => {
    expect(() => parseExplorationRecord(value)).toThrow(message);
  });

  it('counts drills in the order of their names', () => {
    const each = schedulesOfEach([
      { name: 'b', found: { schedules: 2 } },
      { name: 'a', found: { schedules: 1 } },
    ]);
    expect(JSON.stringify(each)).toBe('{"a":1,"b":2}');
  });
});
