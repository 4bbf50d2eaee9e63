/** Wires `publish-blocklist`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { LIST } from '../../shared/judgement/blocklist/list-rows.ts';
import { ALLOW, BLOCK, NEVER_BLOCK, SHARED_EGRESS } from '../../shared/judgement/blocklist/rows.ts';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onDataChange } from '../../shared/kernel/triggers/data-stream.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'publish-blocklist';

const EVERYTHING: Request = { target: null };

const params = z.strictObject({ action: z.enum(['reconcile']) });

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [
    onDataChange([ALLOW, BLOCK, LIST, NEVER_BLOCK, SHARED_EGRESS], () => EVERYTHING),
    onSchedule('rate(1 minute)', () => EVERYTHING),
    onRequest(NAME, params, (_params, { target }): Request => ({ target: target ?? null })),
  ],
  limits: {
    maxAgeSeconds: 900, // what stands in the ledger is read again in any case
    maxTargets: 100, // IP sets that an account may have in a Region (WAF's quota)
    cooldownSeconds: 0, // what is blocked follows the ledger at once: publishing is not counted
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 60, // likewise
    maxLooks: 5, // with doubling waits about half a minute, most of a throttled one
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 3, // a note before, the set, a note after
    setCapacity: 10_000, // WAF's quota "IP addresses per IP set", fixed
    headRoom: 0.9, // a thousand more find room in a full set's own place
    fullShare: 0.8, // time to make another set before it is needed
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
