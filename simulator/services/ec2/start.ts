/** Completes EC2's part of a world file: whatever is left out is derived, whatever contradicts itself is an error with its path. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { Shape, World } from '../../engine/model.ts';
import { attachPrimaryInterface, completeInterface, assignPublicIp, syncInstance } from './interfaces.ts';
import { completeAddresses } from './complete-addresses.ts';
import { completeReservations } from './launch/capacity-reservations.ts';
import { startVolumes } from './ebs-start.ts';
import { bootAfterPending, instanceDefaults, resumeStop, resumeTermination } from './instances.ts';
import { completeOfferings } from './launch/instance-types.ts';
import { completeLaunchTemplates } from './launch/launch-templates.ts';
import { hasInstance } from './mentions.ts';
import { resumePrefixLists } from './modify-prefix-list.ts';
import { startNetworkAcls } from './network-acl-entries.ts';
import { completePlacementGroups } from './launch/placement-groups.ts';
import { completePrefixLists } from './prefix-lists.ts';
import { resumeReclaim } from './reclaim.ts';
import { startSecurityGroups } from './security-groups.ts';
import { completeSpotRequests } from './spot.ts';
import {
  COLLECTIONS,
  find,
  list,
  part,
  records,
  show,
  stamp,
  STATE_CODES,
  stateOf,
  text,
  zoneIsDark,
  zoneOf,
} from './state.ts';
import { allChecks, beginChecks, checkOf, darkenZone, setChecks } from './statuses.ts';

/** Derived instances have run this long when the world begins, so that nothing counts them as just launched. */
const RUNNING_SINCE_MS = 86_400_000;

function setDefaults(record: Shape, defaults: Shape): void {
  for (const [member, value] of Object.entries(defaults)) record[member] ??= value;
}

function demandUniqueIds(world: World): void {
  for (const [collection, key] of Object.entries(COLLECTIONS)) {
    const seen = new Set<unknown>();
    for (const [index, record] of (world.data['ec2']?.[collection] ?? []).entries()) {
      if (record[key] === undefined) continue;
      if (seen.has(record[key]))
        throw new BadInputError(`ec2.${collection}[${index}].${key}`, `${show(record[key])} is there twice`);
      seen.add(record[key]);
    }
  }
}

/** `describe-instances` output: the instances move to their own collection and keep the id of their reservation. */
function unpackReservations(world: World): void {
  const reservations = records(world, 'Reservations');
  for (const reservation of reservations) {
    for (const instance of list(reservation, 'Instances')) {
      const id = text(reservation, 'ReservationId');
      records(world, 'Instances').push({ ...(id === undefined ? {} : { ReservationId: id }), ...instance });
    }
  }
  reservations.length = 0;
}

/** `eu-west-1` → `euw1`, as zone ids begin (`euw1-az1`). */
function regionCode(region: string): string {
  return region
    .split('-')
    .map((word, index) =>
      index === 0 || /^\d/.test(word)
        ? word
        : word.replaceAll(/(north|south|east|west|central)/g, (direction) => direction.charAt(0)).slice(0, 2),
    )
    .join('');
}

function completeZones(world: World): void {
  const zones = records(world, 'AvailabilityZones');
  const names = new Set(zones.length > 0 ? [] : ['a', 'b', 'c'].map((letter) => `${world.region}${letter}`));
  for (const instance of records(world, 'Instances')) names.add(zoneOf(instance));
  for (const collection of ['Subnets', 'NetworkInterfaces', 'Volumes'] as const) {
    for (const record of records(world, collection)) names.add(text(record, 'AvailabilityZone') ?? '');
  }
  for (const name of [...names].toSorted()) {
    if (name !== '' && find(world, 'AvailabilityZones', name) === undefined) zones.push({ ZoneName: name });
  }
  for (const [index, zone] of zones.entries()) {
    setDefaults(zone, {
      ...zoneKind(world, show(zone['ZoneName'])),
      Messages: [],
      RegionName: world.region,
      State: 'available',
      ZoneId: `${regionCode(world.region)}-az${index + 1}`,
    });
  }
}

/**
 * What a zone's name says: `us-east-1a`, the Local Zone `us-east-1-bos-1a`, the Wavelength Zone `us-east-1-wl1-bos-wlz-1`.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html
 */
function zoneKind({ region }: World, name: string): Shape {
  const [, wavelength] = /^([a-z0-9-]+-wl\d+)-[a-z]+-wlz-\d+$/u.exec(name) ?? [];
  const [, local] = /^([a-z]+(?:-[a-z]+)+-\d+-[a-z]+-\d+)[a-z]$/u.exec(name) ?? [];
  const group = wavelength ?? local;
  if (group === undefined)
    return {
      GroupName: region,
      NetworkBorderGroup: region,
      OptInStatus: 'opt-in-not-required',
      ZoneType: 'availability-zone',
    };
  const ZoneType = wavelength === undefined ? 'local-zone' : 'wavelength-zone';
  return { GroupName: group, NetworkBorderGroup: group, OptInStatus: 'opted-in', ZoneType };
}

/** The zone of an instance from wherever the file says it. */
function zoneGiven(world: World, instance: Shape): string {
  const own = zoneOf(instance);
  if (own !== '') return own;
  const subnet = text(instance, 'SubnetId') ?? text(list(instance, 'NetworkInterfaces')[0], 'SubnetId');
  const eni = records(world, 'NetworkInterfaces').find(
    (candidate) => part(candidate, 'Attachment')['InstanceId'] === instance['InstanceId'],
  );
  return (
    text(find(world, 'Subnets', subnet), 'AvailabilityZone') ?? text(eni, 'AvailabilityZone') ?? `${world.region}a`
  );
}

function completeInstance(world: World, instance: Shape): void {
  const zone = zoneGiven(world, instance);
  const state = stateOf(instance);
  instance['State'] = { Code: STATE_CODES[state], Name: state };
  instance['Placement'] = { GroupName: '', Tenancy: 'default', ...part(instance, 'Placement'), AvailabilityZone: zone };
  instance['LaunchTime'] ??=
    state === 'pending'
      ? stamp(world)
      : `${new Date(world.clock.now() - RUNNING_SINCE_MS).toISOString().slice(0, 19)}.000Z`;
  instance['Tags'] ??= [];
  setDefaults(instance, instanceDefaults(world, zone));
}

/** Interfaces that only an instance's record shows go into the collection, which is the one the model keeps. */
function adoptInterfaces(world: World, instance: Shape): void {
  for (const view of list(instance, 'NetworkInterfaces')) {
    if (find(world, 'NetworkInterfaces', text(view, 'NetworkInterfaceId')) !== undefined) continue;
    const attachment = { DeviceIndex: 0, Status: 'attached', DeleteOnTermination: true, ...part(view, 'Attachment') };
    const eni: Shape = {
      ...structuredClone(view),
      NetworkInterfaceId: text(view, 'NetworkInterfaceId') ?? world.id('eni'),
      AvailabilityZone: zoneOf(instance),
      Attachment: { ...attachment, InstanceId: instance['InstanceId'], InstanceOwnerId: world.account },
    };
    completeInterface(world, eni, zoneOf(instance));
    records(world, 'NetworkInterfaces').push(eni);
  }
}

function completeInterfaces(world: World): ReadonlyMap<unknown, Shape[]> {
  const byInstance = new Map<unknown, Shape[]>();
  for (const [index, eni] of records(world, 'NetworkInterfaces').entries()) {
    const holderId = text(part(eni, 'Attachment'), 'InstanceId');
    const holder = find(world, 'Instances', holderId);
    hasInstance(world, holderId, `ec2.NetworkInterfaces[${index}].Attachment.InstanceId`);
    const subnet = find(world, 'Subnets', text(eni, 'SubnetId'));
    const zone =
      text(eni, 'AvailabilityZone') ??
      (holder === undefined ? text(subnet, 'AvailabilityZone') : zoneOf(holder)) ??
      `${world.region}a`;
    completeInterface(world, eni, zone);
    if (holderId === undefined) continue;
    eni['Attachment'] = {
      DeviceIndex: 0,
      Status: 'attached',
      DeleteOnTermination: true,
      InstanceOwnerId: world.account,
      ...part(eni, 'Attachment'),
    };
    byInstance.set(holderId, [...(byInstance.get(holderId) ?? []), eni]);
  }
  return byInstance;
}

function completeNetwork(world: World): void {
  for (const instance of records(world, 'Instances')) {
    if (stateOf(instance) !== 'terminated') adoptInterfaces(world, instance);
  }
  const byInstance = completeInterfaces(world);
  for (const instance of records(world, 'Instances')) {
    if (stateOf(instance) === 'terminated') continue;
    const publicIp = text(instance, 'PublicIpAddress');
    const attached = byInstance.get(instance['InstanceId']) ?? [
      attachPrimaryInterface(world, instance, show(instance['LaunchTime'])),
    ];
    const [primary] = attached.toSorted(
      (a, b) => Number(part(a, 'Attachment')['DeviceIndex'] ?? 0) - Number(part(b, 'Attachment')['DeviceIndex'] ?? 0),
    );
    const elastic = records(world, 'Addresses').some((address) => address['PublicIp'] === publicIp);
    if (publicIp !== undefined && primary !== undefined && primary['Association'] === undefined) {
      assignPublicIp(world, primary, publicIp, elastic ? world.account : 'amazon');
    }
    syncInstance(world, instance, attached);
  }
}

/** The status checks the file gives (by `Status` alone is enough), ok for the rest of what runs. */
function completeStatuses(world: World): void {
  for (const [index, status] of records(world, 'InstanceStatuses').entries())
    hasInstance(world, text(status, 'InstanceId'), `ec2.InstanceStatuses[${index}].InstanceId`);
  for (const instance of records(world, 'Instances')) {
    const given = find(world, 'InstanceStatuses', text(instance, 'InstanceId')) ?? {};
    if (stateOf(instance) !== 'running') {
      setChecks(world, instance, allChecks('not-applicable'));
      continue;
    }
    const wanted: { [check: string]: string } = {};
    for (const member of ['SystemStatus', 'InstanceStatus', 'AttachedEbsStatus']) {
      const check = checkOf(member);
      if (check !== undefined) wanted[check] = text(part(given, member), 'Status') ?? 'ok';
    }
    if (Object.values(wanted).includes('initializing')) beginChecks(world, instance);
    setChecks(world, instance, wanted);
  }
}

/** Changes of state that were under way when the file was written go on. */
function resumeTransitions(world: World): void {
  for (const instance of records(world, 'Instances')) {
    const state = stateOf(instance);
    if (state === 'pending') bootAfterPending(world, instance);
    else if (state === 'stopping') resumeStop(world, instance);
    else if (state === 'shutting-down') resumeTermination(world, instance);
    resumeReclaim(world, instance);
  }
}

/**
 * Completes the state and starts what is under way in it.
 * @throws BadInputError naming the path of a contradiction, e.g. `ec2.Addresses[0].InstanceId`
 */
export function startEc2(world: World): void {
  unpackReservations(world);
  demandUniqueIds(world);
  for (const instance of records(world, 'Instances')) completeInstance(world, instance);
  completeZones(world);
  completeNetwork(world);
  startNetworkAcls(world);
  startSecurityGroups(world);
  completePrefixLists(world);
  resumePrefixLists(world);
  completeAddresses(world);
  completeSpotRequests(world);
  completeLaunchTemplates(world);
  completePlacementGroups(world);
  completeOfferings(world);
  completeReservations(world);
  startVolumes(world);
  completeStatuses(world);
  resumeTransitions(world);
  for (const zone of records(world, 'AvailabilityZones')) {
    const name = show(zone['ZoneName']);
    if (zoneIsDark(world, name)) darkenZone(world, name);
  }
}
