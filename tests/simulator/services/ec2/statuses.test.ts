import { describe, expect, it } from 'vitest';
import { instanceState, statusOf } from '../../../../simulator/services/ec2/instances.ts';
import { list } from '../../../../simulator/services/ec2/state.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal, type Ec2World } from './ec2-world.ts';

function statuses({ call }: Ec2World, input: Shape = {}): unknown[] {
  return list(call('DescribeInstanceStatus', input), 'InstanceStatuses').map((status) => status['InstanceId']);
}

const MIXED = {
  Instances: [
    { InstanceId: 'i-1' },
    { InstanceId: 'i-2', State: { Name: 'stopped' } },
    { InstanceId: 'i-3', Placement: { AvailabilityZone: 'eu-west-1b' } },
  ],
};

describe('DescribeInstanceStatus', () => {
  it('shows running instances, all on request', () => {
    const world = ec2World(MIXED);
    expect(statuses(world)).toEqual(['i-1', 'i-3']);
    expect(statuses(world, { InstanceIds: ['i-1', 'i-2'] })).toEqual(['i-1']);
    expect(statuses(world, { IncludeAllInstances: true })).toEqual(['i-1', 'i-2', 'i-3']);
  });

  it('shows the three checks of a running instance and none of a stopped one', () => {
    const { call } = ec2World(MIXED);
    expect(call('DescribeInstanceStatus', { InstanceIds: ['i-1'] })).toEqual({
      InstanceStatuses: [
        {
          InstanceId: 'i-1',
          AvailabilityZone: 'eu-west-1a',
          InstanceState: { Code: 16, Name: 'running' },
          SystemStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
          InstanceStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
          AttachedEbsStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
        },
      ],
    });
    expect(call('DescribeInstanceStatus', { InstanceIds: ['i-2'], IncludeAllInstances: true })).toEqual({
      InstanceStatuses: [
        {
          InstanceId: 'i-2',
          AvailabilityZone: 'eu-west-1a',
          InstanceState: { Code: 80, Name: 'stopped' },
          SystemStatus: { Status: 'not-applicable' },
          InstanceStatus: { Status: 'not-applicable' },
          AttachedEbsStatus: { Status: 'not-applicable' },
        },
      ],
    });
  });

  it('filters by check, state and zone', () => {
    const world = ec2World(MIXED);
    world.change('ec2/InstanceStatuses/i-3/SystemStatus/Status', 'impaired');
    const by = (Name: string, ...Values: string[]): unknown[] =>
      statuses(world, { IncludeAllInstances: true, Filters: [{ Name, Values }] });
    expect(by('system-status.status', 'impaired')).toEqual(['i-3']);
    expect(by('system-status.reachability', 'failed')).toEqual(['i-3']);
    expect(by('instance-status.status', 'ok')).toEqual(['i-1', 'i-3']);
    expect(by('attached-ebs-status.status', 'not-applicable')).toEqual(['i-2']);
    expect(by('instance-state-name', 'stopped')).toEqual(['i-2']);
    expect(by('availability-zone', 'eu-west-1b')).toEqual(['i-3']);
    expect(refusal(() => by('event.code', 'instance-stop'))).toBe(
      'not simulated: ec2:DescribeInstanceStatus filter event.code',
    );
  });

  it('knows no instance that is not there', () => {
    const world = ec2World(MIXED);
    expect(refusal(() => statuses(world, { InstanceIds: ['i-9'] }))).toBe(
      "InvalidInstanceID.NotFound: The instance ID 'i-9' does not exist",
    );
  });
});

describe('a scripted status', () => {
  it('keeps the time since when the check fails', () => {
    const { change, call, pass, signals } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    pass(90);
    expect(change('ec2/InstanceStatuses/i-1/SystemStatus/Status', 'impaired')).toBe(true);
    expect(signals).toEqual(['status-changed']);
    pass(60);
    change('ec2/InstanceStatuses/i-1/SystemStatus', { Status: 'impaired' });
    expect(signals).toEqual(['status-changed']);
    expect(call('DescribeInstanceStatus')).toMatchObject({
      InstanceStatuses: [
        {
          SystemStatus: {
            Status: 'impaired',
            Details: [{ Name: 'reachability', Status: 'failed', ImpairedSince: new Date('2026-11-22T08:01:30Z') }],
          },
          InstanceStatus: { Status: 'ok' },
        },
      ],
    });
    change('ec2/InstanceStatuses/i-1/SystemStatus/Status', 'ok');
    expect(call('DescribeInstanceStatus')).toMatchObject({
      InstanceStatuses: [{ SystemStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] } }],
    });
  });

  it('sets each check by itself', () => {
    const { change, world } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    change('ec2/InstanceStatuses/i-1/InstanceStatus/Status', 'insufficient-data');
    change('ec2/InstanceStatuses/i-1/AttachedEbsStatus/Status', 'impaired');
    expect(statusOf(world, 'i-1')).toEqual({ system: 'ok', instance: 'insufficient-data', attachedEbs: 'impaired' });
  });

  it('that fails while checks initialize is not undone at their end', () => {
    const { change, world, pass } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      InstanceStatuses: [{ InstanceId: 'i-1', InstanceStatus: { Status: 'initializing' } }],
    });
    change('ec2/InstanceStatuses/i-1/InstanceStatus/Status', 'impaired');
    pass(151);
    expect(statusOf(world, 'i-1')).toEqual({ system: 'ok', instance: 'impaired', attachedEbs: 'ok' });
  });

  it('is gone after a stop and a start, on another host', () => {
    const { change, world, pass } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    change('ec2/InstanceStatuses/i-1/SystemStatus/Status', 'impaired');
    change('ec2/Instances/i-1/State/Name', 'stopped');
    expect(statusOf(world, 'i-1').system).toBe('not-applicable');
    change('ec2/Instances/i-1/State/Name', 'running');
    pass(151);
    expect(statusOf(world, 'i-1').system).toBe('ok');
  });

  it('of nothing known, or of what does not run, is refused with its path', () => {
    const { change } = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2', State: { Name: 'stopped' } }],
    });
    expect(refusal(() => change('ec2/InstanceStatuses/i-1/SystemStatus/Status', 'broken'))).toMatch(
      /^ec2\/InstanceStatuses\/i-1\/SystemStatus\/Status: broken is not the status of a check/,
    );
    expect(refusal(() => change('ec2/InstanceStatuses/i-2/SystemStatus/Status', 'ok'))).toBe(
      'ec2/InstanceStatuses/i-2/SystemStatus/Status: i-2 is stopped: only a running instance has status checks',
    );
    expect(change('ec2/InstanceStatuses/i-1/Events', [])).toBe(false);
  });

  it('is taken from the world file, with the time if it is given', () => {
    const { record, world } = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }],
      InstanceStatuses: [
        {
          InstanceId: 'i-1',
          SystemStatus: {
            Status: 'impaired',
            Details: [{ Name: 'reachability', Status: 'failed', ImpairedSince: '2026-11-22T07:00:00Z' }],
          },
        },
        { InstanceId: 'i-2', InstanceStatus: { Status: 'impaired' } },
      ],
    });
    expect(record('InstanceStatuses')).toMatchObject({
      SystemStatus: { Status: 'impaired', Details: [{ ImpairedSince: '2026-11-22T07:00:00Z' }] },
      InstanceStatus: { Status: 'ok' },
    });
    expect(record('InstanceStatuses', 1)).toMatchObject({
      InstanceStatus: { Details: [{ ImpairedSince: '2026-11-22T08:00:00.000Z' }] },
    });
    expect(statusOf(world, 'i-2')).toEqual({ system: 'ok', instance: 'impaired', attachedEbs: 'ok' });
  });
});

describe('a dark zone', () => {
  const TWO_ZONES = {
    Instances: [
      { InstanceId: 'i-1' },
      { InstanceId: 'i-2', Placement: { AvailabilityZone: 'eu-west-1b' } },
      { InstanceId: 'i-3', State: { Name: 'stopped' } },
    ],
  };

  it('makes the checks of its instances unreadable, of no others', () => {
    const { change, world, signals } = ec2World(TWO_ZONES);
    expect(change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable')).toBe(true);
    expect(statusOf(world, 'i-1')).toEqual({
      system: 'insufficient-data',
      instance: 'insufficient-data',
      attachedEbs: 'ok',
    });
    expect(statusOf(world, 'i-2').system).toBe('ok');
    expect(statusOf(world, 'i-3').system).toBe('not-applicable');
    expect(signals).toEqual(['status-changed']);
    expect(
      world.assumed.has(
        'ec2: in a dark zone the status checks read insufficient-data, stops and terminations hang, launches are refused',
      ),
    ).toBe(true);
  });

  it('that comes back shows what was there before', () => {
    const { change, world, pass } = ec2World(TWO_ZONES);
    change('ec2/InstanceStatuses/i-1/InstanceStatus/Status', 'impaired');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'impaired');
    pass(600);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    expect(statusOf(world, 'i-1')).toEqual({ system: 'ok', instance: 'impaired', attachedEbs: 'ok' });
  });

  it.each([{}, { Force: true, SkipOsShutdown: true }])('holds a stop %j until it comes back', (manner) => {
    const { change, call, world, pass } = ec2World(TWO_ZONES);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    call('StopInstances', { InstanceIds: ['i-1'], ...manner });
    pass(7200);
    expect(instanceState(world, 'i-1')).toBe('stopping');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(29);
    expect(instanceState(world, 'i-1')).toBe('stopping');
    pass(2);
    expect(instanceState(world, 'i-1')).toBe('stopped');
  });

  it('holds what was under way when it went dark', () => {
    const { change, call, world, pass } = ec2World(TWO_ZONES);
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    pass(600);
    expect(instanceState(world, 'i-1')).toBe('shutting-down');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(31);
    expect(instanceState(world, 'i-1')).toBe('terminated');
  });

  it('that gets darker remembers what was there before the first darkness', () => {
    const { change, world } = ec2World(TWO_ZONES);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'impaired');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    expect(statusOf(world, 'i-1').system).toBe('ok');
  });

  it('forgets a stop that was overtaken while it waited', () => {
    const { change, call, world, pass } = ec2World(TWO_ZONES);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(120);
    change('ec2/Instances/i-1/State/Name', 'terminated');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(120);
    expect(instanceState(world, 'i-1')).toBe('terminated');
  });

  it('starts nothing', () => {
    const { change, call } = ec2World(TWO_ZONES);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    expect(refusal(() => call('StartInstances', { InstanceIds: ['i-3'] }))).toBe(
      'InsufficientInstanceCapacity: We currently do not have sufficient capacity in the Availability Zone you requested (eu-west-1a).',
    );
  });

  it('may be dark from the beginning', () => {
    const { world, change, pass } = ec2World({
      ...TWO_ZONES,
      AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'unavailable' }],
    });
    expect(statusOf(world, 'i-1').system).toBe('insufficient-data');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(1);
    expect(statusOf(world, 'i-1').system).toBe('ok');
  });

  it('lets checks that were initializing begin again', () => {
    const { change, call, world, pass } = ec2World(TWO_ZONES);
    call('StartInstances', { InstanceIds: ['i-3'] });
    pass(30);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    pass(600);
    expect(statusOf(world, 'i-3').system).toBe('insufficient-data');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    expect(statusOf(world, 'i-3').system).toBe('initializing');
    pass(151);
    expect(statusOf(world, 'i-3').system).toBe('ok');
  });

  it('has no other states', () => {
    const { change } = ec2World(TWO_ZONES);
    expect(refusal(() => change('ec2/AvailabilityZones/eu-west-1a/State', 'dark'))).toBe(
      'ec2/AvailabilityZones/eu-west-1a/State: dark is not available, unavailable or impaired',
    );
  });
});
