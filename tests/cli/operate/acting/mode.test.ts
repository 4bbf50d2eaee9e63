import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../../cli/operate/place.ts';
import { run, type Ran } from '../../terminal.ts';
import { fakePlace, fakeStack, NOW } from '../fake-place.ts';
import { kept, on, read, worldOf } from '../world/a-world.ts';

function inStacks(stacks: readonly Stack[], words: readonly string[]): Promise<Ran> {
  return run(words, { openPlace: (): Promise<Place> => Promise.resolve(fakePlace(stacks)) });
}

describe('mode', () => {
  it('plan has runs say what they would do and stop, until apply lets them act', async () => {
    const path = worldOf('plan.json', { 'i-0a1': 'stop' });
    const { code, out } = await on(path, ['mode', 'plan', '--reason', 'new here']);
    expect({ code, out }).toEqual({
      code: 0,
      out: 'world: all runbooks: plan (it was apply, as deployed)\n  deploy with --param mode=plan\n',
    });
    const planned = await on(path, ['run', 'stop-marked', '--plan-exit-code']);
    expect(planned.err).toContain('the mode is plan (set 2026-11-22 08:00:00Z');
    expect(planned.code).toBe(5);
    expect(planned.out).toContain('planned (stopped)');
    expect(kept(path)).toEqual(['planned stopped']);
    await on(path, ['mode', 'apply', '--reason', 'the plan is right']);
    expect((await on(path, ['run', 'stop-marked', '--plan-exit-code'])).code).toBe(0);
    expect(kept(path)).toEqual(['planned stopped', 'done stopped']);
    expect(read(path).ledger.operations).toMatchObject([
      { what: 'mode', scope: 'all', reason: 'new here', more: { mode: 'plan' } },
      { what: 'run' },
      { what: 'mode', more: { mode: 'apply' } },
      { what: 'run' },
    ]);
  });

  it('of one goes before that of all, and is told of where they differ', async () => {
    const path = worldOf('one.json', { 'i-0a1': 'stop' });
    await on(path, ['mode', 'plan', 'stop-marked', '--reason', 'not this one']);
    const { out } = await on(path, ['mode', 'apply', '--reason', 'all others']);
    expect(out).toMatch(/stop-marked: plan, set 2026-11-22 08:00:00Z, \S+: not this one\n/u);
    expect((await on(path, ['run', 'stop-marked'])).out).toContain('planned (stopped)');
  });

  it('that holds already keeps who had set it and why, says that, and puts the attempt on record', async () => {
    const stack = fakeStack();
    const before = await stack.book.modes();
    const { code, out } = await inStacks([stack], ['mode', 'apply', '--reason', 'me too']);
    expect(code).toBe(0);
    expect(out).toContain('runbook-prod: all runbooks: apply already, set 2026-11-20 10:00:00Z, kim: tried out\n');
    expect(await stack.book.modes()).toEqual(before);
    expect(await stack.book.operations(NOW.slice(0, 10))).toMatchObject([
      { what: 'mode', reason: 'me too', more: { mode: 'apply', isChanged: false } },
    ]);
    const changed = await inStacks([stack], ['mode', 'plan', '--reason', 'freeze']);
    expect(changed.out).toContain('all runbooks: plan (it was apply, set 2026-11-20 10:00:00Z, kim: tried out)\n');
    const own = await inStacks([stack], ['mode', 'plan', 'stop-marked', '--reason', 'this one anyway']);
    expect(own.out).toContain('stop-marked: plan (it was plan, set ');
    expect((await stack.book.modes()).map(({ scope }) => scope)).toEqual(['all', 'stop-marked']);
  });

  it('warns where the deployment only plans, whatever the ledger says', async () => {
    const stack = fakeStack({}, { parameters: { dryRun: true, approval: 'never' } });
    const { code, err } = await inStacks([stack], ['mode', 'apply', '--reason', 'go']);
    expect(code).toBe(0);
    expect(err).toContain('runbook-prod: was deployed with dryRun=true, which comes first');
    expect((await inStacks([stack], ['mode', 'plan', '--reason', 'stop'])).err).not.toContain('dryRun');
  });

  it('is one document with --json', async () => {
    const { out } = await inStacks([fakeStack()], ['mode', 'plan', '--reason', 'x', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      set: { scope: 'all', mode: 'plan', reason: 'x' },
      stacks: [{ stack: 'runbook-prod', was: 'apply', holds: [{ scope: 'all', mode: 'plan' }] }],
    });
  });

  it.each([
    [['plan'], 2, 'mode plan: give a --reason'],
    [['apply', 'stop-market', '--reason', 'x'], 3, 'did you mean stop-marked?'],
    [['perhaps'], 2, "unknown command 'perhaps'"],
  ])('is refused in one line: %j', async (words, code, message) => {
    const ran = await inStacks([fakeStack()], ['mode', ...words]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
  });
});
