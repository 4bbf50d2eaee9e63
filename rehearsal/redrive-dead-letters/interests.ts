/** What people have at stake in worlds with dead letters, each with the sentence of the page that promises it. */

import { dryRunsChangeNothing, nothingWhileSwitchedOff } from '../worlds/looks.ts';
import type { Interest } from '../worlds/interest.ts';
import { OF_LETTERS } from './interests/letters.ts';
import { OF_SENDERS } from './interests/senders.ts';
import { OF_TELLING } from './interests/telling.ts';

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [
  ...OF_LETTERS,
  ...OF_SENDERS,
  ...OF_TELLING,
  nothingWhileSwitchedOff('redrive-dead-letters', 'Between two pieces the kill switch is read', 'refuses'),
  dryRunsChangeNothing('redrive-dead-letters', 'none is received'),
];
