/** What every ledger must do about budgets, about leases that are handed back, and besides leases. */

import { expect, it } from 'vitest';
import type { Lease, Ledger } from '../../../../shared/kernel/ledger/ledger.ts';
import { ADDRESS, asked, at, leaseOf, type LedgerUnderTest } from './ledger-requests.ts';

/** Acts at each of the seconds and hands the lease back, settled. */
async function act(ledger: Ledger, ...seconds: number[]): Promise<void> {
  for (const second of seconds) {
    const lease = leaseOf(await ledger.acquire(asked(second, `run-${second}`, `move ${second}`)));
    expect(await ledger.release({ lease, intent: 'settle' })).toBe(true);
  }
}

const WORD = { until: at(600), by: 'arn:kim' };

/** What every ledger must do about a person's word. */
function wordTests(make: () => Promise<LedgerUnderTest>): void {
  it('grants what a person approved once, and neither by the same word again nor by an older one', async () => {
    const { ledger } = await make();
    const lease = leaseOf(await ledger.acquire({ ...asked(0, 'run-1', 'move a'), word: WORD }));
    expect((await ledger.resource(ADDRESS)).memory).toEqual({ approved: `${at(600)}#${at(0)}#arn:kim` });
    await ledger.release({ lease, intent: 'settle' });
    const later = asked(300, 'run-2', 'move a');
    const used = { granted: false, why: 'used', detail: 'it was acted on already, or what was asked for later was' };
    expect(await ledger.acquire({ ...later, word: WORD })).toMatchObject(used);
    expect(await ledger.acquire({ ...later, word: { until: at(599), by: 'arn:mara' } })).toMatchObject(used);
    expect(await ledger.acquire({ ...later, word: { until: at(601), by: 'arn:mara' } })).toMatchObject({
      granted: true,
    });
  });

  it('has whoever comes go on with what was announced under a word, and with nothing else', async () => {
    const { ledger } = await make();
    await ledger.acquire({ ...asked(0, 'run-1', 'move a'), word: WORD });
    expect(await ledger.acquire({ ...asked(61, 'run-2', 'move b'), word: WORD })).toMatchObject({ why: 'used' });
    const resumed = await ledger.acquire({ ...asked(62, 'run-2', 'move a'), word: WORD });
    expect(resumed).toMatchObject({ granted: true, resumed: true });
    await ledger.release({ lease: leaseOf(resumed), intent: 'settle' });
    expect(await ledger.acquire({ ...asked(300, 'run-3', 'move a'), word: WORD })).toMatchObject({ why: 'used' });
  });

  it('uses a word up for what was announced without one', async () => {
    const { ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    const resumed = await ledger.acquire({ ...asked(61, 'run-2', 'move a'), word: WORD });
    expect(resumed).toMatchObject({ granted: true, resumed: true });
    expect((await ledger.resource(ADDRESS)).memory).toEqual({ approved: `${at(600)}#${at(0)}#arn:kim` });
  });

  it('answers a request whose reply was lost as the first time', async () => {
    const { ledger } = await make();
    const request = { ...asked(0, 'run-1', 'move a'), word: WORD };
    const first = await ledger.acquire(request);
    expect(await ledger.acquire(request)).toMatchObject({ granted: true, isRepeat: true, lease: leaseOf(first) });
  });

  it('gives a word back that nothing was done by', async () => {
    const { ledger } = await make();
    const lease = leaseOf(await ledger.acquire({ ...asked(0, 'run-1', 'move a'), word: WORD }));
    await ledger.release({ lease, intent: 'settle', refund: true, wordBefore: null });
    expect((await ledger.resource(ADDRESS)).memory).toEqual({});
    expect(await ledger.acquire({ ...asked(1, 'run-2', 'move a'), word: WORD })).toMatchObject({ granted: true });
  });
}

/** Part of the contract: see `ledger-contract.ts`. */
export function budgetTests(make: () => Promise<LedgerUnderTest>): void {
  wordTests(make);

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

/** Part of the contract: see `ledger-contract.ts`. */
export function releaseTests(make: () => Promise<LedgerUnderTest>): void {
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

/** Part of the contract: see `ledger-contract.ts`. */
export function otherTests(make: () => Promise<LedgerUnderTest>): void {
  it('keeps the record of an attempt that acted, whatever an attempt after it says that sent nothing', async () => {
    const { ledger, records, book } = await make();
    const told = (outcome: string, second: number, acted?: true): Promise<void> =>
      ledger.record({
        runbook: 'r',
        run: '1',
        target: 't',
        at: at(second),
        body: { outcome },
        ...(acted && { acted }),
      });
    const outcomes = async (): Promise<unknown[]> => (await records()).map(({ body }) => body['outcome']);
    await told('refused', 0);
    await told('failed', 1, true);
    await told('refused', 2);
    expect(await outcomes()).toEqual(['failed']);
    // Nor does anything lead to what was not written.
    expect((await book.about('t')).map((line) => line.outcome)).toEqual(['failed']);
    await told('done', 3, true);
    expect(await outcomes()).toEqual(['done']);
  });

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

  it('has switches thrown and lifted, and freezes kept with their times', async () => {
    const { ledger, desk } = await make();
    const freeze = { scope: 'all', reason: 'holidays', by: 'ops', at: at(0), from: at(60), until: at(120) };
    await desk.setSwitch(freeze);
    expect(await ledger.switches()).toEqual([freeze]);
    const { from: _none, until: _never, ...thrown } = freeze;
    await desk.setSwitch(thrown);
    expect(await ledger.switches()).toEqual([thrown]);
    await desk.clearSwitch('all');
    await desk.clearSwitch('all');
    expect(await ledger.switches()).toEqual([]);
  });

  it('has a mode created once, and changed by the operator alone', async () => {
    const { ledger, desk } = await make();
    const row = { scope: 'all', mode: 'plan', reason: 'first run', by: 'block-address', at: at(0) } as const;
    expect(await ledger.modes()).toEqual([]);
    expect(await ledger.createMode(row)).toBe(true);
    expect(await ledger.createMode({ ...row, mode: 'apply' })).toBe(false);
    expect(await ledger.modes()).toEqual([row]);
    const own = { ...row, scope: 'block-address', mode: 'apply' } as const;
    await desk.setMode({ ...row, mode: 'apply', by: 'kim' });
    await desk.setMode(own);
    expect(await ledger.modes()).toEqual([{ ...row, mode: 'apply', by: 'kim' }, own]);
  });

  it('knows whether a run is recorded that did not only plan', async () => {
    const { ledger } = await make();
    const line = { runbook: 'r', run: 'run-1', target: ADDRESS, at: at(0) };
    expect(await ledger.hasActed()).toBe(false);
    await ledger.record({ ...line, body: { outcome: 'planned' } });
    expect(await ledger.hasActed()).toBe(false);
    await ledger.record({ ...line, run: 'run-2', body: { outcome: 'refused' } });
    expect(await ledger.hasActed()).toBe(true);
  });

  it('finds records by their day and by their target, newest first, each once', async () => {
    const { ledger, book } = await make();
    const line = { runbook: 'reassign-elastic-ip', run: 'run-1', target: ADDRESS, at: at(0) };
    const done = { outcome: 'done', reason: 'failed-over: i-1 is stopping' };
    const whole = { runbook: 'block-address', run: 'run-2', target: '', at: at(7), body: { outcome: 'refused' } };
    await ledger.record({ ...line, body: { outcome: 'waiting', reason: 'standby-booting: x' } });
    await ledger.record({ ...line, at: at(5), body: { ...done, plan: [] } });
    await ledger.record({
      ...line,
      run: 'run-3',
      target: `${ADDRESS}0`,
      at: at(6),
      body: { ...done, reason: 'y'.repeat(900) },
    });
    await ledger.record(whole);
    await ledger.record({ ...line, run: 'run-4', at: '2026-11-23T00:00:00.000Z', body: done });

    const told = { ...line, at: at(5), ...done };
    const later = { ...line, run: 'run-4', at: '2026-11-23T00:00:00.000Z', ...done };
    expect(await book.about(ADDRESS)).toEqual([later, told]);
    expect((await book.on('2026-11-22')).map(({ run, outcome }) => `${run} ${outcome}`)).toEqual([
      'run-2 refused',
      'run-3 done',
      'run-1 done',
    ]);
    expect(
      (await book.about(`${ADDRESS}0`)).map(({ reason }) => reason.length <= 300 && reason.startsWith('yyy')),
    ).toEqual([true]);
    expect([await book.on('2026-11-24'), await book.about('')]).toEqual([[], []]);
    await expect(book.on('yesterday')).rejects.toThrow('day: expected one such as 2026-11-28, found yesterday');
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
