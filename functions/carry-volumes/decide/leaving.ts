/**
 * The leaving side: an instance that leaves its group gives up the set's volumes. In the order of `leave`:
 *
 * 1. May it be touched, and is there anything to give?
 * 2. The volumes come off it: kept, warm set, stop, detach, a step a look (`release.ts`). What cannot be confirmed in time is
 *    left to Auto Scaling, which ends the instance: the volumes outlive it.
 * 3. What came off is given on: an exact copy is begun (`snapshots.ts`), and the hook is answered. Pure.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import { completion } from '../../../shared/judgement/hooks.ts';
import { isArrivingState } from '../../../shared/judgement/lifecycle.ts';
import { fallbackAccount, warmSetOf } from './account.ts';
import { answer, hold, patienceSeconds } from './hold.ts';
import { isYielding } from './machine.ts';
import { untaggedBecause } from './preflight.ts';
import { timesTried } from './progress.ts';
import { release } from './release.ts';
import { secure } from './snapshots.ts';
import { act } from './step.ts';
import type { Side } from './view.ts';
import { attachmentTo, holderOf, isLost, isSameSite, type Site, type VolumeFacts } from './volume-set.ts';

/** A zone that comes back is seen so soon. */
const UNABLE_POLL_SECONDS = 30;

/** The next step for an instance that leaves. */
export function leave(side: Side): Decision {
  const { facts, machine, members } = side;
  // Rivals leave with it too: which of them is the true one matters only to whoever arrives.
  const volumes = members.flatMap(({ volume, rivals }) => (volume === null ? rivals : [volume]));
  const mine = volumes.filter((volume) => attachmentTo(volume, machine.id) !== undefined);
  const loose = volumes.filter((volume) => volume.state === 'available' && holderOf(volume) === null);

  if (!machine.optedIn && mine.length > 0)
    return refuse(side.evidence, 'not-opted-in', untaggedBecause(machine.id, facts.set));
  if (mine.length + loose.length === 0) return answerWithoutVolumes(side, volumes);

  const step = release({ ...side, holder: machine, volumes: mine, freeze: facts.freeze });
  // Stopping is what a limit is for; what follows is resumed under the same intent.
  if (step.kind === 'act') return act(side, { ...step, budget: 'counted' });
  if (step.kind === 'let-go') return letGo(side, step.because);
  if (step.kind === 'stuck')
    return leaveUnconfirmed(side, `${step.because}; its end is left to Auto Scaling, the volumes outlive it`);
  if (step.kind === 'wait' && isOutOfPatience(side)) return leaveUnconfirmed(side, step.because);
  if (step.kind === 'wait') return hold(side, step.code, step.because, step.seconds);

  return giveOn(side, loose);
}

/** Nothing is left to give: whoever arrives was faster, or there never was anything. */
function answerWithoutVolumes(side: Side, volumes: readonly VolumeFacts[]): Decision {
  const { facts, machine } = side;
  const taken = volumes.filter((volume) => holderOf(volume) !== null);
  if (taken.length === 0)
    return answer(side, { code: 'nothing-to-carry', because: `${machine.id} has no volume of ${facts.set}` });
  const because = taken.map((volume) => `${volume.id} is on ${holderOf(volume)} already`).join(', ');
  return answer(side, { code: 'released', because });
}

/** The hook is to be answered before it ends by itself, whatever is reached by then. */
function isOutOfPatience(side: Side): boolean {
  return side.facts.hook !== null && side.elapsedSeconds >= patienceSeconds(side);
}

/** What cannot be stopped goes on to its end at once; without a hook it does so by itself, and its volumes are waited for. */
function letGo(side: Side, because: string): Decision {
  const { hook } = side.facts;
  if (hook === null) return hold(side, 'let-go', because);
  return act(side, { code: 'let-go', because, plan: [completion(hook, `${because}; the volumes outlive it`)] });
}

/** Nobody can say that writing has ended: the hook is answered, a person hears of it, and how old the last resort is. */
function leaveUnconfirmed(side: Side, because: string): Decision {
  const evidence = fallbackAccount(side.facts, side.now);
  return { ...answer(side, { code: 'left-unconfirmed', because, evidence }), attention: true };
}

/** Nobody writes any more: an exact copy of each volume is begun where its successor needs one, and the hook is answered. */
function giveOn(side: Side, loose: readonly VolumeFacts[]): Decision {
  const { facts, machine } = side;
  const leavingSite = loose.filter((volume) => !hasSuccessorAt(side, volume));
  const copy = secure(side, leavingSite);
  if (copy.kind === 'stuck' || copy.kind === 'refused') return leaveUnconfirmed(side, copy.because);
  if (copy.kind === 'unable' || copy.kind === 'wait') {
    if (isOutOfPatience(side)) return leaveUnconfirmed(side, copy.because);
    return copy.kind === 'unable'
      ? hold(side, 'cannot-copy', copy.because, UNABLE_POLL_SECONDS)
      : hold(side, copy.code, copy.because, copy.seconds);
  }
  // One attempt is made however late it is; then no copy is no reason to keep the hook beyond its time.
  const isInVain = copy.kind === 'act' && timesTried(side.progress, 'snapshot') > 0;
  if (isInVain && isOutOfPatience(side))
    return leaveUnconfirmed(side, `${copy.because}, and EBS takes no snapshot that shows`);
  // The hook is answered when all of them have their copies: the others may be within reach again soon.
  if (copy.kind === 'act' && copy.isPartial) return act(side, { ...copy, budget: 'counted' });

  const names = loose.map(({ id }) => id).join(', ');
  const because =
    leavingSite.length === 0
      ? `${names} wait for their successor in the same zone`
      : `nobody writes on ${names}, and an exact copy is begun`;
  // What has been lost before is no less lost for what leaves in good order.
  const cost = side.members.some(isLost) ? fallbackAccount(facts, side.now) : { rpoSeconds: 0 };
  const evidence = { ...cost, warmSet: warmSetOf(facts.snapshots, machine.id) };
  if (copy.kind === 'secured') return answer(side, { code: 'released', because, evidence });

  const completions = facts.hook === null ? [] : [completion(facts.hook, because)];
  const plan = [...copy.plan, ...completions];
  return act(side, { code: 'released', because, plan, steps: copy.steps, evidence, budget: 'counted' }, true);
}

/** Another instance of the group takes the volumes over where they are: it needs no copy. */
function hasSuccessorAt({ facts, machine }: Side, site: Site): boolean {
  const arriving = facts.group.members
    .filter(({ lifecycleState }) => isArrivingState(lifecycleState))
    .map(({ instanceId }) => instanceId);
  return facts.machines.some(
    (other) => other.id !== machine.id && arriving.includes(other.id) && isSameSite(other, site) && !isYielding(other),
  );
}
