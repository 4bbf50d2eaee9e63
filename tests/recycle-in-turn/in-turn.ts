/** What recycles instances one after the other: each run starts that of the next, by name. For either host. */

import * as z from 'zod/mini';
import type { Trigger } from '../../shared/kernel/definition.ts';
import type { HostAdapter } from '../../shared/kernel/hosts/host.ts';
import { runbook, type RunbookHandler } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';
import { LIMITS } from '../recycle-instances/limits.ts';

const params = z.strictObject({ ticket: z.string(), later: z.array(z.string()) });

/** The runbook under a name, on a host. `more`: what starts it besides a request. */
export function inTurn(name: string, host: HostAdapter, more: readonly Trigger<Request>[]): RunbookHandler {
  return runbook({
    name,
    host,
    disruptive: true,
    timeoutSeconds: 60,
    triggers: [
      onRequest(name, params, ({ ticket, later }, { target = '' }): Request => ({ ticket, target, later })),
      ...more,
    ],
    limits: LIMITS,
    ledgerLost: 'refuse',
    locate,
    observe,
    decide,
    apply,
    verify,
  });
}
