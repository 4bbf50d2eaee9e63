/**
 * S3 says that an object was written. Sources, both in the S3 user guide: EventBridge event "EventBridge event message structure";
 * S3's own notification, in a queue or a topic, "Event message structure". What S3 sends to a function itself is not read here:
 * its `Records` are in the place of a batch.
 */

import type { Trigger } from '../definition.ts';
import { decodedKey, MAX_KEY_CHARS } from './object-key.ts';
import { sha256, type Field } from './reader.ts';
import type { Deliveries, DeliveryBase, DocumentReader } from './triggers.ts';

const EVENTS = { source: ['aws.s3'], 'detail-type': ['Object Created'] };

/** A version of an object was written. What stands there now may be a later one already. */
export interface ObjectCreatedDelivery extends DeliveryBase {
  readonly kind: 'object-created';
  readonly bucket: string;
  /** As GetObject takes it: nothing in it is URL-encoded. */
  readonly key: string;
  /** `null`: the bucket keeps no versions. */
  readonly versionId: string | null;
  /** Without the quotes that GetObject puts around it. */
  readonly etag: string | null;
  readonly sizeBytes: number | null;
  /** S3's order of the writes to a key, hexadecimal. */
  readonly sequencer: string | null;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'object-created': ObjectCreatedDelivery;
  }
}

/** When and where an object was written; a notification does not say whose the bucket is. */
type Place = Pick<DeliveryBase, 'account' | 'region'> & { readonly at: string };

function optionalBytes(size: Field): number | null {
  if (size.absent) return null;
  const { value } = size;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : size.fail('a number of bytes');
}

function delivery(
  place: Place,
  object: Field,
  named: { readonly bucket: string; readonly key: string },
  members: { readonly versionId: string; readonly etag: string },
): ObjectCreatedDelivery {
  const versionId = object.get(members.versionId).optionalText(1024) ?? null;
  // Both forms have the same sequencer for the same write, and another for the next one.
  const sequencer = object.get('sequencer').optionalText() ?? null;
  const write = sequencer ?? versionId ?? place.at;
  return {
    kind: 'object-created',
    id: `object:${named.bucket}:${sha256(`${named.key}\n${write}`)}`,
    ...place,
    ...named,
    versionId,
    etag: object.get(members.etag).optionalText() ?? null,
    sizeBytes: optionalBytes(object.get('size')),
    sequencer,
  };
}

const EVENT_MEMBERS = { versionId: 'version-id', etag: 'etag' };
const NOTIFICATION_MEMBERS = { versionId: 'versionId', etag: 'eTag' };

/** S3 writes one record to a message, whatever its form would allow. */
function parseNotification(document: Field): ObjectCreatedDelivery | Deliveries['other'] {
  const records = document.get('Records');
  const [record, ...more] = records.list();
  if (record === undefined || more.length > 0) return records.fail('one record of S3');
  record.get('eventSource').oneOf(['aws:s3']);
  const eventName = record.get('eventName').text();
  const place = { at: record.get('eventTime').time(), region: record.get('awsRegion').region() };
  const bucket = record.get('s3').get('bucket').get('name').text();
  const object = record.get('s3').get('object');
  // Newer ones begin with it, older ones with `s3:`.
  if (/^(?:s3:)?ObjectCreated:/u.test(eventName))
    return delivery(place, object, { bucket, key: decodedKey(object.get('key')) }, NOTIFICATION_MEMBERS);
  const id = `object:${bucket}:${sha256(JSON.stringify(record.value))}`;
  return { kind: 'other', id, ...place, source: 'aws.s3', detailType: eventName, resources: [], detail: record.value };
}

const objects: DocumentReader = {
  event: {
    pattern: EVENTS,
    read: ({ detail, frame }): ObjectCreatedDelivery => {
      const object = detail.get('object');
      const named = { bucket: detail.get('bucket').get('name').text(), key: object.get('key').text(MAX_KEY_CHARS) };
      return delivery(frame, object, named, EVENT_MEMBERS);
    },
  },
  message: { called: 'a notification of S3', keys: ['Records'], read: parseNotification },
};

/** `Object Created`: an object, or a further version of it, was written to a bucket that tells EventBridge or a queue of it. */
export function onObjectCreated<Request>(
  toRequest: (delivery: ObjectCreatedDelivery) => Request | undefined,
): Trigger<Request> {
  return {
    name: 'object-created',
    reads: objects,
    pattern: EVENTS,
    request: (delivered) => (delivered.kind === 'object-created' ? toRequest(delivered) : undefined),
  };
}
