/** The real command, as a person types it, over a world that keeps its runs. */

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseWorld } from '../../../simulator/world/world-file.ts';

/** Each line is a process, and loads the simulator. */
const PATIENCE_MS = 120_000;

const ROOT = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'runbook-operate-'));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line in a real shell, in which `runbook` is the command, in a folder with the world. */
function shell(line: string, env: Readonly<Record<string, string>> = {}): Ran {
  const command = `runbook() { "${process.execPath}" "${join(ROOT, 'cli', 'runbook.js')}" "$@"; }`;
  return spawnSync('bash', ['-c', `${command}; ${line}`], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, ...env },
  });
}

describe('the command over a world', { timeout: PATIENCE_MS }, () => {
  let short = '';

  beforeAll(() => {
    const drill = join(ROOT, 'drills', 'instance-dies');
    for (const name of ['event.json', 'world.json']) copyFileSync(join(drill, name), join(folder, name));
    const { status } = shell('runbook handle event.json --world world.json --world-out incident.json');
    if (status !== 0) throw new Error('the drill could not be handled');
    short = /\b(\S+) {2}done /u.exec(shell('runbook runs --world incident.json').stdout)?.[1] ?? '';
  }, PATIENCE_MS);

  it('says by itself how it stands', () => {
    const { status, stdout, stderr } = shell('runbook --world incident.json');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^WORLD incident\.json, 111122223333 eu-west-1, at 2026-11-22 \d\d:\d\d:\d\dZ\n$/u);
    expect(stdout).toContain('1 run done in the last 24 hours\n');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('nothing needs you');
  });

  it('shows a run by its short id, with a line that asks whether it could be taken back', () => {
    const { status, stdout } = shell(`runbook show ${short} --world incident.json`);
    expect(status).toBe(0);
    expect(stdout).toContain('PrivateIpAddress 10.0.1.10 -> 10.0.2.10\n');
    const ask = stdout.split('\n').find((line) => line.includes(' --dry-run ')) ?? '';
    const asked = shell(`npx() { "$@"; }; ${ask.trim()} --json`);
    expect(ask.trim()).toBe(`npx runbook undo ${short} --dry-run --wait --world incident.json`);
    // The old holder is well again, and that this very run has quarantined it is said in the request.
    expect(asked.status).toBe(0);
    expect(JSON.parse(asked.stdout)).toMatchObject({ results: [{ outcome: 'planned' }] });
  });

  it('has the same as JSON, in colours, and without', () => {
    const { stdout } = shell(`runbook show ${short} -v --json --world incident.json`);
    expect(JSON.parse(stdout)).toMatchObject({
      place: { kind: 'world', file: 'incident.json' },
      runbook: 'reassign-elastic-ip',
      records: [{ outcome: 'done' }],
    });
    const line = 'runbook runs --world incident.json';
    expect(shell(line, { FORCE_COLOR: '1' }).stdout).toContain('\u001b[32mdone\u001b[39m');
    // Which other tools take for a wish for colours.
    const { stdout: piped, stderr: aside } = shell(line, { CI: 'true', COLORTERM: 'truecolor' });
    expect(piped + aside).not.toContain('\u001b');
  });

  it('keeps what two processes change at the same time', () => {
    copyFileSync(join(folder, 'world.json'), join(folder, 'both.json'));
    const { status } = shell(
      'runbook switch off --reason first --world both.json & runbook mode plan --reason second --world both.json; wait $!',
    );
    expect(status).toBe(0);
    const { ledger } = parseWorld(JSON.parse(readFileSync(join(folder, 'both.json'), 'utf8')));
    expect(ledger.switches.map(({ reason }) => reason)).toEqual(['first']);
    expect(ledger.modes.map(({ reason }) => reason)).toContain('second');
    expect(ledger.operations.map(({ what }) => what).toSorted()).toEqual(['mode', 'switch-off']);
  });

  it.each([
    ['runbook shwo', 2, "runbook: unknown command 'shwo' (Did you mean show?)\n"],
    ['runbook show abcdef --world incident.json', 2, 'runbook: abcdef: no run begins so;'],
  ])('answers %s in one line', (line, status, words) => {
    const ran = shell(line);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(ran.stderr).toContain(words);
  });

  // `script` of util-linux gives a terminal; where it is not, none is to be had without a library.
  const TERMINALS = existsSync('/usr/bin/script') && process.platform === 'linux' ? ([40, 80] as const) : [];
  it.each(TERMINALS)('fits a terminal of %i columns, in colours and without', (columns) => {
    const show = `"${process.execPath}" "${join(ROOT, 'cli', 'runbook.js')}" status --world incident.json`;
    const within = (env: string): string =>
      shell(`script -qec 'stty rows 24 cols ${columns}; ${env} ${show}' /dev/null`, { CI: '' }).stdout;
    const [coloured, plain] = [within('TERM=xterm'), within('TERM=xterm NO_COLOR=1')];
    expect(coloured).toContain('\u001b[');
    expect(plain).not.toContain('\u001b[3');
    const lines = stripVTControlCharacters(plain).split(/\r?\n/u);
    // Lines to paste stay unbroken.
    expect(lines.filter((line) => line.length > columns && !line.startsWith('    npx '))).toEqual([]);
    expect(lines.filter((line) => line !== '').at(-1)).toBe('nothing needs you');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});
