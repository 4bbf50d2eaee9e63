/** What every ledger must do, whatever it is built on. */

import { expect, it } from 'vitest';
import { budgetTests, otherTests, releaseTests } from './ledger-contract-budget.ts';
import { ADDRESS, asked, at, leaseOf, type LedgerUnderTest } from './ledger-requests.ts';

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

  it('grants exactly one of twenty who ask at once', async () => {
    const { ledger } = await make();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ledger.acquire(asked(0, `run-${index}`, `move ${index}`))),
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
      isRepeat: true,
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
    // Sent, and repeated because the reply was lost.
    for (let sent = 0; sent < 2; sent += 1) {
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
