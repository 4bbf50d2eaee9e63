/** `runbook whatif WORLD --html FILE`: what becomes of each loss, as a page to hand on. Pure. */

import { shortSpan } from '../../rehearsal/whatif/spans.ts';
import { isSurvived, type LossReport, type Told, type WhatIf } from '../../rehearsal/whatif/what-if.ts';
import { spanText, wholeMoment } from '../operate/times.ts';
import { conclusionOf, lossText, unattendedText } from '../whatif/table.ts';
import { headRow, pasteLines } from './blocks.ts';
import { countText, cutList, cutText, WHOLE_ROOM } from './cut.ts';
import { el, section, styled, type Markup } from './html.ts';
import { documentOf } from './page.ts';

const { characters, entries } = WHOLE_ROOM;

/** Rows of the table; `--json` has them all. 71 pairs are those of a small company, and 500 the most that are played. */
const MOST_ROWS = 600;
/** Losses that are told in full, the worst. */
const MOST_TOLD = 60;

const cut = (text: string): string => cutText(text, characters);

function leftOut(count: number, what: string): readonly Markup[] {
  return count === 0 ? [] : [styled('p', 'left-out', `${countText(count)} ${what} left out; \`--json\` has them`)];
}

/** In one cell, each with its word: on a telephone there are no columns. */
function howText({ by, rtoSeconds: rto, rpoSeconds: rpo }: LossReport): string {
  const known = [
    ...(by.length === 0 ? [] : [`by ${by.join(', ')}`]),
    ...(rto === undefined ? [] : [`RTO ${shortSpan(rto)}`]),
    ...(rpo === undefined ? [] : [`RPO ${shortSpan(rpo)}`]),
  ];
  return known.length === 0 ? '–' : known.join(', ');
}

function rowOf(report: LossReport): Markup {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, cut(lossText(report))),
    el('td', { class: 'outcome-word' }, report.verdict),
    el('td', {}, howText(report)),
  );
}

function lossesBlock({ reports }: WhatIf): Markup {
  const { first, left, last } = cutList(reports, MOST_ROWS);
  const rows = [...first, ...last].map(rowOf);
  const table = el(
    'table',
    { class: 'stacked' },
    el('caption', {}, 'Worst first. RTO: until everything is as it was; RPO: age of the newest data in use again.'),
    headRow('Lost', 'Verdict', 'Brought back'),
    el('tbody', {}, ...rows),
  );
  return section('losses', 2, 'Each loss', table, ...leftOut(left, 'losses'));
}

function toldText({ runbook, target, outcome, reason }: Told): string {
  return cut(`${runbook}${target === undefined ? '' : ` ${target}`}: ${outcome}, ${reason}`);
}

/** Why it is not survived, and what a person can do. */
function lossBlock(report: LossReport, index: number): Markup {
  const { losses, fared, why, lines, alarms, unknown } = report;
  const lacking = fared.flatMap(({ name, last }) => (last === undefined ? [] : [`${name} ${last}`]));
  const told = [
    ...losses.map(({ id, name, how }) => (name === undefined ? how : `${id}: ${how}`)),
    ...(unknown === undefined ? [] : [`It could not be played: ${unknown}`]),
    ...lacking,
    ...why.map(toldText),
    ...(why.length === 0 && unknown === undefined && lines.length === 0 ? ['No runbook has said anything of it.'] : []),
    ...(alarms.length === 0 ? [] : [`Alarms that ring: ${alarms.join(', ')}`]),
  ];
  return section(
    `loss-${index + 1}`,
    3,
    cut(`${lossText(report)}: ${report.verdict}`),
    el('ul', {}, ...told.slice(0, entries).map((text) => el('li', {}, cut(text)))),
    ...(lines.length === 0 ? [] : [styled('p', 'note', 'To paste:'), ...pasteLines(lines, WHOLE_ROOM)]),
  );
}

function whyBlock({ reports }: WhatIf): readonly Markup[] {
  const bad = reports.filter((report) => !isSurvived(report));
  if (bad.length === 0) return [];
  const shown = bad.slice(0, MOST_TOLD).map(lossBlock);
  return [
    section('why', 2, 'What is not survived, and why', ...shown, ...leftOut(bad.length - shown.length, 'losses')),
  ];
}

function asideBlock({ unattended, troubled, reports, pairs, scriptSteps, otherRegions }: WhatIf): readonly Markup[] {
  const assumed = [...new Set(reports.flatMap((report) => report.assumed))];
  const texts = [
    unattendedText(unattended) ?? [],
    ...troubled.map(({ name, what }) => `Before anything is lost ${name} ${what}: no loss says anything of it.`),
    scriptSteps === 0 ? [] : `The world's own script (${countText(scriptSteps)} steps) is left out.`,
    otherRegions.length === 0 ? [] : `Nothing is lost in ${otherRegions.join(', ')}.`,
    pairs === undefined || pairs.left === 0 ? [] : `${countText(pairs.left)} more pairs were not played.`,
  ].flat();
  const rests = el(
    'details',
    {},
    el('summary', {}, `It rests on ${countText(assumed.length)} behaviours of AWS that are assumed`),
    el('ul', {}, ...assumed.slice(0, entries).map((text) => el('li', {}, cut(text)))),
  );
  if (texts.length === 0 && assumed.length === 0) return [];
  const list = el('ul', {}, ...texts.slice(0, entries).map((text) => el('li', {}, cut(text))));
  return [
    section(
      'aside',
      2,
      'What this says nothing of',
      ...(texts.length === 0 ? [] : [list]),
      ...(assumed.length === 0 ? [] : [rests]),
    ),
  ];
}

function verdictOf(whatIf: WhatIf): Markup {
  const bad = whatIf.reports.filter((report) => !isSurvived(report)).length;
  const over =
    bad === 0
      ? 'What is looked after comes through.'
      : `${countText(bad)} of ${countText(whatIf.reports.length)} are not survived.`;
  return el(
    'section',
    { class: bad === 0 ? 'verdict' : 'verdict open', id: 'verdict', 'aria-labelledby': 'verdict-heading' },
    el('h2', { id: 'verdict-heading' }, 'Verdict'),
    styled('p', 'over', whatIf.reports.length === 0 ? 'There is nothing to lose.' : over),
    styled('p', 'changed', `${cut(conclusionOf(whatIf))}.`),
  );
}

/** The page. `world`: what the world is called; `footer`: what wrote it. */
export function whatIfPage(whatIf: WhatIf, world: string, footer: string): string {
  const { account, region, lostAt, followedSeconds, seed } = whatIf;
  const when = `Each is lost at ${wholeMoment(lostAt)} (simulated, seed ${seed}) and followed for ${spanText(followedSeconds * 1_000)}.`;
  return documentOf(
    { title: `What if it is lost: ${world}`, kind: 'REHEARSAL', place: `${world}, ${account} ${region}`, footer },
    el(
      'article',
      { id: 'whatif', 'aria-labelledby': 'whatif-title' },
      el('h1', { id: 'whatif-title' }, 'What if it is lost?'),
      styled('p', 'subtitle', when),
      verdictOf(whatIf),
      ...(whatIf.reports.length === 0 ? [] : [lossesBlock(whatIf)]),
      ...whyBlock(whatIf),
      ...asideBlock(whatIf),
    ),
  );
}
