import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../cli/operate/place.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { run, type Ran, type Setting } from '../terminal.ts';
import { stopped } from './stopped.ts';
import { ADDRESS, fakePlace, fakeStack, MOVED, record, state, type Rows } from './fake-place.ts';

const OTHER = ADDRESS.replace('eipalloc-04c8e2a6f1b3d9570', 'eipalloc-0other');
const RUN = '0b8f6d3e-5c41-4a7e-9d20-000000000005';

function show(
  argv: readonly string[],
  stacks: readonly Stack[],
  setting: Setting = {},
  more: Partial<Place> = {},
): Promise<Ran> {
  return run(['show', ...argv], { openPlace: () => Promise.resolve(fakePlace(stacks, more)), ...setting });
}

const shown = async (rows: Rows, more: Partial<Stack> = {}): Promise<string> =>
  (await show(['0b8f6d'], [fakeStack({ records: [record()], ...rows }, more)])).out;

describe('show', () => {
  it('tells the run in order, the conclusion last', async () => {
    const { code, out } = await show(['0b8f6d'], [fakeStack({ records: [record()] })]);
    expect(code).toBe(0);
    expect(out).toContain(
      [
        'timeline (UTC)',
        '  08:02:07  detect   gate, locate (0.08 s)',
        '  08:02:07  decide   failed-over: 2 calls',
        '  08:02:07  act      lease (0.04 s)',
        '  08:02:07  act      ec2:AssociateAddress AllocationId=eipalloc-04c8e2a6f1b3d9570 AllowReassociation=true NetworkInterfaceId=eni-0b28f64d9c1e7a350 PrivateIpAddress=10.0.2.10 (0.05 s)',
        '             because i-0a17c4e9b2d58f306: status check instance: impaired; i-0b93e1f67a2c4d815 is good',
      ].join('\n'),
    );
    expect(out).toContain('  08:02:07  verify   verify (0.04 s)\n  08:02:07  report   done\n');
    expect(out.trimEnd().split('\n').slice(-3)).toEqual([
      'ended: 08:02:07, 2 min ago, after 0.3 s',
      'reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570: done (failed-over)',
      '  i-0a17c4e9b2d58f306: status check instance: impaired; i-0b93e1f67a2c4d815 is good',
    ]);
  });

  it('has what speaks for each candidate and against, what changed, links, and what is next', async () => {
    const out = await shown({});
    expect(out).toContain(
      [
        'evidence',
        '    each by itself: + speaks for it, - against it',
        '    - i-0a17c4e9b2d58f306 (holder) bad: status check instance: impaired',
        '    + i-0b93e1f67a2c4d815 (standbys) good',
        '    - i-0c93e1f67a2c4d816 (standbys) is quarantined since 2026-11-22T07:00:00Z',
        '',
      ].join('\n'),
    );
    expect(out).toContain('PrivateIpAddress 10.0.1.10 -> 10.0.2.10');
    expect(out).toContain('i-0a17c4e9b2d58f306 tag runbook:quarantined (none) -> 2026-11-22T08:02:07.117Z');
    expect(out).toContain('ElasticIpDetails:AllocationId=eipalloc-04c8e2a6f1b3d9570\n');
    expect(out).toContain('log-group/$252Faws$252Flambda$252Frunbook-prod-reassign-elastic-ip\n');
    const plain = record({ runbook: 'stop-marked', run: 'aaaa0000' });
    expect((await show(['aaaa'], [fakeStack({ records: [plain] })])).out).toContain(
      'next: the schedule of stop-marked looks again, rate(1 minute)\n',
    );
  });

  it('has lines to paste that take it back, and one that asks the guards', async () => {
    const out = await shown({});
    const request = 'npx runbook undo 0b8f6d';
    expect(out).toContain(
      `undo\n    nothing in the ledger is in its way now; how AWS stands now, the dry run below tells\n    ${request}\n`,
    );
    expect(out).toContain(`\n    ${request} --dry-run --wait\n`);
    expect(out).toContain('\n    aws ec2 delete-tags --cli-input-json');
  });

  it('leads into the same world, where there is no console', async () => {
    const stack = fakeStack({ records: [record()] });
    const { out } = await show(
      ['0b8f6d'],
      [stack, fakeStack({}, { prefix: 'b' })],
      {},
      { kind: 'world', file: 'my world.json' },
    );
    expect(out).not.toContain('links');
    expect(out).toContain("\n    npx runbook undo 0b8f6d --stack runbook-prod --world 'my world.json'\n");
  });
});

describe('which run is meant', () => {
  const durable = record({ run: 'token-1/aaaa-1' });
  const both = [record(), record({ target: OTHER })];

  it('is said where more than one begins so', async () => {
    const stack = fakeStack({ records: [record(), record({ run: '0b8f6d3f-0000', at: '2026-11-22T08:04:00.000Z' })] });
    const ran = await show(['0b8f6d3'], [stack]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err.split('\n').slice(1)).toEqual([
      '  0b8f6d3e  08:02:07  reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570',
      '  0b8f6d3f  08:04:00  reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570',
      'runbook: 0b8f6d3: 2 runs begin so; give more of one',
      '',
    ]);
  });

  it.each([
    ['0b8', '0b8: give at least 4 characters of the run; `runbook runs` lists them'],
    ['0b8g', '0b8g: no run begins so; `runbook runs` lists those of the last day, `--since 7d` more'],
    [`${RUN}/eipalloc-1`, `${RUN}/eipalloc-1: the run has no such target; it has eipalloc-04c8e2a6f1b3d9570`],
    ['0b8g/eipalloc-1', '0b8g/eipalloc-1: no run begins so;'],
  ])('%s is none', async (text, line) => {
    const { code, err } = await show([text], [fakeStack({ records: [record()] })]);
    expect(code).toBe(2);
    expect(err).toContain(`runbook: ${line}`);
  });

  it.each([
    [`${RUN}/eipalloc-0other`, [RUN, [OTHER]]],
    [`0b8f6d/${ADDRESS}`, [RUN, [ADDRESS]]],
    ['0b8f6d', [RUN, [ADDRESS, OTHER]]],
    ['0b8f..0005', [RUN, [ADDRESS, OTHER]]],
    ['token-1/aaaa', ['token-1/aaaa-1', [ADDRESS]]],
    [`token-1/aaaa-1/eipalloc-04c8e2a6f1b3d9570`, ['token-1/aaaa-1', [ADDRESS]]],
  ])('%s is one', async (text, [id, targets]) => {
    const { code, out } = await show([text, '--json'], [fakeStack({ records: [...both, durable] })]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ run: id, targets });
  });

  it('may be one that has only begun', async () => {
    const stack = fakeStack(
      {},
      {
        standing: (runbook) =>
          Promise.resolve(
            runbook === 'stop-marked' ? { kind: 'running', wakesAt: '2026-11-22T08:07:00.000Z' } : undefined,
          ),
      },
    );
    const { code, out } = await show(['token-1/aaaa-1'], [stack]);
    expect(code).toBe(0);
    expect(out).toContain(
      'next: the run sleeps until 08:07:00 (2 min)\nstop-marked is under way; nothing is recorded yet\n',
    );
  });
});

describe('the timeline', () => {
  it('says whose each line is where several targets were looked after side by side', async () => {
    const { out } = await show(
      ['0b8f6d'],
      [fakeStack({ records: [record(), record({ target: OTHER, at: '2026-11-22T08:02:08.000Z' })] })],
    );
    expect(out).toContain('act      [eipalloc-04c8e2a6f1b3d9570] ec2:CreateTags');
    expect(out).toContain('act      [eipalloc-0other] ec2:CreateTags');
    expect(out).toContain('\nevidence of eipalloc-0other\n');
    expect(out).toMatch(/\nundo eipalloc-0other\n[\s\S]*\nreassign-elastic-ip eipalloc-0other: done/u);
  });

  it('has the runs beside it on the same target, and who started it', async () => {
    const out = await shown({
      records: [
        record(),
        record(
          { runbook: 'stop-marked', run: 'cccc0000', at: '2026-11-22T08:03:00.000Z' },
          { ...MOVED, outcome: 'nothing', reason: 'left-alone: it is well' },
        ),
      ],
      operations: [
        {
          at: '2026-11-22T08:02:06.000Z',
          by: 'kim',
          what: 'run',
          scope: 'reassign-elastic-ip',
          reason: 'INC-7',
          more: { run: RUN },
        },
      ],
    });
    expect(out).toContain('  08:02:06  trigger  started by kim: INC-7\n');
    expect(out).toContain('  08:03:00  other    stop-marked cccc00 nothing: left-alone: it is well\n');
  });

  it.each<[string, JsonObject, string]>([
    [
      'an alarm',
      { kind: 'alarm', at: '2026-11-22T08:02:06.000Z', alarmName: 'web-a-status-check', state: 'ALARM' },
      '  08:02:06  trigger  started by alarm web-a-status-check went to ALARM\n',
    ],
    ['a schedule', { kind: 'schedule' }, '  08:02:07  trigger  started by the schedule\n'],
    [
      'an instance',
      { kind: 'instance-state', instanceId: 'i-1', state: 'stopped' },
      '  08:02:07  trigger  started by i-1 is stopped\n',
    ],
    [
      'a hook',
      { kind: 'lifecycle', hook: 'h', group: 'web', instanceId: 'i-1', transition: 'launching' },
      '  08:02:07  trigger  started by hook h of web: i-1 is launching\n',
    ],
    [
      'a person whose start nobody has put on record',
      { kind: 'request', requestedBy: 'kim', reason: 'INC-7' },
      '  08:02:07  trigger  started by a request by kim: INC-7\n',
    ],
    [
      'what this version does not know',
      { kind: 'parcel', at: '2026-11-22T08:02:06.000Z', bucket: 'b', key: 'k', size: 1 },
      '  08:02:06  trigger  started by parcel b k\n',
    ],
  ])('says what has started it: %s', async (_what, trigger, line) => {
    expect(await shown({ records: [record({}, { ...MOVED, trigger })] })).toContain(line);
  });

  it('has reads and checkpoints where they are asked for, and says where none were kept', async () => {
    const details: Stack['details'] = () =>
      Promise.resolve([
        {
          at: '2026-11-22T08:02:07.010Z',
          endedAt: '2026-11-22T08:02:07.050Z',
          kind: 'read',
          name: 'ec2:DescribeAddresses',
          input: { AllocationIds: ['eipalloc-1'] },
        },
        { at: '2026-11-22T08:02:07.060Z', kind: 'checkpoint', name: 'lease:0', error: 'Throttled' },
      ]);
    const { out } = await show(['0b8f6d', '-v'], [fakeStack({ records: [record()] }, { details })]);
    expect(out).toContain('read     ec2:DescribeAddresses AllocationIds=eipalloc-1 (0.04 s)');
    expect(out).toContain('step     lease:0 -> Throttled');
    expect(await shown({}, { details })).not.toContain('DescribeAddresses');
    const none = await show(['0b8f6d', '-v'], [fakeStack({ records: [record()] })]);
    expect(none.out).toContain('reads and checkpoints of this run were not kept');
  });

  it.each([
    ['2026-11-20T08:00:00Z', 3, false],
    ['2026-10-24T08:00:00Z', 30, false],
    ['2026-10-20T08:00:00Z', 31, true],
    ['1970-01-01T12:00:00Z', 31, true],
    // No time of AWS's.
    ['-271821-04-20T00:00:00Z', 1, false],
    ['+275760-09-13T00:00:00Z', 1, false],
  ])('asks for no more than a month of days: since %s', async (startedAt, most, isTold) => {
    const phases = [{ name: 'gate', startedAt, endedAt: startedAt }];
    const stack = fakeStack({ records: [record({}, { ...MOVED, phases })] });
    const days: string[] = [];
    const operations = (day: string) => {
      days.push(day);
      return Promise.resolve([]);
    };
    const { code, out } = await show(['0b8f6d'], [{ ...stack, book: { ...stack.book, operations } }]);
    expect([code, days.length, new Set(days).size, days.at(-1)]).toEqual([0, most, most, '2026-11-22']);
    expect(out.includes('days apart, of which 31 are asked for')).toBe(isTold);
    expect(days[0]).toBe(isTold ? startedAt.slice(0, 10) : days[0]);
  });

  it('shows what a record has lost, and one that the ledger had to cut', async () => {
    expect(
      (await show(['0b8f6d'], [fakeStack({ records: [record({}, { ...MOVED, cut: { 'evidence.alarms': 512 } })] })]))
        .out,
    ).toContain('512 bytes of evidence.alarms were too long for the record');
    const cut = record({}, { truncated: true, bytes: 400_000, beginning: '{' });
    expect((await show(['0b8f6d'], [fakeStack({ records: [cut] })])).out).toContain(
      '400000 bytes of record were too long',
    );
  });

  it.each([40, 80])('fits %i columns, but for what is to be pasted', async (columns) => {
    const { out } = await show(['0b8f6d'], [fakeStack({ records: [record()] })], {
      tty: true,
      columns,
      env: { NO_COLOR: '1' },
    });
    const wide = out
      .split('\n')
      .filter((line) => line.length > columns && !/^ +(?:npx runbook|aws|https:)/u.test(line));
    expect(wide).toEqual([]);
  });
});

describe('show -f', () => {
  const held = state({
    owner: `${RUN}|${ADDRESS}`,
    until: '2026-11-22T08:10:00.000Z',
    history: {
      epoch: 1,
      actions: [],
      memory: {},
      pending: { intent: 'redrive', at: '2026-11-22T08:04:00.000Z', note: { maxMessages: 400 } },
    },
  });

  /** A stack whose run ends at the third look. */
  function ending(): Stack {
    let looks = 0;
    const stack = fakeStack({ records: [record()], resources: [held] });
    return {
      ...stack,
      standing: () => Promise.resolve({ kind: (looks += 1) < 3 ? 'running' : 'ended' }),
      details: () =>
        Promise.resolve([
          {
            at: '2026-11-22T08:04:30.000Z',
            endedAt: '2026-11-22T08:05:00.000Z',
            kind: 'checkpoint',
            name: 'apply:0:0:work:redrive',
            output: { sent: 100 },
          },
        ]),
    };
  }

  it('follows to the end, and tells it', async () => {
    const { ran } = await stopped(
      ['show', '0b8f6d', '-f'],
      { openPlace: () => Promise.resolve(fakePlace([ending()])), tty: true, columns: 120, env: { NO_COLOR: '1' } },
      10_000,
      'itself',
    );
    expect(ran.code).toBe(0);
    expect(ran.err).toContain(
      'reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570: redrive, since 1 min, 100 of 400, about 3 min left',
    );
    expect(ran.err.split('apply:0:0:work:redrive')).toHaveLength(2);
    expect(ran.out).toContain('eipalloc-04c8e2a6f1b3d9570: done (failed-over)');
  });

  it('is stopped by Ctrl-C, and the run is not', async () => {
    const stack = fakeStack({ records: [record()], resources: [held] });
    const { ran, isForgotten } = await stopped(
      ['show', '0b8f6d', '-f'],
      { openPlace: () => Promise.resolve(fakePlace([stack])) },
      3_000,
      'ctrl-c',
    );
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(ran.err).toContain('no longer followed; the run goes on: npx runbook show 0b8f6d -f\n');
    expect(isForgotten).toBe(true);
  });

  it('goes on where a read of what it stands at fails: a run without a standing is not one that has ended', async () => {
    let looks = 0;
    const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    const stack: Stack = {
      ...ending(),
      standing: () =>
        (looks += 1) === 2 ? Promise.reject(throttled) : Promise.resolve({ kind: looks < 4 ? 'running' : 'ended' }),
    };
    const setting = { openPlace: () => Promise.resolve(fakePlace([stack])) };
    const { ran } = await stopped(['show', '0b8f6d', '-f'], setting, 10_000, 'itself');
    expect([ran.code, looks]).toEqual([0, 4]);
    expect(ran.err).toContain('runbook: a read failed and is tried again: ThrottlingException: Rate exceeded\n');
  });

  it('ends at once where the reads are refused', async () => {
    const status = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } };
    const denied = Object.assign(new Error('not authorized'), status);
    const stack: Stack = { ...ending(), standing: () => Promise.reject(denied) };
    const { code, out, err } = await show(['0b8f6d', '-f'], [stack]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('runbook: no longer followed: AccessDeniedException: not authorized\n');
  });

  it('shows what has ended at once: a plain run by its lease', async () => {
    const over = { ...held, until: '2026-11-22T08:04:00.000Z' };
    const { code, out } = await show(['0b8f6d', '-f'], [fakeStack({ records: [record()], resources: [over] })]);
    expect(code).toBe(0);
    expect(out).toContain(': done (failed-over)');
  });
});
