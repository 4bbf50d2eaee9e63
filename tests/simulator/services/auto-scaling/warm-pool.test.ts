import { describe, expect, it } from 'vitest';
import {
  LAUNCH,
  OLD,
  TERMINATE,
  WARM,
  answer,
  descriptions,
  details,
  ec2State,
  filled,
  hook,
  inGroup,
  inPool,
  instance,
  poolWorld,
  states,
} from './warm-pool-world.ts';

describe('a launch into a warm pool', () => {
  it('runs, is stopped, and is told of as one into the pool', () => {
    const simulation = poolWorld();
    simulation.pass(2);
    const [fresh] = inPool(simulation);
    expect(fresh?.state).toBe('Warmed:Pending');
    expect(ec2State(simulation, fresh?.id)).toMatchObject({ Name: 'pending' });
    simulation.pass(20);
    expect(states(inPool(simulation))).toEqual(['Warmed:Pending']);
    expect(ec2State(simulation, fresh?.id)).toMatchObject({ Name: 'stopping' });
    simulation.quiesce();
    expect(states(inPool(simulation))).toEqual(['Warmed:Stopped']);
    expect(ec2State(simulation, fresh?.id)).toMatchObject({ Name: 'stopped' });
    expect(details(simulation, 'EC2 Instance Launch Successful')).toMatchObject([
      { EC2InstanceId: fresh?.id, Origin: 'EC2', Destination: 'WarmPool' },
    ]);
    expect(descriptions(simulation)).toEqual([`Launching a new EC2 instance into warm pool: ${fresh?.id ?? ''}`]);
    expect(inGroup(simulation)).toEqual([{ id: OLD, state: 'InService' }]);
  });

  it('waits for its launch hook, which says where it goes', () => {
    const simulation = poolWorld({ hooks: [hook('LAUNCHING')] });
    simulation.pass(4);
    const [fresh] = inPool(simulation);
    expect(fresh?.state).toBe('Warmed:Pending:Wait');
    expect(details(simulation, LAUNCH)).toMatchObject([
      {
        EC2InstanceId: fresh?.id,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        Origin: 'EC2',
        Destination: 'WarmPool',
      },
    ]);
    simulation.pass(300);
    expect(ec2State(simulation, fresh?.id)).toMatchObject({ Name: 'running' });
    answer(simulation, 'in', fresh?.id);
    expect(states(inPool(simulation))).toEqual(['Warmed:Pending:Proceed']);
    simulation.quiesce();
    expect(states(inPool(simulation))).toEqual(['Warmed:Stopped']);
  });

  it.each(['ABANDON', 'a time-out'])(
    'that ends with %s is terminated without terminate hooks, and the pool is filled by another',
    (how) => {
      const simulation = poolWorld({ hooks: [hook('LAUNCHING', { HeartbeatTimeout: 100 }), hook('TERMINATING')] });
      simulation.pass(4);
      const [fresh] = inPool(simulation);
      if (how === 'ABANDON') answer(simulation, 'in', fresh?.id, 'ABANDON');
      else simulation.pass(100);
      expect(states(inPool(simulation))).toEqual(['Warmed:Terminating:Proceed']);
      expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toMatchObject([
        { StatusCode: 'Cancelled', EC2InstanceId: fresh?.id, Origin: 'EC2', Destination: 'WarmPool' },
      ]);
      simulation.pass(60);
      expect(states(inPool(simulation))).toEqual(['Warmed:Pending:Wait']);
      expect(inPool(simulation)[0]?.id).not.toBe(fresh?.id);
      expect(ec2State(simulation, fresh?.id)).toMatchObject({ Name: 'terminated' });
      expect(details(simulation, TERMINATE)).toEqual([]);
    },
  );

  it('stays running in a pool of running instances, and is hibernated where the pool says so', () => {
    const running = poolWorld({ pool: { PoolState: 'Running' } });
    running.quiesce();
    expect(states(inPool(running))).toEqual(['Warmed:Running']);
    expect(ec2State(running, inPool(running)[0]?.id)).toMatchObject({ Name: 'running' });
    const hibernated = poolWorld({ pool: { PoolState: 'Hibernated' } });
    hibernated.quiesce();
    expect(states(inPool(hibernated))).toEqual(['Warmed:Hibernated']);
  });

  it('rests while Launch is suspended', () => {
    const simulation = poolWorld({ group: { SuspendedProcesses: [{ ProcessName: 'Launch' }] } });
    simulation.pass(600);
    expect(inPool(simulation)).toEqual([]);
  });

  it('that EC2 refuses pauses launches into the pool, not those into the group', () => {
    const simulation = poolWorld({ group: { AvailabilityZones: ['eu-west-1a'], DesiredCapacity: 1, MinSize: 1 } });
    simulation.set('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    simulation.pass(2);
    expect(descriptions(simulation)).toEqual(['Launching a new EC2 instance into warm pool']);
    simulation.set('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.pass(2);
    expect(inPool(simulation)).toEqual([]);
    expect(states(inGroup(simulation))).toEqual(['Terminating:Proceed', 'Pending']);
    simulation.quiesce();
    expect(states(inPool(simulation))).toEqual(['Warmed:Stopped']);
  });
});

describe('the size of a warm pool', () => {
  it.each([
    ['the maximum less the desired capacity', { MaxGroupPreparedCapacity: -1 }, 2],
    ['the prepared capacity less the desired capacity', { MaxGroupPreparedCapacity: 2 }, 1],
    ['nothing where the prepared capacity is not above the desired one', { MaxGroupPreparedCapacity: 1 }, 0],
    ['the minimum at least', { MaxGroupPreparedCapacity: 1, MinSize: 3 }, 3],
  ])('is %s', (_what, pool, size) => {
    const simulation = poolWorld({ pool });
    simulation.quiesce();
    expect(inPool(simulation)).toHaveLength(size);
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups')).toMatchObject({
      AutoScalingGroups: [{ WarmPoolSize: size, Instances: [{ InstanceId: OLD }] }],
    });
  });

  it('that shrinks below what is there is not modelled', () => {
    const simulation = filled();
    simulation.set('auto-scaling/AutoScalingGroups/g/WarmPoolConfiguration/MaxGroupPreparedCapacity', 1);
    expect(() => simulation.quiesce()).toThrow(
      'not simulated: a warm pool that holds more than it should (g: 1 too many)',
    );
  });
});

describe('a group that needs an instance', () => {
  it('draws it from the pool, which starts it, and fills the pool again', () => {
    const simulation = filled({ hooks: [hook('LAUNCHING')] });
    expect(simulation.quiesce()).toBe(0);
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.pass(2);
    expect(inGroup(simulation)).toEqual([
      { id: OLD, state: 'Terminating:Proceed' },
      { id: WARM, state: 'Pending' },
    ]);
    expect(ec2State(simulation, WARM)).toMatchObject({ Name: 'pending' });
    expect(states(inPool(simulation))).toEqual(['Warmed:Pending']);
    simulation.pass(2);
    const [refill] = inPool(simulation);
    expect(inGroup(simulation)[1]).toEqual({ id: WARM, state: 'Pending:Wait' });
    expect(details(simulation, LAUNCH)).toMatchObject([
      { EC2InstanceId: WARM, Origin: 'WarmPool', Destination: 'AutoScalingGroup' },
      { EC2InstanceId: refill?.id, Origin: 'EC2', Destination: 'WarmPool' },
    ]);
    answer(simulation, 'in', WARM);
    answer(simulation, 'in', refill?.id);
    simulation.quiesce();
    expect(inGroup(simulation)).toEqual([{ id: WARM, state: 'InService' }]);
    expect(inPool(simulation)).toEqual([{ id: refill?.id, state: 'Warmed:Stopped' }]);
    expect(details(simulation, 'EC2 Instance Launch Successful')).toMatchObject([
      {
        EC2InstanceId: WARM,
        Origin: 'WarmPool',
        Destination: 'AutoScalingGroup',
        Description: `Launching a new EC2 instance from warm pool: ${WARM}`,
      },
      { EC2InstanceId: refill?.id, Origin: 'EC2', Destination: 'WarmPool' },
    ]);
  });

  it('draws it for a scale-out, and the pool keeps to its size', () => {
    const simulation = filled({ group: { MinSize: 1, DesiredCapacity: 1 } });
    simulation.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 2);
    simulation.quiesce();
    expect(inGroup(simulation)).toEqual([
      { id: OLD, state: 'InService' },
      { id: WARM, state: 'InService' },
    ]);
    expect(inPool(simulation)).toEqual([]);
  });

  it('takes a running member as it is', () => {
    const simulation = filled({ pool: { PoolState: 'Running' }, instances: [instance(WARM)] });
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.pass(2);
    expect(inGroup(simulation)[1]).toEqual({ id: WARM, state: 'InService' });
  });

  it('starts cold while the pool has nothing ready', () => {
    const simulation = poolWorld({ hooks: [hook('LAUNCHING')] });
    simulation.pass(4);
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.pass(4);
    expect(states(inGroup(simulation))).toEqual(['Terminating:Proceed', 'Pending:Wait']);
    expect(states(inPool(simulation))).toEqual(['Warmed:Pending:Wait']);
    expect(details(simulation, LAUNCH).at(-1)).toMatchObject({ Origin: 'EC2', Destination: 'AutoScalingGroup' });
  });

  it('starts cold in another zone where EC2 has no room for the warm one, which stays', () => {
    const simulation = filled({ group: { AvailabilityZones: ['eu-west-1a', 'eu-west-1b'] } });
    simulation.set('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.pass(30);
    expect(inPool(simulation)).toEqual([{ id: WARM, state: 'Warmed:Stopped' }]);
    expect(states(inGroup(simulation))).toEqual(['Terminating:Proceed', 'InService']);
    expect([...simulation.world.assumed].join()).toContain('no capacity for stays in the pool');
  });

  it('terminates a drawn instance whose launch is abandoned, as any other', () => {
    const simulation = filled({ hooks: [hook('LAUNCHING')] });
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.pass(4);
    answer(simulation, 'in', WARM, 'ABANDON');
    expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toMatchObject([
      { EC2InstanceId: WARM, Origin: 'WarmPool', Destination: 'AutoScalingGroup' },
    ]);
    simulation.pass(60);
    expect(ec2State(simulation, WARM)).toMatchObject({ Name: 'terminated' });
  });
});

describe('a scale-in', () => {
  const reuse = { InstanceReusePolicy: { ReuseOnScaleIn: true } };

  it('gives the instance back to the pool where the policy says so, with its terminate hook', () => {
    const simulation = poolWorld({
      hooks: [hook('LAUNCHING'), hook('TERMINATING')],
      pool: { MaxGroupPreparedCapacity: 1, ...reuse },
      group: { MinSize: 0, DesiredCapacity: 1 },
    });
    simulation.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 0);
    simulation.pass(2);
    expect(inGroup(simulation)).toEqual([]);
    expect(inPool(simulation)).toEqual([{ id: OLD, state: 'Warmed:Pending:Wait' }]);
    expect(details(simulation, TERMINATE)).toMatchObject([
      {
        EC2InstanceId: OLD,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        Origin: 'AutoScalingGroup',
        Destination: 'WarmPool',
      },
    ]);
    answer(simulation, 'out', OLD);
    expect(inPool(simulation)).toEqual([{ id: OLD, state: 'Warmed:Pending:Proceed' }]);
    simulation.quiesce();
    expect(inPool(simulation)).toEqual([{ id: OLD, state: 'Warmed:Stopped' }]);
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'stopped' });
    expect(details(simulation, 'EC2 Instance Terminate Successful')).toMatchObject([
      { EC2InstanceId: OLD, Origin: 'AutoScalingGroup', Destination: 'WarmPool' },
    ]);
    expect(details(simulation, LAUNCH)).toEqual([]);
  });

  it('takes an instance that was stopped while its hook waited as it is', () => {
    const simulation = poolWorld({
      hooks: [hook('TERMINATING')],
      pool: { MaxGroupPreparedCapacity: 1, ...reuse },
      group: { MinSize: 0, DesiredCapacity: 1 },
    });
    simulation.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 0);
    simulation.pass(2);
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    expect(states(inPool(simulation))).toEqual(['Warmed:Pending:Wait']);
    answer(simulation, 'out', OLD);
    simulation.pass(2);
    expect(states(inPool(simulation))).toEqual(['Warmed:Stopped']);
  });

  it('without a hook stops it at once, and without the policy terminates it', () => {
    const simulation = poolWorld({
      pool: { MaxGroupPreparedCapacity: 1, ...reuse },
      group: { MinSize: 0, DesiredCapacity: 1 },
    });
    simulation.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 0);
    simulation.quiesce();
    expect(inPool(simulation)).toEqual([{ id: OLD, state: 'Warmed:Stopped' }]);
    const without = poolWorld({ pool: { MaxGroupPreparedCapacity: 0 }, group: { MinSize: 0, DesiredCapacity: 1 } });
    without.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 0);
    without.quiesce();
    expect(ec2State(without, OLD)).toMatchObject({ Name: 'terminated' });
    expect(inPool(without)).toEqual([]);
  });

  it('is not modelled when it is abandoned, or asked for through the API', () => {
    const simulation = poolWorld({
      hooks: [hook('TERMINATING')],
      pool: { MaxGroupPreparedCapacity: 1, ...reuse },
      group: { MinSize: 0, DesiredCapacity: 1 },
    });
    const shrink = { InstanceId: OLD, ShouldDecrementDesiredCapacity: true };
    expect(() => simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', shrink)).toThrow(
      'not simulated: a termination by the API that shrinks a group',
    );
    simulation.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 0);
    simulation.pass(2);
    expect(() => answer(simulation, 'out', OLD, 'ABANDON')).toThrow(
      'not simulated: an instance whose return to the warm pool fails (i-0a1',
    );
  });

  it('does not reuse what is unhealthy: that is replaced', () => {
    const simulation = filled({ pool: reuse });
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.quiesce();
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'terminated' });
    expect(inGroup(simulation)).toEqual([{ id: WARM, state: 'InService' }]);
  });
});
