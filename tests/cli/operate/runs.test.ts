import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../cli/operate/place.ts';
import { run, type Ran, type Setting } from '../terminal.ts';
import { stopped } from './stopped.ts';
import { ADDRESS, fakeBook, fakePlace, fakeStack, MOVED, record } from './fake-place.ts';

const REFUSED = { ...MOVED, outcome: 'refused', reason: 'no-candidate: none of 2 standbys is fit' };
const LATER = record({ run: 'ffffaaaa-0000', at: '2026-11-22T08:03:00.000Z' }, REFUSED);
const LONG_AGO = record({ run: 'eeeeaaaa-0000', at: '2026-11-01T08:03:00.000Z' });
const SWITCH = {
  at: '2026-11-22T08:02:30.000Z',
  by: 'kim',
  what: 'switch-off',
  scope: 'all',
  reason: 'game day',
  more: {},
};

const STACK = fakeStack({ records: [LATER, record(), LONG_AGO], operations: [SWITCH] });

function runs(
  argv: readonly string[],
  setting: Setting = {},
  stacks: readonly Stack[] = [STACK],
  more: Partial<Place> = {},
): Promise<Ran> {
  return run(['runs', ...argv], { openPlace: () => Promise.resolve(fakePlace(stacks, more)), ...setting });
}

describe('runs', () => {
  it('lists what ran in a day, newest last, with what operators did in between', async () => {
    const { code, out } = await runs([]);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.slice(0, 60))).toEqual([
      '08:02:07  0b8f6d  done reassign-elastic-ip eipalloc-04c8e2a6',
      '08:02:30  switch-off all  by kim: game day',
      '08:03:00  ffffaa  refused reassign-elastic-ip eipalloc-04c8e',
      '',
    ]);
  });

  it.each(['web', '203.0.113.10'])('finds a target by what a run by hand was given: %s', async (target) => {
    const started = { ...SWITCH, what: 'run', scope: 'reassign-elastic-ip', more: { run: LATER.run, target } };
    const elsewhere = record({ run: 'dddd0000', target: `${ADDRESS}1`, at: '2026-11-22T08:03:30.000Z' });
    const stack = fakeStack({ records: [LATER, record(), elsewhere], operations: [started] });
    const { out } = await runs(['--target', target], {}, [stack]);
    expect(out.split('\n').map((line) => line.slice(10, 16))).toEqual(['0b8f6d', 'ffffaa', '']);
  });

  it('says of a target that nobody knows what it is known by', async () => {
    const { out, err } = await runs(['--target', 'web']);
    expect(out).toBe('');
    expect(err).toContain(
      'no run on web is found (a target is known by its ARN or id, as `runs` prints it, or by what a run by hand was given) since 2026-10-23',
    );
  });

  it('says what operators did: how, to what, and that it was a dry run', async () => {
    const more = { target: ADDRESS, params: { action: 'move', to: 'i-1' }, dryRun: true };
    const dry = { ...SWITCH, what: 'run', scope: 'reassign-elastic-ip', reason: '', more };
    const mode = { ...SWITCH, what: 'mode', more: { mode: 'plan' } };
    const freeze = { from: '2026-12-23T18:00:00.000Z', until: '2027-01-06T18:00:00.000Z' };
    const off = { ...SWITCH, more: freeze };
    const { out } = await runs([], {}, [fakeStack({ operations: [dry, mode, off] })]);
    expect(out).toContain('run reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570  dry run, by kim; action=move to=i-1\n');
    expect(out).toContain('mode all plan  by kim: game day\n');
    expect(out).toContain('switch-off all  from 2026-12-23 18:00:00Z until 2027-01-06 18:00:00Z, by kim: game day\n');
  });

  it.each([
    [['--outcome', 'refused,failed'], ['ffffaaaa-0000']],
    [['--runbook', 'stop-marked'], []],
    [
      ['--target', 'eipalloc-04c8e2a6f1b3d9570'],
      ['eeeeaaaa-0000', '0b8f6d3e-5c41-4a7e-9d20-000000000005', 'ffffaaaa-0000'],
    ],
    [['--target', ADDRESS, '--since', '2026-11-22T08:02:30Z'], ['ffffaaaa-0000']],
    [['--target', ADDRESS, '--since', '2026-11-22T10:02:30+02:00'], ['ffffaaaa-0000']],
    [
      ['--since', '30d', '--outcome', 'done'],
      ['eeeeaaaa-0000', '0b8f6d3e-5c41-4a7e-9d20-000000000005'],
    ],
    [['--since', '3m', '--outcome', 'done'], ['0b8f6d3e-5c41-4a7e-9d20-000000000005']],
    [['--since', '2m', '--outcome', 'done'], []],
  ])('as JSON those that are asked for: %j', async (argv, wanted) => {
    const { out } = await runs([...argv, '--json']);
    const { runs: found }: { runs: readonly { kind: string; run: string }[] } = JSON.parse(out);
    expect(found.filter(({ kind }) => kind === 'run').map((one) => one.run)).toEqual(wanted);
  });

  it('says where it reads no further back', async () => {
    const { code, err, out } = await runs(['--since', '2026-01-01', '--json']);
    expect(code).toBe(0);
    expect(err).toContain('at most 30 days are read: since 2026-10-23 08:05:00Z\n');
    expect(JSON.parse(out)).toMatchObject({ since: '2026-10-23T08:05:00.000Z' });
  });

  it.each([
    [
      ['--since', 'yesterday'],
      2,
      '--since: expected 90m, 24h, 7d, a day or a time such as 2026-11-21T08:00:00Z, found yesterday',
    ],
    [['--since', '2026-12-01'], 2, '--since: 2026-12-01 is still to come'],
    [
      ['--outcome', 'refusde'],
      2,
      '--outcome: there is no refusde (did you mean refused?); there are failed, refused, ',
    ],
    [['--runbook', 'stop-makred'], 3, 'no runbook stop-makred is deployed here (did you mean stop-marked?)'],
    [['--tarket', 'x'], 2, "unknown option '--tarket' (Did you mean --target?)"],
  ])('answers %j with one line', async (argv, code, line) => {
    const ran = await runs(argv);
    expect(ran.code).toBe(code);
    expect(ran.err.split('\n').at(-2)).toContain(`runbook: ${line}`);
  });

  it('says that there is none', async () => {
    const { out, err } = await runs(['--outcome', 'failed']);
    expect(out).toBe('');
    expect(err).toContain('nothing is recorded since 2026-11-21 08:05:00Z\n');
  });

  it('fails where a ledger does not answer: half a list looks like a whole one', async () => {
    const broken = { ...STACK, book: { ...STACK.book, on: () => Promise.reject(new Error('throttled')) } };
    expect(await runs([], {}, [STACK, broken])).toMatchObject({ code: 1, out: '' });
  });

  it('names the stack where there are several', async () => {
    const { out } = await runs([], {}, [STACK, fakeStack({}, { prefix: 'other' })]);
    expect(out).toContain('eipalloc-04c8e2a6f1b3d9570 runbook-prod');
  });

  it.each([40, 80])('fits %i columns, two lines a run', async (columns) => {
    const { out } = await runs([], { tty: true, columns, env: { NO_COLOR: '1' } });
    expect(out.split('\n').filter((line) => line.length > columns)).toEqual([]);
    expect(out).toContain('\n  no-candidate: none of 2 standbys is f');
  });

  it('paints outcomes', async () => {
    const { out } = await runs([], { env: { FORCE_COLOR: '1' } });
    expect(out).toContain('\u001b[32mdone\u001b[39m');
    expect(out).toContain('\u001b[33mrefused\u001b[39m');
    expect((await runs([], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).out).not.toContain('\u001b');
  });

  it('watches until Ctrl-C, and prints only what is new', async () => {
    const records = [record()];
    const stack = { ...STACK, book: fakeBook({}, records) };
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
    setTimeout(() => records.push(LATER), 0);
    const { ran } = await stopped(['runs', '--watch', '--json'], { openPlace }, 4_100, 'ctrl-c');
    const { code, out } = ran;
    const lines: readonly { run: string }[] = JSON.parse(`[${out.trimEnd().replaceAll('\n', ',')}]`);
    expect(code).toBe(0);
    expect(lines.map((line) => line.run)).toEqual(['0b8f6d3e-5c41-4a7e-9d20-000000000005', 'ffffaaaa-0000']);
  });

  it('goes on watching when a read is throttled', async () => {
    let reads = 0;
    const book = fakeBook({}, [record()]);
    const on = (day: string): ReturnType<typeof book.on> => {
      reads += 1;
      return reads === 3 ? Promise.reject(new Error('throttled')) : book.on(day);
    };
    const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([{ ...STACK, book: { ...book, on } }]));
    const { ran } = await stopped(['runs', '--watch'], { openPlace }, 6_100, 'ctrl-c');
    expect(ran.code).toBe(0);
    expect(ran.err.split('a read failed and is tried again: Error: throttled')).toHaveLength(2);
    expect(reads).toBeGreaterThan(5);
  });

  it('watches no world: it stands still', async () => {
    const { code, err } = await runs(['--watch'], {}, [STACK], { kind: 'world', file: 'w.json' });
    expect(code).toBe(0);
    expect(err).toContain('a world stands still: nothing more comes\n');
  });
});
