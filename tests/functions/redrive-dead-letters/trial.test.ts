/** Whether a consumer works, judged by what comes back of the first letters that go to it. */

import { describe, expect, it } from 'vitest';
import { NO_PROGRESS, type Place, type Progress, type Queue } from '../../../functions/redrive-dead-letters/decide.ts';
import {
  aboutBack,
  cycleSecondsOf,
  goneMeanwhile,
  heldIn,
  isMostBack,
  isSearched,
  isSuspicious,
  judgedInSeconds,
  unjudged,
  trustsOf,
  verdictOn,
  type Trial,
} from '../../../functions/redrive-dead-letters/decide/trial.ts';
import { arnOf, held, LIMITS, NOW, prints, queue, source } from './queue-facts.ts';

function place(trust: Place['trust'], sent: number, seen = 0): Place {
  return { trust, sent, back: seen };
}

interface Given {
  readonly orders?: Place;
  readonly refunds?: Place;
  readonly progress?: Partial<Progress>;
  readonly queue?: Queue;
  readonly sources?: readonly Queue[];
  readonly now?: string;
}

function placesOf({ orders, refunds }: Given): Progress['places'] {
  return {
    ...(orders === undefined ? {} : { [arnOf('orders')]: orders }),
    ...(refunds === undefined ? {} : { [arnOf('refunds')]: refunds }),
  };
}

function trial(given: Given): Trial {
  return {
    queue: given.queue ?? held(0),
    sources: given.sources ?? [source('orders'), source('refunds')],
    progress: { ...NO_PROGRESS, lastSentAt: NOW, places: placesOf(given), ...given.progress },
    limits: LIMITS,
    now: given.now ?? NOW,
  };
}

/** So many are in the queue, which held none when the trial began. */
function back(count: number): Pick<Given, 'queue' | 'progress'> {
  return { queue: held(count), progress: { trial: { held: 0, deleted: 0 } } };
}

const SEARCHED = { searchedAt: '2026-11-22T08:00:00.001Z' };

function after(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
}

describe('a consumer of a FIFO queue', () => {
  it('is not known by fewer than five letters, whatever SQS counts: one at a time goes of each group', () => {
    const verdict = (sent: number, isFifo: boolean): string =>
      verdictOn(arnOf('orders'), trial({ orders: place('on-trial', sent), queue: { ...held(0), isFifo } }));
    expect([verdict(4, true), verdict(5, true), verdict(4, false)]).toEqual(['untried', 'works', 'works']);
  });
});

describe('the time that a consumer has', () => {
  it('is that for which it may keep a letter, as often as it is handed over', () => {
    const seconds = (more: Partial<Queue>): number => cycleSecondsOf(queue('orders', more));
    expect(seconds({ visibilityTimeoutSeconds: 30, maxReceiveCount: 3 })).toBe(90);
    expect(seconds({ visibilityTimeoutSeconds: 30, maxReceiveCount: null })).toBe(30);
    expect(seconds({ visibilityTimeoutSeconds: 1_800, maxReceiveCount: 3 })).toBe(5_400);
  });

  it('runs from the last letter that went, and a minute longer: so late SQS counts', () => {
    const sources = [source('orders', { messages: { visible: 0, inFlight: 1, delayed: 0 } })];
    const seconds = (now: string): number => judgedInSeconds(trial({ orders: place('on-trial', 10), sources, now }));
    expect([0, 10, 149.5, 150, 200].map((passed) => seconds(after(passed)))).toEqual([150, 140, 1, 0, 0]);
  });

  it('is over when the queues are empty again, for a minute', () => {
    const seconds = (now: string): number => judgedInSeconds(trial({ orders: place('on-trial', 10), now }));
    expect([0, 59, 60].map((passed) => seconds(after(passed)))).toEqual([150, 91, 0]);
  });

  it('is that of the slowest whose letters are out, and not of one that is known to fail, or got none', () => {
    const slow = source('refunds', { visibilityTimeoutSeconds: 100 });
    const sources = [source('orders'), slow];
    const seconds = (refunds: Place): number =>
      judgedInSeconds(trial({ orders: place('on-trial', 10), refunds, sources }));
    expect(seconds(place('on-trial', 10))).toBe(360);
    expect(seconds(place('works', 1))).toBe(360);
    expect(seconds(place('fails', 10))).toBe(150);
    expect(seconds(place('on-trial', 0))).toBe(150);
  });

  it('is not over while one queue of two has letters', () => {
    const sources = [source('orders'), source('refunds', { messages: { visible: 0, inFlight: 0, delayed: 1 } })];
    const given = { orders: place('on-trial', 10), refunds: place('on-trial', 10), sources, now: after(60) };
    expect(judgedInSeconds(trial(given))).toBe(90);
  });

  it('is none where nothing went', () => {
    expect(judgedInSeconds(trial({}))).toBe(0);
    expect(judgedInSeconds(trial({ orders: place('on-trial', 10), progress: { lastSentAt: null } }))).toBe(0);
  });
});

describe('what has come back', () => {
  it('is about what the queue holds beyond what was there and has not gone', () => {
    const messages = { visible: 20, inFlight: 7, delayed: 3 };
    const about = (of: Progress['trial']): number =>
      aboutBack(trial({ queue: queue('orders-dlq', { messages }), progress: { trial: of } }));
    expect(heldIn(queue('orders-dlq', { messages }))).toBe(30);
    expect(about({ held: 35, deleted: 10 })).toBe(5);
    expect(about({ held: 50, deleted: 10 })).toBe(0);
    expect(about(null)).toBe(0);
  });

  it('is known when the queue was looked at after the last one went', () => {
    const progress = (lastSentAt: string | null, searchedAt: string | null): Progress => ({
      ...NO_PROGRESS,
      lastSentAt,
      searchedAt,
    });
    expect(isSearched(progress(NOW, after(1)))).toBe(true);
    expect(isSearched(progress(NOW, NOW))).toBe(false);
    expect(isSearched(progress(after(1), NOW))).toBe(false);
    expect(isSearched(progress(NOW, null))).toBe(false);
    expect(isSearched(progress(null, NOW))).toBe(false);
  });

  it('is most of it from the half on, where five went at least', () => {
    const isMost = (sent: number, count: number): boolean =>
      isMostBack(trial({ orders: place('works', sent), ...back(count) }));
    expect([isMost(10, 4), isMost(10, 5), isMost(4, 4), isMost(5, 5), isMost(5, 2), isMost(5, 3)]).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    const both = { orders: place('works', 6), refunds: place('works', 4) };
    expect([4, 5].map((count) => isMostBack(trial({ ...both, ...back(count) })))).toEqual([false, true]);
  });

  it('is suspicious where it may be most of what went to one that is on trial', () => {
    const one = { orders: place('on-trial', 10), refunds: place('on-trial', 6) };
    expect([2, 3].map((count) => isSuspicious(trial({ ...one, ...back(count) })))).toEqual([false, true]);
    for (const trust of ['works', 'fails', 'suspect'] as const)
      expect(isSuspicious(trial({ orders: place(trust, 10), ...back(10) }))).toBe(false);
  });
});

describe('a verdict', () => {
  const verdict = (given: Given): string => verdictOn(arnOf('orders'), trial(given));

  it('is spoken only on who is on trial', () => {
    for (const trust of ['works', 'fails', 'suspect'] as const)
      expect(verdict({ orders: place(trust, 10, 10), progress: SEARCHED })).toBe(trust);
    expect(verdict({ progress: SEARCHED })).toBe('untried');
  });

  it('is for it where nobody had to look', () => {
    expect(verdict({ orders: place('on-trial', 10, 10) })).toBe('works');
  });

  it('goes by the letters that were found', () => {
    const found = (sent: number, count: number): string =>
      verdict({ orders: place('on-trial', sent, count), progress: { ...SEARCHED, isDrained: true } });
    expect([found(10, 5), found(10, 4), found(4, 4), found(5, 3)]).toEqual(['fails', 'works', 'works', 'fails']);
  });

  it('goes by the number where there are more than can be looked at', () => {
    const given = (areSeen: boolean, count: number, refunds?: Place): Given => ({
      orders: place('on-trial', 10),
      ...(refunds === undefined ? {} : { refunds }),
      queue: held(count),
      progress: {
        ...SEARCHED,
        trial: { held: 0, deleted: 0 },
        isDrained: true,
        stays: { new: prints(areSeen ? count : count - 1) },
      },
    });
    expect(verdict(given(false, 10))).toBe('fails');
    expect(verdict(given(true, 10))).toBe('works');
    expect(verdict(given(false, 4))).toBe('works');
    expect(verdict(given(false, 10, place('works', 10)))).toBe('fails');
    expect(verdict(given(false, 10, place('on-trial', 10)))).toBe('suspect');
  });
});

describe('a verdict on functions whose letters do not say whose they are', () => {
  const perhaps = (seen: number, perhapsBack: number): Place => ({ ...place('on-trial', 10, seen), perhapsBack });
  const verdicts = (orders: Place, refunds?: Place): readonly string[] => {
    const given = trial({ orders, ...(refunds === undefined ? {} : { refunds }), progress: SEARCHED });
    return [arnOf('orders'), ...(refunds === undefined ? [] : [arnOf('refunds')])].map((arn) => verdictOn(arn, given));
  };

  it('is that it may be either, where enough may be its own', () => {
    expect(verdicts(perhaps(0, 5), perhaps(0, 5))).toEqual(['suspect', 'suspect']);
    expect(verdicts(perhaps(0, 4), perhaps(1, 4))).toEqual(['works', 'suspect']);
    expect(verdicts(perhaps(5, 5), perhaps(0, 5))).toEqual(['fails', 'suspect']);
  });

  it('is sure of one that is tried alone, so that the search comes to an end', () => {
    expect(verdicts(perhaps(0, 5))).toEqual(['fails']);
    expect(verdicts(perhaps(0, 5), place('suspect', 10))).toEqual(['fails', 'suspect']);
    expect(verdicts(perhaps(0, 4), place('suspect', 10))).toEqual(['works', 'suspect']);
  });
});

describe('what is known as a piece begins', () => {
  it('lets the first of those that are suspect be tried, alone', () => {
    const suspects = trial({ orders: place('suspect', 10), refunds: place('suspect', 10) });
    expect([...trustsOf(suspects)]).toEqual([
      [arnOf('orders'), 'untried'],
      [arnOf('refunds'), 'suspect'],
    ]);
    const none = trial({ orders: place('fails', 10), refunds: place('on-trial', 10) });
    expect([...trustsOf(none)]).toEqual([
      [arnOf('orders'), 'fails'],
      [arnOf('refunds'), 'works'],
    ]);
  });
});

describe('a trial that takes longer than anybody waits', () => {
  const slow = (visible: number, trust: Place['trust'] = 'on-trial', more: Partial<Queue> = {}): unknown => {
    const orders = source('orders', {
      visibilityTimeoutSeconds: 1_800,
      maxReceiveCount: 3,
      messages: { visible, inFlight: 0, delayed: 0 },
      ...more,
    });
    const given = trial({ orders: place(trust, 10), sources: [orders], now: after(100) });
    return [judgedInSeconds(given), unjudged(given).length];
  };

  it('tells nothing after an hour, unless the consumer has had all its letters', () => {
    expect([slow(1), slow(0)]).toEqual([
      [3_560, 1],
      [0, 0],
    ]);
    expect([slow(1, 'works'), slow(1, 'on-trial', { maxReceiveCount: 2 })]).toEqual([
      [3_560, 0],
      [3_560, 0],
    ]);
  });
});

describe('a trial of which few went', () => {
  const few = (sent: number, count: number): Given => ({
    orders: place('on-trial', sent),
    queue: held(count),
    progress: { trial: { held: 0, deleted: 0 } },
  });
  const verdict = (sent: number, count: number): string => verdictOn(arnOf('orders'), trial(few(sent, count)));

  it('goes on where most may have come back, and is over where they have not', () => {
    expect([verdict(1, 1), verdict(4, 2), verdict(3, 2)]).toEqual(['untried', 'untried', 'untried']);
    expect([verdict(1, 0), verdict(4, 1), verdict(5, 0)]).toEqual(['works', 'works', 'works']);
  });
});

describe('what is gone', () => {
  it('is what the queue has less than it should have', () => {
    const gone = (count: number, progress: Partial<Progress>): number =>
      goneMeanwhile({ queue: held(count), progress: { ...NO_PROGRESS, ...progress } });
    const began = { trial: { held: 10, deleted: 4 } };
    expect([gone(6, began), gone(5, began), gone(7, began), gone(0, {})]).toEqual([0, 1, 0, 0]);
  });
});
