/** Wires `restrict-access`: what starts it, within which limits, with which functions. */

import * as z from 'zod/mini';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook } from '../../shared/kernel/runbook.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { apply, locate, observe, ofPerson, TICK, undoRequest, verify } from './aws.ts';
import { decide } from './decide.ts';

const NAME = 'restrict-access';

const params = z.strictObject({
  action: z.enum(['lockdown', 'geo', 'lift']),
  countries: z.optional(z.array(z.string().check(z.regex(/^[A-Z]{2}$/u))).check(z.maxLength(300))), // ISO 3166-1 has 249
  ttlSeconds: z.optional(z.int().check(z.minimum(0))),
});

export const handler = runbook({
  name: NAME,
  host: plain,
  disruptive: true,
  timeoutSeconds: 120,
  triggers: [onSchedule('rate(1 minute)', () => TICK), onRequest(NAME, params, ofPerson)],
  limits: {
    maxAgeSeconds: 900, // who asked a quarter of an hour ago has asked again, or does not want it any more
    maxTargets: 100, // what was restricted by hand, one by one, ends together at most
    cooldownSeconds: 0, // a person may lift what he has just shut, and shut it again
    maxActionsPerWindow: 8, // the most that the ledger keeps: a script that shuts and opens in turn is stopped
    windowSeconds: 3_600, // likewise
    maxLooks: 5, // with doubling waits about half a minute, most of a throttled one
    maxWaitSeconds: 0, // the plain host leaves waiting to the schedule
    maxCalls: 242, // each rule that a note has room for by itself, where AWS has refused them together; ours; a note
    defaultTtlSeconds: 3_600, // an hour: a person has looked by then
    minTtlSeconds: 60, // the schedule's own tick
    maxTtlSeconds: 604_800, // a week: what is longer is how the account is to be
    maxRules: 240, // a rule with its description is less than 600 bytes, what replaces its range among them; a list of 1,000 is 46,000; an item takes 200,000
    keptSeconds: 2_592_000, // who asks within a month what was shut finds it
  },
  ledgerLost: 'refuse',
  locate,
  observe,
  decide,
  apply,
  verify,
  undoRequest,
});
