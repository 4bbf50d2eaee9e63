/** A world with a group of one and its warm pool, for the tests of both. */

import { type ServiceWorld, serviceWorld } from '../service-world.ts';

export const OLD = 'i-0a1';
export const WARM = 'i-0c1';
export const LAUNCH = 'EC2 Instance-launch Lifecycle Action';
export const TERMINATE = 'EC2 Instance-terminate Lifecycle Action';

export const instance = (id: string, state = 'running', zone = 'eu-west-1a') => ({
  InstanceId: id,
  State: { Name: state },
  Placement: { AvailabilityZone: zone },
});

export const hook = (transition: 'LAUNCHING' | 'TERMINATING', more: object = {}) => ({
  LifecycleHookName: transition === 'LAUNCHING' ? 'in' : 'out',
  AutoScalingGroupName: 'g',
  LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
  ...more,
});

export interface Parts {
  readonly hooks?: readonly object[];
  readonly pool?: object;
  readonly group?: object;
  readonly warm?: readonly object[];
  readonly instances?: readonly object[];
  readonly service?: object;
}

/** A group of one with a warm pool of one, empty unless `warm` says otherwise. */
export function poolWorld({
  hooks = [],
  pool = {},
  group = {},
  warm = [],
  instances = [],
  service = {},
}: Parts = {}): ServiceWorld {
  return serviceWorld({
    ec2: { Instances: [instance(OLD), ...instances] },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'g',
          MaxSize: 3,
          Instances: [{ InstanceId: OLD }],
          WarmPoolConfiguration: { MaxGroupPreparedCapacity: 2, PoolState: 'Stopped', ...pool },
          ...group,
        },
      ],
      WarmPools: [{ AutoScalingGroupName: 'g', Instances: warm }],
      LifecycleHooks: hooks,
      ...service,
    },
  });
}

/** The same with the one warm member there. */
export const filled = (parts: Parts = {}): ServiceWorld =>
  poolWorld({ warm: [{ InstanceId: WARM }], instances: [instance(WARM, 'stopped')], ...parts });

export interface Seen {
  readonly id: string;
  readonly state: string;
}

function listed({ world: { records } }: ServiceWorld, collection: string): Seen[] {
  const list: unknown = records('auto-scaling', collection)[0]?.['Instances'];
  if (!Array.isArray(list)) throw new Error('no Instances');
  return list.map((each: Record<string, unknown>) => ({
    id: String(each['InstanceId']),
    state: String(each['LifecycleState']),
  }));
}

export const inGroup = (simulation: ServiceWorld): Seen[] => listed(simulation, 'AutoScalingGroups');
export const inPool = (simulation: ServiceWorld): Seen[] => listed(simulation, 'WarmPools');
export const states = (members: readonly Seen[]): string[] => members.map(({ state }) => state);

export const details = (simulation: ServiceWorld, title: string) =>
  simulation.events.filter((event) => event['detail-type'] === title).map((event) => event.detail);

export const answer = (
  simulation: ServiceWorld,
  name: 'in' | 'out',
  instanceId: string | undefined,
  result = 'CONTINUE',
) =>
  simulation.call('autoscaling:CompleteLifecycleAction', {
    AutoScalingGroupName: 'g',
    LifecycleHookName: name,
    InstanceId: instanceId,
    LifecycleActionResult: result,
  });

export const ec2State = ({ world: { records } }: ServiceWorld, id: unknown): unknown =>
  records('ec2', 'Instances').find((each) => each['InstanceId'] === id)?.['State'];

export const descriptions = ({ world: { records } }: ServiceWorld): unknown[] =>
  records('auto-scaling', 'Activities').map((each) => each['Description']);
