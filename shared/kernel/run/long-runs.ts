/** What only a host that waits can do. It is handed over with that host, so that a plain bundle does not carry it. */

import { approve } from './approve.ts';
import { glance } from './glance.ts';
import { serveMany } from './serve-many.ts';

/** What a durable run can do besides. */
export const longRuns = { approve, glance, serveMany };

export type LongRuns = typeof longRuns;
