/** What becomes of a world's losses as a table: worst first, then why, the conclusion last. Pure. */

import stringWidth from 'fast-string-width';
import {
  isSurvived,
  type Lost,
  type LossReport,
  type Told,
  type Unattended,
  type WhatIf,
} from '../../rehearsal/whatif/what-if.ts';
import { shortSpan } from '../../rehearsal/whatif/spans.ts';
import { clipped, indented, labelled } from '../layout.ts';
import { spanText, wholeMoment } from '../operate/times.ts';
import { reasonParts } from '../results.ts';
import type { Brush, Paint } from '../terminal.ts';

/** How it is shown. */
export interface Shown {
  readonly width: number;
  readonly paint: Paint;
}

/** Below this width a loss has two lines, and no columns. */
const LEAST_TABLE = 72;
const GAP = '  ';
/** Of a key's id, which is 36 long. */
const KEY_COLUMNS = 9;
/** The most names that stand in one line. */
const MOST_NAMED = 8;

function lostName({ kind, id, name }: Lost): string {
  if (kind === 'ledger') return 'the ledger';
  // An ARN is longer than a line; what tells keys apart is its end.
  return kind === 'key' ? `key ${clipped(id.split('/').at(-1) ?? id, KEY_COLUMNS)}` : `${kind} ${name ?? id}`;
}

/** What was lost, in words: `the ledger + instance web-a`. */
export function lossText({ losses }: Pick<LossReport, 'losses'>): string {
  return losses.map(lostName).join(' + ');
}

function brushOf({ verdict }: LossReport, paint: Paint): Brush {
  if (verdict === 'recovers') return paint.green;
  if (verdict === 'unaffected') return paint.dim;
  return verdict === 'stays lost' || verdict === 'needs a person' ? paint.red : paint.yellow;
}

interface Row {
  readonly report: LossReport;
  readonly cells: readonly [lost: string, by: string, rto: string, rpo: string];
}

function rowOf(report: LossReport): Row {
  const { by, rtoSeconds: rto, rpoSeconds: rpo } = report;
  const spans = [rto, rpo].map((one) => (one === undefined ? '-' : shortSpan(one)));
  return { report, cells: [lossText(report), by.join(', ') || '-', spans[0] ?? '-', spans[1] ?? '-'] };
}

const TITLES = ['LOST', 'BROUGHT BACK BY', 'RTO', 'RPO'] as const;
const VERDICT_COLUMNS = 15;
/** The longest name of a runbook. */
const LEAST_BY = 20;

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => stringWidth(text)));
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}

function tableLines(rows: readonly Row[], { width, paint }: Shown): readonly string[] {
  const spans = [2, 3].map((at) => widest([TITLES[at] ?? '', ...rows.map(({ cells }) => cells[at] ?? '')]));
  const room = width - [VERDICT_COLUMNS, ...spans, 0].reduce((sum, columns) => sum + columns + GAP.length, 0);
  const wanted = [0, 1].map((at) => widest([TITLES[at] ?? '', ...rows.map(({ cells }) => cells[at] ?? '')]));
  const [wantedLost = 0, wantedBy = 0] = wanted;
  // Where both do not fit, whoever has brought it back stands in the JSON whole, and once more below where something is not back.
  const by = Math.min(wantedBy, Math.max(LEAST_BY, room - wantedLost));
  const lost = Math.min(wantedLost, room - by);
  const columns = [lost, by, ...spans];
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => padded(clipped(cell, columns[at] ?? 0), columns[at] ?? 0))
      .join(GAP)
      .trimEnd();
  const head = paint.dim(`${padded('', VERDICT_COLUMNS)}${GAP}${line(TITLES)}`);
  return [
    head,
    ...rows.map(({ report, cells }) => {
      const verdict = brushOf(report, paint)(padded(report.verdict, VERDICT_COLUMNS));
      return `${verdict}${GAP}${line(cells)}`;
    }),
  ];
}

function narrowLines(rows: readonly Row[], { width, paint }: Shown): readonly string[] {
  return rows.flatMap(({ report, cells: [lost, by, rto, rpo] }) => {
    const spans = [
      rto === '-' ? [] : [`RTO ${rto}`],
      rpo === '-' ? [] : [`RPO ${rpo}`],
      by === '-' ? [] : [`by ${by}`],
    ].flat();
    const head = labelled([[report.verdict, brushOf(report, paint)], '  '], lost, width);
    return [head, ...(spans.length === 0 ? [] : indented(2, [spans.join(', '), paint.dim], width))];
  });
}

function toldLine({ runbook, outcome, reason, target }: Told, shown: Shown): readonly string[] {
  const [code, sentence] = reasonParts(reason);
  const about = target === undefined ? '' : ` ${target}`;
  return indented(2, `${runbook}${about} ${outcome} (${code})${sentence === '' ? '' : `: ${sentence}`}`, shown.width);
}

/** Why a loss is not survived, and what a person can do about it. */
function whyLines(report: LossReport, shown: Shown): readonly string[] {
  const { fared, why, lines, alarms, unknown, losses } = report;
  const { width, paint } = shown;
  const how = losses.map(({ id, name, how: what }) => (name === undefined ? what : `${id}: ${what}`)).join('; ');
  const lacking = fared.filter(({ last }) => last !== undefined);
  return [
    '',
    labelled([[`${lossText(report)}:`, paint.bold], ' '], [report.verdict, brushOf(report, paint)], width),
    ...indented(2, [how, paint.dim], width),
    ...(unknown === undefined ? [] : indented(2, `it could not be played: ${unknown}`, width)),
    ...lacking.flatMap(({ name, last = '' }) => indented(2, `${name} ${last}`, width)),
    ...why.flatMap((one) => toldLine(one, shown)),
    ...(why.length === 0 && unknown === undefined && lines.length === 0
      ? indented(2, 'no runbook has said anything of it', width)
      : []),
    ...(alarms.length === 0 ? [] : indented(2, [`alarms that ring: ${alarms.join(', ')}`, paint.dim], width)),
    // Unbroken: they are there to be copied.
    ...lines.map((line) => `  ${paint.cyan(line)}`),
  ];
}

function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function counted(count: number, kind: string): string {
  return `${count} ${kind}${count === 1 ? '' : 's'}`;
}

/** What nobody looks after: counted by kind, and some of it named. */
export function unattendedText(unattended: readonly Unattended[]): string | undefined {
  if (unattended.length === 0) return undefined;
  const kinds = ['instance', 'volume', 'queue'] as const;
  const counts = kinds.flatMap((kind) => {
    const count = unattended.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [counted(count, kind)];
  });
  const names = unattended.map(
    ({ name, id, group }) => (name ?? id) + (group === undefined ? '' : ` (of group ${group})`),
  );
  return `${counts.join(', ')} that no runbook looks after: ${someOf(names)}`;
}

function asideLines({ reports, unattended, troubled, pairs }: WhatIf, { width, paint }: Shown): readonly string[] {
  const untouched = reports.filter(({ verdict }) => verdict === 'unaffected');
  const heard = untouched.filter(({ alarms }) => alarms.length > 0);
  const assumed = new Set(reports.flatMap((report) => report.assumed));
  const texts = [
    ...troubled.map(({ name, what }) => `before anything is lost ${name} ${what}: no loss says anything of it`),
    ...(untouched.length === 0 ? [] : [`nothing is hit by ${untouched.length}: ${someOf(untouched.map(lossText))}`]),
    ...(heard.length === 0
      ? []
      : [`of these alarms tell: ${someOf(heard.map((one) => `${lossText(one)} (${one.alarms.join(', ')})`))}`]),
    unattendedText(unattended) ?? [],
    pairs === undefined || pairs.left === 0
      ? []
      : `${pairs.left} more pairs were not played: ${pairs.played} are as many as can be waited for`,
    assumed.size === 0 ? [] : `it rests on ${assumed.size} behaviours of AWS that are assumed: --json lists them`,
  ].flat();
  return texts.length === 0 ? [] : ['', ...texts.flatMap((text) => indented(0, [text, paint.dim], width))];
}

/** What it comes to, in one sentence. */
export function conclusionOf({ reports, attended, unattended }: WhatIf): string {
  if (reports.length === 0) {
    const others = unattended.length === 0 ? '' : '; what can be lost has nobody who looks after it';
    return attended.length === 0
      ? `there is nothing to lose: no runbook looks after anything in this world${others}`
      : 'there is nothing to lose: nothing of these kinds is there that a runbook looks after';
  }
  const said = (['single', 'beside', 'pair'] as const).flatMap((as) => {
    const own = reports.filter((report) => report.as === as);
    return own.length === 0 ? [] : [survivalOf(own, as)];
  });
  return said.join('; ');
}

const PLAYED = {
  single: ['loss', 'losses'],
  beside: ['loss beside a silent one', 'losses beside a silent one'],
  pair: ['pair', 'pairs'],
} as const;

/** How many of some losses are survived, and which are not. */
function survivalOf(reports: readonly LossReport[], as: LossReport['as']): string {
  const [one, several] = PLAYED[as];
  const all = `${reports.length} ${reports.length === 1 ? one : several}`;
  const unknown = reports.filter(({ verdict }) => verdict === 'unknown').length;
  const lost = reports.filter((report) => !isSurvived(report) && report.verdict !== 'unknown');
  const untold = unknown === 0 ? '' : `, and of ${unknown} it is not known`;
  if (lost.length === 0)
    return unknown === 0 ? `all of ${all} are survived` : `none of ${all} is seen to be lost${untold}`;
  const which = as === 'single' ? `: ${someOf(lost.map(lossText))}` : '';
  return `${lost.length} of ${all} ${lost.length === 1 ? 'is' : 'are'} not survived${untold}${which}`;
}

/** The whole, as it is printed. */
export function whatIfText(whatIf: WhatIf, shown: Shown): string {
  const { width, paint } = shown;
  const { reports, lostAt, seed } = whatIf;
  const rows = reports.filter(({ verdict }) => verdict !== 'unaffected').map(rowOf);
  const isSound = reports.every(isSurvived);
  const head = `each is lost at ${wholeMoment(lostAt)} (simulated, seed ${seed}) and followed for ${spanText(whatIf.followedSeconds * 1_000)}`;
  const table = width < LEAST_TABLE ? narrowLines(rows, shown) : tableLines(rows, shown);
  return [
    ...indented(0, [head, paint.dim], width),
    ...(rows.length === 0 ? [] : ['', ...table]),
    ...reports.filter((report) => !isSurvived(report)).flatMap((report) => whyLines(report, shown)),
    ...asideLines(whatIf, shown),
    '',
    ...indented(0, [conclusionOf(whatIf), isSound ? paint.green : paint.red], width),
  ].join('\n');
}
