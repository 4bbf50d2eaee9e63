import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../../cli/operate/place.ts';
import { run, type Ran } from '../../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, MOVED, NOW, record, state, type Rows } from '../fake-place.ts';
import { on, read, worldOf } from '../world/a-world.ts';

const RUN = '0b8f6d3e-5c41-4a7e-9d20-000000000005';
const KIM = 'arn:aws:sts::111122223333:assumed-role/oncall/kim';
const ROW = { scope: `run:${RUN}`, by: 'mara', at: '2026-11-22T08:04:00.000Z', reason: 'not now' };
const PENDING = { intent: 'move to i-0b9', at: '2026-11-22T08:04:50.000Z', note: {} };

/** The address is in hand of a run. */
function heldBy(owner: string, until = '2026-11-22T08:05:20.000Z') {
  const known = state({ owner: `${owner}|${ADDRESS}`, until });
  return { ...known, history: { ...known.history, pending: PENDING } };
}

/** A stack whose one runbook that is asked about is durable. */
function durableStack(rows: Rows, more: Partial<Stack>): Stack {
  const functionName = 'runbook-prod-reassign-elastic-ip';
  return fakeStack(rows, { runbooks: [{ name: 'reassign-elastic-ip', host: 'durable', functionName }], ...more });
}

function stop(stack: Stack, ...words: readonly string[]): Promise<Ran> {
  return run(['stop', ...words], { openPlace: (): Promise<Place> => Promise.resolve(fakePlace([stack])) });
}

describe('stop', () => {
  it('writes a switch for that run alone, with its end, and says what the run leaves and who begins anew', async () => {
    const stack = fakeStack({ resources: [heldBy(RUN)] });
    const { code, out } = await stop(stack, '0b8f6d', '--reason', 'not now');
    expect(code).toBe(0);
    expect(await stack.book.switches()).toEqual([
      { scope: `run:${RUN}`, reason: 'not now', by: KIM, at: NOW, until: '2026-12-06T08:05:00.000Z' },
    ]);
    expect(await stack.book.operations('2026-11-22')).toEqual([
      { at: NOW, by: KIM, what: 'stop', scope: 'reassign-elastic-ip', reason: 'not now', more: { run: RUN } },
    ]);
    expect(out.split('\n')).toEqual([
      `runbook-prod: reassign-elastic-ip, run ${RUN}: it stops before its next call, by ${KIM}: not now`,
      '  its last look at the switch may be ten seconds old; it stops at the first call after that',
      '  announced, and perhaps left half done: eipalloc-04c8e2a6f1b3d9570: move to i-0b9',
      '  how it ends, and what it has done: npx runbook show 0b8f6d',
      '  whatever starts the runbook next begins the same anew, and finishes what it has left; to keep all its runs from that:',
      '    npx runbook switch off reassign-elastic-ip --reason WHY',
      '',
    ]);
  });

  it('is for a year and a day where the run is a durable execution, and says until when that sleeps', async () => {
    const standing = { kind: 'running', wakesAt: '2026-11-22T10:05:00.000Z' } as const;
    const name = 'reassign_1/2f9c1f6e';
    const stack = durableStack({ resources: [heldBy(name)] }, { standing: () => Promise.resolve(standing) });
    const { code, out } = await stop(stack, name);
    expect(code).toBe(0);
    expect(await stack.book.switches()).toMatchObject([{ scope: `run:${name}`, until: '2027-11-23T08:05:00.000Z' }]);
    expect(out).toContain('  the run sleeps until 10:05:00 (2 h): it stops when it would call AWS after that, and');
  });

  it('says of one that asks a person that it stops when it has an answer', async () => {
    const asking = record({ run: 'reassign_1/2f9c1f6e' }, { ...MOVED, outcome: 'awaiting-approval' });
    const stack = durableStack({ records: [asking] }, { standing: () => Promise.resolve({ kind: 'running' }) });
    const { code, out } = await stop(stack, 'reassign_1');
    expect(code).toBe(0);
    expect(out).toContain('  it waits for the word of a person, or the end of the time for it: it stops then,');
    expect(await stack.book.switches()).toHaveLength(1);
  });

  it('stops no run of which a target was named: the others would stop with it', async () => {
    const stack = fakeStack({ resources: [heldBy(RUN)] });
    const { code, out, err } = await stop(stack, '0b8f6d/eipalloc-04c8e2a6f1b3d9570', '--reason', 'not now');
    expect({ code, out, rows: await stack.book.switches() }).toEqual({ code: 2, out: '', rows: [] });
    expect(err).toContain(`a run is stopped with all its targets, not one of them: npx runbook stop ${RUN} --reason`);
  });

  it.each(['2026-11-22T03:05:20-05:00', 'no time'])(
    'takes no run for over whose lease lasts until %s',
    async (until) => {
      const stack = fakeStack({ resources: [heldBy(RUN, until)] });
      expect((await stop(stack, '0b8f6d')).code).toBe(0);
      expect(await stack.book.switches()).toMatchObject([{ scope: `run:${RUN}` }]);
    },
  );

  it('writes a row anew whose time is over', async () => {
    const over = { ...ROW, until: '2026-11-22T08:04:30.000Z' };
    const stack = fakeStack({ resources: [heldBy(RUN)], switches: [over] });
    const { out } = await stop(stack, '0b8f6d', '--reason', 'not now');
    expect(out).toContain(`it stops before its next call, by ${KIM}: not now`);
    expect(await stack.book.switches()).toMatchObject([{ by: KIM, until: '2026-12-06T08:05:00.000Z' }]);
  });

  it('knows a run that is named by its execution alone by its whole id', async () => {
    const standing = { kind: 'running', run: 'reassign_1/2f9c1f6e' } as const;
    const stack = durableStack({}, { standing: () => Promise.resolve(standing) });
    expect((await stop(stack, 'reassign_1')).code).toBe(0);
    expect(await stack.book.switches()).toMatchObject([{ scope: 'run:reassign_1/2f9c1f6e' }]);
  });

  it.each<[string, Stack]>([
    [
      'Lambda says so, whatever lease it has left',
      durableStack(
        { resources: [heldBy(RUN)] },
        { standing: () => Promise.resolve({ kind: 'ended', error: 'TIMED_OUT' }) },
      ),
    ],
    ['Lambda does not know it any more', durableStack({ records: [record()] }, {})],
    ['no invocation lives so long', fakeStack({ records: [record({ at: '2026-11-22T07:49:59.000Z' })] })],
  ])('writes nothing of one that is over: %s', async (_why, stack) => {
    const { code, out } = await stop(stack, '0b8f6d', '--reason', 'x');
    expect(code).toBe(0);
    expect(out).toContain('it is over, there is nothing to stop');
    expect(await stack.book.switches()).toEqual([]);
    expect(await stack.book.operations('2026-11-22')).toEqual([]);
  });

  it.each<[string, Stack]>([
    ['it was recorded just now, and may have more targets', fakeStack({ records: [record()] })],
    ['it has a lease', fakeStack({ records: [record({ at: '2026-11-22T07:00:00.000Z' })], resources: [heldBy(RUN)] })],
    [
      'Lambda does not answer',
      durableStack({ records: [record()] }, { standing: () => Promise.reject(new Error('no answer')) }),
    ],
  ])('stops one that may be at work: %s', async (_why, stack) => {
    expect((await stop(stack, '0b8f6d')).code).toBe(0);
    expect(await stack.book.switches()).toMatchObject([{ scope: `run:${RUN}` }]);
  });

  it('a second time changes nothing, names who was first, and is on record', async () => {
    const stack = fakeStack({ resources: [heldBy(RUN)], switches: [ROW] });
    const { code, out } = await stop(stack, '0b8f6d', '--reason', 'me too');
    expect(code).toBe(0);
    expect(out.replaceAll('\n', ' ')).toContain('stopped already, at 2026-11-22 08:04:00Z, by mara: not now');
    expect(await stack.book.switches()).toEqual([ROW]);
    expect(await stack.book.operations('2026-11-22')).toMatchObject([{ reason: 'me too', more: { isChanged: false } }]);
  });

  it('of several runs that begin so stops none, and lists them', async () => {
    const other = '0b8f6d3e-5c41-4a7e-9d20-000000000006';
    const stack = fakeStack({ records: [record(), record({ run: other })] });
    const { code, err } = await stop(stack, '0b8f6d');
    expect(code).toBe(2);
    expect(err).toContain('runbook: 0b8f6d: 2 runs begin so; give more of one');
    expect(await stack.book.switches()).toEqual([]);
  });

  it('that the ledger does not answer is no stop: it may be typed again', async () => {
    const stack = fakeStack({ resources: [heldBy(RUN)] });
    const lost = { ...stack, book: { ...stack.book, turnOff: () => Promise.reject(new Error('no answer')) } };
    const { code, out, err } = await stop(lost, '0b8f6d');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('runbook: runbook-prod: nothing is known to be changed: Error: no answer');
  });

  it('warns where the stack is of a version that may not know of it', async () => {
    const known = await stop(fakeStack({ resources: [heldBy(RUN)] }), '0b8f6d');
    expect(known.err).not.toContain('warning');
    const { code, err } = await stop(fakeStack({ resources: [heldBy(RUN)] }, { version: '0.0.1+old' }), '0b8f6d');
    expect(code).toBe(0);
    expect(err).toContain('runbook: warning: runbook-prod is deployed from another version: one that is older');
  });

  it('is done also where it cannot be put on record, and says that', async () => {
    const stack = fakeStack({ resources: [heldBy(RUN)] });
    const dumb = { ...stack, book: { ...stack.book, note: () => Promise.reject(new Error('no answer')) } };
    const { code, err } = await stop(dumb, '0b8f6d');
    expect(code).toBe(1);
    expect(err).toContain('it is done, but could not be put on record');
    expect(await stack.book.switches()).toHaveLength(1);
  });

  it('prints one document', async () => {
    const { code, out } = await stop(fakeStack({ resources: [heldBy(RUN)] }), '0b8f6d', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      place: { kind: 'live', caller: KIM },
      stack: 'runbook-prod',
      runbook: 'reassign-elastic-ip',
      run: RUN,
      code: 'stopped',
      row: { scope: `run:${RUN}` },
      left: ['eipalloc-04c8e2a6f1b3d9570: move to i-0b9'],
      standing: null,
    });
  });

  it.each([
    [['nobody'], 2, 'nobody: no run begins so'],
    [['0b8'], 2, '0b8: give at least 4 characters of the run'],
    [['0b8f6d', '--reason', 'x'.repeat(1_025)], 2, 'stop: the --reason has 1025 characters'],
  ])('is refused in one line: %j', async (words, code, message) => {
    const ran = await stop(fakeStack({ records: [record()] }), ...words);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
  });
});

describe('a run that is stopped', () => {
  it('is told by `switch`, which still calls all runbooks on, and by no line of `status`', async () => {
    const stack = fakeStack({ switches: [ROW, { ...ROW, scope: 'run:over', until: '2026-11-22T08:04:59.000Z' }] });
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
    const { out } = await run(['switch'], { openPlace });
    expect(out).toContain('runbook-prod: all runbooks: on\n');
    expect(out).toContain(`runbook-prod: run ${RUN} alone: stopped, since`);
    expect(out).not.toContain('run over');
    expect(out).toContain('to change it: npx runbook switch off --reason WHY');
    const status = await run(['status'], { openPlace });
    expect(status.out).not.toContain('OFF');
    expect(status.out).not.toContain('switched off');
    const lifted = await run(['switch', 'on', `run:${RUN}`], { openPlace });
    expect(lifted.code).toBe(0);
    expect((await stack.book.switches()).map(({ scope }) => scope)).toEqual(['run:over']);
  });

  it('keeps no runbook from anything: `switch on` says nothing of it', async () => {
    const stack = fakeStack({ switches: [ROW, { ...ROW, scope: 'all' }] });
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
    const { code, out } = await run(['switch', 'on'], { openPlace });
    expect(code).toBe(0);
    expect(out).not.toContain('still off');
  });

  it('says in `runs` and `show` who did it', async () => {
    const reason = `kill-switch: switched off for run:${RUN} by mara at 2026-11-22T08:01:00.000Z: not now`;
    const stopped = record({}, { ...MOVED, outcome: 'refused', reason });
    const done = {
      ...ROW,
      at: '2026-11-22T08:02:00.000Z',
      what: 'stop',
      scope: 'reassign-elastic-ip',
      more: { run: RUN },
    };
    const stack = fakeStack({ records: [stopped], operations: [done] });
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
    const runs = await run(['runs'], { openPlace });
    expect(runs.out.replaceAll(/\s+/gu, ' ')).toContain(`stop reassign-elastic-ip ${RUN} by mara: not now`);
    const { out } = await run(['show', '0b8f6d'], { openPlace });
    expect(out).toContain('stopped by mara: not now');
    expect(out).toContain('this run alone was stopped: a schedule looks again');
    const status = await run(['status'], { openPlace });
    expect(status.out).toContain('1 run stopped');
  });
});

describe('stop in a world', () => {
  it('says of what was run there that it is over, and stops whoever had a lease when it was written down', async () => {
    const resource = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1';
    const owner = `aaaa1111|${resource}`;
    const held = { resource, runbook: 'stop-marked', owner, until: '2026-11-22T08:06:00Z', history: { epoch: 1 } };
    const path = worldOf('stop.json', { 'i-0a1': 'stop', 'i-0b2': 'stop' }, { ledger: { resources: [held] } });
    const stopped = await on(path, ['stop', 'aaaa1111', '--reason', 'x']);
    expect(stopped.code).toBe(0);
    expect(stopped.out).toMatch(/^world: stop-marked, run aaaa1111: it stops before its next call, by \S+: x$/mu);
    expect(read(path).ledger.switches).toMatchObject([{ scope: 'run:aaaa1111', until: '2026-12-06T08:00:00.000Z' }]);
    await on(path, ['run', 'stop-marked', '--token', 'bbbb2222']);
    const over = await on(path, ['stop', 'bbbb2222']);
    expect(over).toMatchObject({
      code: 0,
      out: 'world: stop-marked, run bbbb2222: it is over, there is nothing to stop\n',
    });
    expect(read(path).ledger.switches).toHaveLength(1);
  });
});
