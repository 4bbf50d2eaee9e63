/** Runs npm from a script of this project. */

import { spawnSync } from 'node:child_process';
import { ROOT } from './cloudformation.ts';

/** What npm wrote, and how it ended. */
export interface NpmAnswer {
  readonly status: number;
  readonly stdout: string;
}

/** An SBOM of a few thousand packages is some megabytes. */
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Runs npm with these arguments in the root of the project. */
export function npm(...args: readonly string[]): NpmAnswer {
  // Inside `npm run` this is the npm that runs the script; elsewhere the one on the path.
  const own = process.env['npm_execpath'];
  const [command, first] = own?.endsWith('.js') === true ? [process.execPath, [own]] : ['npm', []];
  const { status, stdout, error } = spawnSync(command, [...first, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: OUTPUT_MAX_BYTES,
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error !== undefined) throw error;
  return { status: status ?? 1, stdout };
}
