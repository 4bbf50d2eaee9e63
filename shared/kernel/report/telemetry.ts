/** Structured log lines and CloudWatch embedded metrics, one JSON document a line. */

import { surroundings } from '../../aws/clients.ts';
import { stackName } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import { printable } from '../printable.ts';
import { fitted } from './fitted.ts';
import type { OutcomeLine, RunResult } from './result.ts';
import { shortenedMembers } from './shortened.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** Namespace of every metric; the alarms of deploy/standard name it. */
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

/** Counts by name. */
export type Counts = { readonly [name: string]: number };

/**
 * The two classes of alarms: what people are woken for, and what they look at in the morning. Each is one metric of the whole
 * stack, so that one alarm hears all runbooks; which it was stands in the outcome, in the log, and in the counter by runbook.
 */
const PAGE = new Set(['Failed', 'LedgerLost', 'OutcomeNotPublished']);
const LOOK = new Set(['Attention', 'BadInput', 'LeaseExpired']);

/** What the counters mean to people: one class, the graver. */
function classOf(counters: Counts): Counts {
  const names = Object.keys(counters);
  if (names.some((name) => PAGE.has(name))) return { Page: 1 };
  return names.some((name) => LOOK.has(name)) ? { Look: 1 } : {};
}

function directive(names: readonly string[], dimensions: readonly string[]): object[] {
  if (names.length === 0) return [];
  const Metrics = names.map((Name) => ({ Name, Unit: 'Count' }));
  return [{ Namespace: METRIC_NAMESPACE, Dimensions: [dimensions], Metrics }];
}

/** What a run tells CloudWatch. */
export interface Metrics {
  readonly runbook: string;
  /** Counted when something happened: zeros are not published, for each metric costs by the hour that it has a value in. */
  readonly counters?: Counts;
  /** Published as they are: here zero is news. */
  readonly gauges?: Counts;
  /** Stands in the log line for whoever searches there, and is no dimension: a metric per target would cost by the target. */
  readonly target?: string;
}

/** Emits metrics in the embedded metric format, by stack and runbook; the class that they raise by stack alone. */
export function emitMetrics({ runbook, counters = {}, gauges = {}, target }: Metrics): void {
  const happened = Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
  const values = { ...gauges, ...happened };
  if (Object.keys(values).length === 0) return;
  const raised = classOf(happened);
  write({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        ...directive(Object.keys(values), ['Stack', 'Runbook']),
        ...directive(Object.keys(raised), ['Stack']),
      ],
    },
    Stack: stackName(),
    Runbook: runbook,
    ...(target === undefined ? {} : { Target: target }),
    ...values,
    ...raised,
  });
}
