/** Lines of the pages that act are taken through a shell and given to the command: each is one that its runbook can read. */

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../cli/operate/place.ts';
import { discoverFunctions } from '../../../../rehearsal/functions.ts';
import { run } from '../../terminal.ts';
import { fakePlace, fakeStack } from '../fake-place.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const functions = await discoverFunctions(join(ROOT, 'functions'));
const names = functions.map(({ summary }) => summary.name);

const LINE = /^(?:\$ )?npx runbook ((?:run|switch|mode) [^#\n]*)/gmu;

const lines = globSync(['README.md', 'docs/operate.md', 'functions/*/README.md'], { cwd: ROOT })
  .flatMap((page) => [...readFileSync(join(ROOT, page), 'utf8').matchAll(LINE)])
  .map(([, line = '']) => line.trim());

function words(line: string): readonly string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

/** A stack of all runbooks, in which every run has ended at once. */
function everything(): Place {
  const runbooks = names.map((name) => ({ name, host: 'plain' as const, functionName: `runbook-prod-${name}` }));
  const stack = fakeStack(
    {},
    {
      runbooks,
      start: (_request, token) => Promise.resolve({ run: token, isRepeated: false }),
      standing: () => Promise.resolve({ kind: 'ended' }),
    },
  );
  return fakePlace([stack]);
}

describe('lines of the pages that act', () => {
  it.each(lines.filter((line) => !line.includes('--world')))('%s', async (line) => {
    const { code, err } = await run(words(line), { functions, openPlace: () => Promise.resolve(everything()) });
    expect({ code, err: err.includes('runbook: ') && err }).toEqual({ code: 0, err: false });
  });

  it('are a smoke test of each runbook, and a line on the page of each', () => {
    const of = (what: (line: string) => boolean): readonly string[] =>
      [...new Set(lines.filter(what).map((line) => words(line)[1] ?? ''))].toSorted();
    expect(of((line) => line.includes('--dry-run'))).toEqual(names.toSorted());
    expect(of((line) => line.startsWith('run ') && !line.includes('--dry-run'))).toEqual(names.toSorted());
  });
});
