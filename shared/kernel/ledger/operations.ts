/**
 * What people on call read and write in the control ledger: one small interface, two implementations, DynamoDB (`operator-book.ts`)
 * and in memory for the simulator. Both pass the same contract tests. No function reads or writes by it.
 *
 * Table layout, beside `ledger.ts`:
 *   pk `operation`  sk `<at>#<what>#<hash>`         what an operator did: by, scope, reason, more (JSON), with TTL
 */

import type { JsonObject } from '../decision.ts';
import { TerminalError } from '../errors.ts';
import { canonical, isJsonObject } from '../json.ts';
import { tokenOf } from '../plan.ts';
import { checkLayout, count, expiry, LAYOUT, text, type Item } from './items.ts';
import type { KillSwitch, ModeRow, OperatorDesk, RecordBook, ResourceState, RunLine, RunRecord } from './ledger.ts';
import { instant } from './rules.ts';

/** What an operator did, as it is kept: `switch-off all: game day`. */
export interface Operation {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  /** `switch-off`, `switch-on`, `mode`, `run`, `stop`, `clear`, `approve`, `reject`. */
  readonly what: string;
  /** `all` or a runbook's name. */
  readonly scope: string;
  readonly reason: string;
  /** What is particular: `until` of a switch, the mode, the run that was started. */
  readonly more: JsonObject;
}

/** What names a record. */
export type RecordKey = Pick<RunRecord, 'runbook' | 'run' | 'target'>;

/** A record as its key finds it: nothing of what is in it. */
export type RecordLine = Omit<RunLine, 'reason' | 'outcome'>;

/** The control ledger as a person reads and writes it. Every method throws the SDK's error when it does not answer. */
export interface OperatorBook extends RecordBook {
  /** All switch rows, also those whose time has not come or is over. */
  readonly switches: () => Promise<readonly KillSwitch[]>;
  readonly modes: () => Promise<readonly ModeRow[]>;
  readonly resources: () => Promise<readonly ResourceState[]>;
  /** Records of a runbook whose run begins so: a line for each target of each run, newest first. */
  readonly beginning: (runbook: string, run: string) => Promise<readonly RecordLine[]>;
  /**
   * The body of a record: a result with its `commands`. `undefined`: there is no such record.
   * @throws TerminalError for one that this version cannot read
   */
  readonly read: (key: RecordKey) => Promise<JsonObject | undefined>;
  /** Operations of a day (UTC), newest first. */
  readonly operations: (day: string) => Promise<readonly Operation[]>;
  readonly turnOff: (row: KillSwitch) => Promise<void>;
  readonly turnOn: (scope: string) => Promise<void>;
  readonly setMode: (row: ModeRow) => Promise<void>;
  readonly approve: OperatorDesk['approve'];
  /** Takes out a lease, and with `settle` what was announced; false: somebody has written there since it was read. */
  readonly clear: OperatorDesk['clear'];
  /** Puts it on record. The same again is one. */
  readonly note: (operation: Operation) => Promise<void>;
}

/** Stands before the id of a run where a switch is for that run alone (`access.ts`). No runbook's name has a colon. */
const OF_RUN = 'run:';

/** The scope of the switch that stops one run. */
export function stopScope(run: string): string {
  return OF_RUN + run;
}

/** The one run that a switch is for; `undefined`: it is for a runbook, or for all. */
export function stoppedRun({ scope }: Pick<KillSwitch, 'scope'>): string | undefined {
  return scope.startsWith(OF_RUN) ? scope.slice(OF_RUN.length) : undefined;
}

/** Partition of what operators did. */
export const OPERATION = 'operation';

/** Every member that is there as an attribute of its name. */
function attributes(row: Readonly<Record<string, string | undefined>>): Item {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === undefined ? [] : [[name, text(value)]])),
  );
}

/** The item of an operation. Its key is made of all that it says, so that a repeat for a lost reply is no second one. */
export function operationItem(given: Operation): Item {
  const operation = { ...given, at: instant('at', given.at) };
  const { at, what, more, ...row } = operation;
  return {
    pk: text(OPERATION),
    sk: text(`${at}#${what}#${tokenOf(canonical(operation)).slice(0, 8)}`),
    ...attributes({ at, what, ...row, more: JSON.stringify(more) }),
    layout: count(LAYOUT),
    ttl: count(expiry(Date.parse(at))),
  };
}

function moreOf(json: string): JsonObject {
  try {
    const more: unknown = JSON.parse(json);
    return isJsonObject(more) ? more : {};
  } catch {
    // Somebody wrote it by hand: what was done is still told.
    return {};
  }
}

/** Reads the item of an operation. */
export function operationOf(item: Item): Operation {
  const read = (name: string): string => item[name]?.S ?? '';
  return {
    at: read('at'),
    by: read('by'),
    what: read('what'),
    scope: read('scope'),
    reason: read('reason'),
    more: moreOf(read('more')),
  };
}

/** What a record is found by: of its sort key, the runbook and the run have no `#`. */
export function recordLineOf(item: Item): RecordLine {
  const [runbook = '', run = '', ...target] = (item['sk']?.S ?? '').split('#');
  return { runbook, run, target: target.join('#'), at: item['at']?.S ?? '' };
}

/** Reads the body in the item of a record. */
export function recordBodyOf(item: Item): JsonObject {
  checkLayout(item);
  const body: unknown = JSON.parse(item['body']?.S ?? '');
  if (isJsonObject(body)) return body;
  throw new TerminalError(`the record ${item['sk']?.S ?? ''} holds no JSON object`);
}

/** Newest first; of the same moment in the order of their keys. */
export function newestFirst<T extends { readonly at: string }>(lines: readonly T[]): readonly T[] {
  return lines.toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1));
}
