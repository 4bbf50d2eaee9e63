/** Copies of the tree, as it is and as it was before its deployment changed last. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';
import { PACKAGED } from '../../build/packaged-template.ts';

/** What a deployment is made of, beside the code. */
const DEPLOYMENT = ['serverless.yml', 'deploy', ':(glob)functions/*/function.yml'];

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** A copy to work in. */
export interface Tree {
  readonly folder: string;
  readonly discard: () => void;
}

function fresh(): Tree {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-deployed-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return { folder, discard: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The working tree. */
export function treeAsItIs(): Tree {
  const tree = fresh();
  for (const name of PACKAGED) cpSync(join(ROOT, name), join(tree.folder, name), { recursive: true });
  return tree;
}

/**
 * The tree at a revision; without one, before the commit that changed the deployment last. `undefined`: the history does not
 * reach so far.
 */
export function treeBefore(wanted?: string): { readonly tree: Tree; readonly revision: string } | undefined {
  let revision: string;
  try {
    revision = git('rev-parse', '--verify', wanted ?? `${git('log', '-1', '--format=%H', '--', ...DEPLOYMENT)}^`);
  } catch {
    return undefined;
  }
  const tree = fresh();
  const archive = execFileSync('git', ['archive', revision, '--', ...PACKAGED], { cwd: ROOT, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', tree.folder], { input: archive });
  return { tree, revision };
}
