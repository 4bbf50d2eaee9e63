/** What stands around the code: the workflow that checks it, what an issue asks for, and what editors are told. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { sourceFiles } from './tidy-files.ts';

const WORKFLOWS = join(ROOT, '.github', 'workflows');

/** Strict: nothing stands in a workflow that this does not know, and so neither a secret nor another right. */
const workflowSchema = z.strictObject({
  name: z.string(),
  // `pull_request_target` would run a stranger's code with the rights of the repository.
  on: z.strictObject({ push: z.null(), pull_request: z.null() }),
  permissions: z.strictObject({ contents: z.literal('read') }),
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.string() }),
  jobs: z.record(
    z.string(),
    z.strictObject({
      'runs-on': z.string().regex(/-\d/u, { error: 'must be a version of an image, not the latest' }),
      'timeout-minutes': z.int().max(60),
      steps: z.array(
        z.union([
          z.strictObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() }),
          z.strictObject({ run: z.string() }),
        ]),
      ),
    }),
  ),
});

const workflows = readdirSync(WORKFLOWS).map((name) => {
  const text = readFileSync(join(WORKFLOWS, name), 'utf8');
  return { name, text, workflow: workflowSchema.parse(parse(text)) };
});

describe.each(workflows)('the workflow $name', ({ text, workflow }) => {
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  it('pins every action by its hash, and says which version that is', () => {
    const uses = text.split('\n').filter((line) => /^\s*(?:- )?uses:/u.test(line));
    expect(uses.length).toBe(steps.filter((step) => 'uses' in step).length);
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line))).toEqual([]);
  });

  it('leaves no credentials to what it runs, and puts nothing of an event into a shell', () => {
    const checkouts = steps.flatMap((step) =>
      'uses' in step && step.uses.startsWith('actions/checkout@') ? [step] : [],
    );
    expect(checkouts.map((step) => step.with)).toEqual([{ 'fetch-depth': 0, 'persist-credentials': false }]);
    expect(steps.filter((step) => 'run' in step && step.run.includes('${{'))).toEqual([]);
    expect(text).not.toMatch(/\bsecrets\b/u);
  });

  it('runs every check', () => {
    expect(steps.at(-1)).toEqual({ run: '.ci/run' });
  });
});

describe('what editors are told', () => {
  const config = readFileSync(join(ROOT, '.editorconfig'), 'utf8');

  it('is what the formatter makes of code', () => {
    // Strict: what the formatter is told beside these, editors have to be told too.
    const { printWidth, singleQuote } = z
      .strictObject({
        $schema: z.string(),
        printWidth: z.number(),
        singleQuote: z.boolean(),
        ignorePatterns: z.array(z.string()),
      })
      .parse(JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8')));
    expect(config).toContain(`max_line_length = ${printWidth}\n`);
    expect(config).toContain(`quote_type = ${singleQuote ? 'single' : 'double'}\n`);
    // The formatter's own defaults, which its configuration leaves as they are.
    expect(config).toContain('indent_style = space\nindent_size = 2\n');
  });

  it('is so in every file', () => {
    const pasted = /^(?:drills|tests|docs)\/.*\.json$/u;
    const other = sourceFiles().filter(
      ({ path, text }) => /\r|[ \t]\n|^\t/mu.test(text) || (!pasted.test(path) && text !== '' && !text.endsWith('\n')),
    );
    expect(other.map(({ path }) => path)).toEqual([]);
  });
});
