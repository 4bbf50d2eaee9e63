/** The runbooks of this project as functions to deploy: whatever `functions/<name>/handler.ts` exports. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LambdaFunction } from '../shared/kernel/hosts/host.ts';
import type { RunbookHandler } from '../shared/kernel/runbook.ts';
import { beginningOf } from './runbooks.ts';
import type { DeployedFunction } from '../simulator/engine/run-types.ts';

/** A function of this project, with its form for the plain host in any process. */
export interface DiscoveredFunction extends DeployedFunction {
  readonly direct: LambdaFunction;
}

function isHandler(value: unknown): value is RunbookHandler {
  return typeof value === 'function' && 'runbook' in value && 'direct' in value && typeof value.direct === 'function';
}

/** A handler as a function to deploy. */
export function deployed(handler: RunbookHandler): DiscoveredFunction {
  const begin = beginningOf(handler.runbook.name);
  return { summary: handler.runbook, handler, direct: handler.direct, ...(begin === undefined ? {} : { begin }) };
}

/**
 * Loads every `handler.ts` below a folder, in order of their names.
 * @throws TypeError for a `handler.ts` that exports no handler of `runbook()`
 */
export async function discoverFunctions(root: string): Promise<readonly DiscoveredFunction[]> {
  const folders = existsSync(root) ? readdirSync(root).toSorted() : [];
  const found: DiscoveredFunction[] = [];
  for (const folder of folders) {
    const path = join(root, folder, 'handler.ts');
    if (!existsSync(path)) continue;
    const module: unknown = await import(pathToFileURL(path).href);
    const handler: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'handler') : undefined;
    if (!isHandler(handler)) throw new TypeError(`functions/${folder}/handler.ts exports no handler made by runbook()`);
    found.push(deployed(handler));
  }
  return found;
}
