import { describe, expect, it } from 'vitest';
import { run, type Ran } from '../../terminal.ts';
import { fakePlace, fakeStack, type Rows } from '../fake-place.ts';
import { on, read, worldOf } from '../world/a-world.ts';

const OLD = { scope: 'all', reason: 'network change', by: 'mara', at: '2026-11-22T07:45:00Z' };
const AHEAD = { ...OLD, scope: 'stop-marked', from: '2026-11-23T08:00:00Z', reason: 'patching' };
const OVER = { ...OLD, scope: 'reassign-elastic-ip', until: '2026-11-22T07:50:00Z' };

function ask(words: readonly string[], rows: Rows): Promise<Ran> {
  return run(words, { openPlace: () => Promise.resolve(fakePlace([fakeStack(rows)])) });
}

describe('switch by itself', () => {
  it('says what is off and what is going to be, and how it is changed', async () => {
    const { code, out } = await ask(['switch'], { switches: [OLD, AHEAD, OVER] });
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'runbook-prod: all runbooks: off, since 2026-11-22 07:45:00Z, by mara: network change',
        'runbook-prod: stop-marked: will be off, from 2026-11-23 08:00:00Z, by mara: patching',
        'to change it: npx runbook switch on --reason WHY',
        '',
      ].join('\n'),
    );
    const free = await ask(['switch'], {});
    expect(free.out).toBe('runbook-prod: all runbooks: on\nto change it: npx runbook switch off --reason WHY\n');
  });

  it('is one document with --json', async () => {
    const { out } = await ask(['switch', '--json'], { switches: [OLD, OVER] });
    expect(JSON.parse(out)).toMatchObject({ stacks: [{ stack: 'runbook-prod', switches: [OLD] }] });
  });

  it('says of a stack that does not answer that it is not known', async () => {
    const lost = fakeStack();
    const book = { ...lost.book, switches: () => Promise.reject(new Error('lost')) };
    const place = fakePlace([{ ...lost, prefix: 'runbook-dev', book }, fakeStack()]);
    const { code, out, err } = await run(['switch'], { openPlace: () => Promise.resolve(place) });
    expect(code).toBe(1);
    expect(err).toContain('runbook: runbook-dev: not known: Error: lost');
    expect(out).toContain('runbook-prod: all runbooks: on');
  });
});

describe('mode by itself', () => {
  it('says what holds, and what says so', async () => {
    const own = {
      scope: 'stop-marked',
      mode: 'plan',
      reason: 'new here',
      by: 'kim',
      at: '2026-11-22T08:00:00Z',
    } as const;
    const { code, out } = await ask(['mode'], { modes: [{ ...own, scope: 'all', mode: 'apply' }, own] });
    expect(code).toBe(0);
    expect(out).toContain('runbook-prod: all runbooks: apply, set 2026-11-22 08:00:00Z, kim: new here\n');
    expect(out).toContain('runbook-prod: stop-marked: plan, set 2026-11-22 08:00:00Z, kim: new here\n');
    expect(out).toContain('to change it: npx runbook mode apply --reason WHY\n');
  });
});

describe('a command of two ways', () => {
  it.each([
    [['switch', 'of'], "unknown command 'of': say switch off or switch on (did you mean off?)"],
    [['switch', 'heal-bastion'], "unknown command 'heal-bastion': say switch off or switch on\n"],
    [['mode', '--reason', 'x'], "unknown option '--reason'"],
    [['mode', 'aply', '--reason', 'x'], "unknown command 'aply': say mode plan or mode apply (did you mean apply?)"],
  ])('refuses %j in one line', async (words, line) => {
    const { code, out, err } = await ask(words, {});
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
  });

  it.each([['switch'], ['mode']])('%s has its help', async (name) => {
    const { code, out } = await ask([name, '--help'], {});
    expect(code).toBe(0);
    expect(out).toContain(`Usage: runbook ${name}`);
  });

  it('takes the place before the way as well as behind it', async () => {
    const path = worldOf('before.json', {});
    const { code } = await run(['switch', '--world', path, 'off', '--reason', 'x']);
    expect(code).toBe(0);
    const { code: behind, out } = await on(path, ['switch', 'off', 'stop-marked', '--reason', 'y', '--json']);
    expect(behind).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ stacks: [{ stack: 'world' }] });
    expect(
      read(path)
        .ledger.switches.map(({ reason }) => reason)
        .toSorted(),
    ).toEqual(['x', 'y']);
    expect((await on(path, ['switch'])).out).toContain('world: all runbooks: off, since');
  });
});
