/** A line of a list in its columns, without its comment. Pure, and one pass over the line. */

const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const SLASH = 47;
const SEMICOLON = 59;
const BAR = 124;
const CARRIAGE_RETURN = 13;

/** The columns of a line, and what stood behind them. */
export interface Line {
  /** Without blanks around them and without quotes. Those at the end that are empty are left out. */
  readonly columns: readonly string[];
  /** What stands behind ` ;`, which some lists have for a column: `1.10.16.0/20 ; SBL256894`. */
  readonly remark: string | undefined;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isSeparator(code: number): boolean {
  return code === COMMA || code === TAB || code === SEMICOLON || code === BAR || code === HASH;
}

/** `#`, `;` and `//` with nothing or a blank in front; elsewhere the first two are separators (`1.2.3.4#4#2#Malicious Host`). */
function startsComment(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const isSign = code === HASH || code === SEMICOLON || (code === SLASH && text.charCodeAt(at + 1) === SLASH);
  return isSign && (at === 0 || isBlank(text.charCodeAt(at - 1)));
}

/** The line without blanks around it, and without what a Windows line ends with. */
export function trimmedLine(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && (isBlank(text.charCodeAt(to - 1)) || text.charCodeAt(to - 1) === CARRIAGE_RETURN)) to -= 1;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** Whether the line is a comment and nothing else. @param line without blanks around it. */
export function isComment(line: string): boolean {
  return startsComment(line, 0);
}

interface Column {
  readonly text: string;
  /** Where it ends: at a separator, a comment or the end of the line. */
  readonly end: number;
}

function plainColumn(line: string, from: number): Column {
  let end = from;
  while (end < line.length && !isSeparator(line.charCodeAt(end)) && !startsComment(line, end)) end += 1;
  return { text: trimmedLine(line.slice(from, end)), end };
}

/** @param from where the quote is. */
function quotedColumn(line: string, from: number): Column | undefined {
  let close = line.indexOf('"', from + 1);
  while (close >= 0 && line.charCodeAt(close + 1) === QUOTE) close = line.indexOf('"', close + 2);
  if (close < 0) return undefined;
  const behind = plainColumn(line, close + 1);
  if (behind.text !== '') return undefined;
  return { text: trimmedLine(line.slice(from + 1, close).replaceAll('""', '"')), end: behind.end };
}

function columnAt(line: string, from: number): Column | undefined {
  let at = from;
  while (line.charCodeAt(at) === SPACE) at += 1;
  return line.charCodeAt(at) === QUOTE ? quotedColumn(line, at) : plainColumn(line, from);
}

/** @param line without blanks around it. @returns `undefined` where a quote is not closed, or something stands behind it. */
export function columnsOf(line: string): Line | undefined {
  const columns: string[] = [];
  let remark: string | undefined;
  for (let at = 0; at <= line.length;) {
    const column = columnAt(line, at);
    if (column === undefined) return undefined;
    columns.push(column.text);
    const { end } = column;
    if (startsComment(line, end)) {
      remark = line.charCodeAt(end) === SEMICOLON ? trimmedLine(line.slice(end + 1)) : undefined;
      break;
    }
    at = end + 1;
  }
  while (columns.length > 1 && columns.at(-1) === '') columns.pop();
  return { columns, remark };
}
