/** One folder for all that a run of the tests writes aside, gone after it: vitest calls both, as its `globalSetup`. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'runbook-tests-'));

/** The workers, and the commands they start, have it as their `tmpdir()`. */
export function setup(): void {
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
}

/** Removes it with all that is in it. */
export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
