/** Every state that AWS prints of a member is loaded: carried on from where AWS says how, else left as it is until it matters. */

import { LifecycleState } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { serviceWorld, type ServiceWorld } from '../service-world.ts';
import { OLD, hook, instance, members, oneOfOne, states } from './group-world.ts';
import { WARM, ec2State, filled, inGroup, inPool, poolWorld } from './warm-pool-world.ts';

/** A group that wants one, with a member in this state and, `beside` it, another one in service. */
function memberIn(state: string, { beside = false, hooks = [] }: { beside?: boolean; hooks?: readonly object[] } = {}) {
  const others = beside ? [{ InstanceId: 'i-0a2' }] : [];
  return serviceWorld({
    ec2: { Instances: [instance(OLD), instance('i-0a2')] },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'g',
          DesiredCapacity: 1,
          MaxSize: 2,
          Instances: [{ InstanceId: OLD, LifecycleState: state }, ...others],
        },
      ],
      LifecycleHooks: hooks,
    },
  });
}

/** What is taken up at once. */
const CARRIED_ON: { readonly [state: string]: string } = {
  'Pending:Proceed': 'InService',
  Terminating: 'Terminating:Wait',
  Terminated: 'Terminating:Proceed',
};

const instancesOf = ({ world }: ServiceWorld): number => world.records('ec2', 'Instances').length;

describe('a member in any state that AWS prints', () => {
  it.each(Object.values(LifecycleState))('%s is loaded, and shown as it is', (state) => {
    const hooks = [hook('in', 'LAUNCHING'), hook('out', 'TERMINATING')];
    const simulation = memberIn(state, { hooks });

    expect(simulation.call('autoscaling:DescribeAutoScalingInstances', { InstanceIds: [OLD] })).toMatchObject({
      AutoScalingInstances: [{ InstanceId: OLD, LifecycleState: CARRIED_ON[state] ?? state }],
    });
  });

  it('enters standby', () => {
    const simulation = memberIn('EnteringStandby', { beside: true });
    simulation.pass(2);

    expect(states(simulation)).toEqual(['Standby', 'InService']);
  });

  it('is detached: it runs on, and its group no longer lists it', () => {
    const simulation = memberIn('Detaching', { beside: true });
    simulation.pass(2);

    expect(members(simulation).map(({ id }) => id)).toEqual(['i-0a2']);
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'running' });
  });

  it.each(['Quarantined', 'ReplacingRootVolume', 'ReplacingRootVolume:Wait', 'RootVolumeReplaced'])(
    '%s stays as it is; it counts where it is wanted, and not where it is not',
    (state) => {
      const alone = memberIn(state);
      const second = memberIn(state, { beside: true });
      alone.pass(600);
      second.pass(600);

      expect([states(alone), instancesOf(alone)]).toEqual([[state], 2]);
      expect([states(second), instancesOf(second)]).toEqual([[state, 'InService'], 2]);
    },
  );

  it.each([
    ['its termination', 'autoscaling:TerminateInstanceInAutoScalingGroup', { ShouldDecrementDesiredCapacity: false }],
    ['bad health', 'autoscaling:SetInstanceHealth', { HealthStatus: 'Unhealthy' }],
  ])('Quarantined: %s is not simulated', (_what, operation, input) => {
    expect(() => memberIn('Quarantined').call(operation, { InstanceId: OLD, ...input })).toThrow(
      /not simulated: .* in state Quarantined/,
    );
  });

  it('Quarantined: what its group does when the instance stops is not simulated', () => {
    const simulation = memberIn('Quarantined');

    expect(() => {
      simulation.call('ec2:StopInstances', { InstanceIds: [OLD] });
      simulation.pass(60);
    }).toThrow('not simulated: what a group does with a member that is Quarantined (i-0a1 is stopping)');
  });
});

describe('a member of a warm pool', () => {
  it('is one, too, where it was listed among the members of the group', () => {
    const simulation = poolWorld({
      instances: [instance(WARM, 'eu-west-1a', 'stopped')],
      group: {
        Instances: [{ InstanceId: OLD }, { InstanceId: WARM, LifecycleState: 'Warmed:Stopped' }],
        DesiredCapacity: 1,
      },
      service: { WarmPools: [] },
    });

    expect(inGroup(simulation)).toEqual([{ id: OLD, state: 'InService' }]);
    expect(inPool(simulation)).toEqual([{ id: WARM, state: 'Warmed:Stopped' }]);
  });

  it('is one of the group where it has been drawn from the pool that still lists it', () => {
    const simulation = filled({
      warm: [{ InstanceId: WARM, LifecycleState: 'InService' }],
      instances: [instance(WARM)],
      group: { DesiredCapacity: 2 },
    });

    expect(inGroup(simulation).map(({ id }) => id)).toEqual([OLD, WARM]);
    expect(inPool(simulation)).toEqual([]);
  });

  it.each(['Warmed:Pending:Retained', 'Warmed:Terminating:Retained'])('%s stays as it is', (state) => {
    const simulation = filled({
      warm: [{ InstanceId: WARM, LifecycleState: state }],
    });
    simulation.pass(600);

    expect(inPool(simulation)[0]).toEqual({ id: WARM, state });
  });

  it.each(['Warmed:Terminating', 'Warmed:Terminating:Proceed', 'Warmed:Terminated'])('%s comes to its end', (state) => {
    const simulation = filled({ warm: [{ InstanceId: WARM, LifecycleState: state }] });
    simulation.pass(120);

    expect(ec2State(simulation, WARM)).toMatchObject({ Name: 'terminated' });
    expect(inPool(simulation).some(({ id }) => id === WARM)).toBe(false);
  });

  it('Warmed:Terminating:Wait waits for the answer to its hook, and ends then', () => {
    const simulation = filled({
      warm: [{ InstanceId: WARM, LifecycleState: 'Warmed:Terminating:Wait' }],
      hooks: [{ ...hook('out', 'TERMINATING') }],
    });
    simulation.pass(60);
    expect(ec2State(simulation, WARM)).toMatchObject({ Name: 'stopped' });

    simulation.call('autoscaling:CompleteLifecycleAction', {
      AutoScalingGroupName: 'g',
      LifecycleHookName: 'out',
      InstanceId: WARM,
      LifecycleActionResult: 'CONTINUE',
    });
    simulation.pass(120);
    expect(ec2State(simulation, WARM)).toMatchObject({ Name: 'terminated' });
  });
});

describe('a member of a group without a warm pool', () => {
  it('is left in a warm state that nobody can explain', () => {
    const simulation = oneOfOne([], { Instances: [{ InstanceId: OLD, LifecycleState: 'Warmed:Stopped' }] });
    simulation.pass(600);

    expect(states(simulation)).toEqual(['Warmed:Stopped']);
  });
});
