/** Every command on every page runs as printed: each is taken through a real shell and given to the command, on worlds. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { credentials, startEndpoint, type Endpoint } from './endpoint.ts';
import { stopMarked } from './stop-marked.ts';
import { file, REQUEST, run, type Ran } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DRILLS = join(ROOT, 'drills');
const functions = await discoverFunctions(join(ROOT, 'functions'));

const pages = globSync('**/*.md', { cwd: ROOT, exclude: (path) => /node_modules|^\./u.test(path) }).toSorted();

/** What a page shows as code: a block of lines, or a span in a sentence. */
function codeOf(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const fence = /^```[^\n]*\n(.*?)^```/gmsu;
  const blocks = [...text.matchAll(fence)].map(([, block = '']) => block);
  const rest = text.replaceAll(fence, '');
  const indented = [...rest.matchAll(/(?:^ {4}\S.*\n)+/gmu)].map(([block]) => block.replaceAll(/^ {4}/gmu, ''));
  const spans = [...rest.matchAll(/`([^`\n]+)`/gu)].map(([, span = '']) => span);
  return [...blocks, ...indented, ...spans];
}

const COMMAND = /(?:^|[;&|] *|\n *)(?:\$ )?(?:(npx) )?runbook (?:list|drill|handle)\b/u;

interface Shown {
  readonly page: string;
  readonly code: string;
}

const shown: readonly Shown[] = pages.flatMap((page) =>
  codeOf(page)
    .filter((code) => COMMAND.test(code))
    .map((code) => ({ page, code })),
);

/** Words of a command, and where it was called. */
interface Called {
  readonly words: readonly string[];
  readonly cwd: string;
}

/** Runs shown code in a real shell whose programs only note what they are called with. */
function calledBy(code: string): readonly Called[] {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-pages-'));
  const notes = join(folder, 'notes');
  const note = `#!/bin/sh\nprintf '%s\\0' "$(basename "$0")" "$PWD" "$@" >> '${notes}'; printf '\\0' >> '${notes}'\n`;
  for (const program of ['npx', 'npm', 'aws']) writeFileSync(join(folder, program), note, { mode: 0o755 });
  execFileSync('sh', ['-euc', code], { cwd: ROOT, env: { PATH: `${folder}:/usr/bin:/bin` }, stdio: 'pipe' });
  const calls = readFileSync(notes, 'utf8').split('\0\0');
  return calls.flatMap((call) => {
    const [program, cwd = '', ...words] = call.split('\0');
    return program === 'npx' && words[0] === 'runbook' ? [{ words: words.slice(1), cwd }] : [];
  });
}

/** Words that are no option and no option's value. */
function operands(words: readonly string[]): readonly string[] {
  return words
    .slice(1)
    .filter((word, index, all) => !word.startsWith('-') && all[index - 1]?.startsWith('--') !== true);
}

let endpoint: Endpoint | undefined;
beforeAll(async () => {
  endpoint = await startEndpoint();
  for (const [name, value] of Object.entries(credentials(endpoint.url))) vi.stubEnv(name, value);
});
afterAll(() => {
  endpoint?.close();
  vi.unstubAllEnvs();
});

describe('the pages', () => {
  it('show commands', () => {
    expect(new Set(shown.map(({ page }) => page))).toContain('README.md');
    expect(shown.length).toBeGreaterThan(8);
  });

  it('show blocks that a shell can read', () => {
    const blocks = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```(\w*)\n(.*?)^```/gmsu)].map(
        ([, language, block = '']) => ({
          page,
          language,
          block,
        }),
      ),
    );
    const forShells = blocks.filter(({ block }) => /^(?:aws|npx|npm) /mu.test(block));
    expect(forShells.length).toBeGreaterThan(5);
    const broken = forShells.filter(({ block }) => spawnSync('sh', ['-n'], { input: block }).status !== 0);
    expect(broken).toEqual([]);
  });

  it('show the command as npx finds it', () => {
    expect(shown.filter(({ code }) => COMMAND.exec(code)?.[1] !== 'npx')).toEqual([]);
  });
});

/** Requests that pages have sent by `aws lambda invoke`, with the name of the function. */
const invoked = pages.flatMap((page) =>
  [
    ...readFileSync(join(ROOT, page), 'utf8').matchAll(
      /^aws lambda invoke --function-name runbook-dev-([a-z-]+)(\S*) (.*?)--payload[ \\\n]*'(\{[^'\n]*\})'/gmsu,
    ),
  ].map(([, runbook = '', qualifier = '', options = '', payload = '']) => ({
    page,
    runbook,
    qualifier,
    options,
    payload,
  })),
);

describe('what is sent by hand', () => {
  it('stands on the page of every runbook', () => {
    const names = functions.map(({ summary }) => summary.name);
    expect(
      invoked.filter(({ page, runbook }) => page === `functions/${runbook}/README.md`).map(({ runbook }) => runbook),
    ).toEqual(names);
  });

  it.each(invoked)('is read, and goes to what is deployed: $page', async ({ runbook, qualifier, options, payload }) => {
    const world = join(DRILLS, 'carry-retires', 'world.json');
    const { code, err } = await run(['handle', file('sent.json', payload), '--world', world, '--dry-run'], {
      functions,
    });
    expect({ isWell: code === 0 || code === 4, err }).toEqual({ isWell: true, err: '' });
    expect(payload).toContain(`"runbook":"${runbook}"`);
    // A durable function is named with its alias, and its answer is not waited for.
    const isDurable = functions.find(({ summary }) => summary.name === runbook)?.summary.host === 'durable';
    expect(qualifier).toBe(isDurable ? ':durable' : '');
    expect(options.includes('--invocation-type Event')).toBe(isDurable);
    expect(options.includes('--durable-execution-name ')).toBe(isDurable);
  });
});

/** Where a world goes that a page has written, so that none lies about here. */
const made = new Map([['incident.json', join(mkdtempSync(join(tmpdir(), 'runbook-written-')), 'incident.json')]]);

/** How one command of a page ends; an exploration is asked for, and not waited for. */
async function ending({ words, cwd }: Called): Promise<string> {
  const reports = mkdtempSync(join(tmpdir(), 'runbook-reports-'));
  const argv = words.map((word) => {
    if (word.endsWith('.html')) return join(reports, word);
    return word.endsWith('.json') ? (made.get(word) ?? resolve(cwd, word)) : word;
  });
  const names = operands(argv);
  if (argv[0] === 'drill' && argv.includes('worlds')) {
    const unknown = names.find((name) => !functions.some(({ summary }) => summary.name === name));
    const { err } = await run([...argv, '--replay', 'nowhere'], { drills: DRILLS, functions });
    return unknown === undefined && err.includes('"nowhere" names no world') ? 'well' : `${unknown ?? ''}: ${err}`;
  }
  if (argv[0] === 'drill') {
    const missing = names.find((name) => !existsSync(join(DRILLS, name, 'event.json')));
    if (missing !== undefined) return `there is no drill ${missing}`;
    const isLong = names.length === 0 || argv.includes('--faults');
    if (!isLong) {
      const { err: said, ...ended } = await run(argv, { drills: DRILLS, functions });
      // Where a report is stands there for a person.
      return told({ ...ended, err: said.replace(/^runbook: the report is in .*\n/u, '') });
    }
    const { err } = await run(argv, { drills: '/nowhere', functions });
    return /^runbook: there (?:are no drills|is no drill [\w-]+; there are: none)\n$/u.test(err) ? 'well' : err;
  }
  // It writes a file of what is here in its own tests; that its options are such is asked of what sends nothing.
  if (argv[0] === 'snapshot') return told(await run([...argv, '--list-calls'], { functions }));
  if (argv[0] === 'doctor') {
    if (!argv.includes('--world')) return told(await run([...argv, '--list-calls'], { functions }));
    const { code, err, ...ended } = await run(argv, { functions });
    // What it finds is no fault of the page.
    return told({ ...ended, code: code === 1 ? 0 : code, err: err.replace(/^WORLD .*\n/u, '') });
  }
  if (argv[0] === '--world') {
    const { err, ...ended } = await run(argv, { functions });
    // Where it works is said first.
    return told({ ...ended, err: err.replace(/^WORLD .*\n/u, '') });
  }
  if (!argv.includes('--aws')) return told(await run(argv, { functions }));
  // In the account, without its ledger, with a request that the tests' own runbook takes; and, as it is printed, on a world.
  const asked = argv.filter((word, index) => word !== '--ledger' && argv[index - 1] !== '--ledger');
  const request = asked.map((word) => (word.endsWith('.json') ? file('request.json', REQUEST) : word));
  const there = told(await run(request, { functions: [stopMarked()], env: process.env }));
  const world = join(DRILLS, 'carry-retires', 'world.json');
  const { code, err } = await run(
    asked.flatMap((word) => (word === '--aws' ? ['--world', world] : [word])),
    { functions },
  );
  return there === 'well' && (code === 0 || code === 4) && err === '' ? 'well' : `${there}; ${code}: ${err}`;
}

function told({ code, err }: Ran): string {
  return code === 0 && err === '' ? 'well' : `${code}: ${err}`;
}

describe.each(shown)('$page: $code', ({ code }) => {
  it('runs as printed', async () => {
    const called = calledBy(code);
    expect(called.length).toBeGreaterThan(0);
    for (const call of called) expect(await ending(call)).toBe('well');
  });
});
