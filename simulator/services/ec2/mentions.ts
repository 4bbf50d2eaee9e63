/** What a pasted world mentions and does not hold: what can be said of it, and what cannot. */

import type { Shape, World } from '../../engine/model.ts';
import { find, records, text } from './state.ts';

/** What AWS calls itself as the owner of an attachment that is none of an instance's. Source: `describe-network-interfaces` of a NAT gateway. */
const AWS_AS_OWNER = 'amazon-aws';

/**
 * Stands for an interface that only an address mentions: a NAT gateway's, a load balancer's, that of an instance which was not
 * pasted. It is there, it has this private address, and whoever holds it is not ours to judge; where it is stays unsaid.
 */
export function foreignInterface(world: World, address: Shape): Shape {
  const instanceId = text(address, 'InstanceId');
  const ip = text(address, 'PrivateIpAddress');
  const owner = text(address, 'NetworkInterfaceOwnerId') ?? world.account;
  const eni: Shape = {
    NetworkInterfaceId: text(address, 'NetworkInterfaceId') ?? world.id('eni'),
    OwnerId: owner,
    RequesterManaged: instanceId === undefined,
    Status: 'in-use',
    Attachment:
      instanceId === undefined
        ? { InstanceOwnerId: AWS_AS_OWNER, DeviceIndex: 1, Status: 'attached', DeleteOnTermination: false }
        : { InstanceId: instanceId, InstanceOwnerId: owner, Status: 'attached' },
    PrivateIpAddresses: [{ Primary: true, ...(ip === undefined ? {} : { PrivateIpAddress: ip }) }],
    ...(ip === undefined ? {} : { PrivateIpAddress: ip }),
    TagSet: [],
  };
  records(world, 'NetworkInterfaces').push(eni);
  return eni;
}

/** Notes an instance that something at `path` mentions, where the world has none such. True: it has. */
export function hasInstance(world: World, instanceId: string | undefined, path: string): boolean {
  if (instanceId === undefined || find(world, 'Instances', instanceId) !== undefined) return true;
  world.gap({ path, id: instanceId, message: `there is no instance ${instanceId} in ec2.Instances` });
  return false;
}
