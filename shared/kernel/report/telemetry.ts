/** Structured log lines and CloudWatch embedded metrics, one JSON document a line. */

import { surroundings } from '../../aws/clients.ts';
import type { JsonObject } from '../decision.ts';
import { printable } from '../printable.ts';
import { fitted } from './fitted.ts';
import type { OutcomeLine, RunResult } from './result.ts';
import { shortenedMembers } from './shortened.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** Namespace of every metric; the alarms of `function.yml` name it. */
export const METRIC_NAMESPACE = 'Runbook';

/**
 * UTF-8 bytes of a log line: Lambda's log event may have 1 MiB, and had 256 KB until 2025, as some Regions' and what reads the logs
 * still do; what is over is cut off, or lost.
 */
const LINE_LIMIT_BYTES = 200_000;

/** What stands around a result in its line, bytes. */
const ENVELOPE_BYTES = 200;

function write(document: object): void {
  surroundings().write(printable(JSON.stringify(document)));
}

/** Writes one log line. `fields` hold no secrets; what is too long is shortened, the longest first. */
export function log(level: Level, message: string, fields: JsonObject): void {
  write({ level, message, at: new Date().toISOString(), ...shortenedMembers(fields, LINE_LIMIT_BYTES) });
}

/** Writes the line that closes a run for one target; the simulator and the command read it back. */
export function logOutcome(level: Level, result: RunResult): void {
  const line: OutcomeLine = {
    message: 'outcome',
    level,
    at: new Date().toISOString(),
    result: fitted(result, LINE_LIMIT_BYTES - ENVELOPE_BYTES),
  };
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
