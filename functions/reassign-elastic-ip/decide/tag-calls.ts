/** Planned EC2 tag calls. Pure. */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';

/** Sets tags on one resource. */
export function tagging(resource: string, tags: { readonly [key: string]: string }, because: string): PlannedCall {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return { call: 'ec2:CreateTags', input: { Resources: [resource], Tags }, because };
}

/** Removes one tag, and only while it has this value: somebody else's newer one stays. */
export function untagging(resource: string, key: string, value: string, because: string): PlannedCall {
  return { call: 'ec2:DeleteTags', input: { Resources: [resource], Tags: [{ Key: key, Value: value }] }, because };
}
