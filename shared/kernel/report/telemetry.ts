/** Structured log lines and CloudWatch embedded metrics, one JSON document a line. */

import { surroundings } from '../../aws/clients.ts';
import { printable } from '../printable.ts';
import type { OutcomeLine, RunResult } from './result.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** Namespace of every metric; the alarms of `function.yml` name it. */
export const METRIC_NAMESPACE = 'Runbook';

/** CloudWatch keeps a metric dimension's value to 1,024 characters; log lines are cut by Lambda at 256 KB. */
const LINE_LIMIT_BYTES = 200_000;

function write(document: object): void {
  const line = printable(JSON.stringify(document));
  surroundings().write(
    line.length <= LINE_LIMIT_BYTES
      ? line
      : printable(JSON.stringify({ ...document, truncated: true, result: undefined, evidence: undefined })),
  );
}

/** Writes one log line. `fields` are JSON and hold no secrets. */
export function log(level: Level, message: string, fields: object): void {
  write({ level, message, at: new Date().toISOString(), ...fields });
}

/** Writes the line that closes a run for one target; the simulator and the command read it back. */
export function logOutcome(level: Level, result: RunResult): void {
  const line: OutcomeLine = { message: 'outcome', level, at: new Date().toISOString(), result };
  write(line);
}

/**
 * Emits metrics in the embedded metric format: once by runbook, and once by runbook and target where a target is named.
 * Values are counts.
 */
export function emitMetrics(runbook: string, metrics: { readonly [name: string]: number }, target?: string): void {
  const names = Object.keys(metrics);
  if (names.length === 0) return;
  const dimensions = target === undefined ? [['Runbook']] : [['Runbook'], ['Runbook', 'Target']];
  write({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: dimensions,
          Metrics: names.map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    Runbook: runbook,
    ...(target === undefined ? {} : { Target: target }),
    ...metrics,
  });
}
