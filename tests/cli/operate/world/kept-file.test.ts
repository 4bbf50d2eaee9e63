import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { LOCK_LASTS_MS, lockFile } from '../../../../cli/operate/world/file-lock.ts';
import { heldFile, keptFile } from '../../../../cli/operate/world/kept-file.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-kept-'));
  path = join(folder, 'world.json');
  writeFileSync(path, 'old');
});

const MODULE = join(import.meta.dirname, '..', '..', '..', '..', 'cli', 'operate', 'world', 'kept-file.ts');

/** A process that holds the file, and then does what is said. */
function holder(body: string): ReturnType<typeof spawn> {
  const script = `
    const { heldFile } = await import(${JSON.stringify(MODULE)});
    const { readFileSync } = await import('node:fs');
    const path = ${JSON.stringify(path)};
    const kept = await heldFile(path);
    ${body}
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** A process that adds a letter to what it has read. */
function adding(letter: string): Promise<unknown> {
  return once(holder(`await kept.replace(readFileSync(path, 'utf8') + '${letter}'); kept.release();`), 'exit');
}

/** The lock of a process that is gone. */
function leaveLock(changes: object = {}): void {
  const left = { id: 'left', pid: 2 ** 22 + 1, host: hostname(), at: '2026-11-22T08:00:00.000Z', ...changes };
  writeFileSync(`${path}.lock`, JSON.stringify(left));
}

describe('a file that is kept', () => {
  it('is replaced as a whole, and nothing is left beside it', async () => {
    chmodSync(path, 0o640);
    const kept = keptFile(path);
    await kept.replace('new');
    kept.release();
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['world.json']);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('is found behind a link, which stays one', async () => {
    const link = join(folder, 'link.json');
    symlinkSync(path, link);
    await keptFile(link).replace('new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readFileSync(link, 'utf8')).toBe('new');
  });

  it('is not written over what another has written meanwhile', async () => {
    const words = `${path}: was changed by another: nothing was kept; try again`;
    const kept = keptFile(path);
    writeFileSync(path, 'theirs');
    await expect(kept.replace('new')).rejects.toThrow(words);
    const held = await heldFile(path);
    writeFileSync(path, 'by an editor');
    await expect(held.replace('new')).rejects.toThrow(words);
    held.release();
    expect(readFileSync(path, 'utf8')).toBe('by an editor');
    expect(readdirSync(folder)).toEqual(['world.json']);
  });

  it('is said to be read-only before anything is done', async () => {
    chmodSync(path, 0o444);
    expect(() => keptFile(path).demandWritable()).toThrow(new RegExp(`^${path}: .*nothing was done`, 'u'));
    await expect(heldFile(path)).rejects.toThrow(/nothing was done/u);
    chmodSync(path, 0o644);
    expect(() => keptFile(path).demandWritable()).not.toThrow();
    expect(readdirSync(folder)).toEqual(['world.json']);
  });
});

describe('the lock of a file', { timeout: 60_000 }, () => {
  it('has many writers go one after the other, and keeps what each has written, also where one was left behind', async () => {
    leaveLock();
    const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(letters.map(adding));
    const text = readFileSync(path, 'utf8');
    expect(text.slice(0, 3)).toBe('old');
    expect(text.slice(3).split('').toSorted()).toEqual(letters);
    expect(readdirSync(folder)).toEqual(['world.json']);
  });

  it('says who has it where waiting was for nothing', async () => {
    const held = await heldFile(path);
    const refused = heldFile(path);
    await expect(refused).rejects.toThrow(`${path}: is being changed by another (process ${process.pid} on `);
    await expect(refused).rejects.toThrow(/: nothing was done; try again$/u);
    held.release();
    (await heldFile(path)).release();
  });

  it('keeps nobody out who comes after one that was killed, and the file is whole', async () => {
    const child = holder(`console.log('held'); setInterval(() => {}, 1000);`);
    if (child.stdout !== null) await once(child.stdout, 'data');
    expect(existsSync(`${path}.lock`)).toBe(true);
    expect(await lockFile(path, 0)).toMatchObject({ kind: 'busy', by: { pid: child.pid } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const held = await heldFile(path);
    expect(readFileSync(path, 'utf8')).toBe('old');
    held.release();
    expect(readdirSync(folder)).toEqual(['world.json']);
  });

  it("is nobody's after an hour, and without a name after seconds", async () => {
    leaveLock({ host: 'elsewhere' });
    expect(await lockFile(path, 0)).toMatchObject({ kind: 'busy', by: { host: 'elsewhere' } });
    const old = (Date.now() - LOCK_LASTS_MS) / 1_000 - 1;
    utimesSync(`${path}.lock`, old, old);
    const again = await lockFile(path, 0);
    if (again.kind === 'held') again.lock.release();
    expect(again.kind).toBe('held');
    writeFileSync(`${path}.lock`, '');
    expect(await lockFile(path, 0)).toEqual({ kind: 'busy' });
    const seconds = Date.now() / 1_000 - 3;
    utimesSync(`${path}.lock`, seconds, seconds);
    expect((await lockFile(path, 0)).kind).toBe('held');
  });

  it('outlives a crash of whoever was about to take one that was left behind', async () => {
    leaveLock();
    writeFileSync(`${path}.lock.left`, readFileSync(`${path}.lock`, 'utf8').replace('left', 'left-2'));
    expect((await lockFile(path, 0)).kind).toBe('held');
    expect(readdirSync(folder).toSorted()).toEqual(['world.json', 'world.json.lock']);
  });

  it('that another has taken over lets nothing be written', async () => {
    const held = await heldFile(path);
    leaveLock();
    await expect(held.replace('new')).rejects.toThrow('was changed by another: nothing was kept; try again');
    held.release();
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});
