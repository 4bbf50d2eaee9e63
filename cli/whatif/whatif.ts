/** `runbook whatif`: every single loss in a world, played by the code that would run. */

import { basename } from 'node:path';
import { ownVersion } from '../../build/source-version.ts';
import { inFile, readJsonFile } from '../../simulator/world/json-file.ts';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { NotSimulatedError } from '../../simulator/engine/model.ts';
import { isSurvived, type LossKind, type WhatIf } from '../../rehearsal/whatif/what-if.ts';
import { whatIf, type WhatIfPlayed } from '../../rehearsal/whatif/whatif.ts';
import { widthOf } from '../layout.ts';
import { spanText } from '../operate/times.ts';
import { whatIfPage } from '../report/whatif-page.ts';
import { demandFree, writePage, type Destination } from '../report/write.ts';
import { EXIT } from '../results.ts';
import { paintFor, progressOn, type CommandIo } from '../terminal.ts';
import { readWorld, sayTaken, type ReadWorld } from '../world-run.ts';
import { saved } from './save.ts';
import { whatIfText } from './table.ts';

/** What was asked for. */
export interface WhatIfOptions {
  readonly path: string;
  readonly kinds: readonly LossKind[];
  readonly pairs: boolean;
  /** A folder for the drills; `undefined`: none are kept. */
  readonly save: string | undefined;
  readonly json: boolean;
  /** Where a page goes; `undefined`: none is asked for. */
  readonly page: Destination | undefined;
  readonly seed: number;
}

/** 5: something that is looked after does not recover. Else 1 where something could not be played. */
export function exitCodeOf({ reports }: Pick<WhatIf, 'reports'>): number {
  if (reports.some((report) => !isSurvived(report) && report.verdict !== 'unknown')) return EXIT.plan;
  return reports.some(({ verdict }) => verdict === 'unknown') ? EXIT.failed : EXIT.ok;
}

async function played(io: CommandIo, file: ReadWorld, { kinds, pairs, seed }: WhatIfOptions): Promise<WhatIfPlayed> {
  const progress = progressOn(io.stderr);
  const from = performance.now();
  try {
    return await whatIf({
      world: file.world,
      functions: await io.functions(),
      kinds,
      pairs,
      seed,
      onProgress: (done, of, next) => {
        const leftMs = done === 0 ? undefined : ((performance.now() - from) / done) * (of - done);
        const left = leftMs === undefined ? '' : `, about ${spanText(leftMs)} left`;
        progress.show(`${done + 1} of ${of}${left}: ${next}`);
      },
    });
  } catch (error) {
    if (error instanceof NotSimulatedError) throw error.in(file.path);
    throw error instanceof BadInputError ? inFile(file.path, error) : error;
  } finally {
    progress.clear();
  }
}

function sayLeftOut(io: CommandIo, { path, world: { script, regions } }: ReadWorld): void {
  const steps = script.length;
  if (steps > 0)
    io.stderr.write(
      `runbook: ${path}: its script (${steps} ${steps === 1 ? 'step' : 'steps'}) is left out: what is lost is all that happens\n`,
    );
  const others = Object.keys(regions);
  if (others.length > 0) io.stderr.write(`runbook: ${path}: nothing is lost in ${others.join(', ')}\n`);
}

function footerOf({ seed }: WhatIfOptions): string {
  return `Written by runbook whatif, seed ${seed}, version ${ownVersion()}; times are the simulated account's.`;
}

/** Plays every loss of a world file and tells what becomes of it. Returns the exit code. */
export async function tellWhatIf(io: CommandIo, options: WhatIfOptions): Promise<number> {
  const { path, save, json, page } = options;
  if (page !== undefined) demandFree(page);
  const file = readWorld(path, readJsonFile(path), new Date().toISOString());
  sayTaken(io, file);
  sayLeftOut(io, file);
  const all = await played(io, file, options);
  const kept =
    save === undefined ? undefined : await saved(io, file, { played: all, folder: save, seed: options.seed });
  if (json)
    io.stdout.write(`${JSON.stringify({ ...all.whatIf, ...(kept === undefined ? {} : { saved: kept }) }, null, 2)}\n`);
  else if (page === undefined)
    io.stdout.write(`${whatIfText(all.whatIf, { width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env) })}\n`);
  if (page !== undefined) writePage(io, page, whatIfPage(all.whatIf, basename(path), footerOf(options)));
  return exitCodeOf(all.whatIf);
}
