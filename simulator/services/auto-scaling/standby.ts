/** Members that step aside, into standby or out of their group, and come back. */

import { activityOf, openActivity, shownActivity } from './activities.ts';
import { stepAside, stepBack, subnetOf } from './members.ts';
import type { Move } from './moves.ts';
import { type Group, type Member, memberOf, requestReconcile } from './state.ts';
import { instanceState } from '../ec2/instances.ts';
import { type Operation, type Shape, type World, NotSimulatedError, awsError } from '../../engine/model.ts';
import { API, texts, theGroup } from './writes.ts';

/** The members of a request; `state`: in which each has to be. */
function demandMembers(world: World, input: Shape, state: string): { group: Group; members: readonly Member[] } {
  const group = theGroup(world, input['AutoScalingGroupName']);
  const ids = texts(input['InstanceIds']);
  if (ids.length === 0) throw new NotSimulatedError('members that step aside or come back without InstanceIds');
  const members = ids.map((id) => {
    const found = memberOf(world, id);
    if (found === undefined || found.group !== group)
      throw awsError('ValidationError', `Instance Id not found - No managed instance found for instance ID: ${id}`);
    if (found.member.LifecycleState === state) return found.member;
    world.assume(`auto-scaling: a member that is not ${state} is refused with a ValidationError`);
    throw awsError('ValidationError', `The instance ${id} is not in ${state}.`);
  });
  return { group, members };
}

/** How AWS words it was seen by users of the API: github.com/aws/aws-cli/issues/1404. */
function outOfBounds(group: Group, what: string, count: number): Error {
  const { AutoScalingGroupName: name, MinSize: min, MaxSize: max, DesiredCapacity: desired } = group;
  return awsError(
    'ValidationError',
    `AutoScalingGroup ${name} has min-size=${min}, max-size=${max}, and desired-size=${desired}. To ${what} ${count} instance${count === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
  );
}

interface Way {
  readonly move: Move;
  /** `was moved to standby`, of an instance. */
  readonly words: string;
  /** By how many members the desired capacity changes with each. */
  readonly by: -1 | 0 | 1;
}

/** Opens the activity of one member on its way, as AWS words it: see the AWS CLI's examples of the operations. */
function begin(world: World, group: Group, member: Member, { move, words, by }: Way): void {
  const size = group.DesiredCapacity;
  group.DesiredCapacity += by;
  const change = `${by < 0 ? 'shrinking' : 'increasing'} the capacity from ${size} to ${size + by}`;
  openActivity(world, group, {
    move,
    zone: member.AvailabilityZone,
    subnetId: subnetOf(world, member),
    cause: `instance ${member.InstanceId} ${words} in response to a user request${by === 0 ? '' : `, ${change}`}`,
    member,
  });
}

function activitiesOf(world: World, group: Group, members: readonly Member[]): object {
  return { Activities: members.map((member) => shownActivity(activityOf(world, group, member))) };
}

interface Aside extends Pick<Way, 'move' | 'words'> {
  readonly state: 'EnteringStandby' | 'Detaching';
  readonly what: string;
}

function aside(input: Shape, world: World, { move, words, state, what }: Aside): object {
  const decrements = input['ShouldDecrementDesiredCapacity'];
  if (typeof decrements !== 'boolean')
    throw awsError('ValidationError', 'ShouldDecrementDesiredCapacity must be given.');
  const { group, members } = demandMembers(world, input, 'InService');
  if (decrements && group.DesiredCapacity - members.length < group.MinSize)
    throw outOfBounds(group, what, members.length);
  for (const member of members) {
    member.LifecycleState = state;
    begin(world, group, member, { move, words, by: decrements ? -1 : 0 });
    stepAside(world, group, member);
  }
  requestReconcile(world, group.AutoScalingGroupName);
  return activitiesOf(world, group, members);
}

function enterStandby(input: Shape, world: World): object {
  return aside(input, world, {
    move: 'standby',
    words: 'was moved to standby',
    state: 'EnteringStandby',
    what: 'place into standby',
  });
}

function detachInstances(input: Shape, world: World): object {
  return aside(input, world, { move: 'detach', words: 'was detached', state: 'Detaching', what: 'detach' });
}

const BY_HAND = { EnteringStandby: enterStandby, Detaching: detachInstances } as const;

/** A way out of service that a person may take a member; the group is content with one less where it may be. */
export type AsideByHand = keyof typeof BY_HAND;

export function isAsideByHand(state: unknown): state is AsideByHand {
  return typeof state === 'string' && Object.hasOwn(BY_HAND, state);
}

/** Somebody takes a member out of service by hand. */
export function stepAsideByHand(world: World, group: Group, { InstanceId: id }: Member, state: AsideByHand): void {
  BY_HAND[state](
    {
      AutoScalingGroupName: group.AutoScalingGroupName,
      InstanceIds: [id],
      ShouldDecrementDesiredCapacity: group.DesiredCapacity > group.MinSize,
    },
    world,
  );
}

/** The desired capacity grows by each. Source: API_ExitStandby. */
function exitStandby(input: Shape, world: World): object {
  const { group, members } = demandMembers(world, input, 'Standby');
  if (group.DesiredCapacity + members.length > group.MaxSize)
    throw outOfBounds(group, 'move out of standby', members.length);
  const idle = members.find(({ InstanceId: id }) => instanceState(world, id) !== 'running');
  if (idle !== undefined)
    throw new NotSimulatedError(`autoscaling:ExitStandby of an instance that does not run (${idle.InstanceId})`);
  for (const member of members) {
    member.LifecycleState = 'Pending';
    begin(world, group, member, { move: 'rejoin', words: 'was moved out of standby', by: 1 });
    stepBack(world, group, member);
  }
  return activitiesOf(world, group, members);
}

function write(operation: string, run: Operation['run']): Operation {
  return { kind: 'write', grade: 'documented', source: `${API}/API_${operation}.html`, run };
}

export const standbyOperations: { readonly [operation: string]: Operation } = {
  EnterStandby: write('EnterStandby', enterStandby),
  ExitStandby: write('ExitStandby', exitStandby),
  DetachInstances: write('DetachInstances', detachInstances),
};
