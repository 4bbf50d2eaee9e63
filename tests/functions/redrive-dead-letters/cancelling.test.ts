/** How a redrive is called off: which run is meant, and what it says of it. */

import { afterEach, describe, expect, it } from 'vitest';
import { ofPerson } from '../../../functions/redrive-dead-letters/aws.ts';
import { cancelsOf } from '../../../functions/redrive-dead-letters/aws/cancels.ts';
import { cancelTarget, decide, type Cancel, type Facts } from '../../../functions/redrive-dead-letters/decide.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { Announced } from '../../../shared/kernel/decision.ts';
import type { DataItem } from '../../../shared/kernel/ledger/data.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { arnOf, ASK, DELIVERY, facts, LIMITS, NOW, SETTINGS, told } from './queue-facts.ts';

const LATER = '2026-11-22T08:30:00.000Z';

function asked(params: object): ReturnType<typeof ofPerson> {
  return ofPerson({ action: 'cancel', ...params }, DELIVERY);
}

function announcement(target: string, run: string): Announced {
  return { target, intent: 'x', at: NOW, note: { run, by: 'mara', maxMessages: null } };
}

const REDRIVE = announcement(arnOf('orders-dlq'), 'run-1');

function cancelling(more: Partial<Facts> = {}): Facts {
  const target = cancelTarget(arnOf('orders-dlq'));
  return facts({ target, queue: null, ask: null, announced: [REDRIVE], cancelling: { by: 'mara', at: NOW }, ...more });
}

describe('a request to cancel', () => {
  it('asks for no letters, and for nothing but the whole redrive', () => {
    expect(asked({})).toEqual({ target: 'orders-dlq', ask: null, cancelledBy: 'mara' });
    expect(() => asked({ filter: 'body' })).toThrow(/cancel stops the whole redrive/u);
  });

  it('names the run that has announced itself', () => {
    const key = `cancel/orders-dlq/${NOW}`;
    expect(decide(cancelling(), LIMITS, NOW)).toMatchObject({
      kind: 'act',
      code: 'cancelling',
      budget: 'free',
      note: { run: 'run-1' },
      plan: [
        { call: 'ledger:write', input: { partition: 'redriven', key, value: { run: 'run-1', by: 'mara', at: NOW } } },
      ],
    });
  });

  it('finds none at work, before it and after it', () => {
    const none = { kind: 'nothing', code: 'not-running' };
    expect(decide(cancelling({ announced: [] }), LIMITS, NOW)).toMatchObject(none);
    const other = announcement(arnOf('billing-dlq'), 'run-1');
    expect(decide(cancelling({ announced: [other] }), LIMITS, NOW)).toMatchObject(none);
  });

  it('does nothing where it is not known who is at work', () => {
    const { announced: _notKnown, ...lost } = cancelling();
    expect(decide(lost, LIMITS, NOW)).toMatchObject({ kind: 'refuse', code: 'ledger-lost' });
  });

  it('that died is finished by a tick, for the run that it meant', () => {
    const own = announcement(cancelTarget(arnOf('orders-dlq')), 'run-0');
    const by = { by: null, at: LATER };
    expect(decide(cancelling({ cancelling: by, announced: [REDRIVE, own] }), LIMITS, NOW)).toMatchObject({
      plan: [{ input: { value: { run: 'run-0', by: 'somebody' } } }],
    });
    expect(decide(cancelling({ cancelling: by }), LIMITS, NOW)).toMatchObject({ code: 'not-running' });
  });
});

const MEANT: Cancel = { run: 'run-1', by: 'mara', at: LATER };

function atWork(more: Partial<Facts> = {}): Facts {
  const now = told({ received: 3, sent: 2, stays: {}, left: { a: { state: 'kept', why: 'x', expiresAt: LATER } } });
  return { ...now, run: 'run-1', cancels: [MEANT], ...more };
}

describe('a run that is meant', () => {
  it('ends with its account, and leaves nothing for the schedule', () => {
    const end = decide(atWork(), LIMITS, NOW);
    expect(end).toMatchObject({ kind: 'refuse', code: 'cancelled', over: true, evidence: { sent: 2 }, remember: {} });
    expect(end).not.toHaveProperty('attention');
  });

  it('needs a person where letters are there twice', () => {
    const left = { a: { state: 'sent', why: 'x', expiresAt: LATER } } as const;
    const { work } = told({ received: 1, sent: 1, left });
    expect(work && decide(atWork({ work }), LIMITS, NOW)).toMatchObject({ code: 'cancelled', attention: true });
  });

  it('is not begun again by the schedule for a while', () => {
    const settings = { ...SETTINGS, redrive: 'auto' } as const;
    expect(decide(atWork({ settings }), LIMITS, NOW)).toMatchObject({ remember: { tried: `1 - ${NOW}` } });
  });

  it('and has died, is settled by the next tick', () => {
    const left = facts({ ask: null, run: 'run-2', announced: [REDRIVE], cancels: [MEANT] });
    expect(decide(left, LIMITS, NOW)).toMatchObject({ kind: 'nothing', code: 'cancelled', attention: true });
    const taken = atWork({ ask: null, run: 'run-2', announced: [REDRIVE] });
    expect(decide(taken, LIMITS, NOW)).toMatchObject({ kind: 'refuse', code: 'cancelled' });
  });
});

describe('a run that is not meant', () => {
  it.each<readonly [string, Partial<Facts>]>([
    ['goes on beside one that was', { run: 'run-2' }],
    ['goes on where another died that was', { run: 'run-2', announced: [REDRIVE], cancels: [{ ...MEANT, at: NOW }] }],
  ])('%s', (_what, more) => {
    expect(decide(atWork(more), LIMITS, NOW)).not.toMatchObject({ code: 'cancelled' });
  });

  it('stops where it goes on under the name of one that died', () => {
    expect(decide(atWork({ run: 'run-2', announced: [REDRIVE] }), LIMITS, NOW)).toMatchObject({ code: 'cancelled' });
  });

  it('begins, and is known by its name', () => {
    const begun = decide(facts({ run: 'run-2', cancels: [MEANT], ask: ASK }), LIMITS, NOW);
    expect(begun).toMatchObject({ code: 'redriving', note: { run: 'run-2' } });
  });
});

describe('what is kept of it', () => {
  let wayBack = (): void => undefined;
  afterEach(() => wayBack());

  function kept(value: DataItem['value'], more: Partial<DataItem> = {}): void {
    const item = { partition: 'redriven', key: `cancel/orders-dlq/${NOW}`, version: 1, value, ...more };
    wayBack = surroundWith({ data: memoryData({ items: [item] }) });
  }

  it('is read for its queue alone', async () => {
    kept({ ...MEANT });
    expect(await cancelsOf('orders-dlq')).toEqual([MEANT]);
    expect(await cancelsOf('orders')).toEqual([]);
  });

  it.each(['run', 'by', 'at'] as const)('and cannot be read for want of its %s, stops everybody', async (member) => {
    kept({ ...MEANT, [member]: 5 });
    await expect(cancelsOf('orders-dlq')).rejects.toThrow(
      `data ledger, redriven/cancel/orders-dlq/${NOW}: no cancel: mend or delete the item`,
    );
  });

  it('and is no item at all, stops everybody, and says why', async () => {
    kept({ ...MEANT }, { fault: 'no version' });
    await expect(cancelsOf('orders-dlq')).rejects.toThrow('no version: mend or delete the item');
  });
});

describe('a tick that the ledger does not answer', () => {
  it('says that nobody has asked, and goes on with nothing that may have been called off', () => {
    const ticked = { ask: null, cancels: null };
    expect(decide(facts(ticked), LIMITS, NOW)).toMatchObject({ kind: 'nothing', code: 'not-asked' });
    const begun = facts({ ...ticked, announced: [REDRIVE], history: { epoch: 1, actions: [], memory: {} } });
    expect(decide(begun, LIMITS, NOW)).toMatchObject({ kind: 'refuse', code: 'ledger-lost' });
  });
});
