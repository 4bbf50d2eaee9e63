/** What people have at stake in their groups: that who serves goes on serving, and that nobody waits without a word. */

import { nameInArn } from '../../../shared/aws/arn.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import { attachmentOf } from '../../../simulator/services/ec2/attachments.ts';
import { find, list, part, records, show, text } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import { isHookOf, Unanswered, waitingNow, type Waiting } from '../../worlds/hooks.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { isStoppedBy } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';

const RUNBOOK = 'carry-volumes';
const OTHERS: readonly string[] = ['reassign-elastic-ip'];
const SET = 'runbook:volumes';
/** What a run saw of a member may be so old when its call takes effect. */
const SLACK_SECONDS = 30;
/** Two ticks of the schedule, and a minute for the look itself. */
const NOTICED_SECONDS = 660;
const MAX_WAIT_SECONDS = 1_800;
/** The least that a hook's heartbeat time-out has to be for the schedule to keep it waiting. */
const HEARTBEAT_SECONDS = 660;

function groupNamed(world: World, name: string): Shape | undefined {
  return world.records('auto-scaling', 'AutoScalingGroups').find((group) => group['AutoScalingGroupName'] === name);
}

function isUp(world: World, instanceId: string): boolean {
  const state = text(part(find(world, 'Instances', instanceId), 'State'), 'Name');
  const status = find(world, 'InstanceStatuses', instanceId);
  const isOk = ['SystemStatus', 'InstanceStatus'].every((check) => text(part(status, check), 'Status') === 'ok');
  return state === 'running' && isOk;
}

/** Members that serve: in service, healthy to their group, up, and not too many. */
function serving(world: World): readonly string[] {
  return world.records('auto-scaling', 'AutoScalingGroups').flatMap((group) => {
    if (tagOf(group, SET) === undefined) return [];
    return list(group, 'Instances').flatMap((member) => {
      const id = show(member['InstanceId']);
      const isWell = member['LifecycleState'] === 'InService' && member['HealthStatus'] === 'Healthy';
      return isWell && isUp(world, id) ? [id] : [];
    });
  });
}

const STOPPED = 'was stopped';

/** What is being taken from instances: themselves, or a volume of a set that they had in use. */
class Takings {
  #inUse: ReadonlySet<string> = new Set();

  /** Takes a look; returns what is being taken, by instance, in words. */
  look(world: World): ReadonlyMap<string, string> {
    const taken = new Map<string, string>();
    for (const instance of records(world, 'Instances')) {
      const state = text(part(instance, 'State'), 'Name');
      if (state === 'stopping' || state === 'stopped') taken.set(show(instance['InstanceId']), STOPPED);
    }
    const inUse = new Set<string>();
    for (const volume of records(world, 'Volumes')) {
      const attachment = attachmentOf(volume);
      const use = `${show(volume['VolumeId'])} on ${show(attachment?.['InstanceId'])}`;
      if (attachment?.['State'] === 'attached') inUse.add(use);
      // One that never came to be attached is not taken from anybody.
      if (tagOf(volume, SET) === undefined || attachment?.['State'] !== 'detaching' || !this.#inUse.has(use)) continue;
      inUse.add(use);
      taken.set(show(attachment['InstanceId']), `has its volume ${show(volume['VolumeId'])} taken off`);
    }
    this.#inUse = inUse;
    return taken;
  }
}

const whoServesIsLeftAlone: Interest = {
  name: 'who-serves-is-left-alone',
  quotes: 'the instance that leaves',
  watch: (given) => {
    const well = new Since();
    const takings = new Takings();
    let before: ReadonlyMap<string, string> = new Map();
    return (world, _told, sent) => {
      const now = world.clock.now();
      const taken = takings.look(world);
      const isByHand = (id: string): boolean =>
        given.isScripted(`ec2/Instances/${id}/`, now) || given.isScripted('ec2/Volumes/', now);
      // That is for the other's page to promise: a fence that people demand stops also who is well.
      const isByAnother = (id: string): boolean => OTHERS.some((other) => isStoppedBy(other, id, sent, now));
      const fresh = [...taken]
        .filter(([id]) => !before.has(id) && !isByHand(id))
        .filter(([id, what]) => what !== STOPPED || !isByAnother(id));
      before = taken;
      const fault = fresh.find(([id]) => well.hasHeld(id, given.allowing(SLACK_SECONDS), now));
      well.look(serving(world), now);
      return fault === undefined ? undefined : `${fault[0]}, in service and healthy, ${fault[1]}`;
    };
  },
};

function hookOf(world: World, { group, hook }: Waiting): Shape | undefined {
  return world
    .records('auto-scaling', 'LifecycleHooks')
    .find((one) => one['AutoScalingGroupName'] === group && one['LifecycleHookName'] === hook);
}

/** Whether the page promises anything about the hooks of a group: its settings can be read, and so can its hooks keep waiting. */
function isPromised(world: World, given: Given, waiting: Waiting): boolean {
  const group = groupNamed(world, waiting.group);
  const set = tagOf(group, SET);
  if (set === undefined || set === '' || given.case.surroundings.ledgerLost) return false;
  const isTagged = tagOf(find(world, 'Instances', waiting.instanceId), SET) === set;
  return (
    isTagged &&
    Number(hookOf(world, waiting)?.['HeartbeatTimeout'] ?? 0) >= HEARTBEAT_SECONDS &&
    !given.isSwitchedOff(world.clock.now(), 3_600) &&
    isHookOf(world, RUNBOOK, OTHERS, waiting)
  );
}

const hooksAreAnswered: Interest = {
  name: 'no-hook-runs-out',
  quotes: 'hooks that are kept waiting',
  watch: (given) => {
    const unanswered = new Unanswered();
    return (world) => {
      const [first] = unanswered.look(world).filter((waiting) => isPromised(world, given, waiting));
      return first === undefined ? undefined : `hook ${first.hook} of ${first.instanceId} ran out unanswered`;
    };
  },
};

function maxWaitOf(group: Shape | undefined): number {
  const value = tagOf(group, 'runbook:max-wait-seconds');
  return value === undefined || !/^\d{1,6}$/u.test(value) ? MAX_WAIT_SECONDS : Number(value);
}

const TELLING: ReadonlySet<string> = new Set(['refused', 'waiting', 'failed', 'done', 'awaiting-approval']);

function isTold(told: readonly RunResult[], names: readonly string[]): boolean {
  return told.some(
    ({ target, outcome, runbook }) =>
      runbook === RUNBOOK && TELLING.has(outcome) && names.includes(nameInArn(target ?? '')),
  );
}

const noLaunchWaitsUnheard: Interest = {
  name: 'no-launch-waits-without-a-word',
  quotes: 'A launch that waits in vain for `runbook:max-wait-seconds` is abandoned',
  watch: (given) => {
    const waits = new Since();
    const toldBefore = new Map<string, number>();
    return (world, told) => {
      const now = world.clock.now();
      const launches = waitingNow(world).filter(
        (waiting) => waiting.transition === 'launching' && isPromised(world, given, waiting),
      );
      waits.look(
        launches.map(({ instanceId }) => instanceId),
        now,
      );
      for (const { instanceId, group } of launches) {
        if (!toldBefore.has(instanceId)) toldBefore.set(instanceId, told.length);
        const patience = given.allowing(maxWaitOf(groupNamed(world, group)) + NOTICED_SECONDS);
        if (!waits.hasHeld(instanceId, patience, now)) continue;
        if (isTold(told.slice(toldBefore.get(instanceId)), [instanceId, group])) continue;
        return `${instanceId} waits in its launch hook for ${patience} s, and no outcome tells of it`;
      }
      return undefined;
    };
  },
};

/** Volumes of a set that lie idle in the zone of its only member, which serves and lacks them. */
function lacking(world: World): readonly string[] {
  return world.records('auto-scaling', 'AutoScalingGroups').flatMap((group) => {
    const set = tagOf(group, SET);
    const [member, ...others] = list(group, 'Instances');
    if (set === undefined || set === '' || member === undefined || others.length > 0) return [];
    const id = show(member['InstanceId']);
    const instance = find(world, 'Instances', id);
    if (!serving(world).includes(id) || tagOf(instance, SET) !== set) return [];
    const zone = text(part(instance, 'Placement'), 'AvailabilityZone');
    const own = records(world, 'Volumes').filter((volume) => tagOf(volume, SET) === set);
    if (own.some((volume) => attachmentOf(volume) !== undefined)) return [];
    const idle = own.find(
      (volume) =>
        volume['State'] === 'available' &&
        volume['AvailabilityZone'] === zone &&
        tagOf(volume, 'runbook:superseded-at') === undefined,
    );
    return idle === undefined ? [] : [`${id} ${show(idle['VolumeId'])} ${text(group, 'AutoScalingGroupName') ?? ''}`];
  });
}

const lackIsTold: Interest = {
  name: 'who-lacks-volumes-gets-them-or-a-word',
  quotes: 'instances in service that lack volumes',
  watch: (given) => {
    const lacks = new Since();
    const patience = given.allowing(NOTICED_SECONDS);
    const toldBefore = new Map<string, number>();
    return (world, told) => {
      const now = world.clock.now();
      const found = given.isSwitchedOff(now) ? [] : lacking(world);
      lacks.look(found, now);
      for (const key of toldBefore.keys()) if (lacks.of(key) === undefined) toldBefore.delete(key);
      for (const key of found) {
        if (!toldBefore.has(key)) toldBefore.set(key, told.length);
        const [id = '', volume = '', group = ''] = key.split(' ');
        if (!lacks.hasHeld(key, patience, now)) continue;
        if (isTold(told.slice(toldBefore.get(key)), [id, group])) continue;
        return `${id} serves without ${volume}, which lies idle beside it for ${patience} s, and no outcome tells of it`;
      }
      return undefined;
    };
  },
};

/** Whether the groups of a set want, or have in service, more than the one instance that can carry it. */
export function isSeveral(world: World, set: string): boolean {
  const groups = world.records('auto-scaling', 'AutoScalingGroups').filter((group) => tagOf(group, SET) === set);
  const wanted = groups.reduce((sum, group) => sum + Number(group['DesiredCapacity']), 0);
  const members = groups.flatMap((group) => list(group, 'Instances'));
  return wanted > 1 || members.filter((member) => member['LifecycleState'] === 'InService').length > 1;
}

/** What comes into service through a hook of ours, by group and set. */
export function arriving(world: World, given: Given): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const waiting of waitingNow(world)) {
    if (waiting.transition !== 'launching' || !isPromised(world, given, waiting)) continue;
    // Where a person has the hook let everybody in, it does: that is said by the preflight, and cannot be held.
    if (hookOf(world, waiting)?.['DefaultResult'] === 'CONTINUE') continue;
    found.set(waiting.instanceId, tagOf(groupNamed(world, waiting.group), SET) ?? '');
  }
  return found;
}

/** Whether an instance is in service in its group. */
export function isInService(world: World, instanceId: string): boolean {
  return world
    .records('auto-scaling', 'AutoScalingGroups')
    .flatMap((group) => list(group, 'Instances'))
    .some((member) => member['InstanceId'] === instanceId && member['LifecycleState'] === 'InService');
}

const onlyWithVolumes: Interest = {
  name: 'in-service-only-with-its-volumes',
  quotes: 'only then CONTINUE',
  watch: (given) => {
    const expected = new Map<string, string>();
    const excused = new Set<string>();
    const hadData = new Set<string>();
    return (world) => {
      for (const volume of records(world, 'Volumes')) hadData.add(tagOf(volume, SET) ?? '');
      for (const [id, set] of arriving(world, given)) expected.set(id, set);
      for (const [id, set] of expected) {
        if (isSeveral(world, set)) excused.add(id);
        if (!isInService(world, id)) continue;
        expected.delete(id);
        if (excused.has(id)) continue;
        const own = records(world, 'Volumes').filter((volume) => attachmentOf(volume)?.['InstanceId'] === id);
        const mayBeEmpty = world
          .records('auto-scaling', 'AutoScalingGroups')
          .some((group) => tagOf(group, SET) === set && tagOf(group, 'runbook:volumes-may-begin-empty') === 'once');
        if (mayBeEmpty || !hadData.has(set) || own.some((volume) => tagOf(volume, SET) === set)) continue;
        return `${id} came into service without any volume of ${set}`;
      }
      return undefined;
    };
  },
};

/** What is at stake in groups. */
export const OF_GROUPS: readonly Interest[] = [
  whoServesIsLeftAlone,
  hooksAreAnswered,
  noLaunchWaitsUnheard,
  lackIsTold,
  onlyWithVolumes,
];
