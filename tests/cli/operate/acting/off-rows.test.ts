import { describe, expect, it } from 'vitest';
import { rowToWrite } from '../../../../cli/operate/acting/off-rows.ts';

const OLD = { scope: 'all', reason: 'change', by: 'mara', at: '2026-11-22T07:00:00.000Z' };
const NEW = { scope: 'all', reason: 'game day', by: 'kim', at: '2026-11-22T08:00:00.000Z' };
const [NINE, TEN, NOON] = ['2026-11-22T09:00:00.000Z', '2026-11-22T10:00:00.000Z', '2026-11-22T12:00:00.000Z'];

describe('off, where something stands already', () => {
  it('is written as it was typed where nothing stands, or what stood is over', () => {
    expect(rowToWrite(NEW, undefined, false)).toEqual(NEW);
    expect(rowToWrite(NEW, { ...OLD, until: '2026-11-22T07:30:00.000Z' }, false)).toEqual(NEW);
    // What is over has no beginning that a freeze would be drawn forward to.
    const over = { ...OLD, from: '2026-11-22T07:10:00.000Z', until: '2026-11-22T07:30:00.000Z' };
    expect(rowToWrite({ ...NEW, from: NINE, until: TEN }, over, false)).toEqual({ ...NEW, from: NINE, until: TEN });
  });

  it.each([
    ['the same again', OLD, NEW],
    ['a shorter one', OLD, { ...NEW, until: TEN }],
    ['a shorter one than a limited one', { ...OLD, until: NOON }, { ...NEW, until: TEN }],
    ['a freeze within', { ...OLD, until: NOON }, { ...NEW, from: NINE, until: TEN }],
  ])('changes nothing: %s', (_what, standing, asked) => {
    expect(rowToWrite(asked, standing, false)).toBe(undefined);
  });

  it.each([
    ['later', { ...OLD, until: NINE }, { ...NEW, until: TEN }, { ...NEW, until: TEN }],
    ['without an end', { ...OLD, until: NINE }, NEW, NEW],
    ['now, before a freeze', { ...OLD, from: TEN, until: NOON }, { ...NEW, until: NINE }, { ...NEW, until: NOON }],
    [
      'an earlier freeze',
      { ...OLD, from: TEN, until: NOON },
      { ...NEW, from: NINE, until: TEN },
      { ...NEW, from: NINE, until: NOON },
    ],
  ])('lasts from the earlier beginning to the later end: %s', (_what, standing, asked, row) => {
    expect(rowToWrite(asked, standing, false)).toEqual(row);
  });

  it('is exactly what was typed where that is asked for', () => {
    expect(rowToWrite({ ...NEW, until: NINE }, OLD, true)).toEqual({ ...NEW, until: NINE });
  });
});
