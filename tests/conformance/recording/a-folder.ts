/** A folder of a test's own. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes an empty one; it goes with the run of the tests. */
export function aFolder(): string {
  return mkdtempSync(join(tmpdir(), 'recording-'));
}
