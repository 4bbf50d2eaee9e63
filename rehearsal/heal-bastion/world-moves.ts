/** What others may do to the account between a look of heal-bastion and its call. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import { find, list, part, show, text } from '../../simulator/services/ec2/state.ts';
import { tagOf } from '../records.ts';
import { instanceBecomes, instanceIn, type About, type Meddling } from '../world-moves.ts';

const TAG = 'runbook:bastion';
const ELB = 'elastic-load-balancing-v2';

const OUT = 'elasticloadbalancing:DeregisterTargets';
const IN = 'elasticloadbalancing:RegisterTargets';
const END_IN_GROUP = 'autoscaling:TerminateInstanceInAutoScalingGroup';
const END = 'ec2:TerminateInstances';
const KEEP = 'autoscaling:EnterStandby';

type Changes = ReturnType<Meddling['happens']>;

/** Names that no other runbook's moves have: the first of a name is the one that is made. */
function moveOf(
  name: string,
  before: readonly string[],
  happens: Meddling['happens'],
  excuses: NonNullable<Meddling['excuses']> = {},
): Meddling {
  return { name: `bastion-${name}`, before, happens, excuses };
}

function groupsIn(world: World): readonly Shape[] {
  return world.records('auto-scaling', 'AutoScalingGroups');
}

function groupOf(world: World, id: string): Shape | undefined {
  return groupsIn(world).find((group) => list(group, 'Instances').some((member) => member['InstanceId'] === id));
}

/** The host that a call is about. Other runbooks end instances, too. */
const host: About = (input, world) => {
  const target = list(input, 'Targets')[0]?.['Id'];
  const id = target ?? instanceIn('InstanceIds')(input, world) ?? instanceIn('InstanceId')(input, world);
  if (typeof id !== 'string') return undefined;
  const isBastion = [find(world, 'Instances', id), groupOf(world, id)].some((one) => tagOf(one, TAG) !== undefined);
  return isBastion || target !== undefined ? id : undefined;
};

/** Registrations, with the target group of each. */
function targetsIn(world: World): readonly { readonly arn: string; readonly id: string; readonly state: string }[] {
  return world.records(ELB, 'TargetHealth').flatMap((one) =>
    list(one, 'TargetHealthDescriptions').map((target) => ({
      arn: show(one['TargetGroupArn']),
      id: show(part(target, 'Target')['Id']),
      state: show(part(target, 'TargetHealth')['State']),
    })),
  );
}

function registrations(world: World, id: string): ReturnType<typeof targetsIn> {
  return targetsIn(world).filter((one) => one.id === id);
}

function aboutHost(happens: (id: string, world: World, input: Shape) => Changes): Meddling['happens'] {
  return (input, world) => {
    const id = host(input, world);
    return typeof id === 'string' ? happens(id, world, input) : undefined;
  };
}

const deregistered = aboutHost((id, world) => {
  const off = registrations(world, id).map(({ arn }) => [`${ELB}/TargetHealth/${arn}/${id}`, null] as const);
  return off.length === 0 ? undefined : Object.fromEntries(off);
});

/** Somebody thinks that it was taken out by mistake. Whoever has drained is not listed any more. */
const registered = aboutHost((id, world) => {
  const draining = registrations(world, id).filter(({ state }) => state === 'draining');
  const back = draining.map(({ arn }) => [`${ELB}/TargetHealth/${arn}/${id}`, { State: 'initial' }] as const);
  return back.length === 0 ? undefined : Object.fromEntries(back);
});

/** The group in which it is in service. */
function servingGroup(world: World, id: string): Shape | undefined {
  const group = groupOf(world, id);
  const member = list(group, 'Instances').find(({ InstanceId: one }) => one === id);
  return member?.['LifecycleState'] === 'InService' ? group : undefined;
}

function groupPath(group: Shape): string {
  return `auto-scaling/AutoScalingGroups/${show(group['AutoScalingGroupName'])}`;
}

/** Somebody wants to look at it, and puts it into standby. */
const putAside = aboutHost((id, world) => {
  const group = servingGroup(world, id);
  return group && { [`${groupPath(group)}/Instances/${id}/LifecycleState`]: 'EnteringStandby' };
});

/** Somebody has taken it from its group, which takes it off its target groups, and is content with one less where it may be. */
const detached = aboutHost((id, world) => {
  const group = servingGroup(world, id);
  if (group === undefined) return undefined;
  const served = registrations(world, id).filter(({ state }) => state !== 'draining');
  const others = list(group, 'Instances').filter(({ InstanceId: one }) => one !== id);
  const [desired, least] = [Number(group['DesiredCapacity']), Number(group['MinSize'])];
  return {
    ...Object.fromEntries(served.map(({ arn }) => [`${ELB}/TargetHealth/${arn}/${id}`, { State: 'draining' }])),
    [`${groupPath(group)}/Instances`]: others,
    ...(desired > least ? { [`${groupPath(group)}/DesiredCapacity`]: desired - 1 } : {}),
  };
});

/** A target group, or whatever carries the tag, loses it. */
function untagged(path: string, record: Shape | undefined): Changes {
  return tagOf(record, TAG) === undefined ? undefined : { [`${path}/Tags/${TAG}`]: null };
}

function targetGroupOf(input: Shape, world: World): Shape | undefined {
  const arn = input['TargetGroupArn'];
  return world.records(ELB, 'TargetGroups').find((one) => one['TargetGroupArn'] === arn);
}

function targetGroupPath(input: Shape): string {
  return `${ELB}/TargetGroups/${text(input, 'TargetGroupArn') ?? ''}`;
}

const hostUntagged = aboutHost((id, world) => untagged(`ec2/Instances/${id}`, find(world, 'Instances', id)));

const groupUntagged = aboutHost((id, world) => {
  const group = groupOf(world, id);
  return group && untagged(groupPath(group), group);
});

const protectedByHand = aboutHost((id, world) =>
  find(world, 'Instances', id)?.['DisableApiTermination'] === true
    ? undefined
    : { [`ec2/Instances/${id}/DisableApiTermination`]: true },
);

/** Whoever else serves turns bad at this very moment. */
const othersFail = aboutHost((id, world, input) => {
  const healthy = targetsIn(world).filter(
    (one) => one.arn === input['TargetGroupArn'] && one.id !== id && one.state === 'healthy',
  );
  if (healthy.length === 0) return undefined;
  return Object.fromEntries(healthy.map((one) => [`${ELB}/TargetHealth/${one.arn}/${one.id}`, { State: 'unhealthy' }]));
});

const BY_POLICY = {
  'only-tagged-bastions-end':
    'the call takes no condition on a tag: it is the role that has one, and the simulator asks no policies',
};

/** What may happen before which call of heal-bastion. */
export const WORLD_MOVES: readonly Meddling[] = [
  instanceBecomes('bastion-terminated', 'terminated', [OUT, IN, END_IN_GROUP, KEEP], host),
  instanceBecomes('bastion-stopped', 'stopped', [IN, END_IN_GROUP, KEEP], host),
  moveOf('deregistered', [OUT, KEEP], deregistered),
  moveOf('registered', [IN, END_IN_GROUP, END], registered),
  // What AWS answers who wants a member in standby ended through its group is not documented.
  moveOf('put-aside', [OUT, END, KEEP], putAside, {
    'who-stands-aside-is-left': 'TerminateInstances takes no condition on the group of an instance',
  }),
  moveOf('detached', [OUT, END_IN_GROUP, END, KEEP], detached),
  moveOf(
    'fleet-untagged',
    [OUT, IN],
    (input, world) => untagged(targetGroupPath(input), targetGroupOf(input, world)),
    BY_POLICY,
  ),
  moveOf('group-untagged', [END_IN_GROUP, KEEP], groupUntagged, BY_POLICY),
  moveOf('untagged', [IN, END], hostUntagged, BY_POLICY),
  moveOf('target-group-deleted', [OUT, IN], (input, world) =>
    targetGroupOf(input, world) === undefined ? undefined : { [targetGroupPath(input)]: null },
  ),
  moveOf('protected', [END], protectedByHand),
  moveOf('others-fail', [OUT], othersFail, {
    'never-the-last-healthy-bastion': 'DeregisterTargets takes no condition on how other targets are',
  }),
];
