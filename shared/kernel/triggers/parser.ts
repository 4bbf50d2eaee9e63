/** From an invocation's event, exactly as AWS delivers it, to deliveries. The only place that looks at raw events. */

import { BadInputError } from '../errors.ts';
import { canonical } from '../json.ts';
import { Field, badInput, checkJson, sha256 } from './reader.ts';
import type { BatchRecord, Deliveries, Delivery, DocumentReader, MessageForm, ParsedEvent } from './triggers.ts';

/**
 * 1 MiB: Lambda quotas, of an asynchronous invocation, which is a person's with many paths or an event of EventBridge; SQS message
 * quotas, of a body. A message of SNS has less. A batch is bounded by Lambda itself (6 MB), so each record is checked alone.
 */
const MAX_BYTES = 1024 * 1024;
/** SQS event source mapping: at most 10,000 messages a batch. */
const MAX_RECORDS = 10_000;
/** EventBridge in SNS in SQS is one envelope; two allow for a topic behind a topic's queue. */
const MAX_ENVELOPES = 2;

/** A document is of no kind that is read here. */
class UnknownDocumentError extends BadInputError {}

/** What is known about a document before it is read. */
interface Around {
  readonly readers: readonly DocumentReader[];
  /** SNS envelopes that are off. */
  readonly envelopes: number;
  /** When the message was sent; stands in for the time of a document that has none of its own (a request). */
  readonly sentAt?: string;
}

/**
 * Parses the event of one invocation.
 * @param readers of what the runbook is started by (`readersOf`). Any other EventBridge event is `other`; any other document is
 *   bad input, whose line lists what is read here.
 * @returns one delivery, or for `Records` of SQS or SNS one entry per record, good or bad.
 * @throws BadInputError, and nothing else: one line, at most about 300 characters, with the path of the fault
 *   (`detail.state`, `Records[1].body.detail.state`).
 */
export function parseEvent(event: unknown, readers: readonly DocumentReader[]): ParsedEvent {
  const root = new Field(event, '');
  const stream = readers.find((reader) => reader.stream)?.stream?.(root);
  if (stream) return { kind: 'single', delivery: stream };
  if (root.has('Records')) return { kind: 'batch', records: parseRecords(root.get('Records'), readers) };
  checkJson(event, '');
  checkSize(JSON.stringify(event) ?? '', '');
  return { kind: 'single', delivery: parseDocument(root, { readers, envelopes: 0 }) };
}

/** The readers of some triggers, each once. */
export function readersOf(
  triggers: readonly { readonly reads?: DocumentReader | undefined }[],
): readonly DocumentReader[] {
  return [...new Set(triggers.flatMap(({ reads }) => reads ?? []))];
}

/** Whether all that is in an event is of kinds that the readers know, be it malformed. For those who choose whom to give it to. */
export function isRead(event: unknown, readers: readonly DocumentReader[]): boolean {
  try {
    const parsed = parseEvent(event, readers);
    const records = parsed.kind === 'batch' ? parsed.records : [];
    return !records.some((record) => 'error' in record && record.error instanceof UnknownDocumentError);
  } catch (error) {
    return !(error instanceof UnknownDocumentError);
  }
}

function checkSize(text: string, path: string): void {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MAX_BYTES) throw badInput(path, `${bytes} bytes are more than the ${MAX_BYTES} that AWS delivers`);
}

function parseRecords(records: Field, readers: readonly DocumentReader[]): readonly BatchRecord[] {
  const fields = records.list();
  const [first] = fields;
  if (first === undefined) throw badInput(records.path, 'expected a record, found an empty list');
  if (fields.length > MAX_RECORDS)
    throw badInput(records.path, `expected at most ${MAX_RECORDS} records, found ${fields.length}`);
  // Lambda never mixes sources in one batch: the first record that names one names it for all.
  const source = fields.map(sourceOf).find((candidate) => candidate !== undefined);
  if (source === undefined) return first.get('eventSource').fail('aws:sqs or aws:sns');
  return fields.map((record) => parseRecord(record, source, readers));
}

function sourceOf(record: Field): 'sqs' | 'sns' | undefined {
  if (record.peek('eventSource') === 'aws:sqs') return 'sqs';
  return record.peek('EventSource') === 'aws:sns' ? 'sns' : undefined;
}

/** SQS writes its sending time as epoch milliseconds in text; a request in a message without it has no time. */
function sentAtOfSqs(record: Field): Pick<Around, 'sentAt'> {
  const stamp = record.has('attributes') ? record.get('attributes') : undefined;
  if (stamp === undefined || !stamp.has('SentTimestamp')) return {};
  const milliseconds = Number(stamp.get('SentTimestamp').matching(/^\d{1,13}$/, 'epoch milliseconds'));
  return { sentAt: new Date(milliseconds).toISOString() };
}

function messageIdOf(record: Field, source: 'sqs' | 'sns'): { readonly messageId?: string } {
  const id = source === 'sqs' ? record.peek('messageId') : new Field(record.peek('Sns'), '').peek('MessageId');
  return typeof id === 'string' && id !== '' && id.length <= 128 ? { messageId: id } : {};
}

function parseRecord(record: Field, source: 'sqs' | 'sns', readers: readonly DocumentReader[]): BatchRecord {
  const head = { ...messageIdOf(record, source), source };
  try {
    if (source === 'sqs') {
      record.get('eventSource').oneOf(['aws:sqs']);
      const body = parseText(record.get('body'));
      return { ...head, delivery: parseDocument(body, { readers, envelopes: 0, ...sentAtOfSqs(record) }) };
    }
    record.get('EventSource').oneOf(['aws:sns']);
    return { ...head, delivery: parseSnsMessage(record.get('Sns'), { readers, envelopes: 0 }) };
  } catch (error) {
    if (error instanceof BadInputError) return { ...head, error };
    throw error;
  }
}

/** JSON in a string, checked like an event of its own; its path goes on below the string's. */
function parseText(field: Field): Field {
  const text = field.text(MAX_BYTES);
  checkSize(text, field.path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return field.fail('a JSON document');
  }
  checkJson(value, field.path);
  return new Field(value, field.path);
}

function parseSnsMessage(envelope: Field, { readers, envelopes }: Around): Delivery {
  if (envelopes === MAX_ENVELOPES) throw badInput(envelope.path, `more than ${MAX_ENVELOPES} SNS envelopes`);
  const type = envelope.get('Type').oneOf(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']);
  const sentAt = envelope.get('Timestamp').time();
  if (type !== 'Notification') return testDelivery(envelope, sentAt);
  const document = parseText(envelope.get('Message'));
  return parseDocument(document, { readers, envelopes: envelopes + 1, sentAt });
}

/** One document: the event itself, a message's body, or a notification's message. */
function parseDocument(root: Field, around: Around): Delivery {
  if (root.has('Type') && root.has('Message')) return parseSnsMessage(root, around);
  if (isTestNotification(root)) return testDelivery(root, root.get('Time').time());
  const forms = around.readers.flatMap(({ message }) => message ?? []);
  const form = forms.find(({ keys }) => keys.some((key) => root.has(key)));
  if (form !== undefined) return form.read(root, around.sentAt);
  if (root.has('detail-type') || root.has('detail')) return parseEventBridge(root, around.readers);
  throw unknownDocument(root, forms);
}

/** Says what is read here, and what was found instead. */
function unknownDocument(root: Field, forms: readonly MessageForm[]): BadInputError {
  const known = [...new Set(['an EventBridge event', ...forms.map(({ called }) => called)])];
  const expected = known.join(', ').replace(/, (?=[^,]*$)/u, ' or ');
  const keys = root.keys().slice(0, 4).join(', ');
  const message = `expected ${expected}, found ${keys === '' ? 'no keys' : `keys ${keys}`}`;
  return badInput(root.path, message, UnknownDocumentError);
}

/** Sent when a hook (`PutLifecycleHook`) or a bucket notification (S3 user guide, `s3:TestEvent`) is set up. */
function isTestNotification(root: Field): boolean {
  const said = [root.peek('Event'), root.peek('LifecycleTransition')];
  return said.includes('autoscaling:TEST_NOTIFICATION') || said.includes('s3:TestEvent');
}

function testDelivery(root: Field, at: string): Deliveries['test-notification'] {
  return { kind: 'test-notification', id: `test:${sha256(canonical(root.value))}`, at };
}

function parseEventBridge(root: Field, readers: readonly DocumentReader[]): Delivery {
  const detailType = root.get('detail-type').text();
  const source = root.get('source').text();
  const frame = {
    at: root.get('time').time(),
    account: root.get('account').account(),
    region: root.get('region').region(),
  };
  const id = root.get('id').text();
  const [resources, detail] = [root.get('resources'), root.get('detail')];
  if (isTestNotification(detail)) return testDelivery(root, frame.at);
  for (const { event } of readers) {
    if (event?.pattern.source.includes(source) === true && event.pattern['detail-type'].includes(detailType))
      return event.read({ id, detailType, frame, resources, detail });
  }
  return {
    kind: 'other',
    id: `event:${id}`,
    ...frame,
    source,
    detailType,
    resources: resources.optionalList().map((resource) => resource.text(2048)),
    detail: detail.value,
  };
}
