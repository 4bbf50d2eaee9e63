/** Generated addresses: on somebody, on nobody, on what is no instance; with settings that can be read, and some that cannot. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION } from '../../worlds/case.ts';
import {
  chance,
  mostly,
  oddly,
  oddText,
  pickOf,
  sometimes,
  subnetOf,
  tag,
  timeAt,
  zoneAt,
} from '../../worlds/pieces.ts';
import { NAMES, type Slot } from './machines.ts';

const BEGIN_MS = Date.parse(BEGIN);

/** An address as it is drawn. */
export interface Address {
  readonly name: string | undefined;
  readonly on: 'instance' | 'nobody' | 'gateway' | 'interface';
  /** Which of the free private addresses, in order. */
  readonly slot: number;
  /** Only primary addresses of first interfaces are considered. */
  readonly usual: boolean;
  readonly zone: number;
  readonly fence: string | undefined;
  readonly probe: string | undefined;
  readonly failback: string | undefined;
  readonly interface: string | undefined;
  /** Seconds since it was moved last. */
  readonly movedAgo: number | undefined;
  readonly moves: string | undefined;
  /** Moves that the ledger remembers, seconds ago. */
  readonly booked: readonly number[];
  readonly display: string | undefined;
  readonly bare: boolean;
}

export const anAddress: fc.Arbitrary<Address> = fc.record({
  name: mostly<string | undefined>(NAMES[0], [20, NAMES[1]], [6, undefined], [2, '$(id)']),
  on: mostly<Address['on']>('instance', [14, 'nobody'], [2, 'gateway'], [2, 'interface']),
  slot: fc.nat(11),
  usual: chance(25).map((is) => !is),
  zone: fc.nat(2),
  fence: sometimes(18, oddly(6, 'none', 'best-effort', 'required')),
  probe: sometimes(18, oddly(8, 'tcp:443', 'http:80/healthz')),
  failback: sometimes(10, oddly(8, '1', '5', '30')),
  interface: sometimes(8, oddly(20, 'eth0', 'eth1', 'primary', 'secondary', 'device:1')),
  movedAgo: sometimes(8, fc.integer({ min: 5, max: 2_000 })),
  moves: sometimes(8, oddly(20, '1', '7')),
  booked: mostly<readonly number[]>([], [4, [100]], [3, [100, 900, 1_800, 3_000]]),
  display: sometimes(25, oddText),
  bare: chance(40),
});

export function allocationIdOf(index: number): string {
  return `eipalloc-0a${index + 1}`;
}

function publicIpOf(index: number): string {
  return `203.0.113.${index + 1}`;
}

/** Each address with the private address that it is on: what one has is no longer free for the next. */
export function placed(
  addresses: readonly Address[],
  slots: readonly Slot[],
): readonly { readonly address: Address; readonly slot: Slot | undefined }[] {
  const taken = new Set<Slot>();
  return addresses.map((address) => {
    const free = slots.filter((slot) => !taken.has(slot) && (slot.usual || !address.usual));
    const slot = address.on === 'instance' ? pickOf(free, address.slot) : undefined;
    if (slot !== undefined) taken.add(slot);
    return { address, slot };
  });
}

function foreignInterfaceOf(index: number): string {
  return `eni-0f${index + 1}`;
}

/** The interface of a NAT gateway, or one that nobody has attached. */
export function foreignInterfaces(addresses: readonly Address[]): readonly Shape[] {
  return addresses.flatMap(({ on, zone }, index) => {
    if (on !== 'gateway' && on !== 'interface') return [];
    const gateway =
      on === 'gateway' ? { InterfaceType: 'nat_gateway', RequesterManaged: true } : { Status: 'available' };
    return [
      {
        NetworkInterfaceId: foreignInterfaceOf(index),
        SubnetId: subnetOf(zoneAt(zone)),
        AvailabilityZone: zoneAt(zone),
        PrivateIpAddress: `10.0.${zone}.${200 + index}`,
        ...gateway,
      },
    ];
  });
}

function placeOf({ on }: Address, slot: Slot | undefined, index: number): Shape {
  if (slot !== undefined)
    return {
      InstanceId: slot.instanceId,
      NetworkInterfaceId: slot.interfaceId,
      PrivateIpAddress: slot.privateIp,
      AssociationId: `eipassoc-0a${index + 1}`,
    };
  return on === 'gateway' || on === 'interface' ? { NetworkInterfaceId: foreignInterfaceOf(index) } : {};
}

/** The record of an address, as `describe-addresses` prints it, more or less of it. */
export function addressRecord(address: Address, slot: Slot | undefined, index: number): Shape {
  const Tags = [
    ...tag('Name', address.display),
    ...tag('runbook:vip', address.name),
    ...tag('runbook:fence', address.fence),
    ...tag('runbook:probe', address.probe),
    ...tag('runbook:failback-minutes', address.failback),
    ...tag('runbook:interface', address.interface),
    ...tag('runbook:moved-at', address.movedAgo === undefined ? undefined : timeAt(BEGIN_MS, -address.movedAgo)),
    ...tag('runbook:moves', address.moves),
  ];
  return {
    AllocationId: allocationIdOf(index),
    PublicIp: publicIpOf(index),
    ...placeOf(address, slot, index),
    ...(address.bare ? {} : { Domain: 'vpc', NetworkBorderGroup: REGION, PublicIpv4Pool: 'amazon' }),
    ...(Tags.length === 0 && address.bare ? {} : { Tags }),
  };
}

/** What the ledger remembers of an address. */
export function rememberedOf(address: Address, index: number): readonly Shape[] {
  if (address.booked.length === 0) return [];
  return [
    {
      resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:elastic-ip/${allocationIdOf(index)}`,
      runbook: 'reassign-elastic-ip',
      history: { epoch: address.booked.length, actions: address.booked.map((ago) => timeAt(BEGIN_MS, -ago)) },
    },
  ];
}
