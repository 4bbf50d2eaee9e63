/** The status of a stack as lines for a person: what is wrong first, what went well behind it. */

import { labelled, type Piece } from '../../layout.ts';
import { idOf, reasonParts } from '../../results.ts';
import { paintOutcome } from '../../show.ts';
import type { Brush, Paint } from '../../terminal.ts';
import { isDryRun, operationAbout, operationTold } from '../operation-text.ts';
import { outcomeOf } from '../outcome-word.ts';
import { endlessText } from '../row-standing.ts';
import { ageText, momentText, spanText, wholeMoment } from '../times.ts';
import type { Approval, Dead, StackStatus, Trouble, Work } from './stack-status.ts';

/** What the lines are made with. */
export interface Telling {
  readonly now: string;
  readonly width: number;
  readonly paint: Paint;
  /** Runs by their short names. */
  readonly shorts: ReadonlyMap<string, string>;
  /** The command that lists all that ran. */
  readonly all: string;
}

/** So many lines of a kind are told; nobody reads more at 3 a.m., and `--json` has all. */
const MOST_LINES = 12;
/** Done runs, and what operators did, that are told in a line each. */
const CHANGES_TOLD = 3;
/** Room of the word in front of a line. */
const WORD = 11;

function line({ width }: Telling, word: string, colour: Brush, text: Piece): string {
  return labelled(['  ', [word.padEnd(WORD), colour]], text, width);
}

function some<T>(telling: Telling, items: readonly T[], tell: (item: T) => string): readonly string[] {
  const rest = items.length - MOST_LINES;
  const told = items.slice(0, MOST_LINES).map(tell);
  return rest <= 0 ? told : [...told, line(telling, '', telling.paint.dim, `and ${rest} more`)];
}

function sinceText({ now }: Telling, at: string | null): string {
  return at === null ? 'since when is not known' : `since ${momentText(at, now)} (${ageText(at, now)})`;
}

function shortOf({ shorts }: Telling, run: string | null): string {
  return run === null ? '' : ` ${shorts.get(run) ?? run}`;
}

function whose({ runbook, target }: Pick<Work, 'runbook' | 'target'>): string {
  return target === '' ? runbook : `${runbook} ${idOf(target)}`;
}

function troubleLine(telling: Telling, trouble: Trouble): string {
  const { outcome, code, reason, since, run, isAtWork, isOver } = trouble;
  const told = reason === '' ? code : reason;
  const text = `${whose(trouble)}${shortOf(telling, run)}, ${sinceText(telling, since)}${isAtWork ? ', in hand' : ''}: ${told}${isOver ? '; nothing is switched off any more' : ''}`;
  return line(telling, outcome, (word) => paintOutcome(telling.paint, outcomeOf(outcome), word), text);
}

function workLine(telling: Telling, work: Work): string {
  const intent = work.intent === null ? 'looking' : work.intent;
  const until = work.until === null ? '' : `, lease until ${momentText(work.until, telling.now)}`;
  const text = `${whose(work)}${shortOf(telling, work.run)}, ${sinceText(telling, work.since)}: ${intent}${until}`;
  return line(telling, 'at work', telling.paint.cyan, text);
}

function deadLine(telling: Telling, dead: Dead): string {
  const { yellow, red } = telling.paint;
  const how = dead.isTakenUp ? 'the schedule takes it up' : 'nobody has taken it up';
  const text = `${whose(dead)}${shortOf(telling, dead.run)}, ${sinceText(telling, dead.since)}: ${dead.intent ?? ''}; ${how}`;
  return line(telling, 'died', dead.isTakenUp ? yellow : red, text);
}

function approvalLine(telling: Telling, approval: Approval): string {
  const { now, paint } = telling;
  const { until, reason, run, since } = approval;
  const end =
    until === null ? 'until when is not known' : `until ${momentText(until, now)} (${ageText(now, until)} left)`;
  return line(
    telling,
    'approve',
    paint.yellow,
    `${whose(approval)}${shortOf(telling, run)}, ${sinceText(telling, since)}, ${end}: ${reason}`,
  );
}

function modeLines(telling: Telling, { modes, approval }: StackStatus): readonly string[] {
  const { paint } = telling;
  return modes.map(({ scope, mode, from }, index) => {
    const word = mode ?? 'not set: the first run settles it';
    const asks = approval === 'always' && index === 0 ? '; every plan waits for a person' : '';
    return line(telling, 'mode', mode === 'apply' ? paint.dim : paint.yellow, `${scope} ${word} (${from})${asks}`);
  });
}

function switchLines(telling: Telling, { switches }: StackStatus): readonly string[] {
  const { now, paint } = telling;
  return switches.map((row) => {
    const { scope, by, reason, at, from, until, stops } = row;
    const begins = from ?? at;
    const end = `${until === undefined ? '' : ` until ${wholeMoment(until)}`}${endlessText(row)}`;
    const who = `, by ${by === '' ? 'nobody knows whom' : by}${reason === '' ? '' : `: ${reason}`}`;
    if (stops === 'later')
      return line(telling, 'freeze', paint.cyan, `${scope} from ${wholeMoment(begins)}${end}${who}`);
    return line(
      telling,
      'OFF',
      paint.red,
      `${scope} since ${wholeMoment(begins)} (${ageText(begins, now)})${end}${who}`,
    );
  });
}

function heartbeatLines(telling: Telling, { heartbeats }: StackStatus): readonly string[] {
  const { now, paint } = telling;
  if (heartbeats === null) return [line(telling, 'heartbeat', paint.dim, 'not known here')];
  const seen = heartbeats.flatMap(({ at, runbook }) => (at === null ? [] : [{ at, runbook }]));
  const [oldest] = seen.toSorted((one, other) => (one.at < other.at ? -1 : 1));
  const late = heartbeats.filter(({ isLate }) => isLate);
  const ages =
    oldest === undefined ? 'none was seen' : `${ageText(oldest.at, now)} ago at the oldest (${oldest.runbook})`;
  return [
    line(telling, 'heartbeat', late.length === 0 ? paint.dim : paint.red, ages),
    ...some(telling, late, ({ runbook, at, everySeconds }) => {
      const period = everySeconds === null ? '' : `, it ticks every ${spanText(everySeconds * 1_000)}`;
      return line(
        telling,
        'LATE',
        paint.red,
        `${runbook}: ${at === null ? 'no tick is known' : `${ageText(at, now)} ago`}${period}`,
      );
    }),
  ];
}

function alarmLines(telling: Telling, { alarms }: StackStatus): readonly string[] {
  const { paint } = telling;
  if (alarms === null) return [line(telling, 'alarms', paint.dim, 'not known here')];
  return some(telling, alarms, ({ name, since, why, isForTheMorning }) =>
    line(
      telling,
      isForTheMorning ? 'alarm' : 'ALARM',
      isForTheMorning ? paint.yellow : paint.red,
      `${name} ${sinceText(telling, since)}: ${why}`,
    ),
  );
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What a run did, a switch and a mode are changes; a start by hand is none by itself, and a dry run is a question. */
function changeCounts({ done, operations }: StackStatus): string {
  const started = operations.filter(({ what }) => what === 'run');
  const dry = started.filter(isDryRun).length;
  const stopped = operations.filter(({ what }) => what === 'stop').length;
  const cleared = operations.filter(({ what }) => what === 'clear').length;
  const settings = operations.length - started.length - stopped - cleared;
  const startedText = counted(started.length, 'run started by hand', 'runs started by hand');
  return [
    counted(done.length, 'run done', 'runs done'),
    ...(settings === 0 ? [] : [counted(settings, 'switch or mode set', 'switches and modes set')]),
    ...(stopped === 0 ? [] : [counted(stopped, 'run stopped', 'runs stopped')]),
    ...(cleared === 0 ? [] : [counted(cleared, 'target cleared', 'targets cleared')]),
    ...(started.length === 0 ? [] : [`${startedText}${dry === 0 ? '' : ` (${dry} dry)`}`]),
  ].join(', ');
}

function changeLines(telling: Telling, status: StackStatus): readonly string[] {
  const { now, paint, width, all } = telling;
  const { done, operations } = status;
  const told = operations.filter((operation) => !isDryRun(operation)).slice(0, CHANGES_TOLD);
  const runs = done.slice(0, CHANGES_TOLD);
  const news = [
    ...runs.map((run) => ({
      at: run.at,
      text: `${whose(run)}${shortOf(telling, run.run)}: ${reasonParts(run.reason)[0]}`,
    })),
    ...told.map((operation) => ({
      at: operation.at,
      text: `${operation.what} ${operationAbout(operation)}, ${operationTold(operation)}`,
    })),
  ].toSorted((one, other) => (one.at < other.at ? -1 : 1));
  const rest = done.length + operations.length - news.length;
  return [
    line(telling, 'changed', paint.dim, `${changeCounts(status)} in the last 24 hours`),
    // To be pasted: it stays unbroken, whatever the width.
    ...(rest === 0
      ? []
      : [labelled(['    '], [`${rest} more before or between, all of them:`, paint.dim], width), `    ${all}`]),
    ...news.map(({ at, text }) => labelled(['    ', [momentText(at, now), paint.dim], '  '], text, width)),
  ];
}

function versionText({ version, isOtherVersion }: StackStatus, ownVersion: string): string {
  if (version === null) return 'deployed from a version that does not say which';
  return isOtherVersion ? `deployed from ${version}, this command is ${ownVersion}` : `deployed from ${version}`;
}

/** The lines of one stack. */
export function stackLines(
  telling: Telling,
  status: StackStatus,
  { isNamed, isLive, ownVersion }: { readonly isNamed: boolean; readonly isLive: boolean; readonly ownVersion: string },
): readonly string[] {
  const { paint, width } = telling;
  const isTold = isLive && (status.isOtherVersion || status.version === null);
  const dead = some(telling, status.dead, (one) => deadLine(telling, one));
  return [
    ...(isNamed ? [labelled([[status.stack, paint.bold]], '', width)] : []),
    ...(isTold ? [line(telling, 'version', paint.yellow, versionText(status, ownVersion))] : []),
    ...some(telling, status.unread, ({ what, why }) => line(telling, 'UNREAD', paint.red, `${what}: ${why}`)),
    ...modeLines(telling, status),
    ...switchLines(telling, status),
    ...heartbeatLines(telling, status),
    ...alarmLines(telling, status),
    ...changeLines(telling, status),
    ...some(telling, status.planned, (run) =>
      line(
        telling,
        'planned',
        paint.cyan,
        `${whose(run)}${shortOf(telling, run.run)}, ${sinceText(telling, run.at)}: ${run.reason}`,
      ),
    ),
    ...some(telling, status.atWork, (work) => workLine(telling, work)),
    ...dead,
    ...some(telling, status.troubles, (trouble) => troubleLine(telling, trouble)),
    ...some(telling, status.approvals, (approval) => approvalLine(telling, approval)),
  ];
}
