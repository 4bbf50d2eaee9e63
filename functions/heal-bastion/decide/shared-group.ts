/**
 * One Auto Scaling group may register in several target groups, each a fleet with a run of its own: whoever takes a host out of it,
 * ends one, or puts one into standby has the group for itself meanwhile. Pure.
 */

import type { Act } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { View } from './view.ts';

/** So long a no is taken for one: another run may be done by then, and is asked again. */
const TAKEN_SECONDS = 60;

function groupAt({ verdicts }: View, id: string): string | undefined {
  return verdicts.find(({ host }) => host.id === id)?.host.membership?.group;
}

const wordOf = (group: string): string => `group/${group}`;

/** What a plan about a host claims; a host of no group takes nothing away from anybody. */
export function claimFor(view: View, id: string): Pick<Act, 'claims'> {
  const group = groupAt(view, id);
  return group === undefined ? {} : { claims: [wordOf(group)] };
}

/** Why nothing is done to a host now: another fleet has its group; `undefined`: nobody else is known to have it. */
export function takenBy(view: View, id: string): string | undefined {
  const group = groupAt(view, id);
  const last = (view.facts.refusals ?? []).findLast(
    ({ call, input }) => call === 'ledger:claim' && group !== undefined && input['claim'] === wordOf(group),
  );
  if (last === undefined || secondsSince(last.at, view.now) >= TAKEN_SECONDS) return undefined;
  return `another target group of ${group} has a host of it replaced (${last.message}): one at a time`;
}
