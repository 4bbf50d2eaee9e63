/** What the runbooks say of generated worlds: `rehearsal/<runbook>/worlds.ts` makes them, `interests.ts` what must hold in them. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Part } from './case.ts';
import type { Maker } from './draw.ts';
import type { Interest } from './interest.ts';
import type { InterestsByRunbook } from './trial.ts';

const ROOT = join(import.meta.dirname, '..');

/** Makers and interests of some runbooks. */
export interface Catalogue {
  readonly makers: readonly Maker[];
  readonly interests: InterestsByRunbook;
}

async function exportOf(runbook: string, file: string, name: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(join(ROOT, runbook, file)).href);
  return isRecord(module) ? module[name] : undefined;
}

function isParts(value: unknown): value is fc.Arbitrary<Part> {
  return value instanceof fc.Arbitrary;
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isInterest(value: unknown): value is Interest {
  return isRecord(value) && typeof value['name'] === 'string' && typeof value['quotes'] === 'string';
}

function areInterests(value: unknown): value is readonly Interest[] {
  return Array.isArray(value) && value.every(isInterest);
}

/** The runbooks for which worlds can be made, by name. */
export function runbooksWithWorlds(): readonly string[] {
  return readdirSync(ROOT)
    .filter((folder) => existsSync(join(ROOT, folder, 'interests.ts')))
    .toSorted();
}

/**
 * Loads what some runbooks say of worlds; all that say something where none is named.
 * @throws BadInputError for a runbook that says nothing, TypeError for a file that exports something else
 */
export async function catalogueOf(names: readonly string[] = []): Promise<Catalogue> {
  const all = runbooksWithWorlds();
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new BadInputError('', `there are no worlds for a runbook ${unknown}; there are for: ${all.join(', ')}`);
  const makers: Maker[] = [];
  const interests: { [runbook: string]: readonly Interest[] } = {};
  for (const runbook of all.filter((one) => names.length === 0 || names.includes(one))) {
    const parts = await exportOf(runbook, 'worlds.ts', 'WORLDS');
    const also = await exportOf(runbook, 'worlds.ts', 'ALSO_DEPLOYED');
    const isAlone = (await exportOf(runbook, 'worlds.ts', 'TRIED_ALONE')) === true;
    const own = await exportOf(runbook, 'interests.ts', 'INTERESTS');
    if (!isParts(parts)) throw new TypeError(`rehearsal/${runbook}/worlds.ts exports no WORLDS`);
    if (!areInterests(own)) throw new TypeError(`rehearsal/${runbook}/interests.ts exports no INTERESTS`);
    makers.push({ runbook, parts, isAlone, ...(areNames(also) ? { also } : {}) });
    interests[runbook] = own;
  }
  return { makers, interests };
}
