/** The first turn on the plain host: each tick wants for ticket T-7 what a person may ask for sooner. It starts the second as an execution. */

import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import type { Request } from '../recycle-in-turn/aws.ts';
import { inTurn } from '../recycle-in-turn/in-turn.ts';

const FIRST: Request = {
  ticket: 'T-7',
  target: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1',
  later: ['i-0b2'],
};

export const handler = inTurn('recycle-in-turn-plain', plain, [onSchedule('rate(1 minute)', (): Request => FIRST)]);
