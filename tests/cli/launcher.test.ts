import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** Makes a process believe that it is an old Node. */
const AS_NODE_20 = [
  '--import',
  "data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
];

function start(
  program: string,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
  options: readonly string[] = [],
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(program, [...options, join(ROOT, 'cli', 'runbook.js'), 'list', '--json'], {
    cwd,
    env,
    encoding: 'utf8',
  });
}

describe('the launcher', () => {
  it('runs from any folder', () => {
    const { status, stdout } = start(process.execPath, join(ROOT, 'drills'));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ name: 'reassign-elastic-ip', host: 'plain', disruptive: true }),
    );
  });

  it('is executable, as npx needs it', () => {
    const { status } = spawnSync(join(ROOT, 'cli', 'runbook.js'), ['--help'], {
      env: { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` },
    });
    expect(status).toBe(0);
  });

  it('takes the Node of this project when an old one starts it', () => {
    const { status, stdout } = start(process.execPath, ROOT, process.env, AS_NODE_20);
    expect(status).toBe(0);
    expect(stdout).toContain('reassign-elastic-ip');
  });

  it('says in one line what is missing when there is no other', () => {
    const { status, stdout, stderr } = start(
      process.execPath,
      ROOT,
      { ...process.env, RUNBOOK_NODE: 'tried' },
      AS_NODE_20,
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      'runbook: needs Node 24 or newer, this is 20.20.2: run `npm ci`, or on macOS install Node 24\n',
    );
  });
});
