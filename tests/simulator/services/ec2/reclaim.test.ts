import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal } from './ec2-world.ts';

const spot = (more: Shape = {}): Shape => ({
  InstanceId: 'i-1',
  InstanceLifecycle: 'spot',
  Placement: { AvailabilityZone: 'eu-west-1b' },
  ...more,
});
const NOTICE = 'ec2/Instances/i-1/SpotInterruption';

describe('a Spot interruption', () => {
  it('gives notice, and two minutes later takes the instance', () => {
    const { change, events, signals, pass, states, record } = ec2World({ Instances: [spot()] });
    change(NOTICE, 'terminate');
    expect(events).toMatchObject([
      {
        source: 'aws.ec2',
        'detail-type': 'EC2 Spot Instance Interruption Warning',
        resources: ['arn:aws:ec2:eu-west-1b:instance/i-1'],
        detail: { 'instance-id': 'i-1', 'instance-action': 'terminate' },
      },
    ]);
    expect(signals).toEqual(['spot-notice']);
    pass(119);
    expect(states()).toEqual([]);
    expect(record('SpotInstanceRequests')).toMatchObject({ State: 'active' });
    pass(1);
    expect(states()).toEqual(['i-1 shutting-down']);
    expect(record('Instances')).toMatchObject({
      StateReason: {
        Code: 'Server.SpotInstanceTermination',
        Message: 'Server.SpotInstanceTermination: Spot instance termination',
      },
      StateTransitionReason: 'Server.SpotInstanceTermination (2026-11-22 08:02:00 GMT)',
    });
    expect(record('SpotInstanceRequests')).toMatchObject({
      State: 'closed',
      Status: { Code: 'instance-terminated-no-capacity' },
    });
    pass(30);
    expect(states()).toEqual(['i-1 shutting-down', 'i-1 terminated']);
  });

  it('is held up by nobody: neither by protection nor by an impaired host', () => {
    const { change, pass, states } = ec2World({
      Instances: [spot({ DisableApiTermination: true })],
      InstanceStatuses: [{ InstanceId: 'i-1', SystemStatus: { Status: 'impaired' } }],
    });
    change(NOTICE, 'terminate');
    pass(160);
    expect(states()).toEqual(['i-1 shutting-down', 'i-1 terminated']);
  });

  it('finds an instance gone that somebody terminated meanwhile', () => {
    const { change, call, pass, states, record } = ec2World({ Instances: [spot()] });
    change(NOTICE, 'terminate');
    pass(10);
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(200);
    expect(states()).toEqual(['i-1 shutting-down', 'i-1 terminated']);
    expect(record('Instances')).toMatchObject({ StateReason: { Code: 'Client.UserInitiatedShutdown' } });
  });

  it('deletes the volumes that go with the instance, and leaves the others', () => {
    const { change, pass, world } = ec2World({
      Instances: [spot()],
      Volumes: [
        {
          VolumeId: 'vol-1',
          AvailabilityZone: 'eu-west-1b',
          Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdf', DeleteOnTermination: false }],
        },
        {
          VolumeId: 'vol-2',
          AvailabilityZone: 'eu-west-1b',
          Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdg', DeleteOnTermination: true }],
        },
      ],
    });
    change(NOTICE, 'terminate');
    pass(160);
    expect(world.records('ec2', 'Volumes').map((volume) => [volume['VolumeId'], volume['State']])).toEqual([
      ['vol-1', 'available'],
    ]);
  });

  it('goes on in a world that begins after the notice, and is not shown by DescribeInstances', () => {
    const { call, pass, states, events } = ec2World({
      Instances: [spot({ SpotInterruption: { action: 'terminate', time: '2026-11-22T08:00:45Z' } })],
    });
    expect(JSON.stringify(call('DescribeInstances'))).not.toContain('SpotInterruption');
    pass(44);
    expect(states()).toEqual([]);
    pass(1);
    expect(states()).toEqual(['i-1 shutting-down']);
    expect(events.map((event) => event['detail-type'])).not.toContain('EC2 Spot Instance Interruption Warning');
  });

  it.each([
    [
      'what is no Spot instance',
      { InstanceLifecycle: undefined },
      'terminate',
      'ec2/Instances/i-1/SpotInterruption: i-1 is no Spot instance',
    ],
    [
      'what does not run',
      { State: { Name: 'stopped' } },
      'terminate',
      'ec2/Instances/i-1/SpotInterruption: i-1 is stopped: EC2 takes back what runs',
    ],
    ['another word', {}, 'reboot', 'ec2/Instances/i-1/SpotInterruption: reboot is no action of an interruption'],
    ['a stop', {}, 'stop', 'not simulated: a Spot interruption that would stop i-1'],
    ['a hibernation', {}, 'hibernate', 'not simulated: a Spot interruption that would hibernate i-1'],
    [
      'a persistent request',
      { SpotInstanceRequestId: 'sir-1' },
      'terminate',
      'not simulated: the interruption of i-1, whose persistent Spot request would launch another instance',
    ],
  ])('is refused for %s', (_what, more, action, message) => {
    const requests =
      'SpotInstanceRequestId' in more
        ? [{ SpotInstanceRequestId: 'sir-1', InstanceId: 'i-1', Type: 'persistent' }]
        : [];
    const { change } = ec2World({ Instances: [spot(more)], SpotInstanceRequests: requests });
    expect(() => change(NOTICE, action)).toThrow(message);
  });

  it('is no state that the API knows of beforehand: the instance can still be terminated, and not stopped', () => {
    const { change, call } = ec2World({ Instances: [spot()] });
    change(NOTICE, 'terminate');
    expect(refusal(() => call('StopInstances', { InstanceIds: ['i-1'] }))).toMatch(/^UnsupportedOperation/);
  });
});
