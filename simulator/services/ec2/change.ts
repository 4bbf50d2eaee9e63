/** Scripted changes of a world file: the consequences are those of the API call or of the fault they stand for. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { changeSnapshot, changeVolume } from './ebs-change.ts';
import { lightVolumes } from './ebs-state.ts';
import { bindAddress, interfacesOf, privateEntry, unbindAddress } from './interfaces.ts';
import { completeStop, completeTermination, setState, shutDown, startInstance, stopInstance } from './instances.ts';
import type { Shape, World } from '../../engine/model.ts';
import { changeNetworkAcl } from './network-acl-entries.ts';
import { changePrefixList } from './modify-prefix-list.ts';
import { reclaim } from './reclaim.ts';
import { changeSecurityGroup } from './security-groups.ts';
import {
  demandOne,
  find,
  isShape,
  isStateName,
  part,
  show,
  stateOf,
  text,
  unschedule,
  type StateName,
} from './state.ts';
import { checkOf, darkenZone, lightZone, setChecks } from './statuses.ts';

const GRACEFULLY = { force: false, skipOsShutdown: false };

/**
 * `"ec2/Instances/i-1/State/Name": "stopped"`: there at once, through `stopping`; `stopping`, `shutting-down` and
 * `pending` begin what the API call begins and go on by themselves.
 */
function changeState(world: World, instance: Shape, state: StateName): void {
  const id = text(instance, 'InstanceId') ?? '';
  const before = stateOf(instance);
  if (before === state) return;
  const impossible = before === 'terminated' || (before === 'shutting-down' && state !== 'terminated');
  if (impossible)
    throw new BadInputError(`ec2/Instances/${id}/State/Name`, `an instance that is ${before} cannot become ${state}`);
  if (state === 'stopping' || state === 'stopped') {
    stopInstance(world, instance, GRACEFULLY);
    if (state === 'stopped') completeStop(world, instance);
  } else if (state === 'shutting-down' || state === 'terminated') {
    shutDown(world, instance);
    if (state === 'terminated') completeTermination(world, instance);
  } else {
    if (before === 'stopping') completeStop(world, instance);
    if (before !== 'pending') startInstance(world, instance);
    if (state === 'running') {
      unschedule(world, id);
      setState(world, instance, 'running');
    }
  }
}

/** The value at `wanted` when it is set by its own path or within an object at a shorter one. */
function valueAt(path: readonly string[], value: unknown, wanted: readonly string[]): unknown {
  if (path.some((member, index) => member !== wanted[index])) return undefined;
  return wanted
    .slice(path.length)
    .reduce<unknown>((inner, member) => (isShape(inner) ? inner[member] : undefined), value);
}

/** Something on the host stops to answer, or begins. */
function changeServes(world: World, instance: Shape, path: readonly string[], value: unknown): void {
  const isPorts = Array.isArray(value) && value.every((port) => Number.isInteger(port));
  if (path.length > 1 || !(typeof value === 'boolean' || isPorts))
    throw new BadInputError(
      `ec2/Instances/${text(instance, 'InstanceId') ?? ''}/${path.join('/')}`,
      `${show(value)} is neither true, false nor a list of ports`,
    );
  instance['Serves'] = value;
  world.signal('network-changed', {});
}

function changeInstance(world: World, id: string, path: readonly string[], value: unknown): boolean {
  if (path.length === 0)
    throw new BadInputError(
      `ec2/Instances/${id}`,
      'instances neither appear nor vanish by script: set State/Name, or let a group launch them',
    );
  if (path[0] === 'BlockDeviceMappings')
    throw new BadInputError(
      `ec2/Instances/${id}/${path.join('/')}`,
      'set the Attachments of the volume; both sides follow',
    );
  if (path[0] === 'SpotInterruption') {
    reclaim(world, demandOne(world, 'Instances', id), path.length === 1 ? value : { [path.slice(1).join('/')]: value });
    return true;
  }
  if (path[0] === 'Serves') {
    changeServes(world, demandOne(world, 'Instances', id), path, value);
    return true;
  }
  if (path[0] !== 'State') return false;
  const state = valueAt(path, value, ['State', 'Name']);
  if (!isStateName(state))
    throw new BadInputError(`ec2/Instances/${id}/${path.join('/')}`, `${show(state)} is not a state of an instance`);
  changeState(world, demandOne(world, 'Instances', id), state);
  return true;
}

const STATUSES: ReadonlySet<unknown> = new Set([
  'ok',
  'impaired',
  'insufficient-data',
  'initializing',
  'not-applicable',
]);

function changeStatus(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const check = checkOf(path[0]);
  if (check === undefined) return false;
  const status = valueAt(path, value, [path[0] ?? '', 'Status']);
  const where = `ec2/InstanceStatuses/${id}/${path.join('/')}`;
  if (typeof status !== 'string' || !STATUSES.has(status))
    throw new BadInputError(
      where,
      `${show(status)} is not the status of a check: set ${path[0] ?? ''}/Status to ok, impaired, insufficient-data…`,
    );
  const instance = demandOne(world, 'Instances', id);
  if (stateOf(instance) !== 'running')
    throw new BadInputError(where, `${id} is ${stateOf(instance)}: only a running instance has status checks`);
  setChecks(world, instance, { [check]: status });
  return true;
}

function changeZone(world: World, name: string, path: readonly string[], value: unknown): boolean {
  if (path[0] !== 'State') return false;
  const zone = demandOne(world, 'AvailabilityZones', name);
  if (value !== 'available' && value !== 'unavailable' && value !== 'impaired') {
    throw new BadInputError(
      `ec2/AvailabilityZones/${name}/State`,
      `${show(value)} is not available, unavailable or impaired`,
    );
  }
  zone['State'] = value;
  if (value === 'available') {
    lightZone(world, name);
    lightVolumes(world, name);
  } else {
    darkenZone(world, name);
  }
  return true;
}

/** `"ec2/Addresses/eipalloc-1/InstanceId": "i-2"`: somebody else moved the address; `null`: took it off. */
function changeAddress(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const [member] = path;
  const where = `ec2/Addresses/${id}/${path.join('/')}`;
  if (member === 'AssociationId' || member === 'PrivateIpAddress')
    throw new BadInputError(where, 'set InstanceId or NetworkInterfaceId; the rest follows');
  // Released by somebody: the script's own deletion of the record follows.
  if (member === undefined && value === null) unbindAddress(world, demandOne(world, 'Addresses', id));
  if (member !== 'InstanceId' && member !== 'NetworkInterfaceId') return false;
  const address = demandOne(world, 'Addresses', id);
  if (value === null || value === '') {
    unbindAddress(world, address);
    return true;
  }
  const target = typeof value === 'string' ? value : undefined;
  const eni = member === 'InstanceId' ? interfacesOf(world, target ?? '')[0] : find(world, 'NetworkInterfaces', target);
  const entry = eni === undefined ? undefined : privateEntry(eni, undefined);
  if (eni === undefined || entry === undefined)
    throw new BadInputError(
      where,
      `there is no ${member === 'InstanceId' ? 'instance with an interface' : 'interface'} ${show(value)}`,
    );
  const displaced = find(world, 'Addresses', text(part(entry, 'Association'), 'AllocationId'));
  if (displaced === address) return true;
  if (displaced !== undefined) unbindAddress(world, displaced);
  unbindAddress(world, address);
  bindAddress(world, address, eni, entry);
  return true;
}

/**
 * Applies a scripted change.
 * @returns false where setting the member is all there is to it
 * @throws BadInputError naming the path of a change that cannot be, AwsError for an unknown id
 */
export function changeEc2(
  world: World,
  collection: string,
  key: string,
  path: readonly string[],
  value: unknown,
): boolean {
  switch (collection) {
    case 'Instances':
      return changeInstance(world, key, path, value);
    case 'InstanceStatuses':
      return changeStatus(world, key, path, value);
    case 'AvailabilityZones':
      return changeZone(world, key, path, value);
    case 'Addresses':
      return changeAddress(world, key, path, value);
    case 'Volumes':
      return changeVolume(world, key, path, value);
    case 'ManagedPrefixLists':
      world.signal('network-changed', {});
      return changePrefixList(world, key, path, value);
    case 'NetworkAcls':
      world.signal('network-changed', {});
      return changeNetworkAcl(world, key, path, value);
    case 'SecurityGroups':
      world.signal('network-changed', {});
      return changeSecurityGroup(world, key, path, value);
    case 'Snapshots':
      return changeSnapshot(world, key, path, value);
    default:
      return false;
  }
}
