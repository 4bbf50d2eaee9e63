/** Spot requests behind Spot instances. */

import { hasInstance } from './mentions.ts';
import { find, records, stamp, text, zoneOf } from './state.ts';
import type { Shape, World } from '../../engine/model.ts';

function setDefaults(record: Shape, defaults: Shape): void {
  for (const [member, value] of Object.entries(defaults)) record[member] ??= value;
}

/** What is left out of a request: it is one-time, which is AWS's default. */
function completeRequest(world: World, request: Shape): void {
  setDefaults(request, {
    State: 'active',
    Tags: [],
    Type: 'one-time',
    CreateTime: stamp(world),
    InstanceInterruptionBehavior: 'terminate',
  });
  const instance = find(world, 'Instances', text(request, 'InstanceId'));
  if (instance === undefined) return;
  request['LaunchedAvailabilityZone'] ??= zoneOf(instance);
  setDefaults(instance, { InstanceLifecycle: 'spot', SpotInstanceRequestId: request['SpotInstanceRequestId'] });
}

/** The request that a Spot instance is launched by. */
export function addSpotRequest(world: World, instance: Shape): void {
  instance['InstanceLifecycle'] = 'spot';
  instance['SpotInstanceRequestId'] ??= world.id('sir');
  const request: Shape = {
    SpotInstanceRequestId: instance['SpotInstanceRequestId'],
    InstanceId: instance['InstanceId'],
    LaunchedAvailabilityZone: zoneOf(instance),
  };
  completeRequest(world, request);
  records(world, 'SpotInstanceRequests').push(request);
}

/** Completes the requests of a world file; a Spot instance without its request in the file gets one. */
export function completeSpotRequests(world: World): void {
  for (const instance of records(world, 'Instances')) {
    if (instance['InstanceLifecycle'] !== 'spot') continue;
    if (find(world, 'SpotInstanceRequests', text(instance, 'SpotInstanceRequestId')) === undefined)
      addSpotRequest(world, instance);
  }
  for (const [index, request] of records(world, 'SpotInstanceRequests').entries()) {
    hasInstance(world, text(request, 'InstanceId'), `ec2.SpotInstanceRequests[${index}].InstanceId`);
    completeRequest(world, request);
  }
}
