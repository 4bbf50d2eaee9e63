/** Pages: one file, no scripts, nothing loaded from anywhere, readable on a telephone and on paper. Pure: the same reports, the same bytes. */

import { changesBlock, nextBlock, receiptBlock, runsBlock, unreadBlock, verdictBlock, type Level } from './blocks.ts';
import { withoutFeeds } from '../layout.ts';
import { countText, cutText, smaller, WHOLE_ROOM, type Room } from './cut.ts';
import { el, escaped, link, rendered, section, styled, type Markup } from './html.ts';
import { markdownTimeline } from './markdown.ts';
import { momentList } from './moments.ts';
import type { Report } from './report.ts';
import { callsBlock, evidenceBlock, planBlock, undoBlock } from './run-blocks.ts';
import { POLICY, STYLE_SHEET } from './style.ts';
import { timelineFigure } from './timeline.ts';

/** A page of one report has at most so many bytes: what a mail program and a tracker take without a word. */
export const MOST_BYTES = 1_000_000;
/** A page of several: each has its share of it. */
export const MOST_BYTES_OF_SEVERAL = 8_000_000;

/** Frame of every page. */
export interface Frame {
  readonly title: string;
  /** What the page is about, above everything: `LIVE 111122223333 eu-west-1`. */
  readonly kind: string;
  readonly place: string;
  /** What wrote it. */
  readonly footer: string;
}

/** A whole document around its content. */
export function documentOf({ title, kind, place, footer }: Frame, ...content: readonly Markup[]): string {
  const body = [
    el('a', { class: 'skip', href: '#content' }, 'Skip to the verdict'),
    el('header', { class: 'page' }, styled('p', 'place', el('strong', {}, kind), ` ${place}`)),
    el('main', { id: 'content', tabindex: -1 }, ...content),
    el('footer', {}, el('p', {}, footer)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escaped(withoutFeeds(cutText(title, 200)))}</title>
<style>${STYLE_SHEET}</style>
</head>
<body>${body.map((part) => rendered(part)).join('\n')}
</body>
</html>
`;
}

function timelineBlock(report: Report, level: Level, room: Room): Markup {
  return section(`${report.id}-timeline`, level, 'Timeline', ...timelineFigure(report, room), momentList(report, room));
}

function markdownBlock(report: Report, level: Level, room: Room): Markup {
  return section(
    `${report.id}-markdown`,
    level,
    'To copy into the incident',
    styled('p', 'note', 'Markdown; times are UTC.'),
    el(
      'pre',
      { class: 'markdown', tabindex: 0, role: 'group', 'aria-label': 'Timeline as Markdown' },
      markdownTimeline(report, room),
    ),
  );
}

/** A report as part of a page. `level`: of its sections' headings; its own title is one above. */
function articleOf(report: Report, level: Level, room: Room): Markup {
  const { id, title, subtitle } = report;
  const heading = el(
    level === 2 ? 'h1' : 'h2',
    level === 2 ? { id: `${id}-title` } : { id: `${id}-title`, class: 'title' },
    cutText(title, room.characters),
  );
  return el(
    'article',
    { id, 'aria-labelledby': `${id}-title` },
    heading,
    styled('p', 'subtitle', cutText(subtitle, room.characters)),
    verdictBlock(report, level, room),
    ...unreadBlock(report, level, room),
    ...runsBlock(report, level, room),
    changesBlock(report, level, room),
    timelineBlock(report, level, room),
    evidenceBlock(report, level, room),
    planBlock(report, level, room),
    callsBlock(report, level, room),
    undoBlock(report, level, room),
    nextBlock(report, level, room),
    receiptBlock(report, level, room),
    markdownBlock(report, level, room),
  );
}

/** At each step a page has half the room: after so many it holds hardly more than its verdict. */
const STEPS = 12;

/** A report as large as fits. */
function fitted(report: Report, level: Level, mostBytes: number): Markup {
  for (let step = 0; step < STEPS; step += 1) {
    const article = articleOf(report, level, step === 0 ? WHOLE_ROOM : smaller(WHOLE_ROOM, 2 ** step));
    if (Buffer.byteLength(rendered(article)) <= mostBytes) return article;
  }
  return articleOf(report, level, smaller(WHOLE_ROOM, 2 ** STEPS));
}

/** Head, style sheet and frame take less than this, bytes. */
const FRAME_BYTES = 20_000;

/** A page of one report. */
export function reportPage(frame: Frame, report: Report): string {
  return documentOf(frame, fitted(report, 2, MOST_BYTES - FRAME_BYTES));
}

function indexItem({ id, title, subtitle, verdict, faults }: Report): Markup {
  const amiss = faults.length === 0 ? '' : ` ${countText(faults.length)} amiss.`;
  const how = `${verdict.over}. ${verdict.act}.${amiss}`;
  return el(
    'li',
    {},
    link(`#${id}`, cutText(title, 120)),
    ` ${cutText(subtitle, 200)}`,
    styled('span', 'how', cutText(how, 300)),
  );
}

/** Articles of a page of several. */
function shareOf(reports: number): number {
  return Math.min(MOST_BYTES, Math.floor((MOST_BYTES_OF_SEVERAL - FRAME_BYTES) / Math.max(1, reports)) - INDEX_BYTES);
}

/** An entry of the index takes no more than this, bytes, whatever is escaped in it. */
const INDEX_BYTES = 4_000;

/** A page of several reports, with an index of them. */
export function indexPage(frame: Frame, title: string, lead: string, reports: readonly Report[]): string {
  const most = shareOf(reports.length);
  return documentOf(
    frame,
    el('div', { class: 'index' }, el('h1', {}, title), styled('p', 'subtitle', lead)),
    el('nav', { class: 'index', 'aria-label': 'Reports on this page' }, el('ol', {}, ...reports.map(indexItem))),
    ...reports.map((report) => fitted(report, 3, most)),
  );
}
