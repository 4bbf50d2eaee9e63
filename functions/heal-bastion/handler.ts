/** Wires `heal-bastion`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onMetricAlarm } from '../../shared/kernel/triggers/alarm-metrics.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onScalingResult } from '../../shared/kernel/triggers/scaling-result.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, ofAlarm, ofPerson, ofScaling, TICK, verify } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'heal-bastion';

const params = z.strictObject({
  action: z.optional(z.enum(['heal', 'replace'])),
  host: z.optional(z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/u, 'expected the id of an instance'))),
});

export const handler = runbook({
  name: NAME,
  host: durable,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [
    onMetricAlarm(ofAlarm),
    onScalingResult(ofScaling),
    onSchedule('rate(2 minutes)', () => TICK),
    onRequest(NAME, params, ofPerson),
  ],
  limits: {
    maxAgeSeconds: 900, // what an older event tells is known to the schedule long since
    maxTargets: 20, // fleets; more at once is a mistake in tags
    cooldownSeconds: 0, // one is in flight at a time, and the next begins when that serves
    maxActionsPerWindow: 3, // the third host in a row that does not come to serve is no accident
    windowSeconds: 3_600,
    maxLooks: 8, // with doubling waits two minutes: they outlast a throttled one
    maxWaitSeconds: 10_800, // an hour of sessions, and three boots
    maxCalls: 4,
    maxBootSeconds: 600, // a boot and its user data; registration takes "a few minutes" (NLB user guide, target health)
    doubtSeconds: 90, // one look more, two minutes after the first
    groupSeconds: 600, // Auto Scaling acts on a failed check within minutes
    drainSeconds: 150, // 120 s as users have measured (containers-roadmap 470), and half a minute for our own call
    maxSessionSeconds: 3_600, // whoever has worked for an hour on a host that is to go has been told. Assumed
    maxReplacementSeconds: 1_200, // a launch, twice the boot
    retryEndSeconds: 21_600, // whoever has read of it has had a morning to lift what stands against it. Assumed
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
