/** Recordings as files, and the simulator held against them. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compare, type Verdict } from '../compare.ts';
import { explains, type Known } from '../known/known.ts';
import type { Note, Played } from '../scenario.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import { leaksOf, redactedPlay } from './redaction.ts';

const noteSchema = z.strictObject({
  operation: z.string(),
  label: z.string(),
  request: z.unknown().optional(),
  answer: z.union([
    z.strictObject({ error: z.string(), message: z.string(), status: z.number().optional() }),
    z.strictObject({ output: z.unknown() }),
  ]),
});

const recordingSchema = z.strictObject({
  scenario: z.string(),
  /** The day, `2026-12-01`. */
  recorded: z.iso.date(),
  notes: z.array(noteSchema),
});

/** What AWS answered in one scenario, with names for ids. */
export type Recording = z.infer<typeof recordingSchema>;

/** File of a scenario: its name in kebab-case. */
export function fileOf(scenario: string): string {
  const words = scenario
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');
  return `${words}.json`;
}

/**
 * Writes a recording.
 * @throws Error when something of an account stands in it: it is not written then
 */
export function writeRecording(folder: string, recording: Recording, secrets: readonly string[]): void {
  const leaks = leaksOf(recording, secrets);
  if (leaks.length > 0) throw new Error(`not written, since there would stand in it ${leaks.slice(0, 3).join('; ')}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, fileOf(recording.scenario)), `${JSON.stringify(recording, null, 2)}\n`);
}

/**
 * Reads all recordings of a folder; none where there is no folder.
 * @throws Error naming the file that is no recording
 */
export function readRecordings(folder: string): readonly Recording[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      const read = recordingSchema.safeParse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      if (!read.success) throw new Error(`conformance/recorded/${name}: ${z.prettifyError(read.error)}`);
      if (fileOf(read.data.scenario) !== name)
        throw new Error(`conformance/recorded/${name}: its scenario is ${read.data.scenario}`);
      return read.data;
    });
}

function noteOf({ operation, label, answer }: Recording['notes'][number]): Note {
  return {
    operation,
    label,
    answer: 'error' in answer ? { ...answer, status: answer.status } : { output: answer.output },
  };
}

/** What is known of the simulator by recordings. */
export interface Recorded {
  readonly recordings: number;
  readonly verdicts: readonly Verdict[];
  /** Operations all of whose answers agree, and behaviours that were refusals here and there alike. */
  readonly proved: readonly string[];
  /** Recordings of scenarios that are no more. */
  readonly orphans: readonly string[];
}

/** Services as behaviours name them: by their prefix in IAM, or by their package. */
function namesOf(operation: string): readonly string[] {
  const prefix = operation.split(':')[0] ?? '';
  return [prefix, ...SERVICES.flatMap((service) => (service.prefix === prefix ? [service.name] : []))];
}

/**
 * Behaviours of grade `assumed` that a scenario has used and AWS shows: those that say with which error a service refuses, where every
 * refusal of the simulator with this error is AWS's too. What takes how long shows in no recording.
 */
function provedBehaviours(played: Played, recording: Played): readonly string[] {
  const theirs = new Map(recording.notes.map((note) => [`${note.operation} ${note.label}`, note.answer]));
  return (played.assumed ?? []).filter((behaviour) => {
    const refusals = played.notes.filter(
      ({ operation, answer }) =>
        'error' in answer &&
        behaviour.split(/[^\w.]+/u).includes(answer.error) &&
        namesOf(operation).some((name) => behaviour.startsWith(`${name}:`)),
    );
    return (
      refusals.length > 0 &&
      refusals.every(({ operation, label, answer }) => {
        const there = theirs.get(`${operation} ${label}`);
        return there !== undefined && 'error' in there && 'error' in answer && there.error === answer.error;
      })
    );
  });
}

function isProved({ operation, differences }: Verdict, known: readonly Known[]): boolean {
  if (operation === 'fact') return false;
  return differences.every((one) => known.some((entry) => entry.right === 'both allowed' && explains(entry, one)));
}

/** Holds the simulator against recordings. `known`: differences that were looked into. */
export function recordedBy(
  recordings: readonly Recording[],
  simulator: readonly Played[],
  known: readonly Known[],
): Recorded {
  const theirs = recordings.map(({ scenario, notes }): Played => ({
    scenario,
    notes: notes.map(noteOf),
    names: new Map(),
  }));
  const ours = simulator
    .filter(({ scenario }) => theirs.some((one) => one.scenario === scenario))
    .map((played) => redactedPlay(played));
  const verdicts = compare(ours, theirs);
  const behaviours = ours.flatMap((played) => {
    const recording = theirs.find(({ scenario }) => scenario === played.scenario);
    return recording === undefined ? [] : provedBehaviours(played, recording);
  });
  const operations = verdicts.filter((verdict) => isProved(verdict, known)).map(({ operation }) => operation);
  return {
    recordings: recordings.length,
    verdicts,
    proved: [...new Set([...operations, ...behaviours])].toSorted(),
    orphans: theirs
      .filter(({ scenario }) => ours.every((one) => one.scenario !== scenario))
      .map(({ scenario }) => scenario),
  };
}
