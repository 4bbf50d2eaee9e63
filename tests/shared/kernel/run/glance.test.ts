/** A tick of a durable runbook: one step where nothing is to be done, and nothing told by it where something is. */

import { describe, expect, it } from 'vitest';
import type { HostAdapter } from '../../../../shared/kernel/hosts/host.ts';
import { longRuns } from '../../../../shared/kernel/run/long-runs.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, tick, useToys, type Toy } from '../toy-runbook.ts';
import { hostOf, type TestHost } from './parts.ts';

const toy = useToys();

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

/** What `start` kept before there were glances. */
function withoutGlances<T>(kept: T): T {
  const value: unknown = Reflect.get(Object(kept), 'value');
  if (typeof value === 'object' && value !== null) Reflect.deleteProperty(value, 'atAGlance');
  return kept;
}

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

  it('because a person only asks for the plan, or an older version began the execution', async () => {
    const { made, host } = durableToy();
    await made.give({ runbook: 'light-lamps', dryRun: true, reason: 'r', requestedBy: 'kim' });
    expect(host.begun).not.toContain('glance');

    const older = hostOf('durable');
    const step: TestHost['step'] = async (name, effect) => withoutGlances(await older.step(name, effect));
    expect(await begunBy(durableToy({}, { ...older, step }))).toEqual(expect.arrayContaining(['start', 'locate']));
    expect(older.begun).not.toContain('glance');
  });
});
