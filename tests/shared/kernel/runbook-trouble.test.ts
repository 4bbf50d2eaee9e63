import { describe, expect, it, vi } from 'vitest';
import type { Ledger } from '../../../shared/kernel/ledger/ledger.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { memoryLedger, type MemoryLedger } from '../../../simulator/engine/ledger.ts';
import { judge, LAMP, lightUp, stoppedEvent, tick, useToys } from './toy-runbook.ts';

function throttled(): Error {
  return Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } });
}

function lost(): Error {
  return Object.assign(new Error('no reply'), { name: 'TimeoutError' });
}

/** A ledger of which some methods fail. */
function brokenLedger(broken: readonly (keyof Ledger)[]): MemoryLedger {
  const ledger = memoryLedger();
  const fail = (): Promise<never> => Promise.reject(Object.assign(new Error('no answer'), { name: 'TimeoutError' }));
  return { ...ledger, ...Object.fromEntries(broken.map((method) => [method, fail])) };
}

const WHOLE: readonly (keyof Ledger)[] = [
  'switches',
  'resource',
  'resources',
  'acquire',
  'renew',
  'release',
  'remember',
  'record',
];

const toy = useToys();

describe('an AWS call that fails', () => {
  it('is followed by another look, not by the same call: a lost reply is not sent twice', async () => {
    const lamp = toy((account, sent) => ({
      apply: {
        'toy:Light': () => {
          sent.push('Light');
          account.lit = true;
          return Promise.reject(lost());
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done', reason: 'dark: the lamp is dark' }]);
    expect(lamp.sent).toEqual(['Light']);
  });
  it('takes nothing from the alarm that its decision was to raise', async () => {
    const lamp = toy((account) => ({
      decide: (facts) => (facts.lit ? judge(facts) : lightUp(undefined, { attention: true })),
      apply: {
        'toy:Light': () => {
          account.lit = true;
          return Promise.reject(lost());
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Attention: 1 }));
  });
  it('is decided anew after a throttle without effect', async () => {
    let tries = 0;
    const lamp = toy((account, sent) => ({
      apply: {
        'toy:Light': () => {
          tries += 1;
          if (tries === 1) return Promise.reject(throttled());
          sent.push('Light');
          account.lit = true;
          return Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.ledger.dump().resources[0]?.history.actions).toHaveLength(1);
  });
  it('ends in a throw after as many looks as the limit, and leaves the intent for the next run', async () => {
    const lamp = toy(() => ({ apply: { 'toy:Light': () => Promise.reject(lost()) } }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('TimeoutError: no reply');
    expect(lamp.logged()).toMatchObject([{ outcome: 'failed', reason: 'timeout-error: no reply' }]);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.pending?.intent).toBe('lamp 1 lit');
    expect(state?.owner).toBeUndefined();
  });
  it('without effect, however often, is no action: nothing is charged, nothing is left to be resumed', async () => {
    const lamp = toy(() => ({ apply: { 'toy:Light': () => Promise.reject(throttled()) } }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('RequestLimitExceeded: slow down');
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.actions).toEqual([]);
    expect(state?.history.pending).toBeUndefined();
    expect(state?.owner).toBeUndefined();
  });
  it('is thrown at once when a repeat cannot help', async () => {
    const lamp = toy(() => ({ apply: { 'toy:Light': () => Promise.reject(new TerminalError('not allowed')) } }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('not allowed');
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Failed: 1, Attention: 1 }));
  });
  it('while reading is tried again, and then thrown', async () => {
    let reads = 0;
    const lamp = toy(() => ({
      locate: () => {
        reads += 1;
        return Promise.reject(throttled());
      },
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('RequestLimitExceeded');
    expect(reads).toBe(3);
  });
  it('on one target does not decide for another', async () => {
    const lamp = toy(() => ({
      observe: (target) =>
        target === 'b' ? Promise.reject(new TerminalError('cannot read b')) : Promise.resolve({ lit: true }),
    }));
    lamp.account.targets = ['a', 'b', 'c'];
    await expect(lamp.give(tick())).rejects.toThrow('cannot read b');
    expect(
      lamp
        .logged()
        .map(({ target, outcome }) => `${target} ${outcome}`)
        .toSorted(),
    ).toEqual(['a nothing', 'b failed', 'c nothing']);
  });
});

describe('a run after one that died', () => {
  it('resumes the announced intent without being charged again, and settles it', async () => {
    const lamp = toy();
    const request = {
      resource: LAMP,
      runbook: 'light-lamps',
      owner: 'dead',
      now: '2026-11-22T07:59:00.000Z',
      until: '2026-11-22T07:59:30.000Z',
    };
    await lamp.ledger.acquire({
      ...request,
      intent: { key: 'lamp 1 lit', note: {} },
      budget: { lastBefore: '2026-11-22T07:54:00.000Z', windowFrom: '2026-11-22T06:59:00.000Z', max: 2 },
    });
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.actions).toHaveLength(1);
    expect(state?.history.pending).toBeUndefined();
  });
  it('hands back the lease of a resource that is no longer tagged, and says so', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await lamp.ledger.acquire({
      resource: 'arn:gone',
      runbook: 'light-lamps',
      owner: 'dead',
      now: '2026-11-22T07:59:00.000Z',
      until: '2026-11-22T07:59:30.000Z',
    });
    await lamp.give(tick());
    expect(lamp.ledger.dump().resources.find(({ resource }) => resource === 'arn:gone')?.owner).toBeUndefined();
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Heartbeat: 1, LeaseExpired: 1 }));
  });
});

describe('a ledger that does not answer', () => {
  it('stops a runbook that refuses without it', async () => {
    const lamp = toy(undefined, brokenLedger(WHOLE));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^ledger-lost/u) },
    ]);
    expect(lamp.sent).toEqual([]);
  });
  it.each([[WHOLE], [['acquire'] as const], [['switches'] as const]])(
    'does not stop one that proceeds (%j): it decides on what it has, acts, and alarms',
    async (broken) => {
      const seen: unknown[] = [];
      const lamp = toy(
        () => ({
          ledgerLost: 'proceed',
          decide: (facts) => {
            seen.push(facts.history);
            return judge(facts);
          },
        }),
        brokenLedger(broken),
      );
      expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
      expect(seen).toContain('lost');
      expect(lamp.lines).toContainEqual(expect.objectContaining({ LedgerLost: 1, Attention: 1 }));
    },
  );
  it('is forgiven one lost reply', async () => {
    const ledger = memoryLedger();
    let calls = 0;
    const forgetful: MemoryLedger = {
      ...ledger,
      acquire: async (request) => {
        calls += 1;
        const answer = await ledger.acquire(request);
        if (calls === 1) throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
        return answer;
      },
    };
    const lamp = toy(undefined, forgetful);
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(ledger.dump().resources[0]?.history.actions).toHaveLength(1);
  });
});

describe('a plan whose effect cannot be seen', () => {
  it('is followed by a look that knows of the setback, and ends as failed whatever that does', async () => {
    const lamp = toy(() => ({
      verify: (_target, plan) =>
        Promise.resolve(plan[0]?.call === 'toy:Light' ? { ok: false, why: 'still dark' } : { ok: true }),
      decide: (facts) =>
        facts.setback === undefined
          ? lightUp()
          : lightUp([{ call: 'toy:Douse', input: {}, because: 'going back' }], {
              intent: 'lamp 1 doused',
              budget: 'free',
            }),
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow(
      'VerificationFailed: still dark; then went-back: the lamp is dark',
    );
    expect(lamp.sent).toEqual(['Light', 'Douse']);
  });
  it('goes back once only', async () => {
    const lamp = toy(() => ({
      verify: () => Promise.resolve({ ok: false, why: 'still dark' }),
      decide: (facts) =>
        facts.setback === undefined
          ? lightUp()
          : lightUp([{ call: 'toy:Douse', input: {}, because: 'going back' }], { intent: 'back', budget: 'free' }),
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('VerificationFailed: still dark; going back: still dark');
    expect(lamp.sent).toEqual(['Light', 'Douse']);
  });
});

describe('what is said, and how often', () => {
  it('repeats a refusal of the schedule as a metric, but records it once', async () => {
    const lamp = toy(() => ({
      decide: () => ({ kind: 'refuse', code: 'no-bulb', because: 'there is no bulb', evidence: {} }),
    }));
    await lamp.give(tick(), 'a');
    await lamp.give(tick(), 'b');
    expect(lamp.ledger.dump().records.map(({ run }) => run)).toEqual(['a']);
    expect(lamp.lines.filter((line) => line['Refused'] === 1 && line['Target'] === LAMP)).toHaveLength(2);
    expect(lamp.ledger.dump().resources[0]?.history.memory).toEqual({ trouble: 'refused:no-bulb' });
  });
  it('forgets the trouble when it is over', async () => {
    let bulb = false;
    const lamp = toy(() => ({
      decide: (facts) =>
        bulb ? judge({ ...facts, lit: true }) : { kind: 'refuse', code: 'no-bulb', because: '', evidence: {} },
    }));
    await lamp.give(tick(), 'a');
    bulb = true;
    await lamp.give(tick(), 'b');
    expect(lamp.ledger.dump().resources[0]?.history.memory).toEqual({});
  });
  it('keeps what a decision asks to remember', async () => {
    const lamp = toy(() => ({
      decide: () => ({ kind: 'nothing', code: 'ok', because: '', evidence: {}, remember: { seen: 'yes' } }),
    }));
    await lamp.give(tick());
    expect(lamp.ledger.dump().resources[0]?.history.memory).toEqual({ seen: 'yes' });
  });
  it('reads the history only for a decision that needs it', async () => {
    const lamp = toy(() => ({
      decide: ({ history }) =>
        history === 'unread'
          ? { kind: 'nothing', code: 'unsure', because: '', evidence: {}, needsHistory: true }
          : { kind: 'nothing', code: 'sure', because: 'read it', evidence: {} },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ reason: 'sure: read it' }]);
  });
  it('reports waiting on the plain host and leaves the rest to the schedule', async () => {
    const lamp = toy(() => ({
      decide: () => ({ kind: 'wait', seconds: 15, code: 'warming', because: 'the bulb warms up', evidence: {} }),
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'waiting', reason: 'warming: the bulb warms up' },
    ]);
  });
  it('goes on after calls that are not the end', async () => {
    const lamp = toy((account, sent) => ({
      decide: (facts) => (facts.lit ? judge(facts) : lightUp(undefined, { more: true })),
      apply: {
        'toy:Light': () => {
          sent.push('Light');
          account.lit = sent.length === 2;
          return Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'done', plan: [{ call: 'toy:Light' }, { call: 'toy:Light' }] },
    ]);
  });
  it('never goes on for ever', async () => {
    const lamp = toy(() => ({ decide: () => lightUp(undefined, { more: true }) }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('TooManyTries: no end after 90 plans');
  });
});

describe('an event that Lambda delivers again after a failure no repeat can mend', () => {
  it('fails again without acting again, and leaves the record as it was', async () => {
    const lamp = toy(() => ({
      verify: () => Promise.resolve({ ok: false, why: 'still dark' }),
      decide: (facts) => (facts.setback === undefined ? lightUp() : judge({ ...facts, lit: true })),
    }));
    await expect(lamp.give(stoppedEvent(), 'same')).rejects.toThrow('VerificationFailed');
    vi.setSystemTime(new Date('2026-11-22T08:06:00Z'));
    await expect(lamp.give(stoppedEvent(), 'same')).rejects.toThrow('AlreadyFailed');
    expect(lamp.sent).toEqual(['Light']);
    expect(lamp.ledger.dump().records).toMatchObject([
      { run: 'same', body: { reason: expect.stringMatching(/^verification-failed/u) } },
    ]);
    expect(lamp.ledger.dump().resources[0]?.owner).toBeUndefined();
  });
  it('does not keep another run from acting', async () => {
    const lamp = toy(() => ({
      verify: () => Promise.resolve({ ok: false, why: 'still dark' }),
      decide: (facts) => (facts.setback === undefined ? lightUp() : judge({ ...facts, lit: true })),
    }));
    await expect(lamp.give(stoppedEvent(), 'one')).rejects.toThrow('VerificationFailed');
    vi.setSystemTime(new Date('2026-11-22T08:06:00Z'));
    await expect(lamp.give(stoppedEvent(), 'two')).rejects.toThrow('VerificationFailed');
    expect(lamp.sent).toEqual(['Light', 'Light']);
  });
});
