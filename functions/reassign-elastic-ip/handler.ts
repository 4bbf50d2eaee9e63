/** Wires `reassign-elastic-ip`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onAlarm } from '../../shared/kernel/triggers/alarm.ts';
import { onInstanceState } from '../../shared/kernel/triggers/instance-state.ts';
import { onLaunchHook, onTerminateHook } from '../../shared/kernel/triggers/lifecycle-hook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onLaunchResult } from '../../shared/kernel/triggers/scaling-result.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, requestOf, undoRequest, verify } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'reassign-elastic-ip';

const params = z.strictObject({
  action: z.enum(['move', 'fail-back', 'reconcile']),
  to: z.optional(z.string()),
  privateIp: z.optional(z.string()),
  interface: z.optional(z.string()),
  force: z.optional(z.boolean()),
});

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [
    onAlarm(requestOf.alarm),
    onInstanceState(['stopping', 'stopped', 'shutting-down', 'terminated'], requestOf.instanceState),
    onLaunchHook(requestOf.hook),
    onTerminateHook(requestOf.hook),
    onLaunchResult(requestOf.launchResult),
    onSchedule('rate(1 minute)', requestOf.schedule),
    onRequest(NAME, params, requestOf.person),
  ],
  limits: {
    maxAgeSeconds: 900, // an older event is history: fifteen reconciles have seen what it tells
    maxTargets: 50, // a zone may take this many holders with it; more at once is a mistake in tags or in reading
    cooldownSeconds: 300, // a boot and its first checks (3 to 5 minutes): a move shows its effect before the next
    maxActionsPerWindow: 4, // four moves an hour is an address that flaps, and a person is needed
    windowSeconds: 3_600,
    maxLooks: 5, // with doubling waits about half a minute, most of a throttled one
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 120, // a move is four calls and an answer per waiting hook: a group that launches a hundred at once fits
    maxBootSeconds: 900, // three times the 3 to 5 minutes a replacement takes
    doubtSeconds: 180, // three status-check periods of a minute: one late sample is no sign
    quarantineSeconds: 1_800, // long enough to outlast a reboot loop
    unledgeredSeconds: 900, // four an hour again, spread evenly
    echoSeconds: 30, // half the schedule's minute
    baselineSeconds: 3_600, // one ledger write an hour keeps a probe's baseline
    yieldSeconds: 45, // less than the schedule's minute: who has not taken a place by the next tick does not
  },
  ledgerLost: 'proceed',
  locate,
  observe,
  decide,
  apply,
  verify,
  undoRequest,
});
