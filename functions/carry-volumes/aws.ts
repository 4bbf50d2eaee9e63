/** Reads and writes AWS for `carry-volumes`: the groups first, then all that belongs to the set side by side, then the instances. */

import { AutoScalingClient, SuspendProcessesCommand, type AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { DescribeVolumesCommand, EC2Client, type Volume } from '@aws-sdk/client-ec2';
import { ec2Arn, lastPartOf } from '../../shared/aws/arn.ts';
import { completeLifecycleAction, recordHeartbeat } from '../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../shared/aws/clients.ts';
import { hasWholeSet, need } from '../../shared/aws/ec2/reading.ts';
import { lookUntil } from '../../shared/aws/patience.ts';
import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import type { NamedHook } from '../../shared/judgement/hooks.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { ebsCalls, type Send } from './aws/ebs-calls.ts';
import { snapshotFacts, volumeFacts } from './aws/ebs-reading.ts';
import { factsWithoutGroup, groupFacts, machinesOf, zoneStatesOf } from './aws/facts.ts';
import {
  groupOf,
  hasMember,
  isNamed,
  membersOf,
  nameOf,
  SET,
  setOf,
  taggedGroups,
  waitingInPool,
} from './aws/groups.ts';
import { readHook } from './aws/hooks.ts';
import { readKeyStates } from './aws/key-states.ts';
import { keysOf, newestSnapshots, readRound, volumesTagged } from './aws/round.ts';
import { readFreeze, sendCommand } from './aws/run-command.ts';
import { settingsOf } from './aws/settings.ts';
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
  const { ask, target, hook } = request;
  const groups = await taggedGroups(io);
  const instance = (id: string): Located<Seen> => ({ target: ec2Arn('instance', id, io) });

  if (hook !== null) return groups.some((group) => nameOf(group) === hook.group) ? [instance(hook.instanceId)] : [];

  const id = lastPartOf(target ?? '');
  if (id.startsWith('i-')) return groups.some((group) => hasMember(group, id)) ? [instance(id)] : [];

  const chosen = target === null ? groups : groups.filter((group) => isNamed(group, target));
  const wholes = ask.kind === 'carry' ? [] : chosen.map(wholeGroup);
  if (ask.kind === 'sweep' || chosen.length === 0) return wholes;

  const [volumes, pooled] = await Promise.all([
    volumesTagged({ Name: 'tag-key', Values: [SET] }, io),
    waitingInPool(chosen, null, io),
  ]);
  const concerned = [...chosen.flatMap((group) => unsettled(group, volumes)), ...pooled];
  return [...wholes, ...concerned.map(instance)];
}

function wholeGroup(group: AutoScalingGroup): Located<Seen> {
  return { target: need(group.AutoScalingGroupARN, `${nameOf(group)}.AutoScalingGroupARN`) };
}

/** The members that a look at everything concerns: those on their way, and those in service without all of their volumes. */
function unsettled(group: AutoScalingGroup, volumes: readonly Volume[]): string[] {
  return membersOf(group).flatMap(({ InstanceId, LifecycleState }) => {
    const id = need(InstanceId, `${nameOf(group)}.Instances[].InstanceId`);
    const isSettled = LifecycleState === 'InService' && hasWholeSet(id, setOf(group), volumes);
    return isSettled ? [] : [id];
  });
}

/** Reads all about one target; a group without a name: it is gone, or no longer tagged. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const group = await groupOf(target, request.hook?.group, await taggedGroups(io), io);
  const instanceId = target.includes(':instance/') ? lastPartOf(target) : null;
  if (group === undefined) return factsWithoutGroup(instanceId, request.ask, io.run);

  const round = await readRound(group, instanceId, io);
  const machines = machinesOf(round, instanceId);
  const own = machines.find(({ id }) => id === instanceId);
  const reading = instanceId === null ? { hook: null, hookUnseen: false } : readHook(instanceId, request.hook, round);
  const settings = settingsOf(group);
  const leaving = instanceId !== null && isLeaver(own, request.hook, reading.hook);

  const document = leaving && own?.state === 'running' ? settings.freezeDocument : null;
  const [freeze, keys] = await Promise.all([
    document === null || instanceId === null ? null : readFreeze(document, instanceId, io),
    leaving ? {} : readKeyStates(keysOf(round), io),
  ]);
  return {
    ask: request.ask,
    run: io.run,
    set: setOf(group),
    group: groupFacts(round),
    settings,
    instanceId,
    leaving,
    ...reading,
    machines,
    zones: zoneStatesOf(round),
    volumes: round.volumes.map(volumeFacts),
    snapshots: newestSnapshots(round).map(snapshotFacts),
    freeze,
    keys,
  };
}

const ENDED = new Set(['shutting-down', 'terminated']);

/** On which side of a carry the instance is: by the event's word, else by the hook it waits in, else by what its states say. */
function isLeaver(own: Machine | undefined, named: NamedHook | null, hook: Facts['hook']): boolean {
  if (named !== null) return named.transition === 'terminating';
  return (
    hook?.transition === 'terminating' ||
    own?.membership?.lifecycleState.startsWith('Terminating') === true ||
    ENDED.has(own?.state ?? '')
  );
}

const suspendProcesses: Send = async (input, { signal }) => {
  const command = new SuspendProcessesCommand({
    AutoScalingGroupName: textOf(input, 'AutoScalingGroupName'),
    ScalingProcesses: textsOf(input, 'ScalingProcesses'),
  });
  await client(AutoScalingClient).send(command, { abortSignal: signal });
  return null;
};

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Send } = {
  ...ebsCalls,
  'autoscaling:CompleteLifecycleAction': completeLifecycleAction,
  'autoscaling:RecordLifecycleActionHeartbeat': recordHeartbeat,
  'autoscaling:SuspendProcesses': suspendProcesses,
  'ssm:SendCommand': sendCommand,
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
