/** A part of a JSON text as it was written: read and written again, a large number would be another one. Pure. */

/** Where a string that begins here ends: behind its closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isOneOf(characters: string, text: string, at: number): boolean {
  return characters.includes(text.charAt(at));
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isOneOf(' \t\r\n', text, at)) at += 1;
  return at;
}

/** Where an object or list that begins here ends. Without recursion: how deep it goes is the sender's to choose. */
function endOfNest(text: string, from: number): number {
  let at = from;
  let depth = 0;
  while (at < text.length) {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (isOneOf('{[', text, at)) depth += 1;
    if (isOneOf('}]', text, at)) depth -= 1;
    at += 1;
    if (depth === 0) break;
  }
  return at;
}

function endOfValue(text: string, from: number): number {
  if (text[from] === '"') return endOfString(text, from);
  if (isOneOf('{[', text, from)) return endOfNest(text, from);
  let at = from;
  while (at < text.length && !isOneOf(',}] \t\r\n', text, at)) at += 1;
  return at;
}

/** The text of a member of the object that a text begins with; of two of that name the last, as `JSON.parse` has it. */
function memberOf(text: string, name: string): string | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return undefined;
  let found: string | undefined;
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, from);
    if (key === name) found = text.slice(from, end);
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
  return found;
}

/**
 * What stands at a path of objects, as it was written; `undefined`: nothing.
 * @param text JSON that `JSON.parse` has taken
 */
export function rawMember(text: string, path: readonly string[]): string | undefined {
  let found: string | undefined = text;
  for (const name of path) found = found === undefined ? undefined : memberOf(found, name);
  return found;
}

/** The value of a text; `undefined`: it is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
