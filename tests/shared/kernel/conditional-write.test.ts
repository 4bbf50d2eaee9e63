/** A runbook of many small items, whose one guarded write is the whole action. */

import { describe, expect, it } from 'vitest';
import { conditionalWrite } from '../../../shared/kernel/run/conditional-write.ts';
import { fault } from '../../../shared/kernel/errors.ts';
import { judge, LAMP, lightUp, stoppedEvent, tick, useToys, type Toy } from './toy-runbook.ts';

const toy = useToys();

/** Lights under the condition that nobody has. */
function guarded(more: Parameters<typeof toy>[0] = () => ({})): Toy {
  return toy((account, sent) => ({ safety: conditionalWrite, ...more(account, sent) }));
}

describe('a conditional write', () => {
  it('takes no lease and keeps nothing of its target, and is told like any action', async () => {
    const lamp = guarded();
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done', target: LAMP }]);
    expect(lamp.sent).toEqual(['Light']);
    expect(lamp.ledger.dump()).toMatchObject({ resources: [], records: [{ target: LAMP }] });
    expect(lamp.lines.filter(({ message }) => message === 'acts without the ledger')).toEqual([]);
  });

  it('remembers what it asks to, and no trouble', async () => {
    const lamp = guarded(() => ({
      decide: () => ({ kind: 'refuse', code: 'broken', because: 'it is', evidence: {}, remember: { seen: 'now' } }),
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'refused' }]);
    expect(lamp.ledger.dump().resources.map(({ history }) => history.memory)).toEqual([{ seen: 'now' }]);
  });

  it('reads no resources on a tick', async () => {
    const lamp = guarded();
    let reads = 0;
    Object.assign(lamp.ledger, { resources: () => Promise.resolve([(reads += 1)]) });
    expect(await lamp.give(tick())).toMatchObject([{ outcome: 'done' }]);
    expect(reads).toBe(0);
  });

  it('is stopped by the kill switch', async () => {
    const lamp = guarded();
    lamp.ledger.switchOn({ scope: 'all', reason: 'stop!', by: 'kim', at: '2026-11-22T08:00:00Z' });
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^kill-switch: /u) },
    ]);
    expect(lamp.sent).toEqual([]);
  });

  it('fails where the switch cannot be read, so that Lambda tries it again', async () => {
    const lamp = guarded();
    Object.assign(lamp.ledger, { switches: () => Promise.reject(new Error('no answer')) });
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('the kill switch cannot be read');
    expect(lamp.logged()).toMatchObject([{ outcome: 'failed', reason: 'ledger-lost: the kill switch cannot be read' }]);
    expect(lamp.sent).toEqual([]);
  });

  it('looks again when somebody was first, and finds it done', async () => {
    const lamp = guarded((account) => ({
      apply: {
        'toy:Light': {
          send: () => {
            account.lit = true;
            throw Object.assign(new Error('meanwhile'), { name: 'Overtaken' });
          },
          means: { Overtaken: 'conflict' },
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'nothing', reason: 'lit: the lamp is lit' }]);
  });

  it('that this run has made and not told is told', async () => {
    const untold = lightUp().plan;
    const lamp = guarded((account) => {
      account.lit = true;
      return { decide: (facts) => ({ ...judge(facts), untold }) };
    });
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done', plan: [{ call: 'toy:Light' }] }]);
  });

  it('is planned and not sent on a dry run', async () => {
    const lamp = guarded();
    const asked = { runbook: 'light-lamps', dryRun: true };
    expect(await lamp.give(asked)).toMatchObject([{ outcome: 'planned', plan: [{ call: 'toy:Light' }] }]);
    expect(lamp.sent).toEqual([]);
  });

  it('names its fault', () => {
    expect(conditionalWrite.unread).toEqual(fault('retryable', 'LedgerLost', 'the kill switch cannot be read'));
  });
});
