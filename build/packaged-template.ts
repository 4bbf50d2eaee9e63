/** What `serverless package` makes of the working tree, packaged in a copy so that nothing in the tree is touched. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './cloudformation.ts';

/** What a package is made of, from the root. */
export const PACKAGED = [
  'serverless.yml',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'functions',
  'shared',
  'deploy',
  'build',
];
/** Made from these very files before: several test files look at the same template, and packaging takes seconds. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'runbook-template');
const TEMPLATE = 'cloudformation-template-update-stack.json';

/** Packaging takes five seconds; this is for a machine that does three things at once. */
export const PACKAGING_TIMEOUT_MS = 120_000;

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesBelow(join(path, name)));
}

function fingerprint(parameters: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parameters));
  for (const path of PACKAGED.flatMap((name) => filesBelow(join(ROOT, name))))
    hash.update(path).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Empties the handlers. To bundle them takes most of the time, and of the code a template has a hash at most: with other
 * parameters it is the same. So the code is bundled where the stack is packaged by default, and there only.
 */
function emptyHandlers(functions: string): void {
  for (const name of readdirSync(functions))
    writeFileSync(join(functions, name, 'handler.ts'), 'export const handler = (): void => undefined;\n');
}

async function makeTemplate(parameters: readonly string[], kept: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-template-'));
  try {
    for (const name of PACKAGED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    if (parameters.length > 0) emptyHandlers(join(folder, 'functions'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const framework = join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js');
    // Not the Region of whoever runs this: the state that is packaged along has it.
    const args = ['package', '--region', 'eu-west-1', ...parameters.flatMap((parameter) => ['--param', parameter])];
    await promisify(execFile)(process.execPath, [framework, ...args], { cwd: folder, timeout: PACKAGING_TIMEOUT_MS });
    mkdirSync(CACHE, { recursive: true });
    for (const old of readdirSync(CACHE))
      if (Date.now() - statSync(join(CACHE, old)).mtimeMs > 86_400_000) rmSync(join(CACHE, old), { force: true });
    // In two steps: a reader never meets half a file.
    const fresh = join(CACHE, basename(folder));
    cpSync(join(folder, '.serverless', TEMPLATE), fresh);
    renameSync(fresh, kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Packages the stack as `npm run package` does; with parameters, without the code.
 * @param parameters of the stack, e.g. `vpcId=vpc-0d4b2c7a91e6f3058`
 * @returns path of the template, in JSON
 * @throws Error with what the framework said
 */
export async function packageTemplate(parameters: readonly string[] = []): Promise<string> {
  const kept = join(CACHE, `${fingerprint(parameters)}.json`);
  if (!existsSync(kept)) await makeTemplate(parameters, kept);
  return kept;
}
