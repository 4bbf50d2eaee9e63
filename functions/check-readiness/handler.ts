/** Wires `check-readiness`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'check-readiness';

const params = z.strictObject({});

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: false,
  timeoutSeconds: 300,
  triggers: [
    onSchedule('cron(20 6 * * ? *)', (): Request => ({ target: null, isAsked: false })),
    onRequest(NAME, params, (_params, { target }): Request => ({ target: target ?? null, isAsked: true })),
  ],
  limits: {
    maxAgeSeconds: 3_600, // a tick that comes an hour late still says how it stands
    maxTargets: 7, // matters, all of them
    cooldownSeconds: 0, // it does nothing that could be too much
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 60, // likewise
    maxLooks: 3, // each reading is tried twice by itself; the next tick looks again
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 1, // it makes none
    toldAgainSeconds: 604_800, // a week: who was away for some days hears of it, and who leaves it so is not told each morning
    blindSeconds: 86_400, // a heartbeat's alarm looks back over two ticks; a day is as long as the slowest of them
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
