/** Fleets of bastions as interests see them: what Elastic Load Balancing says of each host, how its machine is, and who would replace it. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { list, part, records, show, stateOf, text, zoneIsDark, zoneOf } from '../../../simulator/services/ec2/state.ts';
import { statusOf } from '../../../simulator/services/ec2/statuses.ts';
import { tagOf } from '../../records.ts';

export const RUNBOOK = 'heal-bastion';
export const TAG = 'runbook:bastion';
const ELB = 'elastic-load-balancing-v2';

/** What is said of a target. */
interface Target {
  readonly port: number;
  readonly state: string;
  readonly reason: string;
  readonly isShifted: boolean;
}

/** A host that is a target, a member, or carries the name of the fleet. */
export interface Host {
  readonly id: string;
  /** EC2's word; `gone`: EC2 knows nothing of it. */
  readonly machine: string;
  /** The worst of its status checks: `ok`, `impaired`, or another word. */
  readonly checks: string;
  readonly launchedMs: number;
  readonly isDark: boolean;
  readonly zone: string;
  /** It carries the name of the fleet. */
  readonly isTagged: boolean;
  /** EC2 does not end it when it is asked to. */
  readonly isProtected: boolean;
  readonly targets: readonly Target[];
  /** The group that it is a member of, of those that register with the fleet. */
  readonly group: string | undefined;
  /** It is a member of whatever group. */
  readonly isMember: boolean;
  readonly lifecycle: string;
}

interface Group {
  readonly name: string;
  readonly isTagged: boolean;
  readonly checksByElb: boolean;
  readonly graceSeconds: number;
  readonly desired: number;
  readonly members: number;
  readonly suspended: readonly string[];
  /** At which it registers its members, whether they are there or not. */
  readonly targetGroups: readonly string[];
}

export interface Fleet {
  readonly arn: string;
  readonly record: Shape;
  /** As the outcomes call it. */
  readonly name: string;
  /** What the tag says; `undefined`: it has none, and is nobody's. */
  readonly fleet: string | undefined;
  /** It is told how its targets are. */
  readonly isReadable: boolean;
  /** Its targets are instances behind a Network Load Balancer. */
  readonly isJudged: boolean;
  readonly hosts: readonly Host[];
  readonly groups: readonly Group[];
}

function targetOf(record: Shape): Target {
  const health = part(record, 'TargetHealth');
  const override = text(part(record, 'AdministrativeOverride'), 'State') ?? 'no_override';
  return {
    port: Number(part(record, 'Target')['Port']),
    state: text(health, 'State') ?? '',
    reason: text(health, 'Reason') ?? '',
    isShifted: override !== 'no_override' && override !== 'unknown',
  };
}

function worstOf(world: World, id: string): string {
  const { system, instance, attachedEbs } = statusOf(world, id);
  const all = [system, instance, attachedEbs].filter((one) => one !== 'not-applicable');
  return all.find((one) => one === 'impaired') ?? all.find((one) => one !== 'ok') ?? 'ok';
}

function targetGroupsOf({ TargetGroupARNs: arns }: Shape): readonly string[] {
  return Array.isArray(arns) ? arns.map((arn) => show(arn)) : [];
}

function groupsAt(world: World, arn: string): readonly Shape[] {
  return world.records('auto-scaling', 'AutoScalingGroups').filter((group) => targetGroupsOf(group).includes(arn));
}

function groupOf(record: Shape, fleet: string | undefined): Group {
  const members = list(record, 'Instances').filter(
    ({ LifecycleState: state }) => !/^(?:Entering)?Standby$/u.test(show(state)),
  );
  return {
    name: show(record['AutoScalingGroupName']),
    isTagged: fleet !== undefined && tagOf(record, TAG) === fleet,
    checksByElb: show(record['HealthCheckType']).includes('ELB'),
    graceSeconds: Number(record['HealthCheckGracePeriod'] ?? 0),
    desired: Number(record['DesiredCapacity']),
    members: members.length,
    suspended: list(record, 'SuspendedProcesses').map(({ ProcessName: name }) => show(name)),
    targetGroups: targetGroupsOf(record),
  };
}

/** The members of all groups, by the id of their instance. */
type Members = ReadonlyMap<string, { readonly group: string; readonly lifecycle: string }>;

function membersIn(world: World): Members {
  return new Map(
    world.records('auto-scaling', 'AutoScalingGroups').flatMap((group) =>
      list(group, 'Instances').map((member) => {
        const standing = { group: show(group['AutoScalingGroupName']), lifecycle: show(member['LifecycleState']) };
        return [show(member['InstanceId']), standing] as const;
      }),
    ),
  );
}

function hostOf(
  { world, instances, members }: Seen,
  { id, targets }: Pick<Host, 'id' | 'targets'>,
  fleet: string | undefined,
  own: ReadonlySet<string>,
): Host {
  const instance = instances.get(id);
  const member = members.get(id);
  const isOwn = member !== undefined && own.has(member.group);
  return {
    id,
    machine: instance === undefined ? 'gone' : stateOf(instance),
    checks: instance === undefined ? 'gone' : worstOf(world, id),
    launchedMs: Date.parse(show(instance?.['LaunchTime'])),
    isDark: instance !== undefined && zoneIsDark(world, zoneOf(instance)),
    zone: instance === undefined ? '' : zoneOf(instance),
    isTagged: fleet !== undefined && tagOf(instance, TAG) === fleet,
    isProtected: instance?.['DisableApiTermination'] === true,
    targets,
    group: isOwn ? member.group : undefined,
    isMember: member !== undefined,
    lifecycle: isOwn ? member.lifecycle : '',
  };
}

/** What all fleets are read from. */
interface Seen {
  readonly world: World;
  readonly members: Members;
  readonly instances: ReadonlyMap<string, Shape>;
  /** Instances that carry the tag and are there, by its value. */
  readonly tagged: ReadonlyMap<string, readonly string[]>;
}

function seenIn(world: World): Seen {
  const instances = new Map(records(world, 'Instances').map((one) => [show(one['InstanceId']), one]));
  const tagged = new Map<string, string[]>();
  for (const [id, instance] of instances) {
    const fleet = tagOf(instance, TAG);
    if (fleet !== undefined && stateOf(instance) !== 'terminated')
      tagged.set(fleet, [...(tagged.get(fleet) ?? []), id]);
  }
  return { world, members: membersIn(world), instances, tagged };
}

function fleetOf(seen: Seen, record: Shape): Fleet {
  const { world, members, tagged } = seen;
  const arn = show(record['TargetGroupArn']);
  const fleet = tagOf(record, TAG);
  const health = world.records(ELB, 'TargetHealth').find((one) => one['TargetGroupArn'] === arn);
  const targets = Map.groupBy(list(health, 'TargetHealthDescriptions'), (one) => show(part(one, 'Target')['Id']));
  const groups = groupsAt(world, arn).map((one) => groupOf(one, fleet));
  const own = new Set(groups.map(({ name }) => name));
  const ofGroups = [...members].filter(([, { group }]) => own.has(group)).map(([id]) => id);
  const ids = new Set([...targets.keys(), ...ofGroups, ...(tagged.get(fleet ?? '') ?? [])]);
  const hosts = [...ids].map((id) => hostOf(seen, { id, targets: (targets.get(id) ?? []).map(targetOf) }, fleet, own));
  return {
    arn,
    record,
    name: arn.split(':').slice(5).join(':'),
    fleet: fleet === '' ? undefined : fleet,
    isReadable: health?.['Unavailable'] !== true,
    isJudged: (record['TargetType'] ?? 'instance') === 'instance',
    hosts,
    groups,
  };
}

/** All target groups with who is in them. */
export function fleetsIn(world: World): readonly Fleet[] {
  const seen = seenIn(world);
  return world.records(ELB, 'TargetGroups').map((record) => fleetOf(seen, record));
}

/** Its checks fail, and that is its own. */
export function isFailing({ targets }: Host): boolean {
  return targets.some(
    ({ state, reason, isShifted }) => isUnhealthy(state) && reason.startsWith('Target.') && !isShifted,
  );
}

function isUnhealthy(state: string): boolean {
  return state === 'unhealthy' || state === 'unhealthy.draining';
}

export function isHealthy({ targets, machine }: Host): boolean {
  return machine === 'running' && targets.length > 0 && targets.every(({ state }) => state === 'healthy');
}

/** It would be ended by EC2's own call, its group being without the tag, and EC2 refuses that. */
export function cannotEnd({ groups }: Fleet, { group, isProtected }: Host): boolean {
  return isProtected && groups.find(({ name }) => name === group)?.isTagged !== true;
}

/** It comes or goes: its machine, its membership, or its registration. */
export function isMoving({ machine, lifecycle, targets }: Host): boolean {
  return (
    machine === 'pending' ||
    machine === 'shutting-down' ||
    machine === 'stopping' ||
    /^(?:Pending|Terminating)/u.test(lifecycle) ||
    targets.some(({ state }) => state === 'draining' || state === 'initial')
  );
}
