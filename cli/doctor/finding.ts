/** What `doctor` finds: how it stands with one thing, and what mends it. */

import { EXIT } from '../results.ts';

/**
 * `broken`: a runbook cannot do here what it is there for, or nobody would hear of it. `warning`: it can, and somebody should know
 * something beforehand. `unread`: whether it can is not known.
 */
export type Level = 'broken' | 'warning' | 'unread' | 'ok';

/** One thing that was looked at. JSON. */
export interface Finding {
  readonly level: Level;
  /** What was asked: `standby`, `subscriptions`. */
  readonly check: string;
  /** Whose affair it is; `null`: that of the whole stack. */
  readonly runbook: string | null;
  /** A name or id that a person knows it by; `null`: there is nothing to name. */
  readonly about: string | null;
  readonly text: string;
  /** A line to paste; where something has to be put into it, that is in capitals. `null`: nothing is to be done. */
  readonly fix: string | null;
}

/** What a check knows of a finding beside the names of both. */
export type Found = Pick<Finding, 'level' | 'text'> & Partial<Pick<Finding, 'about' | 'fix'>>;

/** Makes the findings of a check. */
export function finder(check: string, runbook: string | null): (found: Found) => Finding {
  return ({ level, text, about = null, fix = null }) => ({ level, check, runbook, about, text, fix });
}

const LEVELS: readonly Level[] = ['broken', 'warning', 'unread', 'ok'];

/** The worst first, else in the order of the checks. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level));
}

/** 1: something is broken. 5: something should be known, or is not. */
export function exitCodeOf(findings: readonly Pick<Finding, 'level'>[]): number {
  const has = (level: Level): boolean => findings.some((one) => one.level === level);
  if (has('broken')) return EXIT.failed;
  return has('warning') || has('unread') ? EXIT.partly : EXIT.ok;
}

/** `3 addresses`, `1 address`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
