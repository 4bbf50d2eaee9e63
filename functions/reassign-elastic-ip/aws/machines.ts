/** AWS's answers about instances as the facts a decision needs, each instance once. Reads nothing itself. */

import type { AutoScalingGroup, Instance as GroupMember } from '@aws-sdk/client-auto-scaling';
import type { Instance, InstanceStatus, Volume } from '@aws-sdk/client-ec2';
import {
  absentInstance,
  checksOf,
  instanceFacts,
  membershipOf,
  scheduledEventsOf,
  tagsOf,
} from '../../../shared/aws/ec2/reading.ts';
import { hasWholeSet } from '../../../shared/aws/ec2/volume-sets.ts';
import { wholeNumber } from '../../../shared/aws/tag-settings.ts';
import type { Membership } from '../../../shared/judgement/instance-health.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { Machine } from '../decide.ts';
import type { BothRounds } from './rounds.ts';
import { VIP, vipOf } from './vip.ts';

/** Without a tag. */
const PRIORITY = 100;
/** Where a priority cannot be read, the candidate comes last: a slip of the pen must not keep it from serving when nobody else can. */
const LAST_PRIORITY = 1_000_000;

/** An instance as AWS gave it, and as it is judged, before anybody knocked at it. */
export interface KnownMachine {
  readonly record: Instance;
  readonly machine: Machine;
}

/** The instances of a look by their id, and by the name that they carry. */
export interface Machines {
  readonly byId: ReadonlyMap<string, KnownMachine>;
  readonly byVip: ReadonlyMap<string, readonly KnownMachine[]>;
}

/** What stands beside the instances in other answers, by what it is looked up with: a fleet has thousands. */
interface Index {
  readonly statuses: ReadonlyMap<string | undefined, InstanceStatus>;
  readonly memberships: ReadonlyMap<
    string | undefined,
    { readonly group: AutoScalingGroup; readonly member: GroupMember }
  >;
  readonly volumes: ReadonlyMap<string, readonly Volume[]>;
}

/** All instances that were read. One whose record cannot be read is there by its id, with what is missing; one without an id is nobody. */
export function machinesOf(rounds: BothRounds): Machines {
  const index = indexOf(rounds);
  const byId = new Map<string, KnownMachine>();
  for (const record of rounds.instances) {
    const id = record.InstanceId;
    if (id === undefined || byId.has(id)) continue;
    byId.set(id, { record, machine: machineOf(id, record, rounds, index) });
  }
  return { byId, byVip: Map.groupBy(byId.values(), ({ machine }) => machine.vip ?? '') };
}

function indexOf({ statuses, groups, volumes }: BothRounds): Index {
  const bySet = Map.groupBy(volumes, ({ Tags }) => tagsOf(Tags).get('runbook:volumes') ?? '');
  const members = groups.flatMap((group) =>
    (group.Instances ?? []).map((member) => [member.InstanceId, { group, member }] as const),
  );
  return {
    statuses: new Map(statuses.map((status) => [status.InstanceId, status])),
    memberships: new Map(members.toReversed()),
    volumes: bySet,
  };
}

function machineOf(id: string, instance: Instance, rounds: BothRounds, index: Index): Machine {
  try {
    return readMachine(id, instance, rounds, index);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { ...absentMachine(id), vip: vipOf(instance) ?? null, unreadable: error.message };
  }
}

function readMachine(id: string, instance: Instance, { zones, spotTypes }: BothRounds, index: Index): Machine {
  const status = index.statuses.get(id);
  const found = index.memberships.get(id);
  const membership = found === undefined ? null : membershipOf(found.group, found.member);
  const checks = status === undefined ? null : checksOf(status);
  const tags = tagsOf(instance.Tags);
  return {
    // Who does not say where it is may be judged as a holder; as a candidate its border group is not known.
    ...instanceFacts(instance, { checks, membership, zones, spotType: spotTypes.get(id), zoneUnsaid: '' }),
    vip: tags.get(VIP) ?? null,
    outpost: instance.OutpostArn ?? null,
    priority: priorityOf(tags.get('runbook:vip-priority')),
    quarantinedAt: tags.get('runbook:quarantined') ?? null,
    volumesComplete: carriesWholeSet(id, membership, index.volumes),
    probe: 'none',
    scheduled: status === undefined ? [] : scheduledEventsOf(status),
    unreadable: null,
  };
}

function priorityOf(tag: string | undefined): number {
  if (tag === undefined) return PRIORITY;
  return wholeNumber(tag.trim()) ?? LAST_PRIORITY;
}

function carriesWholeSet(id: string, membership: Membership | null, volumes: Index['volumes']): boolean {
  const set = membership?.volumeSet ?? null;
  return set === null || hasWholeSet(id, set, volumes.get(set) ?? []);
}

/** EC2 was asked for exactly this instance and does not know it. */
export function absentMachine(id: string): Machine {
  return {
    ...absentInstance(id),
    vip: null,
    outpost: null,
    priority: LAST_PRIORITY,
    quarantinedAt: null,
    volumesComplete: false,
    probe: 'none',
    scheduled: [],
    unreadable: null,
  };
}
