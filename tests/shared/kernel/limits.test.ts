/** Over a limit is news: recorded, published, alarmed with; and what the limit allows is served. */

import { describe, expect, it, vi } from 'vitest';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { plain } from '../../../shared/kernel/hosts/plain-host.ts';
import { LIMITS } from '../../recycle-instances/limits.ts';
import { fleet, outcomes, recycle, recycler } from './recycling.ts';
import { judge, lightUp, LIMITS as TOY_LIMITS, stoppedEvent, tick, useToys, type Toy } from './toy-runbook.ts';

const toy = useToys();

const FOUR = ['a', 'b', 'c', 'd'];
const OVER =
  'too-many-targets: the lamp is dark; but this run acts on 3 targets already, its limit; the next run goes on';

/** One lamp a target. */
function lamps(targets: readonly string[], withFacts: boolean): { readonly lamp: Toy; readonly lit: Set<string> } {
  const lit = new Set<string>();
  const lamp: Toy = toy((_account, sent) => ({
    locate: () =>
      Promise.resolve(targets.map((target) => (withFacts ? { target, facts: { lit: lit.has(target) } } : { target }))),
    observe: (target) => Promise.resolve({ lit: lit.has(target) }),
    apply: {
      'toy:Light': (input) => {
        const wanted = typeof input['Lamp'] === 'string' ? input['Lamp'] : '';
        lit.add(wanted);
        sent.push(wanted);
        return Promise.resolve(null);
      },
    },
    decide: (facts) => judge(facts),
    verify: () => Promise.resolve({ ok: true }),
  }));
  return { lamp, lit };
}

describe('more targets to act on than the limit', () => {
  it.each([
    ['whose facts are there at the door', true],
    ['that are looked at one by one', false],
  ])(
    '%s: as many as it allows are served, each of the others is refused, recorded and alarmed with',
    async (_how, withFacts) => {
      const { lamp } = lamps(FOUR, withFacts);
      const results = await lamp.give(tick());
      expect(results.map(({ target, outcome }) => `${target} ${outcome}`)).toEqual([
        'a done',
        'b done',
        'c done',
        'd refused',
      ]);
      expect(results.at(-1)?.reason).toBe(OVER);
      expect(lamp.ledger.dump().records.find(({ target }) => target === 'd')?.body).toMatchObject({
        outcome: 'refused',
      });
      expect(lamp.lines).toContainEqual(expect.objectContaining({ Target: 'd', Refused: 1, Attention: 1 }));
      expect(lamp.ledger.dump().resources.find(({ resource }) => resource === 'd')?.history).toMatchObject({
        actions: [],
        memory: { trouble: 'refused:too-many-targets' },
      });
    },
  );

  it('the next run goes on with those that are left, and says no more of it', async () => {
    const { lamp } = lamps(['a', 'b', 'c', 'd', 'e', 'f', 'g'], true);
    // The toy lights nothing for good: what it acted on stays dark, and is in its cool-down.
    await lamp.give(tick(), 'one');
    vi.setSystemTime(new Date('2026-11-22T08:01:00Z'));
    const second = await lamp.give(tick(), 'two');
    expect(second.filter(({ outcome }) => outcome === 'done').map(({ target }) => target)).toEqual(['d', 'e', 'f']);
    vi.setSystemTime(new Date('2026-11-22T08:02:00Z'));
    const third = await lamp.give(tick(), 'three');
    expect(third.filter(({ outcome }) => outcome === 'done').map(({ target }) => target)).toEqual(['g']);
    expect(third.find(({ target }) => target === 'a')?.reason).toMatch(/^cooldown: /u);
    const refusedForG = lamp.ledger
      .dump()
      .records.filter(({ target, body }) => target === 'g' && body['outcome'] === 'refused');
    expect(refusedForG.map(({ run }) => run)).toEqual(['one']);
  });

  it('does not count those that only look, nor what is free of the budget', async () => {
    const lamp = toy(() => ({
      locate: () => Promise.resolve(FOUR.map((target) => ({ target }))),
      decide: (facts) => (facts.lit ? judge(facts) : lightUp(undefined, { budget: 'free' })),
    }));
    lamp.account.targets = FOUR;
    expect((await lamp.give(tick())).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done']);
    const calm = toy(() => ({ locate: () => Promise.resolve(FOUR.map((target) => ({ target }))) }));
    calm.account.lit = true;
    expect((await calm.give(tick())).map(({ outcome }) => outcome)).toEqual([
      'nothing',
      'nothing',
      'nothing',
      'nothing',
    ]);
  });

  it('does not count those that their lease was refused for', async () => {
    const targets = Array.from({ length: 55 }, (_, index) => `lamp-${index}`);
    const lamp = toy(() => ({
      limits: { ...TOY_LIMITS, maxTargets: 50, maxLooks: 1 },
      locate: () => Promise.resolve(targets.map((target) => ({ target, facts: { lit: false } }))),
    }));
    const until = '2026-11-22T09:00:00.000Z';
    for (const resource of targets.slice(0, 50))
      await lamp.ledger.acquire({ resource, runbook: 'x', owner: 'somebody', now: '2026-11-22T08:00:00.000Z', until });
    const results = await lamp.give(stoppedEvent());
    expect(results.filter(({ outcome }) => outcome === 'done').map(({ target }) => target)).toEqual(targets.slice(50));
    expect(results.filter(({ reason }) => reason.startsWith('leased'))).toHaveLength(50);
  });

  it('is planned as it would be done', async () => {
    const { lamp } = lamps(FOUR, true);
    const results = await lamp.give({ runbook: 'light-lamps', dryRun: true });
    expect(results.map(({ outcome }) => outcome)).toEqual(['planned', 'planned', 'planned', 'refused']);
    const { resources, records } = lamp.ledger.dump();
    expect(records.map(({ body }) => body['outcome'])).toEqual(['planned', 'planned', 'planned', 'refused']);
    // Nothing was booked, held or announced.
    for (const { owner, history } of resources)
      expect([owner, history.epoch, history.pending]).toEqual([undefined, 0, undefined]);
  });

  it('on the durable host, where a replay counts the same', async () => {
    const end = await recycle(recycler({ limits: { ...LIMITS, maxTargets: 3 } }), {
      world: fleet(8),
      environment: DEPLOYED_ENVIRONMENT,
    });
    const lines = outcomes(end);
    expect(lines.filter((line) => line.endsWith(' done')).length).toBeGreaterThanOrEqual(3);
    expect(lines).toHaveLength(8);
    const refused = end.results.filter(({ result }) => result.outcome === 'refused');
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(refused[0]?.result.reason).toMatch(/^too-many-targets: /u);
    const published = end.world
      .records('eventbridge', 'Entries')
      .filter((entry) => String(entry['Detail']).includes('too-many-targets'));
    expect(published).toHaveLength(refused.length);
  });
});

describe('a disaster of many at once on the plain host', () => {
  it('of 1,000 is looked after fifty at a time, as many as the limit acted on', async () => {
    let together = 0;
    let most = 0;
    const targets = Array.from({ length: 1_000 }, (_, index) => `lamp-${index}`);
    const lamp = toy(() => ({
      host: plain,
      locate: () => Promise.resolve(targets.map((target) => ({ target }))),
      observe: async () => {
        together += 1;
        most = Math.max(most, together);
        await Promise.resolve();
        together -= 1;
        return { lit: false };
      },
      apply: { 'toy:Light': () => Promise.resolve(null) },
    }));
    const results = await lamp.give(stoppedEvent());
    expect(results).toHaveLength(1_000);
    expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(3);
    expect(most).toBeLessThanOrEqual(50);
  });
});

describe('a run that as a whole cannot be meant', () => {
  const suspicious = (located: readonly object[]): string | undefined =>
    located.length > 3 ? `${located.length} lamps carry the tag, yesterday it were 3` : undefined;

  it('is refused, recorded and alarmed with once, for as long as it lasts', async () => {
    const lamp = toy(() => ({ suspicious }));
    lamp.account.targets = FOUR;
    for (const run of ['one', 'two'])
      expect(await lamp.give(tick(), run)).toMatchObject([
        { outcome: 'refused', reason: 'suspicious: 4 lamps carry the tag, yesterday it were 3' },
      ]);
    expect(lamp.sent).toEqual([]);
    expect(lamp.ledger.dump().records.map(({ run }) => run)).toEqual(['one']);
    expect(lamp.lines.filter((line) => line['Attention'] === 1)).toHaveLength(2);
    lamp.account.targets = ['a'];
    expect(await lamp.give(tick(), 'three')).toMatchObject([{ outcome: 'done' }]);
    lamp.account.targets = FOUR;
    await lamp.give(tick(), 'four');
    expect(lamp.ledger.dump().records.map(({ run }) => run)).toContain('four');
  });
  it('a guard that throws refuses', async () => {
    const lamp = toy(() => ({
      suspicious: () => {
        throw new RangeError('no yesterday');
      },
    }));
    expect(await lamp.give(tick())).toMatchObject([
      { outcome: 'refused', reason: 'suspicious: whether so many are meant cannot be told: RangeError: no yesterday' },
    ]);
    expect(lamp.sent).toEqual([]);
  });
});

describe('an event that is too old', () => {
  it('is recorded, and alarmed with: it says that events come late', async () => {
    const lamp = toy();
    await lamp.give(stoppedEvent({ time: '2026-11-22T07:40:00Z' }));
    expect(lamp.ledger.dump().records).toMatchObject([{ target: '', body: { outcome: 'refused' } }]);
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Refused: 1, Attention: 1 }));
  });
});
