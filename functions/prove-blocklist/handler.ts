/** Wires `prove-blocklist`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'prove-blocklist';

const params = z.strictObject({ action: z.enum(['prove']) });

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: false,
  timeoutSeconds: 300,
  triggers: [
    onSchedule('rate(15 minutes)', (): Request => ({ target: null })),
    onRequest(NAME, params, (_params, { target }): Request => ({ target: target ?? null })),
  ],
  limits: {
    maxAgeSeconds: 900, // the next tick looks by then
    maxTargets: 100, // blocklists: as many as IP sets that an account may have in a Region (WAF's quota)
    cooldownSeconds: 0, // it does nothing that could be too much
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 60, // likewise
    maxLooks: 3, // each reading is tried twice by itself; the next tick looks again
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 1, // it makes none
    writtenWithinSeconds: 120, // two ticks of those who publish
    propagationSeconds: 120, // "a few seconds to a number of minutes" (AWS WAF developer guide, updates of a web ACL), behind a tick that publishes
    setCapacity: 10_000, // WAF's quota "IP addresses per IP set", fixed
    aclRules: 20, // VPC's quota "Rules per network ACL", of each family and direction, AWS's own denial among them
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
