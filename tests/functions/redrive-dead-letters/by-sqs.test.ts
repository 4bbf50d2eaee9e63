/** SQS's own move task: when the letters are left to it, what is done while it is at them, and after. */

import { describe, expect, it } from 'vitest';
import { redrivePiece } from '../../../functions/redrive-dead-letters/aws/piece.ts';
import {
  decide,
  NO_PROGRESS,
  type BySqs,
  type Facts,
  type Progress,
} from '../../../functions/redrive-dead-letters/decide.ts';
import {
  cancelTask,
  isMostBackOf,
  lookAtTaskIn,
  statusIn,
  type MoveTask,
} from '../../../functions/redrive-dead-letters/decide/move-task.ts';
import { progressIn } from '../../../functions/redrive-dead-letters/decide/progress-reader.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import { inFunction } from '../in-a-function.ts';
import { inputOf, worldOf } from './a-piece.ts';
import { arnOf, ASK, facts, LIMITS, NOW, prints, queue, SETTINGS, source, told } from './queue-facts.ts';

const TASK: MoveTask = {
  handle: 'handle',
  status: 'RUNNING',
  moved: 0,
  toMove: 90,
  failure: null,
  startedAt: NOW,
};
const COUNTLESS = { ...SETTINGS, maxAttempts: 'none' as const };
const HANDED: BySqs = { handedAt: NOW, moved: 0, ended: null, failure: null, isBroken: false };
/** Ten have gone, and none has come back. */
const TRIED: Partial<Progress> = {
  received: 10,
  sent: 10,
  isDrained: false,
  lastSentAt: NOW,
  trial: { held: 100, deleted: 10 },
  places: { [arnOf('orders')]: { trust: 'on-trial', sent: 10, back: 0 } },
};
const WORKS: Partial<Progress> = { ...TRIED, places: { [arnOf('orders')]: { trust: 'works', sent: 10, back: 0 } } };
const LATER = '2026-11-22T08:02:00.000Z';

function holding(visible: number, inFlight = 0): Facts['queue'] {
  return queue('orders-dlq', { messages: { visible, inFlight, delayed: 0 } });
}

/** What is decided after the first letters have gone, with ninety in the queue. */
function after(progress: Partial<Progress>, more: Partial<Facts> = {}, now = LATER): Decision {
  return decide(told(progress, { settings: COUNTLESS, queue: holding(90), ...more }), LIMITS, now);
}

/** The call that is planned, or what the next piece of the work is. */
function planned(decision: Decision): unknown {
  if (decision.kind !== 'act') return `${decision.kind} ${decision.code}`;
  const [call] = decision.plan;
  const rule: unknown = call?.input['rule'];
  return call?.call === 'work:redrive' ? isBag(rule) && rule['mode'] : call?.call;
}

describe('the engine', () => {
  it('is told with every decision', () => {
    const { evidence } = decide(facts({ settings: COUNTLESS }), LIMITS, NOW);
    expect(evidence).toMatchObject({ engine: 'sqs', engineBecause: 'nothing is asked of each letter by itself' });
  });

  it.each<[string, Partial<Facts>]>([
    ['a letter goes back 3 times at most, so each is counted', { settings: SETTINGS }],
    ['a letter goes back 2 times at most, so each is counted', { settings: { ...SETTINGS, maxAttempts: 2 } }],
    ['what cannot go is parked', { settings: { ...COUNTLESS, parking: 'parked' }, parking: source('parked') }],
    ['only some letters are meant', { ask: { ...ASK, filter: 'body' } }],
    ['only some letters are meant', { ask: { ...ASK, maxAgeSeconds: 60 } }],
    ['so many were asked for', { ask: { ...ASK, maxMessages: 5 } }],
    [
      'of a FIFO queue each group goes in its order',
      { queue: queue('orders-dlq', { isFifo: true }), sources: [source('orders', { isFifo: true })] },
    ],
  ])('is our own where %s', (engineBecause, more) => {
    const { evidence } = decide(facts({ settings: COUNTLESS, ...more }), LIMITS, NOW);
    expect(evidence).toMatchObject({ engine: 'own', engineBecause });
  });

  it.each<[string, Partial<Progress>]>([
    ['there are letters that cannot go back', { stays: { 'no-source': prints(1) }, received: 11 }],
    ['letters went this way before each consumer had been tried', { freePieces: 1 }],
    [
      'of some letters it is not known that they are gone',
      { left: { a: { state: 'sent', why: 'not-deleted', expiresAt: LATER } } },
    ],
  ])('is our own where %s', (because, progress) => {
    const { evidence } = after({ ...TRIED, ...progress });
    expect(evidence['engine']).toBe('own');
    expect(evidence['engineBecause']).toContain(because);
  });
});

describe('what is left when the consumers work', () => {
  it('is handed over, and then left to a task of SQS', () => {
    expect(planned(after(TRIED))).toBe('hand-over');
    const decision = after({ ...WORKS, bySqs: HANDED });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'redriving',
      more: true,
      plan: [
        {
          call: 'sqs:StartMessageMoveTask',
          input: { SourceArn: arnOf('orders-dlq'), MaxNumberOfMessagesPerSecond: 500 },
        },
      ],
    });
  });

  it.each([
    [7, { ask: { ...ASK, perSecond: 7 } }],
    [8, { settings: { ...COUNTLESS, perSecond: 8 } }],
    [500, { settings: { ...COUNTLESS, perSecond: 5_000 } }],
  ])('goes at %i a second at most', (perSecond, more: Partial<Facts>) => {
    const decision = after({ ...WORKS, bySqs: HANDED }, more);
    expect(decision.kind === 'act' && decision.plan[0]?.input['MaxNumberOfMessagesPerSecond']).toBe(perSecond);
  });

  it('waits until nothing of it is hidden, for as long as we have hidden it', () => {
    const more = { queue: holding(80, 10) };
    expect(after({ ...WORKS, bySqs: HANDED }, more, '2026-11-22T08:00:50.000Z')).toMatchObject({
      kind: 'wait',
      code: 'paused',
      seconds: 10,
    });
    expect(planned(after({ ...WORKS, bySqs: HANDED }, more))).toBe('sqs:StartMessageMoveTask');
  });

  it('goes our way where it is hidden by somebody else, and where there is none', () => {
    expect(planned(after({ ...WORKS, bySqs: HANDED }, { queue: holding(0, 3) }))).toBe('send');
    expect(planned(after(TRIED, { queue: holding(0) }))).toBe('send');
  });

  it('goes our way where some consumer was not tried', () => {
    expect(planned(after(TRIED, { sources: [source('orders'), source('refunds')] }))).toBe('send');
  });

  it('goes our way where SQS begins no task, and says why', () => {
    const input = { SourceArn: arnOf('orders-dlq') };
    const refusal = { call: 'sqs:StartMessageMoveTask', input, name: 'OverLimit', message: 'too many', at: NOW };
    const decision = after({ ...WORKS, bySqs: HANDED }, { refusals: [{ ...refusal, meaning: 'refused' }] });
    expect(planned(decision)).toBe('send');
    expect(decision.evidence['engineBecause']).toBe('SQS has not begun a task: OverLimit: too many');
  });
});

describe('while a task moves letters', () => {
  it.each(['RUNNING', 'CANCELLING'] as const)('that is %s nothing is received or sent', (status) => {
    const decision = decide(told({}, { task: { ...TASK, status, moved: 4, toMove: 8 } }), LIMITS, NOW);
    expect(decision).toMatchObject({ kind: 'wait', code: 'moving-by-itself', seconds: 20 });
    expect(decision.evidence).toMatchObject({ task: { status, about: 4, of: 8 } });
  });

  it('of which SQS does not say how many there are, it is waited for all the same', () => {
    const decision = decide(told({}, { task: { ...TASK, toMove: null } }), LIMITS, NOW);
    expect(decision.because).toContain('about 0 of so many');
  });

  it('is announced before it waits, so that it can be cancelled; but not where nobody waits', () => {
    expect(planned(decide(facts({ task: TASK }), LIMITS, NOW))).toBe('stand-by');
    const old = { ...TASK, startedAt: '2026-11-21T20:59:59.000Z' };
    expect(decide(facts({ task: old }), LIMITS, NOW).code).toBe('still-moving');
  });

  it('looks at it less and less', () => {
    expect(lookAtTaskIn(TASK, '2026-11-22T08:00:10.000Z')).toBe(20);
    expect(lookAtTaskIn(TASK, '2026-11-22T08:01:40.000Z')).toBe(50);
    expect(lookAtTaskIn(TASK, '2026-11-22T09:40:00.000Z')).toBe(900);
    expect(lookAtTaskIn({ ...TASK, status: 'CANCELLING' }, '2026-11-22T09:40:00.000Z')).toBe(20);
  });

  it('for longer than the run may live, nobody waits', () => {
    const decide11 = (startedAt: string): string =>
      decide(told({}, { task: { ...TASK, startedAt } }), LIMITS, NOW).code;
    expect(decide11('2026-11-21T21:00:00.000Z')).toBe('moving-by-itself');
    expect(decide11('2026-11-21T20:59:59.000Z')).toBe('still-moving');
  });

  it('one that has ended before is none of ours', () => {
    expect(planned(decide(facts({ task: { ...TASK, status: 'CANCELLED' } }), LIMITS, NOW))).toBe('send');
  });
});

const MINUTES = { now: '2026-11-22T08:02:00.000Z', leastJudged: 5, lateSeconds: 60 };

describe('the breaker', () => {
  it.each([
    // In two minutes sixty were moved of late, sixty before.
    [true, 120, 180, 60 + 60 + 30],
    [false, 120, 180, 60 + 60 + 29],
    // Within the first minute nobody can tell.
    [false, 4, 4, 4],
    [false, 8, 8, 100_000],
  ])('opens: %s, of %i moved of %i with %i there', (isOpen, moved, toMove, there) => {
    expect(isMostBackOf({ task: { ...TASK, moved, toMove }, held: there, ...MINUTES })).toBe(isOpen);
  });

  it('knows nothing where SQS does not say how many there were', () => {
    expect(isMostBackOf({ task: { ...TASK, moved: 120, toMove: null }, held: 1_000, ...MINUTES })).toBe(false);
  });

  const failing = { task: { ...TASK, moved: 120, toMove: 180 }, queue: holding(170) };
  const broken = { task: { ...failing.task, status: 'CANCELLED', handle: null } as const, queue: holding(170) };

  it('cancels our task, and waits for its end', () => {
    const decision = after({ ...WORKS, bySqs: HANDED }, failing);
    expect(planned(decision)).toBe('sqs:CancelMessageMoveTask');
    expect(decision).toMatchObject({
      code: 'cancelling-task',
      more: true,
      plan: [{ input: { TaskHandle: 'handle' } }],
    });
    const cancelling = { ...failing, task: { ...failing.task, status: 'CANCELLING' as const, handle: null } };
    expect(planned(after({ ...WORKS, bySqs: HANDED }, cancelling))).toBe('wait moving-by-itself');
  });

  it('leaves a task alone that somebody else has begun', () => {
    expect(planned(after(WORKS, failing))).toBe('wait moving-by-itself');
    expect(planned(decide(told({}, failing), LIMITS, LATER))).toBe('wait moving-by-itself');
  });

  it('does not ask again where SQS will not cancel', () => {
    const input = { TaskHandle: 'handle' };
    const no = { call: 'sqs:CancelMessageMoveTask', input, name: 'AccessDenied', message: 'no', at: NOW };
    const more = { ...failing, refusals: [{ ...no, meaning: 'refused' as const }] };
    expect(planned(after({ ...WORKS, bySqs: HANDED }, more))).toBe('wait moving-by-itself');
  });

  it('charges nothing, and ends the run', () => {
    const decision = after({ ...WORKS, bySqs: HANDED }, broken);
    expect(planned(decision)).toBe('take-back');
    expect(decision.kind === 'act' && decision.plan[0]?.input['rule']).toMatchObject({
      bySqs: { moved: 120, ended: 'CANCELLED', failure: null, isBroken: true },
      isNewTrial: true,
    });
    const known = { ...HANDED, moved: 120, ended: 'CANCELLED', isBroken: true } as const;
    expect(planned(after({ ...WORKS, bySqs: known }, broken))).toBe('forgive');
    const fails = { [arnOf('orders')]: { trust: 'fails', sent: 10, back: 0 } } as const;
    expect(planned(after({ ...WORKS, places: fails, bySqs: known }, broken))).toBe('refuse consumer-fails');
  });

  it('is no less for a task whose run has died', () => {
    const left = { ...failing, ask: { ...ASK, at: NOW } };
    expect(planned(decide(facts(left), LIMITS, LATER))).toBe('sqs:CancelMessageMoveTask');
    expect(planned(decide(facts({ ...left, ...broken }), LIMITS, LATER))).toBe('nothing consumer-fails');
    const stopped = { ...left, ...broken, queue: holding(60) };
    expect(planned(decide(facts(stopped), LIMITS, LATER))).toBe('nothing task-cancelled');
  });

  it.each([[{ ...TASK, status: 'CANCELLING' as const }], [{ ...TASK, handle: null }]])(
    'cannot cancel what is none to cancel',
    (task) => {
      expect(cancelTask(task, '')).toBeUndefined();
    },
  );
});

describe('when a task has ended', () => {
  function ended(bySqs: Partial<BySqs>, progress: Partial<Progress> = {}, more: Partial<Facts> = {}): Decision {
    return after({ ...WORKS, bySqs: { ...HANDED, ended: 'COMPLETED', moved: 20, ...bySqs }, ...progress }, more);
  }

  it('that is kept, and what is left goes our way', () => {
    const task = { ...TASK, status: 'COMPLETED', moved: 90 } as const;
    expect(planned(after({ ...WORKS, bySqs: HANDED }, { task }))).toBe('take-back');
    expect(planned(ended({}, {}, { task }))).toBe('send');
    expect(ended({}, {}, { task }).evidence).toMatchObject({
      engine: 'sqs',
      movedBySqs: { about: 20, ended: 'COMPLETED' },
    });
  });

  it('one of another day is not taken for it', () => {
    const task = { ...TASK, status: 'COMPLETED', startedAt: '2026-11-21T08:00:00.000Z' } as const;
    expect(planned(after({ ...WORKS, bySqs: HANDED }, { task }))).toBe('sqs:StartMessageMoveTask');
  });

  it('by its failure, the run says so, and goes on', () => {
    const failed = { ended: 'FAILED', failure: 'CouldNotDetermineMessageSource' } as const;
    expect(planned(ended(failed))).toBe('send');
    expect(ended(failed).evidence).toMatchObject({
      engine: 'own',
      engineBecause: "SQS's own task has failed: CouldNotDetermineMessageSource",
    });
    expect(ended({ ...failed, failure: null }).evidence['engineBecause']).toContain('no reason is given');
  });

  it('since somebody has cancelled it, no more goes', () => {
    expect(planned(ended({ ended: 'CANCELLED' }))).toBe('refuse task-cancelled');
  });

  it('and most of what it moved is there again, the consumer is broken', () => {
    const back = (count: number): Partial<Progress> => ({ received: 10 + count, stays: { new: prints(count) } });
    expect(planned(ended({}, back(10)))).toBe('forgive');
    expect(planned(ended({}, back(9)))).toBe('send');
    expect(planned(ended({ moved: 4 }, back(4)))).toBe('send');
  });

  it('its numbers are no letters that are gone', () => {
    const progress = { isDrained: true, searchedAt: LATER, trial: { held: 100, deleted: 10 } };
    const decision = ended({}, progress, { queue: holding(0) });
    expect(decision.evidence).not.toHaveProperty('goneMeanwhile');
  });
});

describe('letters that may go however often', () => {
  it('go three times in one run', () => {
    const back = { a: { state: 'back', why: 'came-back', expiresAt: '2026-12-01T08:00:00.000Z' } } as const;
    const rounds = (round: number): unknown => {
      const progress = { ...WORKS, received: 11, isDrained: true, searchedAt: LATER, left: back, round, roundAt: NOW };
      const more = { queue: holding(1), sources: [source('orders')] };
      const decision = after(
        { ...progress, bySqs: { ...HANDED, ended: 'COMPLETED' } },
        more,
        '2026-11-22T08:40:00.000Z',
      );
      return planned(decision) ?? decision.code;
    };
    expect(rounds(2)).toBe('send');
    expect(rounds(3)).toBe('redriven');
  });
});

describe('a piece', () => {
  const letters = [{ body: 'one' }];
  const left = { a: { state: 'kept', why: 'waits-for-the-canary', expiresAt: LATER } } as const;

  async function piece(rule: object, before: Partial<Progress>): Promise<Progress | undefined> {
    const input = inputOf({ letters, rule: { ...rule } });
    const { value } = await inFunction(worldOf({ letters }), (io) =>
      redrivePiece.piece(input, io, { ...NO_PROGRESS, beganAt: NOW, roundAt: NOW, ...before }),
    );
    return progressIn(value);
  }

  it('that hands over leaves to SQS what was received and has not gone', async () => {
    const kept = await piece({ mode: 'hand-over', maxAttempts: 'none' }, { received: 11, sent: 10, left });
    expect(kept).toMatchObject({ received: 10, sent: 10, left: {}, bySqs: { moved: 0, ended: null } });
  });

  it('that takes back keeps what became of it, and since when it is waited for', async () => {
    const bySqs = { moved: 7, ended: 'FAILED', failure: 'x', isBroken: false } as const;
    const kept = await piece({ mode: 'take-back', bySqs }, { bySqs: HANDED });
    expect(kept).toMatchObject({ received: 0, bySqs: { ...bySqs, handedAt: NOW } });
    expect(kept?.lastSentAt).not.toBeNull();
    const none = await piece({ mode: 'take-back', bySqs: { ...bySqs, moved: 0 } }, { bySqs: HANDED });
    expect(none?.lastSentAt).toBeNull();
  });

  it('of another form is none', () => {
    expect(() => progressIn({ ...NO_PROGRESS, bySqs: {} })).toThrow('since when');
    expect(statusIn('PAUSED')).toBeUndefined();
  });
});
