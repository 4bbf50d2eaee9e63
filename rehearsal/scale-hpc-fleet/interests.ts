/** What people have at stake in worlds with fleets, each with the sentence of the page that promises it. */

import { dryRunsChangeNothing, nothingWhileSwitchedOff } from '../worlds/looks.ts';
import type { Interest } from '../worlds/interest.ts';
import { OF_GANGS } from './interests/gangs.ts';
import { OF_GATE } from './interests/gate.ts';
import { OF_LAUNCHES } from './interests/launches.ts';
import { OF_SERVING } from './interests/serving.ts';
import { OF_TELLING } from './interests/telling.ts';

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [
  ...OF_GANGS,
  ...OF_LAUNCHES,
  ...OF_GATE,
  ...OF_SERVING,
  ...OF_TELLING,
  nothingWhileSwitchedOff('scale-hpc-fleet', 'switched off', 'refuses'),
  dryRunsChangeNothing('scale-hpc-fleet', 'launches nothing'),
];
