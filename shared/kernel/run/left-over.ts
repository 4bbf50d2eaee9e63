/**
 * What a run that did not come to its end has left: an intent that it announced, and perhaps carried out, without a word of it.
 * Whoever finds the goal reached takes the intent up, so that it is told, and settled.
 */

import type { Nothing, Refuse } from '../decision.ts';
import { laterBy, LEASE_SECONDS, takeLease, type Resources } from '../ledger/access.ts';
import type { ResourceState } from '../ledger/ledger.ts';
import type { TargetRun } from './context.ts';
import { endOf, type End } from './end.ts';
import { selfOf } from './locate.ts';
import { granted, noted, type RunState } from './state.ts';

/** An intent this young may be a run's at work that has not been seen to hold the lease: no run is quiet for so long. */
const QUIET_SECONDS = LEASE_SECONDS;

/**
 * Of these so many a tick: each is a look of its own, of about eight requests, and nobody waits for them. They settle with it, so
 * that the next tick comes to the next ones.
 */
const LEFT_PER_TICK = 20;

/**
 * Targets that a run announced something about and did not settle, and that a look at everything no longer finds: an instance
 * that is gone, an address that was released. A tick looks at these too, or nobody would ever tell how it ended.
 */
export function leftTargets(
  resources: Resources | undefined,
  runbook: string,
  located: readonly { readonly target: string }[],
  now: string,
): readonly { readonly target: string; readonly left: true }[] {
  if (resources === undefined || resources === 'lost') return [];
  const found = new Set([...located.map(({ target }) => target), selfOf(runbook)]);
  const isLeft = ({
    resource,
    runbook: owner,
    owner: holder,
    until = '',
    history: { pending },
  }: ResourceState): boolean =>
    owner === runbook &&
    !found.has(resource) &&
    pending !== undefined &&
    pending.at <= laterBy(now, -QUIET_SECONDS) &&
    (holder === undefined || until <= now);
  return [...resources.values()]
    .filter(isLeft)
    .slice(0, LEFT_PER_TICK)
    .map(({ resource: target }) => ({ target, left: true }));
}

/**
 * Nothing is to be done, and somebody has announced what is there now: told as done, or, of what no look at everything finds, as
 * refused. Either way it is settled, or every tick would look at it again. `undefined`: nobody has, or may still be at it.
 */
export async function takeUp<Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  decision: Nothing | Refuse,
): Promise<End | undefined> {
  const { history, now, lease } = state;
  const pending = typeof history === 'object' ? history.pending : undefined;
  const isAtWork = run.held.heldUntil !== undefined && lease === undefined;
  if (pending === undefined || run.dryRun || isAtWork || pending.at > laterBy(now, -QUIET_SECONDS)) return undefined;
  const { intent, note, at } = pending;
  const because = `announced at ${at} by a run that did not come to its end: ${intent}; ${decision.because}`;
  const told = { ...decision, because, evidence: { ...decision.evidence, announced: { at, intent } } };
  if (lease !== undefined) return endOf(state, 'done', told);
  const asked = await takeLease(run.host, run.ledger, `lease:${state.turn}`, {
    resource: run.target,
    runbook: run.runbook.name,
    owner: `${run.host.run}|${run.target}`,
    now,
    until: laterBy(now, LEASE_SECONDS),
    intent: { key: intent, note },
  });
  if (!asked.ok || !asked.value.granted) return undefined;
  const { resumed } = asked.value;
  const act = { ...decision, kind: 'act', plan: [], intent, note, budget: 'free' } as const;
  const leased = granted(noted(state, 'lease', asked), act, asked.value);
  // Settled meanwhile, and told: what the lease has announced anew must not stand.
  const outcome = decision.kind === 'refuse' ? 'refused' : resumed ? 'done' : 'nothing';
  return { ...endOf(leased, outcome, resumed ? told : decision), intent: 'settle' };
}
