/** Environment → typed configuration; the only module that reads `process.env`. All problems in one error. */

import type { Limits } from './definition.ts';
import { ACTIONS_KEPT, type Mode } from './ledger/ledger.ts';
import { TerminalError } from './errors.ts';

/** What the deployment says to every runbook. */
export interface Config {
  /** Name of the control table; empty where the surroundings bring a ledger of their own. */
  readonly controlTable: string;
  /** Event bus that outcomes go to; empty: outcomes are not published. */
  readonly outcomeBus: string;
  /** Plan only, whatever the event and the ledger say. */
  readonly dryRun: boolean;
  /** The mode that the deployment gives: it holds where the ledger says nothing of it, or does not answer. */
  readonly mode: 'none' | Mode;
  /** `always`: every plan waits for a person; `never`: those alone that say so themselves. */
  readonly approval: 'never' | 'always';
  /** How long an approval is good for, seconds. */
  readonly approvalSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** An approval older than an hour approves an account that has moved on; the plan hash would refuse it anyway. */
const APPROVAL_SECONDS = 3_600;

function wholeNumber(name: string, text: string, problems: string[]): number {
  const value = Number(text);
  if (/^\d{1,9}$/u.test(text)) return value;
  problems.push(`${name}: expected a whole number, not negative`);
  return 0;
}

function oneOf<T extends string>(
  environment: Environment,
  name: string,
  allowed: readonly [T, ...T[]],
  problems: string[],
): T {
  const text = environment[name] ?? '';
  if (text === '') return allowed[0];
  const known = allowed.find((word) => word === text);
  if (known !== undefined) return known;
  problems.push(`${name}: expected ${allowed.join(' or ')}`);
  return allowed[0];
}

function fail(problems: readonly string[]): void {
  if (problems.length > 0) throw new TerminalError(`configuration: ${problems.join('; ')}`);
}

/** Reads the kernel's settings. Names, never values, stand in the error: a value may be a secret pasted into the wrong place. */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = [];
  const config: Config = {
    controlTable: environment['LEDGER_CONTROL_TABLE'] ?? '',
    outcomeBus: environment['OUTCOME_BUS'] ?? '',
    dryRun: oneOf(environment, 'RUNBOOK_DRY_RUN', ['false', 'true'], problems) === 'true',
    mode: oneOf(environment, 'RUNBOOK_MODE', ['none', 'plan', 'apply'], problems),
    approval: oneOf(environment, 'RUNBOOK_APPROVAL', ['never', 'always'], problems),
    approvalSeconds: wholeNumber(
      'RUNBOOK_APPROVAL_SECONDS',
      environment['RUNBOOK_APPROVAL_SECONDS'] ?? String(APPROVAL_SECONDS),
      problems,
    ),
  };
  fail(problems);
  return config;
}

/** The stack's own name, by which its metrics are told from another stack's; without one, that of the service. */
export function stackName(environment: Environment = process.env): string {
  return environment['RUNBOOK_STACK'] || 'runbook';
}

/** Name of the data table; empty where the surroundings bring a data ledger of their own, or the function keeps no data. */
export function dataTableName(environment: Environment = process.env): string {
  return environment['LEDGER_DATA_TABLE'] ?? '';
}

/** `cooldownSeconds` → `LIMIT_COOLDOWN_SECONDS`. */
export function limitVariable(limit: string): string {
  return `LIMIT_${limit.replaceAll(/[A-Z]/gu, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The runbook's limits with the deployment's overrides. A `LIMIT_…` variable that names no limit is an error: a typing slip must not lift a guard. */
export function readLimits<L extends Limits>(defaults: L, environment: Environment = process.env): L {
  const problems: string[] = [];
  const overrides: Record<string, number> = {};
  const known = new Map(Object.keys(defaults).map((limit) => [limitVariable(limit), limit]));
  // By name first: each value of the process's environment is fetched anew.
  for (const name of Object.keys(environment)) {
    const text = name.startsWith('LIMIT_') ? environment[name] : undefined;
    if (text === undefined) continue;
    const limit = known.get(name);
    if (limit === undefined) problems.push(`${name}: no such limit; there are ${[...known.keys()].join(', ')}`);
    else overrides[limit] = wholeNumber(name, text, problems);
  }
  const limits: L = { ...defaults, ...overrides };
  if (limits.maxActionsPerWindow < 1 || limits.maxActionsPerWindow > ACTIONS_KEPT) {
    problems.push(`LIMIT_MAX_ACTIONS_PER_WINDOW: expected 1 to ${ACTIONS_KEPT}, what the ledger keeps`);
  }
  fail(problems);
  return limits;
}
