import { describe, expect, it } from 'vitest';
import { launchInstance, instanceState, statusOf } from '../../../../simulator/services/ec2/instances.ts';
import { ec2World, refusal } from './ec2-world.ts';

describe('StopInstances', () => {
  it('answers with both states, and the instance stops within a minute', () => {
    const { call, pass, states, record, world } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(call('StopInstances', { InstanceIds: ['i-1'] })).toEqual({
      StoppingInstances: [
        {
          InstanceId: 'i-1',
          PreviousState: { Code: 16, Name: 'running' },
          CurrentState: { Code: 64, Name: 'stopping' },
        },
      ],
    });
    expect(record('Instances')).toMatchObject({
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
      StateTransitionReason: 'User initiated (2026-11-22 08:00:00 GMT)',
    });
    expect(statusOf(world, 'i-1')).toEqual({
      system: 'not-applicable',
      instance: 'not-applicable',
      attachedEbs: 'not-applicable',
    });
    pass(29);
    expect(states()).toEqual(['i-1 stopping']);
    pass(32);
    expect(states()).toEqual(['i-1 stopping', 'i-1 stopped']);
    expect(record('Instances')['State']).toEqual({ Code: 80, Name: 'stopped' });
  });

  it('tells EventBridge and the other services', () => {
    const { call, events, signals } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    call('StopInstances', { InstanceIds: ['i-1'] });
    expect(events).toMatchObject([
      {
        source: 'aws.ec2',
        'detail-type': 'EC2 Instance State-change Notification',
        resources: ['arn:aws:ec2:eu-west-1:111122223333:instance/i-1'],
        detail: { 'instance-id': 'i-1', state: 'stopping' },
        time: '2026-11-22T08:00:00Z',
      },
    ]);
    expect(signals).toEqual(['status-changed', 'instance-state']);
  });

  it('with Force and SkipOsShutdown takes 15 seconds', () => {
    const { call, pass, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    call('StopInstances', { InstanceIds: ['i-1'], Force: true, SkipOsShutdown: true });
    pass(14);
    expect(states()).toEqual(['i-1 stopping']);
    pass(2);
    expect(states()).toEqual(['i-1 stopping', 'i-1 stopped']);
  });

  it('without Force hangs for ten minutes on an impaired host', () => {
    const { call, pass, world } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      InstanceStatuses: [{ InstanceId: 'i-1', SystemStatus: { Status: 'impaired' } }],
    });
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(599);
    expect(instanceState(world, 'i-1')).toBe('stopping');
    pass(2);
    expect(instanceState(world, 'i-1')).toBe('stopped');
  });

  it('with Force alone does not hang there', () => {
    const { call, pass, world } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      InstanceStatuses: [{ InstanceId: 'i-1', SystemStatus: { Status: 'impaired' } }],
    });
    call('StopInstances', { InstanceIds: ['i-1'], Force: true });
    pass(61);
    expect(instanceState(world, 'i-1')).toBe('stopped');
  });

  it('with Force shortens a stop that hangs, never one that is nearly over', () => {
    const { call, pass, world } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      InstanceStatuses: [{ InstanceId: 'i-1', SystemStatus: { Status: 'impaired' } }],
    });
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(30);
    expect(call('StopInstances', { InstanceIds: ['i-1'], Force: true, SkipOsShutdown: true })).toMatchObject({
      StoppingInstances: [{ PreviousState: { Name: 'stopping' }, CurrentState: { Name: 'stopping' } }],
    });
    pass(14);
    call('StopInstances', { InstanceIds: ['i-1'], Force: true, SkipOsShutdown: true });
    pass(2);
    expect(instanceState(world, 'i-1')).toBe('stopped');
  });

  it('keeps the Elastic IP and loses an automatic public address', () => {
    const { call, pass, record } = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2', PublicIpAddress: '198.51.100.7' }],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1' }],
    });
    call('StopInstances', { InstanceIds: ['i-1', 'i-2'] });
    pass(60);
    expect(record('Addresses')['InstanceId']).toBe('i-1');
    expect(record('Instances', 0)['PublicIpAddress']).toBe('203.0.113.10');
    expect(record('Instances', 1)['PublicIpAddress']).toBeUndefined();
    expect(record('NetworkInterfaces', 1)['Association']).toBeUndefined();
  });

  it('of a stopped instance does nothing', () => {
    const { call, states } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }] });
    expect(call('StopInstances', { InstanceIds: ['i-1'] })).toMatchObject({
      StoppingInstances: [{ PreviousState: { Name: 'stopped' }, CurrentState: { Name: 'stopped' } }],
    });
    expect(states()).toEqual([]);
  });

  it.each(['shutting-down', 'terminated'])('is refused of an instance that is %s', (state) => {
    const { call } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: state } }] });
    expect(refusal(() => call('StopInstances', { InstanceIds: ['i-1'] }))).toBe(
      "IncorrectInstanceState: This instance 'i-1' is not in a state from which it can be stopped.",
    );
  });

  it('is refused of an instance that never ran', () => {
    const { call, world } = ec2World({});
    const id = launchInstance(world, { availabilityZone: 'eu-west-1a', tags: [] });
    expect(refusal(() => call('StopInstances', { InstanceIds: [id] }))).toBe(
      `IncorrectInstanceState: Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
    );
  });

  it('is refused of a protected instance, and then of all named', () => {
    const { call, states } = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2', DisableApiStop: { Value: true } }],
    });
    expect(refusal(() => call('StopInstances', { InstanceIds: ['i-1', 'i-2'] }))).toBe(
      "OperationNotPermitted: The instance 'i-2' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
    );
    expect(states()).toEqual([]);
  });

  it('is refused of a one-time Spot instance and granted of a persistent one', () => {
    const { call, states } = ec2World({
      Instances: [
        { InstanceId: 'i-1', InstanceLifecycle: 'spot' },
        { InstanceId: 'i-2', SpotInstanceRequestId: 'sir-2' },
      ],
      SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-2', InstanceId: 'i-2', Type: 'persistent' }],
    });
    expect(refusal(() => call('StopInstances', { InstanceIds: ['i-1'] }))).toMatch(
      /^UnsupportedOperation: You can't stop the Spot Instance 'i-1'/,
    );
    call('StopInstances', { InstanceIds: ['i-2'] });
    expect(states()).toEqual(['i-2 stopping']);
  });

  it('names unknown, malformed and missing ids', () => {
    const { call } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(refusal(() => call('StopInstances', { InstanceIds: ['i-1', 'i-8', 'i-9'] }))).toBe(
      "InvalidInstanceID.NotFound: The instance IDs 'i-8, i-9' do not exist",
    );
    expect(refusal(() => call('StopInstances', { InstanceIds: ['web'] }))).toBe(
      'InvalidInstanceID.Malformed: Invalid id: "web"',
    );
    expect(refusal(() => call('StopInstances', {}))).toMatch(/^MissingParameter/);
    expect(refusal(() => call('StopInstances', { InstanceIds: ['i-1'], Hibernate: true }))).toBe(
      'not simulated: ec2:StopInstances Hibernate',
    );
  });
});

describe('StartInstances', () => {
  it('takes a stopped instance through pending to running and through its checks to ok', () => {
    const { call, pass, states, record, world } = ec2World({
      Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }],
    });
    expect(call('StartInstances', { InstanceIds: ['i-1'] })).toEqual({
      StartingInstances: [
        { InstanceId: 'i-1', PreviousState: { Code: 80, Name: 'stopped' }, CurrentState: { Code: 0, Name: 'pending' } },
      ],
    });
    expect(record('Instances')['LaunchTime']).toBe('2026-11-22T08:00:00.000Z');
    pass(21);
    expect(states()).toEqual(['i-1 pending', 'i-1 running']);
    expect(statusOf(world, 'i-1')).toEqual({
      system: 'initializing',
      instance: 'initializing',
      attachedEbs: 'initializing',
    });
    pass(148);
    expect(statusOf(world, 'i-1').system).toBe('initializing');
    pass(2);
    expect(statusOf(world, 'i-1')).toEqual({ system: 'ok', instance: 'ok', attachedEbs: 'ok' });
  });

  it('of a running instance does nothing', () => {
    const { call, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(call('StartInstances', { InstanceIds: ['i-1'] })).toMatchObject({
      StartingInstances: [{ PreviousState: { Name: 'running' }, CurrentState: { Name: 'running' } }],
    });
    expect(states()).toEqual([]);
  });

  it.each(['stopping', 'shutting-down', 'terminated'])('is refused of an instance that is %s', (state) => {
    const { call } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: state } }] });
    expect(refusal(() => call('StartInstances', { InstanceIds: ['i-1'] }))).toBe(
      "IncorrectInstanceState: The instance 'i-1' is not in a state from which it can be started.",
    );
  });

  it('begins the checks anew: those of an earlier start do not end them', () => {
    const { call, pass, change, world } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }] });
    call('StartInstances', { InstanceIds: ['i-1'] });
    pass(100);
    change('ec2/Instances/i-1/State/Name', 'stopped');
    call('StartInstances', { InstanceIds: ['i-1'] });
    pass(120);
    expect(statusOf(world, 'i-1').system).toBe('initializing');
    pass(60);
    expect(statusOf(world, 'i-1').system).toBe('ok');
  });

  it('gives a fresh public address where the subnet maps one', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-1', SubnetId: 'subnet-1', State: { Name: 'stopped' } }],
      Subnets: [{ SubnetId: 'subnet-1', AvailabilityZone: 'eu-west-1a', MapPublicIpOnLaunch: true }],
    });
    call('StartInstances', { InstanceIds: ['i-1'] });
    expect(record('Instances')['PublicIpAddress']).toBe('198.51.100.1');
  });
});

describe('TerminateInstances', () => {
  it('ends the instance with its interface, its addresses and the volumes that go with it', () => {
    const { call, pass, states, record, world } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1' }],
      Volumes: [
        { VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-1', DeleteOnTermination: true }] },
        { VolumeId: 'vol-2', Attachments: [{ InstanceId: 'i-1' }] },
      ],
    });
    expect(call('TerminateInstances', { InstanceIds: ['i-1'] })).toEqual({
      TerminatingInstances: [
        {
          InstanceId: 'i-1',
          PreviousState: { Code: 16, Name: 'running' },
          CurrentState: { Code: 32, Name: 'shutting-down' },
        },
      ],
    });
    expect(record('Addresses')['InstanceId']).toBe('i-1');
    pass(31);
    expect(states()).toEqual(['i-1 shutting-down', 'i-1 terminated']);
    expect(record('Addresses')['AssociationId']).toBeUndefined();
    expect(record('Addresses')['InstanceId']).toBeUndefined();
    expect(world.records('ec2', 'NetworkInterfaces')).toEqual([]);
    expect(
      world.records('ec2', 'Volumes').map((volume) => [volume['VolumeId'], volume['State'], volume['Attachments']]),
    ).toEqual([['vol-2', 'available', []]]);
    expect(record('Instances')).toMatchObject({
      State: { Code: 48, Name: 'terminated' },
      NetworkInterfaces: [],
      BlockDeviceMappings: [],
    });
    expect(record('Instances')['PrivateIpAddress']).toBeUndefined();
  });

  it('leaves an interface that outlives it, with its Elastic IP', () => {
    const { change, record } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      NetworkInterfaces: [
        { NetworkInterfaceId: 'eni-1', Attachment: { InstanceId: 'i-1', DeleteOnTermination: false } },
      ],
      Addresses: [{ AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-1' }],
    });
    change('ec2/Instances/i-1/State/Name', 'terminated');
    expect(record('NetworkInterfaces')).toMatchObject({
      Status: 'available',
      Association: { AllocationId: 'eipalloc-1' },
    });
    expect(record('NetworkInterfaces')['Attachment']).toBeUndefined();
    expect(record('Addresses')['NetworkInterfaceId']).toBe('eni-1');
    expect(record('Addresses')['InstanceId']).toBeUndefined();
  });

  it('is refused of a protected instance and those of its zone; the others end', () => {
    const { call, states } = ec2World({
      Instances: [
        { InstanceId: 'i-1', DisableApiTermination: true },
        { InstanceId: 'i-2' },
        { InstanceId: 'i-3', Placement: { AvailabilityZone: 'eu-west-1b' } },
      ],
    });
    expect(refusal(() => call('TerminateInstances', { InstanceIds: ['i-1', 'i-2', 'i-3'] }))).toBe(
      "OperationNotPermitted: The instance 'i-1' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
    );
    expect(states()).toEqual(['i-3 shutting-down']);
  });

  it('a second time does nothing', () => {
    const { call, pass, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(20);
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(11);
    expect(call('TerminateInstances', { InstanceIds: ['i-1'] })).toMatchObject({
      TerminatingInstances: [{ PreviousState: { Name: 'terminated' }, CurrentState: { Name: 'terminated' } }],
    });
    expect(states()).toEqual(['i-1 shutting-down', 'i-1 terminated']);
  });

  it('overtakes a stop', () => {
    const { call, pass, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    call('StopInstances', { InstanceIds: ['i-1'] });
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(120);
    expect(states()).toEqual(['i-1 stopping', 'i-1 shutting-down', 'i-1 terminated']);
  });
});
