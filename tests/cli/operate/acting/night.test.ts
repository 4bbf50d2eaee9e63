import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../../rehearsal/functions.ts';
import { file, run, type Ran } from '../../terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const ADDRESS = 'eipalloc-04c8e2a6f1b3d9570';
const [THERE, BACK] = ['i-0b93e1f67a2c4d815', 'i-0a17c4e9b2d58f306'];
const MOVE = ['run', 'reassign-elastic-ip', '--target', ADDRESS, '--param', 'action=move', '--param'];

const functions = await discoverFunctions(join(ROOT, 'functions'));

/** The command on a copy of the drill `manual-move`, which each line reads from the file that the one before has written. */
function night(): { readonly path: string; readonly runbook: (...words: readonly string[]) => Promise<Ran> } {
  const path = file('incident.json', readFileSync(join(ROOT, 'drills', 'manual-move', 'world.json'), 'utf8'));
  return { path, runbook: (...words) => run([...words, '--world', path], { functions }) };
}

function holder(path: string): unknown {
  const world: { readonly ec2: { readonly Addresses: readonly { readonly InstanceId?: string }[] } } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  return world.ec2.Addresses[0]?.InstanceId;
}

describe('a night on a copy of an incident', () => {
  it('off refuses, plan plans, on and apply act, and what is done is known to what comes after', async () => {
    const { path, runbook } = night();
    const off = await runbook('switch', 'off', '--reason', 'game day');
    expect(off).toMatchObject({ code: 0, err: expect.stringContaining('WORLD ') });
    const refused = await runbook(...MOVE, `to=${THERE}`);
    expect(refused).toMatchObject({ code: 4, out: expect.stringContaining('refused (kill-switch)') });
    expect((await runbook('switch', 'on', '--reason', 'over')).code).toBe(0);

    await runbook('mode', 'plan', '--reason', 'new here');
    const planned = await runbook(...MOVE, `to=${THERE}`, '--plan-exit-code');
    expect(planned).toMatchObject({ code: 5, out: expect.stringContaining('planned (') });
    expect(holder(path)).toBe(BACK);
    await runbook('mode', 'apply', '--reason', 'the plan is right');

    const done = await runbook(...MOVE, `to=${THERE}`, '--token', 'move-1');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('done (') });
    expect(holder(path)).toBe(THERE);

    const back = await runbook(...MOVE, `to=${BACK}`);
    expect(back).toMatchObject({ code: 0, out: expect.stringContaining('runbook:moves=2') });
    expect(holder(path)).toBe(BACK);
    const again = await runbook(...MOVE, `to=${THERE}`, '--token', 'move-1');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('done (') });
    const shown = await runbook('show', 'move-1');
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('AssociateAddress') });
  });
});
