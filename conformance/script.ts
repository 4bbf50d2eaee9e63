/** Runs a program of this folder in a process of its own. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../build/cloudformation.ts';

/** What it wrote. A failed run tells its story on standard output too. */
export function script(
  name: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'conformance', name), ...parameters],
      { cwd: ROOT, env, maxBuffer: 10_000_000 },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}
