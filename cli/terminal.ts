/** What the command writes to, and how text looks there: colours and a progress line on a terminal, plain text in a pipe. */

import pc from 'picocolors';
import type { DiscoveredFunction } from '../rehearsal/functions.ts';

/** One output of the process. */
export interface Sink {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** Width; only asked of a terminal. */
  readonly columns: () => number;
}

/** Everything the command touches outside its arguments; tests bring their own. */
export interface CommandIo {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's functions. Only called by what needs them: loading takes a moment. */
  readonly functions: () => Promise<readonly DiscoveredFunction[]>;
  /** The folder of the drills. */
  readonly drills: string;
  /** Hears Ctrl-C until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** Bad usage: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Paint = ReturnType<typeof pc.createColors>;

/** Colours for a sink: on a terminal, unless NO_COLOR says no; elsewhere only when FORCE_COLOR says so. */
export function paintFor(sink: Sink, env: CommandIo['env']): Paint {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '', TERM: term = '' } = env;
  if (no !== '') return pc.createColors(false);
  return pc.createColors((force !== '' && force !== '0') || (sink.isTTY && term !== 'dumb' && force !== '0'));
}

/** Lines in a pipe are never broken: a program, or `less -S`, reads them. */
const UNBROKEN = 100_000;
/** Narrower than this, a table is no table any more. */
const LEAST_COLUMNS = 60;

/** How wide text may get on a sink. */
export function widthOf(sink: Sink): number {
  return sink.isTTY ? Math.max(LEAST_COLUMNS, sink.columns()) : UNBROKEN;
}

/** Breaks text at spaces into lines of at most `width` characters; a longer word is broken where it must be. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replaceAll(/\s*\n\s*/gu, ' ').split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length > width) {
      lines.push(line);
      line = '';
    }
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width));
    line = line === '' ? rest : `${line} ${rest}`;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** Text behind a label, broken to the width with the following lines under the first. `label` is painted already; `indent` is its visible length. */
export function labelled(
  label: string,
  indent: number,
  text: string,
  width: number,
  paint: (line: string) => string = String,
): string {
  return wrapped(text, Math.max(20, width - indent))
    .map((line, index) => `${index === 0 ? label : ' '.repeat(indent)}${paint(line)}`)
    .join('\n');
}

/** Redraws are cheap, but a thousand a second would slow the explorer. */
const REDRAW_MS = 80;

/** A line that is overwritten while work goes on; silent where there is no terminal. */
export interface Progress {
  readonly show: (text: string) => void;
  /** Removes the line. */
  readonly clear: () => void;
}

/** The progress line of a sink. */
export function progressOn(sink: Sink): Progress {
  if (!sink.isTTY) return { show: () => undefined, clear: () => undefined };
  let drawnAt = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show: (text) => {
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      shown = true;
      sink.write(`\r\u001b[2K${text.slice(0, sink.columns() - 1)}`);
    },
    clear: () => {
      if (shown) sink.write('\r\u001b[2K');
      shown = false;
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}
