/** Lines that a person may paste, through a real shell: they say exactly what they say, whatever the names in them are. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { commandLine } from '../../shared/kernel/shell.ts';
import { printable } from '../../shared/kernel/printable.ts';
import { commandsOf } from '../../shared/kernel/report/outcome.ts';
import { file, run } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const evidence = z.object({ toResume: z.string().optional() });

/** Programs of these names hand over their arguments, and nothing else is to happen. */
function pasted(line: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-paste-'));
  for (const name of ['aws', 'npx'])
    writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\0' "$0" "$@"\n`, { mode: 0o755 });
  const before = readdirSync(folder);
  const said = execFileSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin` },
    input: '',
  });
  expect(readdirSync(folder)).toEqual(before);
  const [program = '', ...words] = said.split('\0').slice(0, -1);
  return [program.slice(folder.length + 1), ...words];
}

const NAMES = [
  'web',
  "db's",
  'db;touch${IFS}PWNED;#',
  '$(touch PWNED)`touch PWNED`',
  '"; touch PWNED; "',
  'two\nlines\ttab',
  'web\u001b[2J\u009b5m\u202eabc\u200b',
  String.raw`back\slash\u202e`,
  '健康 🙂',
  '-rf',
];

describe.each(NAMES)('a line about %j', (name) => {
  const input = { ResourceIds: [name], Tags: [{ Key: name, Value: name }] };

  it('is handed to the AWS command line as it was meant', () => {
    const line = commandLine({ call: 'ec2:DeleteTags', input });
    expect(printable(line)).toBe(line);
    expect(line).not.toContain('\n');
    const [program, service, verb, option, document = ''] = pasted(line);
    expect([program, service, verb, option]).toEqual(['aws', 'ec2', 'delete-tags', '--cli-input-json']);
    expect(JSON.parse(document)).toEqual(input);
  });

  it('shows the record, and takes back what was done, last call first', () => {
    const plan = ['ec2:CreateTags', 'autoscaling:SuspendProcesses'].map((call) => ({
      call,
      input,
      because: 'x',
      undo: { call, input },
    }));
    const { show, undo: lines } = commandsOf(
      { runbook: 'r', run: name, target: name, outcome: 'done', reason: 'done: x', evidence: {}, plan, phases: [] },
      name,
    );
    const [, , , , asked = ''] = pasted(show);
    expect(JSON.parse(asked)).toEqual({ TableName: name, Key: { pk: { S: 'run' }, sk: { S: `r#${name}#${name}` } } });
    expect(lines.map((line) => pasted(line).slice(0, 3))).toEqual([
      ['aws', 'autoscaling', 'suspend-processes'],
      ['aws', 'ec2', 'create-tags'],
    ]);
  });
});

/** The world of a drill in which a group is held, the group under another name. */
function heldGroup(name: string): string {
  const text = readFileSync(join(ROOT, 'drills', 'carry-gives-up', 'world.json'), 'utf8');
  const quoted = JSON.stringify(name);
  return text
    .replaceAll('"AutoScalingGroupName": "db"', () => `"AutoScalingGroupName": ${quoted}`)
    .replaceAll('AutoScalingGroups/db/', () => `AutoScalingGroups/${quoted.slice(1, -1)}/`);
}

describe.each(["db's", 'db;touch${IFS}PWNED;#', '$(touch PWNED)', 'web\u202eabc\u001b[2J', 'two words'])(
  'a group that is held, called %j',
  (name) => {
    it('says how to go on in a line that can be pasted', async () => {
      const files = [file('no-event.json', []), '--world', file('held.json', heldGroup(name))];
      const functions = await discoverFunctions(join(ROOT, 'functions'));
      const { out } = await run(['handle', ...files, '--json'], { functions });
      const { results } = z.object({ results: z.array(z.object({ evidence: evidence })) }).parse(JSON.parse(out));
      const said = results.flatMap(({ evidence: { toResume } }) => toResume ?? []);
      expect(said.length).toBeGreaterThan(0);
      for (const text of said) {
        const line = text.slice(text.indexOf('; then: ') + '; then: '.length);
        expect(printable(line)).toBe(line);
        expect(pasted(line)).toEqual([
          'aws',
          'autoscaling',
          'resume-processes',
          '--auto-scaling-group-name',
          name,
          '--scaling-processes',
          'Launch',
        ]);
      }
      const shown = await run(['handle', ...files], { functions, tty: true, columns: 40, env: { NO_COLOR: '1' } });
      const lines = shown.out.split('\n').filter((line) => line.startsWith('      aws autoscaling resume-processes '));
      expect(lines.map((line) => pasted(line)[4])).toEqual(said.map(() => name));
    });
  },
);
