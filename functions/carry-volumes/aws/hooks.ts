/** In which lifecycle hook of ours the instance of a run waits, by what the event says and by what Auto Scaling shows. */

import {
  isOurs,
  isShortlyBefore,
  waitingIn,
  type HookDescription,
  type HookFacts,
  type NamedHook,
} from '../../../shared/judgement/hooks.ts';
import { membersOf, nameOf } from './groups.ts';
import type { Round } from './round.ts';

/** The lifecycle action that waits, and whether the event's own does not show yet. */
export interface HookReading {
  readonly hook: HookFacts | null;
  readonly hookUnseen: boolean;
}

/** The hooks of the group that are this runbook's to answer. */
export function ourHooks({ hooks }: Round): readonly HookDescription[] {
  return hooks.filter((hook) => isOurs(hook, hooks, 'carry-volumes'));
}

/** The event's hook, where it is ours. */
function eventHookOf(named: NamedHook | null, ours: readonly HookDescription[]): NamedHook | null {
  if (named === null) return null;
  return ours.some(({ hook, transition }) => hook === named.hook && transition === named.transition) ? named : null;
}

/** The hook in which an instance waits on its way into the pool: one that has volumes, or is being ended, goes back there. */
function poolHookOf(
  instanceId: string,
  ours: readonly HookDescription[],
  { group, volumes, activities }: Round,
): HookFacts | null {
  const hasVolumes = volumes.some(({ Attachments }) =>
    Attachments?.some(({ InstanceId }) => InstanceId === instanceId),
  );
  const isBeingEnded = activities.some(
    ({ Description }) => Description?.startsWith('Terminating') === true && Description.endsWith(instanceId),
  );
  const transition = hasVolumes || isBeingEnded ? 'terminating' : 'launching';
  const found = ours.find((each) => each.transition === transition);
  if (found === undefined) return null;
  return { group: nameOf(group), hook: found.hook, instanceId, transition, token: null, toWarmPool: true };
}

/** The lifecycle action of ours that waits on the instance. `named`: the one that the event tells of. */
export function readHook(instanceId: string, named: NamedHook | null, round: Round): HookReading {
  const { group, isPooled } = round;
  const ours = ourHooks(round);
  const event = eventHookOf(named, ours);
  // Members of a warm pool are not among the group's instances.
  if (event?.toWarmPool === true) return { hook: event, hookUnseen: false };
  if (isPooled) return { hook: poolHookOf(instanceId, ours, round), hookUnseen: false };

  const member = membersOf(group).find(({ InstanceId }) => InstanceId === instanceId);
  const state = member?.LifecycleState ?? '';
  const isYetToShow = (transition: HookFacts['transition']): boolean =>
    member === undefined ? transition === 'launching' : isShortlyBefore(transition, state);
  const hookUnseen = event !== null && isYetToShow(event.transition);

  const transition = waitingIn(state);
  if (transition === undefined) return { hook: null, hookUnseen };
  const current = event?.transition === transition ? event : null;
  const found = ours.find((each) => each.transition === transition && (current === null || each.hook === current.hook));
  if (found === undefined) return { hook: null, hookUnseen };
  const token = current?.token ?? null;
  return {
    hook: { group: nameOf(group), hook: found.hook, instanceId, transition, token, toWarmPool: false },
    hookUnseen,
  };
}
