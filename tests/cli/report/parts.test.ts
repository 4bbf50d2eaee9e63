import { describe, expect, it } from 'vitest';
import { countText, cutList, cutText, smaller, WHOLE_ROOM } from '../../../cli/report/cut.ts';
import { scaleOf } from '../../../cli/report/scale.ts';
import { isTime, spentText } from '../../../cli/report/times.ts';
import { verdictOf } from '../../../cli/report/verdict.ts';
import { ADDRESS } from '../operate/fake-place.ts';

const CALL = { call: 'ec2:AssociateAddress', input: '', because: '' };
const RUN = {
  runbook: 'reassign-elastic-ip',
  target: ADDRESS,
  at: '2026-11-22T08:02:07.297Z',
  outcome: 'done',
  code: 'failed-over',
  sentence: 'it is bad',
  hasActed: true,
  plan: [CALL],
};
const CALM = { isUnderWay: false };

describe('a verdict', () => {
  it.each([
    [{}, 'It is over', 'Changed by 1 call on eipalloc-04c8e2a6f1b3d9570', 'You need not act'],
    [
      { outcome: 'nothing', hasActed: false, plan: [] },
      'There was nothing to do',
      'Nothing was changed',
      'You need not act',
    ],
    [
      { outcome: 'planned', hasActed: false },
      'Only planned: nothing was done',
      'Nothing was changed; 1 call on eipalloc-04c8e2a6f1b3d9570 would be sent',
      'You decide: start it without --dry-run, or let mode be apply, and it acts',
    ],
    [
      { outcome: 'failed' },
      'It failed',
      'Changed by at most 1 call on eipalloc-04c8e2a6f1b3d9570',
      'You must act: failed-over: it is bad',
    ],
    [
      { outcome: 'refused', hasActed: false, plan: [] },
      'The runbook refused to act',
      'Nothing was changed',
      'You must act: failed-over: it is bad',
    ],
    [
      { outcome: 'refused' },
      'It was broken off: the runbook refused to go on',
      'Changed by at most 1 call on eipalloc-04c8e2a6f1b3d9570',
      'You must act: failed-over: it is bad',
    ],
    [
      { outcome: 'waiting' },
      'It is not over: the next run goes on',
      'Changed by at most 1 call on eipalloc-04c8e2a6f1b3d9570',
      'You need not act yet',
    ],
    [
      { outcome: 'a-word-of-tomorrow', hasActed: false, plan: [] },
      'The runbook refused to act',
      'Nothing was changed',
      'You must act: failed-over: it is bad',
    ],
  ])('of %j', (changes, over, changed, act) => {
    expect(verdictOf([{ ...RUN, ...changes }], CALM)).toMatchObject({ over, changed, act });
  });

  it('goes by the last run on each target, and by the gravest of them', () => {
    const other = { ...RUN, target: `${ADDRESS}2` };
    expect(verdictOf([{ ...RUN, outcome: 'failed' }, RUN], CALM)).toMatchObject({ isOver: true, mustAct: false });
    expect(verdictOf([RUN, { ...other, outcome: 'failed' }], CALM)).toMatchObject({
      isOver: false,
      over: 'It failed (1 of 2 targets)',
      act: 'You must act: eipalloc-04c8e2a6f1b3d95702: failed-over: it is bad',
    });
    const two = [
      { ...RUN, outcome: 'refused' },
      { ...other, outcome: 'failed' },
    ];
    expect(verdictOf(two, CALM).act).toContain('(2 targets need you; this one first)');
  });

  it('of no record is that somebody must look', () => {
    expect(verdictOf([], { isUnderWay: false, error: 'TIMED_OUT' })).toMatchObject({
      isOver: false,
      mustAct: true,
      over: 'It has ended: TIMED_OUT',
      act: 'You must look: no record says what became of it',
    });
    expect(verdictOf([], { isUnderWay: true })).toMatchObject({ isOver: false, mustAct: false });
  });

  it('says of nothing that it is over where not all is known', () => {
    expect(verdictOf([RUN], { isUnderWay: false, untold: 3 })).toMatchObject({
      isOver: false,
      over: 'Not all of it is known',
      act: 'You must look: 3 more targets are not told here',
    });
    expect(verdictOf([RUN], { isUnderWay: false, isUnknown: true })).toMatchObject({
      isOver: false,
      act: 'You must look: whether the run has ended cannot be read',
    });
    const other = { ...RUN, target: `${ADDRESS}2`, outcome: 'nothing' };
    expect(verdictOf([RUN, other], CALM).over).toBe('It is over');
  });

  it('is not over while it is being taken back', () => {
    const taken = { ...RUN, takenBack: { text: 'begun', isDone: false } };
    expect(verdictOf([taken], CALM)).toMatchObject({ isOver: false, act: 'You need not act yet' });
  });
});

describe('an axis', () => {
  it('keeps the order, and gives a long wait less room than its length', () => {
    const scale = scaleOf([0, 100, 200, 600_200]);
    expect([0, 100, 200, 600_200].map((ms) => Math.round(scale.percent(ms)))).toEqual([0, 4, 9, 100]);
    expect(scale.ticks.map(({ ms }) => ms)).toEqual([0, 600_200]);
  });

  it('is there for one time, and for none', () => {
    expect(scaleOf([5]).percent(5)).toBe(0);
    expect(scaleOf([]).ticks).toEqual([]);
    expect(scaleOf([Number.NaN]).ticks).toEqual([]);
  });
});

describe('what is cut', () => {
  it('says how much, and is no half of a character', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('abcdef', 3)).toBe('abc… (3 characters left out)');
    expect(cutText('ab😀f', 3)).toBe('ab… (3 characters left out)');
  });

  it('is the middle of a list', () => {
    expect(cutList([1, 2, 3, 4, 5], 3)).toEqual({ first: [1, 2], left: 2, last: [5] });
    expect(cutList([1, 2], 1)).toEqual({ first: [1], left: 1, last: [] });
    expect(cutList([1], 1)).toEqual({ first: [1], left: 0, last: [] });
  });

  it('leaves something of everything', () => {
    expect(smaller(WHOLE_ROOM, 1_000_000)).toEqual({
      characters: 80,
      runs: 1,
      calls: 1,
      moments: 4,
      lanes: 1,
      bars: 8,
      entries: 4,
    });
    expect(countText(1_234_567)).toBe('1,234,567');
  });
});

describe('times', () => {
  it.each([
    [0, '0 ms'],
    [999.6, '1.0 s'],
    [2_340, '2.3 s'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [Number.NaN, ''],
    [-1, ''],
  ])('%d ms is %j', (ms, text) => {
    expect(spentText(ms)).toBe(text);
  });

  it('are those of a calendar, in UTC', () => {
    expect(['2026-11-22T08:02:07.297Z', '2026-11-22T08:02:07Z'].map(isTime)).toEqual([true, true]);
    expect(['2026-13-22T08:02:07Z', '2026-11-22T08:02:07+01:00', '', 'now'].map(isTime)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
