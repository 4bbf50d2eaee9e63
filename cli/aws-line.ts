/** Lines to paste that come from a record or a message: whoever may write there could have written anything. Pure. */

import { printable } from '../shared/kernel/printable.ts';
import { isJsonObject } from './results.ts';

/** A line as `commandLine` writes it: three plain words, and JSON in single quotes. */
const AWS_CALL = /^aws ([a-z0-9][a-z0-9-]*) [a-z0-9][a-z0-9-]* --cli-input-json '((?:[^']|'\\'')*)'$/su;

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value);
  } catch {
    return false;
  }
}

/**
 * The service that a line calls, as the AWS command line names it (`elbv2`). `undefined`: the line is not one call of AWS and nothing
 * else, and is no line to paste.
 */
export function serviceOfLine(line: string): string | undefined {
  const [, service, quoted] = AWS_CALL.exec(line) ?? [];
  if (service === undefined || quoted === undefined || printable(line) !== line || line.includes('\n'))
    return undefined;
  return isObject(quoted.replaceAll(String.raw`'\''`, "'")) ? service : undefined;
}
