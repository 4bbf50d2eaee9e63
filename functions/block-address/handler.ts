/** Wires `block-address`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { fedByQueue } from '../../shared/kernel/hosts/queue-host.ts';
import { conditionalWrite } from '../../shared/kernel/run/conditional-write.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onMetricAlarm } from '../../shared/kernel/triggers/alarm-metrics.ts';
import { onFinding } from '../../shared/kernel/triggers/finding.ts';
import { onObjectCreated } from '../../shared/kernel/triggers/object-created.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, requestOf, undoRequest, verify } from './aws.ts';
import { decide, OFFENCE_LIMITS } from './decide.ts';

const NAME = 'block-address';

const params = z.strictObject({
  action: z.enum(['block', 'unblock', 'extend', 'allow', 'share']),
  address: z.optional(z.string().check(z.maxLength(64))),
  cidr: z.optional(z.string().check(z.maxLength(64))),
  forwardedFor: z.optional(z.string().check(z.minLength(1), z.maxLength(16_384))), // a header that a load balancer passes on has at most 16 K
  incident: z.optional(z.string().check(z.minLength(1), z.maxLength(600))), // a finding's id has up to 512 characters, an alarm's name 255
  list: z.optional(z.string().check(z.minLength(1), z.maxLength(1_100))), // a bucket's name and a key of 1,024 bytes
  ttlSeconds: z.optional(z.int().check(z.minimum(0))),
});

export const handler = runbook({
  name: NAME,
  disruptive: true,
  timeoutSeconds: 60,
  ...fedByQueue(
    plain,
    [...onFinding(requestOf.finding), onMetricAlarm(requestOf.alarm), onRequest(NAME, params, requestOf.person)],
    [onObjectCreated(requestOf.object), onSchedule('rate(1 minute)', requestOf.schedule)],
  ),
  limits: {
    maxAgeSeconds: 900, // who asked a quarter of an hour ago has asked again, or does not want it any more
    maxTargets: 100, // findings that Security Hub puts into one event; a request is about one network or incident
    cooldownSeconds: 0, // no lease is taken, nothing is booked: the row's own condition is all there is
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 60, // likewise
    maxLooks: 8, // each that is lost is another writer who got through; with doubling waits about half a minute
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 100, // rows of one incident that are written in one pass; then it looks again
    defaultTtlSeconds: 86_400, // a day: a person has looked at it by then
    minTtlSeconds: 60, // the publisher's own tick
    maxTtlSeconds: 2_592_000, // thirty days: what is longer is a list, or a rule
    widestIpv4: 16, // 65,536 addresses; by hand more is a slip of the pen
    widestIpv6: 32, // what a registry gives one provider
    maxReasons: 50, // well below the 200,000 bytes of an item
    maxGuardAgeSeconds: 900, // fifteen readings missed
    ...OFFENCE_LIMITS,
    keptSeconds: 2_592_000, // who comes back within a month is known
    maxListBytes: 16_777_216, // the longest list of addresses that is known has 2 MB
    listTtlSeconds: 604_800, // a week: a feed that comes daily has then failed seven times
    maxLossPercent: 50, // a feed that loses half at once has rather been cut off
  },
  ledgerLost: 'refuse',
  safety: conditionalWrite,
  locate,
  observe,
  decide,
  apply,
  verify,
  undoRequest,
});
