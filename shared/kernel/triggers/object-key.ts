/** The keys of S3's objects, as its events write them. */

import { Field } from './reader.ts';

/** S3 user guide, "Naming Amazon S3 objects": 1,024 bytes. */
export const MAX_KEY_CHARS = 1024;

/**
 * A key out of a notification, `lists/drop+v4%281%29.txt`: a blank is `+`, and whatever else is encoded is so as in a form. EventBridge
 * encodes nothing.
 */
export function decodedKey(key: Field): string {
  const text = key.text(3 * MAX_KEY_CHARS);
  try {
    return new Field(decodeURIComponent(text.replaceAll('+', ' ')), key.path).text(MAX_KEY_CHARS);
  } catch (error) {
    if (error instanceof URIError) return key.fail('a key in URL encoding');
    throw error;
  }
}
