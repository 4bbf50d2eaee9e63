import { describe, expect, it } from 'vitest';
import type { Act, Meaning, PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { judge, LAMP, lightUp, stoppedEvent, useToys, type Toy, type ToyFacts } from './toy-runbook.ts';

const toy = useToys();

function awsError(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

function lightWith(bulb: string, more: Partial<Act> = {}): Act {
  const call: PlannedCall = { call: 'toy:Light', input: { Bulb: bulb }, because: 'it is dark' };
  return lightUp([call], { intent: `lamp 1 lit with ${bulb}`, ...more });
}

/** Takes the first bulb that nothing was said of. */
function nextBulb(facts: ToyFacts): Act | ReturnType<typeof judge> {
  const tried = new Set((facts.refusals ?? []).map(({ input }) => input['Bulb']));
  const bulb = ['a', 'b', 'c'].find((name) => !tried.has(name));
  return facts.lit || bulb === undefined ? judge({ ...facts, lit: true }) : lightWith(bulb);
}

/** A toy in which AWS says `name` to the first bulb, which means `meaning`. */
function firstBulbFails(
  meaning: Meaning,
  seen: (readonly Refusal[])[] = [],
  says = awsError('NoSuchBulb', 'gone'),
): Toy {
  return toy((account, sent) => ({
    decide: (facts) => {
      seen.push(facts.refusals ?? []);
      return nextBulb(facts);
    },
    apply: {
      'toy:Light': {
        send: ({ Bulb }) => {
          sent.push(typeof Bulb === 'string' ? Bulb : '');
          if (Bulb === 'a' && sent.length === 1) return Promise.reject(says);
          account.lit = true;
          return Promise.resolve(null);
        },
        means: { [says.name]: meaning },
      },
    },
  }));
}

describe('a call that AWS refuses', () => {
  it('is no action: the same run chooses again at once, knows of it, and is charged once', async () => {
    const seen: (readonly Refusal[])[] = [];
    const lamp = firstBulbFails('refused', seen);
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done', plan: [{ input: { Bulb: 'b' } }] }]);
    expect(lamp.sent).toEqual(['a', 'b']);
    expect(seen.at(-1)).toEqual([
      {
        call: 'toy:Light',
        input: { Bulb: 'a' },
        meaning: 'refused',
        name: 'NoSuchBulb',
        message: 'gone',
        at: expect.stringMatching(/^2026-11-22T08:00:/u),
      },
    ]);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.actions).toHaveLength(1);
    expect(state?.history.pending).toBeUndefined();
  });
  it('for want of capacity is an answer, not a fault, also with status 500', async () => {
    const lamp = firstBulbFails('capacity', [], awsError('InsufficientCapacity', 'none there', 500));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.sent).toEqual(['a', 'b']);
  });
  it('leaves nothing charged where nothing else is chosen', async () => {
    const lamp = toy(() => ({
      decide: (facts) =>
        facts.refusals === undefined
          ? lightWith('a')
          : { kind: 'refuse', code: 'no-bulb', because: 'there is no other', evidence: {} },
      apply: { 'toy:Light': { send: () => Promise.reject(awsError('NoBulb', 'no')), means: { NoBulb: 'refused' } } },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: 'no-bulb: there is no other' },
    ]);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.actions).toEqual([]);
    expect(state?.history.pending).toBeUndefined();
    expect(state?.owner).toBeUndefined();
  });
  it('twice in the same way ends the run, uncharged: nothing was made of the first', async () => {
    const lamp = toy(() => ({
      decide: () => lightWith('a'),
      apply: { 'toy:Light': { send: () => Promise.reject(awsError('NoBulb', 'no')), means: { NoBulb: 'refused' } } },
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('NoBulb: no');
    expect(lamp.logged()).toMatchObject([{ outcome: 'failed', reason: 'no-bulb: no' }]);
    expect(lamp.ledger.dump().resources[0]?.history.actions).toEqual([]);
  });
  it('in the middle of a plan leaves what came before it, and what is chosen next is the same action', async () => {
    const lamp = toy((account, sent) => ({
      decide: (facts) => {
        if (facts.lit) return judge(facts);
        const bulb = facts.refusals === undefined ? 'a' : 'b';
        const warn: PlannedCall = { call: 'toy:Warn', input: {}, because: 'people look up' };
        const { plan, ...act } = lightWith(bulb);
        return { ...act, plan: [warn, ...plan] };
      },
      apply: {
        'toy:Warn': () => (sent.push('Warn'), Promise.resolve(null)),
        'toy:Light': {
          send: ({ Bulb }) => {
            if (Bulb === 'a') return Promise.reject(awsError('NoBulb', 'no'));
            account.lit = true;
            return Promise.resolve(null);
          },
          means: { NoBulb: 'refused' },
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.sent).toEqual(['Warn', 'Warn']);
    expect(lamp.ledger.dump().resources[0]?.history.actions).toHaveLength(1);
  });
  it('and is optional does not stop the plan', async () => {
    const lamp = toy((account) => ({
      decide: (facts) =>
        facts.lit
          ? judge(facts)
          : lightUp([{ call: 'toy:Warn', input: {}, because: '', optional: true }, ...lightUp().plan]),
      apply: {
        'toy:Warn': { send: () => Promise.reject(awsError('NoHorn', 'mute')), means: { NoHorn: 'refused' } },
        'toy:Light': () => {
          account.lit = true;
          return Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'done', evidence: { notes: { 'toy:Warn': 'NoHorn: mute' } } },
    ]);
  });
});

describe('a call about something that is gone', () => {
  it('counts as done, the plan goes on, and nothing offers to undo it', async () => {
    const lamp = toy((account, sent) => ({
      decide: (facts) =>
        facts.lit
          ? judge(facts)
          : lightUp([
              { call: 'toy:Unscrew', input: {}, because: '', undo: { call: 'toy:Screw', input: {} } },
              ...lightUp().plan,
            ]),
      apply: {
        'toy:Unscrew': { send: () => Promise.reject(awsError('NotFound', 'no such')), means: { NotFound: 'gone' } },
        'toy:Light': () => {
          sent.push('Light');
          account.lit = true;
          return Promise.resolve(null);
        },
      },
    }));
    const [result] = await lamp.give(stoppedEvent());
    expect(result).toMatchObject({
      outcome: 'done',
      evidence: { notes: { 'toy:Unscrew': 'gone: NotFound: no such' } },
    });
    expect(result?.plan.map(({ call, undo }) => `${call} ${undo?.call}`)).toEqual([
      'toy:Unscrew undefined',
      'toy:Light toy:Douse',
    ]);
    expect(lamp.sent).toEqual(['Light']);
  });
});

describe('a call that comes too early or too late', () => {
  it('because AWS is busy is decided anew after a pause', async () => {
    const lamp = firstBulbFails('wait', []);
    const [result] = await lamp.give(stoppedEvent());
    expect(result).toMatchObject({ outcome: 'done', plan: [{ input: { Bulb: 'a' } }] });
    const [first, , second] = (result?.phases ?? [])
      .filter(({ name }) => name === 'toy:Light' || name === 'observe')
      .slice(1);
    const pauseMs = Date.parse(second?.startedAt ?? '') - Date.parse(first?.startedAt ?? '');
    expect(pauseMs).toBeGreaterThanOrEqual(500);
    expect(lamp.ledger.dump().resources[0]?.history.actions).toHaveLength(1);
  });
  it('because the world moved is decided anew at once, as often as the limit on looks', async () => {
    const lamp = firstBulbFails('conflict');
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    const never = toy((_account, sent) => ({
      decide: () => lightWith('a'),
      apply: {
        'toy:Light': {
          send: () => (sent.push('a'), Promise.reject(awsError('Stale', 'moved'))),
          means: { Stale: 'conflict' },
        },
      },
    }));
    await expect(never.give(stoppedEvent())).rejects.toThrow('Stale: moved');
    expect(never.sent).toHaveLength(3);
  });
  it.each(['wait', 'conflict'] as const)('%s: is not charged when it ends there', async (meaning) => {
    const lamp = toy(() => ({
      decide: () => lightWith('a'),
      apply: { 'toy:Light': { send: () => Promise.reject(awsError('Busy', 'no')), means: { Busy: meaning } } },
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('Busy: no');
    expect(lamp.ledger.dump().resources).toMatchObject([{ resource: LAMP, history: { actions: [] } }]);
  });
});
