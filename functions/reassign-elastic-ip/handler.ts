/** Wires `reassign-elastic-ip`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import type { AlarmDelivery, LifecycleDelivery } from '../../shared/triggers.ts';
import { plain } from '../../shared/plain-host.ts';
import { runbook } from '../../shared/runbook.ts';
import { onAlarm, onInstanceState, onLaunchHook, onLaunchResult, onRequest, onSchedule, onTerminateHook } from '../../shared/starts.ts';
import { apply, locate, observe, undoRequest, verify, type Request } from './aws.ts';
import { decide, type EventTrigger } from './decide.ts';

const NAME = 'reassign-elastic-ip';
const EVERYTHING = { target: null, group: null, hook: null, childAlarmNames: [] };

const params = z.strictObject({
  action: z._default(z.enum(['move', 'fail-back', 'reconcile']), 'reconcile'),
  to: z.optional(z.string().check(z.regex(/^(?:i|eni)-[0-9a-z]+$/u))),
  force: z._default(z.boolean(), false),
});

function about(trigger: EventTrigger, instanceId: string, more: Partial<Request> = {}): Request {
  return { ...EVERYTHING, ask: { kind: 'event', trigger, instanceIds: [instanceId], raised: true, alarmNames: [] }, ...more };
}

function ofAlarm({ alarmName, state, instanceIds, childAlarmNames }: AlarmDelivery): Request {
  return { ...EVERYTHING, ask: { kind: 'event', trigger: 'alarm', instanceIds, raised: state === 'ALARM', alarmNames: [alarmName] }, childAlarmNames };
}

function ofHook({ transition, group, hook, instanceId, token, destination }: LifecycleDelivery): Request {
  const named = { group, hook, instanceId, transition, token, toWarmPool: destination === 'WarmPool' };
  return about(transition === 'launching' ? 'launch-hook' : 'terminate-hook', instanceId, { group, hook: named });
}

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [
    onAlarm(ofAlarm),
    onInstanceState(['stopping', 'stopped', 'shutting-down', 'terminated'], ({ instanceId }) => about('state', instanceId)),
    onLaunchHook(ofHook),
    onTerminateHook(ofHook),
    onLaunchResult(({ group, instanceId }) => about('launch-result', instanceId, { group })),
    onSchedule('rate(1 minute)', (): Request => ({ ...EVERYTHING, ask: { kind: 'reconcile' } })),
    onRequest(NAME, params, ({ action, to, force }, { target }): Request => ({
      ...EVERYTHING,
      ask: action === 'move' ? { kind: action, to: to ?? null, force } : action === 'fail-back' ? { kind: action, force } : { kind: action },
      target: target ?? null,
    })),
  ],
  limits: {
    // An older event is history: the reconcile of each minute has seen its consequences many times over.
    maxAgeSeconds: 900,
    // A zone may take this many holders with it; more at once is a mistake in tags or in reading.
    maxTargets: 50,
    // Longer than two status-check alarms (2 x 60 s) and a boot's first check: a move shows its effect before the next.
    cooldownSeconds: 300,
    // Four moves an hour is an address that flaps, and a person is needed.
    maxActionsPerWindow: 4,
    windowSeconds: 3_600,
    // Five looks with doubling waits last about half a minute, a throttled minute's better half.
    maxLooks: 5,
    maxWaitSeconds: 0,
    // A move is four calls and an answer per waiting hook; a group of a hundred members launching at once still fits.
    maxCalls: 120,
    // Instances boot and pass their first checks in 3 to 5 minutes (Auto Scaling replacement times); three times that is broken.
    maxBootSeconds: 900,
    // Three status-check periods of a minute: one late sample is no sign.
    doubtSeconds: 180,
    // Half an hour steady before a loser serves again: long enough to outlast a reboot loop.
    quarantineSeconds: 1_800,
    // Without the ledger's window: four an hour, evenly.
    unledgeredSeconds: 900,
    // Half the schedule's minute.
    echoSeconds: 30,
    // One write an hour per address keeps the baseline fresh.
    baselineSeconds: 3_600,
  },
  ledgerLost: 'proceed',
  locate,
  observe,
  decide,
  apply,
  verify,
  undoRequest,
});
