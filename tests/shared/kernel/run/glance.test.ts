/** A tick of a durable runbook: one step where nothing is to be done, and nothing told by it where something is. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HostAdapter } from '../../../../shared/kernel/hosts/host.ts';
import { longRuns } from '../../../../shared/kernel/run/long-runs.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, lightUp, stoppedEvent, tick, useToys, type Toy } from '../toy-runbook.ts';
import { hostOf, type TestHost } from './parts.ts';

const toy = useToys();
afterEach(() => vi.unstubAllEnvs());

/** Each run on a host of its own, kept for what it began. */
function adapterOf(host: TestHost): HostAdapter {
  return { kind: 'durable', long: longRuns, wrap: (run) => (event) => run(event, host) };
}

type Overrides = ReturnType<NonNullable<Parameters<typeof toy>[0]>>;

interface Made {
  readonly made: Toy;
  readonly host: TestHost;
}

function durableToy(change: Overrides = {}, host: TestHost = hostOf('durable'), ledger = memoryLedger()): Made {
  const made = toy(() => ({ host: adapterOf(host), ...change }), ledger);
  made.account.lit = true;
  return { made, host };
}

/** What `start` kept before there was such a word. */
function without<T>(word: string, kept: T): T {
  const own = structuredClone(kept);
  const value: unknown = Reflect.get(Object(own), 'value');
  if (typeof value === 'object' && value !== null) Reflect.deleteProperty(value, word);
  return own;
}

const DEAD = '2026-11-22T07:50:00.000Z';

const told = ({ lines }: Toy): number => lines.filter(({ message }) => message === 'outcome').length;
const beats = ({ lines }: Toy): number => lines.filter((line) => line['Heartbeat'] === 1).length;

describe('a tick at rest', () => {
  it('is a start and one step, in which all is told and the heart beats', async () => {
    const { made, host } = durableToy();
    const results = await made.give(tick());
    expect(host.begun).toEqual(['start', 'glance']);
    expect(results).toMatchObject([{ target: LAMP, outcome: 'nothing', reason: 'lit: the lamp is lit' }]);
    expect([told(made), beats(made)]).toEqual([1, 1]);
  });

  it('is so too where nothing is tagged, where a refusal is news, and with as many as a round has', async () => {
    const none = durableToy();
    none.made.account.targets = [];
    expect(await none.made.give(tick())).toMatchObject([
      { outcome: 'nothing', reason: expect.stringMatching('^no-target') },
    ]);
    expect(none.host.begun).toEqual(['start', 'glance']);

    const refuses = { kind: 'refuse', code: 'broken', because: 'no bulb', evidence: {} } as const;
    const refusing = durableToy({ decide: () => refuses });
    expect(await refusing.made.give(tick())).toMatchObject([{ outcome: 'refused' }]);
    expect(refusing.host.begun).toEqual(['start', 'glance']);
    expect(await refusing.made.ledger.resources()).toMatchObject([
      { resource: LAMP, history: { memory: { trouble: 'refused:broken' } } },
    ]);

    const many = durableToy();
    many.made.account.targets = Array.from({ length: 20 }, (_, index) => `lamp-${index}`);
    expect(await many.made.give(tick())).toHaveLength(20);
    expect(many.host.begun).toEqual(['start', 'glance']);
  });

  it('is so in a dry run too, unless an older version began the execution', async () => {
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    const { made, host } = durableToy();
    const before = { resource: 'lamp-9', runbook: 'light-lamps', owner: 'dead|lamp-9', now: DEAD, until: DEAD };
    // What a dead run left is left to a run that acts.
    await made.ledger.acquire({ ...before, intent: { key: 'lamp 9 lit', note: {} } });
    expect(await made.give(tick())).toMatchObject([{ outcome: 'nothing' }]);
    expect(host.begun).toEqual(['start', 'glance']);
    expect([told(made), beats(made)]).toEqual([1, 1]);

    const older = hostOf('durable');
    const step: TestHost['step'] = async (name, effect) => without('keepsPlans', await older.step(name, effect));
    await durableToy({}, { ...older, step }).made.give(tick());
    expect(older.begun.slice(0, 2)).toEqual(['start', 'locate']);
  });

  it('names a target that was found twice once', async () => {
    const { made } = durableToy();
    made.account.targets = [LAMP, LAMP];
    expect(await made.give(tick())).toHaveLength(1);
  });
});

describe('a tick at which there is more to see', () => {
  const begunBy = async ({ made, host }: Made): Promise<readonly string[]> => {
    // Whatever it comes to.
    await made.give(tick()).catch(() => []);
    return host.begun;
  };

  it('is run with steps of its own, and tells everything once', async () => {
    const { made, host } = durableToy();
    made.account.targets = ['lamp-lit', LAMP];
    made.account.lit = false;
    await made.give(tick());
    expect(host.begun.slice(0, 6)).toEqual(['start', 'glance', 'locate', 'kill-switch', 'resources', 'watchdog']);
    expect([told(made), beats(made)]).toEqual([2, 1]);
    expect(made.sent).toContain('Light');
  });

  it.each<[string, Overrides]>([
    [
      'it has to wait',
      { decide: () => ({ kind: 'wait', code: 'warm', because: 'warming', evidence: {}, seconds: 1 }) },
    ],
    ['the judgement fails', { decide: () => expect.fail('no judgement') }],
    ['nothing can be seen', { locate: () => Promise.reject(new Error('closed')) }],
    ['one cannot be seen', { observe: () => Promise.reject(new Error('closed')) }],
    ['so many cannot be meant', { suspicious: () => 'too many' }],
  ])('because %s', async (_title, change) => {
    expect(await begunBy(durableToy(change))).toContain('locate');
  });

  it('because the ledger does not answer, or holds what a dead run left', async () => {
    const lost = { ...memoryLedger(), resources: () => Promise.reject(new Error('no table')) };
    expect(await begunBy(durableToy({}, hostOf('durable'), lost))).toContain('locate');

    const left = memoryLedger();
    const at = new Date().toISOString();
    const until = new Date(Date.now() + 1_000).toISOString();
    const intent = { key: 'lamp 9 lit', note: {} };
    await left.acquire({ resource: 'lamp-9', runbook: 'light-lamps', owner: 'dead|lamp-9', now: at, until, intent });
    const { made, host } = durableToy({}, hostOf('durable'), left);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    await made.give(tick());
    expect(host.begun).toContain('locate');
  });

  it('because there are more targets than a round has', async () => {
    const many = durableToy();
    many.made.account.targets = Array.from({ length: 21 }, (_, index) => `lamp-${index}`);
    expect(await begunBy(many)).toContain('locate');
    expect(told(many.made)).toBe(21);
  });

  it('because there is something to plan', async () => {
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    const { made, host } = durableToy();
    made.account.lit = false;
    expect(await made.give(tick())).toMatchObject([{ outcome: 'planned' }]);
    expect(host.begun.slice(0, 3)).toEqual(['start', 'glance', 'locate']);
    expect([told(made), beats(made), made.sent]).toEqual([1, 1, []]);
  });

  it('because a person only asks for the plan, or an older version began the execution', async () => {
    const { made, host } = durableToy();
    await made.give({ runbook: 'light-lamps', dryRun: true, reason: 'r', requestedBy: 'kim' });
    expect(host.begun).not.toContain('glance');

    const older = hostOf('durable');
    const step: TestHost['step'] = async (name, effect) => without('atAGlance', await older.step(name, effect));
    expect(await begunBy(durableToy({}, { ...older, step }))).toEqual(expect.arrayContaining(['start', 'locate']));
    expect(older.begun).not.toContain('glance');
  });
});

describe('a dry run that an event has started', () => {
  /** Dark counts as dark after five seconds. */
  const doubting: Overrides = {
    decide: (_facts, _limits, now) =>
      now < '2026-11-22T08:00:05.000Z'
        ? { kind: 'wait', code: 'doubtful', because: 'it may come back', evidence: {}, seconds: 5 }
        : lightUp(),
  };
  const waiting = (more: Partial<TestHost> = {}): Made & { readonly waits: readonly string[] } => {
    const waits: string[] = [];
    const wait: TestHost['wait'] = async (name, seconds) => {
      waits.push(name);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    };
    return { ...durableToy(doubting, hostOf('durable', { wait, ...more })), waits };
  };

  it('waits for the doubt to be over, and tells its plan', async () => {
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    const { made, waits } = waiting();
    expect(await made.give(stoppedEvent())).toMatchObject([{ outcome: 'planned' }]);
    expect(waits).toEqual(['wait:0']);
    expect(made.ledger.dump().records).toMatchObject([{ body: { outcome: 'planned' } }]);
    expect(made.sent).toEqual([]);
  });
  it('leaves it to the next where a schedule has, or an older version began it', async () => {
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    const ticking = waiting();
    expect(await ticking.made.give(tick())).toMatchObject([{ outcome: 'waiting' }]);

    const older = hostOf('durable');
    const step: TestHost['step'] = async (name, effect) => without('keepsPlans', await older.step(name, effect));
    const begun = waiting({ step });
    expect(await begun.made.give(stoppedEvent())).toMatchObject([{ outcome: 'waiting' }]);
    expect([ticking.waits, begun.waits]).toEqual([[], []]);
  });
});
