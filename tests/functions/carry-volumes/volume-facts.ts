/** Builders of facts for the tests of `carry-volumes`: one set, one group, one instance that leaves and one that arrives. */

import type { HookDescription, HookFacts } from '../../../shared/judgement/hooks.ts';
import type {
  Activity,
  CarryLimits,
  CarrySettings,
  Facts,
  GroupFacts,
  Machine,
  SnapshotFacts,
  VolumeFacts,
} from '../../../functions/carry-volumes/decide.ts';

/** The moment of every look. */
export const NOW = '2026-11-22T08:00:00.000Z';

/** The moment so many seconds before `NOW`; after it for a negative number. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

/** Those of `handler.ts`. */
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
    deviceNoted: true,
    zone: 'eu-west-1a',
    outpost: null,
    state: 'in-use',
    createdAt: ago(8_640_000),
    snapshotId: null,
    type: 'gp3',
    sizeGiB: 100,
    iops: 4_000,
    throughput: 250,
    kmsKeyId: null,
    multiAttach: false,
    run: null,
    supersededAt: null,
    tags: { 'runbook:volumes': 'db', 'runbook:device': '/dev/sdf', Name: 'data' },
    attachments: [attachment('i-old')],
    ...change,
  };
}

/** Attached an hour ago, and kept. */
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
    archived: false,
    lent: false,
    copied: false,
    keptAt: { zone: null, outpost: null },
    description: 'none',
    tags: { 'runbook:volumes': 'db', 'runbook:device': '/dev/sdf' },
    ...change,
  };
}

/** An exact copy of `vol-1`, which `i-old` had last. */
export function exact(change: Partial<SnapshotFacts> = {}): SnapshotFacts {
  return snapshot({
    id: 'snap-exact',
    run: 'carry-volumes/i-old/final',
    description: 'quiet',
    startedAt: ago(60),
    completedAt: ago(10),
    ...change,
  });
}

/** In the group `db`, whose set is `db` too. */
function membership(lifecycleState: string, healthy = true): Machine['membership'] {
  return { group: 'db', lifecycleState, healthy };
}

/** Running in zone a. */
export function machine(id: string, lifecycleState: string | null, change: Partial<Machine> = {}): Machine {
  return {
    id,
    state: 'running',
    launchedAt: ago(60),
    zone: 'eu-west-1a',
    zoneState: 'available',
    outpost: null,
    membership: lifecycleState === null ? null : membership(lifecycleState),
    optedIn: true,
    stopAskedAt: null,
    stoppable: true,
    devices: [{ name: '/dev/xvda', volumeId: `vol-root-${id}`, root: true }],
    ...change,
  };
}

/** A hook of ours with the usual times. */
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

/** Under way for a minute. */
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

/** A group of one with both hooks, and nobody in it. */
export function group(change: Partial<GroupFacts> = {}): GroupFacts {
  const members = change.members ?? [];
  return {
    name: 'db',
    desired: 1,
    max: 1,
    sharers: [],
    inGoodService: members.filter(({ lifecycleState, healthy }) => lifecycleState === 'InService' && healthy).length,
    members,
    launchSuspended: false,
    retains: true,
    hooks: [hookDescription('launching'), hookDescription('terminating')],
    activities: [],
    ...change,
  };
}

/** What holds without any tag. */
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

/** Waits for its answer. */
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
  heldByServices: [],
  roots: [],
  snapshots: [],
  leftOut: [],
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

/** `i-new` has waited for so many seconds. */
export function waiting(seconds: number, change: Partial<Facts> = {}): Facts {
  const facts = arrivingFacts(change);
  return {
    ...facts,
    group: {
      ...facts.group,
      activities: [activity('launch', 'i-new', { startedAt: ago(seconds) }), ...facts.group.activities.slice(1)],
    },
  };
}

/** `vol-1` as it is on `i-new` once it has arrived. */
export const there = volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new')] });
