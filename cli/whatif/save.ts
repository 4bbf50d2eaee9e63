/** Keeps what was played as drills, a folder for each loss; what is there stays as it is. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, keptLoss, type DrillFiles } from '../../rehearsal/whatif/kept.ts';
import type { WhatIfPlayed } from '../../rehearsal/whatif/whatif.ts';
import { progressOn, UsageError, type CommandIo } from '../terminal.ts';
import type { ReadWorld } from '../world-run.ts';

/** What is kept, and where. */
export interface Saving {
  readonly played: WhatIfPlayed;
  readonly folder: string;
  readonly seed: number;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Two things of one name have folders of their own. */
function free(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}

/** @throws UsageError where a file cannot be written; a folder that is there is not written to */
function write(directory: string, files: DrillFiles): boolean {
  if (existsSync(directory)) return false;
  try {
    mkdirSync(directory, { recursive: true });
    // Fails where somebody has made the file meanwhile.
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { flag: 'wx' });
  } catch (error) {
    throw new UsageError(`${directory}: cannot be written: ${messageOf(error)}`);
  }
  return true;
}

/**
 * Writes each loss that was played to its end as a drill, and says on standard error what was kept and what was not, and why.
 * @returns the folders that were written
 * @throws UsageError where a folder cannot be written
 */
export async function saved(
  io: CommandIo,
  { world }: ReadWorld,
  { played: { played }, folder, seed }: Saving,
): Promise<readonly string[]> {
  const progress = progressOn(io.stderr);
  const [kept, taken, left] = [[] as string[], new Set<string>(), [] as string[]];
  for (const [index, one] of played.entries()) {
    const name = free(folderOf(one.report), taken);
    taken.add(name);
    progress.show(`keeping ${index + 1} of ${played.length}: ${name}`);
    const directory = join(folder, name);
    if (one.report.unknown !== undefined) left.push(`${name}: it was not played to its end`);
    else if (existsSync(directory)) left.push(`${directory}: it is there already, and stays as it is`);
    else {
      try {
        if (write(directory, await keptLoss(one, { world, seed }))) kept.push(directory);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        left.push(`${name}: ${messageOf(error)}`);
      }
    }
  }
  progress.clear();
  for (const why of left) io.stderr.write(`runbook: not kept: ${why}\n`);
  io.stderr.write(`runbook: ${kept.length} of ${played.length} losses are kept as drills in ${folder}\n`);
  return kept;
}
