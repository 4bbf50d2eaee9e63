/** A run as lines for a person: how it went, what speaks for and against, what changed, how to take it back, and last what came of it. */

import { indented, labelled, type Piece } from '../../layout.ts';
import { idOf, reasonParts } from '../../results.ts';
import { paintOutcome } from '../../show.ts';
import type { Paint } from '../../terminal.ts';
import { outcomeOf } from '../outcome-word.ts';
import type { Place } from '../place.ts';
import { ageText, momentText } from '../times.ts';
import { bareCalls } from '../take-back.ts';
import { evidenceText } from './candidates.ts';
import { changesOf, type Changed } from './changes.ts';
import { withoutData } from './hidden.ts';
import { targetLink, logLink } from './links.ts';
import { detailMoments, inOrder, otherMoments, recordMoments, targetsIn, type Group, type Moment } from './moments.ts';
import { hasActed, type ShownRecord } from './record.ts';
import { MOST_TARGETS, type Story } from './story.ts';
import { takenBackIn, type TakenBack } from './taken-back.ts';
import { triggerMoments } from './trigger.ts';
import type { UndoToday } from './undo-today.ts';
import { wakeText } from './wake.ts';
import { whatNow } from './what-now.ts';

/** What the lines are made with. */
export interface Page {
  readonly place: Place;
  readonly width: number;
  readonly paint: Paint;
  /** Bodies of messages and user data are shown. */
  readonly isShown: boolean;
}

const COLOURS: {
  readonly [group in Group]: keyof Pick<Paint, 'bold' | 'dim' | 'cyan' | 'green' | 'magenta' | 'yellow'>;
} = {
  trigger: 'bold',
  detect: 'dim',
  decide: 'bold',
  act: 'cyan',
  verify: 'green',
  wait: 'dim',
  report: 'bold',
  other: 'magenta',
  read: 'dim',
  step: 'dim',
};

/** Room of a group's word. */
const WORD = 8;

function section(page: Page, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...indented(0, [title, page.paint.bold], page.width), ...lines];
}

function spentText(spentMs: number | undefined): string {
  return spentMs === undefined || Number.isNaN(spentMs) ? '' : ` (${(spentMs / 1_000).toFixed(2)} s)`;
}

function momentLines({ place, width, paint }: Page, moment: Moment, isLabelled: boolean): readonly string[] {
  const { at, group, target, text, because, spentMs, isBad } = moment;
  const whose = isLabelled && target !== '' ? `[${idOf(target)}] ` : '';
  const label: readonly Piece[] = [
    '  ',
    [momentText(at, place.now()), paint.dim],
    '  ',
    [group.padEnd(WORD), paint[COLOURS[group]]],
    ' ',
  ];
  const told: Piece = isBad === true ? [`${whose}${text}`, paint.red] : `${whose}${text}${spentText(spentMs)}`;
  const reason =
    because === undefined || because === '' ? [] : [labelled([['             because ', paint.dim]], because, width)];
  return [labelled(label, told, width), ...reason];
}

/** What happened, in order. Each line is labelled with its target where there are several. */
function timelineSection(page: Page, story: Story): readonly string[] {
  const { records, others, operations, found, details, shorts } = story;
  const kept = details.ok ? (details.value ?? []) : [];
  const moments = inOrder([
    ...triggerMoments(records, operations, found.run),
    ...detailMoments(kept, page.isShown),
    ...records.flatMap((record) => recordMoments(record, page.isShown)),
    ...otherMoments(others, shorts),
  ]);
  const isLabelled = targetsIn(moments).length > 1;
  return section(
    page,
    'timeline (UTC)',
    moments.flatMap((moment) => momentLines(page, moment, isLabelled)),
  );
}

function ofTarget(records: readonly ShownRecord[], { target }: ShownRecord): string {
  return records.length > 1 && target !== '' ? ` of ${idOf(target)}` : '';
}

function evidenceSections(page: Page, { records }: Story): readonly string[] {
  const { width, paint, isShown } = page;
  return records.flatMap((record) => {
    const evidence = isShown ? record.evidence : withoutData(record.evidence);
    const cut = Object.entries(record.cut).flatMap(([of, bytes]) =>
      indented(4, `${bytes} bytes of ${of} were too long for the record`, width),
    );
    return section(page, `evidence${ofTarget(records, record)}`, [...evidenceText(evidence, width, paint), ...cut]);
  });
}

/** Longer values are for `--json`. */
const LONGEST_VALUE = 120;

function valueText(value: string | null): string {
  if (value === null) return '(none)';
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}…`;
}

function changeLine({ width, paint }: Page, { of, what, before, after }: Changed): string {
  const was = before === undefined ? '' : `${valueText(before)} -> `;
  return labelled([['    ', paint.dim], `${of} `, [`${what} `, paint.dim]], `${was}${valueText(after)}`, width);
}

function changeSections(page: Page, { records }: Story): readonly string[] {
  return records.flatMap((record) => {
    const title = hasActed(record) ? 'changed' : 'would change';
    return section(
      page,
      `${title}${ofTarget(record === undefined ? [] : records, record)}`,
      changesOf(record.plan, page.isShown).map((changed) => changeLine(page, changed)),
    );
  });
}

/** Links stay unbroken: they are there to be followed. A world has no console. */
function linkSection(page: Page, { found }: Story): readonly string[] {
  const { kind, region } = page.place;
  if (kind === 'world') return [];
  const { stack, runbook, targets } = found;
  const functionName = stack.runbooks.find(({ name }) => name === runbook)?.functionName;
  const links = [
    ...targets.slice(0, MOST_TARGETS).map((target) => targetLink(target, region)),
    ...(functionName === undefined ? [] : [logLink(functionName, region)]),
  ];
  return section(
    page,
    'links',
    links.flatMap((link) => (link === undefined ? [] : [`    ${link}`])),
  );
}

/** A line of the record that is more than one is none that anybody should paste unseen. */
function pasted(line: string): string {
  return line.includes('\n') ? '    (a line with line feeds in it: --json has it)' : `    ${line}`;
}

const CLEAR = 'nothing in the ledger is in its way now';
/** Whether the place it came from is good again stands in no ledger. */
const ONLY_A_DRY_RUN = '; how AWS stands now, the dry run below tells';

function undoSections(page: Page, story: Story): readonly string[] {
  const { undo, records } = story;
  return undo.flatMap((today) => {
    const whose = records.length > 1 ? ` ${idOf(today.target)}` : '';
    const record = records.find(({ target }) => target === today.target);
    const taken = record && takenBackIn(record, story);
    const lines = taken?.isDone === true ? takenLines(page, taken) : undoLines(page, story, today, taken);
    return section(page, `undo${whose}`, lines);
  });
}

function takenLines({ width, paint }: Page, { text }: TakenBack): readonly string[] {
  return indented(4, [`it was taken back already. ${text}`, paint.green], width);
}

/** Command lines stay unbroken, whatever the width: they are there to be pasted. */
function undoLines(page: Page, { unread }: Story, today: UndoToday, taken?: TakenBack): readonly string[] {
  const { width, paint } = page;
  const { request, ask, lines } = today;
  const hindrances = [...(taken === undefined ? [] : [taken.text]), ...today.hindrances];
  const isClear = hindrances.length === 0 && unread.length === 0;
  const known = isClear ? [ask === null ? CLEAR : `${CLEAR}${ONLY_A_DRY_RUN}`] : hindrances;
  const told = [...known, ...(unread.length === 0 ? [] : ['not all could be read: something may be in its way'])];
  const colour = isClear ? paint.green : paint.yellow;
  const calls = bareCalls(page.place);
  const bare = request === null ? calls : `or ${calls}`;
  return [
    ...told.flatMap((text) => indented(4, [text, colour], width)),
    ...(request === null ? [] : [`    ${request}`]),
    ...(ask === null
      ? []
      : [...indented(4, ['would it be refused? this asks the guards themselves:', paint.dim], width), `    ${ask}`]),
    ...(lines.length === 0 ? [] : [...indented(4, [bare, paint.dim], width), ...lines.map(pasted)]),
  ];
}

function unreadSection(page: Page, { unread, details }: Story, isVerbose: boolean): readonly string[] {
  const none =
    isVerbose && details.ok && details.value === null ? ['reads and checkpoints of this run were not kept'] : [];
  const { width, paint } = page;
  const lines = [...unread.map((text) => `cannot be read: ${text}`), ...none];
  return lines.flatMap((text) => indented(0, [text, paint.yellow], width));
}

/** When it ended, and how long it took. */
function endLine({ place, width, paint }: Page, record: ShownRecord, isOfSeveral: boolean): string {
  const { target, phases, at } = record;
  const now = place.now();
  const spentMs = Date.parse(phases.at(-1)?.endedAt ?? '') - Date.parse(phases[0]?.startedAt ?? '');
  const spent = Number.isNaN(spentMs) ? '' : `, after ${(spentMs / 1_000).toFixed(1)} s`;
  const whose = isOfSeveral && target !== '' ? `${idOf(target)} ` : '';
  return labelled([['ended: ', paint.dim]], `${whose}${momentText(at, now)}, ${ageText(at, now)} ago${spent}`, width);
}

/** What came of it, for each target: said last. */
function conclusion({ width, paint }: Page, { runbook, target, outcome, reason }: ShownRecord): readonly string[] {
  const [code, sentence] = reasonParts(reason);
  const label: readonly Piece[] = [
    [runbook, paint.bold],
    `${target === '' ? '' : ` ${idOf(target)}`}: `,
    [outcome, (text) => paintOutcome(paint, outcomeOf(outcome), text)],
    ' ',
  ];
  return [labelled(label, [`(${code})`, paint.dim], width), ...(sentence === '' ? [] : indented(2, sentence, width))];
}

/** What can be done about it. A command line stays unbroken. */
function whatNowLines({ place, width, paint }: Page, story: Story, record: ShownRecord): readonly string[] {
  const now = whatNow(place, story, record);
  if (now === undefined) return [];
  const whose = story.records.length > 1 && record.target !== '' ? `${idOf(record.target)}: ` : '';
  const text = labelled([['do: ', paint.dim]], `${whose}${now.text}`, width);
  return [text, ...(now.line === undefined ? [] : [`    ${now.line}`])];
}

function underWay({ place, width, paint }: Page, { found, states, standing }: Story): readonly string[] {
  const now = place.now();
  const held = states.map(({ resource, history: { pending } }) =>
    labelled(
      [[found.runbook, paint.bold], ` ${idOf(resource)}: `],
      [
        pending === undefined ? 'is being looked at' : `${pending.intent} (since ${momentText(pending.at, now)})`,
        paint.cyan,
      ],
      width,
    ),
  );
  if (held.length > 0) return held;
  if (standing?.kind === 'running')
    return indented(0, [`${found.runbook} is under way; nothing is recorded yet`, paint.cyan], width);
  const error = standing?.error;
  return indented(
    0,
    error === undefined ? 'nothing is recorded of this run' : [`${found.runbook} has ended: ${error}`, paint.red],
    width,
  );
}

/** All lines of a run, the conclusion last. */
export function storyLines(page: Page, story: Story, isVerbose: boolean): readonly string[] {
  const { found, records } = story;
  const more = found.targets.length - MOST_TARGETS;
  const { width, paint, place } = page;
  const wake = wakeText(story, place.now());
  return [
    ...indented(0, [`run ${found.run}`, paint.dim], width),
    ...timelineSection(page, story),
    ...evidenceSections(page, story),
    ...changeSections(page, story),
    ...linkSection(page, story),
    ...undoSections(page, story),
    ...unreadSection(page, story, isVerbose),
    ...(more <= 0 ? [] : indented(0, [`and ${more} targets more: name one, as RUN/TARGET`, paint.dim], width)),
    '',
    ...records.map((record) => endLine(page, record, records.length > 1)),
    ...(wake === undefined ? [] : [labelled([['next: ', paint.dim]], wake, width)]),
    ...records.flatMap((record) => whatNowLines(page, story, record)),
    ...(records.length === 0 ? underWay(page, story) : records.flatMap((record) => conclusion(page, record))),
  ];
}
