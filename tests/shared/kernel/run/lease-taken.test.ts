/** How the lease is asked for, and what its answer is made of. */

import { describe, expect, it } from 'vitest';
import type { Decision, History } from '../../../../shared/kernel/decision.ts';
import type { Ledger, LeaseAnswer, LeaseRequest } from '../../../../shared/kernel/ledger/ledger.ts';
import { judgeAgain, lease } from '../../../../shared/kernel/run/lease.ts';
import { takeUp } from '../../../../shared/kernel/run/left-over.ts';
import { refuse } from '../../../../shared/kernel/run/verify.ts';
import type { Acting } from '../../../../shared/kernel/run/state.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, lightUp, type Seen } from '../toy-runbook.ts';
import { actingOf, heldLease, hostOf, NOTHING, NOW, runOf, stateOf, type Change } from './parts.ts';

const EMPTY: History = { epoch: 0, actions: [], memory: {} };

function granted(request: LeaseRequest, history: Partial<History> = {}, resumed = false): LeaseAnswer {
  return {
    granted: true,
    lease: { resource: request.resource, owner: request.owner, epoch: 1, until: request.until },
    history: { ...EMPTY, epoch: 1, ...history },
    resumed,
  };
}

function asking(answer: (request: LeaseRequest) => LeaseAnswer | Error): {
  readonly ledger: Ledger;
  readonly asked: LeaseRequest[];
} {
  const asked: LeaseRequest[] = [];
  const ledger: Ledger = {
    ...memoryLedger(),
    acquire: (request) => {
      asked.push(request);
      const given = answer(request);
      return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
    },
  };
  return { ledger, asked };
}

const NO_ANSWER = Object.assign(new Error('none'), { name: 'TimeoutError' });

describe('the lease', () => {
  it('is asked for with the intent, its note and the budget', async () => {
    const { ledger, asked } = asking(granted);
    const acting = actingOf({ turn: 3 }, { note: { to: 'b' } });
    const run = runOf({ host: hostOf('durable'), ledger });
    expect(await lease(run, acting)).toMatchObject({ state: { lease: { intent: 'lamp 1 lit', booked: true } } });
    expect(asked).toEqual([
      {
        resource: LAMP,
        runbook: 'light-lamps',
        owner: `run-1|${LAMP}`,
        now: NOW,
        until: '2026-11-22T08:00:30.000Z',
        intent: { key: 'lamp 1 lit', note: { to: 'b' } },
        budget: { lastBefore: '2026-11-22T07:55:00.000Z', windowFrom: '2026-11-22T07:00:00.000Z', max: 2 },
      },
    ]);
    expect(run.host.begun).toEqual(['lease:3']);
  });
  it('of what is not counted is asked for without a budget, and books nothing', async () => {
    const { ledger, asked } = asking(granted);
    const next = await lease(runOf({ ledger }), actingOf({}, { budget: 'free' }));
    expect(next).toMatchObject({ state: { lease: { booked: false } } });
    expect(asked[0]).not.toHaveProperty('budget');
    expect(asked[0]?.intent?.note).toEqual({});
  });
  it.each([
    ['the same intent, booked', {}, 'counted', 0],
    ['the same intent, not to be counted', { booked: false }, 'free', 0],
    ['the same intent, to be counted and not booked yet', { booked: false }, 'counted', 1],
    ['another intent', { intent: 'another' }, 'counted', 1],
  ] as const)('that is held for %s', async (_what, held, budget, questions) => {
    const { ledger, asked } = asking(granted);
    await lease(runOf({ ledger }), actingOf({ lease: heldLease(held) }, { budget }));
    expect(asked).toHaveLength(questions);
  });
  it('takes the booking along to the next intent where the last plan came to nothing', async () => {
    const carried = async (carries: boolean, booked: boolean): Promise<number | undefined> => {
      const { ledger, asked } = asking(granted);
      const held = heldLease({ intent: 'another', booked, epoch: 5 });
      await lease(runOf({ ledger }), actingOf({ lease: held, carries }));
      return asked[0]?.carries;
    };
    expect([await carried(true, true), await carried(false, true), await carried(true, false)]).toEqual([
      5,
      undefined,
      undefined,
    ]);
  });
  it('comes with news to be judged by, but for one that is held already', async () => {
    const { ledger } = asking(granted);
    const first = await lease(runOf({ ledger }), actingOf({ history: EMPTY }));
    expect(first).toMatchObject({ news: { before: EMPTY, answer: { granted: true } } });
    expect(await lease(runOf({ ledger }), actingOf({ lease: heldLease({ intent: 'another' }) }))).not.toHaveProperty(
      'news',
    );
  });
  it('is not waited for side by side with claims where steps are kept, or where the budget will say no', async () => {
    const claimed = async (change: Change, history: History | 'unread'): Promise<number> => {
      const { ledger, asked } = asking((request) =>
        request.resource === LAMP
          ? { granted: false, why: 'cooldown', detail: 'later', history: EMPTY }
          : granted(request),
      );
      await lease(runOf({ ...change, ledger }), actingOf({ history }, { claims: ['bulb'] }));
      return asked.filter(({ resource }) => resource === 'claim/bulb').length;
    };
    const recent = { ...EMPTY, actions: ['2026-11-22T07:59:00.000Z'] };
    expect(await claimed({ host: hostOf('durable') }, 'unread')).toBe(0);
    expect(await claimed({}, recent)).toBe(0);
    expect(await claimed({}, EMPTY)).toBe(1);
    expect(await claimed({}, 'unread')).toBe(1);
  });
  it('that another run has leaves the target its claims, and is asked for after a pause', async () => {
    const { ledger } = asking((request) =>
      request.resource === LAMP ? { granted: false, why: 'leased', detail: 'held', history: EMPTY } : granted(request),
    );
    const run = runOf({ ledger });
    const next = await lease(run, actingOf({ history: EMPTY }, { claims: ['bulb'] }));
    expect(next).toMatchObject({ claims: [], contended: 1, switches: { at: '1970' } });
    expect(run.host.begun.at(-1)).toMatch(/^backoff:0 0\.\d+$/u);
    const last = await lease(run, actingOf({ contended: 2 }));
    expect(last).toMatchObject({ outcome: 'refused', code: 'leased', because: 'held' });
  });
  it('that the budget denies is a refusal for a person, and gives the claims back', async () => {
    const { ledger } = asking((request) =>
      request.resource === LAMP
        ? { granted: false, why: 'window', detail: 'allowed again at noon', history: EMPTY }
        : granted(request),
    );
    const end = await lease(runOf({ ledger }), actingOf({ history: EMPTY }, { claims: ['bulb'] }));
    expect(end).toMatchObject({
      outcome: 'refused',
      code: 'window',
      because: 'the lamp is dark; but allowed again at noon',
      attention: true,
      claims: [{ resource: 'claim/bulb' }],
    });
    const told = await lease(runOf({ ledger }), actingOf({}, { onDenied: 'decide' }));
    expect(told).toMatchObject({
      refusals: [
        {
          call: 'ledger:acquire',
          input: {},
          meaning: 'refused',
          name: 'window',
          message: 'allowed again at noon',
        },
      ],
    });
  });
  it('of a ledger that does not answer ends a run that needs it, and is gone without by one that does not', async () => {
    const { ledger, asked } = asking(() => NO_ANSWER);
    expect(await lease(runOf({ ledger }), actingOf())).toMatchObject({
      outcome: 'refused',
      code: 'ledger-lost',
      because: 'the ledger does not answer (TimeoutError)',
      attention: true,
      ledgerLost: true,
    });
    expect(asked).toHaveLength(2);
    const proceeds = runOf({ ledger, runbook: { ledgerLost: 'proceed' } });
    expect(await lease(proceeds, actingOf())).toMatchObject({ history: 'lost' });
    const lost = { history: 'lost' } as const;
    expect(await lease(runOf({ runbook: { ledgerLost: 'proceed' } }), actingOf(lost))).toMatchObject({
      decision: { kind: 'act' },
    });
  });
  it('of a ledger that answers for the target and not for its claims is kept, and asked for those again', async () => {
    const { ledger: given } = asking((request) => (request.resource === LAMP ? granted(request) : NO_ANSWER));
    const ledger = { ...given, renew: () => Promise.resolve(true) };
    for (const ledgerLost of ['refuse', 'proceed'] as const) {
      const next = await lease(runOf({ ledger, runbook: { ledgerLost } }), actingOf({}, { claims: ['bulb'] }));
      expect(next).not.toHaveProperty('outcome');
      expect(next).toMatchObject({ looks: 1, claims: [], lease: { held: { owner: `run-1|${LAMP}` } } });
      expect(next).toMatchObject({ seen: undefined, history: { epoch: 1 } });
    }
  });
  it('is for as many targets as the limit says, with a ledger and without', async () => {
    const full = (change: Change) => {
      const run = runOf({ ...change, limits: { maxTargets: 1 } });
      run.tally.admits('another');
      return run;
    };
    const { ledger, asked } = asking(granted);
    const TOO_MANY = { outcome: 'refused', code: 'too-many-targets' };
    expect(await lease(full({ ledger }), actingOf({}, { claims: ['bulb'] }))).toMatchObject(TOO_MANY);
    expect(await lease(full({ ledger, host: hostOf('durable') }), actingOf())).toMatchObject(TOO_MANY);
    expect(asked).toEqual([]);
    const without = full({ host: hostOf('durable'), runbook: { ledgerLost: 'proceed' } });
    expect(await lease(without, actingOf({ history: 'lost' }))).toMatchObject(TOO_MANY);
    expect(without.host.begun).toEqual(['lease:0']);
    expect(await lease(full({ ledger }), actingOf({}, { budget: 'free' }))).toMatchObject({
      decision: { kind: 'act' },
    });
  });
});

describe('a decision under a lease that was just taken', () => {
  const news = (answer: Partial<History>, before: History | 'unread' = EMPTY, resumed = false): Acting<Seen> => ({
    ...actingOf({ history: { ...EMPTY, epoch: 1, ...answer }, lease: heldLease() }),
    news: {
      answer: {
        granted: true,
        lease: heldLease().held,
        history: { ...EMPTY, epoch: 1, ...answer },
        resumed,
      },
      before,
    },
  });
  const again = (acting: Acting<Seen>, decide?: () => Decision) =>
    judgeAgain(runOf(decide === undefined ? {} : { runbook: { decide } }), acting);
  const LOOKS_AGAIN = { seen: undefined };
  const GOES_ON = { decision: { kind: 'act' } };
  const LATER = '2026-11-22T08:00:00.001Z';

  it('goes on where nothing happened since the look', () => {
    expect(again(news({ actions: [NOW] }))).toMatchObject(GOES_ON);
    expect(again(actingOf({ lease: heldLease() }))).toMatchObject(GOES_ON);
  });
  it('looks again where somebody acted since', () => {
    expect(again(news({ actions: [NOW, LATER] }))).toMatchObject(LOOKS_AGAIN);
    expect(again(news({ actions: [NOW, NOW] }))).toMatchObject(GOES_ON);
    // Of a lease that was resumed nothing was booked just now: the newest action is another run's.
    expect(again(news({ actions: [LATER] }, EMPTY, true))).toMatchObject(LOOKS_AGAIN);
    expect(again(news({ actions: [LATER] }))).toMatchObject(GOES_ON);
  });
  it('looks again where somebody had the lease since, as far as it is known who had it before', () => {
    expect(again(news({ epoch: 2 }))).toMatchObject(LOOKS_AGAIN);
    expect(again(news({ epoch: 1 }))).toMatchObject(GOES_ON);
    expect(again(news({ epoch: 7 }, 'unread'))).toMatchObject(GOES_ON);
  });
  it('is dropped where the same facts are judged otherwise with the history', () => {
    const changed = (change: object) => again(news({}), () => ({ ...lightUp(), ...change }));
    expect(changed({})).toMatchObject(GOES_ON);
    expect(changed({ intent: 'another' })).not.toHaveProperty('decision');
    expect(changed({ plan: [{ call: 'toy:Douse', input: {}, because: '' }] })).not.toHaveProperty('decision');
    expect(again(news({}), () => NOTHING)).not.toHaveProperty('decision');
  });
  it('that is dropped leaves its booking to what is chosen instead', () => {
    expect(again(news({}), () => ({ ...lightUp(), intent: 'another' }))).toMatchObject({ carries: true });
    expect(again(news({ actions: [NOW, LATER] }))).toMatchObject({ carries: true });
    expect(again(news({}))).toMatchObject({ state: { carries: false } });
    // A run before this one may have acted under it.
    const takenUp = news({});
    const resumed = { ...takenUp, state: { ...takenUp.state, resumed: true } };
    expect(again(resumed, () => ({ ...lightUp(), intent: 'another' }))).toMatchObject({ carries: false });
  });
  it('is not made a second time by a run that has failed', () => {
    expect(again(news({ memory: { ended: 'run-1' } }))).toMatchObject({
      outcome: 'failed',
      code: 'already-failed',
      because: 'this run has acted and failed already; its record says how',
      repeat: true,
      fault: { class: 'terminal' },
    });
  });
});

describe('what a dead run announced', () => {
  const OLD = { intent: 'lamp 1 lit', at: '2026-11-22T07:59:30.000Z', note: { by: 'dead' } };
  const left = (at = OLD.at) => stateOf({ turn: 2, history: { ...EMPTY, pending: { ...OLD, at } } });

  it('is taken up and told as done by the run that finds the goal reached', async () => {
    const { ledger, asked } = asking((request) => granted(request, {}, true));
    const run = runOf({ ledger, host: hostOf('durable') });
    const end = await takeUp(run, left(), NOTHING);
    expect(end).toMatchObject({
      outcome: 'done',
      code: 'lit',
      because:
        'announced at 2026-11-22T07:59:30.000Z by a run that did not come to its end: lamp 1 lit; the lamp is lit',
      evidence: { lit: true, announced: { at: OLD.at, intent: 'lamp 1 lit' } },
      lease: { owner: `run-1|${LAMP}` },
      phases: [{ name: 'lease' }],
    });
    expect(asked).toEqual([
      {
        resource: LAMP,
        runbook: 'light-lamps',
        owner: `run-1|${LAMP}`,
        now: NOW,
        until: '2026-11-22T08:00:30.000Z',
        intent: { key: 'lamp 1 lit', note: { by: 'dead' } },
      },
    ]);
    expect(run.host.begun).toEqual(['lease:2']);
  });
  it('is told without another question by a run that holds the lease', async () => {
    const { ledger, asked } = asking(granted);
    const end = await takeUp(runOf({ ledger }), { ...left(), lease: heldLease() }, NOTHING);
    expect(end).toMatchObject({ outcome: 'done' });
    expect(asked).toEqual([]);
  });
  it('may be at work still, half a minute after it was announced and while its lease lasts', async () => {
    const { ledger, asked } = asking((request) => granted(request, {}, true));
    expect(await takeUp(runOf({ ledger }), left('2026-11-22T07:59:30.001Z'), NOTHING)).toBeUndefined();
    expect(await takeUp(runOf({ ledger, held: { heldUntil: NOW } }), left(), NOTHING)).toBeUndefined();
    expect(await takeUp(runOf({ ledger, dryRun: true }), left(), NOTHING)).toBeUndefined();
    expect(await takeUp(runOf({ ledger }), stateOf({ history: EMPTY }), NOTHING)).toBeUndefined();
    expect(await takeUp(runOf({ ledger }), stateOf({ history: 'lost' }), NOTHING)).toBeUndefined();
    expect(asked).toEqual([]);
    const own = await takeUp(runOf({ ledger, held: { heldUntil: NOW } }), { ...left(), lease: heldLease() }, NOTHING);
    expect(own).toMatchObject({ outcome: 'done' });
  });
  it.each([
    ['the ledger does not answer', () => NO_ANSWER],
    ['another run has it', () => ({ granted: false, why: 'leased', detail: '', history: EMPTY }) as const],
  ])('is left alone where %s', async (_why, answer) => {
    expect(await takeUp(runOf({ ledger: asking(answer).ledger }), left(), NOTHING)).toBeUndefined();
  });
  it('is no news where it was settled meanwhile: the lease and what it has announced anew go back', async () => {
    const end = await takeUp(runOf({ ledger: asking(granted).ledger }), left(), NOTHING);
    expect(end).toMatchObject({
      outcome: 'nothing',
      because: 'the lamp is lit',
      evidence: { lit: true },
      lease: { owner: `run-1|${LAMP}` },
      intent: 'settle',
    });
  });
  it('is refused and settled where the runbook says no of what no look finds any more, and nowhere else', async () => {
    const { ledger, asked } = asking((request) => granted(request, {}, true));
    const no = { ...NOTHING, kind: 'refuse' } as const;
    const refused = { outcome: 'refused', code: 'lit', evidence: { announced: { at: OLD.at, intent: OLD.intent } } };
    expect(await refuse(runOf({ ledger, left: true }), left(), no)).toMatchObject({ ...refused, intent: 'settle' });
    expect(asked).toHaveLength(1);
    const kept = await refuse(runOf({ ledger }), left(), no);
    expect([kept.outcome, kept.evidence, kept.lease]).toEqual(['refused', { lit: true }, undefined]);
    const working = await refuse(runOf({ ledger, left: true }), { ...left(), lease: heldLease(), resumed: true }, no);
    expect(working).toMatchObject({ outcome: 'refused', intent: 'keep' });
    expect(asked).toHaveLength(1);
  });
});
