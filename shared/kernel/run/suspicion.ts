/** A run that as a whole cannot be meant: refused, and told once. */

import type { JsonObject } from '../decision.ts';
import type { Limits, Located, RunbookDefinition } from '../definition.ts';
import { classify } from '../errors.ts';
import { attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import type { Resources } from '../ledger/access.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Chore } from '../report/chores.ts';
import { historyOf, selfOf } from './locate.ts';
import { toldKey } from './memory-keys.ts';

const TROUBLE = 'refused:suspicious';

/** Why so many targets cannot be meant; `undefined`: they can. A guard that cannot be asked refuses. */
export function suspicionOf<Request extends JsonObject, Seen extends object, L extends Limits>(
  { suspicious }: Pick<RunbookDefinition<Request, Seen, L>, 'suspicious'>,
  located: readonly Located<Seen>[],
  limits: L,
): string | undefined {
  try {
    return suspicious?.(located, limits);
  } catch (error) {
    const { name, message } = classify(error);
    return `whether so many are meant cannot be told: ${name}: ${message}`;
  }
}

/** Whether people have heard of the suspicion already, as far as the ledger was read. */
export function isToldOf(resources: Resources | undefined, runbook: string, dryRun: boolean): boolean {
  const history = historyOf(resources, selfOf(runbook));
  return typeof history === 'object' && history.memory[toldKey(dryRun)] === TROUBLE;
}

/** Keeps in mind that people have heard of it. */
export function keepInMind(ledger: Ledger, runbook: string, dryRun: boolean): Chore {
  return ['remember', () => ledger.remember(selfOf(runbook), runbook, { [toldKey(dryRun)]: TROUBLE })];
}

/** The suspicion is over: the next one is news again. A ledger that does not answer leaves it to the next run. */
export async function forget(host: Host, ledger: Ledger, runbook: string, dryRun: boolean): Promise<void> {
  await attempt(host, 'suspicion-over', async () => {
    await ledger.remember(selfOf(runbook), runbook, { [toldKey(dryRun)]: null });
    return null;
  });
}
