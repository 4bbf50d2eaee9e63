/** Many targets: looked at in rounds, run in waves, and each with an end of its own. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { Decision, History, HistoryReading } from '../../../../shared/kernel/decision.ts';
import { fault } from '../../../../shared/kernel/errors.ts';
import type { ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';
import type { RunEnd } from '../../../../shared/kernel/report/result.ts';
import type { Place } from '../../../../shared/kernel/run/context.ts';
import { makeRounds } from '../../../../shared/kernel/run/rounds.ts';
import { serve } from '../../../../shared/kernel/run/serve.ts';
import { serveMany } from '../../../../shared/kernel/run/serve-many.ts';
import { lightUp, type Seen } from '../toy-runbook.ts';
import { decisionOf, hostOf, NOTHING, NOW, runOf, type Change, type TestHost } from './parts.ts';

let lines: string[] = [];
let restore = (): void => undefined;
beforeEach(() => {
  lines = [];
  restore = surroundWith({ write: (line) => void lines.push(line) });
});
afterEach(() => restore());

const EMPTY: History = { epoch: 0, actions: [], memory: {} };
const PENDING = { ...EMPTY, pending: { intent: 'x', at: NOW, note: {} } };

function placeOf(
  target: string,
  change: Partial<Place<Seen>['located']> = {},
  history: HistoryReading = EMPTY,
): Place<Seen> {
  return { located: { target, ...change }, known: { history }, operations: 50 };
}

const LIT = { facts: { lit: true } };
const DARK = { facts: { lit: false } };

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `lamp-${index}`);
}

describe('a round', () => {
  async function rounds(places: readonly Place<Seen>[], change: Change = {}, host: TestHost = hostOf('durable')) {
    const { results, others } = await makeRounds(runOf({ ...change, host }), host, places);
    return {
      host,
      ended: results.map(({ target, outcome, reason }) => `${target} ${outcome} ${reason}`),
      others: others.map(({ located, operations }) => `${located.target} ${operations}`),
      results,
    };
  }
  const deciding = (decision: Decision): Change => ({ runbook: { decide: () => decision } });

  it('ends those that have nothing to do, twenty to a step, and tells of them', async () => {
    const { host, ended, others, results } = await rounds(numbered(41).map((name) => placeOf(name, LIT)));
    expect(host.begun).toEqual(['round:0', 'round:1', 'round:2']);
    expect([ended.length, others]).toEqual([41, []]);
    expect(ended[0]).toBe('lamp-0 nothing lit: the lamp is lit');
    expect(results[0]).toMatchObject({ evidence: {}, phases: [] });
    expect(lines.filter((line) => line.includes('"message":"outcome"'))).toHaveLength(41);
  });
  it('looks at those that nobody has looked at yet', async () => {
    const observe = (target: string): Promise<Seen> => Promise.resolve({ lit: target === 'a' });
    const { ended, others } = await rounds([placeOf('a'), placeOf('b')], { runbook: { observe } });
    expect([ended.length, others]).toEqual([1, ['b 20']]);
  });
  it('leaves to a run of its own what acts, with what that needs, and what waits', async () => {
    expect((await rounds([placeOf('a', DARK)])).others).toEqual(['a 20']);
    expect((await rounds([placeOf('a', DARK)], deciding(lightUp(undefined, { more: true })))).others).toEqual(['a 51']);
    expect((await rounds([placeOf('a', DARK)], deciding(decisionOf('wait')))).others).toEqual(['a 51']);
  });
  it('ends what the runbook refuses', async () => {
    const { ended, others } = await rounds([placeOf('a', DARK)], deciding(decisionOf('refuse')));
    expect([ended, others]).toEqual([['a refused lit: the lamp is lit'], []]);
  });
  it('leaves to a run of its own what a dead run left, and what depends on a history that was not read', async () => {
    expect((await rounds([placeOf('a', LIT, PENDING)])).others).toEqual(['a 51']);
    expect((await rounds([placeOf('a', LIT, 'unread')])).ended).toHaveLength(1);
    const needing = deciding({ ...NOTHING, needsHistory: true });
    expect((await rounds([placeOf('a', LIT, 'unread')], needing)).others).toEqual(['a 51']);
    expect((await rounds([placeOf('a', LIT)], needing)).ended).toHaveLength(1);
  });
  it('ends without a ledger what needs one', async () => {
    const { ended } = await rounds([placeOf('a', DARK, 'lost')]);
    expect(ended).toEqual(['a refused ledger-lost: the ledger does not answer, and nothing is done without it']);
  });
  it('leaves what goes wrong to the target’s own run, which has patience', async () => {
    const breaks = {
      runbook: {
        observe: () => Promise.reject(new Error('slow down')),
        decide: (): never => {
          throw new Error('cannot');
        },
      },
    };
    const unread = { fault: fault('terminal', 'TerminalError', 'no zone', 'none') };
    const { ended, others } = await rounds([placeOf('a'), placeOf('b', LIT), placeOf('c', unread)], breaks);
    expect([ended, others]).toEqual([[], ['a 50', 'b 50', 'c 50']]);
  });
  it('of which the step fails leaves all of its targets to runs of their own', async () => {
    const host = hostOf('durable', {
      step: (name) =>
        Promise.resolve(
          Object.assign({ ok: false, fault: fault('retryable', name, ''), startedAt: NOW, endedAt: NOW }),
        ),
    });
    const { others } = await rounds([placeOf('a', LIT), placeOf('b', LIT)], {}, host);
    expect(others).toEqual(['a 50', 'b 50']);
  });
});

/** A host with so many operations, that each target's branch uses as many of as it was given but for `unused`. */
function bounded(operations: number, unused = 0): TestHost & { readonly waves: string[] } {
  let left = operations;
  const waves: string[] = [];
  const host = hostOf('durable', {
    operationsLeft: () => left,
    each: async (name, items, work) => {
      left -= items.reduce((sum, item) => sum + item.operations, 1);
      waves.push(`${name} ${items.map((item) => item.operations).join(' ')}`);
      const ends = await Promise.all(
        items.map(async ({ value, operations: own }) => ({
          ok: true as const,
          value: await work(value, hostOf('durable', { operationsLeft: () => own })),
        })),
      );
      left += items.length * unused;
      return ends;
    },
  });
  return { ...host, waves };
}

function told({ results }: RunEnd): readonly string[] {
  return results.map(({ target, outcome }) => `${target} ${outcome}`);
}

describe('more targets than there is room for', () => {
  const places = (count: number) => numbered(count).map((name) => placeOf(name, DARK));

  it('are run on all at once where there is room, with the slack shared out', async () => {
    const host = bounded(30 + 160);
    const end = await serveMany(runOf({ host }), host, places(3));
    expect(host.waves).toEqual(['targets 53 53 53']);
    expect(host.begun).toEqual([]);
    expect(told(end)).toHaveLength(3);
  });
  it('are looked at in rounds, and run on in waves with what the waves before did not use', async () => {
    const host = bounded(30 + 61, 50);
    const end = await serveMany(runOf({ host }), host, places(4));
    expect(host.begun).toEqual(['round:0']);
    expect(host.waves).toEqual(['targets 20 20 20', 'targets:1 150']);
    expect(told(end)).toHaveLength(4);
  });
  it('are named where there is none left, and one is always tried', async () => {
    const host = bounded(30);
    const light = { apply: { 'toy:Light': () => Promise.resolve(null) } };
    const end = await serveMany(runOf({ host, runbook: light }), host, places(3));
    expect(host.waves).toEqual(['targets 20']);
    expect(told(end).slice(1)).toEqual(['lamp-1 waiting', 'lamp-2 waiting']);
    expect(end.results[1]?.reason).toBe(
      'left-for-the-next-run: one run had room for 1 targets that need one of their own, and 2 more wait for the next',
    );
    expect(end.failure).toBeUndefined();
  });
});

describe('the targets of a run', () => {
  const resources = new Map<string, ResourceState>([
    ['b', { resource: 'b', runbook: 'light-lamps', history: { ...EMPTY, memory: { trouble: 'failed:x' } } }],
  ]);
  const located = ['b', 'a'].map((target) => ({ target, ...LIT }));
  const demand = { located, resources, now: NOW, inRounds: true };

  it('are each served once, in their turn, and told of in the order in which they were found', async () => {
    const begun: string[] = [];
    const host = hostOf('plain', {
      each: (_name, items, work) =>
        Promise.all(
          items.map(async ({ value }) => {
            const ended = await work(value, hostOf('plain'));
            begun.push(JSON.stringify(value).includes('"target":"a"') ? 'a' : 'b');
            return { ok: true as const, value: ended };
          }),
        ),
    });
    const end = await serve(runOf({ host }), host, demand);
    expect(begun).toEqual(['a', 'b']);
    expect(told(end)).toEqual(['b nothing', 'a nothing']);
    const twice = { ...demand, located: [...located, ...located] };
    expect(told(await serve(runOf({ host }), host, twice))).toHaveLength(2);
    expect(told(await serve(runOf({ host }), host, { ...twice, inRounds: false }))).toHaveLength(4);
  });
  it('of which a branch has no end have one all the same, told and thrown', async () => {
    const lost = fault('retryable', 'BranchFailed', 'gone', 'unknown');
    const host = hostOf('plain', {
      each: (_name, items) => Promise.resolve(items.slice(1).map(() => ({ ok: false as const, fault: lost }))),
    });
    const end = await serve(runOf({ host }), host, demand);
    expect(end.results.map(({ target, reason }) => `${target} ${reason}`)).toEqual([
      'b branch-failed: it has no end',
      'a branch-failed: gone',
    ]);
    expect(end.failure).toMatchObject({ class: 'retryable', name: 'BranchFailed' });
  });
});
