/** Builders of facts for the tests of `carry-volumes`, and a small account on which its plans take effect. */

import { decide } from '../../../functions/carry-volumes/decide.ts';
import type { Act, Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { HookDescription, HookFacts } from '../../../shared/judgement/hooks.ts';
import type { Membership } from '../../../shared/judgement/instance-health.ts';
import type { Activity, GroupFacts } from '../../../functions/carry-volumes/decide/scaling-group.ts';
import type { CarrySettings } from '../../../functions/carry-volumes/decide/preflight.ts';
import type { Machine } from '../../../functions/carry-volumes/decide/release.ts';
import type { SnapshotFacts, VolumeFacts } from '../../../functions/carry-volumes/decide/volume-set.ts';
import type { CarryLimits, Facts } from '../../../functions/carry-volumes/decide/view.ts';

export const NOW = '2026-11-22T08:00:00.000Z';

/** The moment so many seconds before `NOW`; after it for a negative number. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

export const LIMITS: CarryLimits = {
  maxCalls: 60,
  forceStopSeconds: 300,
  maxStopSeconds: 900,
  stuckAttachSeconds: 90,
  hopelessSeconds: 120,
  runSeconds: 23_400,
  retireSeconds: 86_400,
  minHeartbeatSeconds: 660,
};

/** On `/dev/sdf` of `i-old` in zone a. */
export function volume(change: Partial<VolumeFacts> = {}): VolumeFacts {
  return {
    id: 'vol-1',
    device: '/dev/sdf',
    zone: 'eu-west-1a',
    state: 'in-use',
    createdAt: ago(8_640_000),
    snapshotId: null,
    type: 'gp3',
    sizeGiB: 100,
    iops: 4_000,
    throughput: 250,
    kmsKeyId: null,
    run: null,
    supersededAt: null,
    tags: { 'runbook:volumes': 'db', 'runbook:device': '/dev/sdf', Name: 'data' },
    attachments: [attachment('i-old')],
    ...change,
  };
}

export function attachment(
  instanceId: string,
  change: Partial<VolumeFacts['attachments'][number]> = {},
): VolumeFacts['attachments'][number] {
  return {
    instanceId,
    device: '/dev/sdf',
    state: 'attached',
    deleteOnTermination: false,
    attachedAt: ago(3_600),
    ...change,
  };
}

/** Unattached. */
export function loose(change: Partial<VolumeFacts> = {}): VolumeFacts {
  return volume({ state: 'available', attachments: [], run: 'carry-volumes/i-old', ...change });
}

/** Completed, of `vol-1`, taken by a person six hours ago. */
export function snapshot(change: Partial<SnapshotFacts> = {}): SnapshotFacts {
  return {
    id: 'snap-1',
    volumeId: 'vol-1',
    device: '/dev/sdf',
    state: 'completed',
    startedAt: ago(21_600),
    completedAt: ago(21_500),
    sizeGiB: 100,
    kmsKeyId: null,
    run: null,
    supersededAt: null,
    frozen: false,
    tags: { 'runbook:volumes': 'db', 'runbook:device': '/dev/sdf' },
    ...change,
  };
}

/** An exact copy of `vol-1`, which `i-old` had last. */
export function exact(change: Partial<SnapshotFacts> = {}): SnapshotFacts {
  return snapshot({
    id: 'snap-exact',
    run: 'carry-volumes/i-old/final',
    startedAt: ago(60),
    completedAt: ago(10),
    ...change,
  });
}

export function membership(lifecycleState: string, healthy = true): Membership {
  return { group: 'db', lifecycleState, healthy, volumeSet: 'db', mayBeFenced: false };
}

/** Running in zone a. */
export function machine(id: string, lifecycleState: string | null, change: Partial<Machine> = {}): Machine {
  return {
    id,
    state: 'running',
    launchedAt: ago(60),
    zone: 'eu-west-1a',
    zoneState: 'available',
    borderGroup: 'eu-west-1',
    checks: null,
    spot: 'no',
    membership: lifecycleState === null ? null : membership(lifecycleState),
    slots: [],
    optedIn: true,
    stopAskedAt: null,
    stoppable: true,
    devices: [{ name: '/dev/xvda', volumeId: `vol-root-${id}`, root: true }],
    ...change,
  };
}

export function hookDescription(
  transition: HookFacts['transition'],
  change: Partial<HookDescription> = {},
): HookDescription {
  return {
    hook: transition === 'launching' ? 'receive' : 'give',
    transition,
    metadata: 'carry-volumes',
    heartbeatSeconds: 3_600,
    globalSeconds: 172_800,
    defaultResult: 'ABANDON',
    ...change,
  };
}

export function activity(kind: Activity['kind'], instanceId: string | null, change: Partial<Activity> = {}): Activity {
  return { kind, instanceId, startedAt: ago(60), endedAt: null, status: 'InProgress', message: '', ...change };
}

/** A launch that was given up so many seconds ago. */
export function abandoned(seconds: number): Activity {
  return activity('launch', `i-gone-${seconds}`, {
    startedAt: ago(seconds + 1_800),
    endedAt: ago(seconds),
    status: 'Cancelled',
    message:
      "Instance failed to complete user's Lifecycle Action: it was abandoned: Lifecycle Action Completed with ABANDON Result",
  });
}

export function group(change: Partial<GroupFacts> = {}): GroupFacts {
  return {
    name: 'db',
    desired: 1,
    members: [],
    launchSuspended: false,
    retains: true,
    hooks: [hookDescription('launching'), hookDescription('terminating')],
    activities: [],
    ...change,
  };
}

export function settings(change: Partial<CarrySettings> = {}): CarrySettings {
  return {
    mayBeginEmpty: false,
    maxWaitSeconds: 1_800,
    oldestAcceptableSeconds: null,
    keepSnapshots: 3,
    freezeDocument: null,
    problems: [],
    ...change,
  };
}

export function hook(
  transition: HookFacts['transition'],
  instanceId: string,
  change: Partial<HookFacts> = {},
): HookFacts {
  return {
    group: 'db',
    hook: transition === 'launching' ? 'receive' : 'give',
    instanceId,
    transition,
    token: 'token-1',
    toWarmPool: false,
    ...change,
  };
}

const COMMON = {
  run: 'run-1',
  set: 'db',
  settings: settings(),
  hookUnseen: false,
  zones: { 'eu-west-1a': 'available', 'eu-west-1b': 'available' },
  snapshots: [],
  freeze: null,
  keys: {},
  history: 'unread' as const,
};

function membersFrom(machines: readonly Machine[]): GroupFacts['members'] {
  return machines.flatMap(({ id, membership: own }) =>
    own === null ? [] : [{ instanceId: id, lifecycleState: own.lifecycleState, healthy: own.healthy }],
  );
}

/** `i-old` waits in its terminate hook, with its volume; nobody else is there. */
export function leavingFacts(change: Partial<Facts> = {}): Facts {
  const machines = change.machines ?? [machine('i-old', 'Terminating:Wait')];
  return {
    ...COMMON,
    ask: { kind: 'event', at: ago(5) },
    group: group({
      members: membersFrom(machines),
      activities: [activity('terminate', 'i-old', { startedAt: ago(5) })],
    }),
    instanceId: 'i-old',
    leaving: true,
    hook: hook('terminating', 'i-old'),
    machines,
    volumes: [volume()],
    ...change,
  };
}

/** `i-new` waits in its launch hook since a minute; `i-old` is gone, and its volume is loose in the same zone. */
export function arrivingFacts(change: Partial<Facts> = {}): Facts {
  const machines = change.machines ?? [machine('i-new', 'Pending:Wait')];
  return {
    ...COMMON,
    ask: { kind: 'event', at: ago(58) },
    group: group({ members: membersFrom(machines), activities: [activity('launch', 'i-new', { startedAt: ago(60) })] }),
    instanceId: 'i-new',
    leaving: false,
    hook: hook('launching', 'i-new'),
    machines,
    volumes: [loose()],
    ...change,
  };
}

/** `i-old` serves with its volume; a tick of the schedule looks at the group. */
export function groupFactsOf(change: Partial<Facts> = {}): Facts {
  const machines = change.machines ?? [machine('i-old', 'InService')];
  return {
    ...COMMON,
    ask: { kind: 'reconcile' },
    group: group({ members: membersFrom(machines) }),
    instanceId: null,
    leaving: false,
    hook: null,
    machines,
    volumes: [volume({ run: 'carry-volumes/i-old' })],
    ...change,
  };
}

/** `i-new` is in zone b instead. */
export const ELSEWHERE: Partial<Facts> = { machines: [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' })] };

export function judge(facts: Facts, now = NOW): Decision {
  return decide(facts, LIMITS, now);
}

/** The decision's plan. Throws for a decision that plans nothing. */
export function planOf(decision: Decision): Act {
  if (decision.kind !== 'act')
    throw new Error(`expected act, found ${decision.kind} ${decision.code}: ${decision.because}`);
  return decision;
}

/** A member of a planned input as one word. */
export function said(value: unknown): string {
  if (Array.isArray(value)) return value.map(said).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Calls of a plan in a few words each: `AttachVolume vol-1 /dev/sdf`. */
export function words(decision: Decision): string[] {
  return planOf(decision).plan.map(({ call, input }) => {
    const members = [
      'VolumeId',
      'SnapshotId',
      'Device',
      'InstanceIds',
      'Resources',
      'LifecycleActionResult',
      'ScalingProcesses',
      'Force',
      'SkipOsShutdown',
    ];
    const subjects = members.flatMap((member) => (input[member] === undefined ? [] : [said(input[member])]));
    return [call.split(':')[1], ...subjects].join(' ');
  });
}

/** Facts as the next look of the same run finds them after a plan was carried out: what this run noted is there. */
export function after(facts: Facts, decision: Decision, change: Partial<Facts> = {}): Facts {
  const { intent, note = {} } = planOf(decision);
  return { ...facts, history: { epoch: 1, actions: [], memory: {}, pending: { intent, at: NOW, note } }, ...change };
}

type Effect = (facts: Facts, input: JsonObject, now: string) => Facts;

function onVolumes(
  facts: Facts,
  ids: readonly unknown[],
  change: (volume: VolumeFacts) => Partial<VolumeFacts>,
): Facts {
  return {
    ...facts,
    volumes: facts.volumes.map((each) => (ids.includes(each.id) ? { ...each, ...change(each) } : each)),
  };
}

function tagsIn(input: JsonObject): { readonly [key: string]: string } {
  const given: unknown =
    input['Tags'] ??
    (Array.isArray(input['TagSpecifications']) ? Reflect.get(Object(input['TagSpecifications'][0]), 'Tags') : []);
  return Object.fromEntries(
    Array.isArray(given)
      ? given.map((tag: unknown) => [said(Reflect.get(Object(tag), 'Key')), said(Reflect.get(Object(tag), 'Value'))])
      : [],
  );
}

function listIn(input: JsonObject, member: string): readonly unknown[] {
  const value = input[member];
  return Array.isArray(value) ? value : [];
}

function taken(facts: Facts, of: VolumeFacts, run: string | null, now: string): Facts {
  const taking = snapshot({
    id: `snap-${facts.snapshots.length + 100}`,
    volumeId: of.id,
    device: of.device,
    run,
    startedAt: now,
    completedAt: now,
  });
  return { ...facts, snapshots: [...facts.snapshots, taking] };
}

/** What each call does to the account, at once and completely. */
const EFFECTS: { readonly [call: string]: Effect } = {
  'ec2:ModifyInstanceAttribute': (facts) => ({
    ...facts,
    volumes: facts.volumes.map((each) => ({
      ...each,
      attachments: each.attachments.map((one) => ({ ...one, deleteOnTermination: false })),
    })),
  }),
  'ec2:CreateTags': (facts, input) => {
    const tags = tagsIn(input);
    const change = {
      ...(tags['runbook:run'] === undefined ? {} : { run: tags['runbook:run'] }),
      ...(tags['runbook:superseded-at'] === undefined ? {} : { supersededAt: tags['runbook:superseded-at'] }),
    };
    const ids = listIn(input, 'Resources');
    return {
      ...onVolumes(facts, ids, () => change),
      snapshots: facts.snapshots.map((each) => (ids.includes(each.id) ? { ...each, ...change } : each)),
    };
  },
  'ec2:CreateSnapshots': (facts, _input, now) =>
    facts.volumes
      .filter(({ attachments }) => attachments.length > 0)
      .reduce((so, each) => taken(so, each, each.run, now), facts),
  'ec2:CreateSnapshot': (facts, input, now) => {
    const of = facts.volumes.find(({ id }) => id === input['VolumeId']);
    return of === undefined ? facts : taken(facts, of, tagsIn(input)['runbook:run'] ?? null, now);
  },
  'ec2:CreateVolume': (facts, input, now) => {
    const tags = tagsIn(input);
    const made = loose({
      id: `vol-${facts.volumes.length + 100}`,
      zone: said(input['AvailabilityZone']),
      snapshotId: said(input['SnapshotId']),
      createdAt: now,
      device: tags['runbook:device'] ?? null,
      run: tags['runbook:run'] ?? null,
    });
    return { ...facts, volumes: [...facts.volumes, made] };
  },
  'ec2:AttachVolume': (facts, input, now) =>
    onVolumes(facts, [input['VolumeId']], () => ({
      state: 'in-use',
      attachments: [attachment(said(input['InstanceId']), { device: said(input['Device']), attachedAt: now })],
    })),
  'ec2:DetachVolume': (facts, input) =>
    onVolumes(facts, [input['VolumeId']], () => ({ state: 'available', attachments: [] })),
  'ec2:StopInstances': (facts, input, now) => ({
    ...facts,
    machines: facts.machines.map((each) =>
      listIn(input, 'InstanceIds').includes(each.id) ? { ...each, state: 'stopped', stopAskedAt: now } : each,
    ),
  }),
  'ec2:DeleteVolume': (facts, input) => ({
    ...facts,
    volumes: facts.volumes.filter(({ id }) => id !== input['VolumeId']),
  }),
  'ec2:DeleteSnapshot': (facts, input) => ({
    ...facts,
    snapshots: facts.snapshots.filter(({ id }) => id !== input['SnapshotId']),
  }),
  'autoscaling:CompleteLifecycleAction': (facts) => ({ ...facts, hook: null }),
  'autoscaling:RecordLifecycleActionHeartbeat': (facts) => facts,
  'autoscaling:SuspendProcesses': (facts) => ({ ...facts, group: { ...facts.group, launchSuspended: true } }),
};

/** The account after one call. Throws for a call it does not know. */
export function carriedOut(facts: Facts, { call, input }: PlannedCall, now: string): Facts {
  const effect = EFFECTS[call];
  if (effect === undefined) throw new Error(`${call} has no effect here`);
  return effect(facts, input, now);
}

/** What a run on this account does until it ends: its calls, its decisions, and the account afterwards. */
export interface Played {
  readonly facts: Facts;
  readonly calls: readonly PlannedCall[];
  readonly decisions: readonly Decision[];
}

/** Carries the decisions out, on a clock that only waits move (and a second a step). Throws where there is no end. */
export function play(start: Facts, limits: CarryLimits = LIMITS, most = 90): Played {
  let [facts, nowMs] = [start, Date.parse(NOW)];
  const calls: PlannedCall[] = [];
  const decisions: Decision[] = [];
  for (let turn = 0; turn < most; turn += 1) {
    const now = new Date(nowMs).toISOString();
    const decision = decide(facts, limits, now);
    decisions.push(decision);
    if (decision.kind === 'nothing' || decision.kind === 'refuse') return { facts, calls, decisions };
    if (decision.kind === 'wait') {
      nowMs += decision.seconds * 1_000;
      continue;
    }
    calls.push(...decision.plan);
    facts = after(
      decision.plan.reduce((so, call) => carriedOut(so, call, now), facts),
      decision,
    );
    if (decision.more !== true) return { facts, calls, decisions };
    nowMs += 1_000;
  }
  throw new Error(`no end after ${most} looks; the last: ${decisions.at(-1)?.code}`);
}
