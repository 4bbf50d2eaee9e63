/** A letter as people ask for it, and as they are told of it. Pure. */

import { isBag } from '../../../shared/kernel/json.ts';

/** What SQS hands over, as far as it is read here. */
export interface RawLetter {
  readonly MessageId?: string | undefined;
  readonly Body?: string | undefined;
  readonly Attributes?: { readonly [name: string]: string | undefined } | undefined;
  readonly MessageAttributes?: { readonly [name: string]: RawAttribute } | undefined;
}

interface RawAttribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

/** What is known of a letter besides what SQS hands over. */
export interface Beside {
  /** Body, and names, types and values of its attributes, in bytes. */
  readonly bytes: number;
  /** Times that it was brought back before. */
  readonly attempts: number;
  /** ISO 8601. */
  readonly now: string;
}

/** One letter, in the words of a filter. */
export interface SeenLetter {
  /** The body as JSON where it is JSON, else its text. */
  readonly body: unknown;
  /** Message attributes by name: numbers as numbers, bytes in base 64. */
  readonly attributes: { readonly [name: string]: string | number };
  readonly messageId: string;
  /** The message group: of a standard queue the tenant; `null`: it has none. */
  readonly group: string | null;
  /** Name of the queue that it failed in; `null`: it was sent to the dead letters by somebody. */
  readonly source: string | null;
  /** When it was sent first, ISO 8601. */
  readonly sentAt: string | null;
  readonly ageSeconds: number | null;
  /** Times that it was received, here and where it failed. */
  readonly receiveCount: number;
  readonly attempts: number;
  readonly bytes: number;
  /** Why it failed, where what sent it here has said so. */
  readonly errorClass: string | null;
}

/** The letter as a filter sees it. */
export function seenLetter(raw: RawLetter, { bytes, attempts, now }: Beside): SeenLetter {
  const { MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} } = raw;
  const { DeadLetterQueueSourceArn, SentTimestamp, MessageGroupId, ApproximateReceiveCount } = Attributes;
  const sentMs = SentTimestamp === undefined ? NaN : Number(SentTimestamp);
  const isDated = !Number.isNaN(new Date(sentMs).getTime());
  const attributes = valuesOf(MessageAttributes);
  const body = bodyOf(Body);
  return {
    body,
    attributes,
    messageId: MessageId,
    group: MessageGroupId ?? null,
    source: DeadLetterQueueSourceArn?.split(':').at(-1) ?? null,
    sentAt: isDated ? new Date(sentMs).toISOString() : null,
    ageSeconds: isDated ? Math.max(0, Math.floor((Date.parse(now) - sentMs) / 1_000)) : null,
    receiveCount: Number(ApproximateReceiveCount ?? 0),
    attempts,
    bytes,
    errorClass: errorClassOf(attributes, body),
  };
}

/** A copy without prototype: where what is `in` an object counts as its member, `constructor` is none unless somebody wrote it. */
export function bare<T extends object>(value: T): T {
  const copy = { ...value };
  Object.setPrototypeOf(copy, null);
  return copy;
}

function bodyOf(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? bare(value) : value,
    );
    return parsed;
  } catch {
    // It is no JSON, or nested more deeply than can be walked.
    return text;
  }
}

function valuesOf(attributes: { readonly [name: string]: RawAttribute }): SeenLetter['attributes'] {
  return bare(Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, valueOf(value)])));
}

function valueOf({ DataType = '', StringValue = '', BinaryValue }: RawAttribute): string | number {
  if (BinaryValue !== undefined) return Buffer.from(BinaryValue).toString('base64');
  // A type may have a label behind it: Number.cents.
  return /^Number(?:\.|$)/u.test(DataType) ? numberOr(StringValue) : StringValue;
}

/** A number of SQS's may have 38 digits: one that would come out as another stays its text. */
function numberOr(text: string): number | string {
  const number = Number(text);
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return text.trim() !== '' && isExact ? number : text;
}

/** Lambda's and SNS's; those of EventBridge and its scheduler; Lambda's again. */
const ERROR_ATTRIBUTES = ['ErrorCode', 'ERROR_CODE', 'ErrorMessage'];

/** What an attribute says, or the record that Lambda sends to a destination on failure. */
function errorClassOf(attributes: SeenLetter['attributes'], body: unknown): string | null {
  const told = ERROR_ATTRIBUTES.map((name) => attributes[name]).find((value) => value !== undefined && value !== '');
  if (told !== undefined) return String(told);
  const error = memberOf(body, 'responsePayload', 'errorType') ?? memberOf(body, 'requestContext', 'condition');
  return typeof error === 'string' && error !== '' ? error : null;
}

function memberOf(value: unknown, outer: string, inner: string): unknown {
  const holder = isBag(value) ? value[outer] : undefined;
  return isBag(holder) ? holder[inner] : undefined;
}
