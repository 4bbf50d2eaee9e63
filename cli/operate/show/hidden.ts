/** What people have put into messages and machines is nobody's to read on a terminal, unless they ask for it. Pure. */

import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import { bytesWritten } from '../../../shared/kernel/report/shortened.ts';
import { isJsonObject } from '../../results.ts';

/** Members of AWS's requests and answers, in whatever case a runbook may have written them. */
const HIDDEN: ReadonlySet<string> = new Set([
  'body',
  'messagebody',
  'messageattributes',
  'messagesystemattributes',
  'receipthandle',
  'userdata',
  'payload',
  'secretstring',
  'secretbinary',
]);

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function withoutIn(value: Json): Json {
  if (isJsonObject(value)) return withoutData(value);
  return isList(value) ? value.map(withoutIn) : value;
}

/** An object with a word in the place of what people have put into it. */
export function withoutData(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      if (value === undefined || value === null) return [name, value];
      const isHidden = HIDDEN.has(name.replaceAll(/[-_]/gu, '').toLowerCase());
      return [name, isHidden ? `(${bytesWritten(value)} bytes; --show-data shows them)` : withoutIn(value)];
    }),
  );
}
