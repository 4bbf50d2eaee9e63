/**
 * Shows that a change of shape changed nothing else: `npm run unchanged -- REVISION` makes what a user gets from the working
 * tree and from that revision, and compares it. Bundles are compared by SHA-256, the template resource by resource (without the
 * time that its artifacts are named by, whatever the order of its keys), the drills by what they print, whole.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonical } from '../shared/kernel/json.ts';
import { ROOT } from './cloudformation.ts';

/** Name of what was made → its fingerprint. */
type Fingerprints = ReadonlyMap<string, string>;

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function run(folder: string, command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
}

/** How long a drill took on this machine is no part of what it shows. */
function withoutDuration(shown: string): string {
  return shown.replaceAll(/; \d+\.\d s$/gmu, '');
}

/** Deployments are named by their time: the one thing that differs from one packaging to the next. */
function withoutTime(template: string): string {
  return template.replaceAll(/\d{13}-\d{4}-\d{2}-\d{2}T[\d:.]+Z/gu, 'TIME');
}

const templateSchema = z.looseObject({ Resources: z.record(z.string(), z.unknown()) });

function resources(template: string): [string, string][] {
  const { Resources, ...others } = templateSchema.parse(JSON.parse(withoutTime(template)));
  return [
    ...Object.entries(Resources).map(([id, resource]): [string, string] => [
      `resource ${id}`,
      sha256(canonical(resource)),
    ]),
    ['template beside its resources', sha256(canonical(others))],
  ];
}

function packaged(folder: string): [string, string][] {
  run(folder, 'npm', 'run', '--silent', 'package');
  const made = join(folder, '.serverless');
  const bundles = readdirSync(made).filter((name) => name.endsWith('.zip'));
  const template = readFileSync(join(made, 'cloudformation-template-update-stack.json'), 'utf8');
  return [
    ...bundles.map((name): [string, string] => [`bundle ${name}`, sha256(readFileSync(join(made, name)))]),
    ...resources(template),
  ];
}

function drilled(folder: string): [string, string][] {
  const names = readdirSync(join(folder, 'drills'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const all = run(folder, 'node', 'cli/runbook.js', 'drill', '--json');
  const told = names.map(({ name }): [string, string] => [
    `drill ${name}`,
    sha256(withoutDuration(run(folder, 'node', 'cli/runbook.js', 'drill', name))),
  ]);
  return [['drills --json', sha256(all)], ...told];
}

function fingerprints(folder: string): Fingerprints {
  const schema = readFileSync(join(folder, 'docs', 'world.schema.json'));
  return new Map([...packaged(folder), ...drilled(folder), ['world schema', sha256(schema)]]);
}

/** The fingerprints of `revision`, from a second working tree that uses this one's packages. */
function fingerprintsAt(revision: string): Fingerprints {
  const folder = join(ROOT, '.build', 'unchanged');
  if (existsSync(folder)) run(ROOT, 'git', 'worktree', 'remove', '--force', folder);
  run(ROOT, 'git', 'worktree', 'prune');
  run(ROOT, 'git', 'worktree', 'add', '--detach', folder, revision);
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return fingerprints(folder);
  } finally {
    run(ROOT, 'git', 'worktree', 'remove', '--force', folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(before: Fingerprints, now: Fingerprints): string[] {
  const names = new Set([...before.keys(), ...now.keys()]);
  return [...names].flatMap((name) => (before.get(name) === now.get(name) ? [] : [name]));
}

const [revision] = process.argv.slice(2);
if (revision === undefined) {
  process.stderr.write('usage: npm run unchanged -- REVISION\n');
  process.exitCode = 2;
} else {
  const before = fingerprintsAt(revision);
  const now = fingerprints(ROOT);
  const changed = compare(before, now);
  for (const [name, fingerprint] of now) {
    if (!/^(?:drill|resource) /u.test(name))
      process.stdout.write(`${changed.includes(name) ? 'CHANGED' : 'same   '} ${fingerprint} ${name}\n`);
  }
  process.stdout.write(
    changed.length === 0
      ? `same: all ${now.size} things made from ${revision} and from the working tree\n`
      : `CHANGED since ${revision}: ${changed.join(', ')}\n`,
  );
  process.exitCode = changed.length === 0 ? 0 : 1;
}
