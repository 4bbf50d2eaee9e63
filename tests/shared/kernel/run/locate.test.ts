/** What is read before it is known what a run is about, and in which order targets have their turn. */

import { describe, expect, it } from 'vitest';
import type { History } from '../../../../shared/kernel/decision.ts';
import type { Ledger, ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';
import { inTurn } from '../../../../shared/kernel/run/in-turn.ts';
import { announcedIn, historyOf, known, readAll, selfOf } from '../../../../shared/kernel/run/locate.ts';
import type { Delivery } from '../../../../shared/kernel/triggers/triggers.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { hostOf, NOW, type TestHost } from './parts.ts';

const EMPTY: History = { epoch: 0, actions: [], memory: {} };

function resource(name: string, change: Partial<ResourceState> = {}): ResourceState {
  return { resource: name, runbook: 'light-lamps', history: EMPTY, ...change };
}

function byName(...states: readonly ResourceState[]): ReadonlyMap<string, ResourceState> {
  return new Map(states.map((state) => [state.resource, state]));
}

const PENDING = { intent: 'lit', at: NOW, note: {} };

describe('the history of a target', () => {
  it('is what the ledger has of it; nothing, of one that it does not know', () => {
    const history = { ...EMPTY, epoch: 3 };
    expect(historyOf(byName(resource('a', { history })), 'a')).toEqual(history);
    expect(historyOf(byName(resource('a', { history })), 'b')).toEqual({ epoch: 0, actions: [], memory: {} });
  });
  it('is unread where nobody has asked, and lost where the ledger or its own item cannot be read', () => {
    expect(historyOf(undefined, 'a')).toBe('unread');
    expect(historyOf('lost', 'a')).toBe('lost');
    const broken = byName(resource('a', { isUnreadable: true }), resource('b'));
    expect([historyOf(broken, 'a'), historyOf(broken, 'b')]).toEqual(['lost', EMPTY]);
  });
  it('comes with the lease of another run while that lasts, and with what is announced', () => {
    const held = byName(resource('a', { owner: 'other', until: '2026-11-22T08:00:00.001Z' }));
    expect(known(held, undefined, 'a', NOW)).toEqual({ history: EMPTY, heldUntil: '2026-11-22T08:00:00.001Z' });
    expect(known(byName(resource('a', { owner: 'other', until: NOW })), undefined, 'a', NOW)).toEqual({
      history: EMPTY,
    });
    expect(known(byName(resource('a', { until: '2027-01-01T00:00:00.000Z' })), [], 'a', NOW)).toEqual({
      history: EMPTY,
      announced: [],
    });
    expect(known(byName(resource('a', { owner: 'other' })), undefined, 'a', NOW)).toEqual({ history: EMPTY });
    expect(known('lost', undefined, 'a', NOW)).toEqual({ history: 'lost' });
    expect(known(undefined, undefined, 'a', NOW)).toEqual({ history: 'unread' });
  });
});

describe('what a runbook has announced', () => {
  it('is what it has not settled, of all its targets and nobody else’s', () => {
    const announced = { ...EMPTY, pending: PENDING };
    const all = byName(
      resource('a', { history: announced }),
      resource('b'),
      resource('c', { history: announced, runbook: 'another' }),
    );
    expect(announcedIn(all, 'light-lamps')).toEqual([{ target: 'a', intent: 'lit', at: NOW, note: {} }]);
    expect(announcedIn(undefined, 'light-lamps')).toBeUndefined();
    expect(announcedIn('lost', 'light-lamps')).toBeUndefined();
  });
  it('concerns the runbook itself under a name of its own', () => {
    expect(selfOf('light-lamps')).toBe('runbook/light-lamps');
  });
});

describe('the turn of a target', () => {
  const tried = (trouble: string | undefined, ...actions: readonly string[]): Partial<ResourceState> => ({
    history: { ...EMPTY, actions, memory: trouble === undefined ? {} : { trouble } },
  });
  function order(...states: readonly ResourceState[]): string {
    const located = states.map((state) => ({ target: state.resource }));
    return inTurn(located, byName(...states), NOW)
      .map(({ target }) => target)
      .join(' ');
  }
  it('comes first where nobody is at it and nothing was tried', () => {
    expect(
      order(
        resource('held', { owner: 'other', until: '2026-11-22T08:01:00.000Z' }),
        resource('failed', tried('failed:x')),
        resource('fresh'),
      ),
    ).toBe('fresh failed held');
  });
  it('comes sooner the longer ago it was acted on', () => {
    expect(
      order(
        resource('now', tried(undefined, '2026-11-22T07:00:00.000Z')),
        resource('long-ago', tried(undefined, '2026-11-21T07:00:00.000Z')),
        resource('never'),
      ),
    ).toBe('never long-ago now');
  });
  it.each(['refused:too-many-targets', 'waiting:no-time', 'waiting:operations-used-up'])(
    'is not lost by %s, which was none of its own doing',
    (trouble) => {
      expect(order(resource('failed', tried('failed:x')), resource('passed-over', tried(trouble)))).toBe(
        'passed-over failed',
      );
    },
  );
  it('is where it stands, where the ledger was not read', () => {
    const located = [{ target: 'b' }, { target: 'a' }];
    expect(inTurn(located, undefined, NOW)).toEqual(located);
    expect(inTurn(located, 'lost', NOW)).toEqual(located);
  });
  it('of equals is the order in which they were found', () => {
    expect(order(resource('b'), resource('a'), resource('c'))).toBe('b a c');
  });
});

interface Reading {
  readonly host: TestHost;
  readonly end: Awaited<ReturnType<typeof readAll<{ readonly x: number }, object, never>>>;
}

describe('reading', () => {
  const delivery: Delivery = { kind: 'schedule', id: 'tick' };

  async function read(
    host: TestHost,
    locate: () => Promise<readonly { readonly target: string; readonly facts?: object }[]>,
    ledger: Ledger = memoryLedger(),
    asked: Delivery = delivery,
  ): Promise<Reading> {
    const definition = {
      name: 'light-lamps',
      locate,
    };
    const config = { dryRun: false, mode: 'none' };
    const parts = { definition, host, ledger, delivery: asked, config, keepsPlans: true };
    return { host, end: await Reflect.apply(readAll, undefined, [parts, { x: 1 }]) };
  }
  const FAILS = (name: string): (() => Promise<never>) => {
    const error = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: 400 } });
    return () => Promise.reject(error);
  };

  it('finds the targets, the switch and the ledger, in this order where steps are kept', async () => {
    const { host, end } = await read(hostOf('durable'), () => Promise.resolve([{ target: 'a' }]));
    expect(host.begun).toEqual(['locate', 'kill-switch', 'resources']);
    expect(end.located).toMatchObject({ ok: true, value: [{ target: 'a' }] });
    expect(end.switches).toMatchObject({ lost: false });
    expect(end.resources).toEqual(new Map());
  });
  it('of the ledger is left out for an event, whose hot path learns it with the lease', async () => {
    const event: Delivery = { kind: 'instance-state', id: 'x', instanceId: 'i-1', state: 'stopped' };
    const { host, end } = await read(hostOf('durable'), () => Promise.resolve([]), memoryLedger(), event);
    expect(host.begun).toEqual(['locate', 'kill-switch']);
    expect(end.resources).toBeUndefined();
  });
  it('goes on side by side on the plain host', async () => {
    const { host } = await read(hostOf('plain'), () => Promise.resolve([]));
    expect(host.begun).toEqual(['locate', 'kill-switch', 'resources']);
    expect((await read(hostOf('plain'), FAILS('Throttling'))).host.begun.slice(0, 3)).toEqual(host.begun);
  });
  it('is tried again with growing pauses, a minute long where nobody else repeats the run', async () => {
    const { host, end } = await read(hostOf('durable'), FAILS('Throttling'));
    expect(host.begun.slice(0, 13)).toEqual([
      'locate',
      'locate-backoff:0 1',
      'locate:1',
      'locate-backoff:1 2',
      'locate:2',
      'locate-backoff:2 4',
      'locate:3',
      'locate-backoff:3 8',
      'locate:4',
      'locate-backoff:4 16',
      'locate:5',
      'locate-backoff:5 32',
      'locate:6',
    ]);
    expect(end.located).toMatchObject({ ok: false, fault: { name: 'Throttling' } });
    const twice = (await read(hostOf('plain'), FAILS('Throttling'))).host.begun.filter((name) =>
      name.startsWith('loc'),
    );
    expect(twice).toEqual(['locate', 'locate-backoff:0 1', 'locate:1', 'locate-backoff:1 2', 'locate:2']);
  });
  it('is not tried again where a repeat cannot help', async () => {
    const { host } = await read(hostOf('durable'), FAILS('AccessDenied'));
    expect(host.begun).toEqual(['locate', 'kill-switch', 'resources']);
  });
  it('keeps the facts that fit into a step, and the targets of all', async () => {
    const facts = { text: 'x'.repeat(120_000) };
    const find = () => Promise.resolve(['a', 'b', 'c'].map((target) => ({ target, facts })));
    const kept = async (host: TestHost): Promise<unknown> => {
      const { located } = (await read(host, find)).end;
      return located.ok ? located.value.map(({ target, facts: known_ }) => [target, known_ !== undefined]) : [];
    };
    expect(await kept(hostOf('durable'))).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
    expect(await kept(hostOf('plain'))).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
  });
  it('keeps of the ledger what concerns the run, where steps are bounded', async () => {
    const ledger = memoryLedger();
    const pending = { ...EMPTY, pending: PENDING };
    const states = [
      resource('a'),
      resource('runbook/light-lamps'),
      resource('left', { owner: 'dead', until: NOW }),
      resource('announced', { history: pending }),
      resource('settled'),
      resource('theirs', { runbook: 'another', owner: 'x', until: NOW, history: pending }),
    ];
    Object.assign(ledger, { resources: () => Promise.resolve(states) });
    const { end } = await read(hostOf('durable'), () => Promise.resolve([{ target: 'a' }]), ledger);
    const names = new Set(end.resources instanceof Map ? end.resources.keys() : []);
    expect(names).toEqual(new Set(['a', 'announced', 'left', 'runbook/light-lamps']));
  });
});
