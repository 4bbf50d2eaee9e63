/** A run's timeline as Markdown, to be copied into an incident. Pure. */

import { printable } from '../../shared/kernel/printable.ts';
import { withoutFeeds } from '../layout.ts';
import type { Moment } from '../operate/show/moments.ts';
import { idOf } from '../results.ts';
import { cutText, type Room } from './cut.ts';
import { moments as momentsOf } from './moments.ts';
import type { Report } from './report.ts';
import { timeText } from './times.ts';
import { wholeMoment } from '../operate/times.ts';

/**
 * What Markdown gives a meaning to in the middle of a line: CommonMark's code, emphasis, links, tags and entities, GitHub's tables,
 * strikethrough and formulas. No text from outside begins a line. Source: CommonMark 0.31.2, "Backslash escapes"; GitHub Flavored Markdown 0.29.
 */
const MEANS = /[\\`*_[\]<|~$&]/gu;

/** What trackers make links and mentions of, whatever stands before it: `@team`, `#12`, `https://`, `www.`. */
const LINKED = /@|#\d|:\/\/|www\./iu;

/** Text in a code span, in which nothing has a meaning: fenced by more backticks than it has in a row. */
export function codeSpan(text: string): string {
  const shown = printable(withoutFeeds(text)).trim();
  if (shown === '') return '';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Text within a line of Markdown, which shows it as it is. */
export function markdownText(text: string): string {
  const shown = printable(withoutFeeds(text)).trim();
  return LINKED.test(shown) ? codeSpan(shown) : shown.replaceAll(MEANS, (character) => `\\${character}`);
}

function momentLine({ at, group, target, text, because = '' }: Moment, isLabelled: boolean, room: Room): string {
  const whose = isLabelled && target !== '' ? ` ${codeSpan(idOf(target))}` : '';
  const told = ['act', 'read', 'step'].includes(group) ? codeSpan : markdownText;
  const why = because === '' ? '' : ` — ${markdownText(cutText(because, room.characters))}`;
  return `- ${markdownText(timeText(at))} **${group}**${whose} ${told(cutText(text, room.characters))}${why}`;
}

function headLines({ title, where, now, verdict }: Report, { characters, entries }: Room): readonly string[] {
  const told = (text: string): string => markdownText(cutText(text, characters));
  return [
    `### ${told(title)}`,
    '',
    `${told(verdict.over)}. ${told(verdict.changed)}. ${told(verdict.act)}.`,
    '',
    ...where.slice(0, entries).map(([label, text]) => `- ${told(label)}: ${told(text)}`),
    `- As of ${wholeMoment(now)}`,
    '',
  ];
}

/** The lines, with times in UTC. */
export function markdownTimeline(report: Report, room: Room): string {
  const { first, left, last, isLabelled } = momentsOf(report, room);
  const lines = (list: readonly Moment[]): readonly string[] => list.map((one) => momentLine(one, isLabelled, room));
  const gap = left === 0 ? [] : [`- … ${left} moments left out`];
  return [...headLines(report, room), ...lines(first), ...gap, ...lines(last), ''].join('\n');
}
