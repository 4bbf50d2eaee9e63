/** What people have at stake in a world with sets of volumes, each with the sentence of the page that promises it. */

import type { Interest } from '../worlds/interest.ts';
import { OF_DATA } from './interests/data.ts';
import { OF_GROUPS } from './interests/groups.ts';
import { OF_PLACES } from './interests/places.ts';
import { OF_THE_REST } from './interests/telling.ts';

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [...OF_DATA, ...OF_GROUPS, ...OF_PLACES, ...OF_THE_REST];
