/**
 * What must hold of data volumes at every moment of a rehearsal, whatever goes wrong. A data volume is one that carries the
 * tag `runbook:volumes`; what it holds is known to the millisecond (`simulator/services/ec2/writes.ts`).
 */

import { nameInArn } from '../../shared/aws/arn.ts';
import { diskName } from '../../shared/judgement/device-names.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { attachmentOf } from '../../simulator/services/ec2/attachments.ts';
import { find, list, part, records, show, text } from '../../simulator/services/ec2/state.ts';
import { contentOf, isBeingWritten } from '../../simulator/services/ec2/writes.ts';
import { groupMembers, outcomesTold, tagOf } from '../records.ts';

const SET = 'runbook:volumes';
const SUPERSEDED = 'runbook:superseded-at';
/** A loss must be reported so soon after the instance that has it is in service: a run that died is taken up again meanwhile. */
const REPORT_SECONDS = 300;
const ZONE_DOWN: ReadonlySet<unknown> = new Set(['impaired', 'unavailable']);

/** A launch template that tags every volume tags the root too, which is none. */
function isRoot(volume: Shape): boolean {
  const names = [tagOf(volume, 'runbook:was-at'), ...list(volume, 'Attachments').map((each) => text(each, 'Device'))];
  return names.some((name) => name !== undefined && diskName(name) === '/dev/sda');
}

function dataVolumes(world: World): readonly Shape[] {
  return records(world, 'Volumes').filter((volume) => tagOf(volume, SET) !== undefined && !isRoot(volume));
}

function idOf(volume: Shape): string {
  return show(volume['VolumeId']);
}

/** What a watcher remembers under a name: one for each watcher. */
function remembered<V>(
  memory: { [key: string]: unknown },
  name: string,
  isValue: (value: unknown) => value is V,
): Map<string, V> {
  const known = memory[name];
  if (known instanceof Map)
    return new Map(
      [...known].flatMap(([key, value]: [unknown, unknown]) =>
        typeof key === 'string' && isValue(value) ? [[key, value] as const] : [],
      ),
    );
  return new Map();
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';

/** Lifecycle states of all members of groups, by instance. */
function lifecycleStates(world: World): ReadonlyMap<string, string> {
  return new Map(groupMembers(world).map((member) => [show(member['InstanceId']), show(member['LifecycleState'])]));
}

/** Whether an outcome, as it was logged or sent to the bus, tells of lost writes on this instance. */
function tellsOfLoss(
  { target, evidence }: { readonly target?: unknown; readonly evidence?: unknown },
  instanceId: string,
): boolean {
  if (!isRecord(evidence) || nameInArn(String(target)) !== instanceId) return false;
  const rpoSeconds = evidence['rpoSeconds'];
  return typeof rpoSeconds === 'number' && rpoSeconds > 0;
}

/** Whether some outcome has told people of lost writes on this instance: an event, or the log line that stands beside the alarm. */
function isLossReported(world: World, instanceId: string, told: readonly RunResult[]): boolean {
  const isTold = (outcome: RunResult | Shape): boolean => tellsOfLoss(outcome, instanceId);
  return told.some(isTold) || outcomesTold(world).some(isTold);
}

/** What an instance in service has on its volumes is all that was ever acknowledged, or an outcome has said what is missing. */
const noAcknowledgedWriteLost: Watcher = {
  name: 'no-acknowledged-write-lost',
  check: (world, memory, told = []) => {
    const since = remembered(memory, 'since', isNumber);
    const now = world.clock.now();
    const states = lifecycleStates(world);
    const lacking = new Map<string, number>();
    let fault: string | undefined;
    for (const volume of dataVolumes(world)) {
      const attachment = attachmentOf(volume);
      const holder = text(attachment, 'InstanceId') ?? '';
      if (attachment?.['State'] !== 'attached' || states.get(holder) !== 'InService') continue;
      const missing = contentOf(world, idOf(volume))?.missing ?? [];
      if (missing.length === 0) continue;
      const began = since.get(idOf(volume)) ?? now;
      lacking.set(idOf(volume), began);
      if (now - began < REPORT_SECONDS * 1_000 || isLossReported(world, holder, told)) continue;
      fault ??= `${idOf(volume)} on ${holder} lacks writes that ${missing[0]?.volumeId ?? ''} had acknowledged, and no outcome tells of it`;
    }
    memory['since'] = lacking;
    return fault;
  },
};

/** Data that forked: two volumes of one origin are written at the same moment. Who is in a failed zone is out of reach. */
const neverTwoAttachments: Watcher = {
  name: 'never-two-attachments',
  check: (world) => {
    const writers = new Map<string, string>();
    for (const volume of dataVolumes(world)) {
      const lineage = text(volume, 'Lineage');
      const zone = find(world, 'AvailabilityZones', text(volume, 'AvailabilityZone'));
      if (list(volume, 'Attachments').length > 1) return `${idOf(volume)} is attached twice`;
      if (lineage === undefined || ZONE_DOWN.has(zone?.['State']) || !isBeingWritten(world, idOf(volume))) continue;
      const other = writers.get(lineage);
      if (other !== undefined) return `${other} and ${idOf(volume)} hold the same data, and both are written`;
      writers.set(lineage, idOf(volume));
    }
    return undefined;
  },
};

/** No data volume is made of nothing, but where the group's tag allows it. */
const noEmptyVolume: Watcher = {
  name: 'no-empty-volume',
  check: (world) => {
    const groups = world.records('auto-scaling', 'AutoScalingGroups');
    const mayBeginEmpty = (set: string | undefined): boolean =>
      groups.some((group) => tagOf(group, SET) === set && tagOf(group, 'runbook:volumes-may-begin-empty') === 'once');
    const empty = dataVolumes(world).find(
      (volume) => volume['BeganEmpty'] === true && !mayBeginEmpty(tagOf(volume, SET)),
    );
    return empty === undefined ? undefined : `${idOf(empty)} of ${tagOf(empty, SET) ?? ''} began empty`;
  },
};

const UNBORN: ReadonlySet<unknown> = new Set(['creating', 'error']);

/** A data volume goes only when another of the same data is attached and current. One that never came to be does not count. */
const noVolumeDeletedWithoutSuccessor: Watcher = {
  name: 'no-volume-deleted-without-successor',
  check: (world, memory) => {
    const known = remembered(memory, 'lineages', isText);
    const isHere = ({ State: state }: Shape): boolean => state !== 'deleting';
    const here = dataVolumes(world).filter(isHere);
    // Also what has turned out to be no data volume.
    const present = new Set(records(world, 'Volumes').filter(isHere).map(idOf));
    const succeeded = new Set(
      here
        .filter((volume) => tagOf(volume, SUPERSEDED) === undefined && attachmentOf(volume)?.['State'] === 'attached')
        .map((volume) => text(volume, 'Lineage')),
    );
    const gone = [...known].find(([id, lineage]) => !present.has(id) && !succeeded.has(lineage));
    memory['lineages'] = new Map(
      here
        .filter(({ State: state }) => !UNBORN.has(state))
        .map((volume) => [idOf(volume), text(volume, 'Lineage') ?? idOf(volume)]),
    );
    return gone === undefined ? undefined : `${gone[0]} was deleted, and no volume with its data is attached anywhere`;
  },
};

/** Whoever comes into service has data volumes that outlive it. Who was in service from the beginning is not counted. */
const neverDeletedOnTermination: Watcher = {
  name: 'data-volume-never-deleted-on-termination',
  check: (world, memory) => {
    const states = lifecycleStates(world);
    const arrived = remembered(memory, 'arrived', isText);
    for (const [id, state] of states) if (state.startsWith('Pending')) arrived.set(id, state);
    memory['arrived'] = arrived;
    const doomed = dataVolumes(world).find((volume) => {
      const attachment = attachmentOf(volume);
      const holder = text(attachment, 'InstanceId') ?? '';
      return attachment?.['DeleteOnTermination'] === true && arrived.has(holder) && states.get(holder) === 'InService';
    });
    return doomed === undefined
      ? undefined
      : `${idOf(doomed)} would be deleted with ${show(attachmentOf(doomed)?.['InstanceId'])}, which came into service with it`;
  },
};

/** What we say of snapshots that we take of frozen file systems; another's description may hold the word with another meaning. */
const SAID_TO_BE_FROZEN = /^carry-volumes: .+, file systems frozen\b/u;

/** A snapshot that says so was taken while its file system was frozen; a timer that thawed before was noticed. */
const frozenSnapshotsAreFrozen: Watcher = {
  name: 'frozen-snapshots-are-frozen',
  check: (world) => {
    const wrong = records(world, 'Snapshots').find(
      (snapshot) => SAID_TO_BE_FROZEN.test(show(snapshot['Description'])) && snapshot['Frozen'] !== true,
    );
    return wrong === undefined
      ? undefined
      : `${show(wrong['SnapshotId'])} of ${show(wrong['VolumeId'])} says that it was taken with file systems frozen, and it was not`;
  },
};

/** No file system stays frozen for longer than the timers allow that come with the freeze. */
const neverLeftFrozen: Watcher = {
  name: 'never-left-frozen',
  check: (world) => {
    const bounds = world
      .records('ssm', 'Documents')
      .map((document) => Number(part(document, 'Freezes')['ThawAfterSeconds'] ?? 0));
    const boundMs = Math.max(0, ...bounds) * 1_000;
    const stuck = records(world, 'FrozenFileSystems').find(
      (frozen) => world.clock.now() - Date.parse(show(frozen['Since'])) > boundMs,
    );
    return stuck === undefined
      ? undefined
      : `file systems of ${show(stuck['InstanceId'])} are frozen since ${show(stuck['Since'])}, longer than any timer allows`;
  },
};

/** The invariants of data volumes. */
export const INVARIANTS: readonly Watcher[] = [
  noAcknowledgedWriteLost,
  neverTwoAttachments,
  noEmptyVolume,
  noVolumeDeletedWithoutSuccessor,
  neverDeletedOnTermination,
  frozenSnapshotsAreFrozen,
  neverLeftFrozen,
];
