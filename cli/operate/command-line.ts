/** The command line to type next, in the same place. */

import { shellLine } from '../../shared/kernel/shell.ts';
import type { Place } from './place.ts';

/** `npx runbook show 0b8f6d --world incident.json`: as it runs in a clone, without being installed. */
export function nextLine(place: Pick<Place, 'file'>, ...words: readonly string[]): string {
  return shellLine('npx', 'runbook', ...words, ...(place.file === null ? [] : ['--world', place.file]));
}

/** Words that say which of several stacks is meant. */
export function stackWords(place: { readonly stacks: readonly unknown[] }, prefix: string): readonly string[] {
  return place.stacks.length > 1 ? ['--stack', prefix] : [];
}
