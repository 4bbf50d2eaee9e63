/**
 * What must hold at every moment of a rehearsal, whatever goes wrong: named watchers that a drill's `expect.json` lists.
 * Each runbook has its own in `rehearsal/<runbook>/invariants.ts`; those of lifecycle hooks are everybody's.
 */

import type { Watcher } from '../simulator/engine/run-types.ts';
import { HOOK_INVARIANTS } from './lifecycle-hooks.ts';
import { RUNBOOK_INVARIANTS } from './runbooks.ts';

/** The invariants by name. */
export const INVARIANTS: { readonly [name: string]: Watcher } = Object.fromEntries(
  [...RUNBOOK_INVARIANTS, ...HOOK_INVARIANTS].map((watcher) => [watcher.name, watcher]),
);

/** The watchers with these names. */
export function watchersNamed(names: readonly string[]): readonly Watcher[] {
  return names.flatMap((name) => INVARIANTS[name] ?? []);
}
