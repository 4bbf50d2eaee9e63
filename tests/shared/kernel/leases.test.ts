/** The lease of a run: lost, overtaken, run out, held by another. */

import { describe, expect, it, vi } from 'vitest';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Ledger, ResourceState } from '../../../shared/kernel/ledger/ledger.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { fleet, recycle, recycler, TICK, TICKING } from './recycling.ts';
import { judge, LAMP, lightUp, LIMITS, stoppedEvent, tick, useToys, type Toy } from './toy-runbook.ts';

const toy = useToys();

const WARN: PlannedCall = { call: 'toy:Warn', input: {}, because: 'people look up' };

/** Lights in two calls; another run takes the lease while the first of them takes 25 seconds. */
function robbed(): Toy {
  const made: Toy = toy((account, sent) => ({
    decide: (facts) => (facts.lit ? judge(facts) : lightUp([WARN, ...lightUp().plan])),
    apply: {
      'toy:Warn': () => {
        sent.push('Warn');
        if (sent.length === 1) {
          vi.setSystemTime(Date.now() + 25_000);
          made.ledger.takeAway(new Date().toISOString(), new Date(Date.now() + 2_000).toISOString());
        }
        return Promise.resolve(null);
      },
      'toy:Light': () => {
        sent.push('Light');
        account.lit = true;
        return Promise.resolve(null);
      },
    },
  }));
  return made;
}

describe('a lease that another run has taken', () => {
  it('stops the plan before its next call; the run looks again, and begins anew when it has the lease', async () => {
    const lamp = robbed();
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    // Without the guard the second call would have left under the other run's lease.
    expect(lamp.sent).toEqual(['Warn', 'Warn', 'Light']);
    expect(lamp.ledger.dump().resources[0]?.owner).toBeUndefined();
  });
  it('is not handed back by the run that lost it', async () => {
    const lamp: Toy = toy(() => ({
      apply: {
        'toy:Light': () => {
          lamp.ledger.takeAway(new Date().toISOString(), '2026-11-22T09:00:00.000Z');
          lamp.account.lit = true;
          return Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.ledger.dump().resources[0]).toMatchObject({ owner: 'another-run' });
  });
});

describe('a target that somebody acted on after it was looked at', () => {
  /** Another run acts between the look and the lease. `budget` absent: its action is not counted. */
  async function actAsAnother(ledger: Ledger, isCounted: boolean): Promise<void> {
    vi.setSystemTime(Date.now() + 10);
    const now = new Date().toISOString();
    const how = { resource: LAMP, runbook: 'light-lamps', owner: 'other', now, until: now };
    const budget = { lastBefore: now, windowFrom: now, max: 8 };
    const answer = await ledger.acquire(isCounted ? { ...how, budget } : how);
    if (answer.granted) await ledger.release({ lease: answer.lease, intent: 'settle' });
  }
  it.each([
    ['as its booking says', stoppedEvent, true],
    ['as the number of leases says', tick, false],
  ])('%s, is looked at again under the lease, before anything is sent', async (_how, event, isCounted) => {
    let looks = 0;
    const lamp: Toy = toy((account) => ({
      limits: { ...LIMITS, cooldownSeconds: 0 },
      observe: async () => {
        looks += 1;
        const seen = { lit: account.lit };
        if (looks > 1) return seen;
        await actAsAnother(lamp.ledger, isCounted);
        if (!isCounted) await actAsAnother(lamp.ledger, isCounted);
        account.lit = true;
        return seen;
      },
    }));
    expect((await lamp.give(event())).map(({ reason }) => reason)).toEqual(['lit: the lamp is lit']);
    expect(lamp.sent).toEqual([]);
    expect(looks).toBe(2);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.actions).toHaveLength(Number(isCounted));
    expect(state?.owner).toBeUndefined();
  });
});

describe('a lease that has run out', () => {
  it('of a plain run is a dead run at once', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await lamp.ledger.acquire({
      resource: 'arn:gone',
      runbook: 'light-lamps',
      owner: 'dead',
      now: '2026-11-22T07:59:00.000Z',
      until: '2026-11-22T07:59:59.000Z',
    });
    await lamp.give(tick());
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Heartbeat: 1, LeaseExpired: 1 }));
  });
  it('does not keep the heart from beating when it cannot be handed back', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await lamp.ledger.acquire({
      resource: 'arn:gone',
      runbook: 'light-lamps',
      owner: 'dead',
      now: '2026-11-22T07:59:00.000Z',
      until: '2026-11-22T07:59:30.000Z',
    });
    await lamp.ledger.acquire({
      resource: 'arn:gone-too',
      runbook: 'light-lamps',
      owner: 'dead',
      now: '2026-11-22T07:59:00.000Z',
      until: '2026-11-22T07:59:30.000Z',
    });
    Object.assign(lamp.ledger, { acquire: () => Promise.reject(new Error('no answer')) });
    await lamp.give(tick());
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Heartbeat: 1, LeaseExpired: 2 }));
    const named = lamp.lines.filter(({ message }) => message === 'lease expired').map(({ target }) => target);
    expect(named).toEqual(['arn:gone', 'arn:gone-too']);
  });

  /** Its lease ran out so many seconds before the tick. */
  async function tickAfter(seconds: number): Promise<readonly string[]> {
    const until = new Date(Date.parse('2026-11-22T08:00:00Z') - seconds * 1_000).toISOString();
    const handler = recycler({
      triggers: TICKING,
      decide: () => ({ kind: 'nothing', code: 'well', because: '', evidence: {} }),
    });
    const resource = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0c3';
    const late: ResourceState = {
      resource,
      runbook: 'recycle-instances',
      owner: `late|${resource}`,
      until,
      history: { epoch: 1, actions: [], memory: {} },
    };
    const end = await recycle(handler, { world: fleet(1), events: [{ event: TICK, afterMs: 0 }] }, ({ ledger }) => {
      const { resources } = ledger;
      Object.assign(ledger, { resources: async () => [...(await resources()), late] });
    });
    const takenOver = end.requests.filter(
      ({ call, input }) => call === 'ledger:acquire' && input['resource'] === resource,
    );
    return [
      ...end.lines.filter((line) => line.includes('"LeaseExpired":1')).map(() => 'alarmed'),
      ...takenOver.map(() => 'taken over'),
    ];
  }
  it('of a durable run that is merely late is left alone', async () => {
    expect(await tickAfter(120)).toEqual([]);
  });
  it('of a durable run that does not come back for five minutes is a dead run’s', async () => {
    expect(await tickAfter(301)).toEqual(['alarmed', 'taken over']);
  });
});

describe('an item of the ledger that is about to expire', () => {
  it('is kept for as long as there are runs on the resource', async () => {
    const ledger = memoryLedger();
    const kept: string[] = [];
    Object.assign(ledger, {
      resources: () =>
        Promise.resolve([
          {
            resource: LAMP,
            runbook: 'light-lamps',
            history: { epoch: 1, actions: [], memory: { seen: 'x' } },
            expiresAt: '2027-01-01T00:00:00.000Z',
          },
          {
            resource: 'arn:gone',
            runbook: 'light-lamps',
            history: { epoch: 1, actions: [], memory: {} },
            expiresAt: '2027-01-01T00:00:00.000Z',
          },
        ]),
      remember: (resource: string, _runbook: string, values: object) => {
        kept.push(`${resource} ${JSON.stringify(values)}`);
        return Promise.resolve();
      },
    });
    const lamp = toy(undefined, ledger);
    lamp.account.lit = true;
    await lamp.give(tick());
    expect(kept).toEqual([`${LAMP} {}`]);
  });
});

describe('an item of the ledger that cannot be read', () => {
  it('is as good as lost for its own target, and for no other', async () => {
    const ledger = memoryLedger();
    Object.assign(ledger, {
      resources: () =>
        Promise.resolve([
          { resource: 'a', runbook: 'light-lamps', history: { epoch: 0, actions: [], memory: {} }, isUnreadable: true },
        ]),
    });
    const lamp = toy(undefined, ledger);
    lamp.account.targets = ['a', 'b'];
    expect((await lamp.give(tick())).map(({ target, reason }) => `${target} ${reason.split(':')[0]}`)).toEqual([
      'a ledger-lost',
      'b dark',
    ]);
  });
});
