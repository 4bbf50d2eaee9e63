/** The small runbook at home and in us-east-1 beside it, on the plain host: each tick wants for ticket T-7 what a person may ask for sooner. */

import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import type { Request } from '../recycle-instances/aws.ts';
import { recycling } from '../recycle-everywhere/recycling.ts';

export const handler = recycling('recycle-everywhere-plain', plain, [
  onSchedule('cron(* * * * ? *)', (): Request => ({ ticket: 'T-7' })),
]);
