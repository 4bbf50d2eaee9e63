import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const ADDRESS = 'eipalloc-04c8e2a6f1b3d9570';
const [THERE, BACK] = ['i-0b93e1f67a2c4d815', 'i-0a17c4e9b2d58f306'];
const MOVE = ['run', 'reassign-elastic-ip', '--target', ADDRESS, '--param', 'action=move', '--param'];

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** The real command as a process, on a copy of the drill `manual-move`. */
function night(): { readonly path: string; readonly runbook: (...words: readonly string[]) => Ended } {
  const path = join(mkdtempSync(join(tmpdir(), 'runbook-night-')), 'incident.json');
  copyFileSync(join(ROOT, 'drills', 'manual-move', 'world.json'), path);
  const runbook = (...words: readonly string[]): Ended => {
    const argv = [join(ROOT, 'cli', 'runbook.js'), ...words, '--world', path];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    return { status, out: stdout, err: stderr };
  };
  return { path, runbook };
}

function holder(path: string): unknown {
  const world: { readonly ec2: { readonly Addresses: readonly { readonly InstanceId?: string }[] } } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  return world.ec2.Addresses[0]?.InstanceId;
}

describe('a night on a copy of an incident', () => {
  it('off refuses, plan plans, on and apply act, and what is done is known to what comes after', () => {
    const { path, runbook } = night();
    const off = runbook('switch', 'off', '--reason', 'game day');
    expect(off).toMatchObject({ status: 0, err: expect.stringContaining('WORLD ') });
    const refused = runbook(...MOVE, `to=${THERE}`);
    expect(refused).toMatchObject({ status: 4, out: expect.stringContaining('refused (kill-switch)') });
    expect(runbook('switch', 'on', '--reason', 'over').status).toBe(0);

    runbook('mode', 'plan', '--reason', 'new here');
    const planned = runbook(...MOVE, `to=${THERE}`, '--plan-exit-code');
    expect(planned).toMatchObject({ status: 5, out: expect.stringContaining('planned (') });
    expect(holder(path)).toBe(BACK);
    runbook('mode', 'apply', '--reason', 'the plan is right');

    const done = runbook(...MOVE, `to=${THERE}`, '--token', 'move-1');
    expect(done).toMatchObject({ status: 0, out: expect.stringContaining('done (') });
    expect(holder(path)).toBe(THERE);

    const back = runbook(...MOVE, `to=${BACK}`);
    expect(back).toMatchObject({ status: 0, out: expect.stringContaining('runbook:moves=2') });
    expect(holder(path)).toBe(BACK);
    const again = runbook(...MOVE, `to=${THERE}`, '--token', 'move-1');
    expect(again).toMatchObject({ status: 0, out: expect.stringContaining('done (') });
    const shown = runbook('show', 'move-1');
    expect(shown).toMatchObject({ status: 0, out: expect.stringContaining('AssociateAddress') });
  }, 300_000);
});
