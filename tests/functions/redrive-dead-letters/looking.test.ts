/** Looks that move nothing: what is asked for, and what is told. */

import { describe, expect, it } from 'vitest';
import { ofPerson } from '../../../functions/redrive-dead-letters/aws.ts';
import { decide, lookTarget, type Facts } from '../../../functions/redrive-dead-letters/decide.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import { arnOf, ASK, facts, held, LIMITS, NOW, SETTINGS } from './queue-facts.ts';

const DELIVERY: RequestDelivery = {
  kind: 'request',
  runbook: 'redrive-dead-letters',
  target: 'orders-dlq',
  params: {},
  dryRun: false,
  id: 'request:1',
};

function looking(action: 'peek' | 'plan', more: Partial<Facts> = {}): Facts {
  return facts({ target: lookTarget(arnOf('orders-dlq'), action), ...more });
}

describe('a request to look', () => {
  it('asks for the letters, and is no redrive', () => {
    expect(ofPerson({ action: 'plan', maxMessages: 5 }, DELIVERY)).toMatchObject({
      looking: 'plan',
      ask: { maxMessages: 5 },
    });
    expect(ofPerson({ action: 'redrive' }, DELIVERY)).not.toHaveProperty('looking');
  });

  it.each(['peek', 'plan'] as const)('%s plans one look, at so many letters, under its own name', (action) => {
    expect(decide(looking(action), LIMITS, NOW)).toMatchObject({
      code: 'looking',
      budget: 'free',
      more: true,
      plan: [{ call: 'work:peek', input: { maxItems: LIMITS.sample, rule: { to: [{ trust: 'works' }] } } }],
    });
    const few = looking(action, { ask: { ...ASK, maxMessages: 3 } });
    expect(decide(few, LIMITS, NOW)).toMatchObject({ plan: [{ input: { maxItems: 3 } }] });
  });

  it('tells what was seen; of a plan how long it would take besides', () => {
    const work = { lost: 0, told: { letters: 3 } };
    const peeked = decide(looking('peek', { work }), LIMITS, NOW);
    expect(peeked).toMatchObject({ kind: 'act', code: 'peeked', plan: [], evidence: { letters: 3 } });
    expect(peeked.evidence).not.toHaveProperty('perSecond');
    const planned = looking('plan', { work, queue: held(9), settings: { ...SETTINGS, perSecond: 4 } });
    expect(decide(planned, LIMITS, NOW)).toMatchObject({
      code: 'foreseen',
      evidence: { letters: 3, perSecond: 4, aboutSeconds: 3 },
    });
  });

  it.each<readonly [string, 'peek' | 'plan', Partial<Facts>, string]>([
    ['a queue that is gone', 'peek', { queue: null }, 'gone'],
    ['a queue of others', 'peek', { settings: { ...SETTINGS, redrive: null } }, 'not-tagged'],
    ['letters that can go nowhere', 'plan', { sources: [], sourceCount: 0 }, 'no-sources'],
    ['letters that can be looked at all the same', 'peek', { sources: [], sourceCount: 0 }, 'looking'],
    ['nothing', 'peek', { queue: held(0) }, 'empty'],
    ['a look that broke off', 'peek', { work: { lost: 1 } }, 'broke-off'],
    ['a tick', 'peek', { ask: null }, 'not-asked'],
  ])('at %s: %s', (_what, action, more, code) => {
    expect(decide(looking(action, more), LIMITS, NOW)).toMatchObject({ code });
  });
});
