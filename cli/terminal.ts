/** What the command writes to, and how text looks there: colours and a progress line on a terminal, plain text in a pipe. */

import { randomUUID } from 'node:crypto';
import pc from 'picocolors';
import type { DiscoveredFunction } from '../rehearsal/functions.ts';
import { printable } from '../shared/kernel/printable.ts';
import type { PlaceOptions } from './operate/open.ts';
import type { Place } from './operate/place.ts';

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
  /** Reads the line that a person types. Absent: nobody is at a terminal who could be asked. */
  readonly readLine?: () => Promise<string>;
  /** Opens the place that a command of operation works in. Absent: the stacks of the account, or a world file (`operate/open.ts`). */
  readonly openPlace?: (asked: PlaceOptions) => Promise<Place>;
  /** After so many steps a world is stopped that does not come to rest. Absent: by its size (`world-run.ts`). */
  readonly mostSteps?: number;
}

/** Bad usage: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A person has stopped what cannot go on without the command: one line, and the code that shells give to Ctrl-C. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** A runbook is asked for that does not exist: one line, exit code 3. */
export class NoRunbookError extends Error {
  override readonly name = 'NoRunbookError';
}

/**
 * Stands in front of the command's own control sequences until they are written. It is made anew in each process and known to
 * nobody else, so that whatever looks like a control sequence without it came from outside and is shown, not obeyed.
 */
const OWN = randomUUID();
const OWN_SEQUENCE = new RegExp(`${OWN}<([0-9a-f]*)>`, 'gu');

function own(sequence: string): string {
  return `${OWN}<${Buffer.from(sequence).toString('hex')}>`;
}

/** A sink behind which nothing but the command's own colours reaches the terminal unprinted. */
export function guarded(sink: Sink): Sink {
  return {
    ...sink,
    write: (text) => {
      const shown = printable(text);
      sink.write(shown.replaceAll(OWN_SEQUENCE, (_all, hex: string) => Buffer.from(hex, 'hex').toString()));
    },
  };
}

/** Paints text. */
export type Brush = (text: string) => string;

export type Paint = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'magenta' | 'cyan', Brush>>;

/** A style of picocolors, whose sequences pass the guard. Styles are not nested. */
function brush(style: Brush): Brush {
  const [open = '', close = ''] = style('|').split('|');
  return open === '' ? style : (text) => `${own(open)}${text}${own(close)}`;
}

/** Colours for a sink: on a terminal, unless NO_COLOR says no; elsewhere only when FORCE_COLOR says so. */
export function paintFor(sink: Sink, env: CommandIo['env']): Paint {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '', TERM: term = '' } = env;
  const wanted = (force !== '' && force !== '0') || (sink.isTTY && term !== 'dumb' && force !== '0');
  const { bold, dim, red, green, yellow, magenta, cyan } = pc.createColors(no === '' && wanted);
  return {
    bold: brush(bold),
    dim: brush(dim),
    red: brush(red),
    green: brush(green),
    yellow: brush(yellow),
    magenta: brush(magenta),
    cyan: brush(cyan),
  };
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
  const erase = own('\r\u001b[2K');
  let drawnAt = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show: (text) => {
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      shown = true;
      sink.write(`${erase}${text.slice(0, sink.columns() - 1)}`);
    },
    clear: () => {
      if (shown) sink.write(erase);
      shown = false;
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}
