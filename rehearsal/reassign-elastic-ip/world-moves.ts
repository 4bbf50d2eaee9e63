/** What others may do to the account between a look of reassign-elastic-ip and its call. */

import { find, text } from '../../simulator/services/ec2/state.ts';
import {
  HOOK_OF_THE_DEAD,
  instanceBecomes,
  instanceIn,
  instanceOfInterface,
  type About,
  type Meddling,
} from '../world-moves.ts';

const MOVE = ['ec2:AssociateAddress'];
const FENCE = ['ec2:StopInstances'];
const HOOK = ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'];

const target: About = instanceOfInterface('NetworkInterfaceId');
const hooked: About = (input) => input['InstanceId'];

/** An address of somebody who does not know of us. */
const FOREIGN = 'eipalloc-0e15e';

/** Somebody gives the address by hand to the very instance that was chosen. */
const movedByHand: Meddling = {
  name: 'moved-by-hand',
  before: MOVE,
  happens: (input, world) => {
    const id = target(input, world);
    const address = find(world, 'Addresses', text(input, 'AllocationId'));
    return typeof id !== 'string' || address === undefined
      ? undefined
      : { [`ec2/Addresses/${text(input, 'AllocationId') ?? ''}/InstanceId`]: id };
  },
};

/** Somebody gives an address of their own to the place that was chosen. */
const targetTaken: Meddling = {
  name: 'target-taken',
  before: MOVE,
  happens: (input, world) => {
    const id = target(input, world);
    if (typeof id !== 'string' || find(world, 'Addresses', FOREIGN) !== undefined) return undefined;
    return {
      [`ec2/Addresses/${FOREIGN}`]: { PublicIp: '198.51.100.77', Domain: 'vpc' },
      [`ec2/Addresses/${FOREIGN}/InstanceId`]: id,
    };
  },
  excuses: {
    'no-foreign-instance-touched': 'AssociateAddress takes no condition on what the private address carries by then',
    'configuration-tags-untouched': 'the same: what is watched besides tags is where the address of a stranger stands',
  },
};

/** Somebody releases the address. */
const addressReleased: Meddling = {
  name: 'address-released',
  before: MOVE,
  happens: (input, world) => {
    const id = text(input, 'AllocationId') ?? '';
    return find(world, 'Addresses', id) === undefined ? undefined : { [`ec2/Addresses/${id}`]: null };
  },
};

/** What may happen before which call of reassign-elastic-ip. */
export const WORLD_MOVES: readonly Meddling[] = [
  instanceBecomes('target-terminated', 'terminated', MOVE, target, HOOK_OF_THE_DEAD),
  instanceBecomes('target-stopped', 'stopped', MOVE, target, {
    'address-only-to-a-good-instance': 'AssociateAddress takes no condition on the state of the instance',
  }),
  movedByHand,
  targetTaken,
  addressReleased,
  instanceBecomes('stopped-by-hand', 'stopped', FENCE, instanceIn('InstanceIds')),
  instanceBecomes('terminated-by-hand', 'terminated', FENCE, instanceIn('InstanceIds'), HOOK_OF_THE_DEAD),
  instanceBecomes('hooked-terminated', 'terminated', HOOK, hooked, HOOK_OF_THE_DEAD),
];
