/** Wires `scale-hpc-fleet`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { onSpotNotice } from '../../shared/kernel/triggers/spot-notice.ts';
import { apply, locate, observe, ofNotice, ofPerson, TICK, undoRequest, verify } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'scale-hpc-fleet';

const params = z.strictObject({
  action: z.optional(z.enum(['scale', 'end', 'park', 'unpark'])),
  gang: z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/u))),
});

export const handler = runbook({
  name: NAME,
  host: durable,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [onSchedule('rate(1 minute)', () => TICK), onSpotNotice(ofNotice), onRequest(NAME, params, ofPerson)],
  limits: {
    maxAgeSeconds: 300, // five ticks: what was asked for then is judged anew by each
    maxTargets: 50, // fleets; each has a share of the execution's operations
    cooldownSeconds: 0, // a queue may fill from one minute to the next
    maxActionsPerWindow: 8, // five ticks launch in five minutes, and three people ask besides; more is a loop
    windowSeconds: 300,
    maxLooks: 10, // as of carry-volumes: eight outlast a throttled minute
    maxWaitSeconds: 600, // ten ticks: whoever waits longer is overtaken by them
    maxCalls: 60, // ten gangs, each with what is written of it
    maxGangs: 200, // of 500 bytes each in what a look keeps, 250,000
    maxFactsBytes: 240_000, // a step of a durable execution keeps 256 KB, and the kernel beside it what it knows itself
    maxGangsAtOnce: 10, // an eighth of the targets that a run may try; the next look goes on
    countLagSeconds: 60, // API_GetQueueAttributes: numbers of messages are right a minute after the last change
    unseenSeconds: 300, // EC2 API, "eventual consistency": looks again with back-off up to five minutes
    orphanSeconds: 600, // ten ticks: no run is still at it
    keptSeconds: 600, // ten ticks
    maxFailures: 2, // one may be a node's own fault; each costs a boot of all nodes
    maxBootSeconds: 1_800, // AWS ParallelCluster's ResumeTimeout
    bootSeconds: 300, // of large types a few minutes; measured once one has come
    backOffSeconds: 55, // a tick, which comes a few seconds sooner or later
    maxBackOffSeconds: 955, // sixteen ticks: with the first at a minute eleven tries of a rung in two hours
    drySeconds: 1_800, // as long as a boot may take
    stageBackOffSeconds: 55, // a tick, as of capacity
    stageAgainSeconds: 3_600, // DataSync user guide, "Scheduling": it runs a task once an hour at most
    maxStageAgainSeconds: 28_800, // thrice a day: whoever is at work then sees it. Assumed
    longStageSeconds: 14_400, // half a working day. Assumed
    untakenSeconds: 900, // fifteen looks in a row: SQS counts right within a minute. Assumed
    longBusySeconds: 3_600, // a gang without a job that is still protected: what it leaves is staged out in less. Assumed
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
  undoRequest,
});
