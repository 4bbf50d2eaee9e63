import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../cli/operate/place.ts';
import type { RunRecord } from '../../../shared/kernel/ledger/ledger.ts';
import type { StackStatus } from '../../../cli/operate/status/stack-status.ts';
import { run, type Ran, type Setting } from '../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, MOVED, record, state } from './fake-place.ts';

const OTHER = ADDRESS.replace('eipalloc-04c8e2a6f1b3d9570', 'eipalloc-0other');

function status(stacks: readonly Stack[], setting: Setting = {}, more: Partial<Place> = {}): Promise<Ran> {
  const { env = { NO_COLOR: '1' } } = setting;
  return run([], { openPlace: () => Promise.resolve(fakePlace(stacks, more)), ...setting, env });
}

interface Told {
  readonly verdict: {
    readonly over: boolean;
    readonly act: boolean;
    readonly text: string;
    readonly next: string | null;
  };
  readonly stacks: readonly object[];
}

async function asJson(stack: Stack): Promise<Told & { readonly code: number }> {
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
  const { code, out } = await run(['status', '--json'], { openPlace });
  const { verdict, stacks }: Told = JSON.parse(out);
  return { code, verdict, stacks };
}

type Listed = Pick<StackStatus, 'switches' | 'troubles' | 'planned'>;

async function stackAsJson(stack: Stack): Promise<Listed> {
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
  const { out } = await run(['status', '--json'], { openPlace });
  const { stacks }: { readonly stacks: readonly [Listed] } = JSON.parse(out);
  return stacks[0];
}

const lastLines = ({ out }: Ran, count: number): string => out.trimEnd().split('\n').slice(-count).join('\n');

describe('status', () => {
  it('says of a place where nothing is the matter that nothing needs anybody, last', async () => {
    const ran = await status([fakeStack()]);
    expect(ran.code).toBe(0);
    expect(lastLines(ran, 1)).toBe('nothing needs you');
    expect(ran.err).toBe('LIVE 111122223333 (acme-prod) eu-west-1, as role oncall (kim)\n');
    expect(ran.out).toContain('mode       all apply (set 2026-11-20 10:00:00Z, kim: tried out)');
    expect(ran.out).toContain('heartbeat  50 s ago at the oldest (stop-marked)');
  });

  it('shows a world as one', async () => {
    const ran = await status(
      [fakeStack({}, { heartbeats: () => Promise.resolve(null), alarms: () => Promise.resolve(null) })],
      {},
      {
        kind: 'world',
        file: 'incident.json',
        alias: null,
      },
    );
    expect(ran.err).toBe('WORLD incident.json, 111122223333 eu-west-1, at 2026-11-22 08:05:00Z\n');
    expect(ran.out).toContain('heartbeat  not known here\n  alarms     not known here');
  });

  it('names a target in trouble with its reason and since when, and the command to type next', async () => {
    const refused = record(
      { run: 'ffffaaaa-0000', at: '2026-11-20T08:03:00.000Z' },
      {
        ...MOVED,
        outcome: 'refused',
        reason: 'no-candidate: none of 2 standbys is fit',
      },
    );
    const ran = await status([
      fakeStack({ records: [refused], resources: [state({ memory: { trouble: 'refused:no-candidate' } })] }),
    ]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('ffffaa, since 11-20 08:03:00 (2 d): no-candidate: none of 2 standbys is fit');
    expect(lastLines(ran, 2)).toBe(
      '1 target needs you: eipalloc-04c8e2a6f1b3d9570 (reassign-elastic-ip refused: no-candidate)\n  npx runbook show ffffaa',
    );
  });

  it('puts what waits for approval first, and a failure before a refusal', async () => {
    const asks = record(
      { run: 'aaaa0000', target: OTHER, at: '2026-11-22T08:00:00.000Z' },
      {
        ...MOVED,
        outcome: 'awaiting-approval',
        reason: 'fence: waits 3600 s for a person: it has to be stopped',
      },
    );
    const { verdict } = await asJson(
      fakeStack({
        records: [asks],
        resources: [
          state({ memory: { trouble: 'refused:no-candidate' } }),
          state({ resource: `${ADDRESS}1`, memory: { trouble: 'failed:not-verified' } }),
        ],
      }),
    );
    expect(verdict).toEqual({
      over: false,
      act: true,
      text: '3 targets need you: eipalloc-0other (reassign-elastic-ip waits for approval) first',
      next: 'npx runbook approve aaaa00/eipalloc-0other',
    });
  });

  it('leaves out a question whose time is over, or that was answered', async () => {
    const question = { ...MOVED, outcome: 'awaiting-approval', reason: 'fence: waits 60 s for a person: why' };
    const late = record(
      { run: 'aaaa0000', at: '2026-11-22T08:00:00.000Z' },
      { ...question, approval: { expiresInSeconds: 120 } },
    );
    const { code, verdict } = await asJson(fakeStack({ records: [late] }));
    expect({ code, act: verdict.act }).toEqual({ code: 0, act: false });
  });

  it.each([1e300, 9_999_999_999_999])('is not taken away by a question that waits %d s', async (expiresInSeconds) => {
    const reason = 'fence: waits for a person: why';
    const endless = record(
      { run: 'aaaa0000' },
      { ...MOVED, outcome: 'awaiting-approval', reason, approval: { expiresInSeconds } },
    );
    const { code, stacks } = await asJson(fakeStack({ records: [endless] }));
    expect(code).toBe(1);
    expect(stacks).toMatchObject([{ approvals: [{ run: 'aaaa0000', until: null }] }]);
  });

  it('tells who is at work, and that nobody is needed yet', async () => {
    const held = state({
      owner: `aaaa0000-1|${ADDRESS}`,
      until: '2026-11-22T08:05:20.000Z',
      memory: { trouble: 'waiting:pausing' },
      history: {
        epoch: 2,
        actions: [],
        memory: {},
        pending: { intent: 'eipalloc-1 -> eni-2', at: '2026-11-22T08:04:50.000Z', note: {} },
      },
    });
    const ran = await status([fakeStack({ resources: [held] })]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('aaaa00, since 08:04:50 (10 s): eipalloc-1 -> eni-2, lease until');
    expect(lastLines(ran, 2)).toBe(
      'nothing needs you yet: eipalloc-04c8e2a6f1b3d9570 is being worked on by reassign-elastic-ip\n  npx runbook show aaaa00 -f',
    );
  });

  it.each([
    ['stop-marked', '2026-11-22T07:59:30.000Z', false],
    ['stop-marked', '2026-11-22T07:50:00.000Z', true],
    ['reassign-elastic-ip', '2026-11-22T07:59:30.000Z', true],
  ])(
    'leaves a dead run of %s to its schedule as long as that has had no time: lease until %s',
    async (runbook, until, act) => {
      const pending = { intent: 'it', at: '2026-11-22T07:49:00.000Z', note: {} };
      const dead = state({
        runbook,
        owner: `aaaa0000|${ADDRESS}`,
        until,
        history: { epoch: 2, actions: [], memory: {}, pending },
      });
      const { verdict } = await asJson(fakeStack({ resources: [dead] }));
      const next = act ? `npx runbook run ${runbook} --target '${ADDRESS}' --dry-run` : 'npx runbook show aaaa00 -f';
      expect(verdict).toMatchObject({ over: false, act, next });
    },
  );

  it.each([
    ['2026-11-22T08:00:00.000Z', 0],
    ['2026-11-22T07:59:59.999Z', 1],
  ])('takes a run for dead when its lease is over for five minutes: since %s', async (until, deaths) => {
    const pending = { intent: 'it', at: '2026-11-22T07:49:00.000Z', note: {} };
    const history = { epoch: 2, actions: [], memory: {}, pending };
    const { stacks } = await asJson(
      fakeStack({ resources: [state({ owner: `aaaa0000|${ADDRESS}`, until, history })] }),
    );
    expect(stacks).toMatchObject([{ dead: Array.from({ length: deaths }, () => ({ run: 'aaaa0000' })) }]);
  });

  it('says what is switched off, what is still to come, and nothing that is over', async () => {
    const row = { reason: 'game day', by: 'kim', at: '2026-11-22T07:00:00.000Z' };
    const rows = [
      { scope: 'all', ...row, until: '2026-11-22T09:00:00.000Z' },
      { scope: 'stop-marked', ...row, from: '2026-11-27T18:00:00.000Z', until: '2026-11-30T06:00:00.000Z' },
      { scope: 'reassign-elastic-ip', ...row, until: '2026-11-22T08:00:00.000Z' },
    ];
    const ran = await status([fakeStack({ switches: rows })]);
    expect(ran.out).toContain(
      'OFF        all since 2026-11-22 07:00:00Z (1 h 5 min) until 2026-11-22 09:00:00Z, by kim: game day',
    );
    expect(ran.out).toContain(
      'freeze     stop-marked from 2026-11-27 18:00:00Z until 2026-11-30 06:00:00Z, by kim: game day',
    );
    expect(ran.out).not.toContain('reassign-elastic-ip since');
    expect(lastLines(ran, 1)).toBe('nothing needs you; switched off: all');
    const { switches } = await stackAsJson(fakeStack({ switches: rows }));
    expect(switches.map(({ scope, stops }) => [scope, stops])).toEqual([
      ['all', 'now'],
      ['stop-marked', 'later'],
    ]);
  });

  it('says what is late, what rings, and what could not be read', async () => {
    const stack = fakeStack(
      {},
      {
        heartbeats: () => Promise.resolve(new Map([['stop-marked', '2026-11-22T08:01:30.000Z']])),
        alarms: () =>
          Promise.resolve([
            { name: 'runbook-prod-page', since: '2026-11-22T08:00:00.000Z', why: 'Threshold Crossed' },
            { name: 'runbook-prod-look', since: '2026-11-22T08:00:00.000Z', why: 'Threshold Crossed' },
          ]),
      },
    );
    const failing = { ...stack, book: { ...stack.book, modes: () => Promise.reject(new Error('no\nanswer')) } };
    const ran = await status([failing]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('UNREAD     modes: Error: no answer');
    expect(ran.out).toContain('LATE       stop-marked: 3 min ago, it ticks every 1 min');
    expect(ran.out).toContain('ALARM      runbook-prod-page since 08:00:00 (5 min): Threshold Crossed');
    expect(ran.out).toContain('1 alarm, 1 schedule, 1 reading need you: runbook-prod-page rings first');
    expect(ran.out).toContain('; for the morning: runbook-prod-look');
  });

  it('says where a stack was deployed from another version, or does not say from which', async () => {
    const ran = await status([fakeStack({}, { version: '0.0.9' }), fakeStack({}, { prefix: 'older', version: null })]);
    expect(ran.out).toContain('runbook-prod\n  version    deployed from 0.0.9, this command is 1.0.0+');
    expect(ran.out).toContain('older\n  version    deployed from a version that does not say which');
  });

  it.each([
    [{ dryRun: true, approval: 'never' }, 'all plan (deployed with dryRun)'],
    [{ dryRun: false, approval: 'always', mode: 'apply' }, 'all apply (as deployed); every plan waits for a person'],
    [{ dryRun: false, approval: 'never' }, 'all not set: the first run settles it (nobody has set it)'],
  ] as const)('says what the mode is, and where it is from: %j', async (parameters, words) => {
    const { out } = await status([fakeStack({ modes: [] }, { parameters })]);
    expect(out).toContain(words);
  });

  it('asks for somebody where runs have only planned, and may do no more', async () => {
    const planned = record({}, { ...MOVED, outcome: 'planned' });
    const modes = [{ scope: 'all', mode: 'plan', reason: '', by: 'kim', at: '2026-11-20T10:00:00.000Z' }] as const;
    expect((await asJson(fakeStack({ records: [planned], modes }))).verdict).toMatchObject({
      act: true,
      next: 'npx runbook show 0b8f6d',
    });
    // A person who tries it out in a stack that acts has read it already.
    expect((await asJson(fakeStack({ records: [planned] }))).verdict).toMatchObject({ act: false });
  });

  it('takes a dry run that somebody has asked for as answered, and still tells of a plan before it', async () => {
    const modes = [{ scope: 'all', mode: 'plan', reason: '', by: 'kim', at: '2026-11-20T10:00:00.000Z' }] as const;
    const planned = { ...MOVED, outcome: 'planned' };
    const asked = record(
      { run: 'ffffaaaa-0000', at: '2026-11-22T08:03:00.000Z' },
      { ...planned, mode: { mode: 'plan', from: 'request' } },
    );
    expect(await asJson(fakeStack({ records: [asked], modes }))).toMatchObject({ code: 0, verdict: { act: false } });
    const ticked = record({}, { ...planned, mode: { mode: 'plan', from: 'row all' } });
    expect((await asJson(fakeStack({ records: [ticked, asked], modes }))).verdict).toMatchObject({
      act: true,
      next: 'npx runbook show 0b8f6d',
    });
  });

  it.each([
    ['needs somebody while it holds', [{ scope: 'all', reason: '', by: 'kim', at: '2026-11-22T07:00:00.000Z' }], true],
    ['needs nobody once it is on again', [], false],
  ])('a refusal by a switch %s', async (_how, switches, act) => {
    const trouble = state({ memory: { trouble: 'refused:kill-switch' } });
    const stack = fakeStack({ resources: [trouble], switches });
    expect(await asJson(stack)).toMatchObject({ code: Number(act), verdict: { act, over: !act } });
    expect((await status([stack])).out.includes('nothing is switched off any more')).toBe(!act);
  });

  it('needs somebody where nobody knows whether the switch still holds', async () => {
    const stack = fakeStack({ resources: [state({ memory: { trouble: 'refused:kill-switch' } })] });
    const blind = { ...stack, book: { ...stack.book, switches: () => Promise.reject(new Error('throttled')) } };
    expect((await asJson(blind)).verdict.text).toContain('refused: kill-switch');
  });

  it('tells of no trouble where the runbook has done it since, on record', async () => {
    const refused = { ...MOVED, outcome: 'refused', reason: 'no-candidate: none is fit' };
    const trouble = state({ memory: { trouble: 'refused:no-candidate' } });
    const told = (at: string): RunRecord => record({ run: 'ffffaaaa-0000', at }, refused);
    const troubles = async (at: string): Promise<number> =>
      (await stackAsJson(fakeStack({ records: [told(at), record()], resources: [trouble] }))).troubles.length;
    expect(await troubles('2026-11-22T08:01:00.000Z')).toBe(0);
    expect(await troubles('2026-11-22T08:03:00.000Z')).toBe(1);
  });

  it('says what was changed and how, and neither counts a question among it nor leaves out what it does not show', async () => {
    const at = (minute: number): string => `2026-11-22T07:${minute}:00.000Z`;
    const by = { by: 'kim', reason: '' };
    const asked = { target: ADDRESS, params: { action: 'move', to: 'i-1' } };
    const operations = [
      { ...by, at: at(10), what: 'mode', scope: 'all', reason: 'new here', more: { mode: 'plan' } },
      { ...by, at: at(20), what: 'switch-off', scope: 'all', more: { until: '2026-11-22T09:00:00.000Z' } },
      { ...by, at: at(30), what: 'run', scope: 'reassign-elastic-ip', more: { ...asked, dryRun: true } },
      { ...by, at: at(40), what: 'run', scope: 'reassign-elastic-ip', more: asked },
      { ...by, at: at(50), what: 'switch-on', scope: 'all', more: {} },
    ];
    const { out } = await status([fakeStack({ records: [record()], operations })]);
    expect(out).toContain(
      [
        '  changed    1 run done, 3 switches and modes set, 2 runs started by hand (1 dry) in the last 24 hours',
        '    2 more before or between, all of them:',
        '    npx runbook runs --since 24h',
        '    07:20:00  switch-off all, until 2026-11-22 09:00:00Z, by kim',
        '    07:40:00  run reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570, by kim; action=move to=i-1',
        '    07:50:00  switch-on all, by kim',
        '    08:02:07  reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570 0b8f6d: failed-over',
        '',
      ].join('\n'),
    );
  });

  it('says where no stack is found', async () => {
    const ran = await status([]);
    expect(ran.code).toBe(1);
    expect(lastLines(ran, 1)).toBe('no stack of runbooks is found in 111122223333 eu-west-1');
  });

  it.each([40, 80])('fits %i columns, but for the line that is to be pasted', async (columns) => {
    const trouble = state({ memory: { trouble: 'refused:no-candidate' } });
    const ran = await status([fakeStack({ records: [record()], resources: [trouble] })], { tty: true, columns });
    const wide = ran.out
      .split('\n')
      .filter((line) => line.length > columns && !line.trimStart().startsWith('npx runbook '));
    expect(wide).toEqual([]);
  });

  it('has colours where they are wanted', async () => {
    const trouble = state({ memory: { trouble: 'failed:not-verified' } });
    const ran = await status([fakeStack({ resources: [trouble] })], { env: { FORCE_COLOR: '1' } });
    expect(ran.out).toContain('\u001b[31mfailed     \u001b[39m');
    expect((await status([fakeStack({ resources: [trouble] })])).out).not.toContain('\u001b');
  });
});
