/** The version of a tree: the same wherever it is checked out, another as soon as what is deployed is another. */

import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../build/cloudformation.ts';
import { ownVersion, sourceVersion } from '../../build/source-version.ts';

/** Asked for before every answer of the command; ten times what it takes on a slow machine would still be in time. */
const MOST_MS = 200;

let folder: string;
let version: string;

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

function textOf(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

/** What the version is once `path` is changed so; the file is as before afterwards. */
function changed(path: string, change: (text: string) => string): string {
  const before = textOf(path);
  write(path, change(before));
  try {
    return sourceVersion(folder);
  } finally {
    write(path, before);
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-version-'));
  for (const name of ['functions', 'shared', 'deploy', 'serverless.yml', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  version = sourceVersion(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the version of the sources', () => {
  it('is that of the package, and a digest', () => {
    expect(version).toMatch(/^1\.0\.0\+[0-9a-f]{8}$/u);
    expect(ownVersion()).toBe(version);
  });

  it('is literally this for a tree of six small files', () => {
    const small = mkdtempSync(join(tmpdir(), 'runbook-version-'));
    for (const name of ['functions/a', 'shared', 'deploy']) mkdirSync(join(small, name), { recursive: true });
    writeFileSync(join(small, 'functions/a/handler.ts'), 'one\r\ntwo\r\n');
    writeFileSync(join(small, 'shared/B.ts'), 'three\n');
    writeFileSync(join(small, 'deploy/ledger.yml'), 'four\n');
    writeFileSync(join(small, 'serverless.yml'), 'five\n');
    writeFileSync(join(small, 'package-lock.json'), '{}\n');
    writeFileSync(join(small, 'package.json'), '{ "version": "7.8.9" }\n');
    expect(sourceVersion(small)).toBe('7.8.9+97419ca0');
    rmSync(small, { recursive: true, force: true });
  });

  it('is another when a file is another, has another name, is more or is gone', () => {
    const path = 'functions/carry-volumes/handler.ts';
    const versions = [
      version,
      changed(path, (text) => `${text} `),
      changed('package-lock.json', (text) => text.replace('"lockfileVersion": 3', '"lockfileVersion": 4')),
      changed('serverless.yml', (text) => `${text}# more\n`),
      changed('package.json', (text) => text.replace(/"version": "[^"]*"/u, '"version": "9.9.9"')),
    ];
    write('shared/one-more.ts', '');
    versions.push(sourceVersion(folder));
    rmSync(join(folder, 'shared/one-more.ts'));
    const text = textOf(path);
    rmSync(join(folder, path));
    versions.push(sourceVersion(folder));
    write('functions/carry-volumes/handle.ts', text);
    versions.push(sourceVersion(folder));
    rmSync(join(folder, 'functions/carry-volumes/handle.ts'));
    write(path, text);
    expect(new Set(versions).size).toBe(versions.length);
    expect(sourceVersion(folder)).toBe(version);
  });

  it('is the same however lines end, and whatever pages, tests and hidden files say', () => {
    const asOnWindows = changed('shared/kernel/run/run.ts', (text) => text.replaceAll('\n', '\r\n'));
    expect(asOnWindows).toBe(version);
    expect(changed('functions/carry-volumes/README.md', (text) => `${text}more\n`)).toBe(version);
    write('deploy/.DS_Store', 'x');
    mkdirSync(join(folder, 'tests'));
    write('tests/one.test.ts', 'x');
    expect(sourceVersion(folder)).toBe(version);
  });

  it(`is there within ${MOST_MS} ms, of some hundred files`, () => {
    const times = Array.from({ length: 5 }, () => {
      const from = performance.now();
      ownVersion();
      return performance.now() - from;
    });
    expect(Math.min(...times)).toBeLessThan(MOST_MS);
    expect(readdirSync(join(ROOT, 'functions'), { recursive: true }).length).toBeGreaterThan(100);
  });
});
