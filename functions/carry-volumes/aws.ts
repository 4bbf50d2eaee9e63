/** Reads and writes AWS for `carry-volumes`: the groups first, then all that belongs to the set side by side, then the instances. */

import { AutoScalingClient, SuspendProcessesCommand, type AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { DescribeVolumesCommand, EC2Client, type Volume } from '@aws-sdk/client-ec2';
import { ec2Arn, nameInArn } from '../../shared/aws/arn.ts';
import { completeLifecycleAction, recordHeartbeat } from '../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../shared/aws/clients.ts';
import { need } from '../../shared/aws/ec2/reading.ts';
import { hasWholeSet } from '../../shared/aws/ec2/volume-sets.ts';
import { lookUntil } from '../../shared/aws/patience.ts';
import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import type { NamedHook } from '../../shared/judgement/hooks.ts';
import { isLeavingState } from '../../shared/judgement/lifecycle.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Observed, Send, Verification } from '../../shared/kernel/definition.ts';
import { expectAll, sharedRound } from './aws/account-look.ts';
import { ebsCalls } from './aws/ebs-calls.ts';
import { factsWithoutGroup, readFacts } from './aws/facts.ts';
import {
  bySet,
  groupNamed,
  groupOfInstance,
  instanceIdOf,
  membersOf,
  namedBy,
  nameOf,
  setOf,
  taggedGroups,
  waitingInPool,
} from './aws/groups.ts';
import { readHook } from './aws/hooks.ts';
import { readKeyStates } from './aws/key-states.ts';
import { isForSeveral, keysOf, readRound, volumesTagged, type Round } from './aws/round.ts';
import { withoutRoots } from './aws/roots.ts';
import { readFreeze, sendCommand } from './aws/run-command.ts';
import { settingsOf } from './aws/settings.ts';
import { wish } from './aws/wish.ts';
import type { Ask, Facts, Machine } from './decide.ts';

/** What started the run, as JSON. */
export type Request = {
  readonly ask: Ask;
  /** Of a person's request: a group or an instance, by name, id or ARN; `null`: whatever the event concerns. */
  readonly target: string | null;
  readonly hook: NamedHook | null;
};

/** What one look finds. */
export type Seen = Observed<Facts>;

/** Attribute changes show within seconds; ten times that is beyond doubt. */
const PATIENCE_MS = 30_000;

/** The instances, and the groups themselves, that a request concerns. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const { target, hook } = request;
  if (hook !== null) return (await groupNamed(hook.group, io)) === undefined ? [] : [instanceOf(hook.instanceId, io)];
  if (target === null) {
    expectAll(request);
    return locateAll(request, await taggedGroups(io), io);
  }

  const named = namedBy(target, io);
  if (named === undefined) return [];
  if ('instanceId' in named) {
    const { instanceId } = named;
    return (await groupOfInstance(instanceId, io)) === undefined ? [] : [instanceOf(instanceId, io)];
  }
  const group = await groupNamed(named.groupName, io);
  return group === undefined ? [] : locateAll(request, [group], io);
}

function instanceOf(id: string, io: Io): Located<Seen> {
  return { target: ec2Arn('instance', id, io) };
}

/** These groups, and of their instances those that something may have to be done for. */
async function locateAll(
  { ask }: Request,
  groups: readonly AutoScalingGroup[],
  io: Io,
): Promise<readonly Located<Seen>[]> {
  const wholes = ask.kind === 'carry' ? [] : groups.map(wholeGroup);
  if (ask.kind === 'sweep' || groups.length === 0) return wholes;

  const [volumes, pooled] = await Promise.all([volumesTagged(null, io), waitingInPool(groups, null, io)]);
  const [groupsOf, volumesOf] = [bySet(groups), bySet(volumes)];
  const concerned = groups.flatMap((group) => unsettled(group, groupsOf(setOf(group)), volumesOf(setOf(group))));
  return [...wholes, ...[...concerned, ...pooled].map((id) => instanceOf(id, io))];
}

function wholeGroup(group: AutoScalingGroup): Located<Seen> {
  return { target: need(group.AutoScalingGroupARN, `${nameOf(group)}.AutoScalingGroupARN`) };
}

/**
 * The members that a look at everything concerns: those on their way, and those in service without all of their volumes. Of a
 * set that several instances are wanted for only the former: nothing is carried to the others.
 * @param groups all that carry the set of this one
 * @param volumes of the set
 */
function unsettled(
  group: AutoScalingGroup,
  groups: readonly AutoScalingGroup[],
  volumes: readonly Volume[],
): readonly string[] {
  const isCarried = !isForSeveral(groups);
  return membersOf(group).flatMap(({ InstanceId, LifecycleState }) => {
    if (InstanceId === undefined) return [];
    const isSettled = LifecycleState === 'InService' && (!isCarried || hasWholeSet(InstanceId, setOf(group), volumes));
    return isSettled ? [] : [InstanceId];
  });
}

/** Reads all about one target; a group without a name: it is gone, or no longer tagged. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const instanceId = instanceIdOf(target);
  const isForAll = request.hook === null && request.target === null;
  const shared = isForAll ? await sharedRound(request, target, io) : undefined;
  const found = shared ?? (await ownRound(target, instanceId, request, io));
  if (found === undefined) return factsWithoutGroup(instanceId, request.ask, io.run);
  const { round, roots } = withoutRoots(found);

  const read = readFacts(round, instanceId);
  const own = read.machines.find(({ id }) => id === instanceId);
  const reading = instanceId === null ? { hook: null, hookUnseen: false } : readHook(instanceId, request.hook, round);
  const settings = settingsOf(round.group);
  const leaving = instanceId !== null && isLeaver(own, request.hook, reading.hook);

  const document = leaving && own?.state === 'running' ? settings.freezeDocument : null;
  const [freeze, keys] = await Promise.all([
    document === null || instanceId === null ? null : readFreeze(document, instanceId, io),
    leaving ? {} : readKeyStates(keysOf(round), io),
  ]);
  return {
    ask: request.ask,
    run: io.run,
    set: setOf(round.group),
    settings,
    instanceId,
    leaving,
    ...reading,
    ...read,
    roots,
    freeze,
    keys,
  };
}

async function ownRound(
  target: string,
  instanceId: string | null,
  { hook }: Request,
  io: Io,
): Promise<Round | undefined> {
  const group = await groupOfTarget(target, instanceId, hook, io);
  return group === undefined ? undefined : readRound(group, instanceId, io);
}

/** The group of a target: its own, the event's, the one the instance is a member of, or was. */
function groupOfTarget(
  target: string,
  instanceId: string | null,
  hook: NamedHook | null,
  io: Io,
): Promise<AutoScalingGroup | undefined> {
  if (instanceId === null) return groupNamed(nameInArn(target), io);
  return hook === null ? groupOfInstance(instanceId, io) : groupNamed(hook.group, io);
}

const ENDED = new Set(['shutting-down', 'terminated']);

/** On which side of a carry the instance is: by the event's word, else by the hook it waits in, else by what its states say. */
function isLeaver(own: Machine | undefined, named: NamedHook | null, hook: Facts['hook']): boolean {
  if (named !== null) return named.transition === 'terminating';
  return (
    hook?.transition === 'terminating' ||
    isLeavingState(own?.membership?.lifecycleState ?? '') ||
    ENDED.has(own?.state ?? '')
  );
}

const suspendProcesses: Send = (input, { signal }) => {
  const command = new SuspendProcessesCommand({
    AutoScalingGroupName: textOf(input, 'AutoScalingGroupName'),
    ScalingProcesses: textsOf(input, 'ScalingProcesses'),
  });
  return client(AutoScalingClient).send(command, { abortSignal: signal });
};

/** Auto Scaling is at something with the group. Source: Auto Scaling API, the errors of each of these operations. */
const GROUP_IS_BUSY: Change['means'] = {
  ResourceContentionFault: 'wait',
  ResourceInUseFault: 'wait',
  ScalingActivityInProgressFault: 'wait',
};

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  ...ebsCalls,
  // An action that is no longer active is no error: `completeLifecycleAction` looks for the one that waits.
  'autoscaling:CompleteLifecycleAction': { send: completeLifecycleAction, means: GROUP_IS_BUSY },
  'autoscaling:RecordLifecycleActionHeartbeat': { send: recordHeartbeat, means: GROUP_IS_BUSY },
  'autoscaling:SuspendProcesses': { send: suspendProcesses, means: GROUP_IS_BUSY },
  'ssm:SendCommand': wish(sendCommand),
};

function isKept({ Attachments }: Volume): boolean {
  return (Attachments ?? []).every(({ DeleteOnTermination }) => DeleteOnTermination !== true);
}

/** The volumes that a plan makes outlive their instance. */
function volumesToKeep(plan: readonly PlannedCall[]): string[] {
  return plan
    .filter(({ call }) => call === 'ec2:ModifyInstanceAttribute')
    .flatMap(({ input }) => JSON.stringify(input).match(/vol-[0-9a-z]+/gu) ?? []);
}

/** Looks until the volumes that were to outlive their instance say so; everything else the next look judges. */
export async function verify(
  _target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const ids = volumesToKeep(plan);
  if (ids.length === 0) return { ok: true };
  return lookUntil(io, PATIENCE_MS, async () => {
    const { Volumes } = await client(EC2Client).send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'volume-id', Values: ids }] }),
      { abortSignal: io.signal },
    );
    const doomed = (Volumes ?? []).filter((volume) => !isKept(volume)).flatMap(({ VolumeId }) => VolumeId ?? []);
    return doomed.length === 0
      ? { ok: true }
      : { ok: false, why: `${doomed.join(', ')} would still be deleted with the instance` };
  });
}
