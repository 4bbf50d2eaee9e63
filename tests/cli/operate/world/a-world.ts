/** A world file of one test, and the command on it. */

import { readFileSync } from 'node:fs';
import { parseWorld, type ParsedWorld } from '../../../../simulator/world/world-file.ts';
import { file, marked, run, type Ran, type Setting } from '../../terminal.ts';

/** Writes a world of marked instances; `more`: what else stands in it. Returns its path. */
export function worldOf(name: string, marks: { readonly [instanceId: string]: string }, more: object = {}): string {
  return file(name, marked(marks, { whole: true, ...more }));
}

/** Runs `runbook WORDS --world PATH`. */
export function on(path: string, words: readonly string[], setting: Setting = {}): Promise<Ran> {
  return run([...words, '--world', path], setting);
}

/** What stands in the file. */
export function read(path: string): ParsedWorld {
  return parseWorld(JSON.parse(readFileSync(path, 'utf8')));
}

function word(value: unknown): string {
  return typeof value === 'string' ? (value.split(':')[0] ?? '') : '';
}

/** Outcomes and codes of the runs that it keeps. */
export function kept(path: string): readonly string[] {
  return read(path).ledger.runs.map(({ body }) => `${word(body['outcome'])} ${word(body['reason'])}`);
}
