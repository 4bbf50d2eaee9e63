import { describe, expect, it } from 'vitest';
import { ec2Schema } from '../../../../simulator/services/ec2/schema.ts';
import { ec2World, refusal } from './ec2-world.ts';

function faults(value: unknown): string[] {
  const result = ec2Schema.safeParse(value);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('the schema of a world file', () => {
  it('accepts a minimal world', () => {
    expect(faults({ Instances: [{ InstanceId: 'i-1' }], Addresses: [{ AllocationId: 'eipalloc-1' }] })).toEqual([]);
  });

  it('accepts describe-instances output with its reservations', () => {
    const pasted = {
      Reservations: [
        {
          ReservationId: 'r-1',
          OwnerId: '111122223333',
          Groups: [],
          Instances: [
            {
              Architecture: 'x86_64',
              BlockDeviceMappings: [
                {
                  DeviceName: '/dev/xvda',
                  Ebs: {
                    AttachTime: '2026-01-01T00:00:00+00:00',
                    DeleteOnTermination: true,
                    Status: 'attached',
                    VolumeId: 'vol-1',
                  },
                },
              ],
              CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
              InstanceId: 'i-1',
              LaunchTime: '2026-01-01T00:00:00+00:00',
              MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', State: 'applied' },
              Placement: { AvailabilityZone: 'eu-west-1b', GroupName: '', Tenancy: 'default' },
              State: { Code: 16, Name: 'running' },
            },
          ],
        },
      ],
    };
    expect(faults(pasted)).toEqual([]);
  });

  it('names the path of a misspelt member', () => {
    expect(faults({ Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2', InstanceID: 'i-2' }] })).toEqual([
      'Instances.1: Unrecognized key: "InstanceID"',
    ]);
  });

  it('names the path of a wrong type deep inside', () => {
    expect(
      faults({ Instances: [{ InstanceId: 'i-1', NetworkInterfaces: [{ PrivateIpAddresses: [{ Primary: 'yes' }] }] }] }),
    ).toEqual([
      'Instances.0.NetworkInterfaces.0.PrivateIpAddresses.0.Primary: Invalid input: expected boolean, received string',
    ]);
  });

  it('names the path of a time that is none, of an unknown state and of an unknown collection', () => {
    expect(faults({ Instances: [{ InstanceId: 'i-1', LaunchTime: 'yesterday' }] })).toEqual([
      'Instances.0.LaunchTime: must be a time such as 2026-11-22T08:00:00Z',
    ]);
    expect(faults({ Instances: [{ InstanceId: 'i-1', State: { Name: 'runing' } }] })[0]).toContain(
      'Instances.0.State.Name: Invalid option',
    );
    expect(faults({ Instanzes: [] })).toEqual([': Unrecognized key: "Instanzes"']);
  });

  it('accepts the two attributes that protect an instance in both spellings', () => {
    expect(
      faults({ Instances: [{ InstanceId: 'i-1', DisableApiStop: true, DisableApiTermination: { Value: true } }] }),
    ).toEqual([]);
  });
});

describe('a minimal instance', () => {
  it('runs, with a place, an interface and passed checks', () => {
    const { record } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(record('Instances')).toMatchObject({
      InstanceId: 'i-1',
      State: { Code: 16, Name: 'running' },
      Placement: { AvailabilityZone: 'eu-west-1a' },
      PrivateIpAddress: '10.0.0.4',
      PrivateDnsName: 'ip-10-0-0-4.eu-west-1.compute.internal',
      PublicDnsName: '',
      LaunchTime: '2026-11-21T08:00:00.000Z',
      Tags: [],
    });
    expect(record('NetworkInterfaces')).toMatchObject({
      Status: 'in-use',
      PrivateIpAddress: '10.0.0.4',
      AvailabilityZone: 'eu-west-1a',
      VpcId: record('Instances')['VpcId'],
      SubnetId: record('Instances')['SubnetId'],
      Attachment: { InstanceId: 'i-1', DeviceIndex: 0, Status: 'attached' },
      PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.0.0.4' }],
    });
    expect(record('InstanceStatuses')).toMatchObject({
      InstanceId: 'i-1',
      SystemStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
      InstanceStatus: { Status: 'ok' },
      AttachedEbsStatus: { Status: 'ok' },
    });
  });

  it('is the same in each world of the same seed', () => {
    const one = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    const two = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(one.world.data).toEqual(two.world.data);
  });

  it('gets a subnet per zone and its own address', () => {
    const { record } = ec2World({
      Instances: [
        { InstanceId: 'i-1' },
        { InstanceId: 'i-2', Placement: { AvailabilityZone: 'eu-west-1b' } },
        { InstanceId: 'i-3' },
        { InstanceId: 'i-4', PrivateIpAddress: '10.0.0.4' },
      ],
    });
    expect([0, 1, 2, 3].map((index) => record('Instances', index)['PrivateIpAddress'])).toEqual([
      '10.0.0.5',
      '10.0.16.4',
      '10.0.0.6',
      '10.0.0.4',
    ]);
    expect(record('Instances', 0)['SubnetId']).toBe(record('Instances', 2)['SubnetId']);
    expect(record('Instances', 1)['SubnetId']).not.toBe(record('Instances', 0)['SubnetId']);
    expect(record('Instances', 1)['VpcId']).toBe(record('Instances', 0)['VpcId']);
  });

  it('takes its zone from its subnet', () => {
    const { record } = ec2World({
      Instances: [{ InstanceId: 'i-1', SubnetId: 'subnet-c' }],
      Subnets: [{ SubnetId: 'subnet-c', VpcId: 'vpc-1', AvailabilityZone: 'eu-west-1c', CidrBlock: '10.9.8.0/24' }],
    });
    expect(record('Instances')).toMatchObject({
      Placement: { AvailabilityZone: 'eu-west-1c' },
      VpcId: 'vpc-1',
      PrivateIpAddress: '10.9.8.4',
    });
  });

  it('has its public address from the pool of AWS when no Elastic IP has it', () => {
    const { record } = ec2World({ Instances: [{ InstanceId: 'i-1', PublicIpAddress: '198.51.100.7' }] });
    expect(record('NetworkInterfaces')['Association']).toEqual({
      IpOwnerId: 'amazon',
      PublicIp: '198.51.100.7',
      PublicDnsName: 'ec2-198-51-100-7.eu-west-1.compute.amazonaws.com',
    });
    expect(record('Instances')['PublicDnsName']).toBe('ec2-198-51-100-7.eu-west-1.compute.amazonaws.com');
  });

  it('that is stopped has no status', () => {
    const { record } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }] });
    expect(record('Instances')['State']).toEqual({ Code: 80, Name: 'stopped' });
    expect(record('InstanceStatuses')['SystemStatus']).toEqual({ Status: 'not-applicable' });
  });

  it('that is terminated has no interface', () => {
    const { record, world } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: 'terminated' } }] });
    expect(world.records('ec2', 'NetworkInterfaces')).toEqual([]);
    expect(record('Instances')['PrivateIpAddress']).toBeUndefined();
  });

  it('keeps the interfaces a paste shows on it', () => {
    const view = {
      NetworkInterfaceId: 'eni-1',
      PrivateIpAddress: '10.1.1.5',
      PrivateIpAddresses: [
        { Primary: true, PrivateIpAddress: '10.1.1.5' },
        { Primary: false, PrivateIpAddress: '10.1.1.6' },
      ],
      SubnetId: 'subnet-1',
      VpcId: 'vpc-1',
    };
    const { record, world } = ec2World({ Instances: [{ InstanceId: 'i-1', NetworkInterfaces: [view] }] });
    expect(world.records('ec2', 'NetworkInterfaces')).toHaveLength(1);
    expect(record('NetworkInterfaces')).toMatchObject({ ...view, Attachment: { InstanceId: 'i-1' } });
    expect(record('Instances')).toMatchObject({ PrivateIpAddress: '10.1.1.5', SubnetId: 'subnet-1', VpcId: 'vpc-1' });
  });
});

describe('a minimal address', () => {
  it('gets a public address, and stands for nobody', () => {
    const { record } = ec2World({ Addresses: [{ AllocationId: 'eipalloc-1' }, { AllocationId: 'eipalloc-2' }] });
    expect(record('Addresses')).toEqual({
      AllocationId: 'eipalloc-1',
      Domain: 'vpc',
      NetworkBorderGroup: 'eu-west-1',
      PublicIp: '203.0.113.10',
      PublicIpv4Pool: 'amazon',
      Tags: [],
    });
    expect(record('Addresses', 1)['PublicIp']).toBe('203.0.113.11');
  });

  it('given with its instance is associated on all three records', () => {
    const { record } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1' }],
    });
    const { AssociationId, NetworkInterfaceId } = record('Addresses');
    expect(record('Addresses')).toMatchObject({
      InstanceId: 'i-1',
      PrivateIpAddress: '10.0.0.4',
      NetworkInterfaceOwnerId: '111122223333',
    });
    expect(AssociationId).toMatch(/^eipassoc-/);
    expect(record('NetworkInterfaces')).toMatchObject({
      NetworkInterfaceId,
      Association: {
        AllocationId: 'eipalloc-1',
        AssociationId,
        IpOwnerId: '111122223333',
        PublicIp: '203.0.113.10',
        PublicDnsName: 'ec2-203-0-113-10.eu-west-1.compute.amazonaws.com',
      },
      PrivateIpAddresses: [{ Association: { AssociationId } }],
    });
    expect(record('Instances')).toMatchObject({
      PublicIpAddress: '203.0.113.10',
      NetworkInterfaces: [{ Association: { IpOwnerId: '111122223333', PublicIp: '203.0.113.10' } }],
    });
  });

  it('is found through the instance that shows it', () => {
    const { record } = ec2World({
      Instances: [{ InstanceId: 'i-1', PublicIpAddress: '203.0.113.20' }],
      Addresses: [{ AllocationId: 'eipalloc-1', PublicIp: '203.0.113.20' }],
    });
    expect(record('Addresses')['InstanceId']).toBe('i-1');
  });

  it('may be on an interface that no instance has', () => {
    const { record } = ec2World({
      NetworkInterfaces: [{ NetworkInterfaceId: 'eni-nat', InterfaceType: 'nat_gateway', RequesterManaged: true }],
      Addresses: [{ AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-nat', InstanceId: '' }],
    });
    expect(record('Addresses')['InstanceId']).toBeUndefined();
    expect(record('Addresses')).toMatchObject({ NetworkInterfaceId: 'eni-nat', PrivateIpAddress: '10.0.0.4' });
  });
});

describe('a world that contradicts itself', () => {
  const instances = [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }];
  it.each([
    [
      { Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-9' }] },
      'ec2.Addresses[0].InstanceId: there is no instance i-9 in ec2.Instances',
    ],
    [
      { Addresses: [{ AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-9' }] },
      'ec2.Addresses[0].NetworkInterfaceId: there is no interface eni-9',
    ],
    [
      { Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1', PrivateIpAddress: '10.9.9.9' }] },
      'ec2.Addresses[0].PrivateIpAddress: 10.9.9.9 is not on interface',
    ],
    [
      {
        Addresses: [
          { AllocationId: 'eipalloc-1', InstanceId: 'i-1' },
          { AllocationId: 'eipalloc-2', InstanceId: 'i-1' },
        ],
      },
      'ec2.Addresses[1]: 10.0.0.4 on',
    ],
    [
      { Addresses: [{ AllocationId: 'eipalloc-1', AssociationId: 'eipassoc-1' }] },
      'ec2.Addresses[0].AssociationId: say what the address is on',
    ],
    [
      { Addresses: [{ AllocationId: 'eipalloc-1' }, { AllocationId: 'eipalloc-1' }] },
      'ec2.Addresses[1].AllocationId: eipalloc-1 is there twice',
    ],
    [
      { NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1', Attachment: { InstanceId: 'i-9' } }] },
      'ec2.NetworkInterfaces[0].Attachment.InstanceId: there is no instance i-9',
    ],
    [
      { Volumes: [{ VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-9' }] }] },
      'ec2.Volumes[0].Attachments[0].InstanceId: there is no instance i-9',
    ],
    [{ InstanceStatuses: [{ InstanceId: 'i-9' }] }, 'ec2.InstanceStatuses[0].InstanceId: there is no instance i-9'],
    [
      { SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-1', InstanceId: 'i-9' }] },
      'ec2.SpotInstanceRequests[0].InstanceId: there is no instance i-9',
    ],
  ])('is refused with the path of the fault: %j', (collections, message) => {
    expect(refusal(() => ec2World({ Instances: instances, ...collections }))).toContain(message);
  });

  it('is refused when an instance shows an Elastic IP that is elsewhere', () => {
    const contradiction = {
      Instances: [{ InstanceId: 'i-1', PublicIpAddress: '203.0.113.20' }, { InstanceId: 'i-2' }],
      Addresses: [{ AllocationId: 'eipalloc-1', PublicIp: '203.0.113.20', InstanceId: 'i-2' }],
    };
    expect(refusal(() => ec2World(contradiction))).toBe('ec2.Addresses[0]: 203.0.113.20 is shown on i-1 too');
  });
});

describe('what else is derived', () => {
  it('three zones, and those the file mentions', () => {
    const { world } = ec2World({ Instances: [{ InstanceId: 'i-1', Placement: { AvailabilityZone: 'eu-west-1d' } }] });
    expect(
      world.records('ec2', 'AvailabilityZones').map((zone) => [zone['ZoneName'], zone['ZoneId'], zone['State']]),
    ).toEqual([
      ['eu-west-1a', 'euw1-az1', 'available'],
      ['eu-west-1b', 'euw1-az2', 'available'],
      ['eu-west-1c', 'euw1-az3', 'available'],
      ['eu-west-1d', 'euw1-az4', 'available'],
    ]);
  });

  it('volumes that only a block device shows, and block devices that only a volume shows', () => {
    const { record } = ec2World({
      Instances: [
        {
          InstanceId: 'i-1',
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1', DeleteOnTermination: true } }],
        },
      ],
      Volumes: [{ VolumeId: 'vol-2', Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdf' }] }],
    });
    expect(record('Volumes', 1)).toMatchObject({
      VolumeId: 'vol-1',
      State: 'in-use',
      AvailabilityZone: 'eu-west-1a',
      Attachments: [{ InstanceId: 'i-1', Device: '/dev/xvda', State: 'attached', DeleteOnTermination: true }],
    });
    expect(record('Instances')['BlockDeviceMappings']).toMatchObject([
      { DeviceName: '/dev/xvda' },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-2', DeleteOnTermination: false } },
    ]);
  });

  it('a one-time request behind a Spot instance', () => {
    const { record } = ec2World({
      Instances: [{ InstanceId: 'i-1', InstanceLifecycle: 'spot', SpotInstanceRequestId: 'sir-1' }],
    });
    expect(record('SpotInstanceRequests')).toMatchObject({
      SpotInstanceRequestId: 'sir-1',
      InstanceId: 'i-1',
      Type: 'one-time',
      State: 'active',
      LaunchedAvailabilityZone: 'eu-west-1a',
    });
  });

  it('the end of what was under way', () => {
    const { states, pass } = ec2World({
      Instances: [
        { InstanceId: 'i-1', State: { Name: 'pending' } },
        { InstanceId: 'i-2', State: { Name: 'stopping' } },
        { InstanceId: 'i-3', State: { Name: 'shutting-down' } },
      ],
    });
    pass(60);
    expect(states()).toEqual(['i-1 running', 'i-2 stopped', 'i-3 terminated']);
  });
});

describe('a subnet that is full', () => {
  it('is followed by another of its zone: each instance has a private address of its own', () => {
    const { world } = ec2World({
      Subnets: [{ SubnetId: 'subnet-1', AvailabilityZone: 'eu-west-1a', CidrBlock: '10.0.0.0/28', VpcId: 'vpc-1' }],
      // The first four addresses of a subnet are AWS's, and its last: eleven are left.
      Instances: Array.from({ length: 13 }, (_none, index) => ({ InstanceId: `i-${index.toString(16)}` })),
    });
    const instances = world.records('ec2', 'Instances');
    expect(new Set(instances.map((each) => each['PrivateIpAddress'])).size).toBe(13);
    expect(world.records('ec2', 'Subnets').map((each) => each['CidrBlock'])).toEqual(['10.0.0.0/28', '10.0.16.0/20']);
    expect(instances.at(-1)?.['PrivateIpAddress']).toBe('10.0.16.5');
  });
});
