/** A runbook that only the tests have: it proves the durable host with waits, retries, approval, parallel targets. */

import * as z from 'zod/mini';
import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { apply, locate, observe, verify, type Request } from './aws.ts';
import { decide } from './decide.ts';
import { LIMITS } from './limits.ts';

const params = z.strictObject({ ticket: z.string() });

export const handler = runbook({
  name: 'recycle-instances',
  host: durable,
  disruptive: true,
  timeoutSeconds: 60,
  triggers: [onRequest('recycle-instances', params, ({ ticket }): Request => ({ ticket }))],
  limits: LIMITS,
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
});
