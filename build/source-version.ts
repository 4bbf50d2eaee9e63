/**
 * The version of a tree: that of its package, and a digest of what is deployed from it. Who deploys has it written on the stack's
 * door plate, and the command compares: the same sources have the same version, whatever platform checked them out.
 *
 * Loads nothing but Node: the command asks for it before anything else.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is deployed, from the root. */
const DEPLOYED_FOLDERS = ['deploy', 'functions', 'shared'];
const DEPLOYED_FILES = ['package-lock.json', 'serverless.yml'];

/** 32 bits: two trees of one version are the same by chance once in four thousand million times. */
const DIGITS = 8;

const OWN_ROOT = join(import.meta.dirname, '..');

/** Paths of the files below a folder, with `/` between their parts. What an editor or a file manager leaves there is no source. */
function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name.startsWith('.') || entry.name.endsWith('.md')) return [];
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

function packageVersion(root: string): string {
  const content: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'version') : undefined;
  if (typeof version === 'string') return version;
  throw new Error('package.json: expected a version');
}

/**
 * The version of the tree at `root`: `0.1.0+1a2b3c4d`.
 * @throws the error of the file system where something of it is missing
 */
export function sourceVersion(root: string): string {
  const paths = [...DEPLOYED_FOLDERS.flatMap((folder) => filesBelow(root, folder)), ...DEPLOYED_FILES];
  const hash = createHash('sha256');
  // The order of code units, which is the same in every locale; and of a file the lines, however they end.
  for (const path of paths.toSorted()) {
    const text = readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${path}\0${text}\0`);
  }
  return `${packageVersion(root)}+${hash.digest('hex').slice(0, DIGITS)}`;
}

/** The version of the tree that this is a module of. */
export function ownVersion(): string {
  return sourceVersion(OWN_ROOT);
}
