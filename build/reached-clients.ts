/** Whether what is bundled uses a client: some parts of the SDK are needed by one client only, and all clients import them. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';

/** Our modules name each other by relative paths with their ending; types alone bring no code. */
const IMPORT = /^(?:import|export) (?!type\b)(?:[^;'"]*? from )?'([^'\n]+)';/gmu;

interface Source {
  readonly folder: string;
  readonly text: string;
}

async function sourceAt(path: string): Promise<Source> {
  return { folder: dirname(path), text: await readFile(path, 'utf8') };
}

/** `serverless` names an entry without its ending where `function.yml` does. */
function pathOf(entry: string, folder: string): string {
  const path = resolve(folder, entry);
  return /\.[cm]?[jt]s$/u.test(path) ? path : `${path}.ts`;
}

function entriesOf({ entryPoints = [], absWorkingDir = process.cwd() }: BuildOptions): readonly string[] {
  const given = Array.isArray(entryPoints) ? entryPoints : Object.values(entryPoints);
  return given.map((entry) => pathOf(typeof entry === 'string' ? entry : entry.in, absWorkingDir));
}

function stdinOf({ stdin, absWorkingDir = process.cwd() }: BuildOptions): readonly Source[] {
  if (stdin === undefined) return [];
  const { contents, resolveDir = absWorkingDir } = stdin;
  return [{ folder: resolveDir, text: typeof contents === 'string' ? contents : Buffer.from(contents).toString() }];
}

/** Whether an entry of a build, or a module of ours that it imports by whatever way, imports `client`. */
export async function isReached(client: string, options: BuildOptions): Promise<boolean> {
  const seen = new Set(entriesOf(options));
  const waiting = [...stdinOf(options), ...(await Promise.all([...seen].map(sourceAt)))];
  for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
    const { folder, text } = source;
    const imported = [...text.matchAll(IMPORT)].map(([, from = '']) => from);
    if (imported.includes(client)) return true;
    const fresh = imported
      .filter((from) => from.startsWith('.') && from.endsWith('.ts'))
      .map((from) => resolve(folder, from))
      .filter((path) => !seen.has(path));
    for (const path of fresh) seen.add(path);
    waiting.push(...(await Promise.all(fresh.map(sourceAt))));
  }
  return false;
}
