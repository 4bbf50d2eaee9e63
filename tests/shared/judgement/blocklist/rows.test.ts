/** What stands in the ledger about blocking, read strictly, whoever wrote it. */

import { describe, expect, it } from 'vitest';
import {
  allowRowsOf,
  blockRowOf,
  blockRowsOf,
  blockValue,
  isAllowed,
  lastEnd,
  rangesRowsOf,
  sharedRowsOf,
  standing,
} from '../../../../shared/judgement/blocklist/rows.ts';
import type { JsonObject } from '../../../../shared/kernel/decision.ts';
import type { DataItem } from '../../../../shared/kernel/ledger/data.ts';

const REASON = {
  incident: 'INC-1',
  why: 'x',
  by: 'mara',
  from: '2026-11-22T08:00:00.000Z',
  until: '2026-11-22T09:00:00.000Z',
  delivery: 'd',
  run: 'r',
  strikes: 0,
};

function item(key: string, value: JsonObject, partition = 'block'): DataItem {
  return { partition, key, version: 3, value };
}

describe('a row of block', () => {
  it('is what was written', () => {
    expect(blockRowOf(item('198.51.100.9/32', blockValue([REASON])))).toEqual({
      cidr: '198.51.100.9/32',
      version: 3,
      reasons: [REASON],
    });
  });

  it('may be an operator’s, in another spelling and with no more than an end', () => {
    expect(blockRowOf(item('198.51.100.9', { reasons: [{ until: '2026-11-22T10:00:00+01:00' }] }))).toEqual({
      cidr: '198.51.100.9/32',
      key: '198.51.100.9',
      version: 3,
      reasons: [
        {
          incident: '',
          why: '',
          by: '',
          from: '',
          until: '2026-11-22T09:00:00.000Z',
          delivery: '',
          run: '',
          strikes: 0,
        },
      ],
    });
  });

  it.each([
    ['198.51.100.9/32', {}, 'ledger block/198.51.100.9/32: reasons: expected a list'],
    ['198.51.100.9/32', { reasons: ['x'] }, 'ledger block/198.51.100.9/32: reasons: expected objects'],
    ['198.51.100.9/32', { reasons: [{ until: 1 }] }, 'ledger block/198.51.100.9/32: until: expected text'],
    [
      '198.51.100.9/32',
      { reasons: [{}] },
      'ledger block/198.51.100.9/32: until: expected a time such as 2026-11-22T08:00:00Z',
    ],
    ['example.com', { reasons: [] }, /^ledger block\/example\.com: example\.com: /u],
  ])('%s %j is refused with its name', (key, value, message) => {
    expect(() => blockRowOf(item(key, value))).toThrow(message);
  });

  it('that cannot be read takes no other with it', () => {
    const { rows, unreadable } = blockRowsOf([
      item('x', { reasons: [] }),
      item('198.51.100.9/32', blockValue([REASON])),
    ]);
    expect(rows.map(({ cidr }) => cidr)).toEqual(['198.51.100.9/32']);
    expect(unreadable).toHaveLength(1);
  });

  it('stands for the reasons that have not ended, until the last does', () => {
    const ended = { ...REASON, until: '2026-11-22T08:30:00.000Z' };
    expect(standing({ reasons: [REASON, ended] }, '2026-11-22T08:30:00.000Z')).toEqual([REASON]);
    expect(lastEnd([ended, REASON])).toBe(REASON.until);
    expect(lastEnd([])).toBe('');
  });
});

describe('a row of allow', () => {
  it('holds until its end, or until it is taken back', () => {
    const [forever] = allowRowsOf([item('198.51.100.0/24', {}, 'allow')]).rows;
    expect(forever).toEqual({ cidr: '198.51.100.0/24', version: 3, why: '', by: '', run: '', until: null });
    expect(forever && isAllowed(forever, REASON.until)).toBe(true);
    const [hour] = allowRowsOf([item('198.51.100.0/24', { until: REASON.until }, 'allow')]).rows;
    expect(hour && [isAllowed(hour, REASON.from), isAllowed(hour, REASON.until)]).toEqual([true, false]);
  });

  it('keeps the key that an operator has given it, to be written under', () => {
    expect(allowRowsOf([item('198.51.100.9', {}, 'allow')]).rows[0]).toMatchObject({
      cidr: '198.51.100.9/32',
      key: '198.51.100.9',
    });
  });

  it.each([{ until: 'soon' }, { why: 1 }])('%j is refused', (value) => {
    const { rows, unreadable } = allowRowsOf([item('198.51.100.0/24', value, 'allow')]);
    expect(rows).toEqual([]);
    expect(unreadable).toEqual([expect.stringContaining('ledger allow/198.51.100.0/24: ')]);
  });
});

describe('a row of never-block', () => {
  it('is ranges in their one spelling', () => {
    expect(rangesRowsOf([item('office', { ranges: ['203.0.113.5', '10.1.2.3/8'] }, 'never-block')]).rows[0]).toEqual({
      source: 'office',
      version: 3,
      ranges: ['203.0.113.5/32', '10.0.0.0/8'],
    });
  });

  it.each([{}, { ranges: [1] }, { ranges: ['x'] }])(
    '%j is refused: who guesses might block whom nobody may',
    (value) => {
      const { rows, unreadable } = rangesRowsOf([item('office', value, 'never-block')]);
      expect(rows).toEqual([]);
      expect(unreadable).toEqual([expect.stringContaining('ledger never-block/office: ')]);
    },
  );
});

describe('a row of shared-egress', () => {
  it('holds until it is taken back, or until it says', () => {
    const { rows } = sharedRowsOf([
      item('carriers', { ranges: ['198.51.100.9/24'] }, 'shared-egress'),
      item('203.0.113.7', { until: '2026-11-22T09:00:00Z', run: 'run-1' }, 'shared-egress'),
    ]);
    expect(rows).toEqual([
      { source: 'carriers', version: 3, ranges: ['198.51.100.0/24'], until: null, run: '' },
      {
        source: '203.0.113.7',
        version: 3,
        ranges: ['203.0.113.7/32'],
        until: '2026-11-22T09:00:00.000Z',
        run: 'run-1',
      },
    ]);
    expect(rows.map((row) => isAllowed(row, '2026-11-22T08:59:59.999Z'))).toEqual([true, true]);
    expect(rows.map((row) => isAllowed(row, '2026-11-22T09:00:00.000Z'))).toEqual([true, false]);
  });

  it.each([{ until: 'soon' }, { until: '2026-11-22T09:00:00Z', run: 7 }, { ranges: 'all' }])(
    '%j is refused',
    (value) => {
      const { rows, unreadable } = sharedRowsOf([item('203.0.113.7', value, 'shared-egress')]);
      expect(rows).toEqual([]);
      expect(unreadable).toEqual([expect.stringContaining('ledger shared-egress/203.0.113.7: ')]);
    },
  );
});

describe('an item that the ledger cannot read', () => {
  it('is no empty one: it is refused with its name and fault', () => {
    const lost = { ...item('198.51.100.0/24', {}, 'allow'), fault: 'the value is no JSON object' };
    expect(allowRowsOf([lost]).unreadable).toEqual(['ledger allow/198.51.100.0/24: the value is no JSON object']);
    expect(blockRowsOf([lost]).unreadable).toEqual(['ledger allow/198.51.100.0/24: the value is no JSON object']);
  });
});
