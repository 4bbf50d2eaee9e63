/** Members of an Auto Scaling group as targets of its target groups. */

import { describe, expect, it } from 'vitest';
import { A, B, bastions, type Bastions, ELB, GROUP, target } from '../elastic-load-balancing-v2/bastion-world.ts';
import { details, hook, members, states, TERMINATE } from './group-world.ts';

const DRAINING = 'draining Target.DeregistrationInProgress';

interface Given {
  readonly group?: object;
  readonly targetGroup?: object;
  readonly hooks?: readonly object[];
  readonly targets?: readonly object[];
}

/** The two bastions, members of a group that registers them. */
function scaled({ group = {}, targetGroup = {}, hooks = [], targets }: Given = {}): Bastions {
  return bastions({
    group: { RegistrationSeconds: 5, ...targetGroup },
    ...(targets === undefined ? {} : { targets }),
    more: {
      'auto-scaling': {
        AutoScalingGroups: [
          {
            AutoScalingGroupName: 'g',
            AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
            VPCZoneIdentifier: 'subnet-a,subnet-b',
            MinSize: 0,
            MaxSize: 3,
            TargetGroupARNs: [GROUP],
            Instances: [{ InstanceId: A }, { InstanceId: B }],
            ...group,
          },
        ],
        LifecycleHooks: hooks,
      },
    },
  });
}

/** Health by place in the list, without ids: those of new instances are made up. */
const healths = ({ health }: Bastions): string[] => health().map((words) => words.split(' ').slice(1).join(' '));

function grow({ call }: Bastions): void {
  call('autoscaling:SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: 3 });
}

function terminate({ call }: Bastions, InstanceId: string, decrements = true): void {
  call('autoscaling:TerminateInstanceInAutoScalingGroup', {
    InstanceId,
    ShouldDecrementDesiredCapacity: decrements,
  });
}

const stateOfInstance = ({ world }: Bastions, id: string): unknown =>
  world.records('ec2', 'Instances').find((each) => each['InstanceId'] === id)?.['State'];

describe('a launch', () => {
  it('registers the member when it is in service; it gets healthy by its checks', () => {
    const world = scaled();
    grow(world);
    expect(world.health()).toHaveLength(2);
    while (states(world)[2] !== 'InService') world.pass(1);
    expect(healths(world)[2]).toBe('initial Elb.RegistrationInProgress');
    world.quiesce();
    expect(healths(world)).toEqual(['healthy', 'healthy', 'healthy']);
  });

  it('fails, with a pause that grows, while its group names a target group that is gone', () => {
    const gone = GROUP.replace(/[^/]*$/u, '0123456789abcdef');
    const world = scaled({ group: { TargetGroupARNs: [GROUP, gone] } });
    grow(world);
    world.pass(25);
    const all = world.world.records('auto-scaling', 'Activities');
    expect(all.map(({ StatusCode: code, StatusMessage: why }) => [code, why])).toEqual([
      ['Failed', 'One or more Target Groups not found. Validating load balancer configuration failed.'],
      ['Failed', 'One or more Target Groups not found. Validating load balancer configuration failed.'],
    ]);
    expect(members(world)).toHaveLength(2);
    const [group] = world.world.records('auto-scaling', 'AutoScalingGroups');
    if (group !== undefined) group['TargetGroupARNs'] = [GROUP];
    world.quiesce();
    expect(states(world)).toEqual(['InService', 'InService', 'InService']);
  });

  it('registers nobody while its launch hook waits', () => {
    const world = scaled({ hooks: [hook('in', 'LAUNCHING', { HeartbeatTimeout: 600, DefaultResult: 'CONTINUE' })] });
    grow(world);
    world.pass(500);
    expect(states(world)[2]).toBe('Pending:Wait');
    expect(world.health()).toHaveLength(2);
    world.quiesce();
    expect(healths(world)[2]).toBe('healthy');
  });

  it('registers nobody where AddToLoadBalancer is suspended, nor later when it is resumed', () => {
    const world = scaled({ group: { SuspendedProcesses: [{ ProcessName: 'AddToLoadBalancer' }] } });
    grow(world);
    world.quiesce();
    expect(states(world)).toEqual(['InService', 'InService', 'InService']);
    world.call('autoscaling:ResumeProcesses', { AutoScalingGroupName: 'g' });
    world.quiesce();
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });

  it('of what crashes at each boot does not get healthy', () => {
    const world = scaled({ targetGroup: { NewTargetsServe: false } });
    grow(world);
    world.quiesce();
    expect(healths(world)[2]).toBe('unhealthy Target.FailedHealthChecks');
    expect(world.world.records('ec2', 'Instances')[2]?.['Serves']).toBe(false);
  });
});

describe('a member that leaves', () => {
  it('drains before its instance ends', () => {
    const world = scaled();
    terminate(world, A);
    world.pass(5);
    expect(world.health()).toEqual([`i-0a1 ${DRAINING}`, 'i-0b1 healthy']);
    world.pass(290);
    expect(stateOfInstance(world, A)).toMatchObject({ Name: 'running' });
    world.pass(10);
    expect(stateOfInstance(world, A)).not.toMatchObject({ Name: 'running' });
    world.quiesce();
    expect(world.health()).toEqual(['i-0b1 healthy']);
    expect(states(world)).toEqual(['InService']);
  });

  it('drains for as long as the target group says', () => {
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }];
    const world = scaled({ targetGroup: { Attributes } });
    terminate(world, A);
    world.pass(29);
    expect(stateOfInstance(world, A)).toMatchObject({ Name: 'running' });
    world.pass(5);
    expect(stateOfInstance(world, A)).not.toMatchObject({ Name: 'running' });
  });

  it('drains while its terminate hook waits, not after', () => {
    const world = scaled({ hooks: [hook('out', 'TERMINATING', { HeartbeatTimeout: 600 })] });
    terminate(world, A);
    world.pass(5);
    expect(details(world, TERMINATE)).toHaveLength(1);
    expect(world.health()[0]).toBe(`i-0a1 ${DRAINING}`);
    world.pass(300);
    expect(states(world)[0]).toBe('Terminating:Wait');
    expect(world.health()).toEqual(['i-0b1 healthy']);
  });

  it('is not waited for where it was deregistered before', () => {
    const world = scaled();
    world.call('elasticloadbalancing:DeregisterTargets', { TargetGroupArn: GROUP, Targets: [{ Id: A }] });
    world.pass(301);
    expect(world.health()).toEqual(['i-0b1 healthy']);
    terminate(world, A);
    world.pass(5);
    expect(stateOfInstance(world, A)).not.toMatchObject({ Name: 'running' });
  });

  it('is waited for only for the rest of its time where it drains already', () => {
    const world = scaled();
    world.call('elasticloadbalancing:DeregisterTargets', { TargetGroupArn: GROUP, Targets: [{ Id: A }] });
    world.pass(200);
    terminate(world, A);
    world.pass(90);
    expect(stateOfInstance(world, A)).toMatchObject({ Name: 'running' });
    world.pass(20);
    expect(stateOfInstance(world, A)).not.toMatchObject({ Name: 'running' });
  });

  it('is not waited for where its instance is dead', () => {
    const world = scaled();
    world.set(`ec2/Instances/${A}/State/Name`, 'terminated');
    world.pass(30);
    expect(members(world).map(({ id }) => id)).not.toContain(A);
    expect(world.health().map((words) => words.split(' ')[0])).not.toContain(A);
  });
});

describe('a member that steps aside', () => {
  const step = (world: Bastions, operation: string, input: object = {}) =>
    world.call(`autoscaling:${operation}`, { AutoScalingGroupName: 'g', InstanceIds: [A], ...input });

  it('drains before it is in standby, and registers anew when it is back', () => {
    const world = scaled();
    step(world, 'EnterStandby', { ShouldDecrementDesiredCapacity: true });
    world.pass(299);
    expect(states(world)).toEqual(['EnteringStandby', 'InService']);
    expect(world.health()[0]).toBe(`i-0a1 ${DRAINING}`);
    world.quiesce();
    expect(states(world)).toEqual(['Standby', 'InService']);
    expect(world.health()).toEqual(['i-0b1 healthy']);
    step(world, 'ExitStandby');
    world.pass(2);
    expect(world.health()).toEqual(['i-0b1 healthy', 'i-0a1 initial Elb.RegistrationInProgress']);
    world.quiesce();
    expect(world.health()).toEqual(['i-0b1 healthy', 'i-0a1 healthy']);
  });

  it('drains before it is detached, and is no target then', () => {
    const world = scaled();
    step(world, 'DetachInstances', { ShouldDecrementDesiredCapacity: true });
    world.pass(299);
    expect(states(world)).toEqual(['Detaching', 'InService']);
    world.quiesce();
    expect(states(world)).toEqual(['InService']);
    expect(world.health()).toEqual(['i-0b1 healthy']);
    expect(stateOfInstance(world, A)).toMatchObject({ Name: 'running' });
  });

  it('stays a target by a port that the group does not know', () => {
    const second = { Target: { Id: A, Port: 2222 }, TargetHealth: { State: 'healthy' } };
    const world = scaled({ targets: [target(A, 'healthy'), target(B, 'healthy'), second] });
    step(world, 'EnterStandby', { ShouldDecrementDesiredCapacity: true });
    world.quiesce();
    expect(world.health()).toEqual(['i-0b1 healthy', 'i-0a1:2222 healthy']);
  });
});

describe('health checks of the group', () => {
  const ELB_CHECKS = { HealthCheckType: 'ELB' };

  it('by ELB replace a member that its target group finds unhealthy', () => {
    const world = scaled({ group: ELB_CHECKS });
    world.set(`ec2/Instances/${A}/Serves`, false);
    world.pass(21);
    expect(world.health()[0]).toBe('i-0a1 unhealthy Target.FailedHealthChecks');
    world.quiesce();
    expect(states(world)).toEqual(['InService', 'InService']);
    expect(healths(world)).toEqual(['healthy', 'healthy']);
    expect(stateOfInstance(world, A)).toMatchObject({ Name: 'terminated' });
  });

  it('by EC2 alone leave it', () => {
    const world = scaled({ group: { HealthCheckType: 'EC2' } });
    world.set(`ec2/Instances/${A}/Serves`, false);
    world.pass(1_200);
    expect(states(world)).toEqual(['InService', 'InService']);
    expect(world.health()[0]).toBe('i-0a1 unhealthy Target.FailedHealthChecks');
  });

  it('wait for the grace period, and forget what passes in it', () => {
    const world = scaled({
      group: { ...ELB_CHECKS, HealthCheckGracePeriod: 600 },
      targetGroup: { NewTargetsServe: false },
    });
    grow(world);
    world.pass(400);
    expect(states(world)[2]).toBe('InService');
    expect(healths(world)[2]).toBe('unhealthy Target.FailedHealthChecks');
    const id = world.health()[2]?.split(' ')[0] ?? '';
    world.set(`ec2/Instances/${id}/Serves`, true);
    world.quiesce();
    world.pass(1_200);
    expect(states(world)).toEqual(['InService', 'InService', 'InService']);
    expect(healths(world)[2]).toBe('healthy');
  });

  it('replace one after the other where each crashes at its boot', () => {
    const world = scaled({ group: ELB_CHECKS, targetGroup: { NewTargetsServe: false } });
    grow(world);
    world.pass(1_500);
    const launched = world.world.records('ec2', 'Instances').length - 2;
    expect(launched).toBeGreaterThan(2);
    expect(world.health().slice(0, 2)).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });

  it('say nothing while HealthCheck is suspended', () => {
    const world = scaled({ group: { ...ELB_CHECKS, SuspendedProcesses: [{ ProcessName: 'HealthCheck' }] } });
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}/State`, 'unhealthy');
    world.pass(600);
    expect(states(world)).toEqual(['InService', 'InService']);
  });

  it('do not ask about a member that is draining, or of which nothing is known', () => {
    const world = scaled({ group: ELB_CHECKS });
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}/State`, 'unavailable');
    world.set(`${ELB}/TargetHealth/${GROUP}/${B}/State`, 'draining');
    world.pass(1_200);
    expect(states(world)).toEqual(['InService', 'InService']);
  });
});
