/**
 * What each runbook says of its own rehearsals: `rehearsal/<runbook>/rules.ts` what faults may change, `invariants.ts` what
 * must hold, `world-moves.ts` what others may do meanwhile, `beginning.ts` what its schedule has seen to before a world begins. A further runbook is a further folder; what it says is nobody else's.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRecord } from '../simulator/engine/json.ts';
import type { DeployedFunction, Watcher } from '../simulator/engine/run-types.ts';
import type { Rules } from './equivalence.ts';
import type { Meddling } from './world-moves.ts';

const ROOT = import.meta.dirname;
const NOTHING: Rules = { differences: [], surplus: [] };

/** Rules by the name of the runbook whose they are. */
export interface RulesByRunbook {
  readonly [runbook: string]: Rules;
}

function isRules(value: unknown): value is Rules {
  return isRecord(value) && Array.isArray(value['differences']) && Array.isArray(value['surplus']);
}

function isWatcher(value: unknown): value is Watcher {
  return isRecord(value) && typeof value['name'] === 'string' && typeof value['check'] === 'function';
}

function areWatchers(value: unknown): value is readonly Watcher[] {
  return Array.isArray(value) && value.every(isWatcher);
}

function isMove(value: unknown): value is Meddling {
  return isRecord(value) && typeof value['name'] === 'string' && typeof value['happens'] === 'function';
}

function areMoves(value: unknown): value is readonly Meddling[] {
  return Array.isArray(value) && value.every(isMove);
}

/**
 * What `rehearsal/<runbook>/FILE` exports under a name, for every runbook that has that file, in order of their names.
 * @throws TypeError when it exports something else
 */
async function exported<T>(
  file: string,
  name: string,
  isWanted: (value: unknown) => value is T,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for (const runbook of readdirSync(ROOT).toSorted()) {
    const path = join(ROOT, runbook, file);
    if (!existsSync(path)) continue;
    const module: unknown = await import(pathToFileURL(path).href);
    const value: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
    if (!isWanted(value)) throw new TypeError(`rehearsal/${runbook}/${file} exports no ${name}`);
    found.set(runbook, value);
  }
  return found;
}

const RULES = await exported('rules.ts', 'RULES', isRules);

const MOVES = await exported('world-moves.ts', 'WORLD_MOVES', areMoves);

/** What others may do to the account between a look and a call of these runbooks. */
export function movesAround(runbooks: readonly string[]): readonly Meddling[] {
  return runbooks.flatMap((runbook) => MOVES.get(runbook) ?? []);
}

type Begin = NonNullable<DeployedFunction['begin']>;

function isBegin(value: unknown): value is Begin {
  return typeof value === 'function';
}

const BEGINNINGS = await exported('beginning.ts', 'begin', isBegin);

/** What a runbook's schedule has seen to before a world begins; `undefined`: nothing. */
export function beginningOf(runbook: string): Begin | undefined {
  return BEGINNINGS.get(runbook);
}

/** The invariants of all runbooks. */
export const RUNBOOK_INVARIANTS: readonly Watcher[] = [
  ...(await exported('invariants.ts', 'INVARIANTS', areWatchers)).values(),
].flat();

/** What is permitted to a runbook beyond what is permitted to all; nothing, when it says nothing. `more`: rules of runbooks without a folder here. */
export function rulesOf(runbook: string, more: RulesByRunbook = {}): Rules {
  return RULES.get(runbook) ?? more[runbook] ?? NOTHING;
}
