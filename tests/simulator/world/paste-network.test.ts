/** Pasted addresses, interfaces, volumes and zones of the rarer kinds. */

import { describe, expect, it } from 'vitest';
import { createClock } from '../../../simulator/engine/clock.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { createWorld } from '../../../simulator/engine/world.ts';
import { launchInstance } from '../../../simulator/services/ec2/instances.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import { ask, FRAME, HOLDER, load } from './pasting.ts';

describe('an address', () => {
  it('on an interface that was not pasted is held by somebody foreign', () => {
    const { lacks, one, world } = load({
      ec2: {
        Instances: [HOLDER],
        Addresses: [
          {
            AllocationId: 'eipalloc-1',
            PublicIp: '203.0.113.9',
            AssociationId: 'eipassoc-1',
            NetworkInterfaceId: 'eni-0nat',
            NetworkInterfaceOwnerId: '111122223333',
            PrivateIpAddress: '10.0.0.200',
            InstanceId: '',
          },
          {
            AllocationId: 'eipalloc-2',
            PublicIp: '203.0.113.8',
            AssociationId: 'eipassoc-2',
            NetworkInterfaceId: 'eni-0x',
            PrivateIpAddress: '10.0.0.201',
            InstanceId: 'i-0x1',
          },
        ],
      },
    });
    expect(lacks).toEqual([
      'ec2.Addresses[0].NetworkInterfaceId: there is no interface eni-0nat in ec2.NetworkInterfaces or on an instance',
      'ec2.Addresses[1].InstanceId: there is no instance i-0x1 in ec2.Instances',
      'ec2.Addresses[1].NetworkInterfaceId: there is no interface eni-0x in ec2.NetworkInterfaces or on an instance',
    ]);
    expect(one('ec2', 'Addresses')).toMatchObject({
      AssociationId: 'eipassoc-1',
      NetworkInterfaceId: 'eni-0nat',
      PrivateIpAddress: '10.0.0.200',
    });
    expect(one('ec2', 'Addresses')['InstanceId']).toBe(undefined);
    expect(one('ec2', 'Addresses', 1)['InstanceId']).toBe('i-0x1');
    expect(() =>
      ask(world, 'ec2', 'AssociateAddress', { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-0a1' }),
    ).toThrow('You do not have permission to access the specified resource.');
  });

  it("of a carrier, of the customer's own pool, or left over from EC2-Classic gets no public IPv4 address", () => {
    const { lacks, one } = load({
      ec2: {
        Instances: [HOLDER],
        Addresses: [
          {
            AllocationId: 'eipalloc-1',
            Domain: 'vpc',
            CarrierIp: '155.146.1.2',
            NetworkBorderGroup: 'us-east-1-wl1-bos-wlz-1',
          },
          {
            AllocationId: 'eipalloc-2',
            Domain: 'vpc',
            CustomerOwnedIp: '198.18.1.2',
            CustomerOwnedIpv4Pool: 'ipv4pool-coip-1',
            AssociationId: 'eipassoc-2',
            NetworkInterfaceId: 'eni-0a1',
            PrivateIpAddress: '10.0.0.11',
          },
          { PublicIp: '203.0.113.1', Domain: 'standard', InstanceId: '' },
          { PublicIp: '203.0.113.2', Domain: 'standard', InstanceId: '' },
          { AllocationId: 'eipalloc-3', NetworkBorderGroup: 'us-east-1-wl1' },
        ],
      },
    });
    expect(lacks).toEqual([]);
    expect([0, 1, 2, 3, 4].map((index) => one('ec2', 'Addresses', index)['PublicIp'])).toEqual([
      undefined,
      undefined,
      '203.0.113.1',
      '203.0.113.2',
      undefined,
    ]);
    expect(one('ec2', 'NetworkInterfaces')['Association']).toEqual({
      AllocationId: 'eipalloc-2',
      AssociationId: 'eipassoc-2',
      CustomerOwnedIp: '198.18.1.2',
      IpOwnerId: '111122223333',
    });
    expect(one('ec2', 'Instances')['PublicIpAddress']).toBe(undefined);
  });

  it('without an allocation is a fault, but for one of EC2-Classic', () => {
    expect(() => load({ ec2: { Addresses: [{ PublicIp: '203.0.113.1' }] } })).toThrow(
      'ec2.Addresses[0].AllocationId: is missing',
    );
  });
});

describe('an interface without IPv4', () => {
  const entries = (eni: Shape): unknown => eni['PrivateIpAddresses'];

  it.each([
    [
      'in an IPv6-only subnet',
      { SubnetId: 'subnet-6' },
      [{ SubnetId: 'subnet-6', AvailabilityZone: 'eu-west-1a', Ipv6Native: true, VpcId: 'vpc-1' }],
    ],
    ['that shows none', { PrivateIpAddresses: [] }, []],
    ['that shows IPv6 only', { Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }] }, []],
    ['for EFA only', { InterfaceType: 'efa-only' }, []],
  ])('gets none: %s', (_what, eni, Subnets) => {
    const { one } = load({
      ec2: { Instances: [{ ...HOLDER, NetworkInterfaces: [{ NetworkInterfaceId: 'eni-06', ...eni }] }], Subnets },
    });
    expect(entries(one('ec2', 'NetworkInterfaces'))).toEqual([]);
    expect(one('ec2', 'NetworkInterfaces')['PrivateIpAddress']).toBe(undefined);
    expect(one('ec2', 'Instances')['PrivateIpAddress']).toBe(undefined);
  });

  it('gets none where only its instance tells of it', () => {
    const { one } = load({
      ec2: { Instances: [{ InstanceId: 'i-06', Ipv6Address: '2001:db8::1', SubnetId: 'subnet-6' }] },
    });
    expect(entries(one('ec2', 'NetworkInterfaces'))).toEqual([]);
    expect(one('ec2', 'NetworkInterfaces')['Ipv6Addresses']).toEqual([{ Ipv6Address: '2001:db8::1' }]);
  });

  it('is what a launch into such a subnet gets, though the subnet was not pasted', () => {
    const { world } = load({
      ec2: { Instances: [{ InstanceId: 'i-06', Ipv6Address: '2001:db8::1', SubnetId: 'subnet-6' }] },
    });
    const id = launchInstance(world, { availabilityZone: 'eu-west-1a', subnetId: 'subnet-6', tags: [] });
    const launched = world.records('ec2', 'Instances').find((each) => each['InstanceId'] === id);
    expect(launched?.['PrivateIpAddress']).toBe(undefined);
  });

  it('leaves one of both families as it is', () => {
    const { one } = load({
      ec2: {
        Instances: [
          {
            ...HOLDER,
            NetworkInterfaces: HOLDER.NetworkInterfaces.map((eni) => ({
              ...eni,
              Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }],
            })),
          },
        ],
      },
    });
    expect(one('ec2', 'Instances')['PrivateIpAddress']).toBe('10.0.0.11');
  });
});

describe('a volume', () => {
  it('that an AWS service holds is left as it is, also in a file that is written by hand', () => {
    const Volumes = [
      {
        VolumeId: 'vol-0ecs',
        AvailabilityZone: 'eu-west-1a',
        State: 'in-use',
        Attachments: [
          {
            AssociatedResource: 'arn:aws:ecs:eu-west-1:111122223333:task/c/1',
            InstanceOwningService: 'ecs.amazonaws.com',
            State: 'attached',
            DeleteOnTermination: true,
            VolumeId: 'vol-0ecs',
          },
        ],
      },
    ];
    const { lacks, one, world } = load({ ec2: { Volumes } });
    expect(lacks).toEqual([]);
    expect(one('ec2', 'Volumes')['Attachments']).toEqual(Volumes[0]?.Attachments);
    expect(() => ask(world, 'ec2', 'DeleteVolume', { VolumeId: 'vol-0ecs' })).toThrow('is currently attached');
    const parsed = parseWorld({ ...FRAME, ec2: { Volumes } });
    const options = {
      services: SERVICES,
      seed: 1,
      account: parsed.account,
      region: parsed.region,
      clock: createClock(0),
    };
    expect(createWorld(parsed.data, options).records('ec2', 'Volumes')).toHaveLength(1);
  });

  it('on several instances loads, and is not simulated when something is done to it', () => {
    const second = { ...HOLDER, InstanceId: 'i-0b2', NetworkInterfaces: [] };
    const shown = [{ DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-m', Status: 'attached' } }];
    const Attachments = ['i-0a1', 'i-0b2'].map((InstanceId) => ({ InstanceId, Device: '/dev/sdf', State: 'attached' }));
    const Instances = [HOLDER, second].map((each) => ({ ...each, BlockDeviceMappings: shown }));
    for (const volumes of [[{ VolumeId: 'vol-m', State: 'in-use', MultiAttachEnabled: true, Attachments }], []]) {
      const { lacks, world } = load({ ec2: { Instances, Volumes: volumes } });
      expect(lacks).toEqual([
        'ec2.Volumes[0].Attachments: a volume with several attachments (multi-attach) is not simulated',
      ]);
      expect(() => ask(world, 'ec2', 'DetachVolume', { VolumeId: 'vol-m', InstanceId: 'i-0a1' })).toThrow(
        'not simulated: a volume with several attachments: vol-m',
      );
    }
  });

  it('that has just been deleted, detached or is held by nobody that is named loads', () => {
    const { lacks, world } = load({
      ec2: {
        Instances: [HOLDER],
        Volumes: [
          { VolumeId: 'vol-1', State: 'deleted' },
          { VolumeId: 'vol-2', State: 'available', Attachments: [{ InstanceId: 'i-0a1', State: 'detached' }] },
          {
            VolumeId: 'vol-3',
            State: 'in-use',
            Attachments: [],
            OutpostArn: 'arn:aws:outposts:eu-west-1:111122223333:outpost/op-1',
          },
        ],
        Snapshots: [{ SnapshotId: 'snap-1', State: 'recovering' }],
      },
    });
    expect(lacks).toEqual(['ec2.Volumes[1].State: is in-use: say by which instance, in Attachments']);
    expect(world.records('ec2', 'Volumes').map((volume) => volume['VolumeId'])).toEqual(['vol-2', 'vol-3']);
  });
});

describe('a zone', () => {
  it('is of the kind that its name says', () => {
    const zones = ['us-east-1a', 'us-east-1-bos-1a', 'us-east-1-wl1-bos-wlz-1'];
    const { world } = load({
      region: 'us-east-1',
      ec2: { Volumes: zones.map((AvailabilityZone, index) => ({ VolumeId: `vol-${index}`, AvailabilityZone })) },
    });
    const kinds = world
      .records('ec2', 'AvailabilityZones')
      .filter((zone) => isRecord(zone) && zones.includes(String(zone['ZoneName'])))
      .map((zone) => [zone['ZoneType'], zone['NetworkBorderGroup']]);
    expect(kinds).toEqual([
      ['local-zone', 'us-east-1-bos-1'],
      ['wavelength-zone', 'us-east-1-wl1'],
      ['availability-zone', 'us-east-1'],
    ]);
  });
});
