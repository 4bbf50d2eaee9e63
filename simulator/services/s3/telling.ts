/** Whom a bucket tells that an object was written or deleted: queues, topics, EventBridge. */

import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { parseDuration } from '../../world/duration.ts';
import { show } from '../ec2/state.ts';
import { deliver, type Published } from '../sns-delivery.ts';
import { putIn, queueByArn } from '../sqs/state.ts';

/** What happened to an object. */
export interface Happening {
  readonly bucket: string;
  readonly key: string;
  /** `ObjectCreated:Put`. */
  readonly eventName: string;
  readonly versionId: string | undefined;
  readonly etag: string | undefined;
  readonly size: number | undefined;
  /** ISO 8601. */
  readonly at: string;
  /** Hexadecimal: S3's order of the writes to a key. */
  readonly sequencer: string;
}

function bucketNamed(world: World, name: string): Shape | undefined {
  return world.data['s3']?.['Buckets']?.find(({ Name }) => Name === name);
}

function recordsIn(holder: unknown, member: string): readonly Shape[] {
  const list: unknown = isRecord(holder) ? holder[member] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** `s3:ObjectCreated:*` means all of its kind. Source: S3 user guide, "Supported event types for SQS, SNS, and Lambda". */
function isMeant(events: unknown, eventName: string): boolean {
  const names: readonly unknown[] = Array.isArray(events) ? events : [];
  return names.map(String).some((name) => {
    const bare = name.replace(/^s3:/u, '');
    return bare === eventName || (bare.endsWith(':*') && eventName.startsWith(bare.slice(0, -1)));
  });
}

function passes(filter: unknown, key: string): boolean {
  const rules = recordsIn(isRecord(filter) ? filter['Key'] : undefined, 'FilterRules');
  return rules.every(({ Name: name, Value: value }) =>
    show(name).toLowerCase() === 'suffix' ? key.endsWith(show(value)) : key.startsWith(show(value)),
  );
}

/** A blank is `+`, a slash stays. Source: https://github.com/minio/minio/issues/11665. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

/** Source: S3 user guide, "Event message structure". */
function notification(
  world: World,
  { bucket, key, eventName, versionId, etag, size, at, sequencer }: Happening,
): string {
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: world.region,
    eventTime: at,
    eventName,
    userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
    requestParameters: { sourceIPAddress: '198.51.100.7' },
    responseElements: { 'x-amz-request-id': 'EXAMPLE', 'x-amz-id-2': 'EXAMPLE' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'told',
      bucket: { name: bucket, ownerIdentity: { principalId: 'EXAMPLE' }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encoded(key),
        ...(size === undefined ? {} : { size }),
        ...(etag === undefined ? {} : { eTag: etag }),
        ...(versionId === undefined ? {} : { versionId }),
        sequencer,
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

function sendTo(world: World, endpoint: unknown, { body }: Published): void {
  const queue = queueByArn(world, endpoint);
  if (queue === undefined) return;
  putIn(world, queue, {
    MessageId: uuid(world),
    Body: body,
    Attributes: {
      SenderId: 'AIDAEXAMPLE',
      SentTimestamp: String(world.clock.now()),
      ApproximateReceiveCount: '0',
    },
  });
}

/** Source: S3 user guide, "EventBridge event message structure". */
function tellEventBridge(world: World, { bucket, key, eventName, versionId, etag, size, sequencer }: Happening): void {
  const isCreated = eventName.startsWith('ObjectCreated:');
  world.emit({
    source: 'aws.s3',
    detailType: isCreated ? 'Object Created' : 'Object Deleted',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        ...(size === undefined ? {} : { size }),
        ...(etag === undefined ? {} : { etag }),
        ...(versionId === undefined ? {} : { 'version-id': versionId }),
        sequencer,
      },
      requester: world.account,
      reason: isCreated ? 'PutObject' : 'DeleteObject',
    },
  });
}

/** Tells whoever is to be told. */
export function tell(world: World, happening: Happening): void {
  const { bucket, key, eventName } = happening;
  const configuration = bucketNamed(world, bucket)?.['NotificationConfiguration'];
  const meant = (member: string): readonly Shape[] =>
    recordsIn(configuration, member).filter(
      ({ Events: events, Filter: filter }) => isMeant(events, eventName) && passes(filter, key),
    );
  const published = (): Published => ({ body: notification(world, happening), attributes: {} });
  for (const { QueueArn: queue } of meant('QueueConfigurations')) sendTo(world, queue, published());
  for (const { TopicArn: topic } of meant('TopicConfigurations'))
    deliver(world, show(topic), published(), (endpoint, message) => sendTo(world, endpoint, message));
  if (configuration === undefined) world.assume('s3: the bucket sends its events to EventBridge');
  const isOnBus =
    configuration === undefined || (isRecord(configuration) && isRecord(configuration['EventBridgeConfiguration']));
  if (isOnBus) tellEventBridge(world, happening);
}

/** How long after the first a notification comes that is told twice. Assumed. */
const TWICE_AFTER_MS = 30_000;

/** A prime larger than what most deployments write: the objects come in no order, each once. */
const STRIDE = 7_919;

function write(world: World, bucket: string, key: string, order: number): Happening {
  return {
    bucket,
    key,
    eventName: 'ObjectCreated:Put',
    versionId: undefined,
    etag: undefined,
    size: 1_024,
    at: world.clock.iso(),
    sequencer: (world.clock.now() * 10_000 + order).toString(16).toUpperCase(),
  };
}

function durationIn(record: Shape, name: string, otherwise: string): number {
  const value = record[name];
  return parseDuration(typeof value === 'string' ? value : otherwise) ?? 0;
}

/** Has the deployments of a world write their objects. */
export function startWrites(world: World): void {
  for (const record of world.data['s3']?.['Buckets'] ?? []) {
    for (const writes of recordsIn(record, 'Writes')) {
      const [count, twiceEvery] = [Number(writes['Count']), Number(writes['TwiceEvery'] ?? 0)];
      const [atMs, overMs] = [durationIn(writes, 'At', 'PT0S'), durationIn(writes, 'Over', 'PT1M')];
      for (let order = 0; order < count; order += 1) {
        const number = (order * STRIDE) % count;
        const key = show(writes['Key']).replaceAll('{n}', String(number));
        const afterMs = atMs + Math.floor((order * overMs) / count);
        const isTwice = twiceEvery > 0 && order % twiceEvery === 0;
        world.clock.after(afterMs, () => {
          const happening = write(world, show(record['Name']), key, order);
          tell(world, happening);
          if (isTwice) world.clock.after(TWICE_AFTER_MS, () => tell(world, happening));
        });
      }
    }
  }
}
