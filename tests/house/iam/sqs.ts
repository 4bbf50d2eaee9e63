/** What a request of SQS's asks IAM. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';
import type { Place } from './template.ts';

/** A batch is what it is a batch of. Source: service authorization reference. */
const OTHERWISE_NAMED: { readonly [operation: string]: string } = {
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  DeleteMessageBatch: 'DeleteMessage',
  SendMessageBatch: 'SendMessage',
};

/** What SQS does with the key of an encrypted queue for whoever asks. Source: SQS developer guide, "Key management". */
const KEY_USES: { readonly [action: string]: readonly string[] } = {
  ReceiveMessage: ['Decrypt'],
  SendMessage: ['Decrypt', 'GenerateDataKey'],
};

interface Asked {
  readonly input: Shape;
  readonly place: Place;
  readonly resources: KnownResources;
}

/** A move task is asked for by its queue's ARN, or by a handle that has it. Source: github.com/localstack/localstack, recorded of AWS. */
function queueOfTask({ SourceArn: arn, TaskHandle: handle }: Shape): unknown {
  const read: unknown = typeof handle === 'string' ? JSON.parse(Buffer.from(handle, 'base64').toString()) : {};
  const source = arn ?? (isRecord(read) ? read['sourceArn'] : undefined);
  return typeof source === 'string' ? source.split(':').at(-1) : undefined;
}

/** A queue by its name, which its URL or ARN ends with. */
export function sqs(operation: string, { input, place, resources }: Asked): Authorization[] {
  const action = OTHERWISE_NAMED[operation] ?? operation;
  const url = input['QueueUrl'] ?? input['QueueName'] ?? queueOfTask(input);
  if (typeof url !== 'string')
    throw new Error(`sqs:${operation}: say in tests/house/iam/sqs.ts what it is authorized on`);
  const { region, account } = place;
  const name = url.split('/').at(-1) ?? url;
  const queue = resources.get(name);
  const tags = Object.entries(queue?.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, [value]] as const);
  const own = {
    action: `sqs:${action}`,
    resource: `arn:aws:sqs:${region}:${account}:${name}`,
    context: Object.fromEntries(tags),
  };
  const key = queue?.kmsKeyId;
  if (key === undefined) return [own];
  const uses = (KEY_USES[action] ?? []).map((use) => ({
    action: `kms:${use}`,
    resource: key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:key/${key}`,
    context: { 'kms:ViaService': [`sqs.${region}.amazonaws.com`] },
  }));
  return [own, ...uses];
}

/** The tags of a queue are an object, and its key is an attribute. */
export function ofQueue(record: Shape): {
  readonly tags?: { readonly [key: string]: string };
  readonly kmsKeyId?: string;
} {
  const { QueueName, Tags, Attributes } = record;
  if (QueueName === undefined) return {};
  const key = isRecord(Attributes) ? Attributes['KmsMasterKeyId'] : undefined;
  const tags = isRecord(Tags) ? Object.entries(Tags).map(([name, value]) => [name, String(value)] as const) : [];
  return { tags: Object.fromEntries(tags), ...(typeof key === 'string' ? { kmsKeyId: key } : {}) };
}
