/**
 * Worlds that nobody wrote: many of them, made by chance from a seed, held against what the runbooks' pages promise. What is
 * wrong is made as small as it will be, and written down as files.
 */

import { join } from 'node:path';
import { Bench, together, type BatchEnd, type Finding } from './worlds/bench.ts';
import { catalogueOf } from './worlds/catalogue.ts';
import { Crew, type Answer, type Task } from './worlds/crew.ts';
import { BATCH, parseSpot, type Drawn } from './worlds/draw.ts';
import { promiseOf, replayCommand, writeFiles } from './worlds/print.ts';
import { missing, sum, type Reach } from './worlds/reach.ts';
import type { Trial } from './worlds/trial.ts';
import type { DiscoveredFunction } from './functions.ts';

/** Where worlds are written in which something is wrong, below the working directory. */
export const WORLDS_FOLDER: string = join('.build', 'worlds');
/** What a landing tries. */
export const USUAL_COUNT = 2_000;
/** From so many worlds on they must have come upon everything; fewer may miss what is rare. */
const TELLING_COUNT = 1_000;
/** Kinds of wrongs that are made small and told, of one run: a broken runbook has many more. */
const TOLD = 12;

export interface WorldsOptions {
  /** Runbooks; none: all that have worlds. */
  readonly names: readonly string[];
  readonly seed: number;
  readonly count: number;
  /** Where to write the worlds in which something is wrong; absent: nowhere. */
  readonly folder?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Something wrong, as it is told. */
export interface ToldFinding {
  readonly interest: string;
  readonly what: string;
  /** The sentence that promises better, and where it stands; absent: no page needs to say it. */
  readonly promise?: string;
  readonly replay: string;
  readonly folder?: string;
  /** How many worlds had it. */
  readonly count: number;
}

/** What a number of worlds came to. */
export interface WorldsReport {
  readonly worlds: number;
  readonly reach: Reach;
  readonly findings: readonly ToldFinding[];
  /** Kinds of wrongs beyond those that are told. */
  readonly untold: number;
  /** What none of the worlds came upon, though it should. */
  readonly missing: readonly string[];
}

function tasksFor(count: number): readonly Task[] {
  return Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) => ({
    batch,
    count: Math.min(BATCH, count - batch * BATCH),
  }));
}

function batchEnds(answers: readonly Answer[]): readonly BatchEnd[] {
  return answers.flatMap((answer) => ('batch' in answer ? [answer.batch] : []));
}

function smallOnes(answers: readonly Answer[]): readonly Finding[] {
  return answers.flatMap((answer) => ('small' in answer ? [answer.small] : []));
}

/**
 * Tries worlds out.
 * @param functions what is deployed, for the files; the worker threads load their own
 * @throws BadInputError for a runbook without worlds
 */
export async function tryWorlds(
  functions: readonly DiscoveredFunction[],
  { names, seed, count, folder, onProgress }: WorldsOptions,
): Promise<WorldsReport> {
  const catalogue = await catalogueOf(names);
  const crew = new Crew(names, seed);
  try {
    let done = 0;
    const ends = batchEnds(
      await crew.work(tasksFor(count), () => {
        done += BATCH;
        onProgress?.(Math.min(done, count), count);
      }),
    );
    const all = together(ends.flatMap(({ findings }) => findings));
    const small = smallOnes(await crew.work(all.slice(0, TOLD).map((finding) => ({ finding }))));
    const bench = new Bench(functions, catalogue, seed);
    const told = small.map((finding): ToldFinding => {
      const replay = replayCommand(names, seed, finding.spot);
      const promise = promiseOf(finding, catalogue.interests);
      const subject = { seed, finding, replay, interests: catalogue.interests };
      const written =
        folder === undefined ? undefined : writeFiles(folder, bench.drawn(finding.spot), functions, subject);
      const { interest, what, count: times } = finding;
      return {
        interest,
        what,
        ...(promise === undefined ? {} : { promise }),
        replay,
        ...(written === undefined ? {} : { folder: written }),
        count: times,
      };
    });
    const reach = sum(ends.map((end) => end.reach));
    return {
      worlds: count,
      reach,
      findings: told,
      untold: all.length - told.length,
      missing: count < TELLING_COUNT ? [] : missing(reach),
    };
  } finally {
    await crew.dismiss();
  }
}

/** One world, shown again. */
export interface WorldReplay {
  readonly drawn: Drawn;
  readonly trial: Trial;
  readonly findings: readonly ToldFinding[];
}

/**
 * Tries one world again, by the spot that a finding printed.
 * @throws BadInputError for a spot that cannot be read, or a runbook without worlds
 */
export async function replayWorld(
  functions: readonly DiscoveredFunction[],
  { names, seed, spot: text }: { readonly names: readonly string[]; readonly seed: number; readonly spot: string },
): Promise<WorldReplay> {
  const spot = parseSpot(text);
  const catalogue = await catalogueOf(names);
  const bench = new Bench(functions, catalogue, seed);
  const drawn = bench.drawn(spot);
  const trial = await bench.at(spot);
  const findings = trial.wrongs.map(({ interest, what }): ToldFinding => {
    const promise = promiseOf({ kind: '', interest, what, spot, count: 1 }, catalogue.interests);
    const replay = replayCommand(names, seed, spot);
    return { interest, what, ...(promise === undefined ? {} : { promise }), replay, count: 1 };
  });
  return { drawn, trial, findings };
}
