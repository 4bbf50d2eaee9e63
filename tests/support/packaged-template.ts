/** What `serverless package` makes of the working tree, packaged in a copy so that nothing in the tree is touched. */

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../build/cloudformation.ts';
import { templateSchema, type Template } from './iam-template.ts';

const NEEDED = ['serverless.yml', 'package.json', 'tsconfig.json', 'functions', 'shared', 'deploy', 'build'];

/** Packaging takes a few seconds; this is for a machine that does three things at once. */
export const PACKAGING_TIMEOUT_MS = 120_000;

/**
 * Packages the stack as `npm run package` does and returns the template that would be deployed.
 * @param parameters of the stack, e.g. `vpcId=vpc-0a1`
 */
export async function packagedTemplate(parameters: readonly string[] = []): Promise<Template> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-template-'));
  try {
    for (const name of NEEDED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const command = join(ROOT, 'node_modules', '.bin', 'serverless');
    await promisify(execFile)(command, ['package', ...parameters.flatMap((parameter) => ['--param', parameter])], { cwd: folder, timeout: PACKAGING_TIMEOUT_MS });
    return templateSchema.parse(JSON.parse(readFileSync(join(folder, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
