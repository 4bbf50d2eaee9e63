/** How a run is taken back, and what would be in the way of it now, as far as the ledger knows. */

import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { ResourceState, RunLine } from '../../../shared/kernel/ledger/ledger.ts';
import { idOf, isJsonObject } from '../../results.ts';
import { canonical } from '../../../shared/kernel/json.ts';
import { paramValue } from '../acting/request.ts';
import { inStack, nextLine, type LinePlace } from '../command-line.ts';
import type { ModeRow, Place, Stack } from '../place.ts';
import { endlessText, modeStanding, switchesOf, switchStanding, type DatedSwitch } from '../row-standing.ts';
import { momentText } from '../times.ts';
import { hasActed, type ShownRecord } from './record.ts';

/** How a run is taken back. JSON. */
export interface UndoToday {
  readonly target: string;
  /** The runbook itself takes it back, behind its guards; `null`: it has no request for that. */
  readonly request: string | null;
  /** The same without effect: asks the guards themselves. */
  readonly ask: string | null;
  /** Calls that take it back behind no guard, the last first. */
  readonly lines: readonly string[];
  /** What would refuse it now, or make it wrong. Empty: the ledger knows of nothing. */
  readonly hindrances: readonly string[];
}

/** What the ledger says of the matter. */
export interface Ledgers {
  readonly switches: readonly DatedSwitch[];
  readonly modes: readonly ModeRow[];
  readonly resources: readonly ResourceState[];
  /** Runs on the target. */
  readonly lines: readonly RunLine[];
  /** Those of them that were refused, and had changed something before. */
  readonly broken: ReadonlySet<RunLine>;
  readonly limits: Limits | undefined;
  readonly shorts: ReadonlyMap<string, string>;
}

function paramText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A request of a person as the words of `runbook run`; `undefined`: it holds what the command has no option for. */
function requestWords(request: JsonObject): readonly string[] | undefined {
  const { runbook, target, params, ...more } = request;
  if (typeof runbook !== 'string' || Object.keys(more).length > 0) return undefined;
  const given = isJsonObject(params) ? Object.entries(params) : [];
  const isSaid = given.every(
    ([, value]) => value === undefined || canonical(paramValue(paramText(value))) === canonical(value),
  );
  if (!isSaid) return undefined;
  return [
    'run',
    runbook,
    ...(typeof target === 'string' ? ['--target', target] : []),
    ...given.flatMap(([name, value]) => (value === undefined ? [] : ['--param', `${name}=${paramText(value)}`])),
  ];
}

/** The command line that sends a request of a person; `undefined`: the command has no option for what it holds. */
export function requestLine(place: LinePlace, request: JsonObject, more: readonly string[] = []): string | undefined {
  const words = requestWords(request);
  return words === undefined ? undefined : nextLine(place, ...words, ...more);
}

function switchHindrances(runbook: string, { switches }: Ledgers, now: string): readonly string[] {
  return switchesOf(switches, runbook)
    .filter((row) => switchStanding(row, now) === 'stopping')
    .map((row) => {
      const { scope, by, reason, until } = row;
      const end = `${until === undefined ? '' : ` until ${momentText(until, now)}`}${endlessText(row)}`;
      return `refused: ${scope} is switched off${end}, by ${by}${reason === '' ? '' : `: ${reason}`}`;
    });
}

function modeHindrances(stack: Pick<Stack, 'parameters'>, runbook: string, { modes }: Ledgers): readonly string[] {
  const { mode, from } = modeStanding(stack, modes, runbook);
  const asks = stack.parameters.approval === 'always' ? ['waits: a person has to approve of every plan'] : [];
  return mode === 'plan' ? [`only planned: the mode of ${runbook} is plan (${from})`, ...asks] : asks;
}

function leaseHindrances({ target, run }: ShownRecord, { resources }: Ledgers, now: string): readonly string[] {
  return resources.flatMap(({ resource, owner, until = '', runbook }) => {
    const isOthers = owner !== undefined && owner.split('|')[0] !== run;
    if (resource !== target || !isOthers || Date.parse(until) <= Date.parse(now)) return [];
    return [`refused: a run of ${runbook} has ${idOf(target)} in hand until ${momentText(until, now)}`];
  });
}

/** Some actions are not counted: whether this one is, only its runbook knows. */
function budgetHindrances({ target }: ShownRecord, { resources, limits }: Ledgers, now: string): readonly string[] {
  const actions = resources.find(({ resource }) => resource === target)?.history.actions ?? [];
  const [last] = actions;
  if (limits === undefined || last === undefined) return [];
  const nowMs = Date.parse(now);
  const later = (at: string, seconds: number): string => new Date(Date.parse(at) + seconds * 1_000).toISOString();
  const calm = later(last, limits.cooldownSeconds);
  const within = actions.filter((at) => Date.parse(at) > nowMs - limits.windowSeconds * 1_000);
  const oldest = within[limits.maxActionsPerWindow - 1];
  return [
    ...(Date.parse(calm) > nowMs ? [`may be refused: cool-down until ${momentText(calm, now)}`] : []),
    ...(oldest === undefined
      ? []
      : [
          `may be refused: ${within.length} actions of at most ${limits.maxActionsPerWindow}, until ${momentText(later(oldest, limits.windowSeconds), now)}`,
        ]),
  ];
}

const CHANGES: ReadonlySet<string> = new Set(['done', 'failed', 'waiting']);

/** Whether it is of another run on the same target, and not known to be of before. */
export function isLater(line: RunLine, { target, run, at }: Pick<ShownRecord, 'target' | 'run' | 'at'>): boolean {
  return line.target === target && line.run !== run && !(Date.parse(line.at) < Date.parse(at));
}

/** Whether such a run has changed its target for certain; of one that was refused only its record says it. */
export function hasChanged({ outcome }: RunLine): boolean {
  return CHANGES.has(outcome);
}

/** A run since then may have changed the same: what stood before this one is not what stands before it is taken back. */
function laterHindrances(record: ShownRecord, { lines, broken, shorts }: Ledgers, now: string): readonly string[] {
  return lines
    .filter((line) => isLater(line, record) && (hasChanged(line) || broken.has(line)))
    .toSorted((one, other) => (one.at < other.at ? -1 : 1))
    .map((line) => {
      const when = momentText(line.at, now);
      return `stale: ${line.runbook} ${shorts.get(line.run) ?? line.run} has changed ${idOf(line.target)} since, ${when} ${line.outcome}`;
    });
}

/** Refusals that other lines tell, as they stand now. */
const TOLD_BY_OTHERS = /^(?:kill-switch|leased|cooldown|window)\b/u;

/** Who has tried since and was refused, with nothing done after it, says what the guards say. */
function triedHindrances(
  { target, run, at, runbook }: ShownRecord,
  { lines, shorts }: Ledgers,
  now: string,
): readonly string[] {
  const [last] = lines
    .filter((line) => line.target === target && line.runbook === runbook && line.run !== run && line.at > at)
    .filter(({ outcome }) => CHANGES.has(outcome) || outcome === 'refused')
    .toSorted((one, other) => (one.at < other.at ? 1 : -1));
  if (last?.outcome !== 'refused' || TOLD_BY_OTHERS.test(last.reason)) return [];
  return [`may be refused, as ${shorts.get(last.run) ?? last.run} was at ${momentText(last.at, now)}: ${last.reason}`];
}

/** Whoever wrote them is no runbook of ours, or of another time: the plan above says what was done. */
function forgedHindrances({ unofferedUndo }: ShownRecord): readonly string[] {
  if (unofferedUndo === 0) return [];
  const lines = unofferedUndo === 1 ? '1 line' : `${unofferedUndo} lines`;
  return [`${lines} of the record not shown: not a call of AWS to a service that this run has called`];
}

/** How a record is taken back now; `undefined`: there is nothing to take back. */
export function undoToday(
  place: LinePlace & Pick<Place, 'now'> & { readonly stacks: readonly unknown[] },
  stack: Pick<Stack, 'parameters' | 'prefix'>,
  record: ShownRecord,
  ledgers: Ledgers,
  isOfSeveral: boolean,
): UndoToday | undefined {
  const { undo, unofferedUndo, undoRequest, runbook, run, target } = record;
  const isSilent = undo.length === 0 && unofferedUndo === 0 && undoRequest === undefined;
  if (!hasActed(record) || isSilent) return undefined;
  const now = place.now();
  const { shorts } = ledgers;
  const home = inStack(place, stack.prefix);
  const name = shorts.get(run) ?? run;
  const meant = isOfSeveral ? `${name}/${idOf(target)}` : name;
  const line = (...more: readonly string[]): string | null =>
    undoRequest === undefined ? null : nextLine(home, 'undo', meant, ...more);
  return {
    target,
    request: line(),
    ask: line('--dry-run', '--wait'),
    lines: undo,
    hindrances: [
      ...forgedHindrances(record),
      ...switchHindrances(runbook, ledgers, now),
      ...modeHindrances(stack, runbook, ledgers),
      ...leaseHindrances(record, ledgers, now),
      ...budgetHindrances(record, ledgers, now),
      ...laterHindrances(record, ledgers, now),
      ...triedHindrances(record, ledgers, now),
    ],
  };
}
