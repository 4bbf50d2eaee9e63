/** The parts of a page that go run by run: evidence, plan, undo, and the requests of all. Pure. */

import type { Candidate } from '../operate/show/candidates.ts';
import { idOf } from '../results.ts';
import { inline } from '../show.ts';
import { facts, headRow, leftOut, ofTarget, pasteLines, subheading, type Level } from './blocks.ts';
import { countText, cutList, cutText, type Room } from './cut.ts';
import { el, section, styled, type Markup } from './html.ts';
import type { Report, ReportedCall, ReportedRun, SentRequest } from './report.ts';
import { moment } from './times.ts';

/** A part of each run that has one, under its target's name where there are several. */
function each(
  { runs }: Report,
  level: Level,
  room: Room,
  part: { readonly isIn: (run: ReportedRun) => boolean; readonly of: (run: ReportedRun) => readonly Markup[] },
): readonly Markup[] {
  const told = runs.filter(part.isIn);
  const shown = told.slice(0, room.runs);
  const left = told.length - shown.length;
  return [
    ...shown.flatMap((run) => {
      const whose = ofTarget(runs, run);
      return whose === '' ? part.of(run) : [subheading(level, cutText(whose, room.characters)), ...part.of(run)];
    }),
    ...(left === 0 ? [] : [leftOut(left, 'targets')]),
  ];
}

function candidateItem({ of, id, isFor, why }: Candidate, { characters }: Room): Markup {
  return el(
    'li',
    { class: 'candidate' },
    styled('span', isFor ? 'sign for' : 'sign', isFor ? '+ for' : '− against'),
    ' ',
    styled(
      'span',
      'told',
      el('code', {}, cutText(id, characters)),
      styled('span', 'of', ` ${cutText(of, characters)} `),
      styled('span', 'why', cutText(why, characters)),
    ),
  );
}

function evidenceOf({ candidates, evidence, cut, code, sentence }: ReportedRun, room: Room): readonly Markup[] {
  const { first, left, last } = cutList(candidates, room.entries);
  const rest = Object.entries(evidence).filter(([, value]) => value !== undefined);
  const named = rest
    .slice(0, room.entries)
    .map(([name, value]): [string, Markup] => [cutText(name, 80), cutText(inline(value), room.characters)]);
  const why = cutText(sentence === '' ? code : `${code}: ${sentence}`, room.characters);
  return [
    styled('p', 'why', why),
    ...(candidates.length === 0
      ? []
      : [
          el(
            'ul',
            { class: 'plain', 'aria-label': 'Candidates, and what speaks for or against each' },
            ...[...first, ...last].map((one) => candidateItem(one, room)),
          ),
        ]),
    ...(left === 0 ? [] : [leftOut(left, 'candidates')]),
    ...(named.length === 0 ? [] : [facts(named)]),
    ...(rest.length === named.length ? [] : [leftOut(rest.length - named.length, 'members')]),
    ...Object.entries(cut)
      .slice(0, room.entries)
      .map(([of, bytes]) =>
        styled('p', 'note', `${countText(bytes)} bytes of ${cutText(of, 80)} were too long for the record.`),
      ),
  ];
}

/** What speaks for each candidate, and what against. */
export function evidenceBlock(report: Report, level: Level, room: Room): Markup {
  const parts = each(report, level, room, { isIn: () => true, of: (run) => evidenceOf(run, room) });
  const none = styled('p', 'none', 'No evidence is recorded.');
  return section(`${report.id}-evidence`, level, 'Evidence', ...(parts.length === 0 ? [none] : parts));
}

function planItem({ call, input, because, undo }: ReportedCall, room: Room): Markup {
  return el(
    'li',
    {},
    el('code', {}, el('strong', {}, cutText(call, room.characters)), ` ${cutText(input, room.characters)}`),
    styled('p', 'because', `because ${cutText(because, room.characters)}`),
    ...(undo === undefined
      ? [styled('p', 'undo', 'Nothing takes it back.')]
      : [styled('p', 'undo', 'To take this call back:'), ...pasteLines([undo], room)]),
  );
}

function planOf({ plan, hasActed }: ReportedRun, room: Room): readonly Markup[] {
  const { first, left, last } = cutList(plan, room.entries);
  return [
    styled('p', 'note', hasActed ? 'Sent, in this order:' : 'Would be sent, in this order:'),
    el('ol', { class: 'plan' }, ...[...first, ...last].map((one) => planItem(one, room))),
    ...(left === 0 ? [] : [leftOut(left, 'calls')]),
  ];
}

/** What was planned, why, and what takes each call back. */
export function planBlock(report: Report, level: Level, room: Room): Markup {
  const parts = each(report, level, room, { isIn: ({ plan }) => plan.length > 0, of: (run) => planOf(run, room) });
  const none = styled('p', 'none', 'There was nothing to send.');
  return section(`${report.id}-plan`, level, 'Plan', ...(parts.length === 0 ? [none] : parts));
}

function callRow({ at, call, input, error }: SentRequest, { characters }: Room): Markup {
  const told = error === undefined ? [] : [' ', el('strong', {}, `failed: ${cutText(error, characters)}`)];
  return el(
    'tr',
    {},
    el('td', {}, moment(at)),
    el('th', { scope: 'row' }, el('code', {}, cutText(call, characters))),
    el('td', {}, el('code', {}, cutText(input, characters)), ...told),
  );
}

/** Every request, folded. */
export function callsBlock({ id, calls, noCalls }: Report, level: Level, room: Room): Markup {
  const { first, left, last } = cutList(calls, room.calls);
  const rows = [...first, ...last].map((one) => callRow(one, room));
  const shown = left === 0 ? '' : `, ${countText(rows.length)} of them here`;
  return section(
    `${id}-calls`,
    level,
    'Requests',
    ...(calls.length === 0
      ? [styled('p', 'none', noCalls)]
      : [
          el(
            'details',
            { class: 'calls' },
            el('summary', {}, `${countText(calls.length)} requests and steps${shown}`),
            el('table', { class: 'stacked requests' }, headRow('When', 'Call', 'Request'), el('tbody', {}, ...rows)),
            ...(left === 0 ? [] : [leftOut(left, 'requests between the first and the last')]),
          ),
        ]),
  );
}

const CLEAR = 'Nothing in the ledger is in its way now.';

function undoOf({ undo, takenBack }: ReportedRun, report: Report, room: Room): readonly Markup[] {
  if (takenBack !== undefined) return [styled('p', 'hindrance', `${cutText(takenBack.text, room.characters)}.`)];
  if (undo === undefined) return [styled('p', 'none', 'Nothing that is recorded takes it back.')];
  const { request, ask, lines, hindrances } = undo;
  const isUnread = report.unread.length > 0;
  const told = [
    ...(hindrances.length === 0 && !isUnread ? [CLEAR] : hindrances),
    ...(isUnread ? ['Not all could be read: something may be in its way.'] : []),
  ];
  return [
    el(
      'ul',
      { class: 'plain' },
      ...told.slice(0, room.entries).map((text) => el('li', { class: 'hindrance' }, cutText(text, room.characters))),
    ),
    ...(request === null ? [] : pasteLines([request], room)),
    ...(ask === null
      ? []
      : [styled('p', 'note', 'Would it be refused? This asks the guards themselves:'), ...pasteLines([ask], room)]),
    ...(lines.length === 0
      ? []
      : [
          styled('p', 'note', `${request === null ? 'Taken back' : 'Or'} ${report.bareCalls}:`),
          ...pasteLines(lines, room),
        ]),
  ];
}

/** How it is taken back, and what would be in the way of that. */
export function undoBlock(report: Report, level: Level, room: Room): Markup {
  const parts = each(report, level, room, {
    isIn: ({ hasActed, undo }) => hasActed || undo !== undefined,
    of: (run) => undoOf(run, report, room),
  });
  const none = styled('p', 'none', 'There is nothing to take back.');
  return section(`${report.id}-undo`, level, 'Undo', ...(parts.length === 0 ? [none] : parts));
}

/** Names of the targets, for a title. */
export function targetsText(targets: readonly string[]): string {
  const named = targets.filter((target) => target !== '').map((target) => idOf(target));
  return named.length <= 2 ? named.join(', ') : `${named[0] ?? ''} and ${countText(named.length - 1)} more`;
}
