/** What is done about a window in which changes are still collected: it is waited for, and sealed. Pure. */

import { wait } from '../../../shared/judgement/decisions.ts';
import { FLUSH_WINDOW, WINDOW_KEPT_MS, windowValue } from '../../../shared/judgement/flush-window.ts';
import type { Act, Decision, Evidence, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { CollectedWindow, FlushLimits } from './facts.ts';

/** Whoever finds the seal writes into the next window; what was there before it is read behind it. */
function sealing(window: CollectedWindow, now: string): PlannedCall {
  const { name, version, to, triedBy } = window;
  return plannedWrite(
    {
      partition: FLUSH_WINDOW,
      key: name,
      ifVersion: version,
      value: windowValue(window, { sealedAt: now, triedBy }),
      expiresAt: new Date(Date.parse(to) + WINDOW_KEPT_MS).toISOString(),
    },
    `what changes in ${window.bucket} from now on is flushed with another window`,
  );
}

/** Decides on a window that is not sealed; `undefined`: it is. */
export function decideWindow(
  window: CollectedWindow,
  evidence: Evidence,
  { graceSeconds }: Pick<FlushLimits, 'graceSeconds'>,
  now: string,
): Decision | undefined {
  const { name, bucket, from, to, sealedAt } = window;
  if (sealedAt !== null) return undefined;
  const seconds = Math.ceil((Date.parse(to) - Date.parse(now)) / 1_000) + graceSeconds;
  const told = { ...evidence, window: name, bucket, from, to };
  if (seconds > 0) {
    const because = `what changes in ${bucket} until ${to} is flushed together`;
    return { ...wait(told, 'collecting', because, seconds), handsBack: true };
  }
  return act(window, told, `what has changed in ${bucket} from ${from} to ${to} is flushed`, sealing(window, now));
}

function act({ name }: CollectedWindow, evidence: Evidence, because: string, seal: PlannedCall): Act {
  return {
    kind: 'act',
    code: 'sealing',
    because,
    evidence,
    plan: [seal],
    intent: `${name} sealed`,
    budget: 'free',
    more: true,
  };
}
