/** Values of requests and answers, walked through. */

/** An object that is nothing but its members: no date, no bytes, no stream. */
export interface PlainRecord {
  readonly [member: string]: unknown;
}

/** Whether a value is an object that is nothing but its members. */
export function isPlainRecord(value: unknown): value is PlainRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** What `path` leads to: `Instances[].InstanceId`. Only texts. */
export function textsAt(value: unknown, path: string): readonly string[] {
  const [head = '', ...rest] = path.split('.');
  const member = head.replace(/\[\]$/u, '');
  const found = isPlainRecord(value) ? value[member] : undefined;
  const elements: readonly unknown[] = head.endsWith('[]') && Array.isArray(found) ? found : [found];
  if (rest.length > 0) return elements.flatMap((element) => textsAt(element, rest.join('.')));
  return elements.filter((element) => typeof element === 'string');
}

/** A value with every text in it made anew; `member` is the name of the closest member it stands in. */
export function mapTexts(value: unknown, change: (text: string, member: string) => unknown, member = ''): unknown {
  if (typeof value === 'string') return change(value, member);
  if (Array.isArray(value)) return value.map((element: unknown) => mapTexts(element, change, member));
  if (!isPlainRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, change, name)]));
}

/** Every text in a value. */
export function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  mapTexts(value, (text) => texts.push(text));
  return texts;
}

/** Ids as AWS makes them: `vol-` and 8 or 17 hex digits. */
export const AWS_ID = /(?<![\w-])[a-z]+(?:-[a-z]+)*-[0-9a-f]{8}(?:[0-9a-f]{9})?(?![\w-])/gu;

/** Ids in a text that may be somebody's: not those of the scenarios that nobody has, all `f`. */
export function idsIn(text: string): readonly string[] {
  return (text.match(AWS_ID) ?? []).filter((id) => !/-0f{7,}0?$/u.test(id));
}
