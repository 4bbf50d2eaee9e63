/** What only a host that waits can do. It is handed over with that host, so that a plain bundle does not carry it. */

import { glance } from './glance.ts';
import { serveMany } from './serve-many.ts';

/** What a durable run can do besides. */
export const longRuns = { glance, serveMany };

export type LongRuns = typeof longRuns;
