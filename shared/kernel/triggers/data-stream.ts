/** Changes of the data ledger, as its DynamoDB stream tells of them through an event source mapping. */

import type { Trigger } from '../definition.ts';
import { badInput, sha256, type Field } from './reader.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

/** Something was written to partitions of the data ledger. What stands there now is read again. */
export interface DataChangeDelivery extends DeliveryBase {
  readonly kind: 'data-change';
  /** Each once, in order of their names. */
  readonly partitions: readonly string[];
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'data-change': DataChangeDelivery;
  }
}

/** Lambda's quota for a batch of a stream. */
const MAX_RECORDS = 10_000;

function read(root: Field): DataChangeDelivery | undefined {
  if (!Array.isArray(root.peek('Records'))) return undefined;
  // What another service tells of is no news of the ledger, and holds up none that is.
  const records = root
    .get('Records')
    .list()
    .filter((record) => record.peek('eventSource') === 'aws:dynamodb');
  if (records.length === 0) return undefined;
  if (records.length > MAX_RECORDS)
    throw badInput('Records', `expected at most ${MAX_RECORDS} records, found ${records.length}`);
  const partitions = records.map((record) => record.get('dynamodb').get('Keys').get('pk').get('S').text());
  const ids = records.map((record) => record.get('eventID').text());
  return { kind: 'data-change', id: `data:${sha256(ids.join(' '))}`, partitions: [...new Set(partitions)].toSorted() };
}

const changes: DocumentReader = { stream: read };

/**
 * What is written to the data ledger.
 * @param partitions whose writes start the runbook: those of `stream` in `function.yml`. It must not write to them itself, or it
 *   would wake itself for ever.
 */
export function onDataChange<Request>(
  partitions: readonly string[],
  toRequest: (delivery: DataChangeDelivery) => Request | undefined,
): Trigger<Request> {
  return {
    name: 'data-change',
    reads: changes,
    stream: partitions,
    request: (delivery) => (delivery.kind === 'data-change' ? toRequest(delivery) : undefined),
  };
}
