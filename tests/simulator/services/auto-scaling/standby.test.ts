import { describe, expect, it } from 'vitest';
import { refusal } from '../ec2/ec2-world.ts';
import { type ServiceWorld, serviceWorld } from '../service-world.ts';
import { instance, members, states } from './group-world.ts';
import { ec2State } from './warm-pool-world.ts';

const ONE = 'i-0a1';
const TWO = 'i-0a2';

function pair(group: object = {}, hooks: readonly object[] = []): ServiceWorld {
  return serviceWorld({
    ec2: { Instances: [instance(ONE), instance(TWO)] },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'g',
          AvailabilityZones: ['eu-west-1a'],
          MinSize: 1,
          MaxSize: 3,
          Instances: [{ InstanceId: ONE }, { InstanceId: TWO }],
          ...group,
        },
        { AutoScalingGroupName: 'other', AvailabilityZones: ['eu-west-1a'] },
      ],
      LifecycleHooks: hooks,
    },
  });
}

const asked =
  ({ call }: ServiceWorld, operation: string) =>
  (InstanceIds: readonly string[], decrements?: boolean, name = 'g') =>
    call(`autoscaling:${operation}`, {
      AutoScalingGroupName: name,
      InstanceIds,
      ...(decrements === undefined ? {} : { ShouldDecrementDesiredCapacity: decrements }),
    });

const desired = ({ world }: ServiceWorld): unknown =>
  world.records('auto-scaling', 'AutoScalingGroups')[0]?.['DesiredCapacity'];

describe('EnterStandby', () => {
  it('answers with an activity in progress, and the member is in standby a moment later', () => {
    const simulation = pair();

    expect(asked(simulation, 'EnterStandby')([ONE], true)).toMatchObject({
      Activities: [
        {
          AutoScalingGroupName: 'g',
          Description: 'Moving EC2 instance to Standby: i-0a1',
          Cause:
            'At 2026-11-22T08:00:00Z instance i-0a1 was moved to standby in response to a user request, shrinking the capacity from 2 to 1.',
          Progress: 50,
          StatusCode: 'InProgress',
        },
      ],
    });
    expect(states(simulation)).toEqual(['EnteringStandby', 'InService']);
    expect(simulation.quiesce()).toBe(1);
    expect(states(simulation)).toEqual(['Standby', 'InService']);
    expect(desired(simulation)).toBe(1);
    expect(simulation.titles()).toEqual([]);
  });

  it('has another launched where the capacity stays', () => {
    const simulation = pair();
    asked(simulation, 'EnterStandby')([ONE], false);
    simulation.quiesce();

    expect(states(simulation)).toEqual(['Standby', 'InService', 'InService']);
    expect(desired(simulation)).toBe(2);
    expect(simulation.titles()).toEqual(['EC2 Instance Launch Successful']);
  });

  it('takes several at once, each by one', () => {
    const simulation = pair({ MinSize: 0 });

    expect(asked(simulation, 'EnterStandby')([ONE, TWO], true)).toMatchObject({
      Activities: [
        { Cause: expect.stringContaining('shrinking the capacity from 2 to 1.') },
        { Cause: expect.stringContaining('shrinking the capacity from 1 to 0.') },
      ],
    });
    expect(desired(simulation)).toBe(0);
  });

  it('leaves what stops in standby to whoever put it there', () => {
    const simulation = pair();
    asked(simulation, 'EnterStandby')([ONE], true);
    simulation.quiesce();
    simulation.set(`ec2/Instances/${ONE}/State/Name`, 'stopped');
    simulation.pass(1_200);

    expect(members(simulation).map(({ id, state }) => `${id} ${state}`)).toEqual(['i-0a1 Standby', 'i-0a2 InService']);
  });

  it.each([
    [
      'below the minimum',
      [ONE, TWO],
      true,
      'g',
      'g has min-size=1, max-size=3, and desired-size=2. To place into standby 2 instances, please update the AutoScalingGroup sizes appropriately.',
    ],
    ['of a stranger', ['i-0f1'], false, 'g', 'No managed instance found for instance ID: i-0f1'],
    ['of a member of another group', [ONE], false, 'other', 'No managed instance found for instance ID: i-0a1'],
    ['of a group that is not there', [ONE], false, 'none', "AutoScalingGroup 'none' not found"],
    ['without a word on the capacity', [ONE], undefined, 'g', 'ShouldDecrementDesiredCapacity must be given.'],
  ])('is refused %s, and nothing happens', (_case, ids, decrements, name, told) => {
    const simulation = pair();

    expect(refusal(() => asked(simulation, 'EnterStandby')(ids, decrements, name))).toContain(told);
    expect(states(simulation)).toEqual(['InService', 'InService']);
    expect(desired(simulation)).toBe(2);
  });

  it('is refused a second time', () => {
    const simulation = pair();
    asked(simulation, 'EnterStandby')([ONE], true);

    expect(refusal(() => asked(simulation, 'EnterStandby')([ONE], false))).toBe(
      'ValidationError: The instance i-0a1 is not in InService.',
    );
  });
});

describe('ExitStandby', () => {
  function inStandby(group: object = {}, decrements = true): ServiceWorld {
    const simulation = pair(group);
    asked(simulation, 'EnterStandby')([ONE], decrements);
    simulation.quiesce();
    return simulation;
  }

  it('answers with an activity before the service, and the member is back a moment later', () => {
    const simulation = inStandby();

    expect(asked(simulation, 'ExitStandby')([ONE])).toMatchObject({
      Activities: [
        {
          Description: 'Moving EC2 instance out of Standby: i-0a1',
          Cause:
            'At 2026-11-22T08:00:01Z instance i-0a1 was moved out of standby in response to a user request, increasing the capacity from 1 to 2.',
          Progress: 30,
          StatusCode: 'PreInService',
        },
      ],
    });
    expect(states(simulation)).toEqual(['Pending', 'InService']);
    simulation.pass(1.1);
    expect(states(simulation)).toEqual(['InService', 'InService']);
    expect(desired(simulation)).toBe(2);
    expect(simulation.call('autoscaling:DescribeScalingActivities', { AutoScalingGroupName: 'g' })).toMatchObject({
      Activities: [
        { Description: 'Moving EC2 instance out of Standby: i-0a1', StatusCode: 'Successful', Progress: 100 },
        { Description: 'Moving EC2 instance to Standby: i-0a1', StatusCode: 'Successful' },
      ],
    });
  });

  it('makes the group larger where another was launched meanwhile', () => {
    const simulation = inStandby({}, false);
    asked(simulation, 'ExitStandby')([ONE]);
    simulation.quiesce();

    expect(states(simulation)).toEqual(['InService', 'InService', 'InService']);
    expect(desired(simulation)).toBe(3);
  });

  it.each([
    [
      'above the maximum',
      [ONE],
      'g has min-size=1, max-size=2, and desired-size=2. To move out of standby 1 instance,',
    ],
    ['of a member in service', [TWO], 'The instance i-0a2 is not in Standby.'],
    ['of a stranger', ['i-0f1'], 'No managed instance found for instance ID: i-0f1'],
  ])('is refused %s', (_case, ids, told) => {
    const simulation = inStandby({ MaxSize: 2 }, false);

    expect(refusal(() => asked(simulation, 'ExitStandby')(ids))).toContain(told);
    expect(states(simulation)).toEqual(['Standby', 'InService', 'InService']);
  });

  it('of an instance that does not run is not simulated', () => {
    const simulation = inStandby();
    simulation.set(`ec2/Instances/${ONE}/State/Name`, 'stopped');

    expect(refusal(() => asked(simulation, 'ExitStandby')([ONE]))).toContain(
      'autoscaling:ExitStandby of an instance that does not run (i-0a1)',
    );
  });

  it('that was under way when the world began goes on, with the activity that is shown', () => {
    const simulation = pair({
      Instances: [{ InstanceId: ONE, LifecycleState: 'Standby' }, { InstanceId: TWO }],
      DesiredCapacity: 1,
    });
    asked(simulation, 'ExitStandby')([ONE]);
    const [activity] = simulation.world.records('auto-scaling', 'Activities');
    const next = serviceWorld({
      ec2: { Instances: [instance(ONE), instance(TWO)] },
      'auto-scaling': {
        AutoScalingGroups: [
          {
            AutoScalingGroupName: 'g',
            AvailabilityZones: ['eu-west-1a'],
            DesiredCapacity: 2,
            MaxSize: 3,
            Instances: [{ InstanceId: ONE, LifecycleState: 'Pending' }, { InstanceId: TWO }],
          },
        ],
        Activities: [activity],
      },
    });
    next.quiesce();

    expect(states(next)).toEqual(['InService', 'InService']);
    expect(next.call('autoscaling:DescribeScalingActivities', { AutoScalingGroupName: 'g' })).toMatchObject({
      Activities: [{ ActivityId: activity?.['ActivityId'], StatusCode: 'Successful' }],
    });
  });
});

describe('DetachInstances', () => {
  it('answers with an activity in progress; the instance runs on, and is no member', () => {
    const simulation = pair();

    expect(asked(simulation, 'DetachInstances')([ONE], true)).toMatchObject({
      Activities: [
        {
          Description: 'Detaching EC2 instance: i-0a1',
          Cause:
            'At 2026-11-22T08:00:00Z instance i-0a1 was detached in response to a user request, shrinking the capacity from 2 to 1.',
          Progress: 50,
          StatusCode: 'InProgress',
        },
      ],
    });
    expect(states(simulation)).toEqual(['Detaching', 'InService']);
    expect(simulation.quiesce()).toBe(1);
    expect(members(simulation).map(({ id }) => id)).toEqual([TWO]);
    expect(ec2State(simulation, ONE)).toMatchObject({ Name: 'running' });
    expect(desired(simulation)).toBe(1);
    expect(simulation.titles()).toEqual([]);
  });

  it('has another launched where the capacity stays', () => {
    const simulation = pair();
    asked(simulation, 'DetachInstances')([ONE], false);
    simulation.quiesce();

    expect(states(simulation)).toEqual(['InService', 'InService']);
    expect(members(simulation).map(({ id }) => id)).not.toContain(ONE);
  });

  it.each([
    [
      'below the minimum',
      [ONE, TWO],
      true,
      'To detach 2 instances, please update the AutoScalingGroup sizes appropriately.',
    ],
    ['of a stranger', ['i-0f1'], false, 'No managed instance found for instance ID: i-0f1'],
  ])('is refused %s, and nothing happens', (_case, ids, decrements, told) => {
    const simulation = pair();

    expect(refusal(() => asked(simulation, 'DetachInstances')(ids, decrements))).toContain(told);
    expect(states(simulation)).toEqual(['InService', 'InService']);
  });

  it('is refused once it is done', () => {
    const simulation = pair();
    asked(simulation, 'DetachInstances')([ONE], true);
    simulation.quiesce();

    expect(refusal(() => asked(simulation, 'DetachInstances')([ONE], false))).toContain(
      'No managed instance found for instance ID: i-0a1',
    );
  });
});

describe('a member that a script takes out of service', () => {
  const path = `auto-scaling/AutoScalingGroups/g/Instances/${ONE}/LifecycleState`;

  it.each([
    ['EnteringStandby', ['Standby', 'InService']],
    ['Detaching', ['InService']],
  ])('goes as by request: %s', (state, left) => {
    const simulation = pair();
    simulation.set(path, state);
    expect(states(simulation)).toEqual([state, 'InService']);
    expect(simulation.quiesce()).toBe(1);
    expect(states(simulation)).toEqual(left);
    expect(desired(simulation)).toBe(1);
  });

  it('leaves the group the size that it has to have', () => {
    const simulation = pair({ MinSize: 2 });
    simulation.set(path, 'EnteringStandby');
    expect(desired(simulation)).toBe(2);
  });

  it('has to be in service', () => {
    const simulation = pair();
    simulation.set(path, 'EnteringStandby');
    expect(() => simulation.set(path, 'Detaching')).toThrow('The instance i-0a1 is not in InService.');
  });
});
