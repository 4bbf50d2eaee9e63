/** A group of one over two zones, for the tests of groups, and what those tests ask most. */

import { type ServiceWorld, serviceWorld } from '../service-world.ts';

export const OLD = 'i-0a1';

export const instance = (id: string, zone = 'eu-west-1a', state = 'running') => ({
  InstanceId: id,
  State: { Name: state },
  Placement: { AvailabilityZone: zone },
});

export const hook = (name: string, transition: 'LAUNCHING' | 'TERMINATING', more: object = {}) => ({
  LifecycleHookName: name,
  AutoScalingGroupName: 'g',
  LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
  ...more,
});

/** A group of one over two zones. */
export function oneOfOne(hooks: readonly object[] = [], group: object = {}): ServiceWorld {
  return serviceWorld({
    ec2: { Instances: [instance(OLD)] },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'g',
          AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
          Instances: [{ InstanceId: OLD }],
          ...group,
        },
      ],
      LifecycleHooks: hooks,
    },
  });
}

interface Seen {
  readonly id: string;
  readonly state: string;
  readonly health: string;
  readonly zone: string;
}

export function members({ world }: ServiceWorld): Seen[] {
  const group = world.records('auto-scaling', 'AutoScalingGroups')[0];
  const list: unknown = group?.['Instances'];
  if (!Array.isArray(list)) throw new Error('no Instances');
  return list.map((each: Record<string, unknown>) => ({
    id: String(each['InstanceId']),
    state: String(each['LifecycleState']),
    health: String(each['HealthStatus']),
    zone: String(each['AvailabilityZone']),
  }));
}

export const states = (simulation: ServiceWorld): string[] => members(simulation).map((each) => each.state);

/** Details of the events of one title. */
export const details = (simulation: ServiceWorld, title: string) =>
  simulation.events.filter((event) => event['detail-type'] === title).map((event) => event.detail);

export const replacement = (simulation: ServiceWorld): string =>
  members(simulation).find((each) => each.id !== OLD)?.id ?? 'none';

export const answer = (simulation: ServiceWorld, name: string, token: unknown, result = 'CONTINUE') =>
  simulation.call('autoscaling:CompleteLifecycleAction', {
    AutoScalingGroupName: 'g',
    LifecycleHookName: name,
    LifecycleActionToken: token,
    LifecycleActionResult: result,
  });

export const tokenOf = (simulation: ServiceWorld, title: string, at = -1): unknown =>
  details(simulation, title).at(at)?.['LifecycleActionToken'];

export const LAUNCH = 'EC2 Instance-launch Lifecycle Action';
export const TERMINATE = 'EC2 Instance-terminate Lifecycle Action';
