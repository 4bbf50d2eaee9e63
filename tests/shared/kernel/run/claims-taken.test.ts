/** How claims are asked for: by whom, for how long, in which order. */

import { describe, expect, it } from 'vitest';
import type { Ledger, LeaseAnswer, LeaseRequest } from '../../../../shared/kernel/ledger/ledger.ts';
import { takeClaims } from '../../../../shared/kernel/run/claims.ts';
import type { Claimed } from '../../../../shared/kernel/run/claims.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP } from '../toy-runbook.ts';
import { actingOf, hostOf, NOW, runOf, stateOf, type TestHost } from './parts.ts';

const SIGHT = { facts: { lit: false }, at: NOW };

function claims(host: TestHost, ledger: Ledger, wanted: readonly string[], state = stateOf()): Promise<Claimed> {
  return takeClaims(runOf({ host, ledger }), state, SIGHT, actingOf({}, { claims: wanted }).decision);
}

/** A ledger that keeps what it is asked, and answers as it is told. */
function answering(answer: (request: LeaseRequest) => Promise<LeaseAnswer>): {
  readonly ledger: Ledger;
  readonly asked: LeaseRequest[];
} {
  const asked: LeaseRequest[] = [];
  const ledger: Ledger = {
    ...memoryLedger(),
    acquire: (request) => {
      asked.push(request);
      return answer(request);
    },
  };
  return { ledger, asked };
}

const grant = (actions: readonly string[]) => (request: LeaseRequest) =>
  Promise.resolve<LeaseAnswer>({
    granted: true,
    lease: { resource: request.resource, owner: request.owner, epoch: 1, until: request.until },
    history: { epoch: 1, actions, memory: {} },
    resumed: false,
  });

describe('a claim', () => {
  it('is the target’s, and outlasts the invocation on the plain host', async () => {
    const { ledger, asked } = answering(grant([NOW]));
    const host = hostOf('plain', { remainingMs: () => 59_500 });
    const claimed = await claims(host, ledger, ['bulb']);
    expect(asked).toEqual([
      {
        resource: 'claim/bulb',
        runbook: 'light-lamps',
        owner: LAMP,
        now: NOW,
        until: '2026-11-22T08:01:00.000Z',
        budget: { lastBefore: '2026-11-22T08:00:01.000Z', windowFrom: '2026-11-22T08:00:01.000Z', max: 1 },
      },
    ]);
    expect(claimed).toEqual({
      held: [{ resource: 'claim/bulb', owner: LAMP, epoch: 1, until: '2026-11-22T08:01:00.000Z' }],
      isOvertaken: false,
    });
  });
  it.each([
    ['plain', 5_000],
    ['durable', 900_000],
  ] as const)('lasts half a minute on the %s host with %i ms left', async (kind, left) => {
    const { ledger, asked } = answering(grant([NOW]));
    await claims(hostOf(kind, { remainingMs: () => left }), ledger, ['bulb']);
    expect(asked[0]?.until).toBe('2026-11-22T08:00:30.000Z');
  });
  it('is a step of its own, one after the other where steps are kept', async () => {
    const host = hostOf('durable');
    const { ledger, asked } = answering(grant([NOW]));
    await claims(host, ledger, ['bulb', 'socket'], stateOf({ turn: 4 }));
    expect(host.begun).toEqual(['claim:4:bulb', 'claim:4:socket']);
    expect(asked).toHaveLength(2);
  });
  it.each(['plain', 'durable'] as const)('is asked for side by side on the plain host alone (%s)', async (kind) => {
    let [together, most] = [0, 0];
    const { ledger } = answering(async (request) => {
      together += 1;
      most = Math.max(most, together);
      await new Promise((resolve) => setTimeout(resolve, 1));
      together -= 1;
      return grant([NOW])(request);
    });
    await claims(hostOf(kind), ledger, ['bulb', 'socket', 'wire']);
    expect(most).toBe(kind === 'plain' ? 3 : 1);
  });
  it('that others write to at the same time is nobody’s yet: it is looked again, and only then chosen without it', async () => {
    const { ledger } = answering(() =>
      Promise.resolve({
        granted: false,
        why: 'leased',
        detail: 'contended: others wrote to it at the same time',
        history: { epoch: 0, actions: [], memory: {} },
      }),
    );
    const first = await claims(hostOf('durable'), ledger, ['bulb']);
    expect(first).toMatchObject({ held: [], fault: { class: 'retryable', name: 'Contended' } });
    expect(first.denied).toBeUndefined();
    const third = await claims(hostOf('durable'), ledger, ['bulb'], stateOf({ looks: 2 }));
    expect(third).toMatchObject({ held: [], denied: { call: 'ledger:claim', input: { claim: 'bulb' } } });
    expect(third.fault).toBeUndefined();
  });
  it('that is held is not asked for again, and stays held', async () => {
    const { ledger, asked } = answering(grant([NOW]));
    const bulb = { resource: 'claim/bulb', owner: LAMP, epoch: 1, until: NOW };
    const { held } = await claims(hostOf('plain'), ledger, ['bulb', 'socket'], stateOf({ claims: [bulb] }));
    expect(asked.map(({ resource }) => resource)).toEqual(['claim/socket']);
    expect(held.map(({ resource }) => resource)).toEqual(['claim/bulb', 'claim/socket']);
  });
  it('that nobody asks for is none', async () => {
    expect(await claims(hostOf('plain'), memoryLedger(), [])).toEqual({ held: [], isOvertaken: false });
  });
  it('of which the ledger knows nothing is a fault, and holds nothing', async () => {
    const { ledger } = answering(() => Promise.reject(Object.assign(new Error('none'), { name: 'TimeoutError' })));
    expect(await claims(hostOf('plain'), ledger, ['bulb'])).toEqual({
      held: [],
      isOvertaken: false,
      fault: { class: 'retryable', name: 'TimeoutError', message: 'none', effect: 'unknown' },
    });
  });
  it('that another target has is a refusal that the runbook is told', async () => {
    const { ledger } = answering(() =>
      Promise.resolve({
        granted: false,
        why: 'leased',
        detail: 'held by lamp/2',
        history: { epoch: 1, actions: [], memory: {} },
      }),
    );
    const { held, isOvertaken, denied, fault } = await claims(hostOf('plain'), ledger, ['bulb']);
    expect(denied).toMatchObject({
      call: 'ledger:claim',
      input: { claim: 'bulb' },
      meaning: 'refused',
      name: 'Claimed',
      message: 'held by lamp/2',
    });
    expect([held, isOvertaken, fault]).toEqual([[], false, undefined]);
  });
  it('is old news where somebody claimed it while a run begun then may have gone on', async () => {
    const before = async (at: string): Promise<boolean> =>
      (await claims(hostOf('plain'), answering(grant([NOW, at])).ledger, ['bulb'])).isOvertaken;
    // A run of this runbook lasts a minute at most.
    expect(await before('2026-11-22T07:59:00.000Z')).toBe(false);
    expect(await before('2026-11-22T07:59:00.001Z')).toBe(true);
  });
});
