/** The repository as text, for the rules of `tidy.test.ts`. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';

/** Folders that are made, not written; the same as in `.gitignore`, and git's own. */
const MADE = new Set([
  '.git',
  'node_modules',
  '.serverless',
  '.esbuild',
  '.build',
  '.stryker-tmp',
  'reports',
  'coverage',
]);

/** A file of the repository. `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name) || entry.name.endsWith('.log')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** Every file that is written by hand or committed, with its text. */
export function sourceFiles(): SourceFile[] {
  return walk(ROOT)
    .map((path) => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .toSorted((a, b) => a.path.localeCompare(b.path));
}

/** Names of the folders right below `folder`. */
export function folders(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).filter((name) => statSync(join(ROOT, folder, name)).isDirectory());
}

/** Number of lines of a text that ends with a line break. */
export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
