/** One host after the other fails: one of them is kept as it is, for a person to look at, and none is replaced meanwhile. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { pendingOf, remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { HostVerdict } from './host-verdict.ts';
import { claimFor, takenBy } from './shared-group.ts';
import { groupOf, type View } from './view.ts';

const STAND_BY = 'autoscaling:EnterStandby';

/** Under this key the memory keeps which host was kept to be looked at. */
const KEPT = 'kept';

/** How often it is looked whether it shows, and for how long. Assumed: AWS's answers lag by seconds. */
const [LOOK_SECONDS, SHOWN_SECONDS] = [15, 60];

/** It stands by, or is about to. */
const STANDS_BY = /^(?:Entering)?Standby$/u;

/** A host that was kept and still is: until somebody has looked at it none is replaced by itself. */
export function keptHost({ facts: { history, hosts } }: View): string | undefined {
  const kept = remembered(history, KEPT);
  return hosts.find(({ id, membership }) => id === kept && membership?.lifecycleState === 'Standby')?.id;
}

/**
 * One after the other fails: the ledger has said in this run that an hour has had its replacements, or as many have come in a row and none
 * to serve, however long each took to boot.
 */
export function isLoop({ facts: { refusals = [] }, replacement, limits }: View): boolean {
  const isInRow = replacement !== null && replacement.inRow >= limits.maxActionsPerWindow;
  return isInRow || refusals.some(({ call }) => call === 'ledger:acquire');
}

/** A person is needed, and finds one of them as it is. */
export function keepEvidence(view: View, verdict: HostVerdict): Decision {
  const { evidence, limits, facts, now } = view;
  const { host, why } = verdict;
  const group = groupOf(view, verdict);
  const isInRow = (view.replacement?.inRow ?? 0) >= limits.maxActionsPerWindow;
  const when = isInRow ? 'one after the other' : `within ${limits.windowSeconds} s`;
  const because = `${limits.maxActionsPerWindow} hosts were replaced ${when}, and ${host.id} ${why}: what is launched does not come to serve`;
  const wasRefused = (facts.refusals ?? []).some(({ call }) => call === STAND_BY);
  if (group?.isTagged !== true || wasRefused)
    return refuse({ ...evidence, kept: host.id }, 'crash-loop', `${because}; look at ${host.id}`);
  // Beside a host that another fleet has taken out the group would lack two.
  const taken = takenBy(view, host.id);
  if (taken !== undefined) return nothing(evidence, 'in-flight', `${because}; ${taken}`);
  const where = { AutoScalingGroupName: group.name, InstanceIds: [host.id] };
  // Another would only fail like it.
  const input = { ...where, ShouldDecrementDesiredCapacity: group.desired > group.minSize };
  return {
    kind: 'act',
    code: 'keeping',
    because: `${because}; ${host.id} is kept in standby to be looked at`,
    evidence: { ...evidence, kept: host.id },
    plan: [{ call: STAND_BY, input, because, undo: { call: 'autoscaling:ExitStandby', input: where } }],
    intent: `keep ${host.id}`,
    note: { [KEPT]: host.id, at: now, run: facts.run, why: because },
    remember: { [KEPT]: host.id },
    ...claimFor(view, host.id),
    budget: 'free',
    attention: true,
    more: true,
  };
}

/** The one that is kept stands by now: that mends nothing, and a person is told. `undefined`: none was to be kept, or it is not. */
export function goOnKeeping(view: View): { readonly run: string; readonly decision: Decision } | undefined {
  const { facts, evidence, now } = view;
  const { [KEPT]: kept, at, run, why } = pendingOf(facts.history)?.note ?? {};
  if (typeof kept !== 'string' || typeof at !== 'string' || typeof why !== 'string') return undefined;
  const lifecycleState = facts.hosts.find(({ id }) => id === kept)?.membership?.lifecycleState ?? '';
  const told = { ...evidence, kept };
  const by = typeof run === 'string' ? run : '';
  if (STANDS_BY.test(lifecycleState)) {
    const because = `${why}; ${kept} is kept in standby: look at it, and end it or put it back. Until then no host is replaced`;
    return { run: by, decision: { ...refuse(told, 'crash-loop', because), over: true, remember: { [KEPT]: kept } } };
  }
  // What AWS or the claim of another fleet has said no to will not show.
  const isDenied = facts.refusals?.some(({ call }) => call === STAND_BY) === true || takenBy(view, kept) !== undefined;
  const isShownLater = !isDenied && by === facts.run;
  if (!isShownLater || secondsSince(at, now) >= SHOWN_SECONDS) return undefined;
  const because = `${kept} is put into standby, and that does not show yet`;
  return { run: by, decision: wait(told, 'keeping', because, LOOK_SECONDS) };
}
