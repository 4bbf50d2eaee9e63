/** Wires `carry-volumes`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onLaunchHook, onTerminateHook, type LifecycleDelivery } from '../../shared/kernel/triggers/lifecycle-hook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'carry-volumes';

const params = z.strictObject({ action: z.optional(z.enum(['carry', 'sweep'])) });

function ofHook({ transition, group, hook, instanceId, token, destination, at }: LifecycleDelivery): Request {
  return {
    ask: { kind: 'event', at: at ?? null },
    target: null,
    hook: { group, hook, instanceId, transition, token, toWarmPool: destination === 'WarmPool' },
  };
}

export const handler = runbook({
  name: NAME,
  host: durable,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [
    onLaunchHook(ofHook),
    onTerminateHook(ofHook),
    onSchedule('rate(5 minutes)', (): Request => ({ ask: { kind: 'reconcile' }, target: null, hook: null })),
    onRequest(NAME, params, ({ action = 'carry' }, { target }): Request => ({
      ask: { kind: action },
      target: target ?? null,
      hook: null,
    })),
  ],
  limits: {
    maxAgeSeconds: 3_600, // the default heartbeat time-out: an older hook has ended, or the schedule has found it
    maxTargets: 200, // instances on their way out that one tick acts on; events have brought it to most of them, and the next tick goes on
    cooldownSeconds: 0, // steps follow each other as fast as AWS does them; what repeats is bounded per step and by the hook's end
    maxActionsPerWindow: 8, // one carry books one action per instance: more than eight runs that act in an hour is a loop
    windowSeconds: 3_600,
    maxLooks: 10, // eight outlast a throttled minute with doubling waits; two more, for it may come after another failure, or a second delivery's wait for the first
    maxWaitSeconds: 27_000, // above runSeconds, so that a run hands over before the host gives up
    maxCalls: 60, // eleven volumes, each superseded, labelled and attached, with room for a sweep
    forceStopSeconds: 300, // AWS: force what stays stopping after a few minutes
    maxStopSeconds: 900, // EC2 forces a stop by itself within ten minutes or so; what outlasts that is a lost host
    stuckAttachSeconds: 90, // the EBS CSI driver's figure
    hopelessSeconds: 120, // longer than any read stays stale
    runSeconds: 23_400, // six and a half hours: a large snapshot, within the 90 looks of a run
    retireSeconds: 86_400, // a day in which somebody may notice that the successor is not well
    minHeartbeatSeconds: 660, // two ticks of the schedule, and a minute for the look itself
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
