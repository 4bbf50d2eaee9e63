/** Wires `redrive-dead-letters`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onMetricAlarm } from '../../shared/kernel/triggers/alarm-metrics.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, ofAlarm, ofPerson, TICK, verify } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'redrive-dead-letters';

const count = z.int().check(z.gte(1), z.lte(1_000_000));
const rate = z.int().check(z.gte(1), z.lte(10_000));

const params = z.strictObject({
  action: z.optional(z.enum(['redrive', 'peek', 'plan', 'cancel'])),
  maxMessages: z.optional(count),
  perSecond: z.optional(rate),
  filter: z.optional(z.string().check(z.minLength(1))),
  maxAgeSeconds: z.optional(z.int().check(z.gte(1), z.lte(1_209_600))), // API_SetQueueAttributes, MessageRetentionPeriod
});

export const handler = runbook({
  name: NAME,
  host: durable,
  disruptive: true,
  timeoutSeconds: 600,
  triggers: [onSchedule('rate(5 minutes)', () => TICK), onMetricAlarm(ofAlarm), onRequest(NAME, params, ofPerson)],
  limits: {
    maxAgeSeconds: 3_600, // a request that has waited for an hour was meant for another moment
    maxTargets: 20, // queues at once: each has a share of the execution's operations
    cooldownSeconds: 0, // a person may go on at once with what the first run was asked for
    maxActionsPerWindow: 8, // more redrives of one queue in an hour are a loop
    windowSeconds: 3_600,
    maxLooks: 10, // as of carry-volumes: eight outlast a throttled minute
    maxWaitSeconds: 43_200, // twelve hours, the longest that SQS hides a message
    maxCalls: 1, // the work, or a call that has SQS do it
    sameRequestSeconds: 900, // as of restrict-access
    maxAttempts: 3, // as SQS's own examples of maxReceiveCount; assumed
    canary: 10, // one receive
    leastJudged: 5, // of fewer nobody can tell a broken consumer from bad letters; assumed
    maxBack: 400, // two thirds of those that can be kept in mind
    maxLookedAt: 400, // with what sixteen hands have in them fewer than those
    maxCycleSeconds: 3_600, // who waits longer than an hour for a canary has forgotten it; assumed
    countedLateSeconds: 60, // API_GetQueueAttributes: numbers of messages are right a minute after the last change
    rampPerSecond: 50, // at five hundred after 40 s; assumed
    backOffSeconds: 120, // a first one of two minutes, as Lambda's second retry of an asynchronous event
    holdOffSeconds: 3_600, // nobody mends a consumer in less; assumed
    maxHoldOffSeconds: 86_400, // a day: somebody has looked by then, or does not want to know; assumed
    sample: 500, // shares are right to within five in a hundred, nineteen times in twenty (1/√n)
    perSecond: 500, // what SQS's own move task does at most
    hiddenSeconds: 60, // six times a piece: no letter is seen again while it is being dealt with
    maxRounds: 3, // four minutes
    maxSources: 100, // of 400 bytes each, in a step of 250,000
    maxLeft: 600, // a step keeps 250,000 bytes, each letter takes 160 at most
    maxStays: 12_000, // and each of these eight
    taskPerSecond: 500, // API_StartMessageMoveTask, MaxNumberOfMessagesPerSecond
    maxTaskSeconds: 39_600, // eleven hours: a task may take 36, and a run ends after the twelve of maxWaitSeconds
    piecesInARow: 30, // five minutes, half of the time-out
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
