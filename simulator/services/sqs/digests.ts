/** What SQS says of a message's content: its bytes, and the MD5s by which a sender sees that it arrived as it was sent. */

import { createHash } from 'node:crypto';
import { isRecord } from '../../engine/json.ts';
import type { Shape } from '../../engine/model.ts';

/** The types of attributes, by what a type begins with, and the byte that stands for each in the MD5. */
const TRANSPORT = { text: 1, bytes: 2 } as const;

/** MD5 of a text. */
export function md5Of(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The attributes of a message, or those of it that SQS itself knows. */
export function attributesIn(value: unknown): readonly (readonly [name: string, attribute: Shape])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, attribute]) =>
    isRecord(attribute) ? [[name, attribute] as const] : [],
  );
}

/** The bytes of an attribute's value: those of a text, or binary ones, which the world keeps in base 64. */
export function valueOf(attribute: Shape): Buffer {
  const { StringValue: text, BinaryValue: bytes } = attribute;
  if (typeof text === 'string') return Buffer.from(text);
  if (bytes instanceof Uint8Array) return Buffer.from(bytes);
  return Buffer.from(typeof bytes === 'string' ? bytes : '', 'base64');
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * MD5 of attributes; `undefined`: there are none.
 * Source: "Calculating the MD5 message digest for message attributes" in the SQS developer guide.
 */
export function md5OfAttributes(attributes: unknown): string | undefined {
  const sorted = attributesIn(attributes).toSorted(([one], [other]) => (one < other ? -1 : 1));
  if (sorted.length === 0) return undefined;
  const hash = createHash('md5');
  for (const [name, attribute] of sorted) {
    hash.update(withLength(Buffer.from(name)));
    hash.update(withLength(Buffer.from(String(attribute['DataType']))));
    hash.update(Buffer.from([attribute['BinaryValue'] === undefined ? TRANSPORT.text : TRANSPORT.bytes]));
    hash.update(withLength(valueOf(attribute)));
  }
  return hash.digest('hex');
}

/** The bytes that count for a message: its body, and of each attribute name, type and value. Source: API_SendMessage, MessageBody. */
export function sizeOf(body: string, attributes: unknown): number {
  const sizes = attributesIn(attributes).map(
    ([name, attribute]) =>
      Buffer.byteLength(name) + Buffer.byteLength(String(attribute['DataType'])) + valueOf(attribute).length,
  );
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}
