import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ManualRequest, Place, Stack, Standing, Started } from '../../../../cli/operate/place.ts';
import { run, type Ran, type Setting } from '../../terminal.ts';
import { ADDRESS, fakeBook, fakePlace, fakeStack, MOVED, NOW, record, state } from '../fake-place.ts';
import { stopped } from '../stopped.ts';
import { kept, on, read, worldOf } from '../world/a-world.ts';

interface Begun {
  readonly stack: Stack;
  readonly started: (readonly [ManualRequest, string])[];
}

/** A stack in which runs stand as they are told to. */
function starting(standing: Standing | undefined, more: Partial<Stack> = {}): Begun {
  const started: (readonly [ManualRequest, string])[] = [];
  const stack = fakeStack(
    {},
    {
      start: (request, token) => {
        started.push([request, token]);
        return Promise.resolve({ run: `${token}/0b8f6d3e`, isRepeated: false });
      },
      standing: () => Promise.resolve(standing),
      ...more,
    },
  );
  return { stack, started };
}

function live(stacks: readonly Stack[], words: readonly string[], setting: Setting = {}): Promise<Ran> {
  return run(['run', ...words], { ...setting, openPlace: (): Promise<Place> => Promise.resolve(fakePlace(stacks)) });
}

describe('run on a world', () => {
  it('is followed to its end, and printed as handle does, the conclusion last', async () => {
    const path = worldOf('run.json', { 'i-0a1': 'stop' });
    const { code, out } = await on(path, ['run', 'stop-marked', '--reason', 'tidy']);
    expect(code).toBe(0);
    expect(out).toContain('ec2:StopInstances InstanceIds=i-0a1');
    expect(out).not.toContain('DescribeInstances');
    const [call, , , again] = out.trim().split('\n').slice(-4);
    expect(call).toContain('aws ec2 start-instances');
    expect(again).toMatch(/^ {2}npx runbook show [\da-f-]{36} --world /u);
    expect(read(path).ledger.operations).toMatchObject([{ what: 'run', scope: 'stop-marked', reason: 'tidy' }]);
  });

  it('knows what was before: budgets count across runs, records stay, time goes on', async () => {
    const path = worldOf('twice.json', { 'i-0a1': 'stop' });
    await on(path, ['run', 'stop-marked']);
    const before = read(path);
    // Somebody has started it again: within its cool-down it is not stopped a second time.
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replaceAll('"stopped"', '"running"').replace('"Code": 80', '"Code": 16'),
    );
    const { code, out } = await on(path, ['run', 'stop-marked']);
    expect({ code, isCooling: out.includes('refused (cooldown)') }).toEqual({ code: 4, isCooling: true });
    const after = read(path);
    expect(after.nowMs).toBeGreaterThan(before.nowMs);
    expect([before.simulated, after.simulated]).toEqual([1, 2]);
    expect(kept(path)).toEqual(['done stopped', 'refused cooldown']);
    expect(after.ledger.runs[0]).toEqual(before.ledger.runs[0]);
  });

  it('dry leaves the world as it was, with the record of the run, and what is to come still to come', async () => {
    const script = [
      { after: 'PT0S', set: { 'ec2/Instances/i-0b2/Tags/mark': 'stop' } },
      {
        after: 'PT5M',
        set: { 'ec2/Instances/i-0a1/State/Name': 'stopped', 'ledger/switches/all': { reason: 'x', by: 'y' } },
      },
    ];
    const path = worldOf('dry.json', { 'i-0a1': 'stop', 'i-0b2': 'leave' }, { script, $schema: './world.schema.json' });
    const before: object = JSON.parse(readFileSync(path, 'utf8'));
    const { code, out } = await on(path, ['run', 'stop-marked', '--dry-run', '--token', 'look-1']);
    expect(code).toBe(0);
    expect(out).toContain('InstanceIds=i-0a1');
    expect(out).toContain('InstanceIds=i-0b2');
    const after: object = JSON.parse(readFileSync(path, 'utf8'));
    expect({ ...after, ledger: {} }).toEqual({ ...before, simulated: 1, ledger: {} });
    const { runs, calls, operations, switches, resources } = read(path).ledger;
    expect(runs.map(({ run: id, body }) => [id, body['outcome']])).toEqual([
      ['look-1', 'planned'],
      ['look-1', 'planned'],
    ]);
    expect(calls.map(({ run: id }) => id)).toEqual(['look-1']);
    expect(operations).toMatchObject([{ more: { run: 'look-1', dryRun: true } }]);
    expect(switches).toEqual([]);
    expect(resources.flatMap(({ history: { actions } }) => actions)).toEqual([]);
    const shown = await on(path, ['show', 'look-1']);
    expect(shown.out).toContain('planned');
    await on(path, ['run', 'stop-marked']);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ $schema: './world.schema.json' });
    expect(read(path).ledger.switches).toMatchObject([{ reason: 'x' }]);
  });

  it('ends with the command: Ctrl-C says so, and that the file is as it was', async () => {
    const never = Promise.withResolvers<Started>();
    let isForgotten = false;
    let isKept = false;
    const place = fakePlace([fakeStack({}, { start: () => never.promise })], {
      kind: 'world',
      file: 'incident.json',
      keep: () => Promise.resolve(void (isKept = true)),
    });
    const ran = await run(['run', 'stop-marked', '--world', 'incident.json'], {
      openPlace: () => Promise.resolve(place),
      onInterrupt: (listener) => {
        listener();
        return () => void (isForgotten = true);
      },
    });
    expect(ran).toMatchObject({ code: 130, out: '' });
    expect(ran.err).toMatch(
      /\nrunbook: stopped: a run in a world ends with the command, and incident\.json is as it was\n$/u,
    );
    expect({ isForgotten, isKept }).toEqual({ isForgotten: true, isKept: false });
  });

  it('makes no id that an earlier run has made', async () => {
    const path = worldOf('ids.json', { 'i-0a1': 'later' });
    await on(path, ['run', 'stop-marked']);
    await on(path, ['run', 'stop-marked']);
    const runs = read(path).ledger.runs.map(({ run: id }) => id);
    expect(new Set(runs).size).toBe(runs.length);
  });

  it('says what found nothing to do, and keeps a record of that for whoever asked', async () => {
    const path = worldOf('left.json', { 'i-0a1': 'leave' });
    const { code, out } = await on(path, ['run', 'stop-marked']);
    expect(code).toBe(0);
    expect(out).toContain('nothing (left-alone)');
    expect(kept(path)).toEqual(['nothing left-alone']);
  });

  it.each([
    ['broken', [], 1],
    ['guarded', [], 4],
    ['stop', ['--dry-run'], 0],
    ['stop', ['--dry-run', '--plan-exit-code'], 5],
    ['leave', ['--dry-run', '--plan-exit-code'], 0],
  ])('ends as handle does: %s %j', async (mark, words, code) => {
    const path = worldOf('code.json', { 'i-0a1': mark });
    expect((await on(path, ['run', 'stop-marked', ...words])).code).toBe(code);
  });

  it('repeats a token without beginning anew, and refuses one of another runbook', async () => {
    const path = worldOf('token.json', { 'i-0a1': 'stop' });
    await on(path, ['run', 'stop-marked', '--token', 'night-1']);
    const again = await on(path, ['run', 'stop-marked', '--token', 'night-1', '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ run: 'night-1', isRepeated: true, results: [{ outcome: 'done' }] });
    expect(again.err).toMatch(
      /runbook: token night-1 was started before, at 2026-11-22 08:00:00Z by \S+: nothing was sent, what is shown is that run\n/u,
    );
    expect(read(path).simulated).toBe(1);
  });

  it.each([
    [['--target', 'i-0b2']],
    [['--target', 'i-0a1', '--dry-run']],
    [[]],
    [['--target', 'i-0a1', '--param', 'only=i-0a1']],
  ])('takes no run for that of another request with the same token: %j', async (words) => {
    const path = worldOf('other.json', { 'i-0a1': 'stop', 'i-0b2': 'stop' });
    await on(path, ['run', 'stop-marked', '--target', 'i-0a1', '--token', 'night-1']);
    const before = readFileSync(path, 'utf8');
    const other = await on(path, ['run', 'stop-marked', ...words, '--token', 'night-1']);
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toMatch(
      /runbook: --token night-1: another request was started with it, at 2026-11-22 08:00:00Z by \S+: stop-marked --target i-0a1; nothing was sent/u,
    );
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each([
    [['stop-market'], 3, 'there is no runbook stop-market (did you mean stop-marked?)'],
    [['stop-marked', '--param', 'only=1'], 2, 'stop-marked: --param only: expected string, found number 1'],
    [['stop-marked', '--param', 'a=1', '--param', 'a=2'], 2, '--param a: is given twice'],
    [['all'], 2, 'run starts one runbook, by its name'],
    [['stop-marked', '--token', 'a b'], 2, '--token: expected 4 to 64 of A-Z a-z 0-9 - _, found a b'],
    [['stop-marked', '--token', 'abc'], 2, '--token: expected 4 to 64 of A-Z a-z 0-9 - _, found abc'],
    [[], 2, "missing required argument 'runbook'"],
  ])('is refused in one line, before anything is done: %j', async (words, code, message) => {
    const path = worldOf('refused.json', { 'i-0a1': 'stop' });
    const ran = await on(path, ['run', ...words]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
    expect(read(path).simulated).toBe(0);
  });
});

describe('run in an account', () => {
  it('sends the request in the name of whoever asks, prints the run, and how to follow it', async () => {
    const { stack, started } = starting({ kind: 'running' });
    const words = ['stop-marked', '--target', 'i-0a1', '--token', 'tok1', '--dry-run', '--reason', 'smoke'];
    const { code, out, err } = await live([stack], words);
    expect(code).toBe(0);
    const requestedBy = 'arn:aws:sts::111122223333:assumed-role/oncall/kim';
    expect(started).toEqual([
      [{ runbook: 'stop-marked', target: 'i-0a1', dryRun: true, reason: 'smoke', requestedBy }, 'tok1'],
    ]);
    expect(out).toContain('stop-marked started: run tok1/0');
    expect(out).toMatch(/^npx runbook show tok1\/0\S* -f$/mu);
    expect(err).toContain('LIVE 111122223333 (acme-prod) eu-west-1, as role oncall (kim)');
    expect(err).toContain('token tok1');
    expect(await stack.book.operations(NOW.slice(0, 10))).toMatchObject([
      {
        what: 'run',
        scope: 'stop-marked',
        reason: 'smoke',
        more: { run: 'tok1/0b8f6d3e', token: 'tok1', dryRun: true },
      },
    ]);
  });

  it('starts nothing again that is on record under its token', async () => {
    const { stack, started } = starting({ kind: 'running' });
    await live([stack], ['stop-marked', '--token', 'tok1']);
    const { out } = await live([stack], ['stop-marked', '--token', 'tok1']);
    expect(out).toContain('stop-marked was started before by this token: run tok1/0');
    expect(started).toHaveLength(1);
    const other = await live([stack], ['reassign-elastic-ip', '--token', 'tok1', '--param', 'action=reconcile']);
    expect(other).toMatchObject({ code: 2 });
    expect(other.err).toContain(
      '--token tok1: another request was started with it, at 2026-11-22 08:05:00Z by arn:aws:sts::',
    );
  });

  it('says of a run that Lambda knows, and nobody has on record, that what was asked for then is not known', async () => {
    const start = (): Promise<Started> => Promise.resolve({ run: 'tok1', isRepeated: true });
    const { stack } = starting({ kind: 'running' }, { start });
    const { err } = await live([stack], ['stop-marked', '--token', 'tok1']);
    expect(err).toContain(
      'token tok1 was started before; when, and what was asked then, is not on record: nothing was sent',
    );
    const at = '2026-11-02T08:00:00.000Z';
    const more = { run: 'tok1', token: 'tok1', target: 'i-0b2' };
    await stack.book.note({ at, by: 'mara', what: 'run', scope: 'stop-marked', reason: '', more });
    const other = await live([stack], ['stop-marked', '--token', 'tok1']);
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toContain('at 2026-11-02 08:00:00Z by mara: stop-marked --target i-0b2; nothing was sent');
    const same = await live([stack], ['stop-marked', '--target', 'i-0b2', '--token', 'tok1']);
    expect(same.err).toContain('token tok1 was started before, at 2026-11-02 08:00:00Z by mara: nothing was sent');
  });

  it.each([
    ['yesterday', '2026-11-21T09:00:00.000Z', 0],
    ['before that', '2026-11-20T09:00:00.000Z', 1],
  ])('looks for its token on record: of %s', async (_when, at, starts) => {
    const { stack, started } = starting({ kind: 'running' });
    const more = { run: 'tok1/0b8f6d3e', token: 'tok1' };
    await stack.book.note({ at, by: 'kim', what: 'run', scope: 'stop-marked', reason: '', more });
    expect((await live([stack], ['stop-marked', '--token', 'tok1'])).code).toBe(0);
    expect(started).toHaveLength(starts);
  });

  it.each([
    ['goes on while it has something in hand', 'tok1/0b8f6d3e', 'at work for 1 min'],
    ['has ended when only another run has', 'another', undefined],
  ])('a plain run %s', async (_what, owner, told) => {
    const recorded = { runbook: 'stop-marked', run: 'tok1/0b8f6d3e', target: '', at: NOW, body: MOVED };
    const { stack } = starting(undefined);
    const resources = () =>
      Promise.resolve([state({ owner: `${owner}|${ADDRESS}`, until: '2026-11-22T09:00:00.000Z' })]);
    const book = { ...fakeBook({ records: [recorded] }), resources };
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([{ ...stack, book }]));
    const words = ['run', 'stop-marked', '--token', 'tok1', '--wait'];
    const how = told === undefined ? 'itself' : 'ctrl-c';
    const { ran } = await stopped(words, { openPlace, tty: true, columns: 120 }, 62_000, how);
    expect(ran.code).toBe(told === undefined ? 0 : 1);
    expect(ran.err).toContain(told ?? 'at work for 8 s');
    expect(ran.out.includes('ec2:AssociateAddress')).toBe(told === undefined);
  });

  it('asks which stack is meant where there are several', async () => {
    const stacks = [fakeStack(), fakeStack({}, { prefix: 'runbook-dev' })];
    const { code, err } = await live(stacks, ['stop-marked']);
    expect({ code, err }).toMatchObject({ code: 2 });
    expect(err).toContain('say in which stack, --stack: runbook-prod, runbook-dev');
  });

  it('with --wait prints what the records say', async () => {
    const { stack } = starting({ kind: 'ended' });
    const line = { runbook: 'stop-marked', run: 'tok1/0b8f6d3e', target: '', at: NOW, body: MOVED };
    const book = { ...stack.book, beginning: () => Promise.resolve([line]), read: () => Promise.resolve(MOVED) };
    const { code, out } = await live([{ ...stack, book }], ['stop-marked', '--token', 'tok1', '--wait']);
    expect(code).toBe(0);
    expect(out).toContain('did\n    1. ec2:AssociateAddress');
    expect(out).toContain('to take it back, paste:');
  });

  it.each([
    ['tok1', 'a start that Lambda knew already has but its name'],
    ['tok1/0b8f6d3e', 'its whole id'],
  ])('finds the records of %s: %s', async (begun) => {
    const { stack } = starting({ kind: 'ended' }, { start: () => Promise.resolve({ run: begun, isRepeated: true }) });
    const lines = ['tok1/0b8f6d3e', 'tok17/0b8f6d3f'].map((id) => ({
      runbook: 'stop-marked',
      run: id,
      target: '',
      at: NOW,
    }));
    const book = { ...stack.book, beginning: () => Promise.resolve(lines), read: () => Promise.resolve(MOVED) };
    const { out } = await live([{ ...stack, book }], ['stop-marked', '--token', 'tok1', '--wait']);
    expect(out.split('1. ec2:AssociateAddress')).toHaveLength(2);
  });

  it('says where to look where no record of a plain run appears in the time that it may take', async () => {
    const { stack } = starting(undefined);
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
    const words = ['run', 'stop-marked', '--token', 'tok1', '--wait'];
    const { ran } = await stopped(words, { openPlace, tty: true, columns: 120 }, 400_000, 'itself');
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/at work for \d s, its record is waited for, \d min at most; Ctrl-C/u);
    expect(ran.err).toMatch(
      /no record of the run has appeared in \d min: .*its log is \/aws\/lambda\/runbook-prod-stop-marked, request tok1\/0b8f6d3e; to look again: npx runbook runs --runbook stop-marked\n/u,
    );
  });

  it('leads to its own run, not to an older one of the runbook whose execution is named alike', async () => {
    const named = (end: string): string => `stop-marked_aa45_1c16d3d00bc37d2f919a/2f9c1f6e-1111-4222-8333-${end}`;
    const mine = named('00000000000a');
    const more: Partial<Stack> = {
      start: () => Promise.resolve({ run: mine, isRepeated: false }),
      standing: (runbook, asked) =>
        Promise.resolve(runbook === 'stop-marked' && asked === mine ? { kind: 'running' } : undefined),
    };
    const stack = fakeStack({ records: [record({ runbook: 'stop-marked', run: named('00000000000b') })] }, more);
    const { out } = await live([stack], ['stop-marked']);
    const words = out.trim().split('\n').at(-1)?.split(' ').slice(2, -1) ?? [];
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
    const shown = await run(words, { openPlace });
    expect(shown.code).toBe(0);
    expect(shown.out).toContain(mine);
  });

  it('takes no other run for one that AWS has not named', async () => {
    const { stack } = starting(undefined, { start: () => Promise.resolve({ run: '', isRepeated: false }) });
    const { code, out, err } = await live([stack], ['stop-marked', '--wait']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(
      'stop-marked was started, but AWS has not said as which run, so that it cannot be followed: npx',
    );
    expect((await live([stack], ['stop-marked'])).code).toBe(0);
  });

  it('is a failure where the run ended in an error that no record tells', async () => {
    const { stack } = starting({ kind: 'ended', error: 'FAILED: Boom' });
    const { code, err } = await live([stack], ['stop-marked', '--wait']);
    expect(code).toBe(1);
    expect(err).toContain('stop-marked failed: FAILED: Boom');
  });

  it('says how to follow it again where it cannot be read any more', async () => {
    const expired = Object.assign(new Error('expired'), {
      name: 'ExpiredTokenException',
      $metadata: { httpStatusCode: 403 },
    });
    const { stack } = starting(undefined, { standing: () => Promise.reject(expired) });
    const { code, err } = await live([stack], ['stop-marked', '--token', 'tok1', '--wait']);
    expect(code).toBe(1);
    expect(err).toMatch(
      /no longer followed: ExpiredTokenException: expired; the run goes on; to follow it again: npx runbook show tok1\/0\S* -f\n$/u,
    );
  });

  it('Ctrl-C stops following, not the run, and says how to go on', async () => {
    const { stack } = starting({ kind: 'running', wakesAt: '2026-11-22T08:06:00.000Z' });
    const onInterrupt: Setting['onInterrupt'] = (listener) => {
      setTimeout(listener, 20);
      return () => undefined;
    };
    const { code, err } = await live([stack], ['stop-marked', '--token', 'tok1', '--wait'], {
      onInterrupt,
      tty: true,
    });
    expect(code).toBe(1);
    expect(err).toContain('wakes at 08:06:00');
    expect(err).toMatch(/the run goes on; to follow it again: npx runbook show tok1\/0\S* -f\n$/u);
  });

  it('says beforehand what will keep it from acting, and that it is not known where the ledger is lost', async () => {
    const row = { scope: 'all', reason: 'change', by: 'mara', at: NOW };
    const { stack } = starting({ kind: 'running' });
    await stack.book.turnOff(row);
    expect((await live([stack], ['stop-marked'])).err).toContain('all is off (mara: change): the run will not act');
    const book = { ...stack.book, switches: () => Promise.reject(new Error('no answer')) };
    const { code, err } = await live([{ ...stack, book }], ['stop-marked']);
    expect(code).toBe(0);
    expect(err).toContain('whether it may act is not known: no answer');
  });

  it('--plan-exit-code goes with --wait', async () => {
    const { code, err } = await live([fakeStack()], ['stop-marked', '--plan-exit-code']);
    expect(code).toBe(2);
    expect(err).toContain('--plan-exit-code goes with --wait');
  });
});
