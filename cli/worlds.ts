/** `runbook drill --faults worlds`: worlds that nobody wrote, tried by the thousand; or one of them with its whole story. */

import {
  replayWorld,
  tryWorlds,
  USUAL_COUNT,
  WORLDS_FOLDER,
  type ToldFinding,
  type WorldsReport,
} from '../rehearsal/worlds.ts';
import { reachText } from '../rehearsal/worlds/reach.ts';
import { indented, labelled, widthOf } from './layout.ts';
import { EXIT } from './results.ts';
import { paintFor, progressOn, type CommandIo, type Paint } from './terminal.ts';
import { timelineLines } from './timeline.ts';

export interface WorldsCommandOptions {
  /** Runbooks; none: all. */
  readonly names: readonly string[];
  readonly seed: number;
  readonly count: number | undefined;
  readonly json: boolean;
  /** The spot of one world, as a finding printed it. */
  readonly replay: string | undefined;
}

function findingLines(finding: ToldFinding, paint: Paint, width: number): readonly string[] {
  const { interest, what, promise, replay, folder, count } = finding;
  const more = count === 1 ? '' : ` (in ${count} worlds)`;
  return [
    labelled([['x', paint.red], ' ', [interest, paint.bold], ' '], `${what}${more}`, width),
    ...(promise === undefined ? [] : indented(4, `promised by ${promise}`, width)),
    // On a line of its own and unbroken: it is there to be copied.
    `    ${replay}`,
    ...(folder === undefined ? [] : [`    ${folder}`]),
  ];
}

function reportLines(report: WorldsReport, tookMs: number, paint: Paint, width: number): readonly string[] {
  const { worlds, reach, findings, untold, missing } = report;
  const count = `${worlds} worlds in ${(tookMs / 1_000).toFixed(1)} s`;
  const isClean = findings.length + missing.length === 0;
  return [
    ...findings.flatMap((finding) => findingLines(finding, paint, width)),
    ...(untold === 0 ? [] : [`and ${untold} more kinds of wrongs`]),
    ...missing.flatMap((what) => labelled([['x ', paint.red]], what, width)),
    ...reachText(reach).flatMap((text) => indented(0, [text, paint.dim], width)),
    isClean
      ? paint.green(`${count}: every promise was kept`)
      : paint.red(`${count}: ${findings.length + untold} kinds of wrongs`),
  ];
}

async function showOne(io: CommandIo, { names, seed, json, replay: spot = '' }: WorldsCommandOptions): Promise<number> {
  const { drawn, trial, findings } = await replayWorld(await io.functions(), { names, seed, spot });
  const { case: one, runbooks } = drawn;
  if (json) {
    const shown = {
      runbooks,
      world: one.world,
      arrivals: one.arrivals,
      minutes: one.minutes,
      seed: one.seed,
      findings,
    };
    io.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  } else {
    const paint = paintFor(io.stdout, io.env);
    const width = widthOf(io.stdout);
    const lines = [
      ...timelineLines(trial.end, paint, width),
      '',
      ...findings.flatMap((finding) => findingLines(finding, paint, width)),
      findings.length === 0 ? paint.green('every promise was kept') : paint.red(`${findings.length} wrongs`),
    ];
    io.stdout.write(`${lines.join('\n')}\n`);
  }
  return findings.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Tries worlds out and says what they came to; 1 when a promise was broken, or too little was come upon to say. */
export async function tryWorldsOut(io: CommandIo, options: WorldsCommandOptions): Promise<number> {
  if (options.replay !== undefined) return showOne(io, options);
  const { names, seed, count = USUAL_COUNT, json } = options;
  const progress = progressOn(io.stderr);
  const from = performance.now();
  const report = await tryWorlds(await io.functions(), {
    names,
    seed,
    count,
    folder: WORLDS_FOLDER,
    onProgress: (done, total) => progress.show(`      ${done} of ${total} worlds`),
  });
  progress.clear();
  if (json) io.stdout.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`);
  else {
    const lines = reportLines(report, performance.now() - from, paintFor(io.stdout, io.env), widthOf(io.stdout));
    io.stdout.write(`seed ${seed}\n${lines.join('\n')}\n`);
  }
  return report.findings.length + report.missing.length === 0 ? EXIT.ok : EXIT.failed;
}
