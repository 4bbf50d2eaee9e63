/** A ledger that has been in use for long: thousands of resources that came and went. */

import type { ResourceState } from '../../shared/kernel/ledger/ledger.ts';

/** An account may hold 5,000 tagged instances; each leaves one item. */
const ITEMS = 5_000;
/** ARNs of the filling begin so after the account: nothing in a world file does. */
const FILLING = 'instance/i-0fedc';

/** Whether a resource is of the filling, not of the story. */
export function isFilling(resource: string): boolean {
  return resource.includes(`:${FILLING}`);
}

/** What is left of so many resources: settled, nobody's, each with one action long ago. `runbooks`: whose they were, in turn. */
export function filling(account: string, region: string, runbooks: readonly string[], nowMs: number): ResourceState[] {
  const longAgo = new Date(nowMs - 30 * 86_400_000).toISOString();
  return Array.from({ length: ITEMS }, (_, index) => ({
    resource: `arn:aws:ec2:${region}:${account}:${FILLING}${index.toString(16).padStart(12, '0')}`,
    runbook: runbooks[index % runbooks.length] ?? '',
    history: { epoch: 1, actions: [longAgo], memory: {} },
  }));
}
