/** How a stack stands: what `status` prints, and gives as JSON. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { ResourceState, RunLine } from '../../../shared/kernel/ledger/ledger.ts';
import { stoppedRun } from '../../../shared/kernel/ledger/operations.ts';
import { isJsonObject } from '../../results.ts';
import type { Operation, Stack } from '../place.ts';
import { readOr, type Reading } from '../reading.ts';
import {
  modesOf,
  modeStanding,
  switchesOf,
  switchStanding,
  type DatedSwitch,
  type ModeStanding,
} from '../row-standing.ts';
import type { Ticking } from '../schedules.ts';
import { tellsOf, troubleOf, type StackReadings } from './readings.ts';
import { wordsOfAlarms, type Ringing } from './alarm-class.ts';

/** A target that is not all right. */
export interface Trouble {
  readonly runbook: string;
  readonly target: string;
  readonly outcome: string;
  readonly code: string;
  /** As it was told; empty where nobody has recorded it. */
  readonly reason: string;
  /** When it was told first; `null`: not known. */
  readonly since: string | null;
  readonly run: string | null;
  /** A run has the target in hand, or the next one goes on by itself. */
  readonly isAtWork: boolean;
  /** What has refused it, a switch, stands no longer: it needs nobody any more. */
  readonly isOver: boolean;
}

/** A run that has a target in hand; or what it has announced and was left. */
export interface Work {
  readonly runbook: string;
  readonly target: string;
  readonly run: string | null;
  readonly intent: string | null;
  readonly since: string | null;
  /** End of the lease. */
  readonly until: string | null;
}

/** A run that died with something announced. */
export interface Dead extends Work {
  /** A schedule ticks, and takes it up. */
  readonly isTakenUp: boolean;
}

/** What a person is asked. */
export interface Approval extends Pick<RunLine, 'runbook' | 'run' | 'target' | 'reason'> {
  readonly since: string;
  /** Unanswered until then it is refused; `null`: not known. */
  readonly until: string | null;
  /** The run has ended with the question: a yes starts another. */
  readonly isOver: boolean;
}

/** When a schedule ticked last. */
interface Heartbeat {
  readonly runbook: string;
  /** `null`: CloudWatch knows of no tick. */
  readonly at: string | null;
  readonly everySeconds: number | null;
  readonly isLate: boolean;
}

/** A switch that stops what it names: it does now, or its time is still to come. `on` would be read as that the runbooks are. */
type StoppingSwitch = DatedSwitch & { readonly stops: 'now' | 'later' };

/** How a stack stands. JSON. */
export interface StackStatus {
  readonly stack: string;
  /** What it was deployed from; `null`: it does not say. */
  readonly version: string | null;
  readonly isOtherVersion: boolean;
  readonly approval: 'never' | 'always' | null;
  readonly modes: readonly ModeStanding[];
  readonly switches: readonly StoppingSwitch[];
  /** `null`: not known here. */
  readonly heartbeats: readonly Heartbeat[] | null;
  readonly alarms: readonly Ringing[] | null;
  readonly troubles: readonly Trouble[];
  readonly atWork: readonly Work[];
  readonly dead: readonly Dead[];
  readonly approvals: readonly Approval[];
  /** Planned by runbooks that may only plan, and not carried out since. */
  readonly planned: readonly RunLine[];
  /** Of the last 24 hours, newest first. */
  readonly done: readonly RunLine[];
  readonly operations: readonly Operation[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** What it is judged by. */
export interface Judging {
  readonly now: string;
  readonly ownVersion: string;
  readonly schedules: ReadonlyMap<string, Ticking>;
}

/** A schedule is late when it has missed so many ticks: one may be throttled, and metrics come a minute or two late. */
const MISSED_TICKS = 3;

/** A durable run may be woken late, seconds: it goes on by itself (`report/watchdog.ts`). */
const GRACE_MS = 300_000;

/** A claim is what an action needs besides its target (`ledger:claim`). */
const CLAIM = 'claim/';

function heartbeatsOf(
  stack: Stack,
  beats: ReadonlyMap<string, string>,
  { now, schedules }: Judging,
): readonly Heartbeat[] {
  return stack.runbooks.flatMap(({ name }): Heartbeat[] => {
    const every = schedules.get(name);
    const at = beats.get(name);
    if (every === undefined && at === undefined) return [];
    const sinceMs = Date.parse(now) - Date.parse(at ?? '');
    // NaN is later than any time.
    const isLate = every !== undefined && !(sinceMs <= every.everyMs * MISSED_TICKS);
    const everySeconds = every === undefined || !Number.isFinite(every.everyMs) ? null : every.everyMs / 1_000;
    return [{ runbook: name, at: at ?? null, everySeconds, isLate }];
  });
}

function isHeld({ owner, until = '' }: ResourceState, now: string): boolean {
  return owner !== undefined && Date.parse(until) > Date.parse(now);
}

function workOf({ resource, runbook, owner, until, history: { pending } }: ResourceState): Work {
  return {
    runbook,
    target: resource,
    run: owner?.split('|')[0] ?? null,
    intent: pending?.intent ?? null,
    since: pending?.at ?? null,
    until: owner === undefined ? null : (until ?? null),
  };
}

function deadOf(
  state: ResourceState,
  beats: readonly Heartbeat[] | null,
  { now, schedules }: Judging,
): Dead | undefined {
  const { owner, until = '', runbook, history } = state;
  if (owner === undefined || history.pending === undefined) return undefined;
  const overMs = Date.parse(now) - Date.parse(until);
  if (overMs <= GRACE_MS) return undefined;
  const every = schedules.get(runbook);
  const beat = beats?.find((one) => one.runbook === runbook);
  const hadTime = every === undefined || overMs > GRACE_MS + every.everyMs * MISSED_TICKS;
  return { ...workOf(state), isTakenUp: !hadTime && beat?.isLate !== true };
}

/** The switch that has refused it is known to stop nothing any more. */
function isSwitchedOn({ switches }: StackReadings, { runbook }: ResourceState, now: string): boolean {
  return switches.ok && switchesOf(switches.value, runbook).every((row) => switchStanding(row, now) !== 'stopping');
}

/** The runbook has done it since, on record: what it remembers of the trouble is older than that. */
function isDoneSince(
  { resource, runbook }: ResourceState,
  lines: readonly RunLine[],
  told: RunLine | undefined,
): boolean {
  return (
    told !== undefined &&
    lines.some(
      ({ target, outcome, at, ...line }) =>
        target === resource && line.runbook === runbook && outcome === 'done' && at > told.at,
    )
  );
}

function troubleIn(state: ResourceState, readings: StackReadings, now: string): Trouble | undefined {
  const trouble = troubleOf(state);
  if (trouble === undefined) return undefined;
  const at = trouble.indexOf(':');
  const [outcome, code] = at < 0 ? [trouble, ''] : [trouble.slice(0, at), trouble.slice(at + 1)];
  const lines = [...readOr(readings.lines, []), ...(readings.older.get(state.resource) ?? [])];
  const told = lines.find((line) => tellsOf(line, state, trouble));
  if (isDoneSince(state, lines, told)) return undefined;
  return {
    runbook: state.runbook,
    target: state.resource,
    outcome,
    code,
    reason: told?.reason ?? '',
    since: told?.at ?? null,
    run: told?.run ?? null,
    isAtWork: outcome === 'waiting' || isHeld(state, now),
    isOver: trouble === 'refused:kill-switch' && isSwitchedOn(readings, state, now),
  };
}

function secondsToAnswer(body: JsonObject, reason: string): number | undefined {
  const approval = body['approval'];
  const given = isJsonObject(approval) ? approval['expiresInSeconds'] : undefined;
  if (typeof given === 'number') return given;
  const [, said] = /\bwaits (\d+) s for a person\b/u.exec(reason) ?? [];
  return said === undefined ? undefined : Number(said);
}

/** A later run on the target has come to something: what the one before it has asked is answered, or asked anew. */
function isAnswered({ lines }: StackReadings, { runbook, target, at }: RunLine): boolean {
  return readOr(lines, []).some((line) => {
    const isLater = line.runbook === runbook && line.target === target && line.at > at;
    return isLater && line.outcome !== 'planned' && !/^(?:not-approved|drifted):/u.test(line.reason);
  });
}

function approvalsOf(readings: StackReadings, now: string): readonly Approval[] {
  return [...readings.waiting].flatMap(([line, body]): Approval[] => {
    const { runbook, run, target, reason, at } = line;
    const seconds = secondsToAnswer(body, reason);
    const end = new Date(Date.parse(at) + (seconds ?? Number.NaN) * 1_000);
    // What no calendar has is not known: one odd row must not take the page away.
    const until = Number.isNaN(end.getTime()) ? null : end.toISOString();
    const { approval } = body;
    const isOver = isJsonObject(approval) && approval['planHash'] !== undefined && approval['callbackId'] === undefined;
    const isGone = (until !== null && until <= now) || (isOver && isAnswered(readings, line));
    return isGone ? [] : [{ runbook, run, target, reason, since: at, until, isOver }];
  });
}

/** A dry run that somebody has asked for is answered: it waits for nobody, whatever the mode has become since. */
function isQuestion({ planned }: StackReadings, line: RunLine): boolean {
  const mode = planned.get(line)?.['mode'];
  return isJsonObject(mode) && mode['from'] === 'request';
}

/** What runs have only planned, as long as nothing else became of the target since. */
function plannedOf(stack: Stack, readings: StackReadings): readonly RunLine[] {
  const modes = readOr(readings.modes, []);
  const last = new Map<string, RunLine>();
  for (const line of readOr(readings.lines, []).filter((one) => !isQuestion(readings, one)))
    if (!last.has(`${line.runbook} ${line.target}`)) last.set(`${line.runbook} ${line.target}`, line);
  return [...last.values()].filter(
    ({ outcome, runbook }) => outcome === 'planned' && modeStanding(stack, modes, runbook).mode !== 'apply',
  );
}

function unreadOf(readings: StackReadings): StackStatus['unread'] {
  const named: readonly (readonly [string, Reading<unknown>])[] = [
    ['switches', readings.switches],
    ['modes', readings.modes],
    ['resources', readings.resources],
    ['runs of the last 24 hours', readings.lines],
    ['operations of the last 24 hours', readings.operations],
    ['heartbeats', readings.heartbeats],
    ['alarms', readings.alarms],
  ];
  const items = readOr(readings.resources, []).filter(({ isUnreadable }) => isUnreadable === true);
  return [
    ...named.flatMap(([what, reading]) => (reading.ok ? [] : [{ what, why: reading.why }])),
    ...items.map(({ resource }) => ({ what: resource, why: 'this version cannot read its item in the ledger' })),
  ];
}

function switchesIn(readings: StackReadings, now: string): StackStatus['switches'] {
  return readOr(readings.switches, []).flatMap((row) => {
    const standing = switchStanding(row, now);
    // A run that was stopped by itself is no runbook that is off.
    return standing === 'over' || stoppedRun(row) !== undefined
      ? []
      : [{ ...row, stops: standing === 'stopping' ? 'now' : 'later' }];
  });
}

/** How a stack stands, from what it has answered. */
export function stackStatus(stack: Stack, readings: StackReadings, judging: Judging): StackStatus {
  const { now, ownVersion } = judging;
  const states = readOr(readings.resources, []).filter(({ resource }) => !resource.startsWith(CLAIM));
  const beats = readOr(readings.heartbeats, null);
  const heartbeats = beats === null ? null : heartbeatsOf(stack, beats, judging);
  const lines = readOr(readings.lines, []);
  return {
    stack: stack.prefix,
    version: stack.version,
    isOtherVersion: stack.version !== null && stack.version !== ownVersion,
    approval: stack.parameters.approval ?? null,
    modes: readings.modes.ok ? modesOf(stack, readings.modes.value) : [],
    switches: switchesIn(readings, now),
    heartbeats,
    alarms: wordsOfAlarms(readOr(readings.alarms, null)),
    troubles: states.flatMap((state) => troubleIn(state, readings, now) ?? []),
    atWork: states.filter((state) => isHeld(state, now)).map(workOf),
    dead: states.flatMap((state) => deadOf(state, heartbeats, judging) ?? []),
    approvals: approvalsOf(readings, now),
    planned: plannedOf(stack, readings),
    done: lines.filter(({ outcome }) => outcome === 'done'),
    operations: readOr(readings.operations, []).toSorted((one, other) => (one.at < other.at ? 1 : -1)),
    unread: unreadOf(readings),
  };
}
