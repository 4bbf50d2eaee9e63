/** What happens to generated addresses and their holders: failures, recoveries, other people's hands, requests. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Arrival, Happening } from '../../worlds/case.ts';
import { mostly, moments, oddText, pickOf, sometimes, zoneAt, type Moment } from '../../worlds/pieces.ts';
import { allocationIdOf, type Address } from './addresses.ts';
import { alarmNameOf } from './alarms.ts';
import { groupNameOf, membersOf } from './groups.ts';
import { instanceIdOf, NAMES, type Machine } from './machines.ts';

/** Everything happens within this time; what follows is left to the schedule. */
const TROUBLE_SECONDS = 420;

const KINDS = [
  'stop',
  'halt',
  'terminate',
  'start',
  'impair',
  'impair-instance',
  'recover',
  'blind',
  'detached-disk',
  'zone-down',
  'zone-up',
  'alarm',
  'alarm-over',
  'unhealthy',
  'resize',
  'moved-by-hand',
  'taken-off-by-hand',
  'silent',
  'answering',
  'renamed',
  'tag-removed',
] as const;

/** One thing that happens. `who` counts instances, addresses, alarms or zones, whichever it is about. */
interface Trouble {
  readonly kind: (typeof KINDS)[number];
  readonly who: number;
  readonly whom: number;
}

const aTrouble: fc.Arbitrary<Trouble> = fc.record({
  kind: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom<Trouble['kind']>('stop', 'halt', 'terminate', 'impair', 'impair-instance'),
    },
    { weight: 3, arbitrary: fc.constantFrom<Trouble['kind']>('start', 'recover', 'zone-down', 'zone-up', 'alarm') },
    { weight: 3, arbitrary: fc.constantFrom(...KINDS) },
  ),
  who: fc.nat(5),
  whom: fc.nat(5),
});

/** Up to four moments, each with up to four things. */
export const troubles: fc.Arbitrary<readonly Moment<Trouble>[]> = moments(aTrouble, {
  within: TROUBLE_SECONDS,
  count: 4,
  most: 4,
});

/** What troubles are about. */
export interface Account {
  readonly machines: readonly Machine[];
  readonly addresses: readonly Address[];
  readonly alarms: number;
  readonly groups: number;
}

type SetOf = (trouble: Trouble, account: Account) => Happening['set'] | undefined;

function machineSet(member: string, value: unknown): SetOf {
  return ({ who }, { machines }) => ({
    [`ec2/Instances/${instanceIdOf(who % machines.length)}/${member}`]: value,
  });
}

function statusSet(check: string, status: string): SetOf {
  return ({ who }, { machines }) => ({
    [`ec2/InstanceStatuses/${instanceIdOf(who % machines.length)}/${check}/Status`]: status,
  });
}

function addressSet(member: string, valueOf: (trouble: Trouble, account: Account) => unknown): SetOf {
  return (one, account) =>
    account.addresses.length === 0
      ? undefined
      : { [`ec2/Addresses/${allocationIdOf(one.who % account.addresses.length)}/${member}`]: valueOf(one, account) };
}

function alarmSet(state: string): SetOf {
  return ({ who }, { alarms }) =>
    alarms === 0 ? undefined : { [`cloudwatch/MetricAlarms/${alarmNameOf(who % alarms)}/StateValue`]: state };
}

function probeSet(answer: string): SetOf {
  return ({ who, whom }, { machines }) => ({
    [`probes/instance>${instanceIdOf(who % machines.length)}:${whom % 2 === 0 ? 443 : 80}`]: answer,
  });
}

const unhealthy: SetOf = ({ who }, { machines }) => {
  const index = who % machines.length;
  const group = (machines[index]?.group ?? 0) - 1;
  if (group < 0 || !membersOf(machines, group).includes(index)) return undefined;
  return {
    [`auto-scaling/AutoScalingGroups/${groupNameOf(group)}/Instances/${instanceIdOf(index)}/HealthStatus`]: 'Unhealthy',
  };
};

const resize: SetOf = ({ who, whom }, { groups }) =>
  groups === 0
    ? undefined
    : { [`auto-scaling/AutoScalingGroups/${groupNameOf(who % groups)}/DesiredCapacity`]: whom % 3 };

const SETS: { readonly [K in Trouble['kind']]: SetOf } = {
  stop: machineSet('State/Name', 'stopping'),
  halt: machineSet('State/Name', 'stopped'),
  terminate: machineSet('State/Name', 'shutting-down'),
  start: machineSet('State/Name', 'pending'),
  impair: statusSet('SystemStatus', 'impaired'),
  'impair-instance': statusSet('InstanceStatus', 'impaired'),
  recover: ({ who }, { machines }) => {
    const id = instanceIdOf(who % machines.length);
    return {
      [`ec2/InstanceStatuses/${id}/SystemStatus/Status`]: 'ok',
      [`ec2/InstanceStatuses/${id}/InstanceStatus/Status`]: 'ok',
    };
  },
  blind: statusSet('SystemStatus', 'insufficient-data'),
  'detached-disk': statusSet('AttachedEbsStatus', 'impaired'),
  'zone-down': ({ whom }) => ({ [`ec2/AvailabilityZones/${zoneAt(whom)}/State`]: 'unavailable' }),
  'zone-up': ({ whom }) => ({ [`ec2/AvailabilityZones/${zoneAt(whom)}/State`]: 'available' }),
  alarm: alarmSet('ALARM'),
  'alarm-over': alarmSet('OK'),
  unhealthy,
  resize,
  'moved-by-hand': addressSet('InstanceId', ({ whom }, { machines }) => instanceIdOf(whom % machines.length)),
  'taken-off-by-hand': addressSet('InstanceId', () => null),
  silent: probeSet('timeout'),
  answering: probeSet('ok'),
  renamed: machineSet('Tags/runbook:vip', NAMES[1]),
  'tag-removed': machineSet('Tags/runbook:vip', null),
};

/** What one trouble changes in the account; nothing where there is nobody whom it could meet. */
export function setOf(one: Trouble, account: Account): Happening['set'] | undefined {
  return SETS[one.kind](one, account);
}

/** A person's request as it is drawn. */
interface Asking {
  readonly seconds: number;
  readonly action: 'move' | 'fail-back' | 'reconcile';
  readonly who: number;
  readonly by: 'id' | 'ip' | 'name' | 'odd' | 'all';
  readonly odd: string;
  readonly to: number;
  readonly force: boolean | undefined;
  readonly dry: boolean | undefined;
}

export const anAsking: fc.Arbitrary<Asking> = fc.record({
  seconds: fc.integer({ min: 1, max: TROUBLE_SECONDS }),
  action: mostly<Asking['action']>('move', [20, 'fail-back'], [20, 'reconcile']),
  who: fc.nat(5),
  by: mostly<Asking['by']>('id', [10, 'ip'], [10, 'name'], [4, 'odd'], [10, 'all']),
  odd: oddText,
  to: fc.nat(5),
  force: sometimes(20, fc.boolean()),
  dry: sometimes(10, fc.constant(true)),
});

function targetOf({ by, who, odd }: Asking, addresses: readonly Address[]): string | undefined {
  if (by === 'all') return undefined;
  if (by === 'odd') return odd;
  if (by === 'name') return pickOf(NAMES, who);
  const index = who % Math.max(1, addresses.length);
  return by === 'ip' ? `203.0.113.${index + 1}` : allocationIdOf(index);
}

/** The request that a person sends. */
export function arrivalOf(one: Asking, { machines, addresses }: Account): Arrival {
  const target = targetOf(one, addresses);
  const to = one.action === 'move' ? { to: instanceIdOf(one.to % machines.length) } : {};
  const event: Shape = {
    runbook: 'reassign-elastic-ip',
    ...(target === undefined ? {} : { target }),
    params: { action: one.action, ...to, ...(one.force === undefined ? {} : { force: one.force }) },
    ...(one.dry === true ? { dryRun: true } : {}),
  };
  return { seconds: one.seconds, event };
}
