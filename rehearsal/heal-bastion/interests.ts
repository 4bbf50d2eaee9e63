/** What people have at stake in worlds with bastions, each with the sentence of the page that promises it. */

import type { Interest } from '../worlds/interest.ts';
import { dryRunsChangeNothing, nothingWhileSwitchedOff } from '../worlds/looks.ts';
import { OF_BLAME } from './interests/blame.ts';
import { OF_REFUSED_ENDS } from './interests/cannot-end.ts';
import { OF_REPLACING } from './interests/replacing.ts';
import { OF_SERVING } from './interests/serving.ts';
import { OF_TELLING } from './interests/telling.ts';

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [
  ...OF_BLAME,
  ...OF_REFUSED_ENDS,
  ...OF_REPLACING,
  ...OF_SERVING,
  ...OF_TELLING,
  nothingWhileSwitchedOff('heal-bastion', 'switched off', 'refuses'),
  dryRunsChangeNothing('heal-bastion', 'changes nothing'),
];
