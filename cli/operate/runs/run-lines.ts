/** Runs in a list: a line each on a wide terminal, two on a narrow one. */

import stringWidth from 'fast-string-width';
import { printable } from '../../../shared/kernel/printable.ts';
import { clipped, indented, labelled, type Piece } from '../../layout.ts';
import { idOf } from '../../results.ts';
import { paintOutcome } from '../../show.ts';
import type { Paint } from '../../terminal.ts';
import { operationAbout, operationTold } from '../operation-text.ts';
import { outcomeOf } from '../outcome-word.ts';
import { momentText } from '../times.ts';
import type { Found } from './found.ts';

/** What the lines are made with. */
export interface Listing {
  readonly now: string;
  readonly width: number;
  readonly paint: Paint;
  readonly shorts: ReadonlyMap<string, string>;
  /** More than one stack is listed: each line says whose it is. */
  readonly isOfSeveral: boolean;
}

/** The beginning of a reason beside its run has at least so many columns, or stands below. */
const LEAST_REASON = 24;

/** A label with as much of the text as fits behind it, or in one line below. */
function fittedLine(label: readonly Piece[], text: string, width: number): string {
  const plain = label.map((piece) => (typeof piece === 'string' ? piece : piece[0])).join('');
  const room = width - stringWidth(printable(plain)) - 2;
  if (room >= Math.min(LEAST_REASON, stringWidth(text))) return labelled([...label, '  '], clipped(text, room), width);
  return [labelled(label, '', width), ...indented(2, clipped(text, width - 2), width)].join('\n');
}

/** A run or an operation of the list. */
export function foundLine({ now, width, paint, shorts, isOfSeveral }: Listing, found: Found): string {
  const time: Piece = [momentText(found.at, now), paint.dim];
  const stack = isOfSeveral ? ` ${found.stack}` : '';
  if (found.kind === 'operation') {
    return fittedLine(
      [time, '  ', [found.what, paint.magenta], ` ${operationAbout(found)}${stack}`],
      operationTold(found),
      width,
    );
  }
  const { run, outcome, runbook, target, reason } = found;
  const word: Piece = [outcome, (text) => paintOutcome(paint, outcomeOf(outcome), text)];
  const whose = `${runbook}${target === '' ? '' : ` ${idOf(target)}`}${stack}`;
  return fittedLine([time, '  ', [shorts.get(run) ?? run, paint.bold], '  ', word, ' ', whose], reason, width);
}
