/** What a dead run announced about a target that a look at everything does not find any more: told once, settled once. */

import { describe, expect, it, vi } from 'vitest';
import type { ToyFacts } from './toy-runbook.ts';
import { judge, tick, useToys, type Toy } from './toy-runbook.ts';

const toy = useToys();

const GONE = 'arn:aws:toy:eu-west-1:111122223333:lamp/gone';

/** A run announced that the lamp is to be lit, and died; since then the lamp has lost its tag. */
async function announceAndDie(lamp: Toy, target = GONE): Promise<void> {
  await lamp.ledger.acquire({
    resource: target,
    runbook: 'light-lamps',
    owner: 'dead',
    now: '2026-11-22T07:58:00.000Z',
    until: '2026-11-22T07:58:30.000Z',
    intent: { key: 'lamp 1 lit', note: { by: 'dead' } },
  });
}

/** So many ticks, a minute apart: of each what it told, and what the ledger then has of the target. */
async function tickOn(lamp: Toy, times: number, target = GONE): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const results = await lamp.give(tick(), `tick-${index}`);
    const state = lamp.ledger.dump().resources.find(({ resource }) => resource === target);
    const words = results.filter((result) => result.target === target).map(({ outcome }) => outcome);
    const left = [state?.owner === undefined ? '' : 'held', state?.history.pending === undefined ? '' : 'announced'];
    seen.push([...words, ...left].filter((word) => word !== '').join(' '));
    vi.setSystemTime(Date.now() + 60_000);
  }
  return seen;
}

describe('an announced target that is not found any more', () => {
  it('whose goal is reached is told once, settled once, and handed back', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await announceAndDie(lamp);
    expect(await tickOn(lamp, 3)).toEqual(['done', '', '']);
    expect(lamp.ledger.dump().records).toMatchObject([{ target: GONE, body: { outcome: 'done' } }]);
  });
  it('of which the runbook wants nothing more is told once, settled once, and handed back', async () => {
    const decide = ({ lit, history }: ToyFacts) =>
      lit ? judge({ lit, history }) : ({ kind: 'refuse', code: 'gone', because: 'no lamp', evidence: {} } as const);
    const lamp = toy(() => ({ decide }));
    lamp.account.targets = [];
    await announceAndDie(lamp);
    expect(await tickOn(lamp, 3)).toEqual(['refused', '', '']);
    expect(lamp.ledger.dump().records).toMatchObject([
      { target: GONE, body: { outcome: 'refused', evidence: { announced: { intent: 'lamp 1 lit' } } } },
    ]);
  });
  it('is settled where it still is found, and the runbook says that it is over', async () => {
    const decide = ({ lit, history }: ToyFacts) =>
      lit
        ? judge({ lit, history })
        : ({ kind: 'refuse', code: 'gone', because: 'no bulb', evidence: {}, over: true } as const);
    const lamp = toy(() => ({ decide }));
    const [target = ''] = lamp.account.targets;
    await announceAndDie(lamp, target);
    expect(await tickOn(lamp, 2, target)).toEqual(['refused', 'refused']);
  });
  it('says that its lease ran out in one tick, not in each', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await announceAndDie(lamp);
    await tickOn(lamp, 3);
    expect(lamp.lines.filter(({ LeaseExpired = 0 }) => LeaseExpired === 1)).toHaveLength(1);
  });
  it('beyond those that a tick has time for is told by the next one', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    const all = Array.from({ length: 21 }, (_none, index) => `lamp/${String(index).padStart(2, '0')}`);
    for (const target of all) await announceAndDie(lamp, target);
    expect(await tickOn(lamp, 3, 'lamp/20')).toEqual(['announced', 'done', '']);
  });
  it('is left to the next tick where it cannot be looked at', async () => {
    let fails = true;
    const lamp = toy((account) => ({
      observe: () => (fails ? Promise.reject(new Error('no answer')) : Promise.resolve({ lit: account.lit })),
    }));
    lamp.account.lit = true;
    await announceAndDie(lamp);
    await expect(lamp.give(tick())).rejects.toThrow('no answer');
    fails = false;
    expect(await tickOn(lamp, 2)).toEqual(['done', '']);
  });
});
