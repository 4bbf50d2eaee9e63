import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal, pair, type Ec2World } from './ec2-world.ts';

describe('AssociateAddress', () => {
  it('moves an address in one step and gives the association a new id', () => {
    const { call, record } = pair();
    const before = record('Addresses')['AssociationId'];
    const { AssociationId } = call('AssociateAddress', {
      AllocationId: 'eipalloc-1',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.10',
      AllowReassociation: true,
    });
    expect(AssociationId).toMatch(/^eipassoc-/);
    expect(AssociationId).not.toBe(before);
    expect(record('Addresses')).toMatchObject({
      AssociationId,
      InstanceId: 'i-b',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.10',
    });
    expect(record('Instances', 0)['PublicIpAddress']).toBeUndefined();
    expect(record('Instances', 0)['PublicDnsName']).toBe('');
    expect(record('NetworkInterfaces', 0)['Association']).toBeUndefined();
    expect(record('Instances', 1)['PublicIpAddress']).toBe('203.0.113.10');
    expect(record('NetworkInterfaces', 1)).toMatchObject({ Association: { AllocationId: 'eipalloc-1' } });
  });

  it('takes an instance with one interface, its primary private address, and re-association as granted', () => {
    const { call, record } = pair();
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-b' });
    expect(record('Addresses')).toMatchObject({ InstanceId: 'i-b', PrivateIpAddress: '10.0.16.10' });
  });

  it('to the same place again is harmless and answers with the same association', () => {
    const { call, record } = pair();
    const association = record('Addresses')['AssociationId'];
    const before = structuredClone(record('Addresses'));
    expect(call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-a' })).toEqual({
      AssociationId: association,
    });
    expect(
      call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a', AllowReassociation: false }),
    ).toEqual({ AssociationId: association });
    expect(record('Addresses')).toEqual(before);
  });

  it('on a secondary private address leaves the instance without a public address of its own', () => {
    const { call, record } = pair();
    call('AssociateAddress', {
      AllocationId: 'eipalloc-1',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.11',
    });
    expect(record('Addresses')).toMatchObject({ InstanceId: 'i-b', PrivateIpAddress: '10.0.16.11' });
    expect(record('NetworkInterfaces', 1)['Association']).toBeUndefined();
    expect(record('NetworkInterfaces', 1)['PrivateIpAddresses']).toMatchObject([
      { Primary: true },
      { Primary: false, Association: { PublicIp: '203.0.113.10' } },
    ]);
    expect(record('Instances', 1)['PublicIpAddress']).toBeUndefined();
    expect(record('Instances', 1)['NetworkInterfaces']).toMatchObject([
      { PrivateIpAddresses: [{}, { Association: { PublicIp: '203.0.113.10' } }] },
    ]);
  });

  it('displaces the address that the target has, and only that', () => {
    const { call, record } = pair();
    call('AssociateAddress', {
      AllocationId: 'eipalloc-2',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.10',
    });
    call('AssociateAddress', {
      AllocationId: 'eipalloc-1',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.10',
    });
    expect(record('Addresses', 1)).toEqual({
      AllocationId: 'eipalloc-2',
      Domain: 'vpc',
      NetworkBorderGroup: 'eu-west-1',
      PublicIp: '203.0.113.11',
      PublicIpv4Pool: 'amazon',
      Tags: [],
    });
    expect(record('Instances', 1)['PublicIpAddress']).toBe('203.0.113.10');
  });

  it('leaves an address on another private address of the target alone', () => {
    const { call, record } = pair();
    call('AssociateAddress', {
      AllocationId: 'eipalloc-2',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.11',
    });
    call('AssociateAddress', {
      AllocationId: 'eipalloc-1',
      NetworkInterfaceId: 'eni-b',
      PrivateIpAddress: '10.0.16.10',
    });
    expect(record('Addresses', 1)['PrivateIpAddress']).toBe('10.0.16.11');
  });

  it('without re-association refuses an address that is elsewhere', () => {
    const { call, record } = pair();
    const association = record('Addresses')['AssociationId'];
    expect(
      refusal(() =>
        call('AssociateAddress', {
          AllocationId: 'eipalloc-1',
          NetworkInterfaceId: 'eni-b',
          AllowReassociation: false,
        }),
      ),
    ).toBe(
      `Resource.AlreadyAssociated: resource eipalloc-1 is already associated with associate-id ${String(association)}`,
    );
    expect(record('Addresses')['InstanceId']).toBe('i-a');
  });

  it('without re-association is not simulated where another address is', () => {
    const { call } = pair();
    expect(() =>
      call('AssociateAddress', { AllocationId: 'eipalloc-2', NetworkInterfaceId: 'eni-a', AllowReassociation: false }),
    ).toThrow('not simulated: AssociateAddress without re-association to a private address that has another address');
  });

  it('works on a stopped instance', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-a', State: { Name: 'stopped' } }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
    });
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' });
    expect(record('Addresses')['InstanceId']).toBe('i-a');
  });

  it('on an interface without an instance names no instance', () => {
    const { call, record } = ec2World({
      NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1' }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
    });
    call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-1' });
    expect(record('Addresses')['NetworkInterfaceId']).toBe('eni-1');
    expect(record('Addresses')['InstanceId']).toBeUndefined();
  });

  it('replaces an automatic public address', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-a', PublicIpAddress: '198.51.100.7' }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
    });
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' });
    expect(record('Instances')['PublicIpAddress']).toBe('203.0.113.10');
  });

  it('says which id it does not know', () => {
    const { call } = pair();
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-9', InstanceId: 'i-b' }))).toBe(
      "InvalidAllocationID.NotFound: The allocation ID 'eipalloc-9' does not exist",
    );
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-9' }))).toBe(
      "InvalidNetworkInterfaceID.NotFound: The networkInterface ID 'eni-9' does not exist",
    );
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-99' }))).toBe(
      "InvalidInstanceID.NotFound: The instance ID 'i-99' does not exist",
    );
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'web-1' }))).toBe(
      'InvalidInstanceID.Malformed: Invalid id: "web-1"',
    );
  });

  it('refuses a private address that the interface does not have', () => {
    const { call } = pair();
    expect(
      refusal(() =>
        call('AssociateAddress', {
          AllocationId: 'eipalloc-1',
          NetworkInterfaceId: 'eni-b',
          PrivateIpAddress: '10.0.0.99',
        }),
      ),
    ).toBe('InvalidParameterValue: Address 10.0.0.99 is not assigned to interface eni-b');
  });

  it('refuses both or neither of instance and interface, and an address named by its IP', () => {
    const { call } = pair();
    expect(
      refusal(() =>
        call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-b', InstanceId: 'i-b' }),
      ),
    ).toMatch(/^InvalidParameterCombination: You may specify InstanceId or NetworkInterfaceId/);
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1' }))).toMatch(/^MissingParameter/);
    expect(refusal(() => call('AssociateAddress', { InstanceId: 'i-b' }))).toMatch(/^MissingParameter/);
    expect(refusal(() => call('AssociateAddress', { PublicIp: '203.0.113.10', InstanceId: 'i-b' }))).toMatch(
      /^InvalidParameterCombination: You must specify an allocation id/,
    );
  });

  it('refuses an instance with several interfaces', () => {
    const { call } = ec2World({
      Instances: [{ InstanceId: 'i-a' }],
      NetworkInterfaces: [
        { NetworkInterfaceId: 'eni-1', Attachment: { InstanceId: 'i-a', DeviceIndex: 0 } },
        { NetworkInterfaceId: 'eni-2', Attachment: { InstanceId: 'i-a', DeviceIndex: 1 } },
      ],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
    });
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' }))).toBe(
      "InvalidInstanceID: There are multiple interfaces attached to instance 'i-a'. Please specify an interface ID for the operation instead.",
    );
  });

  it.each([
    ['pending', 'IncorrectInstanceState: The pending-instance-creation instance to which'],
    ['shutting-down', 'IncorrectInstanceState: The shutting-down instance to which'],
  ])('refuses the interface of an instance that is %s', (state, message) => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-a', State: { Name: state } }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
    });
    const { NetworkInterfaceId } = record('NetworkInterfaces');
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId }))).toContain(
      message,
    );
  });

  it.each(['pending', 'shutting-down', 'terminated'])('refuses an instance that is %s', (state) => {
    const { call } = ec2World({
      Instances: [{ InstanceId: 'i-a', State: { Name: state } }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
    });
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' }))).toBe(
      `InvalidInstanceID: The ${state} instance 'i-a' is not in a valid state for this operation.`,
    );
  });

  it('refuses another network border group, and says that the error is assumed', () => {
    const { call, world } = ec2World({
      Instances: [{ InstanceId: 'i-a' }],
      Addresses: [{ AllocationId: 'eipalloc-1', NetworkBorderGroup: 'eu-west-1-lon-1' }],
    });
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' }))).toBe(
      'InvalidParameterCombination: The address belongs to network border group eu-west-1-lon-1 and the network interface to eu-west-1.',
    );
    expect([...world.assumed]).toEqual([
      'ec2: AssociateAddress across network border groups fails with InvalidParameterCombination',
    ]);
  });

  it('accepts a zone of the same border group', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-a', Placement: { AvailabilityZone: 'eu-west-1-lon-1a' } }],
      AvailabilityZones: [{ ZoneName: 'eu-west-1-lon-1a', NetworkBorderGroup: 'eu-west-1-lon-1' }],
      Addresses: [{ AllocationId: 'eipalloc-1', NetworkBorderGroup: 'eu-west-1-lon-1' }],
    });
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' });
    expect(record('Addresses')['InstanceId']).toBe('i-a');
  });

  it('takes nothing from a NAT gateway and gives nothing to one', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-a' }],
      NetworkInterfaces: [{ NetworkInterfaceId: 'eni-nat', InterfaceType: 'nat_gateway', RequesterManaged: true }],
      Addresses: [
        { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-nat', AssociationId: 'eipassoc-1' },
        { AllocationId: 'eipalloc-2' },
      ],
    });
    const denied = 'AuthFailure: You do not have permission to access the specified resource.';
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' }))).toBe(denied);
    expect(refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-2', NetworkInterfaceId: 'eni-nat' }))).toBe(
      denied,
    );
    expect(refusal(() => call('DisassociateAddress', { AssociationId: 'eipassoc-1' }))).toBe(denied);
    expect(record('Addresses')['NetworkInterfaceId']).toBe('eni-nat');
  });

  it('as a dry run changes nothing', () => {
    const { call, record } = pair();
    expect(
      refusal(() => call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-b', DryRun: true })),
    ).toBe('DryRunOperation: Request would have succeeded, but DryRun flag is set.');
    expect(record('Addresses')['InstanceId']).toBe('i-a');
  });
});

describe('DisassociateAddress', () => {
  it('takes the address off everywhere', () => {
    const { call, record } = pair();
    expect(call('DisassociateAddress', { AssociationId: record('Addresses')['AssociationId'] })).toEqual({});
    expect(record('Addresses')).toEqual({
      AllocationId: 'eipalloc-1',
      Domain: 'vpc',
      NetworkBorderGroup: 'eu-west-1',
      PublicIp: '203.0.113.10',
      PublicIpv4Pool: 'amazon',
      Tags: [],
    });
    expect(record('Instances')['PublicIpAddress']).toBeUndefined();
    expect(record('NetworkInterfaces')['Association']).toBeUndefined();
  });

  it('refuses an association of the past', () => {
    const { call, record } = pair();
    const past = record('Addresses')['AssociationId'];
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-b' });
    expect(refusal(() => call('DisassociateAddress', { AssociationId: past }))).toBe(
      `InvalidAssociationID.NotFound: The association ID '${String(past)}' does not exist`,
    );
    expect(record('Addresses')['InstanceId']).toBe('i-b');
  });

  it('wants an association id', () => {
    const { call } = pair();
    expect(refusal(() => call('DisassociateAddress', {}))).toMatch(/^MissingParameter/);
    expect(refusal(() => call('DisassociateAddress', { PublicIp: '203.0.113.10' }))).toMatch(
      /^InvalidParameterValue: You must specify an association id/,
    );
  });
});

describe('the automatic public address of an instance', () => {
  const automatic = { IpOwnerId: 'amazon', PublicIp: '198.51.100.7' };
  const eni = (name: string, index: number, more: object = {}): Shape => ({
    NetworkInterfaceId: name,
    PrivateIpAddress: `10.0.0.${10 + index}`,
    Attachment: { InstanceId: 'i-a', DeviceIndex: index },
    ...more,
  });
  const withInterfaces = (...interfaces: Shape[]): Ec2World =>
    ec2World({
      Instances: [{ InstanceId: 'i-a' }, { InstanceId: 'i-b' }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
      NetworkInterfaces: interfaces,
    });

  it('makes way for an Elastic IP, and another one comes when that has left', () => {
    const { call, record, pass } = withInterfaces(eni('eni-0', 0, { Association: automatic }));
    expect(record('Instances')['PublicIpAddress']).toBe('198.51.100.7');
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-a' });
    expect(record('Instances')['PublicIpAddress']).toBe(record('Addresses')['PublicIp']);
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-b' });
    expect(record('Instances')['PublicIpAddress']).toBeUndefined();
    pass(121);
    expect(record('Instances')['PublicIpAddress']).toBe('198.51.100.1');
  });

  it('is gone for good where there is a second interface', () => {
    const { call, record, pass } = withInterfaces(eni('eni-0', 0, { Association: automatic }), eni('eni-1', 1));
    call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-0' });
    call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-1' });
    pass(600);
    expect(record('Instances')['PublicIpAddress']).toBeUndefined();
  });

  it('stays where the Elastic IP goes to another private address', () => {
    const { call, record } = withInterfaces(eni('eni-0', 0, { Association: automatic }), eni('eni-1', 1));
    call('AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-1' });
    expect(record('Instances')['PublicIpAddress']).toBe('198.51.100.7');
  });

  it('comes to none that had none', () => {
    const { call, record, pass } = pair();
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-b' });
    pass(600);
    expect(record('Instances')['PublicIpAddress']).toBeUndefined();
  });
});
