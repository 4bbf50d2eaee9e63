/** What recycles instances in two Regions: the small runbook once more, for either host. */

import * as z from 'zod/mini';
import type { Trigger } from '../../shared/kernel/definition.ts';
import type { HostAdapter } from '../../shared/kernel/hosts/host.ts';
import { runbook, type RunbookHandler } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { everywhere, type Request } from '../recycle-instances/aws.ts';
import { decide } from '../recycle-instances/decide.ts';
import { LIMITS } from '../recycle-instances/limits.ts';

const params = z.strictObject({ ticket: z.string() });

/** The runbook under a name, on a host. `more`: what starts it besides a person. */
export function recycling(name: string, host: HostAdapter, more: readonly Trigger<Request>[]): RunbookHandler {
  return runbook({
    name,
    host,
    disruptive: true,
    timeoutSeconds: 60,
    triggers: [onRequest(name, params, ({ ticket }): Request => ({ ticket })), ...more],
    limits: LIMITS,
    ledgerLost: 'refuse',
    ...everywhere(['us-east-1']),
    decide,
  });
}
