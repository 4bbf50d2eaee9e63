/** What people have at stake in a world with movable addresses, each with the sentence of the page that promises it. */

import type { Interest } from '../worlds/interest.ts';
import { OF_THE_REST } from './interests/keeping.ts';
import { OF_MOVES } from './interests/moving.ts';
import { OF_SERVICE } from './interests/serving.ts';

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [...OF_MOVES, ...OF_SERVICE, ...OF_THE_REST];
