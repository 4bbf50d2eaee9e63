import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../../cli/operate/place.ts';
import { UsageError } from '../../../../cli/terminal.ts';
import { run, type Ran } from '../../terminal.ts';
import { fakePlace, fakeStack, NOW } from '../fake-place.ts';
import { kept, on, read, worldOf } from '../world/a-world.ts';

const OLD = { scope: 'all', reason: 'network change', by: 'mara', at: '2026-11-22T07:45:00Z' };

function inStacks(stacks: readonly Stack[], words: readonly string[]): Promise<Ran> {
  return run(words, { openPlace: (): Promise<Place> => Promise.resolve(fakePlace(stacks)) });
}

describe('switch off', () => {
  it('stops every run before its next call, and says since when and by whom', async () => {
    const path = worldOf('off.json', { 'i-0a1': 'stop' });
    const { code, out, err } = await on(path, ['switch', 'off', '--reason', 'game day']);
    expect(code).toBe(0);
    expect(err).toContain('WORLD ');
    expect(out).toMatch(/^world: all runbooks: off, since 2026-11-22 08:00:00Z, by \S+: game day\n$/u);
    const refused = await on(path, ['run', 'stop-marked']);
    expect(refused.code).toBe(4);
    expect(refused.err).toMatch(/all is off \(\S+: game day\): the run will not act/u);
    expect(refused.out).toContain('refused (kill-switch)');
    expect(kept(path)).toEqual(['refused kill-switch']);
  });

  it('says so when it is off already, and changes nothing', async () => {
    const path = worldOf('again.json', {}, { ledger: { switches: [OLD] } });
    const { code, out } = await on(path, ['switch', 'off', '--reason', 'me too']);
    expect(code).toBe(0);
    expect(out).toBe('world: all runbooks: off already, since 2026-11-22 07:45:00Z, by mara: network change\n');
    expect(read(path).ledger).toMatchObject({
      switches: [OLD],
      operations: [{ what: 'switch-off', scope: 'all', reason: 'me too', more: { isChanged: false } }],
    });
  });

  it.each([
    ['off without an end', undefined, '2h', '2026-11-22 10:00:00Z'],
    ['off for longer', '2026-11-22T09:00:00.000Z', '30m', '2026-11-22 08:30:00Z'],
  ])('says of an end that does not come, because it is %s, that it does not', async (_what, until, asked, end) => {
    const row = { ...OLD, ...(until === undefined ? {} : { until }) };
    const path = worldOf('no-end.json', {}, { ledger: { switches: [row] } });
    const words = ['switch', 'off', '--reason', 'me too', '--until', asked];
    const { code, out } = await on(path, words);
    expect(code).toBe(0);
    expect(out).toMatch(/^world: all runbooks: off already, since 2026-11-22 07:45:00Z/u);
    expect(out).toContain(`  it does not end at ${end}: off never shortens; --replace has it end then\n`);
    expect(read(path).ledger.switches).toEqual([row]);
    const replaced = await on(path, [...words, '--replace']);
    expect(replaced.out).not.toContain('does not end');
    expect(read(path).ledger.switches).toMatchObject([{ reason: 'me too' }]);
  });

  it('is for longer only by what was typed, for shorter only by --replace, and tells what stood there', async () => {
    const until = '2026-11-22T09:00:00.000Z';
    const path = worldOf('longer.json', {}, { ledger: { switches: [{ ...OLD, until }] } });
    const longer = await on(path, ['switch', 'off', '--reason', 'more', '--until', '2h']);
    expect(longer.out).toContain('off, since 2026-11-22 08:00:00Z until 2026-11-22 10:00:00Z');
    expect(longer.out).toContain(
      'it stood there before: since 2026-11-22 07:45:00Z until 2026-11-22 09:00:00Z, by mara',
    );
    await on(path, ['switch', 'off', '--reason', 'less', '--until', '2026-11-22T08:30:00Z', '--replace']);
    expect(read(path).ledger.switches).toMatchObject([{ reason: 'less', until: '2026-11-22T08:30:00.000Z' }]);
    expect(read(path).ledger.operations).toMatchObject([
      { what: 'switch-off', scope: 'all', reason: 'more', more: { until: '2026-11-22T10:00:00.000Z' } },
      { what: 'switch-off', scope: 'all', reason: 'less', more: { until: '2026-11-22T08:30:00.000Z' } },
    ]);
  });

  it.each([
    [['switch', 'off', '--reason', 'x']],
    [['switch', 'on', '--reason', 'x']],
    [['mode', 'plan', '--reason', 'x', '--json']],
  ])('says nothing of %j that could not be kept', async (words) => {
    const keep = (): Promise<never> => Promise.reject(new UsageError('world.json: was changed by another: try again'));
    const place = fakePlace([fakeStack({ switches: [OLD] })], { keep });
    const ran = await run(words, { openPlace: () => Promise.resolve(place) });
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('runbook: world.json: was changed by another: try again\n');
  });

  it('names whoever is at work', async () => {
    const ARN = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1';
    const held = { resource: ARN, runbook: 'stop-marked', owner: `0b8f6d3e|${ARN}`, until: '2026-11-22T08:06:00.000Z' };
    const history = { epoch: 1, actions: [], memory: {} };
    const stack = fakeStack({ resources: [{ ...held, history }] });
    const { out } = await inStacks([stack], ['switch', 'off', 'stop-marked', '--reason', 'x']);
    expect(out).toContain('at work: stop-marked i-0a1, run 0b8f6d3e: it stops before its next call');
    const other = await inStacks([stack], ['switch', 'off', 'reassign-elastic-ip', '--reason', 'x']);
    expect(other.out).not.toContain('at work');
  });

  it('is done in all stacks that answer, and says of the one that does not', async () => {
    const broken = fakeStack({}, { prefix: 'runbook-dev' });
    const lost = { ...broken, book: { ...broken.book, turnOff: () => Promise.reject(new Error('no answer')) } };
    const stack = fakeStack();
    const { code, out, err } = await inStacks([lost, stack], ['switch', 'off', '--reason', 'x']);
    expect(code).toBe(1);
    expect(err).toContain('runbook: runbook-dev: nothing is known to be changed: Error: no answer');
    expect(out).toContain('runbook-prod: all runbooks: off');
    expect(await stack.book.switches()).toMatchObject([{ scope: 'all', at: NOW }]);
    expect(await stack.book.operations('2026-11-22')).toMatchObject([{ what: 'switch-off', reason: 'x' }]);
  });

  it('is off also where it cannot be put on record, and says that', async () => {
    const stack = fakeStack();
    const book = { ...stack.book, note: () => Promise.reject(new Error('no answer')) };
    const { code, err } = await inStacks([{ ...stack, book }], ['switch', 'off', '--reason', 'x']);
    expect({ code, err }).toMatchObject({ code: 1 });
    expect(err).toContain('it is done, but could not be put on record: Error: no answer');
    expect(await stack.book.switches()).toHaveLength(1);
  });

  it.each([
    [[], 2, 'switch off: give a --reason'],
    [['--reason', ' '], 2, 'switch off: give a --reason'],
    [['--reason', '\u200b\u2060 \u00ad'], 2, 'switch off: give a --reason'],
    [['--reason', 'x'.repeat(1_025)], 2, 'switch off: the --reason has 1025 characters, at most 1024 are kept'],
    [['--reason', 'x', '--until', '-2h'], 2, '--until: expected 30m'],
    [['--reason', 'x', '--from', '2026-11-21T08:00:00Z'], 2, '--from: 2026-11-21T08:00:00Z is past'],
    [['stop-market', '--reason', 'x'], 3, 'there is no runbook stop-market (did you mean stop-marked?)'],
    [['--reason', 'x', '--stack', 'prod'], 2, 'there is no stack prod in a world'],
    [['--reason', 'x', '--account', '111122223333'], 2, '--account is about the account of your credentials'],
  ])('is refused in one line: %j', async (words, code, message) => {
    const path = worldOf('refused.json', {});
    const ran = await on(path, ['switch', 'off', ...words]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
    expect(read(path).ledger.switches).toEqual([]);
  });

  it.each([
    ['switch', 'on'],
    ['mode', 'plan'],
    ['run', 'stop-marked'],
  ])('takes no longer a reason than %s %s does', async (...words) => {
    const path = worldOf('reason.json', {});
    const ran = await on(path, [...words, '--reason', 'x'.repeat(120_000)]);
    expect([ran.code, ran.err]).toEqual([
      2,
      expect.stringContaining('the --reason has 120000 characters, at most 1024'),
    ]);
    expect((await on(path, [...words, '--reason', 'x'.repeat(1_024)])).err).not.toContain('--reason');
  });

  it('is one document with --json', async () => {
    const { out } = await on(worldOf('json.json', {}), ['switch', 'off', '--reason', 'x', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      place: { kind: 'world', account: '111122223333' },
      stacks: [{ stack: 'world', scope: 'all', was: null, now: { scope: 'all', reason: 'x' }, isChanged: true }],
    });
  });
});

describe('switch on', () => {
  it('lets act again, and says since when it was off', async () => {
    const path = worldOf('on.json', { 'i-0a1': 'stop' }, { ledger: { switches: [OLD] } });
    const { code, out } = await on(path, ['switch', 'on', '--reason', 'done']);
    expect(code).toBe(0);
    expect(out).toBe('world: all runbooks: on; it was off since 2026-11-22 07:45:00Z, by mara: network change\n');
    expect((await on(path, ['run', 'stop-marked'])).code).toBe(0);
    expect(kept(path)).toEqual(['done stopped']);
    expect(read(path).ledger.operations).toMatchObject([{ what: 'switch-on', reason: 'done' }, { what: 'run' }]);
  });

  it('of one while all are off does not let it act, and says so', async () => {
    const path = worldOf('one.json', {}, { ledger: { switches: [OLD, { ...OLD, scope: 'stop-marked' }] } });
    const { code, out, err } = await on(path, ['switch', 'on', 'stop-marked']);
    expect(code).toBe(1);
    expect(out).toContain('still off: all runbooks, since 2026-11-22 07:45:00Z, by mara');
    expect(err).toContain(
      'stop-marked still does not act, all are off; to let all act again: npx runbook switch on --world',
    );
    expect(read(path).ledger.switches).toEqual([OLD]);
  });

  it('of all names those that are off by themselves', async () => {
    const path = worldOf('all.json', {}, { ledger: { switches: [OLD, { ...OLD, scope: 'stop-marked' }] } });
    const { code, out } = await on(path, ['switch', 'on']);
    expect(code).toBe(0);
    expect(out).toContain('still off: stop-marked, since 2026-11-22 07:45:00Z');
  });

  it('lifts what stands of a runbook that is deployed no longer, and of no other', async () => {
    const path = worldOf('old.json', {}, { ledger: { switches: [{ ...OLD, scope: 'retired' }] } });
    expect((await on(path, ['switch', 'on', 'retire'])).code).toBe(3);
    const { code, out } = await on(path, ['switch', 'on', 'retired']);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('world: retired: on; it was off since'),
    });
    expect(read(path).ledger.switches).toEqual([]);
    expect((await on(path, ['switch', 'on', 'retired'])).code).toBe(3);
    expect((await on(path, ['switch', 'off', 'retired', '--reason', 'x'])).code).toBe(3);
  });

  it('says that it is on already, and calls a freeze off that is to come', async () => {
    const path = worldOf('called-off.json', {}, { ledger: { switches: [{ ...OLD, from: '2026-11-23T00:00:00Z' }] } });
    expect((await on(path, ['switch', 'on'])).out).toContain('on; what was to come is called off: from 2026-11-23');
    expect((await on(path, ['switch', 'on'])).out).toBe('world: all runbooks: on already\n');
  });
});

describe('a freeze', () => {
  const from = '2026-11-22T08:30:00Z';

  it('is written with its beginning and its end, and does not stop what comes before', async () => {
    const path = worldOf('freeze-ahead.json', { 'i-0a1': 'stop' });
    const { out } = await on(path, ['switch', 'off', '--reason', 'year end', '--from', from, '--until', '1h']);
    expect(out).toContain('will be off, from 2026-11-22 08:30:00Z until 2026-11-22 09:30:00Z');
    const { code, err } = await on(path, ['run', 'stop-marked']);
    expect({ code, err: err.includes('will not act') }).toEqual({ code: 0, err: false });
    expect(kept(path)).toEqual(['done stopped']);
  });

  it.each([
    ['stops what comes then', '2026-11-22T08:30:00Z', 'refused kill-switch'],
    ['is over by itself', '2026-11-22T09:30:00Z', 'done stopped'],
  ])('%s', async (_what, now, result) => {
    const switches = [{ ...OLD, from, until: '2026-11-22T09:30:00Z' }];
    const path = worldOf('freeze.json', { 'i-0a1': 'stop' }, { now, ledger: { switches } });
    await on(path, ['run', 'stop-marked']);
    expect(kept(path)).toEqual([result]);
  });
});
