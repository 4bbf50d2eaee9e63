/** The small runbook at home and in us-east-1 beside it, on the durable host. */

import { durable } from '../../shared/kernel/hosts/durable-host.ts';
import { recycling } from './recycling.ts';

export const handler = recycling('recycle-everywhere', durable, []);
