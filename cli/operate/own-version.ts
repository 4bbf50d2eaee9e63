/** Which version this command is. */

import { readFile } from 'node:fs/promises';

function isVersioned(value: unknown): value is { readonly version: string } {
  return typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string';
}

/** The version of the project that the command is part of. */
export async function ownVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  if (!isVersioned(manifest)) throw new TypeError('package.json names no version');
  return manifest.version;
}
