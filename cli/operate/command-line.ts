/** The command line to type next, in the same place. */

import { shellLine } from '../../shared/kernel/shell.ts';
import type { Place } from './place.ts';

/** Where a line leads to. */
export type LinePlace = Pick<Place, 'file' | 'asked'>;

/** `npx runbook show 0b8f6d --world incident.json`: as it runs in a clone, without being installed. */
export function nextLine({ file, asked = {} }: LinePlace, ...words: readonly string[]): string {
  const { stack, account } = asked;
  return shellLine(
    'npx',
    'runbook',
    ...words,
    ...(stack === undefined ? [] : ['--stack', stack]),
    ...(account === undefined ? [] : ['--account', account]),
    ...(file === null ? [] : ['--world', file]),
  );
}

/** For a line about one stack: where there are several, it is named. */
export function inStack(place: LinePlace & { readonly stacks: readonly unknown[] }, prefix: string): LinePlace {
  const { file, asked = {}, stacks } = place;
  return { file, asked: stacks.length > 1 ? { ...asked, stack: prefix } : asked };
}
