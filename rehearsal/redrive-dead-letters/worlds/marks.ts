/**
 * Marks in letters of generated senders. One letter has many forms: an envelope in the queue of dead letters, an event at its function, a record
 * when that has failed. The mark is in all of them, as no JSON writes it in another way, and says what has to become of the letter.
 */

/**
 * What the target gets of a letter.
 * - `whole`: the body as it is.
 * - `core`: the event or message that is in it, as it was written.
 * - `alias`: the same, at the alias that has failed.
 * - `sns-event`: the event that SNS makes of its message.
 */
export type Form = 'whole' | 'core' | 'alias' | 'sns-event';

/** By what it may go: a subscription's redrive policy, the tag of its target; or it has to stay. */
export type Leave = 'policy' | 'tag' | 'none';

/** What a mark says. */
export interface Mark {
  /** The name of the queue or function that failed. */
  readonly home: string;
  readonly form: Form;
  readonly leave: Leave;
  readonly n: number;
}

const FORMS: readonly Form[] = ['whole', 'core', 'alias', 'sns-event'];
const LEAVES: readonly Leave[] = ['policy', 'tag', 'none'];
const MARK = /~([\w.-]+)\+([\w-]+)\+(\w+)\+(\d+)~/u;

/** The mark as it stands in letters. */
export function markOf({ home, form, leave, n }: Mark): string {
  return `~${home}+${form}+${leave}+${n}~`;
}

/** The mark in a text; `undefined`: it is of no generated sender. */
export function markIn(text: string): Mark | undefined {
  const [, home, formed, left, n] = MARK.exec(text) ?? [];
  const [form, leave] = [FORMS.find((one) => one === formed), LEAVES.find((one) => one === left)];
  if (home === undefined || form === undefined || leave === undefined) return undefined;
  return { home, form, leave, n: Number(n) };
}

/** What a letter is in whatever form: its mark, or its body where it has none. */
export function identityOf(text: string): string {
  return MARK.exec(text)?.[0] ?? text;
}

/** A number that is another one when somebody reads it and writes it anew. */
export const LARGE = '12345678901234567890';
