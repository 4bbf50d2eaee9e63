/** Wires `receive-requests`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { gathers } from '../../shared/kernel/hosts/gathering-host.ts';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { conditionalWrite } from '../../shared/kernel/run/conditional-write.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onGathered } from '../../shared/kernel/triggers/gathered.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, GATHERING, locate, LOOK, observe, requestOf, TICK, verify } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'receive-requests';

export const handler = runbook({
  name: NAME,
  host: gathers(plain, GATHERING),
  disruptive: false,
  timeoutSeconds: 120,
  triggers: [
    ...onGathered(GATHERING, requestOf),
    onSchedule('rate(5 minutes)', () => TICK),
    onRequest(NAME, z.strictObject({}), () => LOOK),
  ],
  limits: {
    maxAgeSeconds: 3_600, // a request of an hour ago was asked again, or is not wanted any more; what has changed is flushed however old
    maxTargets: 50, // windows that are taken up in one pass: those of an hour of one bucket
    cooldownSeconds: 0, // no lease is taken, nothing is booked: Lambda starts a name once
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 60, // likewise
    maxLooks: 8, // with doubling waits about half a minute: then the messages come again
    maxWaitSeconds: 0, // the plain host leaves waiting to the queue
    maxCalls: 100, // items of a batch of a hundred messages, of which each may tell of thousands of objects
  },
  ledgerLost: 'refuse',
  safety: conditionalWrite,
  locate,
  observe,
  decide,
  apply,
  verify,
});
