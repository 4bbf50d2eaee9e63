/** One durable execution for each turn, under the name of the turn. */

import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { inTurn } from './in-turn.ts';

export const handler = inTurn('recycle-in-turn', durable, []);
