/** What happens to generated groups and their volumes: members leave, die, come late; snapshots fail; people lend a hand. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Arrival, Happening } from '../../worlds/case.ts';
import { mostly, moments, oddText, pickOf, sometimes, zoneAt, type Moment } from '../../worlds/pieces.ts';
import { allMembers, groupNameOf, type Group } from './groups.ts';

/** Everything happens within this time; a carry takes some ten minutes more. */
const TROUBLE_SECONDS = 600;

const KINDS = [
  'unhealthy',
  'leaving',
  'stop',
  'terminate',
  'impair',
  'recover',
  'zone-down',
  'zone-up',
  'empty',
  'refill',
  'grow',
  'volume-vanishes',
  'detached-by-hand',
  'volume-broken',
  'snapshot-lost',
  'superseded-by-hand',
  'launch-suspended',
  'launch-resumed',
] as const;

/** One thing that happens. `who` counts members, groups, volumes or zones, whichever it is about. */
interface Trouble {
  readonly kind: (typeof KINDS)[number];
  readonly who: number;
}

const aTrouble: fc.Arbitrary<Trouble> = fc.record({
  kind: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom<Trouble['kind']>('unhealthy', 'unhealthy', 'leaving', 'terminate', 'stop'),
    },
    { weight: 2, arbitrary: fc.constantFrom<Trouble['kind']>('zone-down', 'zone-up', 'empty', 'refill', 'impair') },
    { weight: 3, arbitrary: fc.constantFrom(...KINDS) },
  ),
  who: fc.nat(5),
});

/** Up to three moments, each with up to three things. */
export const troubles: fc.Arbitrary<readonly Moment<Trouble>[]> = moments(aTrouble, {
  within: TROUBLE_SECONDS,
  count: 3,
  most: 3,
});

/** What troubles are about. */
export interface Account {
  readonly groups: readonly Group[];
  readonly volumeIds: readonly string[];
  readonly snapshotIds: readonly string[];
}

type SetOf = (who: number, account: Account) => Happening['set'] | undefined;

function memberSet(member: string, value: string): SetOf {
  return (who, { groups }) => {
    const one = pickOf(allMembers(groups), who);
    if (one === undefined) return undefined;
    return { [`auto-scaling/AutoScalingGroups/${groupNameOf(one.group)}/Instances/${one.id}/${member}`]: value };
  };
}

function machineSet(path: (id: string) => string, value: string): SetOf {
  return (who, { groups }) => {
    const one = pickOf(allMembers(groups), who);
    return one === undefined ? undefined : { [path(one.id)]: value };
  };
}

function groupSet(member: string, value: unknown): SetOf {
  return (who, { groups }) =>
    groups.length === 0
      ? undefined
      : { [`auto-scaling/AutoScalingGroups/${groupNameOf(who % groups.length)}/${member}`]: value };
}

function volumeSet(inside: string, value: unknown): SetOf {
  return (who, { volumeIds }) => {
    const id = pickOf(volumeIds, who);
    return id === undefined ? undefined : { [`ec2/Volumes/${id}${inside}`]: value };
  };
}

const SUSPENDED = [{ ProcessName: 'Launch', SuspensionReason: 'by hand' }];

const SETS: { readonly [K in Trouble['kind']]: SetOf } = {
  unhealthy: memberSet('HealthStatus', 'Unhealthy'),
  leaving: memberSet('LifecycleState', 'Terminating'),
  stop: machineSet((id) => `ec2/Instances/${id}/State/Name`, 'stopping'),
  terminate: machineSet((id) => `ec2/Instances/${id}/State/Name`, 'shutting-down'),
  impair: machineSet((id) => `ec2/InstanceStatuses/${id}/SystemStatus/Status`, 'impaired'),
  recover: machineSet((id) => `ec2/InstanceStatuses/${id}/SystemStatus/Status`, 'ok'),
  'zone-down': (who) => ({ [`ec2/AvailabilityZones/${zoneAt(who)}/State`]: 'unavailable' }),
  'zone-up': (who) => ({ [`ec2/AvailabilityZones/${zoneAt(who)}/State`]: 'available' }),
  empty: groupSet('DesiredCapacity', 0),
  refill: groupSet('DesiredCapacity', 1),
  grow: (who, { groups }) => {
    const group = groups[who % Math.max(1, groups.length)];
    return group?.spare === true
      ? groupSet('DesiredCapacity', 2)(who, { groups, volumeIds: [], snapshotIds: [] })
      : undefined;
  },
  'volume-vanishes': volumeSet('', null),
  'detached-by-hand': volumeSet('/Attachments', []),
  'volume-broken': volumeSet('/State', 'error'),
  'snapshot-lost': (who, { snapshotIds }) => {
    const id = pickOf(snapshotIds, who);
    return id === undefined ? undefined : { [`ec2/Snapshots/${id}`]: null };
  },
  'superseded-by-hand': volumeSet('/Tags/runbook:superseded-at', '2026-11-19T08:00:00.000Z'),
  'launch-suspended': groupSet('SuspendedProcesses', SUSPENDED),
  'launch-resumed': groupSet('SuspendedProcesses', []),
};

/** What one trouble changes in the account; nothing where there is nobody whom it could meet. */
export function setOf({ kind, who }: Trouble, account: Account): Happening['set'] | undefined {
  return SETS[kind](who, account);
}

/** A person's request as it is drawn. */
interface Asking {
  readonly seconds: number;
  readonly action: 'carry' | 'sweep';
  readonly who: number;
  readonly by: 'group' | 'instance' | 'odd' | 'all';
  readonly odd: string;
  readonly dry: boolean | undefined;
}

export const anAsking: fc.Arbitrary<Asking> = fc.record({
  seconds: fc.integer({ min: 1, max: TROUBLE_SECONDS }),
  action: mostly<Asking['action']>('carry', [40, 'sweep']),
  who: fc.nat(5),
  by: mostly<Asking['by']>('group', [30, 'instance'], [4, 'odd'], [20, 'all']),
  odd: oddText,
  dry: sometimes(10, fc.constant(true)),
});

function targetOf({ by, who, odd }: Asking, groups: readonly Group[]): string | undefined {
  if (by === 'all') return undefined;
  if (by === 'odd') return odd;
  if (by === 'instance') return pickOf(allMembers(groups), who)?.id;
  return groupNameOf(who % Math.max(1, groups.length));
}

/** The request that a person sends. */
export function arrivalOf(one: Asking, { groups }: Account): Arrival {
  const target = targetOf(one, groups);
  const event: Shape = {
    runbook: 'carry-volumes',
    ...(target === undefined ? {} : { target }),
    params: { action: one.action },
    ...(one.dry === true ? { dryRun: true } : {}),
  };
  return { seconds: one.seconds, event };
}
