/** A small account on which the plans of `carry-volumes` take effect at once, and runs that are played on it to their end. */

import { decide, type CarryLimits, type Facts, type VolumeFacts } from '../../../functions/carry-volumes/decide.ts';
import type { Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { after, said } from './plan-words.ts';
import { attachment, LIMITS, loose, NOW, snapshot } from './volume-facts.ts';

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
    description: run?.endsWith('/final') === true ? 'quiet' : 'written',
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
function carriedOut(facts: Facts, { call, input }: PlannedCall, now: string): Facts {
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
