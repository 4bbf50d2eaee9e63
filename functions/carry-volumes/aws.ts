/** Reads and writes AWS for `carry-volumes`: the groups first, then all that belongs to the set side by side, then the instances. */

import {
  AutoScalingClient,
  DescribeScalingActivitiesCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribeAutoScalingInstances,
  SuspendProcessesCommand,
  type Activity as ScalingActivity,
  type AutoScalingGroup,
  type Instance as GroupInstance,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeAvailabilityZonesCommand,
  DescribeVolumesCommand,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type AvailabilityZone,
  type Instance,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2';
import { ec2Arn, lastPartOf } from '../../shared/aws/arn.ts';
import { client } from '../../shared/aws/clients.ts';
import { collect } from '../../shared/aws/pages.ts';
import { lookUntil } from '../../shared/aws/patience.ts';
import type { Json, JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { ebsCalls } from './aws/ebs-calls.ts';
import { snapshotFacts, volumeFacts } from './aws/ebs-reading.ts';
import {
  absentInstance,
  hasWholeSet,
  instanceFacts,
  membershipOf,
  need,
  tagsOf,
} from '../../shared/aws/ec2/reading.ts';
import {
  isOurs,
  isShortlyBefore,
  waitingIn,
  type HookDescription,
  type HookFacts,
  type NamedHook,
} from '../../shared/judgement/hooks.ts';
import { completeLifecycleAction, readHooks, recordHeartbeat } from '../../shared/aws/auto-scaling/lifecycle.ts';
import { readKeyStates } from './aws/key-states.ts';
import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import { readFreeze, sendCommand } from './aws/run-command.ts';
import type { Activity, GroupFacts } from './decide/scaling-group.ts';
import { settingsReader, wholeNumber } from '../../shared/aws/tag-settings.ts';
import type { CarrySettings } from './decide/preflight.ts';
import type { Machine } from './decide/release.ts';
import type { Ask, Facts } from './decide/view.ts';

/** What started the run, as JSON. */
export type Request = {
  readonly ask: Ask;
  /** Of a person's request: a group or an instance, by name, id or ARN; `null`: whatever the event concerns. */
  readonly target: string | null;
  readonly hook: NamedHook | null;
};

export type Seen = Observed<Facts>;

const RUNBOOK = 'carry-volumes';
const SET = 'runbook:volumes';
/** The most an EC2 listing gives in a page. */
const PAGE = 1_000;
const GROUPS = 100;
/** Activities kept: more than any row of abandons that matters. */
const ACTIVITIES = 40;
/** Snapshots kept, newest first, so that the facts fit a durable step (256 KB): people may keep thousands. */
const SNAPSHOTS = 300;
/** Attribute changes show within seconds; ten times that is beyond doubt. */
const PATIENCE_MS = 30_000;

function taggedGroups({ signal }: Io): Promise<AutoScalingGroup[]> {
  const filter = { Filters: [{ Name: 'tag-key', Values: [SET] }] };
  return collect(
    paginateDescribeAutoScalingGroups({ client: client(AutoScalingClient), pageSize: GROUPS }, filter, {
      abortSignal: signal,
    }),
    ({ AutoScalingGroups }) => AutoScalingGroups,
  );
}

function volumesTagged(
  filter: { readonly Name: string; readonly Values: string[] },
  { signal }: Io,
): Promise<Volume[]> {
  return collect(
    paginateDescribeVolumes(
      { client: client(EC2Client), pageSize: PAGE },
      { Filters: [filter] },
      { abortSignal: signal },
    ),
    ({ Volumes }) => Volumes,
  );
}

function nameOf({ AutoScalingGroupName }: AutoScalingGroup): string {
  return need(AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName');
}

function setOf({ Tags: tags }: AutoScalingGroup): string {
  return tagsOf(tags).get(SET) ?? '';
}

function membersOf({ Instances }: AutoScalingGroup): readonly GroupInstance[] {
  return Instances ?? [];
}

/** The members that a look at everything concerns: those on their way, and those in service without all of their volumes. */
function unsettled(group: AutoScalingGroup, volumes: readonly Volume[]): string[] {
  return membersOf(group).flatMap(({ InstanceId, LifecycleState }) => {
    const id = need(InstanceId, `${nameOf(group)}.Instances[].InstanceId`);
    return LifecycleState === 'InService' && hasWholeSet(id, setOf(group), volumes) ? [] : [id];
  });
}

/** Who waits on the way into a warm pool: DescribeAutoScalingGroups does not list them. `among`: these instances; `null`: all. */
async function waitingInPool(
  groups: readonly AutoScalingGroup[],
  among: readonly string[] | null,
  { signal }: Io,
): Promise<string[]> {
  const names = groups.filter(({ WarmPoolConfiguration }) => WarmPoolConfiguration !== undefined).map(nameOf);
  if (names.length === 0) return [];
  const which = among === null ? {} : { InstanceIds: [...among] };
  const all = await collect(
    paginateDescribeAutoScalingInstances({ client: client(AutoScalingClient) }, which, { abortSignal: signal }),
    ({ AutoScalingInstances }) => AutoScalingInstances,
  );
  return all.flatMap(({ InstanceId, LifecycleState, AutoScalingGroupName }) =>
    LifecycleState === 'Warmed:Pending:Wait' && names.includes(AutoScalingGroupName ?? '') ? (InstanceId ?? []) : [],
  );
}

function isNamed(group: AutoScalingGroup, target: string): boolean {
  return target === nameOf(group) || target === group.AutoScalingGroupARN;
}

/** The instances, and the groups themselves, that a request concerns. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const { ask, target, hook } = request;
  const groups = await taggedGroups(io);
  if (hook !== null)
    return groups.some((group) => nameOf(group) === hook.group)
      ? [{ target: ec2Arn('instance', hook.instanceId, io) }]
      : [];
  const id = lastPartOf(target ?? '');
  if (id.startsWith('i-'))
    return groups.some((group) => membersOf(group).some(({ InstanceId }) => InstanceId === id))
      ? [{ target: ec2Arn('instance', id, io) }]
      : [];
  const chosen = target === null ? groups : groups.filter((group) => isNamed(group, target));
  const wholes =
    ask.kind === 'carry'
      ? []
      : chosen.map((group) => ({ target: need(group.AutoScalingGroupARN, `${nameOf(group)}.AutoScalingGroupARN`) }));
  if (ask.kind === 'sweep' || chosen.length === 0) return wholes;
  const [volumes, pooled] = await Promise.all([
    volumesTagged({ Name: 'tag-key', Values: [SET] }, io),
    waitingInPool(chosen, null, io),
  ]);
  return [
    ...wholes,
    ...[...chosen.flatMap((group) => unsettled(group, volumes)), ...pooled].map((each) => ({
      target: ec2Arn('instance', each, io),
    })),
  ];
}

interface Round {
  readonly group: AutoScalingGroup;
  readonly zones: readonly AvailabilityZone[];
  readonly volumes: readonly Volume[];
  readonly snapshots: readonly Snapshot[];
  readonly activities: readonly ScalingActivity[];
  readonly hooks: readonly HookDescription[];
  readonly instances: readonly Instance[];
  /** The instance of the run waits on its way into the warm pool. */
  readonly isPooled: boolean;
}

/** A launch into the pool says nothing of how launches fare that need the volumes. */
function isIntoPool({ Description }: ScalingActivity): boolean {
  return (Description ?? '').startsWith('Launching a new EC2 instance into warm pool');
}

/** What belongs to the group's set. `instanceId`: an instance that may not be in the group's list (any more). */
async function readRound(group: AutoScalingGroup, instanceId: string | null, io: Io): Promise<Round> {
  const ec2 = client(EC2Client);
  const options = { abortSignal: io.signal };
  const filter = { Name: `tag:${SET}`, Values: [setOf(group)] };
  const [zones, volumes, snapshots, activities, hooks, pooled] = await Promise.all([
    ec2.send(new DescribeAvailabilityZonesCommand({}), options),
    volumesTagged(filter, io),
    collect(
      paginateDescribeSnapshots({ client: ec2, pageSize: PAGE }, { OwnerIds: ['self'], Filters: [filter] }, options),
      ({ Snapshots }) => Snapshots,
    ),
    client(AutoScalingClient).send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: nameOf(group), MaxRecords: ACTIVITIES }),
      options,
    ),
    readHooks([nameOf(group)], io),
    instanceId === null ? [] : waitingInPool([group], [instanceId], io),
  ]);
  const holders = volumes.flatMap(({ Attachments }) => Attachments ?? []).map(({ InstanceId }) => InstanceId);
  const ids = new Set(
    [...membersOf(group).map(({ InstanceId }) => InstanceId), ...holders, instanceId].flatMap((id) => id ?? []),
  );
  // A filter, not a list of ids: one that EC2 does not know any more would fail the whole request.
  const which = { Filters: [{ Name: 'instance-id', Values: [...ids] }] };
  const instances =
    ids.size === 0
      ? []
      : await collect(paginateDescribeInstances({ client: ec2, pageSize: PAGE }, which, options), ({ Reservations }) =>
          Reservations?.flatMap(({ Instances }) => Instances ?? []),
        );
  const launches = (activities.Activities ?? []).filter((activity) => !isIntoPool(activity));
  return {
    group,
    zones: zones.AvailabilityZones ?? [],
    volumes,
    snapshots,
    activities: launches,
    hooks: hooks.get(nameOf(group)) ?? [],
    instances,
    isPooled: pooled.length > 0,
  };
}

/** The instance stands at the end of AWS's description: `Launching a new EC2 instance: i-1`. */
function activityFacts({
  Description,
  StartTime,
  EndTime,
  StatusCode,
  StatusMessage,
  ActivityId,
}: ScalingActivity): Activity {
  const description = need(Description, `${ActivityId}.Description`);
  return {
    kind: description.startsWith('Terminating') ? 'terminate' : 'launch',
    instanceId: /i-[0-9a-z]+$/u.exec(description)?.[0] ?? null,
    startedAt: need(StartTime, `${ActivityId}.StartTime`).toISOString(),
    endedAt: EndTime?.toISOString() ?? null,
    status: need(StatusCode, `${ActivityId}.StatusCode`),
    message: (StatusMessage ?? '').slice(0, 300),
  };
}

function groupFacts({ group, hooks, activities }: Round): GroupFacts {
  return {
    name: nameOf(group),
    desired: need(group.DesiredCapacity, `${nameOf(group)}.DesiredCapacity`),
    members: membersOf(group).map((member) => ({
      instanceId: need(member.InstanceId, `${nameOf(group)}.Instances[].InstanceId`),
      lifecycleState: need(member.LifecycleState, `${member.InstanceId}.LifecycleState`),
      healthy: need(member.HealthStatus, `${member.InstanceId}.HealthStatus`).toLowerCase() === 'healthy',
    })),
    launchSuspended: (group.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === 'Launch'),
    retains: group.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain',
    hooks: hooks.filter((hook) => isOurs(hook, hooks, RUNBOOK)),
    activities: activities.map(activityFacts).toSorted((left, right) => (left.startedAt < right.startedAt ? 1 : -1)),
  };
}

/** Source: SSM API, CreateDocument, `Name`. One of the account's own: another account's has an ARN. */
function documentName(text: string): string | undefined {
  return /^[\w.-]{3,128}$/u.test(text) ? text : undefined;
}

function settingsOf(group: AutoScalingGroup): CarrySettings {
  const { problems, read } = settingsReader(nameOf(group), tagsOf(group.Tags));
  if (setOf(group) === '') problems.push(`${nameOf(group)}: tag ${SET}: a name is missing`);
  return {
    mayBeginEmpty: read(
      'runbook:volumes-may-begin-empty',
      false,
      (text) => (text === 'once' ? true : undefined),
      'once',
    ),
    maxWaitSeconds: read('runbook:max-wait-seconds', 1_800, wholeNumber, 'a whole number of seconds'),
    oldestAcceptableSeconds: read<number | null>(
      'runbook:oldest-acceptable-seconds',
      null,
      wholeNumber,
      'a whole number of seconds',
    ),
    keepSnapshots: read('runbook:keep-snapshots', 3, wholeNumber, 'a whole number'),
    freezeDocument: read<string | null>('runbook:freeze', null, documentName, 'the name of an SSM document'),
    problems,
  };
}

/** `User initiated (2026-11-22 08:00:00 GMT)`: the time of the request. */
function stopAskedAt({ StateTransitionReason }: Instance): string | null {
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/u.exec(StateTransitionReason ?? '') ?? [];
  return day === undefined || time === undefined ? null : `${day}T${time}.000Z`;
}

function machineOf(instance: Instance, { group, zones }: Round): Machine {
  const member = membersOf(group).find(({ InstanceId }) => InstanceId === instance.InstanceId);
  const known = new Map(zones.map((zone) => [need(zone.ZoneName, 'AvailabilityZones[].ZoneName'), zone]));
  return {
    ...instanceFacts(instance, {
      checks: null,
      membership: member === undefined ? null : membershipOf(group, member),
      zones: known,
    }),
    optedIn: tagsOf(instance.Tags).get(SET) === setOf(group),
    stopAskedAt: stopAskedAt(instance),
    stoppable: instance.RootDeviceType === 'ebs' && instance.InstanceLifecycle !== 'spot',
    devices: (instance.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => ({
      name: DeviceName ?? '',
      volumeId: Ebs?.VolumeId ?? '',
      root: DeviceName === instance.RootDeviceName,
    })),
  };
}

/** The hook in which an instance waits on its way into the pool: one that has volumes, or is being ended, goes back there. */
function poolHookOf(
  instanceId: string,
  ours: readonly HookDescription[],
  { group, volumes, activities }: Round,
): HookFacts | null {
  const isBack =
    volumes.some(({ Attachments }) => Attachments?.some(({ InstanceId }) => InstanceId === instanceId)) ||
    activities.some(
      ({ Description }) => Description?.startsWith('Terminating') === true && Description.endsWith(instanceId),
    );
  const transition = isBack ? 'terminating' : 'launching';
  const found = ours.find((each) => each.transition === transition);
  return found === undefined
    ? null
    : { group: nameOf(group), hook: found.hook, instanceId, transition, token: null, toWarmPool: true };
}

/** The lifecycle action of ours that waits on the instance, and whether the event's own does not show yet. */
function hookFactsOf(
  instanceId: string,
  { hook: named }: Request,
  round: Round,
): { readonly hook: HookFacts | null; readonly hookUnseen: boolean } {
  const { group, hooks, isPooled } = round;
  const ours = hooks.filter((hook) => isOurs(hook, hooks, RUNBOOK));
  const event =
    named !== null && ours.some(({ hook, transition }) => hook === named.hook && transition === named.transition)
      ? named
      : null;
  // Members of a warm pool are not among the group's instances.
  if (event?.toWarmPool === true) return { hook: event, hookUnseen: false };
  if (isPooled) return { hook: poolHookOf(instanceId, ours, round), hookUnseen: false };
  const member = membersOf(group).find(({ InstanceId }) => InstanceId === instanceId);
  const state = member?.LifecycleState ?? '';
  const transition = waitingIn(state);
  const found = ours.find(
    (each) =>
      each.transition === transition && (event === null || event.transition !== transition || each.hook === event.hook),
  );
  const hookUnseen =
    event !== null &&
    (member === undefined ? event.transition === 'launching' : isShortlyBefore(event.transition, state));
  if (found === undefined || transition === undefined) return { hook: null, hookUnseen };
  const token = event?.transition === transition ? event.token : null;
  return {
    hook: { group: nameOf(group), hook: found.hook, instanceId, transition, token, toWarmPool: false },
    hookUnseen,
  };
}

const ENDED = new Set(['shutting-down', 'terminated']);

/** What EC2 does not know any more. */
function absentMachine(id: string): Machine {
  return { ...absentInstance(id), optedIn: true, stopAskedAt: null, stoppable: false, devices: [] };
}

/** The group of a target: its own, the event's, the one the instance is a member of, or was. */
async function groupOf(
  target: string,
  { hook }: Request,
  groups: readonly AutoScalingGroup[],
  { signal }: Io,
): Promise<AutoScalingGroup | undefined> {
  const id = lastPartOf(target);
  const known = groups.find(
    (group) =>
      group.AutoScalingGroupARN === target ||
      nameOf(group) === hook?.group ||
      membersOf(group).some(({ InstanceId }) => InstanceId === id),
  );
  if (known !== undefined || !id.startsWith('i-')) return known;
  const which = { Filters: [{ Name: 'instance-id', Values: [id] }] };
  const [gone] = await collect(
    paginateDescribeInstances({ client: client(EC2Client), pageSize: PAGE }, which, { abortSignal: signal }),
    ({ Reservations }) => Reservations?.flatMap(({ Instances }) => Instances ?? []),
  );
  return groups.find((group) => nameOf(group) === tagsOf(gone?.Tags).get('aws:autoscaling:groupName'));
}

function newest(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  return snapshots
    .toSorted((left, right) => Number(right.StartTime ?? 0) - Number(left.StartTime ?? 0))
    .slice(0, SNAPSHOTS);
}

/** The keys that the set needs: its volumes', or where none is left its newest snapshot's. */
function keysOf({ volumes, snapshots }: Round): ReadonlySet<string> {
  const live = volumes.filter(({ Tags: tags }) => !tagsOf(tags).has('runbook:superseded-at'));
  const sources = live.length > 0 ? live : newest(snapshots).slice(0, 1);
  return new Set(sources.flatMap(({ KmsKeyId }) => KmsKeyId ?? []));
}

/** Where the group is gone, or no longer tagged: there is nothing left to judge. */
function withoutGroup(instanceId: string | null, { ask }: Request, { run }: Io): Seen {
  const group = {
    name: '',
    desired: 0,
    members: [],
    launchSuspended: false,
    retains: false,
    hooks: [],
    activities: [],
  };
  const settings = {
    mayBeginEmpty: false,
    maxWaitSeconds: 0,
    oldestAcceptableSeconds: null,
    keepSnapshots: 0,
    freezeDocument: null,
    problems: [],
  };
  return {
    ask,
    run,
    set: '',
    group,
    settings,
    instanceId,
    leaving: false,
    hook: null,
    hookUnseen: false,
    machines: [],
    zones: {},
    volumes: [],
    snapshots: [],
    freeze: null,
    keys: {},
  };
}

/** Reads all about one target; a group without a name: it is gone, or no longer tagged. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const group = await groupOf(target, request, await taggedGroups(io), io);
  const instanceId = target.includes(':instance/') ? lastPartOf(target) : null;
  if (group === undefined) return withoutGroup(instanceId, request, io);
  const round = await readRound(group, instanceId, io);
  const machines = round.instances.map((instance) => machineOf(instance, round));
  // Asked for exactly these: whoever is not in the answer is gone.
  const gone = [
    instanceId,
    ...round.volumes.flatMap(({ Attachments }) => Attachments ?? []).map(({ InstanceId }) => InstanceId),
  ].filter((id) => id !== null && id !== undefined && !machines.some((machine) => machine.id === id));
  for (const id of new Set(gone)) if (id !== null && id !== undefined) machines.push(absentMachine(id));
  const own = machines.find(({ id }) => id === instanceId);
  const hooks = instanceId === null ? { hook: null, hookUnseen: false } : hookFactsOf(instanceId, request, round);
  const settings = settingsOf(group);
  const isLeaver =
    (request.hook ?? hooks.hook)?.transition === 'terminating' ||
    own?.membership?.lifecycleState.startsWith('Terminating') === true ||
    ENDED.has(own?.state ?? '');
  const leaving = instanceId !== null && isLeaver && request.hook?.transition !== 'launching';
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
    ...hooks,
    machines,
    zones: Object.fromEntries(round.zones.map(({ ZoneName, State }) => [ZoneName ?? '', State ?? 'unknown'])),
    volumes: round.volumes.map(volumeFacts),
    snapshots: newest(round.snapshots).map(snapshotFacts),
    freeze,
    keys,
  };
}

type Send = (input: JsonObject, io: Io) => Promise<Json>;

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

/** Looks until the volumes that were to outlive their instance say so; everything else the next look judges. */
export async function verify(
  _target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const ids = plan.flatMap(
    ({ call, input }) =>
      (call === 'ec2:ModifyInstanceAttribute' ? JSON.stringify(input).match(/vol-[0-9a-z]+/gu) : null) ?? [],
  );
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
