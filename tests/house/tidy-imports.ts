/** What a module imports, and what it reaches. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';

/** One import or re-export. */
export interface Import {
  /** As written, or relative to the root for one that begins with a dot. */
  readonly from: string;
  readonly relative: boolean;
  /** Values taken by name, without the types. */
  readonly values: readonly string[];
  /** Nothing of it is left when the code runs. */
  readonly typeOnly: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:([\s\S]*?)\s+from\s+)?['"]([^'"]+)['"]/gmu;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/gu;

function named(clause: string): string[] {
  const list = /\{([\s\S]*)\}/u.exec(clause)?.[1] ?? '';
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function locate(path: string, specifier: string): { from: string; relative: boolean } {
  if (!specifier.startsWith('.')) return { from: specifier, relative: false };
  return { from: posix.join(dirname(path), specifier), relative: true };
}

/** The imports of the module at `path` (relative to the root) with this text. */
export function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  for (const [, type, clause, specifier] of text.matchAll(STATEMENT)) {
    // `export const x = …` has no clause that ends in `from`; the pattern then ran into an unrelated string.
    if (specifier === undefined || (clause !== undefined && /[;=]/u.test(clause))) continue;
    const names = named(clause ?? '');
    const values = names.filter((name) => !name.startsWith('type ')).map((name) => name.split(/\s+as\s+/u)[0] ?? name);
    const typeOnly = type !== undefined || (names.length > 0 && values.length === 0 && (clause ?? '').startsWith('{'));
    found.push({ ...locate(path, specifier), values: type === undefined ? values : [], typeOnly });
  }
  for (const [, specifier] of text.matchAll(DYNAMIC)) {
    if (specifier !== undefined) found.push({ ...locate(path, specifier), values: [], typeOnly: false });
  }
  return found;
}

/** Modules of the repository that run when `path` is loaded, itself included, by path. */
export function reach(path: string, known = new Map<string, Import[]>()): Map<string, Import[]> {
  if (known.has(path) || !existsSync(join(ROOT, path))) return known;
  const imports = importsOf(path, readFileSync(join(ROOT, path), 'utf8'));
  known.set(path, imports);
  for (const { from, relative, typeOnly } of imports) if (relative && !typeOnly) reach(from, known);
  return known;
}
