/** The lifecycle actions that wait for us, told from those that wait for somebody else. Reads nothing itself. */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import {
  isOurs,
  isShortlyBefore,
  waitingIn,
  type HookDescription,
  type HookHolder,
  type NamedHook,
} from '../../../shared/judgement/hooks.ts';
import type { Facts } from '../decide.ts';
import type { Round } from './rounds.ts';
import { vipOf } from './vip.ts';

const US: HookHolder = 'reassign-elastic-ip';

type Waiting = Pick<Facts, 'hooks' | 'hookUnseen'>;

interface Member {
  readonly id: string;
  readonly lifecycleState: string | undefined;
}

/** The lifecycle actions of the name's groups that wait for us, and whether the event's own does not show yet. */
export function waitingHooks(
  vip: string,
  { groups, hooks }: Pick<Round, 'groups' | 'hooks'>,
  named: NamedHook | null,
): Waiting {
  const waiting = groups
    .filter((group) => vipOf(group) === vip && group.AutoScalingGroupName !== undefined)
    .map((group) => waitingInGroup(group, hooks.get(group.AutoScalingGroupName ?? '') ?? [], named));
  return {
    hooks: waiting.flatMap((each) => each.hooks),
    hookUnseen: waiting.some((each) => each.hookUnseen),
  };
}

function waitingInGroup(
  group: AutoScalingGroup,
  described: readonly HookDescription[],
  named: NamedHook | null,
): Waiting {
  const name = group.AutoScalingGroupName ?? '';
  const members = (group.Instances ?? []).flatMap(({ InstanceId: id, LifecycleState: lifecycleState }) =>
    id === undefined ? [] : [{ id, lifecycleState }],
  );
  const ours = oursAmong(described, tagsOf(group.Tags).has('runbook:volumes'));
  const event = named?.group === name && isOneOf(ours, named) ? named : null;
  const shown = members.flatMap(({ id, lifecycleState }) => {
    const waitsIn = ours.filter(({ transition }) => transition === waitingIn(lifecycleState));
    return waitsIn.map(({ hook, transition }) => {
      const isOfEvent = event?.instanceId === id && event.hook === hook;
      const token = isOfEvent ? event.token : null;
      return { group: name, hook, instanceId: id, transition, token, toWarmPool: false };
    });
  });
  // Members of a warm pool are not among the group's instances: the event is all there is. Who is among them is on no way there.
  const isPooled = event?.toWarmPool === true && members.every(({ id }) => id !== event.instanceId);
  const pooled = isPooled ? [event] : [];
  return { hooks: [...pooled, ...shown], hookUnseen: event !== null && isUnseen(event, members) };
}

/** Where volumes are carried, the launch belongs to the runbook that carries them, and a hook is ours only by name. */
function oursAmong(described: readonly HookDescription[], carriesVolumes: boolean): readonly HookDescription[] {
  if (!carriesVolumes) return described.filter((each) => isOurs(each, described, US));
  return described.filter((each) => {
    // Beside another of its transition a hook is never taken for ours because it is the only one.
    const beside = [...described, { ...each, hook: '' }];
    return each.transition !== 'launching' && isOurs(each, beside, US);
  });
}

function isOneOf(ours: readonly HookDescription[], named: NamedHook): boolean {
  return ours.some(({ hook, transition }) => hook === named.hook && transition === named.transition);
}

/** Auto Scaling shows an action, and an instance it launches, a little later than its event tells of it. */
function isUnseen({ transition, instanceId, toWarmPool }: NamedHook, members: readonly Member[]): boolean {
  const member = members.find(({ id }) => id === instanceId);
  if (member === undefined) return transition === 'launching' && !toWarmPool;
  return isShortlyBefore(transition, member.lifecycleState ?? '');
}
