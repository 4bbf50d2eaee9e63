/** The rules that both ledgers share, the items as they are read, and the ledger as a run uses it. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import { readConfig } from '../../../../shared/kernel/config.ts';
import {
  attemptTwice,
  isFresh,
  keepLease,
  openLedger,
  outdated,
  readHistory,
  readResources,
  readSwitch,
  rereadSwitch,
} from '../../../../shared/kernel/ledger/access.ts';
import { listed, stored, switchOf } from '../../../../shared/kernel/ledger/items.ts';
import type { LeaseRequest, Ledger, ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';
import {
  checkedRequest,
  instant,
  isCarried,
  isHeldByAsker,
  isRepeat,
  holds,
  refusalOf,
} from '../../../../shared/kernel/ledger/rules.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { heldLease, hostOf, NOW } from '../run/parts.ts';

const REQUEST: LeaseRequest = {
  resource: 'a',
  runbook: 'r',
  owner: 'me',
  now: NOW,
  until: '2026-11-22T08:00:30.000Z',
  intent: { key: 'x', note: {} },
};
const LATER = '2026-11-22T08:00:00.001Z';
const BUDGET = { max: 2, lastBefore: '2026-11-22T07:55:00.000Z', windowFrom: '2026-11-22T07:00:00.000Z' };

describe('a request', () => {
  it('is spelt in one way, and its budget is one that the ledger can count', () => {
    const spelt = checkedRequest({ ...REQUEST, now: '2026-11-22T09:00:00+01:00', budget: BUDGET });
    expect(spelt).toEqual({ ...REQUEST, budget: BUDGET });
    expect(checkedRequest(REQUEST)).not.toHaveProperty('budget');
    for (const max of [0, 9, 1.5])
      expect(() => checkedRequest({ ...REQUEST, budget: { ...BUDGET, max } })).toThrow(
        `budget.max: ${max} is not a whole number from 1 to 8, the actions the ledger keeps`,
      );
    for (const max of [1, 8]) expect(checkedRequest({ ...REQUEST, budget: { ...BUDGET, max } }).budget?.max).toBe(max);
  });
  it('with a time that is none names the member at fault', () => {
    const form = "'soon' is not an ISO 8601 time; give one like 2026-11-22T08:00:00.000Z";
    expect(() => instant('until', 'soon')).toThrow(`until: ${form}`);
    expect(() => checkedRequest({ ...REQUEST, now: 'soon' })).toThrow(`now: ${form}`);
    expect(() => checkedRequest({ ...REQUEST, until: 'soon' })).toThrow(`until: ${form}`);
    for (const member of ['lastBefore', 'windowFrom'] as const)
      expect(() => checkedRequest({ ...REQUEST, budget: { ...BUDGET, [member]: 'soon' } })).toThrow(
        `budget.${member}: `,
      );
  });
});

describe('who has a resource', () => {
  const held = (owner: string, until: string) => ({ owner, until, actions: [] });
  it('is its owner until the lease runs out', () => {
    expect(refusalOf(held('other', LATER), REQUEST)).toEqual({ why: 'leased', detail: `held by other until ${LATER}` });
    expect(refusalOf(held('other', NOW), REQUEST)).toBeUndefined();
    expect(refusalOf(held('me', LATER), REQUEST)).toBeUndefined();
    expect(refusalOf({ owner: 'other', actions: [] }, REQUEST)).toBeUndefined();
    expect(refusalOf({ actions: [] }, REQUEST)).toBeUndefined();
    expect([held('me', LATER), held('me', NOW), held('other', LATER), { owner: 'me', actions: [] }].map(ask)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
  const ask = (standing: Parameters<typeof isHeldByAsker>[0]): boolean => isHeldByAsker(standing, REQUEST);

  it('may take another intent along under the same epoch', () => {
    const carries = { ...REQUEST, carries: 3 };
    expect(isCarried({ ...held('me', NOW), epoch: 3 }, carries)).toBe(true);
    expect(isCarried({ ...held('me', NOW), epoch: 4 }, carries)).toBe(false);
    expect(isCarried({ ...held('other', NOW), epoch: 3 }, carries)).toBe(false);
  });
  it('asks again where its own intent of this very moment stands there', () => {
    const pending = { intent: 'x', at: NOW, note: {} };
    const own = held('me', LATER);
    expect(isRepeat(own, pending, REQUEST)).toBe(true);
    expect(isRepeat(own, { ...pending, intent: 'y' }, REQUEST)).toBe(false);
    expect(isRepeat(own, { ...pending, at: LATER }, REQUEST)).toBe(false);
    expect(isRepeat(held('other', LATER), pending, REQUEST)).toBe(false);
    expect(isRepeat(own, undefined, REQUEST)).toBe(false);
  });
});

describe('a budget', () => {
  const denied = (...actions: readonly string[]) => refusalOf({ actions }, { ...REQUEST, budget: BUDGET });
  it('lets the next action wait for the cool-down, and for room in the window; the longer of the two is named', () => {
    expect(denied()).toBeUndefined();
    expect(denied('2026-11-22T07:55:00.000Z')).toBeUndefined();
    expect(denied('2026-11-22T07:55:00.001Z')).toEqual({
      why: 'cooldown',
      detail: 'allowed again at 2026-11-22T08:00:00.001Z',
    });
    expect(denied('2026-11-22T07:30:00.000Z', '2026-11-22T07:00:00.000Z')).toBeUndefined();
    expect(denied('2026-11-22T07:30:00.000Z', '2026-11-22T07:10:00.000Z')).toEqual({
      why: 'window',
      detail: 'allowed again at 2026-11-22T08:10:00.000Z',
    });
    expect(denied('2026-11-22T07:59:00.000Z', '2026-11-22T07:02:00.000Z')).toMatchObject({ why: 'cooldown' });
    expect(denied('2026-11-22T07:58:00.000Z', '2026-11-22T07:03:00.000Z')).toMatchObject({ why: 'cooldown' });
    expect(refusalOf({ actions: [NOW, NOW] }, REQUEST)).toBeUndefined();
  });
});

describe('an item of the table', () => {
  it('that nobody wrote yet is a resource that nobody acted on', () => {
    expect(stored({})).toEqual({ runbook: '', actions: [], history: { epoch: 0, actions: [], memory: {} } });
    expect(listed({})).toEqual({ resource: '', runbook: '', history: { epoch: 0, actions: [], memory: {} } });
  });
  it('is read as it stands', () => {
    const item = {
      sk: { S: 'a' },
      runbook: { S: 'r' },
      owner: { S: 'me' },
      until: { S: LATER },
      epoch: { N: '4' },
      a0: { S: NOW },
      a1: { S: '-' },
      m_trouble: { S: 'x' },
      m_number: { N: '1' },
      intent: { S: 'y' },
      ttl: { N: '1800000000' },
    };
    expect(listed(item)).toEqual({
      resource: 'a',
      runbook: 'r',
      owner: 'me',
      until: LATER,
      history: { epoch: 4, actions: [NOW], pending: { intent: 'y', at: '', note: {} }, memory: { trouble: 'x' } },
      expiresAt: '2027-01-15T08:00:00.000Z',
    });
  });
  it('that cannot be read is known by its name and its runbook, as far as they are there', () => {
    const history = { epoch: 0, actions: [], memory: {} };
    expect(listed({ sk: { S: 'a' }, runbook: { S: 'r' }, layout: { N: '2' } })).toEqual({
      resource: 'a',
      runbook: 'r',
      history,
      isUnreadable: true,
    });
    expect(listed({ layout: { N: '2' } })).toEqual({ resource: '', runbook: '', history, isUnreadable: true });
    expect(() => stored({ layout: { N: '2' } })).toThrow("the ledger's item  has layout 2");
  });
  it('of a kill switch is on, whatever was written into it', () => {
    expect(switchOf({})).toEqual({ scope: 'all', reason: '', by: '', at: '' });
    expect(switchOf({ sk: { S: 'r' }, reason: { S: 'x' }, by: { S: 'kim' }, at: { S: NOW } })).toEqual({
      scope: 'r',
      reason: 'x',
      by: 'kim',
      at: NOW,
    });
  });
});

describe('the ledger in use', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  const failing = (name: string) => () => Promise.reject(Object.assign(new Error('no'), { name }));
  const STOP = { scope: 'light-lamps', reason: 'x', by: 'kim', at: NOW };

  it('is the table that is configured, or the surroundings’ own', () => {
    expect(() => openLedger({ ...readConfig(), controlTable: '' })).toThrow(
      'configuration: LEDGER_CONTROL_TABLE: expected the name of the control table',
    );
    expect(openLedger({ ...readConfig(), controlTable: 't' })).toHaveProperty('acquire');
    const own = memoryLedger();
    const restore = surroundWith({ ledger: own });
    expect(openLedger({ ...readConfig(), controlTable: '' })).toBe(own);
    restore();
  });
  it('has a switch for all, one for each runbook, and one for a run', async () => {
    const read = async (...on: readonly (typeof STOP)[]) => {
      const ledger: Ledger = { ...memoryLedger(), switches: () => Promise.resolve(on) };
      return [
        await readSwitch(hostOf('plain'), ledger, 'light-lamps'),
        await rereadSwitch(ledger, 'light-lamps', 'run-1'),
      ];
    };
    const seen = (on: object | undefined) => ({ on, lost: false, at: NOW });
    expect(await read()).toEqual([seen(undefined), seen(undefined)]);
    expect(await read(STOP)).toEqual([seen(STOP), seen(STOP)]);
    const own = { ...STOP, scope: 'run:run-1' };
    expect(await read(own)).toEqual([seen(own), seen(own)]);
    for (const scope of ['another', 'run:run-2', 'run:run-', 'run-1', 'run:light-lamps', 'run:all'])
      expect(await read({ ...STOP, scope })).toEqual([seen(undefined), seen(undefined)]);
    expect(await read({ ...STOP, scope: 'all' })).toMatchObject([{ on: { scope: 'all' } }, { on: { scope: 'all' } }]);
    const lost = { ...memoryLedger(), switches: failing('TimeoutError') };
    expect(await readSwitch(hostOf('plain'), lost, 'light-lamps')).toEqual({ on: undefined, lost: true, at: NOW });
    await expect(rereadSwitch(lost, 'light-lamps', 'run-1')).rejects.toThrow('no');
  });
  it('has freezes that hold between their times, and always where these cannot be read', async () => {
    const MINUTE_AGO = '2026-11-22T07:59:00Z';
    const [then, later] = ['2026-11-22T08:00:00+00:00', '2026-11-22T08:01:00.000Z'];
    const on = (times: { readonly from?: string; readonly until?: string }): boolean =>
      holds({ ...STOP, ...times }, NOW);
    expect([on({}), on({ from: MINUTE_AGO, until: later }), on({ from: then }), on({ until: later })]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([on({ from: later }), on({ until: then }), on({ from: '2026-11-22T07:58:00Z', until: MINUTE_AGO })]).toEqual(
      [false, false, false],
    );
    for (const unread of ['', 'tomorrow', '24/12/2026']) {
      expect([on({ from: unread, until: MINUTE_AGO }), on({ from: later, until: unread })]).toEqual([true, true]);
    }
    // No such day; and a time of day as some people write it.
    for (const unread of ['2026-02-30T10:00:00Z', '2026-11-22 07:59:00'])
      expect([on({ until: unread }), on({ from: unread })]).toEqual([true, true]);
    // Without a zone it is UTC, wherever it is read.
    expect([on({ until: '2026-11-22T08:00:00' }), on({ until: '2026-11-22T08:00:00.001' })]).toEqual([false, true]);
    expect([on({ until: '2026-11-22' }), on({ from: '2026-11-23' }), on({ from: '2026-11-22T08:00' })]).toEqual([
      false,
      false,
      true,
    ]);
    // Nothing lies between them, and something was meant.
    expect([on({ from: later, until: MINUTE_AGO }), on({ from: later, until: later })]).toEqual([true, true]);

    const over = { ...STOP, scope: 'all', until: then };
    const ledger: Ledger = { ...memoryLedger(), switches: () => Promise.resolve([over, STOP]) };
    expect(await readSwitch(hostOf('plain'), ledger, 'light-lamps')).toMatchObject({ on: STOP });
    expect(await readSwitch(hostOf('plain'), ledger, 'another')).toMatchObject({ on: undefined });
  });
  it('has said what its switch says for ten seconds', () => {
    const read = (at: string) => ({ on: undefined, lost: false, at });
    expect([isFresh(read('2026-11-22T07:59:50.000Z')), isFresh(read('2026-11-22T07:59:49.999Z'))]).toEqual([
      true,
      false,
    ]);
    expect(isFresh(outdated(read(NOW)))).toBe(false);
  });
  it('is asked twice, but for what a repeat cannot mend', async () => {
    const names = async (ask: () => Promise<never>) => {
      const host = hostOf('durable');
      await attemptTwice(host, 'lease:0', ask);
      return host.begun;
    };
    expect(await names(failing('TimeoutError'))).toEqual(['lease:0', 'lease:0:again']);
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 400 } });
    expect(await names(() => Promise.reject(denied))).toEqual(['lease:0']);
    const host = hostOf('durable');
    const ledger = { ...memoryLedger(), resource: failing('AccessDenied'), resources: failing('TimeoutError') };
    expect(await readHistory(host, ledger, 'history:0', 'a')).toBe('lost');
    expect(await readResources(host, ledger, () => true)).toBe('lost');
    expect(host.begun).toEqual(['history:0', 'history:0:again', 'resources', 'resources:again']);
  });
  it('is read in as many steps as its resources need, each behind the last', async () => {
    const resource = (name: string, bytes: number): ResourceState => ({
      resource: name,
      runbook: 'r',
      history: { epoch: 0, actions: [], memory: { long: 'x'.repeat(bytes) } },
    });
    const states = [
      resource('c', 10),
      resource('a', 200_000),
      resource('d', 300_000),
      resource('b', 10),
      resource('e', 10),
    ];
    const read = async (host: ReturnType<typeof hostOf>) => {
      const ledger = { ...memoryLedger(), resources: () => Promise.resolve(states) };
      const found = await readResources(host, ledger, ({ resource: name }) => name !== 'e');
      return found === 'lost' ? [] : [...found.keys()];
    };
    const plain = hostOf('plain');
    expect(await read(plain)).toEqual(['c', 'a', 'd', 'b', 'e']);
    expect(plain.begun).toEqual(['resources']);
    const small = states.filter(({ resource: name }) => name !== 'd');
    states.splice(0, states.length, ...small, resource('bb', 60_000));
    const durable = hostOf('durable');
    expect(await read(durable)).toEqual(['a', 'b', 'bb', 'c']);
    expect(durable.begun).toEqual(['resources', 'resources:1']);
  });
  it('renews a lease that would not last for one slow request behind the wait', async () => {
    const asked: string[] = [];
    const ledger: Ledger = { ...memoryLedger(), renew: (_lease, until) => Promise.resolve(asked.push(until) > 0) };
    const lasting = (until: string) => ({ ...heldLease().held, until });
    expect(await keepLease(ledger, lasting('2026-11-22T08:00:12.000Z'))).toMatchObject({
      until: '2026-11-22T08:00:12.000Z',
    });
    expect(asked).toEqual([]);
    expect(await keepLease(ledger, lasting('2026-11-22T08:00:11.999Z'))).toMatchObject({
      until: '2026-11-22T08:00:30.000Z',
    });
    expect(await keepLease(ledger, lasting('2026-11-22T08:00:30.000Z'), 60)).toMatchObject({
      until: '2026-11-22T08:01:30.000Z',
    });
    expect(await keepLease({ ...ledger, renew: () => Promise.resolve(false) }, lasting(NOW))).toBeUndefined();
  });
});
