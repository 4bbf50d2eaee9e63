/** Asks the registry for known weaknesses of the production dependencies: `npm run audit`. */

import { z } from 'zod';
import { npm } from './npm.ts';

const auditSchema = z.object({
  vulnerabilities: z.record(z.string(), z.looseObject({ severity: z.string(), range: z.string() })),
  metadata: z.object({ vulnerabilities: z.looseObject({ total: z.number() }) }),
});
const failureSchema = z.object({
  statusCode: z.number().optional(),
  error: z.unknown().optional(),
  message: z.string().optional(),
});

/** What the audit comes to. */
export interface AuditVerdict {
  readonly exitCode: 0 | 1;
  readonly line: string;
}

/**
 * Judges what `npm audit --json` printed. A registry (or a mirror of one) whose audit endpoint does not answer is no weakness of
 * ours: that is said, and nothing fails.
 */
export function auditVerdict(printed: string): AuditVerdict {
  let answer: unknown;
  try {
    answer = JSON.parse(printed);
  } catch {
    return { exitCode: 0, line: 'skipped: npm audit: the registry gave no answer that could be read' };
  }
  const audit = auditSchema.safeParse(answer);
  if (audit.success) {
    const { vulnerabilities, metadata } = audit.data;
    if (metadata.vulnerabilities.total === 0)
      return { exitCode: 0, line: 'ok: no known weakness in the production dependencies' };
    const told = Object.entries(vulnerabilities).map(([name, { severity, range }]) => `${name} ${range} (${severity})`);
    return { exitCode: 1, line: `FAILED: known weaknesses: ${told.join(', ')}` };
  }
  const failure = failureSchema.safeParse(answer);
  const status =
    failure.success && failure.data.statusCode !== undefined ? `status ${failure.data.statusCode}` : 'no connection';
  return { exitCode: 0, line: `skipped: npm audit: the registry's audit endpoint did not answer (${status})` };
}

if (import.meta.main) {
  const { exitCode, line } = auditVerdict(npm('audit', '--omit=dev', '--json').stdout);
  process.stdout.write(`${line}\n`);
  process.exitCode = exitCode;
}
