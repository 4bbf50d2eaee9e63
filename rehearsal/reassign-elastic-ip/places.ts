/** Who stands by for an address, and where on him it could go: the watchers' own judgement, stricter than the runbook's. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import { find, list, part, records, show, text, zoneOf } from '../../simulator/services/ec2/state.ts';
import { parseProbe } from '../../shared/kernel/probe.ts';
import { tagOf } from '../records.ts';
import { answersItsProbe, flawOf, isAlarmed } from './holders.ts';
import { VIP } from './moves.ts';

const FENCES: ReadonlySet<string> = new Set(['none', 'best-effort', 'required']);
const VOLUMES = 'runbook:volumes';

/** Whether every setting of an address can be read beyond doubt: where it cannot, nothing is promised but that it is told. */
export function isReadable(address: Shape): boolean {
  const fence = tagOf(address, 'runbook:fence');
  const probe = tagOf(address, 'runbook:probe');
  const failback = tagOf(address, 'runbook:failback-minutes');
  const movedAt = tagOf(address, 'runbook:moved-at');
  const moves = tagOf(address, 'runbook:moves');
  return (
    tagOf(address, VIP) !== '' &&
    (fence === undefined || FENCES.has(fence)) &&
    (probe === undefined || parseProbe(probe) !== undefined) &&
    (failback === undefined || /^[1-9]\d{0,4}$/u.test(failback)) &&
    (movedAt === undefined || !Number.isNaN(Date.parse(movedAt))) &&
    (moves === undefined || /^\d{1,6}(?: to i-\w+(?: from eni-\w+\/[\d.]+(?: loser i-\w+)?)?)?$/u.test(moves)) &&
    tagOf(address, 'runbook:interface') === undefined
  );
}

/** A private address by what it is on its instance: index of the interface, and whether it is the primary one there. */
function kindOf(device: unknown, isPrimary: boolean): string {
  return `${show(device ?? 0)} ${isPrimary ? 'primary' : 'secondary'}`;
}

/** The kind of place that an address is on which nobody has put elsewhere: the primary address of the first interface. */
export const USUAL: string = kindOf(0, true);

function entriesOn(world: World, instanceId: string): readonly { readonly kind: string; readonly isFree: boolean }[] {
  const own = records(world, 'NetworkInterfaces').filter((eni) => part(eni, 'Attachment')['InstanceId'] === instanceId);
  return own.flatMap((eni) =>
    list(eni, 'PrivateIpAddresses').map((entry) => ({
      kind: kindOf(part(eni, 'Attachment')['DeviceIndex'], entry['Primary'] === true),
      isFree: entry['Association'] === undefined,
    })),
  );
}

/** What kind of private address an address is on now; `undefined`: on nobody's. */
export function kindHeld(world: World, address: Shape): string | undefined {
  const eni = find(world, 'NetworkInterfaces', text(address, 'NetworkInterfaceId'));
  const attachment = part(eni, 'Attachment');
  if (attachment['InstanceId'] === undefined) return undefined;
  const entry = list(eni, 'PrivateIpAddresses').find(
    (each) => each['PrivateIpAddress'] === address['PrivateIpAddress'],
  );
  return kindOf(attachment['DeviceIndex'], entry?.['Primary'] === true);
}

/** The group that an instance is a member of, and as what. */
function membershipOf(world: World, instanceId: string): { readonly group: Shape; readonly member: Shape } | undefined {
  for (const group of world.records('auto-scaling', 'AutoScalingGroups')) {
    const member = list(group, 'Instances').find((each) => each['InstanceId'] === instanceId);
    if (member !== undefined) return { group, member };
  }
  return undefined;
}

function isHealthyToItsGroup(world: World, instance: Shape, instanceId: string): boolean {
  const found = membershipOf(world, instanceId);
  if (found === undefined) return tagOf(instance, 'aws:autoscaling:groupName') === undefined;
  const { group, member } = found;
  if (tagOf(group, VOLUMES) !== undefined) return false;
  return member['LifecycleState'] === 'InService' && member['HealthStatus'] === 'Healthy';
}

function areAllChecksOk(world: World, instanceId: string): boolean {
  const status = find(world, 'InstanceStatuses', instanceId);
  const values = ['SystemStatus', 'InstanceStatus'].map((check) => text(part(status, check), 'Status'));
  const isBooting = text(part(status, 'AttachedEbsStatus'), 'Status') === 'initializing';
  return values.every((value) => value === 'ok') && !isBooting && flawOf(world, instanceId) === undefined;
}

/** Whether an instance is beyond doubt a good candidate for the address; one that is merely not bad is not counted. */
function isGoodCandidate(world: World, address: Shape, instance: Shape): boolean {
  const id = text(instance, 'InstanceId') ?? '';
  if (tagOf(instance, VIP) !== tagOf(address, VIP) || address['InstanceId'] === id) return false;
  if (tagOf(instance, 'runbook:quarantined') !== undefined || tagOf(instance, VOLUMES) !== undefined) return false;
  const zone = find(world, 'AvailabilityZones', zoneOf(instance));
  if (zone?.['State'] !== 'available') return false;
  if (text(address, 'NetworkBorderGroup') !== text(zone, 'NetworkBorderGroup')) return false;
  return (
    areAllChecksOk(world, id) &&
    isHealthyToItsGroup(world, instance, id) &&
    !isAlarmed(world, id) &&
    answersItsProbe(world, address, id)
  );
}

/** Good candidates with a free private address of this kind: those on which the address could be at once. */
export function idleFor(world: World, address: Shape, kind: string): readonly string[] {
  return records(world, 'Instances').flatMap((instance) => {
    const id = text(instance, 'InstanceId') ?? '';
    if (!isGoodCandidate(world, address, instance)) return [];
    return entriesOn(world, id).some((entry) => entry.isFree && entry.kind === kind) ? [id] : [];
  });
}

/** Why an address is not served, in words; `undefined`: it is, or it is on what is no instance. */
export function plightOf(world: World, address: Shape): string | undefined {
  const eni = find(world, 'NetworkInterfaces', text(address, 'NetworkInterfaceId'));
  const holder = text(address, 'InstanceId') ?? text(part(eni, 'Attachment'), 'InstanceId');
  if (holder === undefined) return text(address, 'AssociationId') === undefined ? 'is on nobody' : undefined;
  const instance = find(world, 'Instances', holder);
  // One that is starting may be well in a minute, and checks that cannot be read may be well already.
  if (text(part(instance, 'State'), 'Name') === 'pending') return undefined;
  const flaw = flawOf(world, holder);
  return flaw === undefined || flaw.includes('insufficient-data') ? undefined : `is on a bad holder: ${flaw}`;
}
