/** Wires `deny-networks`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { LIST } from '../../shared/judgement/blocklist/list-rows.ts';
import { LISTED } from '../../shared/judgement/blocklist/listed-rows.ts';
import { ALLOW, BLOCK, NEVER_BLOCK, SHARED_EGRESS } from '../../shared/judgement/blocklist/rows.ts';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onDataChange } from '../../shared/kernel/triggers/data-stream.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'deny-networks';

const EVERYTHING: Request = { target: null };

const params = z.strictObject({ action: z.enum(['reconcile']) });

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [
    onDataChange([ALLOW, BLOCK, LIST, LISTED, NEVER_BLOCK, SHARED_EGRESS], () => EVERYTHING),
    onSchedule('rate(1 minute)', () => EVERYTHING),
    onRequest(NAME, params, (_params, { target }): Request => ({ target: target ?? null })),
  ],
  limits: {
    maxAgeSeconds: 900, // what stands in the ledger is read again in any case
    maxTargets: 300, // 200 network ACLs of a VPC (its quota), and 100 prefix lists of a Region
    cooldownSeconds: 0, // what is denied follows the ledger at once: publishing is not counted
    maxActionsPerWindow: 8, // likewise
    windowSeconds: 60, // likewise
    maxLooks: 5, // with doubling waits about half a minute, most of a throttled one
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 78, // of a network ACL: a note before, 19 rules of both families swapped or written anew, a note after
    aclRules: 20, // VPC's quota "Rules per network ACL", of each family and direction, AWS's own denial among them
    headRoom: 1, // a prefix list shares with no other
    fullShare: 0.8, // time to make a larger one before it is needed
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
