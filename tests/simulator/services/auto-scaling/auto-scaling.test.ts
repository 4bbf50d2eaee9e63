import { describe, expect, it } from 'vitest';
import {
  OLD,
  LAUNCH,
  TERMINATE,
  hook,
  oneOfOne,
  members,
  states,
  details,
  replacement,
  answer,
  tokenOf,
} from './group-world.ts';

describe('replacement in a group of one', () => {
  it('marks a stopped member unhealthy at once and launches its replacement while it terminates', () => {
    const simulation = oneOfOne();
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    expect(members(simulation)).toEqual([{ id: OLD, state: 'InService', health: 'Unhealthy', zone: 'eu-west-1a' }]);
    simulation.pass(1);
    expect(members(simulation)).toEqual([
      { id: OLD, state: 'Terminating:Proceed', health: 'Unhealthy', zone: 'eu-west-1a' },
      { id: replacement(simulation), state: 'Pending', health: 'Healthy', zone: 'eu-west-1b' },
    ]);
    simulation.quiesce();
    expect(members(simulation)).toEqual([
      { id: replacement(simulation), state: 'InService', health: 'Healthy', zone: 'eu-west-1b' },
    ]);
    expect(simulation.titles()).toEqual(['EC2 Instance Launch Successful', 'EC2 Instance Terminate Successful']);
    expect(details(simulation, 'EC2 Instance Launch Successful')[0]).toMatchObject({
      StatusCode: 'InProgress',
      AutoScalingGroupName: 'g',
      EC2InstanceId: replacement(simulation),
      Details: { 'Availability Zone': 'eu-west-1b' },
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    });
  });

  it('starts the launch hook before the terminate hook has ended, and finds the new instance still pending', () => {
    const simulation = oneOfOne([hook('in', 'LAUNCHING', { NotificationMetadata: 'm' }), hook('out', 'TERMINATING')]);
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'terminated');
    simulation.pass(4);
    expect(states(simulation)).toEqual(['Terminating:Wait', 'Pending:Wait']);
    expect(simulation.titles()).toEqual([TERMINATE, LAUNCH]);
    expect(details(simulation, LAUNCH)[0]).toEqual({
      LifecycleActionToken: tokenOf(simulation, LAUNCH),
      AutoScalingGroupName: 'g',
      LifecycleHookName: 'in',
      EC2InstanceId: replacement(simulation),
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      NotificationMetadata: 'm',
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    });
    expect(details(simulation, TERMINATE)[0]).toMatchObject({
      EC2InstanceId: OLD,
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      Origin: 'AutoScalingGroup',
      Destination: 'EC2',
    });
    expect(
      simulation.world.records('ec2', 'Instances').find((each) => each['InstanceId'] === replacement(simulation))?.[
        'State'
      ],
    ).toMatchObject({ Name: 'pending' });

    answer(simulation, 'in', tokenOf(simulation, LAUNCH));
    expect(states(simulation)).toEqual(['Terminating:Wait', 'Pending:Proceed']);
    simulation.pass(60);
    expect(states(simulation)).toEqual(['Terminating:Wait', 'InService']);
    answer(simulation, 'out', tokenOf(simulation, TERMINATE));
    simulation.quiesce();
    expect(states(simulation)).toEqual(['InService']);
    expect(simulation.titles()).toEqual([
      TERMINATE,
      LAUNCH,
      'EC2 Instance Launch Successful',
      'EC2 Instance Terminate Successful',
    ]);
  });

  it('waits three minutes before an impaired member counts as unhealthy, and forgets an impairment that passes', () => {
    const simulation = oneOfOne();
    simulation.set(`ec2/InstanceStatuses/${OLD}/SystemStatus/Status`, 'impaired');
    simulation.pass(170);
    expect(members(simulation)[0]?.health).toBe('Healthy');
    simulation.set(`ec2/InstanceStatuses/${OLD}/SystemStatus/Status`, 'ok');
    simulation.set(`ec2/InstanceStatuses/${OLD}/InstanceStatus/Status`, 'impaired');
    simulation.pass(100);
    // A second failing check does not begin the wait anew.
    simulation.set(`ec2/InstanceStatuses/${OLD}/SystemStatus/Status`, 'impaired');
    simulation.pass(79);
    expect(members(simulation)[0]?.health).toBe('Healthy');
    simulation.pass(2);
    expect(members(simulation)[0]?.health).toBe('Unhealthy');
    expect([...simulation.world.assumed]).toContain(
      'auto-scaling: an impaired member counts as unhealthy after 3 minutes',
    );
  });

  it('leaves attached EBS alone unless the group checks it', () => {
    const plain = oneOfOne();
    plain.set(`ec2/InstanceStatuses/${OLD}/AttachedEbsStatus/Status`, 'impaired');
    plain.pass(600);
    expect(members(plain)[0]?.health).toBe('Healthy');
    const checking = oneOfOne([], { HealthCheckType: 'EC2,EBS' });
    checking.set(`ec2/InstanceStatuses/${OLD}/AttachedEbsStatus/Status`, 'impaired');
    checking.pass(180);
    expect(members(checking)[0]?.health).toBe('Unhealthy');
  });

  it('spares an impaired member in its grace period, not a stopped one', () => {
    const simulation = oneOfOne([], { HealthCheckGracePeriod: 600 });
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.quiesce();
    const fresh = replacement(simulation);
    simulation.set(`ec2/InstanceStatuses/${fresh}/SystemStatus/Status`, 'impaired');
    simulation.pass(400);
    expect(members(simulation)).toMatchObject([{ id: fresh, health: 'Healthy' }]);
    simulation.set(`ec2/Instances/${fresh}/State/Name`, 'stopping');
    expect(members(simulation)).toMatchObject([{ id: fresh, health: 'Unhealthy' }]);
  });

  it('launches first where the maintenance policy wants full health', () => {
    const simulation = oneOfOne([], {
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
    });
    simulation.call('autoscaling:SetInstanceHealth', { InstanceId: OLD, HealthStatus: 'Unhealthy' });
    simulation.pass(15);
    expect(states(simulation)).toEqual(['InService', 'Pending']);
    simulation.quiesce();
    expect(simulation.titles()).toEqual(['EC2 Instance Launch Successful', 'EC2 Instance Terminate Successful']);
    expect(states(simulation)).toEqual(['InService']);
    expect(members(simulation)[0]?.id).not.toBe(OLD);
  });

  it('goes to the other zone when the launch in one is refused, and says so', () => {
    const simulation = oneOfOne();
    simulation.set('ec2/AvailabilityZones/eu-west-1b/State', 'unavailable');
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    simulation.quiesce();
    expect(members(simulation)).toMatchObject([{ zone: 'eu-west-1a', state: 'InService' }]);
    expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toMatchObject([
      { StatusCode: 'Failed', EC2InstanceId: '', Details: { 'Availability Zone': 'eu-west-1b' } },
    ]);
  });

  it('does not try for ever when no zone has room: the world comes to rest, and the launch succeeds once there is', () => {
    const simulation = oneOfOne();
    simulation.set('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    simulation.set('ec2/AvailabilityZones/eu-west-1b/State', 'unavailable');
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    expect(simulation.quiesce()).toBeLessThan(200);
    expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toHaveLength(8);
    simulation.set('ec2/AvailabilityZones/eu-west-1b/State', 'available');
    simulation.pass(300);
    // The old one cannot end while its own zone is dark.
    expect(members(simulation)).toMatchObject([
      { id: OLD, state: 'Terminating:Proceed' },
      { zone: 'eu-west-1b', state: 'InService' },
    ]);
  });

  it('propagates the tags of the group to the replacement', () => {
    const simulation = oneOfOne([], {
      Tags: [
        { Key: 'runbook:vip', Value: 'web', PropagateAtLaunch: true },
        { Key: 'own', Value: 'x', PropagateAtLaunch: false },
      ],
    });
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    simulation.quiesce();
    const fresh = simulation.world
      .records('ec2', 'Instances')
      .find((each) => each['InstanceId'] === replacement(simulation));
    expect(fresh?.['Tags']).toEqual([
      { Key: 'runbook:vip', Value: 'web' },
      { Key: 'aws:autoscaling:groupName', Value: 'g' },
    ]);
  });

  it.each(['Launch', 'Terminate', 'ReplaceUnhealthy', 'HealthCheck'])(
    'replaces nothing while %s is suspended, and does when it is resumed',
    (process) => {
      const simulation = oneOfOne();
      simulation.call('autoscaling:SuspendProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: [process] });
      simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
      simulation.pass(600);
      expect(members(simulation)).toMatchObject([
        { id: OLD, state: 'InService', health: process === 'HealthCheck' ? 'Healthy' : 'Unhealthy' },
      ]);
      simulation.call('autoscaling:ResumeProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: [process] });
      simulation.quiesce();
      expect(members(simulation)).toMatchObject([{ id: replacement(simulation), state: 'InService' }]);
    },
  );
});
