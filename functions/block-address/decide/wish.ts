/** What a person's request is about. */

import type { Ask } from './facts.ts';

/** A request about networks, not a tick. */
export type NetworkAsk = Exclude<Ask, { readonly action: 'read-never-block' }>;

/** What the target of a request is called: the network, or the incident. */
export function targetOf({ cidr, incident }: NetworkAsk): string {
  return cidr ?? `incident/${incident ?? ''}`;
}
