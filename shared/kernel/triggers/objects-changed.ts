/**
 * S3 says that objects were written or deleted, by whichever way: EventBridge, or its own notification in a queue or a topic. Sources,
 * both in the S3 user guide: "EventBridge event message structure"; "Event message structure" and "Event notification types".
 *
 * What stands at a key now may be a later version already, or nothing: only that it changed is told.
 */

import { decodedKey, MAX_KEY_CHARS } from './object-key.ts';
import { sha256, type Field } from './reader.ts';
import type { DeliveryBase, Deliveries, DocumentReader } from './triggers.ts';

/** An object that was written or deleted. */
type ObjectChange = {
  readonly bucket: string;
  /** Nothing in it is URL-encoded. */
  readonly key: string;
  /** When S3 had done it, ISO 8601. */
  readonly at: string;
};

/** Objects that were written or deleted, at least one. S3 tells of one at a time; others may send several together. */
interface ObjectsChangedDelivery extends DeliveryBase {
  readonly kind: 'objects-changed';
  readonly changes: readonly ObjectChange[];
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'objects-changed': ObjectsChangedDelivery;
  }
}

/** EventBridge's names of the same. */
const OBJECT_EVENTS = { source: ['aws.s3'], 'detail-type': ['Object Created', 'Object Deleted'] };

/** Newer ones begin so, older ones with `s3:`. What is tagged, restored or moved between storage classes is served as before. */
const CHANGES = /^(?:s3:)?(?:ObjectCreated|ObjectRemoved|LifecycleExpiration):/u;

function changeIn(record: Field): readonly ObjectChange[] {
  record.get('eventSource').oneOf(['aws:s3']);
  const eventName = record.get('eventName').text();
  const at = record.get('eventTime').time();
  if (!CHANGES.test(eventName)) return [];
  const s3 = record.get('s3');
  return [{ bucket: s3.get('bucket').get('name').text(), key: decodedKey(s3.get('object').get('key')), at }];
}

function parseNotification(document: Field): ObjectsChangedDelivery | Deliveries['other'] {
  const records = document.get('Records');
  const all = records.list();
  const [first] = all;
  if (first === undefined) return records.fail('a record of S3');
  const changes = all.flatMap(changeIn);
  const id = `objects:${sha256(JSON.stringify(records.value))}`;
  if (changes.length > 0) return { kind: 'objects-changed', id, changes };
  const [at, detailType] = [first.get('eventTime').time(), first.get('eventName').text()];
  return { kind: 'other', id, at, source: 'aws.s3', detailType, resources: [], detail: first.value };
}

/** Reads them. */
export const objectsChanged: DocumentReader = {
  event: {
    pattern: OBJECT_EVENTS,
    read: ({ id, detail, frame: { at } }): ObjectsChangedDelivery => {
      const bucket = detail.get('bucket').get('name').text();
      const key = detail.get('object').get('key').text(MAX_KEY_CHARS);
      return { kind: 'objects-changed', id: `event:${id}`, changes: [{ bucket, key, at }] };
    },
  },
  message: { called: 'a notification of S3', keys: ['Records'], read: parseNotification },
};
