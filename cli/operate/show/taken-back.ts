/** Whether a run was taken back since, by hand and as its record says. Pure. */

import { canonical } from '../../../shared/kernel/json.ts';
import { idOf } from '../../results.ts';
import { isDryRun } from '../operation-text.ts';
import type { Operation } from '../place.ts';
import { wholeMoment } from '../times.ts';
import { isRun } from './found-run.ts';
import type { ShownRecord } from './record.ts';
import type { Story } from './story.ts';

/** A run that was started to take another back. */
export interface TakenBack {
  /** When, by whom, and what came of it. */
  readonly text: string;
  /** It has ended as it should. */
  readonly isDone: boolean;
}

function isAbout(value: unknown, target: string): boolean {
  return typeof value === 'string' && (value === target || value === idOf(target));
}

type Told = Pick<Story, 'operations' | 'lines' | 'shorts'>;

/** The start by hand of the very request that takes a record back, if there was one, and what came of it. */
export function takenBackIn(record: ShownRecord, story: Told): TakenBack | undefined {
  const { undoRequest, runbook, target, at } = record;
  if (undoRequest === undefined) return undefined;
  const wanted = canonical(undoRequest['params'] ?? {});
  const starts = story.operations.filter(
    (operation) =>
      operation.what === 'run' &&
      !isDryRun(operation) &&
      operation.scope === runbook &&
      operation.at > at &&
      isAbout(operation.more['target'], target) &&
      canonical(operation.more['params'] ?? {}) === wanted,
  );
  const told = starts.map((start) => toldOf(start, target, story));
  // Who was refused at first may have come through later, and the other way round.
  return told.find(({ isDone }) => isDone) ?? told.at(-1);
}

function toldOf({ at, by, reason, more }: Operation, target: string, { lines, shorts }: Told): TakenBack {
  const run = typeof more['run'] === 'string' ? more['run'] : '';
  const outcome = lines.find((line) => run !== '' && isRun(run, line.run) && line.target === target)?.outcome;
  const started = `started by ${by}, ${wholeMoment(at)}${reason === '' ? '' : `: ${reason}`}`;
  const text = `The run that takes it back (${shorts.get(run) ?? run}): ${outcome ?? 'not ended, or not on record'}; ${started}`;
  return { text, isDone: outcome === 'done' };
}
