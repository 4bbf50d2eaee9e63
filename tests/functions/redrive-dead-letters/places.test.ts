/** What a piece learns of the queues that it sends to: how many letters each gets, and when its consumer is called broken. */

import { describe, expect, it } from 'vitest';
import { Places } from '../../../functions/redrive-dead-letters/aws/places.ts';
import {
  NO_PROGRESS,
  type Destination,
  type Place,
  type Progress,
} from '../../../functions/redrive-dead-letters/decide.ts';
import { arnOf } from './queue-facts.ts';

const CAUTION = { canary: 3, leastJudged: 2, maxBack: 4 };
const ORDERS = arnOf('orders');

function to(trust: Place['trust'], name = 'orders', isAnew = false): Destination {
  return { arn: arnOf(name), url: '', maximumMessageBytes: 1, trust, isAnew };
}

function before(trust: Place['trust'], sent = 0, back = 0): Progress {
  return { ...NO_PROGRESS, places: { [ORDERS]: { trust, sent, back } } };
}

function places(destination: Destination, known: Progress = NO_PROGRESS, round = 1): Places {
  return new Places(known, [destination], round, CAUTION);
}

/** Of `count` letters how many are let in. */
function admitted(of: Places, destination: Destination, count: number): number {
  return Array.from({ length: count }, () => of.admits(destination)).filter(Boolean).length;
}

describe('a queue whose consumer is', () => {
  it.each<[Place['trust'], number]>([
    ['untried', 3],
    ['on-trial', 0],
    ['suspect', 0],
    ['works', 9],
    ['fails', 0],
  ])('%s gets of nine letters %i', (trust, count) => {
    const of = places(to(trust), before(trust));
    expect(of.isOpen()).toBe(count > 0);
    expect(of.isFree()).toBe(trust === 'works');
    expect(admitted(of, to(trust), 9)).toBe(count);
    expect(of.isOpen()).toBe(count === 9);
    expect(of.trustOf(ORDERS)).toBe(trust);
  });

  it('nobody knows of gets none', () => {
    const of = places(to('works'));
    expect(of.admits(to('works', 'refunds'))).toBe(false);
    expect([of.trustOf(arnOf('refunds')), of.trustOf(undefined)]).toEqual([undefined, undefined]);
    of.settle(to('works', 'refunds'), true);
    of.cameBack(arnOf('refunds'));
    expect(Object.keys(of.told())).toEqual([ORDERS]);
  });
});

describe('a canary', () => {
  it('is as large as it may be, those on the way among it; one that did not arrive makes room', () => {
    const of = places(to('untried'));
    expect(admitted(of, to('untried'), 3)).toBe(3);
    of.settle(to('untried'), true);
    expect(admitted(of, to('untried'), 1)).toBe(0);
    of.settle(to('untried'), false);
    expect(admitted(of, to('untried'), 9)).toBe(1);
    expect(of.told()).toEqual({ [ORDERS]: { trust: 'on-trial', sent: 1, back: 0 } });
  });

  it('that did not arrive has tried nothing', () => {
    const of = places(to('untried'));
    of.admits(to('untried'));
    of.settle(to('untried'), false);
    expect(of.told()).toEqual({});
  });
});

describe('what is known from before', () => {
  it('goes on in the same round, with what was decided since', () => {
    expect(places(to('works'), before('on-trial', 3, 1)).told()).toEqual({
      [ORDERS]: { trust: 'works', sent: 3, back: 1 },
    });
  });

  it('is forgotten in a new round, and where a consumer is tried once more', () => {
    const nothing = { sent: 0, back: 0 };
    expect(places(to('works'), before('works', 3, 1), 2).told()).toEqual({ [ORDERS]: { trust: 'works', ...nothing } });
    const again = places(to('untried', 'orders', true), before('suspect', 3, 1));
    expect(again.told()).toEqual({});
    expect(admitted(again, to('untried'), 9)).toBe(3);
    // A trial of which too few went goes on with what it has.
    const more = places(to('untried'), before('on-trial', 1, 1));
    expect(more.told()).toEqual({ [ORDERS]: { trust: 'on-trial', sent: 1, back: 1 } });
    expect(admitted(more, to('untried'), 9)).toBe(2);
  });
});

describe('the breaker', () => {
  /** Of so many letters that went, after how many that come back it is open. */
  const opensAt = (sent: number, round = 1, trust: Place['trust'] = 'works'): number | undefined => {
    const of = places(to(trust), { ...before(trust, sent), round }, round);
    for (let back = 1; back <= 20; back += 1) {
      of.cameBack(ORDERS);
      if (of.trustOf(ORDERS) === 'fails') {
        expect(of.broken()).toEqual([ORDERS]);
        expect([of.isFree(), of.isOpen()]).toEqual([false, false]);
        return back;
      }
    }
    expect(of.broken()).toEqual([]);
    return undefined;
  };

  it('opens when the half has come back, but not for less than so many', () => {
    expect([opensAt(1), opensAt(4), opensAt(5)]).toEqual([2, 2, 3]);
  });

  it('opens when so many have come back, whatever their share', () => {
    expect(opensAt(1_000)).toBe(4);
  });

  it('goes by half of all in the first round alone: later ones send what has failed already', () => {
    expect([opensAt(4, 1), opensAt(4, 2)]).toEqual([2, 4]);
  });

  it('is for consumers that were thought to work', () => {
    expect(opensAt(4, 1, 'on-trial')).toBeUndefined();
  });

  it('keeps count of what comes back', () => {
    const of = places(to('on-trial'), before('on-trial', 3, 1));
    of.cameBack(ORDERS);
    expect(of.told()).toEqual({ [ORDERS]: { trust: 'on-trial', sent: 3, back: 2 } });
  });
});

describe('a letter that does not say which function it comes from', () => {
  const REFUNDS = arnOf('refunds');
  const given = (isRecorded = false): Parameters<Places['cameBackFromOneOf']>[0] => [
    { function: ORDERS, isRecorded },
    { function: REFUNDS, isRecorded: false },
  ];
  const both = (orders: Place['trust'], refunds: Place['trust'], sent = 3): Places => {
    const known = { ...before(orders, sent).places, [REFUNDS]: { trust: refunds, sent, back: 0 } };
    return new Places({ ...NO_PROGRESS, places: known }, [to(orders), to(refunds, 'refunds')], 1, CAUTION);
  };
  const counted = (of: Places): readonly (readonly number[])[] =>
    [ORDERS, REFUNDS].map((name) => {
      const { back = 0, perhapsBack = 0 } = of.told()[name] ?? {};
      return [back, perhapsBack];
    });

  it.each<[Place['trust'], Place['trust'], readonly (readonly number[])[]]>([
    [
      'on-trial',
      'on-trial',
      [
        [0, 1],
        [0, 1],
      ],
    ],
    [
      'on-trial',
      'suspect',
      [
        [1, 0],
        [0, 0],
      ],
    ],
    [
      'works',
      'on-trial',
      [
        [0, 0],
        [1, 0],
      ],
    ],
    [
      'works',
      'fails',
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'works',
      'works',
      [
        [0, 1],
        [0, 1],
      ],
    ],
  ])('is, of one that is %s and one that is %s, of whoever may have failed', (orders, refunds, counts) => {
    const of = both(orders, refunds);
    of.cameBackFromOneOf(given());
    expect(counted(of)).toEqual(counts);
  });

  it('is of the only one that was given it', () => {
    const of = both('on-trial', 'on-trial');
    of.cameBackFromOneOf(given().slice(1));
    of.cameBackFromOneOf([]);
    expect(counted(of)).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('counts for none whose failures are recorded', () => {
    const of = both('on-trial', 'on-trial');
    of.cameBackFromOneOf(given(true));
    of.cameBackFromOneOf(given(true).slice(0, 1));
    expect(counted(of)).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('opens the breaker of all that it may be of', () => {
    const of = both('works', 'works', 4);
    of.cameBackFromOneOf(given());
    expect(of.broken()).toEqual([]);
    of.cameBackFromOneOf(given());
    expect(of.broken()).toEqual([ORDERS, REFUNDS]);
  });

  it('is forgotten where the function is tried alone', () => {
    const known = { [ORDERS]: { trust: 'suspect' as const, sent: 3, back: 0, perhapsBack: 3 } };
    const alone = places(to('untried', 'orders', true), { ...NO_PROGRESS, places: known });
    alone.admits(to('untried'));
    alone.settle(to('untried'), true);
    expect(alone.told()).toEqual({ [ORDERS]: { trust: 'on-trial', sent: 1, back: 0 } });
  });
});
