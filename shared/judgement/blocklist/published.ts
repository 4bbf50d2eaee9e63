/** What is ours in an enforcement point, as it is noted in the ledger before it is written. */

import type { JsonObject, PlannedCall } from '../../kernel/decision.ts';
import { plannedWrite } from '../../kernel/ledger/planned-write.ts';

/** What the runbook put into an enforcement point the last time it wrote it: entries, or the marks of them where they are many. */
export interface Published {
  readonly mine: readonly string[];
  readonly form: 'entries' | 'marks';
  readonly version: number;
}

/** Partition of the data ledger: what was written into each enforcement point, by ARN. */
export const PUBLISHED = 'published';

/**
 * Entries that are noted as they are. Ten thousand networks of IPv6 would be 400 KB, and an item of the ledger takes 200: where they
 * are more, their marks are noted.
 */
const MOST_ENTRIES = 2_000;

/** Characters of a mark: 48 bits. That a foreign entry passes for one of ten thousand of ours is one in thirty thousand million. */
const MARK_CHARS = 8;

export function markOf(entry: string): string {
  let [high, low] = [0x9e3779b9, 0x85ebca6b];
  for (let index = 0; index < entry.length; index += 1) {
    const code = entry.charCodeAt(index);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995);
  }
  const [one, other] = [mixed(high ^ (low >>> 9)), mixed(low ^ (high >>> 11))];
  return `${lettersOf(one)}${lettersOf(other)}`;
}

/** Every bit of the text reaches every bit of the mark. */
function mixed(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b);
  return (twice ^ (twice >>> 16)) >>> 0;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The upper 24 of 32 bits, as four letters. */
function lettersOf(bits: number): string {
  return [26, 20, 14, 8].map((shift) => LETTERS.charAt((bits >>> shift) & 63)).join('');
}

/** Whether an entry was written here. */
export function isMineIn({ mine, form }: Published): (entry: string) => boolean {
  const noted = new Set(mine);
  return form === 'entries' ? (entry) => noted.has(entry) : (entry) => noted.has(markOf(entry));
}

function inOrder(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}

/** The note of these entries. */
export function noteOf(entries: readonly string[], version: number): Published {
  const mine = inOrder(entries);
  if (mine.length <= MOST_ENTRIES) return { mine, form: 'entries', version };
  return { mine: inOrder(mine.map(markOf)), form: 'marks', version };
}

/** The note with more entries. What is noted as marks has lost its entries, so it stays in that form. */
export function withMore(note: Published, entries: readonly string[]): Published {
  if (note.form === 'entries') return noteOf([...note.mine, ...entries], note.version);
  return { ...note, mine: inOrder([...note.mine, ...entries.map(markOf)]) };
}

/** Whether two notes say the same. */
export function isSameNote(one: Published, other: Published): boolean {
  return (
    one.form === other.form &&
    one.mine.length === other.mine.length &&
    one.mine.every((each, index) => each === other.mine[index])
  );
}

/** As an item of the ledger has it. */
export function valueOf({ mine, form }: Published): JsonObject {
  return form === 'entries' ? { mine } : { marks: mine.join('') };
}

/** Marks out of the text in which they stand one after the other. */
export function marksIn(text: string): readonly string[] {
  return text.match(new RegExp(`.{${MARK_CHARS}}`, 'gu')) ?? [];
}

/** The write of a note on top of the one that stands. */
export function writeOfNote(arn: string, note: Published, because: string): PlannedCall {
  const write = { partition: PUBLISHED, key: arn, ifVersion: note.version, value: valueOf(note) };
  return plannedWrite(write, because);
}
