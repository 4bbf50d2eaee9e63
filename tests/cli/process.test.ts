import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const DRILL = join(ROOT, 'drills', 'nothing-to-do');
const HANDLE = `handle ${DRILL}/event.json --world ${DRILL}/world.json`;

/** Runs a line in a real shell, in which `runbook` is the command. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const command = `runbook() { "${process.execPath}" "${join(ROOT, 'cli', 'runbook.js')}" "$@"; }`;
  return spawnSync('bash', ['-c', `${command}; ${line}`], {
    encoding: 'utf8',
    cwd: mkdtempSync(join(tmpdir(), 'runbook-shell-')),
  });
}

/** Linux has a device that is always full. */
const FULL = existsSync('/dev/full') ? ['/dev/full'] : [];

describe.each(FULL)('a standard output that takes nothing: %s', (full) => {
  it.each(['list', '--help', 'drill nothing-to-do --json', HANDLE])(
    'is said in one line, and is a failure: %s',
    (line) => {
      const { status, stderr } = shell(`runbook ${line} > ${full}`);
      expect(status).toBe(1);
      expect(stderr.replace(/^seed 1\n/u, '')).toBe(
        'runbook: standard output cannot be written: there is no space left\n',
      );
    },
  );

  it('leaves a worse exit code as it is', () => {
    expect(shell(`runbook list --no > ${full}`).status).toBe(2);
    expect(shell(`runbook fly 2> ${full}`).status).toBe(2);
  });
});

describe('a reader that has seen enough', () => {
  it.each(['list --json', 'drill nothing-to-do'])('is no failure: %s', (line) => {
    const { stdout, stderr } = shell(`runbook ${line} | head -1 > /dev/null; echo "\${PIPESTATUS[0]}"`);
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
