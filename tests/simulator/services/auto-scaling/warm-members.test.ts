import { describe, expect, it } from 'vitest';
import { serviceWorld } from '../service-world.ts';
import {
  OLD,
  WARM,
  answer,
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

describe('a member of a warm pool', () => {
  it('is listed by DescribeAutoScalingInstances, and not among the instances of its group', () => {
    const simulation = filled();
    expect(simulation.call('autoscaling:DescribeAutoScalingInstances', { InstanceIds: [WARM] })).toMatchObject({
      AutoScalingInstances: [
        {
          InstanceId: WARM,
          AutoScalingGroupName: 'g',
          LifecycleState: 'Warmed:Stopped',
          HealthStatus: 'HEALTHY',
          AvailabilityZone: 'eu-west-1a',
        },
      ],
    });
    expect(simulation.call('autoscaling:DescribeAutoScalingInstances')['AutoScalingInstances']).toHaveLength(2);
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups')).toMatchObject({
      AutoScalingGroups: [
        {
          Instances: [{ InstanceId: OLD }],
          WarmPoolSize: 1,
          WarmPoolConfiguration: { MaxGroupPreparedCapacity: 2, PoolState: 'Stopped' },
        },
      ],
    });
  });

  it('carries the tags of its group, and is not taken for one of its instances', () => {
    const simulation = serviceWorld({
      ec2: {
        Instances: [
          { ...instance(OLD), Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'g' }] },
          { ...instance(WARM, 'stopped'), Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'g' }] },
          instance('i-0c2', 'stopped'),
        ],
      },
      'auto-scaling': {
        AutoScalingGroups: [{ AutoScalingGroupName: 'g', Tags: [{ Key: 'a', Value: 'b' }] }],
        // As describe-warm-pool prints it.
        WarmPools: [
          {
            AutoScalingGroupName: 'g',
            WarmPoolConfiguration: { MinSize: 2 },
            Instances: [{ InstanceId: WARM }, { InstanceId: 'i-0c2', LifecycleState: 'Warmed:Stopped' }],
          },
        ],
      },
    });
    expect(inGroup(simulation)).toEqual([{ id: OLD, state: 'InService' }]);
    expect(states(inPool(simulation))).toEqual(['Warmed:Stopped', 'Warmed:Stopped']);
    expect(simulation.world.records('ec2', 'Instances')[2]?.['Tags']).toEqual([
      { Key: 'a', Value: 'b' },
      { Key: 'aws:autoscaling:groupName', Value: 'g' },
    ]);
    expect(simulation.quiesce()).toBe(0);
  });

  it('is kept while it is stopped, and replaced when it is terminated', () => {
    const simulation = filled();
    simulation.pass(3_600);
    expect(inPool(simulation)).toEqual([{ id: WARM, state: 'Warmed:Stopped' }]);
    simulation.set(`ec2/Instances/${WARM}/State/Name`, 'terminated');
    simulation.quiesce();
    expect(states(inPool(simulation))).toEqual(['Warmed:Stopped']);
    expect(inPool(simulation)[0]?.id).not.toBe(WARM);
    expect(details(simulation, 'EC2 Instance Terminate Successful')).toMatchObject([
      { EC2InstanceId: WARM, Origin: 'WarmPool', Destination: 'EC2' },
    ]);
  });

  it('that is terminated on its way in is replaced, and its hook is over', () => {
    const simulation = poolWorld({ hooks: [hook('LAUNCHING')] });
    simulation.pass(4);
    const [fresh] = inPool(simulation);
    simulation.set(`ec2/Instances/${fresh?.id ?? ''}/State/Name`, 'terminated');
    expect(() => answer(simulation, 'in', fresh?.id)).toThrow('No active Lifecycle Action found');
    simulation.pass(30);
    expect(states(inPool(simulation))).toEqual(['Warmed:Pending:Wait']);
    expect(inPool(simulation)[0]?.id).not.toBe(fresh?.id);
  });

  it.each([
    [
      'its health by the API',
      () => filled().call('autoscaling:SetInstanceHealth', { InstanceId: WARM, HealthStatus: 'Unhealthy' }),
      'health and termination, by the API, of a member of a warm pool (i-0c1)',
    ],
    [
      'its termination by the API',
      () =>
        filled().call('autoscaling:TerminateInstanceInAutoScalingGroup', {
          InstanceId: WARM,
          ShouldDecrementDesiredCapacity: false,
        }),
      'health and termination, by the API, of a member of a warm pool (i-0c1)',
    ],
    [
      'a start by somebody',
      () => filled().call('ec2:StartInstances', { InstanceIds: [WARM] }),
      'a member of a warm pool that somebody starts or stops (i-0c1 is Warmed:Stopped, and pending)',
    ],
    [
      'its end where the group has a terminate hook',
      () => filled({ hooks: [hook('TERMINATING')] }).set(`ec2/Instances/${WARM}/State/Name`, 'terminated'),
      'terminate hooks of a member that leaves its warm pool for good (i-0c1 is shutting-down)',
    ],
    [
      'a script on the pool itself',
      () => filled().set('auto-scaling/WarmPools/g/Instances', []),
      'a scripted change of a warm pool (g)',
    ],
    [
      'another state of the pool',
      () => filled().set('auto-scaling/AutoScalingGroups/g/WarmPoolConfiguration/PoolState', 'Running'),
      'a scripted change of auto-scaling/AutoScalingGroups/g/WarmPoolConfiguration/PoolState: of a warm pool, only MinSize and MaxGroupPreparedCapacity change',
    ],
  ])('does not model %s', (_what, act, message) => {
    expect(act).toThrow(`not simulated: ${message}`);
  });

  it('does not model failing checks of one that is kept running, nor its stop', () => {
    const running = () => filled({ pool: { PoolState: 'Running' }, instances: [instance(WARM)] });
    expect(() => running().set(`ec2/InstanceStatuses/${WARM}/SystemStatus/Status`, 'impaired')).toThrow(
      'not simulated: failing status checks of a running member of a warm pool (i-0c1)',
    );
    const waiting = poolWorld({ pool: { PoolState: 'Running' }, hooks: [hook('LAUNCHING')] });
    waiting.pass(30);
    const [fresh] = inPool(waiting);
    waiting.set(`ec2/Instances/${fresh?.id ?? ''}/State/Name`, 'stopped');
    answer(waiting, 'in', fresh?.id);
    expect(() => waiting.pass(2)).toThrow(
      `not simulated: a warm pool of running instances whose ${fresh?.id ?? ''} somebody stopped`,
    );
  });
});

describe('the warm pool of a world file', () => {
  it.each([
    [
      'of a group that is not there',
      { WarmPools: [{ AutoScalingGroupName: 'h' }] },
      'auto-scaling.WarmPools[0].AutoScalingGroupName: there is no Auto Scaling group h',
    ],
    [
      'of a group without a configuration',
      { AutoScalingGroups: [{ AutoScalingGroupName: 'g', Instances: [{ InstanceId: OLD }] }] },
      'auto-scaling.WarmPools[0].Instances: g has no WarmPoolConfiguration',
    ],
    [
      'with a member that is no instance',
      { WarmPools: [{ AutoScalingGroupName: 'g', Instances: [{ InstanceId: 'i-0c2' }] }] },
      'auto-scaling.WarmPools[0].Instances[0].InstanceId: i-0c2 is not in ec2.Instances',
    ],
    [
      'with a member of the group',
      { WarmPools: [{ AutoScalingGroupName: 'g', Instances: [{ InstanceId: OLD }] }] },
      'auto-scaling.WarmPools[0].Instances[0].InstanceId: i-0a1 is among the Instances of g too',
    ],
    [
      'with a member that contradicts its instance',
      {
        WarmPools: [{ AutoScalingGroupName: 'g', Instances: [{ InstanceId: WARM, LifecycleState: 'Warmed:Running' }] }],
      },
      'auto-scaling.WarmPools[0].Instances[0].LifecycleState: Warmed:Running needs an instance that is running, and i-0c1 is stopped',
    ],
    [
      'of another size than the group says',
      {
        AutoScalingGroups: [
          { AutoScalingGroupName: 'g', Instances: [{ InstanceId: OLD }], WarmPoolConfiguration: {}, WarmPoolSize: 2 },
        ],
      },
      'auto-scaling.AutoScalingGroups[0].WarmPoolSize: must be the number of members in auto-scaling.WarmPools, 1',
    ],
    [
      'that is being deleted',
      {
        AutoScalingGroups: [
          {
            AutoScalingGroupName: 'g',
            Instances: [{ InstanceId: OLD }],
            WarmPoolConfiguration: { Status: 'PendingDelete' },
          },
        ],
      },
      'not simulated: a warm pool that is being deleted (g)',
    ],
  ])('%s is refused', (_what, service, message) => {
    expect(() => filled({ service })).toThrow(message);
  });

  it('goes on from its own end, on the way in and on the way out', () => {
    const first = filled({ hooks: [hook('LAUNCHING')] });
    first.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    first.pass(4);
    const again = serviceWorld(
      structuredClone({ ec2: first.world.data['ec2'], 'auto-scaling': first.world.data['auto-scaling'] }),
    );
    expect([inGroup(again), inPool(again)]).toEqual([inGroup(first), inPool(first)]);
    const [refill] = inPool(again);
    answer(again, 'in', WARM);
    answer(again, 'in', refill?.id);
    again.quiesce();
    expect([inGroup(again), inPool(again)]).toEqual([
      [{ id: WARM, state: 'InService' }],
      [{ id: refill?.id, state: 'Warmed:Stopped' }],
    ]);
    expect(details(again, 'EC2 Instance Launch Successful')).toMatchObject([
      { EC2InstanceId: WARM, Origin: 'WarmPool' },
      { EC2InstanceId: refill?.id, Destination: 'WarmPool' },
    ]);
  });

  it.each([
    ['Warmed:Pending', 'running', 'Warmed:Pending:Wait'],
    ['Warmed:Pending:Wait', 'running', 'Warmed:Pending:Wait'],
    ['Warmed:Pending:Proceed', 'running', 'Warmed:Stopped'],
  ])('takes up a member that is %s', (LifecycleState, state, end) => {
    const simulation = filled({
      hooks: [hook('LAUNCHING')],
      warm: [{ InstanceId: WARM, LifecycleState }],
      instances: [instance(WARM, state)],
    });
    simulation.pass(70);
    expect(inPool(simulation)).toEqual([{ id: WARM, state: end }]);
    if (end !== 'Warmed:Stopped') answer(simulation, 'in', WARM);
    simulation.quiesce();
    expect(inPool(simulation)).toEqual([{ id: WARM, state: 'Warmed:Stopped' }]);
    expect(details(simulation, 'EC2 Instance Launch Successful')).toMatchObject([
      { EC2InstanceId: WARM, Origin: 'EC2', Destination: 'WarmPool' },
    ]);
  });

  it('takes up a return, as its lifecycle action tells it, and a member that is leaving for good', () => {
    const returning = filled({
      hooks: [hook('LAUNCHING'), hook('TERMINATING')],
      warm: [{ InstanceId: WARM, LifecycleState: 'Warmed:Pending:Wait' }],
      instances: [instance(WARM)],
      service: {
        LifecycleActions: [
          {
            AutoScalingGroupName: 'g',
            LifecycleHookName: 'out',
            EC2InstanceId: WARM,
            LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          },
        ],
      },
    });
    answer(returning, 'out', WARM);
    returning.quiesce();
    expect(details(returning, 'EC2 Instance Terminate Successful')).toMatchObject([
      { EC2InstanceId: WARM, Origin: 'AutoScalingGroup', Destination: 'WarmPool' },
    ]);
    const leaving = filled({ warm: [{ InstanceId: WARM, LifecycleState: 'Warmed:Terminating:Proceed' }] });
    leaving.quiesce();
    expect(ec2State(leaving, WARM)).toMatchObject({ Name: 'terminated' });
    expect(states(inPool(leaving))).toEqual(['Warmed:Stopped']);
  });
});
