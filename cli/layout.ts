/** Text within the width of a terminal: labels, hanging lines, and what a narrow one makes of them. */

import stringWidth from 'fast-string-width';
import { printable } from '../shared/kernel/printable.ts';
import type { Brush, Sink } from './terminal.ts';

/** Lines in a pipe are never broken: a program, or `less -S`, reads them. */
const UNBROKEN = 100_000;
/** What is assumed of a terminal that does not know its width. */
const USUAL_COLUMNS = 80;
/** Below this nothing is readable, whatever is done. */
const LEAST_COLUMNS = 20;
/** Several lines of text beside a label need this much room, this share of the line, and no word that is longer; else they stand below it. */
const LEAST_TEXT = 20;
const LEAST_SHARE = 0.4;
/** A label stands in no further than this share of the line where its text is below it, and the text that much further. */
const LARGEST_INDENT = 0.1;
const BELOW = 2;

/** How wide text may get on a sink, in columns. */
export function widthOf(sink: Sink): number {
  return sink.isTTY ? Math.max(LEAST_COLUMNS, sink.columns() || USUAL_COLUMNS) : UNBROKEN;
}

/** The text without line feeds: each is a space, with whatever blanks stand around it. */
export function withoutFeeds(text: string): string {
  // Blanks first: a search for line feeds among blanks begins anew at each of them.
  return text.replaceAll(/\s+/gu, (blanks) => (blanks.includes('\n') ? ' ' : blanks));
}

/** Part of a line: as it is, or painted. */
export type Piece = string | readonly [text: string, paint: Brush];

const unpainted: Brush = (text) => text;

/** Words of one brush. */
interface Run {
  readonly paint: Brush;
  readonly text: string;
}

function parts(piece: Piece): Run {
  const [text, paint] = typeof piece === 'string' ? [piece, unpainted] : piece;
  return { text: printable(withoutFeeds(text)), paint };
}

function brushed({ text, paint }: Run): string {
  return text.trim() === '' ? text : paint(text);
}

/** A word in pieces that fit, each of at least one character: nearly always one. In one pass: a word may be a whole file. */
function broken(word: string, width: number): readonly string[] {
  if (stringWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    const room = stringWidth(segment);
    if (piece !== '' && used + room > width) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += segment;
    used += room;
  }
  return [...pieces, piece];
}

/** As much of a text as there is room for, in one line. */
export function clipped(text: string, room: number): string {
  const shown = printable(withoutFeeds(text));
  if (stringWidth(shown) <= room) return shown;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(shown)) {
    used += stringWidth(segment);
    if (used > room - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

function joined(runs: readonly Run[], paint: Brush, word: string): readonly Run[] {
  const last = runs.at(-1);
  if (last === undefined) return [{ paint, text: word }];
  if (last.paint === paint) return [...runs.slice(0, -1), { paint, text: `${last.text} ${word}` }];
  return [...runs, { paint: unpainted, text: ' ' }, { paint, text: word }];
}

/** Breaks text at spaces into lines of at most `width` columns; a longer word is broken where it must be. */
function flowed(pieces: readonly Piece[], width: number): readonly string[] {
  const lines: (readonly Run[])[] = [];
  let line: readonly Run[] = [];
  let used = 0;
  for (const piece of pieces) {
    const { text, paint } = parts(piece);
    for (const word of text.split(' ')) {
      for (const [index, part] of broken(word, width).entries()) {
        const room = stringWidth(part);
        const isFull = index > 0 || (used > 0 && used + 1 + room > width);
        if (isFull) lines.push(line);
        const isFirst = isFull || used === 0;
        line = isFirst ? [{ paint, text: part }] : joined(line, paint, part);
        used = isFirst ? room : used + 1 + room;
      }
    }
  }
  return [...lines, line].map((runs) => runs.map((run) => brushed(run)).join(''));
}

/** Lines of at most `width` columns, each `indent` columns in. */
export function indented(indent: number, text: Piece, width: number): readonly string[] {
  return flowed([text], width - indent).map((line) => ' '.repeat(indent) + line);
}

/**
 * Text behind a label, broken to the width with the following lines under the first; below its label where too little room is
 * left beside it.
 */
export function labelled(label: readonly Piece[], text: Piece, width: number): string {
  const pieces = label.map(parts);
  const plain = pieces.map((piece) => piece.text).join('');
  const indent = stringWidth(plain);
  const room = width - indent;
  const shown = parts(text).text;
  const isOneLine = stringWidth(shown) <= room;
  const isBroken = shown.split(' ').some((word) => stringWidth(word) > room);
  if (indent === 0 || isOneLine || (!isBroken && room >= Math.max(LEAST_TEXT, width * LEAST_SHARE))) {
    const [first = '', ...others] = flowed([text], room);
    const head = pieces.map((piece) => brushed(piece)).join('');
    return [`${head}${first}`, ...others.map((line) => ' '.repeat(indent) + line)].join('\n');
  }
  const ownIndent = plain.length - plain.trimStart().length;
  const lead = Math.min(ownIndent, Math.floor(width * LARGEST_INDENT));
  const words = pieces.flatMap(({ text: part, paint }): Piece[] =>
    part.split(' ').flatMap((word): Piece[] => (word === '' ? [] : [[word, paint]])),
  );
  const [first = '', ...others] = flowed(words, width - lead - BELOW);
  const head = [' '.repeat(lead) + first, ...others.map((line) => ' '.repeat(lead + BELOW) + line)];
  return [...head, ...(shown === '' ? [] : indented(lead + BELOW, text, width))].join('\n');
}
