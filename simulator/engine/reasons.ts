/** Why a request is sent: the reason of the planned call that is being carried out. */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Surroundings } from '../../shared/aws/clients.ts';

const reasons = new AsyncLocalStorage<string>();

/** The reason of the planned call that the running code carries out; `undefined`: it carries out none. */
export function currentReason(): string | undefined {
  return reasons.getStore();
}

/** Carries out a planned call so that what it sends has its reason. */
export const sending: NonNullable<Surroundings['sending']> = ({ because }, send) => reasons.run(because, send);
