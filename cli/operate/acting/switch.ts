/** `runbook switch off|on`: off stops all runbooks, or one, before their next call; on lets them act again. */

import { nameInArn } from '../../../shared/aws/arn.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { ResourceState } from '../../../shared/kernel/ledger/ledger.ts';
import { stoppedRun } from '../../../shared/kernel/ledger/operations.ts';
import { EXIT } from '../../results.ts';
import type { CommandIo } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { Place, Stack } from '../place.ts';
import { each, readOr, tried } from '../reading.ts';
import { endlessText, switchStanding, switchesOf, type DatedSwitch } from '../row-standing.ts';
import { wholeMoment } from '../times.ts';
import { rowToWrite } from './off-rows.ts';
import { ALL, exitOf, inEach, note, sayLines, scopeIn, scopeText, type Done } from './stacks.ts';
import { spanOf } from './when.ts';

/** How the switch is turned. */
export interface SwitchFlags {
  readonly json?: true;
  readonly reason?: string;
  readonly from?: string;
  readonly until?: string;
  readonly replace?: true;
}

/** What became of a stack's switch. */
interface Turned {
  /** The row of the scope before. */
  readonly was: DatedSwitch | null;
  /** And now. */
  readonly now: DatedSwitch | null;
  readonly isChanged: boolean;
  /** The end that was asked for, where it is off for longer. */
  readonly notUntil?: string;
  /** Other rows that stop something. */
  readonly others: readonly DatedSwitch[];
  /** Runs that are at work: each stops before its next call. */
  readonly atWork: readonly ResourceState[];
  readonly isNoted: boolean;
}

/** Runs at work that are named; the others are counted. */
const MOST_NAMED = 10;

/** Since when it is off, until when, by whom and why. */
export function sinceText(row: DatedSwitch): string {
  const { at, by, reason, from, until } = row;
  const begins = from === undefined ? `since ${wholeMoment(at)}` : `from ${wholeMoment(from)}`;
  const ends = until === undefined ? '' : ` until ${wholeMoment(until)}`;
  const who = by === '' ? '' : `, by ${by}`;
  return `${begins}${ends}${endlessText(row)}${who}${reason === '' ? '' : `: ${reason}`}`;
}

function isAtWork({ owner, until = '', runbook }: ResourceState, scope: string, now: string): boolean {
  return owner !== undefined && until > now && (scope === ALL || runbook === scope);
}

/** The rows, and who is at work. Whom nobody can name stops all the same. */
async function standing(stack: Stack, scope: string, now: string): Promise<Pick<Turned, 'was' | 'others' | 'atWork'>> {
  const rows: readonly DatedSwitch[] = await stack.book.switches();
  const states = await stack.book.resources().catch((): readonly ResourceState[] => []);
  return {
    was: rows.find((row) => row.scope === scope) ?? null,
    others: rows.filter(
      // What stops one run keeps no runbook from anything.
      (row) => row.scope !== scope && stoppedRun(row) === undefined && switchStanding(row, now) === 'stopping',
    ),
    atWork: states.filter((state) => isAtWork(state, scope, now)),
  };
}

function moreOf({ from, until }: DatedSwitch, was: DatedSwitch | null): JsonObject {
  return {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(was === null ? {} : { instead: sinceText(was) }),
  };
}

/** Off never shortens: an end that was asked for does not come where it is off for longer. */
function notUntil({ until }: DatedSwitch, now: DatedSwitch | null): Pick<Turned, 'notUntil'> {
  return until === undefined || now?.until === until ? {} : { notUntil: until };
}

async function turnOff(io: CommandIo, stack: Stack, asked: DatedSwitch, isReplaced: boolean): Promise<Turned> {
  const { scope, at, by, reason } = asked;
  const found = await standing(stack, scope, at);
  const row = rowToWrite(asked, found.was ?? undefined, isReplaced);
  const now = row ?? found.was;
  if (row !== undefined) await stack.book.turnOff(row);
  // That somebody else wanted it off, too, is for whoever turns it on again to know.
  const more = row === undefined ? { ...moreOf(asked, found.was), isChanged: false } : moreOf(row, found.was);
  const isNoted = await note(io, stack, { at, by, what: 'switch-off', scope, reason, more });
  return { ...found, now, isChanged: row !== undefined, isNoted, ...notUntil(asked, now) };
}

async function turnOn(
  io: CommandIo,
  stack: Stack,
  { scope, at, by, reason }: Pick<DatedSwitch, 'scope' | 'at' | 'by' | 'reason'>,
): Promise<Turned> {
  const found = await standing(stack, scope, at);
  const { was } = found;
  if (was === null) return { ...found, now: null, isChanged: false, isNoted: true };
  await stack.book.turnOn(scope);
  const more = { instead: sinceText(was) };
  const isNoted = await note(io, stack, { at, by, what: 'switch-on', scope, reason, more });
  return { ...found, now: null, isChanged: true, isNoted };
}

type Line = readonly [indent: number, text: string];

function atWorkLines({ atWork }: Turned): readonly Line[] {
  const named = atWork.slice(0, MOST_NAMED).map(({ runbook, resource, owner = '' }): Line => {
    const [run = ''] = owner.split('|');
    return [2, `at work: ${runbook} ${nameInArn(resource)}, run ${run}: it stops before its next call`];
  });
  const more = atWork.length - named.length;
  return more > 0 ? [...named, [2, `and ${more} more at work`]] : named;
}

function offLines(stack: string, scope: string, turned: Turned, now: string): readonly Line[] {
  const { now: row, was, isChanged } = turned;
  if (row === null) return [];
  const isAhead = switchStanding(row, now) === 'ahead';
  const word = isAhead ? 'will be off' : isChanged ? 'off' : 'off already';
  const wasInForce = was !== null && switchStanding(was, now) !== 'over';
  return [
    [0, `${stack}: ${scopeText(scope)}: ${word}, ${sinceText(row)}`],
    ...(turned.notUntil === undefined
      ? []
      : [
          [
            2,
            `it does not end at ${wholeMoment(turned.notUntil)}: off never shortens; --replace has it end then`,
          ] as const,
        ]),
    ...(isChanged && wasInForce ? [[2, `it stood there before: ${sinceText(was)}`] as const] : []),
    ...(isAhead ? [] : atWorkLines(turned)),
  ];
}

/** Whether the scope acts now. */
function isFree(scope: string, { others }: Turned): boolean {
  return scope === ALL || switchesOf(others, scope).length === 0;
}

function onLines(stack: string, scope: string, turned: Turned, now: string): readonly Line[] {
  const { was, others } = turned;
  const stops = scope === ALL ? others : switchesOf(others, scope);
  const wasText =
    was === null
      ? 'on already'
      : switchStanding(was, now) === 'ahead'
        ? `on; what was to come is called off: ${sinceText(was)}`
        : `on; it was off ${sinceText(was)}`;
  const head = isFree(scope, turned) ? wasText : 'its own switch is on';
  return [
    [0, `${stack}: ${scopeText(scope)}: ${head}`],
    ...stops.map((row): Line => [2, `still off: ${scopeText(row.scope)}, ${sinceText(row)}`]),
  ];
}

interface Told {
  readonly io: CommandIo;
  readonly place: Place;
  readonly scope: string;
  readonly json: boolean;
  readonly lines: (stack: string, scope: string, turned: Turned, now: string) => readonly Line[];
}

function tell({ io, place, scope, json, lines }: Told, done: readonly Done<Turned>[]): void {
  if (json) {
    const stacks = done.map(({ stack, value, error }) => ({ stack, scope, ...value, ...(error && { error }) }));
    io.stdout.write(`${JSON.stringify({ place: placeAsJson(place), stacks }, null, 2)}\n`);
    return;
  }
  for (const { stack, value } of done) {
    if (value !== undefined) sayLines(io, lines(stack, scope, value, place.now()));
  }
}

/** What is turned. A row of a runbook that is deployed no longer stays where it stands: it can be lifted, and not be written. */
async function scopeOf(place: Place, way: 'off' | 'on', name: string | undefined): Promise<string> {
  if (way === 'on' && name !== undefined) {
    const rows = await each(place.stacks, async ({ book }) => readOr(await tried(book.switches), []));
    if (rows.flat().some(({ scope }) => scope === name)) return name;
  }
  return scopeIn(place, name);
}

/** Turns the switch of all runbooks, or of one, in every stack of the place. */
export async function turnSwitch(
  io: CommandIo,
  place: Place,
  { way, name, flags }: { readonly way: 'off' | 'on'; readonly name: string | undefined; readonly flags: SwitchFlags },
): Promise<number> {
  const scope = await scopeOf(place, way, name);
  const at = place.now();
  const { caller: by, stacks } = place;
  const { reason = '' } = flags;
  const row: DatedSwitch = { scope, reason, by, at, ...spanOf(flags, at) };
  const isOff = way === 'off';
  const done = await inEach(io, stacks, (stack) =>
    isOff ? turnOff(io, stack, row, flags.replace === true) : turnOn(io, stack, row),
  );
  await place.keep();
  tell({ io, place, scope, json: flags.json === true, lines: isOff ? offLines : onLines }, done);
  const stopped = done.filter(({ value }) => value !== undefined && !isOff && !isFree(scope, value));
  for (const { stack } of stopped) {
    const whose = stacks.length > 1 ? `${stack}: ` : '';
    const line = nextLine(inStack(place, stack), 'switch', 'on');
    io.stderr.write(`runbook: ${whose}${scope} still does not act, all are off; to let all act again: ${line}\n`);
  }
  const isOnRecord = done.every(({ value }) => value?.isNoted !== false);
  return stopped.length === 0 && isOnRecord ? exitOf(done) : EXIT.failed;
}
