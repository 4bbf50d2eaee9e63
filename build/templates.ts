/**
 * Gives the packaged stack and every example to cfn-lint, which knows CloudFormation's own resource schemas: `npm run templates`.
 * cfn-lint is Python; without Python, or without a package index, that is said and nothing fails.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cloudformation.ts';
import { packageTemplate } from './packaged-template.ts';
import { installTool, programOf, ToolUnavailable, type PythonTool } from './python.ts';

const LINTER: PythonTool = { program: 'cfn-lint', folder: 'cfn-lint', requirements: 'build/cfn-lint-requirements.txt' };
/**
 * W3005: a DependsOn that a GetAtt implies. The framework writes one from each function to its role. W1020: a Sub without a variable, by which
 * IAM's own `${aws:userid}` gets past the framework, which would look for a variable of its own.
 */
const IGNORED = ['W3005', 'W1020'];

/** Resources that are there, or not there, only because somebody gave a parameter are looked at too. */
const EVERY_PARAMETER = [
  'alertEmail=kim@example.com',
  'reservedConcurrency=none',
  'vpcId=vpc-1a2b3c4d,vpc-0d4b2c7a91e6f3058',
  'listsBucket=lists-example',
  'flushBucket=site-example',
  'dryRun=true',
  'mode=apply',
  'approval=always',
  'dashboard=yes',
];

/** @returns the exit code: 0 also when there is nothing to check with, which is said */
async function checkTemplates(): Promise<number> {
  let pins: string;
  try {
    pins = await installTool(LINTER);
  } catch (error) {
    if (!(error instanceof ToolUnavailable)) throw error;
    process.stdout.write(`skipped: cfn-lint: ${error.message}\n`);
    return 0;
  }
  const packaged = [await packageTemplate(), await packageTemplate(EVERY_PARAMETER)];
  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(ROOT, 'examples', name, 'template.yml'));
  const { status } = spawnSync(
    programOf(LINTER, LINTER.program),
    ['--ignore-checks', ...IGNORED, '--', ...packaged, ...examples],
    { stdio: 'inherit' },
  );
  const version = /^cfn-lint==(.+)$/mu.exec(pins)?.[1] ?? '';
  process.stdout.write(
    `${status === 0 ? 'ok' : 'FAILED'}: cfn-lint ${version} on the packaged stack, by default and with every parameter, and ${examples.length} examples\n`,
  );
  return status ?? 1;
}

process.exitCode = await checkTemplates();
