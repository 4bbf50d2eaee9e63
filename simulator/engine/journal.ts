/** The log of a simulated run: its lines, its results, its story. */

import type { OutcomeLine, RunResult } from '../../shared/kernel/report/result.ts';
import type { Clock } from './model.ts';
import { isRecord } from './json.ts';
import { currentInvocation } from './requests.ts';
import type { LoggedResult, TimelineEntry } from './run-types.ts';

function isOutcomeLine(value: unknown): value is OutcomeLine {
  if (!isRecord(value) || value['message'] !== 'outcome') return false;
  const result = value['result'];
  return isRecord(result) && typeof result['runbook'] === 'string' && typeof result['outcome'] === 'string';
}

/** The log of a run: its lines, its results, its story. */
export class Journal {
  readonly lines: string[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly results: LoggedResult[] = [];
  /** The results without whose they are. */
  readonly told: RunResult[] = [];
  readonly #clock: Clock;
  /** The last outcome about each target. */
  readonly #last = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a line to the story. */
  note = (kind: TimelineEntry['kind'], text: string): void => {
    this.timeline.push({ at: this.#clock.iso(), kind, text });
  };

  /** Takes a line that the code under test logs. The dead write nothing. */
  write = (line: string): void => {
    const invocation = currentInvocation();
    if (invocation?.ended === 'died' || invocation?.ended === 'timed-out') return;
    this.lines.push(line);
    // Most lines are no outcomes; parsing each would cost more than the run.
    if (!line.includes('"outcome"')) return;
    const parsed: unknown = JSON.parse(line);
    if (!isOutcomeLine(parsed)) return;
    const { result } = parsed;
    this.results.push({ invocation: invocation?.index ?? -1, result });
    this.told.push(result);
    this.#last.set(`${result.runbook} ${result.target ?? ''}`, result.outcome);
    const about = result.target === undefined ? result.runbook : `${result.runbook} ${result.target}`;
    this.note('result', `${about}: ${result.outcome}, ${result.reason}`);
  };

  /** Whether some target's last outcome is that it waits. */
  waiting = (): boolean => {
    for (const outcome of this.#last.values()) if (outcome === 'waiting') return true;
    return false;
  };
}
