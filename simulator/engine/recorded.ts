/**
 * What recordings from AWS have shown to be so: operations whose every recorded answer agrees, and behaviours that were assumed. Written by
 * `npm run conformance -- --write` from conformance/recorded; never by hand.
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Grade } from './model.ts';

/** The file of them. */
export const RECORDED_FILE = new URL('recorded.json', import.meta.url);

/** Operations and behaviours that are recorded, in alphabetical order. */
export function readRecorded(): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(readFileSync(RECORDED_FILE, 'utf8')));
}

const RECORDED: ReadonlySet<string> = new Set(readRecorded());

/** Whether a behaviour, or an operation as a whole, was seen at AWS. */
export function isRecorded(name: string): boolean {
  return RECORDED.has(name);
}

/** The grade of an operation: what was recorded is known better than what its model says. */
export function gradeOf(call: string, said: Grade): Grade {
  return isRecorded(call) ? 'recorded' : said;
}
