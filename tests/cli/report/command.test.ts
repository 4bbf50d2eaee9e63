import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { fakePlace, fakeStack, record } from '../operate/fake-place.ts';
import { run, type Ran } from '../terminal.ts';
import { parsed, textOf } from './reports.ts';

const folder = mkdtempSync(join(tmpdir(), 'runbook-report-'));
let files = 0;

/** A path at which nothing is yet. */
function fresh(): string {
  files += 1;
  return join(folder, `page-${files}.html`);
}

function show(...argv: readonly string[]): Promise<Ran> {
  const stack = fakeStack({ records: [record()] });
  return run(['show', ...argv], { openPlace: () => Promise.resolve(fakePlace([stack])), drills: 'drills' });
}

describe('runbook show --html', () => {
  it('writes a page that others may read, and says where it is', async () => {
    const path = fresh();
    const { code, out, err } = await show('0b8f6d', '--html', path);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toMatch(new RegExp(String.raw`\nrunbook: the report is in ${path} \(\d+ kB\)\n$`, 'u'));
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
    const { elements, errors } = parsed(readFileSync(path, 'utf8'));
    expect(errors).toEqual([]);
    expect(elements.filter(({ tagName }) => tagName === 'h1').map(textOf)).toEqual([
      'reassign-elastic-ip: eipalloc-04c8e2a6f1b3d9570',
    ]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('has a receipt of rehearsal by the drills that end so', async () => {
    const { out } = await show('0b8f6d', '--html', '-');
    const text = parsed(out)
      .elements.filter(({ tagName }) => tagName === 'body')
      .map(textOf)
      .join('');
    expect(text).toContain('Drills that end as this did');
    expect(text).toMatch(/ot explored|schedules? \((?:exhaustive|no-leases)\)/u);
  });

  it('writes to standard output, and nothing else there', async () => {
    const { code, out, err } = await show('0b8f6d', '--html', '-');
    expect(code).toBe(0);
    expect(out.startsWith('<!doctype html>\n')).toBe(true);
    expect(out.endsWith('</html>\n')).toBe(true);
    expect(err).not.toContain('report is in');
  });

  it('writes over nothing, unless it is told to', async () => {
    const path = fresh();
    writeFileSync(path, 'mine');
    const refused = await show('0b8f6d', '--html', path);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain(`runbook: ${path}: exists already; --force writes over it\n`);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect((await show('0b8f6d', '--html', path, '--force')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/u);
  });

  it('leaves a link a link', async () => {
    const [path, link] = [fresh(), fresh()];
    writeFileSync(path, 'mine');
    symlinkSync(path, link);
    expect((await show('0b8f6d', '--html', link)).code).toBe(2);
    expect((await show('0b8f6d', '--html', link, '--force')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/u);
  });

  it.each([
    [['--html', join(folder, 'nowhere', 'page.html')], `there is no folder ${join(folder, 'nowhere')}`],
    [['--html', folder], `${folder}: is a folder; name a file in it`],
    [['--html', '-', '--json'], '--json and --html - both write to standard output'],
    [['--force'], '--force goes with --html'],
  ])('refuses %j in one line', async (argv, line) => {
    const { code, out, err } = await show('0b8f6d', ...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
  });

  it('puts no file in the place of what is none, whatever is forced', async () => {
    const socket = fresh();
    const server = createServer().listen(socket);
    await once(server, 'listening');
    try {
      for (const force of [[], ['--force']]) {
        const { code, err } = await show('0b8f6d', '--html', socket, ...force);
        expect(code).toBe(2);
        expect(err).toContain(`runbook: ${socket}: is no file, and is not written over; - is standard output\n`);
      }
      expect(statSync(socket).isSocket()).toBe(true);
    } finally {
      server.close();
    }
  });

  it.each([235, 250])('says why a name cannot be written, and no more than that: %s letters more', async (more) => {
    const path = `${fresh()}${'x'.repeat(more)}`;
    const { code, err } = await show('0b8f6d', '--html', path);
    expect(code).toBe(2);
    expect(err).toContain(`${path}: cannot be written (ENAMETOOLONG); nothing is there that was not before\n`);
  });

  it('writes nothing of a run that is not found', async () => {
    const path = fresh();
    expect((await show('ffffffff', '--html', path)).code).toBe(2);
    expect(existsSync(path)).toBe(false);
  });

  it('goes with --json, which prints all the same', async () => {
    const path = fresh();
    const { out } = await show('0b8f6d', '--html', path, '--json');
    expect(JSON.parse(out)).toMatchObject({ runbook: 'reassign-elastic-ip' });
    expect(existsSync(path)).toBe(true);
  });
});

describe('runbook drill --report', () => {
  const functions = discoverFunctions('functions');
  const drill = async (...argv: readonly string[]): Promise<Ran> =>
    run(['drill', ...argv], { drills: 'drills', functions: await functions });

  it('writes the page to standard output, and nothing else there', async () => {
    const { code, out } = await drill('stale-alarm', '--report', '-');
    expect(code).toBe(0);
    expect(out).toMatch(/^<!doctype html>\n[^]*<\/html>\n$/u);
  });

  it('writes a page beside what it prints', async () => {
    const path = fresh();
    const { code, out, err } = await drill('stale-alarm', 'nothing-to-do', '--report', path);
    expect({ code, isTold: out.includes('2 drills passed') }).toEqual({ code: 0, isTold: true });
    expect(err).toContain(`runbook: the report is in ${path} (`);
    expect(readFileSync(path, 'utf8')).toContain('<nav class="index"');
  });

  it.each([
    [['--report', '-', '--json', 'stale-alarm'], '--json and --report - both write to standard output'],
    [['--force', 'stale-alarm'], '--force goes with --report'],
    [['--faults', 'worlds', '--report', 'x.html'], '--report is of drills, and --faults worlds tries none'],
    [['stale-alarm', '--report', folder], `${folder}: is a folder; name a file in it`],
  ])('refuses %j in one line', async (argv, line) => {
    const { code, out, err } = await drill(...argv);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `runbook: ${line}\n` });
  });
});
