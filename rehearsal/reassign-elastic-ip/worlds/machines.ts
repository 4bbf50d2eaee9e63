/** Generated instances, with their interfaces and groups: who may hold an address, who only looks like it. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { BEGIN } from '../../worlds/case.ts';
import { chance, mostly, oddly, oddText, sometimes, subnetOf, tag, timeAt, zoneAt } from '../../worlds/pieces.ts';

/** Names that addresses and instances share; most worlds have one, some have two. */
export const NAMES = ['web', 'db'] as const;
const BEGIN_MS = Date.parse(BEGIN);

/** An instance as it is drawn. */
export interface Machine {
  readonly zone: number;
  readonly name: string | undefined;
  readonly priority: string | undefined;
  readonly state: string;
  readonly system: string;
  readonly instance: string;
  readonly ebs: string;
  /** Private addresses on the first interface, and on the second: 0 where there is none. */
  readonly first: number;
  readonly second: number;
  readonly quarantined: boolean;
  readonly display: string | undefined;
  /** Left out: launch time, interfaces, name of the state; whatever the simulator derives. */
  readonly bare: boolean;
  /** Number of its group from 1; 0: none. */
  readonly group: number;
  readonly stopProtected: boolean;
}

const aCheck = mostly('ok', [3, 'impaired'], [1, 'insufficient-data'], [1, 'initializing']);

export const aMachine: fc.Arbitrary<Machine> = fc.record({
  zone: fc.nat(2),
  name: mostly<string | undefined>(NAMES[0], [22, NAMES[1]], [8, undefined], [2, 'WEB'], [2, '$(id)']),
  priority: sometimes(25, oddly(30, '10', '50', '200')),
  state: mostly('running', [4, 'stopped'], [2, 'stopping'], [2, 'pending'], [2, 'terminated'], [1, 'shutting-down']),
  system: aCheck,
  instance: aCheck,
  ebs: mostly('ok', [3, 'impaired'], [10, 'not-applicable']),
  first: mostly(1, [20, 2], [10, 3]),
  second: mostly(0, [12, 1], [6, 2]),
  quarantined: chance(6),
  display: sometimes(30, oddText),
  bare: chance(40),
  group: mostly(0, [22, 1], [10, 2]),
  stopProtected: chance(4),
});

/** A private address of an instance. */
export interface Slot {
  readonly instanceId: string;
  readonly interfaceId: string;
  readonly privateIp: string;
  /** The primary address of the first interface. */
  readonly usual: boolean;
}

export function instanceIdOf(index: number): string {
  return `i-0a${index + 1}`;
}

function privateIp(zone: number, index: number, device: number, place: number): string {
  return `10.0.${zone}.${20 + index * 10 + device * 5 + place}`;
}

/** What has neither interfaces nor checks any more. */
export function isGone({ state }: Machine): boolean {
  return state === 'terminated';
}

/** All private addresses of an instance. */
export function slotsOf(one: Machine, index: number): readonly Slot[] {
  if (isGone(one)) return [];
  return [one.first, one.second].flatMap((count, device) =>
    Array.from({ length: count }, (_, place) => ({
      instanceId: instanceIdOf(index),
      interfaceId: `eni-0a${index + 1}${device}`,
      privateIp: privateIp(one.zone, index, device, place),
      usual: device === 0 && place === 0,
    })),
  );
}

function interfaceRecord(one: Machine, device: number, slots: readonly Slot[]): Shape {
  const [primary] = slots;
  const whole = {
    Status: 'in-use',
    SubnetId: subnetOf(zoneAt(one.zone)),
    Attachment: { DeviceIndex: device, Status: 'attached' },
  };
  return {
    NetworkInterfaceId: primary?.interfaceId,
    PrivateIpAddress: primary?.privateIp,
    ...(one.bare ? { Attachment: { DeviceIndex: device } } : whole),
    PrivateIpAddresses: slots.map(({ privateIp: PrivateIpAddress }, place) => ({
      PrivateIpAddress,
      Primary: place === 0,
    })),
  };
}

/** The record of an instance, as `describe-instances` prints it, more or less of it. */
export function instanceRecord(one: Machine, index: number, groupName: string | undefined): Shape {
  const slots = slotsOf(one, index);
  const devices = [0, 1].map((device) => slots.filter(({ interfaceId }) => interfaceId.endsWith(String(device))));
  const Tags = [
    ...tag('Name', one.display),
    ...tag('runbook:vip', one.name),
    ...tag('runbook:vip-priority', one.priority),
    ...tag('runbook:quarantined', one.quarantined ? timeAt(BEGIN_MS, -600) : undefined),
    ...tag('aws:autoscaling:groupName', groupName),
  ];
  return {
    InstanceId: instanceIdOf(index),
    Placement: { AvailabilityZone: zoneAt(one.zone) },
    SubnetId: subnetOf(zoneAt(one.zone)),
    State: { Name: one.state },
    ...(one.bare ? {} : { InstanceType: 't4g.small', LaunchTime: timeAt(BEGIN_MS, -86_400), ImageId: 'ami-0a' }),
    ...(one.state === 'pending' ? { LaunchTime: timeAt(BEGIN_MS, -20) } : {}),
    ...(one.stopProtected ? { DisableApiStop: true } : {}),
    ...(isGone(one)
      ? {}
      : {
          NetworkInterfaces: devices.flatMap((own, device) =>
            own.length === 0 ? [] : [interfaceRecord(one, device, own)],
          ),
        }),
    ...(Tags.length === 0 && one.bare ? {} : { Tags }),
  };
}

/** The status checks of an instance, where it is not well; what is left out is derived. */
export function statusRecords(one: Machine, index: number): readonly Shape[] {
  if (one.state !== 'running') return [];
  if (one.system === 'ok' && one.instance === 'ok' && one.ebs === 'ok') return [];
  const ebs = one.ebs === 'ok' ? {} : { AttachedEbsStatus: { Status: one.ebs } };
  return [
    {
      InstanceId: instanceIdOf(index),
      SystemStatus: { Status: one.system },
      InstanceStatus: { Status: one.instance },
      ...ebs,
    },
  ];
}
