/** The kill switch, thrown at any moment: no call leaves later than ten seconds after it, and none after a wait. */

import { describe, expect, it, vi } from 'vitest';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { RunbookDefinition } from '../../../shared/kernel/definition.ts';
import { judge, lightUp, stoppedEvent, useToys, type Toy, type ToyRequest, type Seen } from './toy-runbook.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

const toy = useToys();

const STOP = { scope: 'all', reason: 'stop!', by: 'kim', at: '2026-11-22T08:00:00Z' };
const [FIRST, SECOND]: readonly PlannedCall[] = [
  { call: 'toy:Warn', input: {}, because: 'people look up' },
  { call: 'toy:Light', input: {}, because: 'it is dark' },
];

type Part = Partial<RunbookDefinition<ToyRequest, Seen, Limits>>;

/** Lights in two calls; the switch is thrown while `meanwhile` passes in the first of them. */
function thrownDuring(meanwhile: (lamp: () => Toy) => Promise<void>, more: Part = {}): Toy {
  const made: Toy = toy((account, sent) => ({
    decide: (facts) =>
      facts.lit ? judge(facts) : lightUp(FIRST === undefined || SECOND === undefined ? [] : [FIRST, SECOND]),
    apply: {
      'toy:Warn': async () => {
        sent.push('Warn');
        await meanwhile(() => made);
        return null;
      },
      'toy:Light': () => {
        sent.push('Light');
        account.lit = true;
        return Promise.resolve(null);
      },
    },
    ...more,
  }));
  return made;
}

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

describe('the kill switch, thrown between two calls of a plan', () => {
  it('is read before the next call when the reading is older than ten seconds', async () => {
    const lamp = thrownDuring(async (made) => {
      made().ledger.switchOn(STOP);
      pass(10.5);
      await Promise.resolve();
    });
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: 'kill-switch: switched off for all by kim at 2026-11-22T08:00:00Z: stop!' },
    ]);
    expect(lamp.sent).toEqual(['Warn']);
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Attention: 1, Refused: 1 }));
    expect(lamp.ledger.dump().resources[0]?.history.pending?.intent).toBe('lamp 1 lit');
  });
  it('is not read again for every call of a short run', async () => {
    let reads = 0;
    const lamp = thrownDuring(() => Promise.resolve());
    const { switches } = lamp.ledger;
    Object.assign(lamp.ledger, { switches: () => ((reads += 1), switches()) });
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(reads).toBe(1);
  });
  it('stops a runbook that proceeds without its ledger, too, as long as the ledger answers', async () => {
    const lamp = thrownDuring(
      (made) => {
        made().ledger.switchOn(STOP);
        pass(11);
        return Promise.resolve();
      },
      { ledgerLost: 'proceed' },
    );
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'refused' }]);
    expect(lamp.sent).toEqual(['Warn']);
  });
  it('that cannot be read then stops a runbook that refuses without its ledger', async () => {
    const lamp = thrownDuring((made) => {
      const fail = (): Promise<never> => Promise.reject(Object.assign(new Error('none'), { name: 'TimeoutError' }));
      Object.assign(made().ledger, { switches: fail });
      pass(11);
      return Promise.resolve();
    });
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('TimeoutError: none');
    expect(lamp.sent).not.toContain('Light');
  });
  it('that cannot be read does not stop one that proceeds, and is asked once in ten seconds', async () => {
    let reads = 0;
    const lamp = thrownDuring(
      (made) => {
        const fail = (): Promise<never> => ((reads += 1), Promise.reject(new Error('none')));
        Object.assign(made().ledger, { switches: fail });
        pass(11);
        return Promise.resolve();
      },
      {
        ledgerLost: 'proceed',
        decide: (facts) =>
          facts.lit || FIRST === undefined || SECOND === undefined
            ? judge(facts)
            : lightUp([FIRST, SECOND, SECOND, SECOND]),
      },
    );
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.sent).toEqual(['Warn', 'Light', 'Light', 'Light']);
    expect(reads).toBe(1);
  });
});

describe('the kill switch, thrown while the run waits', () => {
  it('inside a call that sleeps, is read before the next one at once', async () => {
    const lamp: Toy = toy((account, sent) => ({
      decide: (facts) =>
        facts.lit || FIRST === undefined || SECOND === undefined ? judge(facts) : lightUp([FIRST, SECOND]),
      apply: {
        'toy:Warn': async (_input, io) => {
          sent.push('Warn');
          await io.sleep(50);
          lamp.ledger.switchOn(STOP);
          return null;
        },
        'toy:Light': () => {
          sent.push('Light');
          account.lit = true;
          return Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'refused' }]);
    expect(lamp.sent).toEqual(['Warn']);
  });
  it.each(['observe', 'verify'] as const)(
    'inside a patient %s, is read before the next call at once',
    async (phase) => {
      let looks = 0;
      const lamp: Toy = toy((account, sent) => {
        const rest = async (io: { readonly sleep: (milliseconds: number) => Promise<void> }): Promise<void> => {
          await io.sleep(50);
          lamp.ledger.switchOn(STOP);
        };
        return {
          decide: () => lightUp(undefined, { more: true }),
          observe: async (_target, _request, io) => {
            looks += 1;
            if (phase === 'observe' && looks === 2) await rest(io);
            return { lit: account.lit };
          },
          verify: async (_target, _plan, _request, io) => {
            if (phase === 'verify') await rest(io);
            return { ok: true };
          },
          apply: { 'toy:Light': () => (sent.push('Light'), Promise.resolve(null)) },
        };
      });
      expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'refused' }]);
      expect(lamp.sent).toEqual(['Light']);
    },
  );
  it('between two looks, is read before the next call at once', async () => {
    let tries = 0;
    const lamp: Toy = toy((_account, sent) => ({
      apply: {
        'toy:Light': () => {
          tries += 1;
          sent.push('Light');
          lamp.ledger.switchOn(STOP);
          return Promise.reject(Object.assign(new Error('slow down'), { name: 'Throttling' }));
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'refused' }]);
    expect(tries).toBe(1);
  });
});
