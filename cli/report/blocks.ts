/** The parts of a page that are made of sentences: verdict, what changed, what is next, the receipt, what could not be read. Pure. */

import type { Changed } from '../operate/show/changes.ts';
import { idOf } from '../results.ts';
import { countText, cutList, cutText, type Room } from './cut.ts';
import { el, link, section, styled, type Markup } from './html.ts';
import type { Receipt, Report, ReportedRun } from './report.ts';
import { moment, timeText } from './times.ts';

/** Of a heading: a page of one report has it higher than one of several. */
export type Level = 2 | 3;

/** A heading one lower. */
function below(level: Level): 'h3' | 'h4' {
  return level === 2 ? 'h3' : 'h4';
}

/** A heading within a section. */
export function subheading(level: Level, text: string): Markup {
  return el(below(level), {}, text);
}

/** A line to paste. */
function pasteLine(line: string): Markup {
  // What is more than one line nobody should paste unseen, and one that is cut nobody can.
  return line.includes('\n')
    ? styled('p', 'note', 'A line with line feeds in it: `runbook show --json` has it.')
    : el('pre', {}, el('code', {}, line));
}

/** Lines longer than this are for `--json`: cut they would do something else. */
function pasteOrSay(line: string, { characters }: Room): Markup {
  const most = characters * 4;
  if (line.length <= most) return pasteLine(line);
  return styled('p', 'note', `A line of ${countText(line.length)} characters: \`runbook show --json\` has it.`);
}

/** Lines to paste, as many as there is room for. */
export function pasteLines(lines: readonly string[], room: Room): readonly Markup[] {
  const shown = lines.slice(0, room.entries).map((line) => pasteOrSay(line, room));
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, leftOut(left, 'lines')];
}

/** The word on what is left out. */
export function leftOut(count: number, what: string): Markup {
  return styled('p', 'left-out', `${countText(count)} ${what} left out; \`runbook show --json\` has them`);
}

/** Labels and texts. */
export function facts(entries: readonly (readonly [label: string, text: Markup])[]): Markup {
  return el('dl', { class: 'facts' }, ...entries.flatMap(([label, text]) => [el('dt', {}, label), el('dd', {}, text)]));
}

/** Whose it is, where there are several. */
export function ofTarget(runs: readonly ReportedRun[], { target, runbook, at, outcome }: ReportedRun): string {
  if (runs.length < 2) return '';
  const name = target === '' ? runbook : idOf(target);
  const isAgain = runs.some((one) => one.target === target && one.runbook === runbook && one.at !== at);
  return isAgain ? `${name}, ${outcome} ${timeText(at)}` : name;
}

/** First of all. */
export function verdictBlock({ id, verdict, where, now }: Report, level: Level, room: Room): Markup {
  const { over, changed, act, mustAct, line } = verdict;
  const heading = `${id}-verdict`;
  const named = level === 2 ? { 'aria-labelledby': heading } : {};
  return el(
    'section',
    { class: mustAct ? 'verdict open' : 'verdict', id: `${id}-top`, ...named },
    el(`h${level}`, { id: heading }, 'Verdict'),
    styled('p', 'over', `${cutText(over, room.characters)}.`),
    styled('p', 'changed', `${cutText(changed, room.characters)}.`),
    styled('p', 'act', `${cutText(act, room.characters)}.`),
    ...(line === undefined ? [] : [pasteOrSay(line, room)]),
    facts([
      ...where.slice(0, room.entries).map(([label, text]): [string, Markup] => [label, cutText(text, room.characters)]),
      ['As of', moment(now)],
    ]),
  );
}

/** How each target ended, where there are several. */
export function runsBlock({ id, runs, others }: Report, level: Level, room: Room): readonly Markup[] {
  if (runs.length < 2 && others.length === 0) return [];
  const { first, left, last } = cutList(runs, room.runs);
  const row = (run: ReportedRun): Markup =>
    el(
      'tr',
      {},
      el(
        'th',
        { scope: 'row' },
        el('code', {}, cutText(run.target === '' ? run.runbook : idOf(run.target), room.characters)),
      ),
      el('td', { class: 'outcome-word' }, cutText(run.outcome, room.characters)),
      el('td', {}, cutText(run.sentence === '' ? run.code : `${run.code}: ${run.sentence}`, room.characters)),
      el('td', {}, moment(run.at)),
    );
  const table = el(
    'table',
    { class: 'stacked targets' },
    headRow('Target', 'Outcome', 'Why', 'When'),
    el('tbody', {}, ...first.map(row), ...last.map(row)),
  );
  const named = others.slice(0, room.entries).map((target) => idOf(target));
  const more = others.length - named.length;
  return [
    section(
      `${id}-targets`,
      level,
      'How each ended',
      table,
      ...(left === 0 ? [] : [leftOut(left, 'targets')]),
      ...(others.length === 0
        ? []
        : [
            styled(
              'p',
              'note',
              `Not told here: ${named.join(', ')}${more === 0 ? '' : ` and ${countText(more)} more`}.`,
            ),
          ]),
    ),
  ];
}

/** A row of column headings. */
export function headRow(...names: readonly string[]): Markup {
  return el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name))));
}

function valueText(value: string | null | undefined, characters: number): string {
  if (value === undefined) return 'not known';
  return value === null ? 'none' : cutText(value, characters);
}

function changeRow({ of, what, before, after }: Changed, { characters }: Room): Markup {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('code', {}, cutText(of === '' ? '-' : of, characters))),
    el('td', {}, cutText(what, characters)),
    el('td', { class: 'before' }, valueText(before, characters)),
    el('td', { class: 'after' }, valueText(after, characters)),
  );
}

function changeTable(run: ReportedRun, caption: string, room: Room): readonly Markup[] {
  const { first, left, last } = cutList(run.changes, room.entries);
  const rows = [...first, ...last].map((changed) => changeRow(changed, room));
  return [
    el(
      'table',
      { class: 'stacked changes' },
      el('caption', {}, caption),
      headRow('Of', 'What', 'Before', 'After'),
      el('tbody', {}, ...rows),
    ),
    ...(left === 0 ? [] : [leftOut(left, 'changes')]),
  ];
}

/** What differs, before and after. */
export function changesBlock({ id, runs }: Report, level: Level, room: Room): Markup {
  const changing = runs.filter(({ changes }) => changes.length > 0);
  const shown = changing.slice(0, room.runs);
  const tables = shown.flatMap((run) => {
    const whose = cutText(ofTarget(runs, run), room.characters);
    const verb = run.hasActed ? 'Changed' : 'Would change';
    return changeTable(run, whose === '' ? verb : `${verb}: ${whose}`, room);
  });
  const left = changing.length - shown.length;
  const none = styled('p', 'none', 'Nothing was changed, and nothing would be.');
  return section(
    `${id}-changes`,
    level,
    'Before and after',
    ...(changing.length === 0 ? [none] : tables),
    ...(left === 0 ? [] : [leftOut(left, 'targets')]),
  );
}

/** When somebody looks again, who said yes, where to look. */
export function nextBlock({ id, next, approval, links }: Report, level: Level, room: Room): Markup {
  return section(
    `${id}-next`,
    level,
    'Next',
    facts([
      ['Next look', next === undefined ? 'None that is known.' : cutText(`${next}.`, room.characters)],
      ['Approval', cutText(approval, room.characters)],
    ]),
    ...(links.length === 0
      ? []
      : [
          subheading(level, 'Links'),
          el('ul', { class: 'plain' }, ...links.slice(0, room.entries).map((href) => el('li', {}, link(href, href)))),
        ]),
  );
}

/** How often it was rehearsed, and which sources ran. */
export function receiptBlock({ id, receipt }: Report, level: Level, room: Room): Markup {
  const { ran, rehearsed, drills } = receipt;
  const shown = drills.slice(0, Math.min(room.entries, MOST_DRILLS));
  const left = drills.length - shown.length;
  const rows = shown.map(({ name, title, explored }) =>
    el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, title), el('td', {}, explored)),
  );
  const none = styled('p', 'none', 'Not explored: no drill ends as this did.');
  return section(
    `${id}-receipt`,
    level,
    'Receipt of rehearsal',
    facts([
      ['Ran', ran ?? 'The stack does not say which sources it was deployed from.'],
      ['Rehearsed', sameText(receipt, rehearsed)],
    ]),
    ...(shown.length === 0
      ? [none]
      : [
          el(
            'table',
            { class: 'stacked drills' },
            el('caption', {}, 'Drills that end as this did'),
            headRow('Drill', 'Incident', 'Explored'),
            el('tbody', {}, ...rows),
          ),
        ]),
    ...(left === 0 ? [] : [styled('p', 'left-out', `${countText(left)} more drills end so.`)]),
  );
}

/** More are no better proof. */
const MOST_DRILLS = 8;

function sameText({ ran }: Receipt, rehearsed: string): string {
  if (ran === null || ran === rehearsed) return rehearsed;
  return `${rehearsed}: other sources than those that ran`;
}

/** What stands in no other part because it is not known. */
export function unreadBlock({ id, unread, faults }: Report, level: Level, room: Room): readonly Markup[] {
  const told = [...faults, ...unread.map((text) => `Cannot be read: ${text}`)];
  if (told.length === 0) return [];
  const items = told.slice(0, room.entries).map((text) => el('li', {}, cutText(text, room.characters)));
  return [section(`${id}-unread`, level, 'What is amiss', el('ul', {}, ...items))];
}
