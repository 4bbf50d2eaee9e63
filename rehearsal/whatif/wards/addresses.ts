/** Elastic IPs that may be moved: one is served while it rests on a good holder. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { find, list, part, records, show, text } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import { answersItsProbe, flawOf } from '../../reassign-elastic-ip/holders.ts';
import { addresses, holderOf, nameOf, VIP } from '../../reassign-elastic-ip/moves.ts';
import { GOOD, type Look, type Ward } from './ward.ts';

/** An address that has moved may move again after 15 minutes at the latest (without the ledger); some ticks more. */
const PATIENCE_SECONDS = 1_200;

function lookAt(world: World, id: string): Look {
  const address = find(world, 'Addresses', id);
  if (address === undefined) return { level: 'bad', what: 'is there no more' };
  const holder = holderOf(world, address);
  if (holder === undefined) {
    const interfaceId = text(address, 'NetworkInterfaceId');
    const isOn = text(address, 'AssociationId') !== undefined && interfaceId !== undefined;
    // What a service has is its own to bring back, and what has outlived its instance serves nobody.
    return { level: 'bad', what: isOn ? `is on ${interfaceId}, which is on no instance` : 'is on nobody' };
  }
  const flaw = flawOf(world, holder);
  if (flaw !== undefined) return { level: 'bad', what: `is on a bad holder: ${flaw}` };
  if (answersItsProbe(world, address, holder)) return GOOD;
  return { level: 'bad', what: `is on ${holder}, which does not answer its probe` };
}

/** Holder and candidates, by the tag of their own or of their group. */
function partsOf(world: World, address: Shape): ReadonlySet<string> {
  const name = tagOf(address, VIP);
  const own = records(world, 'Instances').filter((one) => tagOf(one, VIP) === name);
  const groups = world.records('auto-scaling', 'AutoScalingGroups').filter((group) => tagOf(group, VIP) === name);
  const members = groups.flatMap((group) => list(group, 'Instances'));
  const holder = holderOf(world, address);
  return new Set([...own, ...members].map((one) => show(one['InstanceId'])).concat(holder ?? []));
}

/** The volumes that are on any of these instances and at their root: with one of them the instance is lost. */
export function rootsOf(world: World, instances: ReadonlySet<string>): readonly string[] {
  return records(world, 'Volumes').flatMap((volume) =>
    list(volume, 'Attachments').some((one) => {
      const instance = find(world, 'Instances', show(one['InstanceId']));
      return instances.has(show(one['InstanceId'])) && text(instance, 'RootDeviceName') === one['Device'];
    })
      ? [show(volume['VolumeId'])]
      : [],
  );
}

/** The addresses that a runbook looks after. */
export function addressWards(world: World): readonly Ward[] {
  return addresses(world).map((address) => {
    const id = text(address, 'AllocationId') ?? '';
    const parts = partsOf(world, address);
    return {
      kind: 'address',
      id,
      name: `${tagOf(address, VIP) ?? ''} ${nameOf(address)}`.trim(),
      runbook: 'reassign-elastic-ip',
      parts: new Set([...parts, ...rootsOf(world, parts)]),
      patienceSeconds: PATIENCE_SECONDS,
      look: (now) => lookAt(now, id),
    };
  });
}

/** The zone of an instance, for whoever counts by zones. */
export function placedIn(world: World, instanceId: string): string {
  return show(part(find(world, 'Instances', instanceId), 'Placement')['AvailabilityZone']);
}
