import { describe, expect, it } from 'vitest';
import { type ServiceWorld, serviceWorld } from '../service-world.ts';

const OLD = 'i-0a1';
const LAUNCH = 'EC2 Instance-launch Lifecycle Action';
const TERMINATE = 'EC2 Instance-terminate Lifecycle Action';

const hook = (name: string, transition: 'LAUNCHING' | 'TERMINATING', more: object = {}) => ({
  LifecycleHookName: name,
  AutoScalingGroupName: 'g',
  LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
  ...more,
});

function group(hooks: readonly object[], more: object = {}, member: object = {}, service: object = {}): ServiceWorld {
  return serviceWorld({
    ec2: {
      Instances: [{ InstanceId: OLD, State: { Name: 'running' }, Placement: { AvailabilityZone: 'eu-west-1a' } }],
    },
    'auto-scaling': {
      AutoScalingGroups: [{ AutoScalingGroupName: 'g', Instances: [{ InstanceId: OLD, ...member }], ...more }],
      LifecycleHooks: hooks,
      ...service,
    },
  });
}

function members({ world }: ServiceWorld): { id: unknown; state: unknown }[] {
  const list: unknown = world.records('auto-scaling', 'AutoScalingGroups')[0]?.['Instances'];
  if (!Array.isArray(list)) throw new Error('no Instances');
  return list.map((each: Record<string, unknown>) => ({ id: each['InstanceId'], state: each['LifecycleState'] }));
}

const states = (simulation: ServiceWorld) => members(simulation).map((each) => each.state);

const details = (simulation: ServiceWorld, title: string) =>
  simulation.events.filter((event) => event['detail-type'] === title).map((event) => event.detail);

const tokenOf = (simulation: ServiceWorld, title: string, name: string): unknown =>
  details(simulation, title).findLast((each) => each['LifecycleHookName'] === name)?.['LifecycleActionToken'];

const answer = (simulation: ServiceWorld, name: string, reference: object, result = 'CONTINUE') =>
  simulation.call('autoscaling:CompleteLifecycleAction', {
    AutoScalingGroupName: 'g',
    LifecycleHookName: name,
    LifecycleActionResult: result,
    ...reference,
  });

const beat = (simulation: ServiceWorld, name: string, reference: object) =>
  simulation.call('autoscaling:RecordLifecycleActionHeartbeat', {
    AutoScalingGroupName: 'g',
    LifecycleHookName: name,
    ...reference,
  });

const ec2State = ({ world }: ServiceWorld, id: unknown): unknown =>
  world.records('ec2', 'Instances').find((each) => each['InstanceId'] === id)?.['State'];

const leave = (simulation: ServiceWorld): void => {
  simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
  simulation.pass(4);
};

describe('a hook in progress', () => {
  it('ends with its default result after the heartbeat time-out', () => {
    const simulation = group([hook('out', 'TERMINATING', { HeartbeatTimeout: 300, DefaultResult: 'CONTINUE' })]);
    leave(simulation);
    simulation.pass(296);
    expect(states(simulation)[0]).toBe('Terminating:Wait');
    simulation.pass(1);
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
    simulation.quiesce();
    expect(members(simulation).map((each) => each.id)).not.toContain(OLD);
  });

  it('is extended by a heartbeat from the moment of the heartbeat', () => {
    const simulation = group([hook('out', 'TERMINATING', { HeartbeatTimeout: 300 })]);
    leave(simulation);
    simulation.pass(200);
    expect(beat(simulation, 'out', { LifecycleActionToken: tokenOf(simulation, TERMINATE, 'out') })).toEqual({});
    simulation.pass(299);
    expect(states(simulation)[0]).toBe('Terminating:Wait');
    simulation.pass(2);
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
  });

  it('ends at the global time-out whatever the heartbeats', () => {
    const simulation = group([hook('out', 'TERMINATING', { HeartbeatTimeout: 30 })]);
    leave(simulation);
    const token = tokenOf(simulation, TERMINATE, 'out');
    for (let count = 0; count < 149; count += 1) {
      simulation.pass(20);
      beat(simulation, 'out', { LifecycleActionToken: token });
    }
    expect(states(simulation)[0]).toBe('Terminating:Wait');
    simulation.pass(25);
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
    expect(() => beat(simulation, 'out', { LifecycleActionToken: token })).toThrow(
      `No active Lifecycle Action found with token ${String(token)}`,
    );
  });

  it('may be named by its instance instead of its token', () => {
    const simulation = group([hook('out', 'TERMINATING')]);
    leave(simulation);
    beat(simulation, 'out', { InstanceId: OLD });
    answer(simulation, 'out', { InstanceId: OLD });
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
    let thrown: unknown;
    try {
      answer(simulation, 'out', { InstanceId: OLD });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      name: 'ValidationError',
      message: `No active Lifecycle Action found with instance ID ${OLD}`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each([
    [
      'a token it never gave',
      'out',
      { LifecycleActionToken: '00000000-dead-4000-8000-000000000000' },
      'No active Lifecycle Action found with token 00000000-dead-4000-8000-000000000000',
    ],
    ['another hook', 'in', { InstanceId: OLD }, `No active Lifecycle Action found with instance ID ${OLD}`],
    ['neither token nor instance', 'out', {}, 'Either the lifecycle action token or the instance ID must be given'],
  ])('refuses %s', (_what, name, reference, message) => {
    const simulation = group([hook('out', 'TERMINATING')]);
    leave(simulation);
    expect(() => answer(simulation, name, reference)).toThrow(message);
    expect(states(simulation)[0]).toBe('Terminating:Wait');
  });

  it('refuses a result that is neither CONTINUE nor ABANDON', () => {
    const simulation = group([hook('out', 'TERMINATING')]);
    leave(simulation);
    expect(() => answer(simulation, 'out', { InstanceId: OLD }, 'DONE')).toThrow(
      'LifecycleActionResult must be CONTINUE or ABANDON',
    );
  });

  it('is refused a second answer with the same token', () => {
    const simulation = group([hook('out', 'TERMINATING')]);
    leave(simulation);
    const token = tokenOf(simulation, TERMINATE, 'out');
    answer(simulation, 'out', { LifecycleActionToken: token });
    expect(() => answer(simulation, 'out', { LifecycleActionToken: token })).toThrow(
      `No active Lifecycle Action found with token ${String(token)}`,
    );
  });
});

describe('several hooks of one transition', () => {
  const hooks = [hook('one', 'TERMINATING'), hook('two', 'TERMINATING')];

  it('run side by side and must all answer', () => {
    const simulation = group(hooks);
    leave(simulation);
    expect(details(simulation, TERMINATE).map((each) => each['LifecycleHookName'])).toEqual(['one', 'two']);
    expect(tokenOf(simulation, TERMINATE, 'one')).not.toBe(tokenOf(simulation, TERMINATE, 'two'));
    answer(simulation, 'two', { LifecycleActionToken: tokenOf(simulation, TERMINATE, 'two') });
    simulation.pass(60);
    expect(states(simulation)[0]).toBe('Terminating:Wait');
    answer(simulation, 'one', { LifecycleActionToken: tokenOf(simulation, TERMINATE, 'one') });
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
  });

  it('are skipped by an ABANDON of one of them', () => {
    const simulation = group(hooks);
    leave(simulation);
    answer(simulation, 'one', { InstanceId: OLD }, 'ABANDON');
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
    expect(() => answer(simulation, 'two', { InstanceId: OLD })).toThrow('No active Lifecycle Action found');
    simulation.quiesce();
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'terminated' });
  });
});

describe('an abandoned hook', () => {
  it('of a launch terminates the instance and replaces it, with a growing pause', () => {
    const simulation = group([hook('in', 'LAUNCHING'), hook('out', 'TERMINATING', { HeartbeatTimeout: 30 })]);
    leave(simulation);
    const first = members(simulation)[1]?.id;
    answer(simulation, 'in', { LifecycleActionToken: tokenOf(simulation, LAUNCH, 'in') }, 'ABANDON');
    expect(states(simulation)[1]).toBe('Terminating:Proceed');
    expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toMatchObject([
      { StatusCode: 'Cancelled', EC2InstanceId: first },
    ]);
    expect(details(simulation, TERMINATE)).toHaveLength(1);
    simulation.pass(14);
    const second = members(simulation).at(-1);
    expect(second).toMatchObject({ state: 'Pending:Wait' });
    expect(second?.id).not.toBe(first);
    answer(simulation, 'in', { InstanceId: second?.id }, 'ABANDON');
    simulation.pass(19);
    expect(details(simulation, LAUNCH)).toHaveLength(2);
    simulation.pass(5);
    expect(details(simulation, LAUNCH)).toHaveLength(3);
    expect(ec2State(simulation, first)).toMatchObject({ Name: 'terminated' });
  });

  it('of a termination keeps the instance where the group retains it', () => {
    const simulation = group([hook('out', 'TERMINATING')], {
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
    });
    leave(simulation);
    answer(simulation, 'out', { InstanceId: OLD }, 'ABANDON');
    simulation.quiesce();
    expect(states(simulation)).toEqual(['Terminating:Retained', 'InService']);
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'running' });
    simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', {
      InstanceId: OLD,
      ShouldDecrementDesiredCapacity: false,
    });
    simulation.quiesce();
    expect(states(simulation)).toEqual(['InService']);
  });

  it('is what retains an instance, not a hook that is answered with CONTINUE', () => {
    const simulation = group([hook('out', 'TERMINATING')], {
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
    });
    leave(simulation);
    answer(simulation, 'out', { InstanceId: OLD });
    simulation.quiesce();
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'terminated' });
  });
});

describe('an instance that somebody else terminates', () => {
  it('stays Terminating:Wait until the hook is answered', () => {
    const simulation = group([hook('out', 'TERMINATING')]);
    leave(simulation);
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'terminated');
    simulation.pass(600);
    expect(states(simulation)[0]).toBe('Terminating:Wait');
    answer(simulation, 'out', { InstanceId: OLD });
    simulation.pass(2);
    expect(members(simulation).map((each) => each.id)).not.toContain(OLD);
  });

  it('while its launch hook waits ends the launch and its token', () => {
    const simulation = group([hook('in', 'LAUNCHING')]);
    leave(simulation);
    const fresh = members(simulation)[1]?.id;
    simulation.set(`ec2/Instances/${String(fresh)}/State/Name`, 'terminated');
    expect(() => answer(simulation, 'in', { LifecycleActionToken: tokenOf(simulation, LAUNCH, 'in') })).toThrow(
      'No active Lifecycle Action found',
    );
    simulation.pass(20);
    expect(members(simulation).map((each) => each.id)).not.toContain(fresh);
    expect(states(simulation)).toContain('Pending:Wait');
  });
});

describe('a Spot instance that EC2 takes back', () => {
  const reclaimed = (more: object = {}): ServiceWorld => {
    const simulation = serviceWorld({
      ec2: {
        Instances: [
          {
            InstanceId: OLD,
            InstanceLifecycle: 'spot',
            State: { Name: 'running' },
            Placement: { AvailabilityZone: 'eu-west-1a' },
          },
        ],
      },
      'auto-scaling': {
        AutoScalingGroups: [{ AutoScalingGroupName: 'g', Instances: [{ InstanceId: OLD }], ...more }],
        LifecycleHooks: [hook('out', 'TERMINATING')],
      },
    });
    simulation.set(`ec2/Instances/${OLD}/SpotInterruption`, 'terminate');
    return simulation;
  };

  it('is replaced when it is found gone; EC2 does not wait for its terminate hook, Auto Scaling does', () => {
    const simulation = reclaimed();
    simulation.pass(119);
    expect(states(simulation)).toEqual(['InService']);
    simulation.pass(3);
    expect(states(simulation)).toEqual(['Terminating:Wait', 'Pending']);
    expect(details(simulation, TERMINATE)).toMatchObject([
      { EC2InstanceId: OLD, Origin: 'AutoScalingGroup', Destination: 'EC2' },
    ]);
    simulation.pass(60);
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'terminated' });
    expect(states(simulation)).toEqual(['Terminating:Wait', 'InService']);
    answer(simulation, 'out', { InstanceId: OLD });
    simulation.quiesce();
    expect(states(simulation)).toEqual(['InService']);
  });

  it('is replaced by another Spot instance, with a request of its own', () => {
    const simulation = reclaimed();
    simulation.pass(125);
    const fresh = members(simulation)[1]?.id;
    const requests = simulation.world.records('ec2', 'SpotInstanceRequests');
    expect(requests.map((each) => [each['InstanceId'], each['Type'], each['State']])).toEqual([
      [OLD, 'one-time', 'closed'],
      [fresh, 'one-time', 'active'],
    ]);
    expect(simulation.world.records('ec2', 'Instances')[1]).toMatchObject({
      InstanceId: fresh,
      InstanceLifecycle: 'spot',
      SpotInstanceRequestId: requests[1]?.['SpotInstanceRequestId'],
    });
    expect([...simulation.world.assumed].join()).toContain('Spot capacity is there');
  });

  it('is replaced at the notice where the group rebalances its capacity', () => {
    const simulation = reclaimed({ CapacityRebalance: true });
    simulation.pass(2);
    expect(states(simulation)).toEqual(['Terminating:Wait', 'Pending']);
    expect(details(simulation, TERMINATE)).toHaveLength(1);
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'running' });
    simulation.pass(119);
    expect(ec2State(simulation, OLD)).toMatchObject({ Name: 'shutting-down' });
    expect(details(simulation, TERMINATE)).toHaveLength(1);
  });
});

describe('a hook in progress when the world begins', () => {
  it('takes the first token it is answered with, once', () => {
    const simulation = group([hook('in', 'LAUNCHING')], {}, { LifecycleState: 'Pending:Wait' });
    beat(simulation, 'in', { LifecycleActionToken: '11111111-2222-4333-8444-555555555555' });
    expect(() => answer(simulation, 'in', { LifecycleActionToken: '99999999-2222-4333-8444-555555555555' })).toThrow(
      'No active Lifecycle Action found with token 99999999',
    );
    answer(simulation, 'in', { LifecycleActionToken: '11111111-2222-4333-8444-555555555555' });
    simulation.quiesce();
    expect(states(simulation)).toEqual(['InService']);
    expect(simulation.titles()).toEqual(['EC2 Instance Launch Successful']);
    expect([...simulation.world.assumed].join()).toContain('takes the first token');
  });

  it('knows only the token that the world gives', () => {
    const simulation = group(
      [hook('out', 'TERMINATING')],
      {},
      { LifecycleState: 'Terminating:Wait' },
      {
        LifecycleActions: [
          { LifecycleActionToken: 'abc', AutoScalingGroupName: 'g', LifecycleHookName: 'out', EC2InstanceId: OLD },
        ],
      },
    );
    expect(() => answer(simulation, 'out', { LifecycleActionToken: 'other' })).toThrow(
      'No active Lifecycle Action found with token other',
    );
    answer(simulation, 'out', { LifecycleActionToken: 'abc' });
    simulation.quiesce();
    expect(states(simulation)).toEqual(['InService']);
    expect(members(simulation)[0]?.id).not.toBe(OLD);
  });

  it('times out from the beginning of the world', () => {
    const simulation = group(
      [hook('out', 'TERMINATING', { HeartbeatTimeout: 100 })],
      {},
      { LifecycleState: 'Terminating:Wait' },
    );
    simulation.pass(99);
    expect(states(simulation)[0]).toBe('Terminating:Wait');
    simulation.pass(2);
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
  });
});

describe('a script', () => {
  it('changes a hook by GROUP/HOOK, and deletes it', () => {
    const simulation = group([hook('out', 'TERMINATING')]);
    simulation.set('auto-scaling/LifecycleHooks/g/out/HeartbeatTimeout', 60);
    leave(simulation);
    simulation.pass(58);
    expect(states(simulation)[0]).toBe('Terminating:Proceed');
    simulation.set('auto-scaling/LifecycleHooks/g/out', null);
    expect(simulation.call('autoscaling:DescribeLifecycleHooks', { AutoScalingGroupName: 'g' })).toEqual({
      LifecycleHooks: [],
    });
  });

  it('has no member leave twice: hooks that were answered would begin once more', () => {
    const simulation = group([hook('out', 'TERMINATING')]);
    leave(simulation);
    const again = (): void =>
      simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/LifecycleState`, 'Terminating');
    expect(again).toThrow('is Terminating:Wait already at this time');
  });
});
