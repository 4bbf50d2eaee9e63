/**
 * Volumes of the set that are on another instance than the one that arrives: waited for while their holder's own departure sees
 * to them, taken by the steps of that departure where nobody else does, and never taken from a healthy instance in service, nor from
 * any other that is to stay. Pure.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { doubt } from './hold.ts';
import { isInGoodService, isUp, isYielding, type Machine } from './machine.ts';
import { untaggedBecause } from './preflight.ts';
import { release } from './release.ts';
import { isBeingReplaced, isLeavingByHook } from './scaling-group.ts';
import { act } from './step.ts';
import type { Side } from './view.ts';
import type { VolumeFacts } from './volume-set.ts';

/** A moment, in which Auto Scaling may begin to terminate by itself whom the arriving instance replaces. */
const OWN_ACCORD_SECONDS = 60;
const POLL_SECONDS = 15;
/** The leaving side answers within a step or two. */
const LEAVING_POLL_SECONDS = 10;

/** The next step towards volumes that `holderId` has. */
export function reclaim(side: Side, holderId: string, volumes: readonly VolumeFacts[]): Decision {
  const { facts } = side;
  const holder = facts.machines.find(({ id }) => id === holderId);
  const names = volumes.map(({ id }) => id).join(', ');
  const wait = (code: string, because: string, seconds = POLL_SECONDS): Decision =>
    doubt(side, code, because, { seconds });

  if (holder === undefined) return wait('holder-unknown', `${names}: ${holderId} is not known to EC2`);
  if (!holder.optedIn) return wait('not-opted-in', `${names}: ${untaggedBecause(holderId, facts.set)}`);
  if (isLeavingByHook(facts.group, holderId))
    return wait('leaving-side', `${holderId} is leaving with ${names}`, LEAVING_POLL_SECONDS);
  if (!mayBeTakenFrom(side, holder)) return wait('held', `${names} are on ${holderId}, which is ${wordFor(holder)}`);

  // Freezing is the leaving run's, and there is none.
  const step = release({ ...side, holder, volumes, freeze: null });
  if (step.kind === 'act') return act(side, step);
  if (step.kind === 'wait') return wait(step.code, step.because, step.seconds);
  if (step.kind === 'free') return wait(step.kind, names);
  return wait(step.kind, step.because);
}

/** From whoever is going or not running; from one that runs only where it is the one in whose place the arriving instance has come. */
function mayBeTakenFrom(side: Side, holder: Machine): boolean {
  if (isInGoodService(holder)) return false;
  if (isYielding(holder) || !isUp(holder)) return true;
  const { facts, machine, elapsedSeconds } = side;
  const isItsTurn = elapsedSeconds >= OWN_ACCORD_SECONDS && machine.state === 'running';
  return isItsTurn && isBeingReplaced(facts.group, holder.id);
}

function wordFor(holder: Machine): string {
  if (isInGoodService(holder))
    return 'healthy and in service, and is not stopped for a replacement; let the group terminate it first (MinHealthyPercentage below 100)';
  return holder.membership?.lifecycleState ?? 'in no group';
}
