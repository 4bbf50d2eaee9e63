/** Wires `flush-caches`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { failing } from '../../shared/kernel/run/hindered.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onCollected } from '../../shared/kernel/triggers/collected.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, ofPerson, ofWindow, TICK, tooMany, verify, WHOLES } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'flush-caches';

const texts = z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(50_000)); // more are not in an event of 1 MB

const params = z.strictObject({
  paths: z.optional(texts),
  cacheTags: z.optional(texts),
  collapse: z.optional(z.boolean()),
  whole: z.optional(z.array(z.enum(WHOLES)).check(z.minLength(1))),
});

export const handler = runbook({
  name: NAME,
  host: durable,
  disruptive: true,
  timeoutSeconds: 300,
  triggers: [onSchedule('rate(15 minutes)', () => TICK), onCollected(ofWindow), onRequest(NAME, params, ofPerson)],
  limits: {
    maxAgeSeconds: 3_600, // a deployment of an hour ago is served already, or has been flushed by hand
    maxTargets: 100, // one bucket or name for more is a tag that was copied, but for tenants; an account has 500 distributions at most
    cooldownSeconds: 0, // each deployment flushes: not counted
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 3_600, // likewise
    maxLooks: 12, // with doubling waits three quarters of an hour: three hundred requests for one distribution have their turns in that
    maxWaitSeconds: 18_000, // longer than the two waits below together
    maxCalls: 100, // an invalidation, and what is written down of those before it
    maxFiles: 3_000, // Amazon CloudFront developer guide, "Quotas on invalidations"
    maxWildcards: 15, // likewise
    maxPaths: 10_000, // 50 dollars; assumed
    maxBatchBytes: 120_000, // a result of 190,000 bytes tells the plan
    maxRefusals: 60, // five paths among three thousand are found by so many; a run begins 90 plans
    maxFollowSeconds: 7_200, // eight times the longest that anybody has reported
    maxShowSeconds: 600, // a listing that lags for longer has lost it; assumed
    maxRoomSeconds: 7_200, // likewise
    graceSeconds: 10, // the door writes down what it is told within seconds; assumed
    maxRebootSeconds: 900, // AWS calls a reboot a momentary outage (API_RebootCacheCluster) and gives no time; assumed
  },
  ledgerLost: 'refuse',
  hindered: failing,
  locate,
  suspicious: (located, { maxTargets }) => tooMany(located, maxTargets),
  observe,
  decide,
  apply,
  verify,
});
