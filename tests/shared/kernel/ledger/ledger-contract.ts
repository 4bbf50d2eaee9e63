/** What every ledger must do, whatever it is built on. */

import { expect, it } from 'vitest';
import type {
  KillSwitch,
  Lease,
  LeaseAnswer,
  LeaseRequest,
  Ledger,
  RunRecord,
} from '../../../../shared/kernel/ledger/ledger.ts';

/** An empty ledger, and the ways to it that are not the runbooks'. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** Writes a kill switch as the operator does. */
  readonly switchOn: (killSwitch: KillSwitch) => Promise<void>;
  readonly records: () => Promise<readonly RunRecord[]>;
}

export const ADDRESS = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1';

/** 08:00 plus so many seconds, 2026-11-22. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 22, 8, 0, 0) + seconds * 1_000).toISOString();
}

/** A request at `seconds`: a lease of a minute, cool-down two minutes, at most three actions in an hour. */
export function asked(seconds: number, owner: string, intent?: string): LeaseRequest {
  return {
    resource: ADDRESS,
    runbook: 'reassign-elastic-ip',
    owner,
    now: at(seconds),
    until: at(seconds + 60),
    ...(intent === undefined
      ? {}
      : {
          intent: { key: intent, note: { from: 'i-1', attempt: 1 } },
          budget: { lastBefore: at(seconds - 120), windowFrom: at(seconds - 3_600), max: 3 },
        }),
  };
}

function leaseOf(answer: LeaseAnswer): Lease {
  if (!answer.granted) throw new Error(`not granted: ${answer.why}, ${answer.detail}`);
  return answer.lease;
}

/** Defines the contract's tests for the ledger that `make` gives, a fresh one each time. */
export function ledgerContract(make: () => Promise<LedgerUnderTest>): void {
  leaseTests(make);
  intentTests(make);
  budgetTests(make);
  releaseTests(make);
  otherTests(make);
}

function leaseTests(make: () => Promise<LedgerUnderTest>): void {
  it('knows nothing of a resource nobody acted on', async () => {
    const { ledger } = await make();
    expect(await ledger.resource(ADDRESS)).toEqual({ epoch: 0, actions: [], memory: {} });
    expect(await ledger.resources()).toEqual([]);
  });

  it('grants a free resource and names the holder to the next who asks', async () => {
    const { ledger } = await make();
    expect(await ledger.acquire(asked(0, 'run-1'))).toEqual({
      granted: true,
      lease: { resource: ADDRESS, owner: 'run-1', epoch: 1, until: '2026-11-22T08:01:00.000Z' },
      history: { epoch: 1, actions: [], memory: {} },
      resumed: false,
    });
    expect(await ledger.acquire(asked(30, 'run-2'))).toEqual({
      granted: false,
      why: 'leased',
      detail: 'held by run-1 until 2026-11-22T08:01:00.000Z',
      history: { epoch: 1, actions: [], memory: {} },
    });
  });

  it('grants exactly one of fifty who ask at once', async () => {
    const { ledger } = await make();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ledger.acquire(asked(0, `run-${index}`, `move ${index}`))),
    );
    expect(answers.filter((answer) => answer.granted)).toHaveLength(1);
    expect((await ledger.resource(ADDRESS)).actions).toEqual(['2026-11-22T08:00:00.000Z']);
  });

  it('grants a lease that ran out, to the second, under a higher epoch', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1'));
    expect((await ledger.acquire(asked(59, 'run-2'))).granted).toBe(false);
    expect(leaseOf(await ledger.acquire(asked(60, 'run-2')))).toMatchObject({ owner: 'run-2', epoch: 2 });
  });

  it('lets the holder take its lease again', async () => {
    const { ledger } = await make();
    const first = leaseOf(await ledger.acquire(asked(0, 'run-1')));
    const second = leaseOf(await ledger.acquire(asked(10, 'run-1')));
    expect(second).toMatchObject({ epoch: 2, until: '2026-11-22T08:01:10.000Z' });
    expect(await ledger.renew(first, at(200))).toBe(false);
  });

  it('keeps resources apart', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1'));
    const other = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-2';
    expect((await ledger.acquire({ ...asked(0, 'run-2'), resource: other })).granted).toBe(true);
    expect(
      (await ledger.resources()).map((state) => [state.resource, state.owner, state.until, state.runbook]),
    ).toEqual([
      [ADDRESS, 'run-1', '2026-11-22T08:01:00.000Z', 'reassign-elastic-ip'],
      [other, 'run-2', '2026-11-22T08:01:00.000Z', 'reassign-elastic-ip'],
    ]);
  });

  it('compares times whatever their spelling', async () => {
    const { ledger } = await make();
    await ledger.acquire({ ...asked(0, 'run-1'), now: '2026-11-22T08:00:00Z', until: '2026-11-22T09:00:00.500+01:00' });
    expect((await ledger.acquire({ ...asked(0, 'run-2'), now: '2026-11-22T08:00:00.499Z' })).granted).toBe(false);
    expect((await ledger.acquire({ ...asked(0, 'run-2'), now: '2026-11-22T08:00:00Z' })).granted).toBe(false);
    expect((await ledger.acquire({ ...asked(0, 'run-2'), now: '2026-11-22T08:00:01Z' })).granted).toBe(true);
  });

  it('refuses a request whose time or count is none, naming the member', async () => {
    const { ledger } = await make();
    await expect(ledger.acquire({ ...asked(0, 'run-1'), until: 'soon' })).rejects.toThrow(
      "until: 'soon' is not an ISO 8601 time",
    );
    await expect(
      ledger.acquire({ ...asked(0, 'run-1'), budget: { lastBefore: at(0), windowFrom: at(0), max: 9 } }),
    ).rejects.toThrow('budget.max: 9 is not a whole number from 1 to 8');
  });
}

function intentTests(make: () => Promise<LedgerUnderTest>): void {
  it('books the action and announces the intent with the lease', async () => {
    const { ledger } = await make();
    const answer = await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(answer).toMatchObject({
      granted: true,
      resumed: false,
      history: { epoch: 1, actions: ['2026-11-22T08:00:00.000Z'] },
    });
    expect(answer.history.pending).toBeUndefined();
    expect(await ledger.resource(ADDRESS)).toEqual({
      epoch: 1,
      actions: ['2026-11-22T08:00:00.000Z'],
      pending: { intent: 'move a', at: '2026-11-22T08:00:00.000Z', note: { from: 'i-1', attempt: 1 } },
      memory: {},
    });
  });

  it('gives the same lease, booked once, to a request repeated because its reply was lost', async () => {
    const { ledger } = await make();
    const first = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    const again = await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(again).toEqual({
      granted: true,
      lease: first,
      history: { epoch: 1, actions: ['2026-11-22T08:00:00.000Z'], memory: {} },
      resumed: false,
    });
    const later = await ledger.acquire(asked(20, 'run-1', 'move a'));
    expect(later).toMatchObject({
      granted: true,
      lease: { ...first, until: '2026-11-22T08:01:20.000Z' },
      resumed: true,
    });
    expect((await ledger.resource(ADDRESS)).actions).toEqual(['2026-11-22T08:00:00.000Z']);
    expect(await ledger.renew(first, at(200))).toBe(true);
  });

  it('knows a repeat from a duplicate of the run, which finds the intent announced by another', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(await ledger.acquire(asked(1, 'run-1', 'move a'))).toMatchObject({ granted: true, resumed: true });
  });

  it('carries what was booked over to another intent of the same lease, and gives it back with that', async () => {
    const { ledger } = await make();
    const first = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    const carried = { ...asked(5, 'run-1', 'move b'), carries: first.epoch };
    for (const _once of ['sent', 'repeated, because the reply was lost']) {
      expect(await ledger.acquire(carried)).toMatchObject({
        granted: true,
        lease: { ...first, until: '2026-11-22T08:01:05.000Z' },
        resumed: false,
      });
    }
    expect(await ledger.resource(ADDRESS)).toMatchObject({
      epoch: 1,
      actions: ['2026-11-22T08:00:00.000Z'],
      pending: { intent: 'move b', at: '2026-11-22T08:00:05.000Z' },
    });
    expect(await ledger.release({ lease: first, intent: 'settle', refund: true })).toBe(true);
    expect((await ledger.resource(ADDRESS)).actions).toEqual([]);
  });

  it('carries nothing over under a lease that is lost: the request is one like any other', async () => {
    const { ledger } = await make();
    const lost = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    await ledger.acquire(asked(61, 'run-2', 'move a'));
    const carried = { ...asked(62, 'run-1', 'move b'), carries: lost.epoch };
    expect(await ledger.acquire(carried)).toMatchObject({ granted: false, why: 'leased' });
    expect(await ledger.acquire({ ...carried, now: at(119), until: at(179) })).toMatchObject({
      granted: false,
      why: 'leased',
    });
    expect((await ledger.resource(ADDRESS)).pending?.intent).toBe('move a');
  });

  it('lets another run resume the intent of a dead one without charging for it', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(await ledger.acquire(asked(30, 'run-2', 'move a'))).toMatchObject({ granted: false, why: 'leased' });
    expect(await ledger.acquire(asked(61, 'run-2', 'move a'))).toEqual({
      granted: true,
      lease: { resource: ADDRESS, owner: 'run-2', epoch: 2, until: '2026-11-22T08:02:01.000Z' },
      history: {
        epoch: 2,
        actions: ['2026-11-22T08:00:00.000Z'],
        pending: { intent: 'move a', at: '2026-11-22T08:00:00.000Z', note: { from: 'i-1', attempt: 1 } },
        memory: {},
      },
      resumed: true,
    });
  });

  it('does not charge a resumption that comes when the budget would allow a new action', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(await ledger.acquire(asked(7_200, 'run-2', 'move a'))).toMatchObject({ granted: true, resumed: true });
    expect((await ledger.resource(ADDRESS)).actions).toEqual(['2026-11-22T08:00:00.000Z']);
  });

  it('replaces another unsettled intent and says which one it was', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    const answer = await ledger.acquire(asked(300, 'run-2', 'move b'));
    expect(answer).toMatchObject({
      granted: true,
      resumed: false,
      history: { pending: { intent: 'move a', at: '2026-11-22T08:00:00.000Z' } },
    });
    expect(answer.history.actions).toEqual(['2026-11-22T08:05:00.000Z', '2026-11-22T08:00:00.000Z']);
    expect((await ledger.resource(ADDRESS)).pending?.intent).toBe('move b');
  });

  it('leaves an unsettled intent alone when the lease asked for has none', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(await ledger.acquire(asked(61, 'run-2'))).toMatchObject({
      granted: true,
      resumed: false,
      history: { pending: { intent: 'move a' } },
    });
    expect((await ledger.resource(ADDRESS)).pending?.intent).toBe('move a');
  });

  it('books again once the intent was settled', async () => {
    const { ledger } = await make();
    const lease = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    await ledger.release({ lease, intent: 'settle' });
    expect(await ledger.acquire(asked(300, 'run-2', 'move a'))).toMatchObject({ granted: true, resumed: false });
    expect((await ledger.resource(ADDRESS)).actions).toEqual(['2026-11-22T08:05:00.000Z', '2026-11-22T08:00:00.000Z']);
  });
}

/** Acts at each of the seconds and hands the lease back, settled. */
async function act(ledger: Ledger, ...seconds: number[]): Promise<void> {
  for (const second of seconds) {
    const lease = leaseOf(await ledger.acquire(asked(second, `run-${second}`, `move ${second}`)));
    expect(await ledger.release({ lease, intent: 'settle' })).toBe(true);
  }
}

function budgetTests(make: () => Promise<LedgerUnderTest>): void {
  it('refuses within the cool-down, says when it is over, and grants then', async () => {
    const { ledger } = await make();
    await act(ledger, 0);
    expect(await ledger.acquire(asked(119, 'run-2', 'move b'))).toEqual({
      granted: false,
      why: 'cooldown',
      detail: 'allowed again at 2026-11-22T08:02:00.000Z',
      history: { epoch: 1, actions: ['2026-11-22T08:00:00.000Z'], memory: {} },
    });
    expect((await ledger.acquire(asked(120, 'run-2', 'move b'))).granted).toBe(true);
  });

  it('refuses the fourth action of an hour, says when the first stops counting, and grants then', async () => {
    const { ledger } = await make();
    await act(ledger, 0, 600, 1_200);
    expect(await ledger.acquire(asked(3_599, 'run-4', 'move d'))).toMatchObject({
      granted: false,
      why: 'window',
      detail: 'allowed again at 2026-11-22T09:00:00.000Z',
    });
    expect((await ledger.acquire(asked(3_600, 'run-4', 'move d'))).granted).toBe(true);
  });

  it('grants an uncounted lease whatever the budget, and books nothing', async () => {
    const { ledger } = await make();
    await act(ledger, 0, 600, 1_200);
    const { budget: _counted, ...free } = asked(1_201, 'run-4', 'undo');
    expect(await ledger.acquire(free)).toMatchObject({ granted: true, resumed: false });
    expect((await ledger.resource(ADDRESS)).actions).toHaveLength(3);
  });

  it('keeps the last eight actions, newest first', async () => {
    const { ledger } = await make();
    const hours = Array.from({ length: 10 }, (_, index) => index * 3_600);
    await act(ledger, ...hours);
    expect((await ledger.resource(ADDRESS)).actions).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map((hour) => at(hour * 3_600)));
  });

  it('gives back the action of a lease that never acted, and brings the oldest back', async () => {
    const { ledger } = await make();
    await act(ledger, ...Array.from({ length: 8 }, (_, index) => index * 3_600));
    const before = (await ledger.resource(ADDRESS)).actions;
    const lease = leaseOf(await ledger.acquire(asked(36_000, 'run-9', 'move j')));
    expect(await ledger.release({ lease, intent: 'settle', refund: true })).toBe(true);
    expect(await ledger.release({ lease, intent: 'settle', refund: true })).toBe(true);
    expect((await ledger.resource(ADDRESS)).actions).toEqual(before);
    expect((await ledger.acquire(asked(36_001, 'run-10', 'move k'))).granted).toBe(true);
  });

  it('refunds nothing to a lease that booked nothing', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    const resumed = leaseOf(await ledger.acquire(asked(61, 'run-2', 'move a')));
    expect(await ledger.release({ lease: resumed, intent: 'settle', refund: true })).toBe(true);
    const uncounted = leaseOf(await ledger.acquire(asked(62, 'run-3')));
    expect(await ledger.release({ lease: uncounted, intent: 'settle', refund: true })).toBe(true);
    expect((await ledger.resource(ADDRESS)).actions).toEqual(['2026-11-22T08:00:00.000Z']);
  });
}

function releaseTests(make: () => Promise<LedgerUnderTest>): void {
  it('hands a lease back once and for all: a repeat changes nothing and still answers yes', async () => {
    const { ledger } = await make();
    const lease = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    expect(await ledger.release({ lease, intent: 'settle' })).toBe(true);
    expect(await ledger.release({ lease, intent: 'settle' })).toBe(true);
    expect(await ledger.resource(ADDRESS)).toEqual({ epoch: 1, actions: ['2026-11-22T08:00:00.000Z'], memory: {} });
    expect((await ledger.acquire(asked(1, 'run-2'))).granted).toBe(true);
  });

  it('keeps the intent for the next run when told to', async () => {
    const { ledger } = await make();
    const lease = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    await ledger.release({ lease, intent: 'keep' });
    expect(await ledger.acquire(asked(1, 'run-2', 'move a'))).toMatchObject({
      granted: true,
      resumed: true,
      lease: { epoch: 2 },
    });
  });

  it('neither renews nor hands back a lease that went to somebody else', async () => {
    const { ledger } = await make();
    const lost = leaseOf(await ledger.acquire(asked(0, 'run-1', 'move a')));
    await ledger.acquire(asked(300, 'run-2', 'move b'));
    expect(await ledger.renew(lost, at(900))).toBe(false);
    expect(await ledger.release({ lease: lost, intent: 'settle', refund: true })).toBe(false);
    const [state] = await ledger.resources();
    expect(state).toMatchObject({
      owner: 'run-2',
      until: '2026-11-22T08:06:00.000Z',
      history: { pending: { intent: 'move b' } },
    });
    expect(state?.history.actions).toHaveLength(2);
  });

  it('renews a lease that ran out but that nobody took', async () => {
    const { ledger } = await make();
    const lease = leaseOf(await ledger.acquire(asked(0, 'run-1')));
    expect(await ledger.renew(lease, at(600))).toBe(true);
    expect((await ledger.acquire(asked(599, 'run-2'))).granted).toBe(false);
    expect(await ledger.release({ lease, intent: 'keep' })).toBe(true);
    expect(await ledger.renew(lease, at(900))).toBe(false);
  });

  it('answers no for a resource it never saw', async () => {
    const { ledger } = await make();
    const lease: Lease = { resource: ADDRESS, owner: 'run-1', epoch: 1, until: at(60) };
    expect(await ledger.renew(lease, at(90))).toBe(false);
    expect(await ledger.release({ lease, intent: 'settle', refund: true })).toBe(false);
    expect(await ledger.resources()).toEqual([]);
  });
}

function otherTests(make: () => Promise<LedgerUnderTest>): void {
  it('remembers what several write at once, each value by itself', async () => {
    const { ledger } = await make();
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        ledger.remember(ADDRESS, 'reassign-elastic-ip', { [`key-${index}`]: String(index) }),
      ),
    );
    await ledger.remember(ADDRESS, 'another', { 'key-3': null, 'key-4': 'four', 'never-there': null });
    const { memory } = await ledger.resource(ADDRESS);
    expect(Object.keys(memory)).toHaveLength(9);
    expect(memory).toMatchObject({ 'key-0': '0', 'key-4': 'four', 'key-9': '9' });
    expect((await ledger.resources()).map((state) => state.runbook)).toEqual(['reassign-elastic-ip']);
  });

  it('remembers without touching the lease, and leases without touching what is remembered', async () => {
    const { ledger } = await make();
    await ledger.remember(ADDRESS, 'reassign-elastic-ip', { 'insufficient-since': at(0) });
    const answer = await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(answer.history.memory).toEqual({ 'insufficient-since': '2026-11-22T08:00:00.000Z' });
    await ledger.remember(ADDRESS, 'reassign-elastic-ip', { 'insufficient-since': null });
    await ledger.remember(ADDRESS, 'reassign-elastic-ip', {});
    expect(await ledger.renew(leaseOf(answer), at(120))).toBe(true);
    expect((await ledger.resource(ADDRESS)).memory).toEqual({});
  });

  it('reads the kill switches that are on', async () => {
    const { ledger, switchOn } = await make();
    expect(await ledger.switches()).toEqual([]);
    await switchOn({ scope: 'reassign-elastic-ip', reason: 'maintenance', by: 'ops', at: at(0) });
    await switchOn({ scope: 'all', reason: 'incident 4711', by: 'ops', at: at(1) });
    expect(await ledger.switches()).toEqual([
      { scope: 'all', reason: 'incident 4711', by: 'ops', at: '2026-11-22T08:00:01.000Z' },
      { scope: 'reassign-elastic-ip', reason: 'maintenance', by: 'ops', at: '2026-11-22T08:00:00.000Z' },
    ]);
  });

  it('keeps one record per run and target, the last one written', async () => {
    const { ledger, records } = await make();
    const line = { runbook: 'reassign-elastic-ip', run: 'run-1', target: ADDRESS, at: at(0) };
    await ledger.record({ ...line, body: { outcome: 'waiting' } });
    await ledger.record({ ...line, at: at(5), body: { outcome: 'done', plan: [{ call: 'ec2:AssociateAddress' }] } });
    await ledger.record({ ...line, target: 'other', body: { outcome: 'nothing' } });
    expect(await records()).toEqual([
      { ...line, at: '2026-11-22T08:00:05.000Z', body: { outcome: 'done', plan: [{ call: 'ec2:AssociateAddress' }] } },
      { ...line, target: 'other', body: { outcome: 'nothing' } },
    ]);
  });
}
