/** The instances of compute environments, which are only counted, and the addresses that they and the nodes on them take in their subnet. */

import type { Shape, World } from '../../engine/model.ts';
import { find as findInEc2, part, show } from '../ec2/state.ts';
import { freeAddresses } from '../ec2/subnets.ts';
import { numberOf, sizeOf } from './needs.ts';

/** Its one subnet, if the world has it. */
function subnetOf(world: World, environment: Shape): Shape | undefined {
  const subnets: unknown = part(environment, 'computeResources')['subnets'];
  return Array.isArray(subnets) && subnets.length === 1 ? findInEc2(world, 'Subnets', show(subnets[0])) : undefined;
}

/** Addresses that its subnet has for more instances, or for nodes. */
export function freeIn(world: World, environment: Shape): number {
  const subnet = subnetOf(world, environment);
  return subnet === undefined ? Infinity : freeAddresses(world, subnet);
}

/** Takes so many addresses; fewer than none: gives them back. */
export function take(world: World, environment: Shape, count: number): void {
  const subnet = subnetOf(world, environment);
  if (subnet !== undefined && count !== 0) subnet['AvailableIpAddressCount'] = freeAddresses(world, subnet) - count;
}

function wantedOf(world: World, environment: Shape): number {
  const { vcpus } = sizeOf(world, environment);
  return vcpus === 0 ? 0 : Math.ceil(numberOf(part(environment, 'computeResources')['desiredvCpus']) / vcpus);
}

/** Instances come and go as desiredvCpus say, as long as there are addresses. Those of a world file have theirs. */
export function bringHosts(world: World, environment: Shape): void {
  const wanted = wantedOf(world, environment);
  if (environment['Instances'] === undefined) {
    environment['Instances'] = wanted;
    return;
  }
  const standing = numberOf(environment['Instances']);
  const more = Math.min(wanted - standing, freeIn(world, environment));
  take(world, environment, more);
  environment['Instances'] = standing + more;
}

/** vCPUs that are there for jobs. */
export function standingVcpus(world: World, environment: Shape): number {
  const desired = numberOf(part(environment, 'computeResources')['desiredvCpus']);
  const { vcpus } = sizeOf(world, environment);
  return vcpus === 0 ? desired : Math.min(desired, numberOf(environment['Instances']) * vcpus);
}
