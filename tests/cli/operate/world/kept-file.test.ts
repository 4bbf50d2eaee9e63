import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { keptFile } from '../../../../cli/operate/world/kept-file.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-kept-'));
  path = join(folder, 'world.json');
  writeFileSync(path, 'old');
});

describe('a file that is kept', () => {
  it('is replaced as a whole, and nothing is left beside it', () => {
    chmodSync(path, 0o640);
    keptFile(path).replace('new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['world.json']);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('is found behind a link, which stays one', () => {
    const link = join(folder, 'link.json');
    symlinkSync(path, link);
    keptFile(link).replace('new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readFileSync(link, 'utf8')).toBe('new');
  });

  it('is not written over what another has written meanwhile', () => {
    const kept = keptFile(path);
    writeFileSync(path, 'theirs');
    expect(() => kept.replace('new')).toThrow(`${path}: was changed by another: try again`);
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['world.json']);
  });

  it('is said to be read-only before anything is done', () => {
    chmodSync(path, 0o444);
    expect(() => keptFile(path).demandWritable()).toThrow(new RegExp(`^${path}: .*nothing was done`, 'u'));
    chmodSync(path, 0o644);
    expect(() => keptFile(path).demandWritable()).not.toThrow();
  });
});
