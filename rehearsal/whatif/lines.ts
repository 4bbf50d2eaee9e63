/** Lines to paste that the runbooks themselves give where something needs a person. Pure. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';

const COMMAND = /^(?:aws [a-z0-9-]+ [a-z-]+ |npx runbook )\S/u;
const QUOTED = /`((?:aws|npx runbook) [^`]+)`/gu;

/** Every text in some evidence. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  const inner: readonly unknown[] = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return inner.flatMap(textsIn);
}

/** The lines of the last result of each target, in the order in which they were told, each once. */
export function linesIn(results: readonly RunResult[]): readonly string[] {
  const last = new Map(results.map((result) => [`${result.runbook} ${result.target ?? ''}`, result]));
  const lines = [...last.values()].flatMap(({ reason, evidence }) => {
    const whole = textsIn(evidence).filter((text) => COMMAND.test(text));
    const quoted = [reason, ...textsIn(evidence)].flatMap((text) =>
      [...text.matchAll(QUOTED)].map(([, line = '']) => line),
    );
    return [...whole, ...quoted];
  });
  return [...new Set(lines)];
}
