/** `show -f`: what a run does while it does it, until it has ended or a person has seen enough. */

import { idOf } from '../../results.ts';
import { clipped, widthOf } from '../../layout.ts';
import { paintFor, progressOn, type CommandIo } from '../../terminal.ts';
import type { Detail, Place } from '../place.ts';
import { poll } from '../polling.ts';
import { readOr } from '../reading.ts';
import { ageText, momentText } from '../times.ts';
import { progressIn, progressText } from './progress.ts';
import type { Story } from './story.ts';

/** Whether nothing more comes of a run. Of a plain one nobody can be asked: it ends with its lease. */
function hasEnded({ standing, states, records }: Story, now: string): boolean {
  if (standing !== undefined) return standing.kind === 'ended';
  const isHeld = states.some(({ until = '' }) => Date.parse(until) > Date.parse(now));
  return !isHeld && records.length > 0;
}

/** What is going on, in one line that is overwritten. */
function underWayText({ found, states, standing, details }: Story, now: string): string {
  const kept = readOr(details, null) ?? [];
  const [state] = states;
  const pending = state?.history.pending;
  const what = pending === undefined ? 'at work' : `${pending.intent}, since ${ageText(pending.at, now)}`;
  const progress = pending === undefined ? undefined : progressIn(kept, pending.note, pending.at);
  const told = progress === undefined ? '' : `, ${progressText(progress, now)}`;
  const wakesAt = standing?.kind === 'running' ? standing.wakesAt : undefined;
  const sleeps = wakesAt === undefined ? '' : `, sleeps until ${momentText(wakesAt, now)}`;
  return `${found.runbook}${state === undefined ? '' : ` ${idOf(state.resource)}`}: ${what}${told}${sleeps}`;
}

/** Writes and checkpoints are told as they end; reads come by the dozen. */
function isTold({ kind, endedAt }: Detail): boolean {
  return kind !== 'read' && endedAt !== undefined;
}

/**
 * Follows a run: steps go to standard error as they end, beside a line that says how far it has come.
 * @param read reads what is known of the run now
 * @returns what is known at the end; `undefined`: a person has stopped it
 * @throws Error in one line where it cannot be read any more
 */
export async function follow(io: CommandIo, place: Place, read: () => Promise<Story>): Promise<Story | undefined> {
  const line = progressOn(io.stderr);
  const paint = paintFor(io.stderr, io.env);
  const told = new Set<string>();
  let story: Story | undefined;
  const look = async (): Promise<'again' | 'seen'> => {
    story = await read();
    const now = place.now();
    const [open] = story.undecided;
    if (open !== undefined) throw open;
    for (const detail of (readOr(story.details, null) ?? []).filter(isTold)) {
      const { at, name, error } = detail;
      const key = `${at} ${name}`;
      if (told.has(key)) continue;
      told.add(key);
      line.clear();
      io.stderr.write(
        `${paint.dim(momentText(at, now))}  ${clipped(`${name}${error === undefined ? '' : ` -> ${error}`}`, widthOf(io.stderr) - 20)}\n`,
      );
    }
    if (hasEnded(story, now)) return 'seen';
    line.show(clipped(underWayText(story, now), io.stderr.columns() - 1));
    return 'again';
  };
  return (await poll(io, look, line)) ? undefined : story;
}
