/** Lines that mend what was found. */

import type { JsonObject } from '../../shared/kernel/decision.ts';
import { commandLine, shellLine } from '../../shared/kernel/shell.ts';
import { nextLine, type LinePlace } from '../operate/command-line.ts';

/** Makes them for a place. */
export interface Lines {
  /** `npx runbook …`, in the same place. */
  readonly runbook: (...words: readonly string[]) => string;
  /** A request of AWS as the command line sends it. */
  readonly aws: (call: string, input: JsonObject) => string;
  /** Where the page of a runbook tells what a code means, and what to do. */
  readonly page: (runbook: string, code: string) => string;
}

/** Lines for a place. */
export function linesFor(place: LinePlace): Lines {
  return {
    runbook: (...words) => nextLine(place, ...words),
    aws: (call, input) => commandLine({ call, input }),
    page: (runbook, code) => shellLine('grep', '-n', code, `functions/${runbook}/README.md`),
  };
}
