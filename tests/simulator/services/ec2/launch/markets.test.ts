/** Spot instances, capacity reservations, and what a launch puts on volumes and interfaces. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../../simulator/engine/model.ts';
import { refusal } from '../ec2-world.ts';
import { efaIn, gang, HPC, hpcWorld, idsOf, SUBNET_A, TYPE } from './hpc-world.ts';

const ARN = 'arn:aws:ec2:eu-west-1:111122223333:placement-group/mpi-a';
const RESERVATION = {
  CapacityReservationId: 'cr-0a1',
  InstanceType: TYPE,
  AvailabilityZone: 'eu-west-1a',
  TotalInstanceCount: 4,
  InstanceMatchCriteria: 'targeted',
  PlacementGroupArn: ARN,
};

const into = (id: string): Shape => ({
  CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: id } },
});

describe('Spot instances', () => {
  const spot = { InstanceMarketOptions: { MarketType: 'spot' } };

  it('come with a request each, and draw on pools of their market', () => {
    const pool = { InstanceType: TYPE, AvailabilityZone: 'eu-west-1a' };
    const pools = ['spot', 'on-demand'].map((Market) => ({ ...pool, Market, Available: 2 }));
    const made = hpcWorld({}, { pools });
    const answer = made.call('RunInstances', gang(2, spot));
    expect(answer).toMatchObject({
      Instances: [1, 2].map(() => ({
        InstanceLifecycle: 'spot',
        SpotInstanceRequestId: expect.stringMatching(/^sir-/u),
      })),
    });
    expect(made.world.records('capacity', 'Pools').map((each) => each['Available'])).toEqual([0, 2]);
    expect(refusal(() => made.call('RunInstances', gang(1, spot)))).toBe(
      'InsufficientInstanceCapacity: There is no Spot capacity available that matches your request.',
    );
    made.pass(21);
    // What EC2 takes back is not there to be launched again.
    made.change(`ec2/Instances/${idsOf(answer)[0]}/SpotInterruption`, 'terminate');
    made.pass(200);
    expect(made.world.records('capacity', 'Pools').map((each) => each['Available'])).toEqual([0, 2]);
  });
});

describe('a targeted capacity reservation', () => {
  it('is drawn on, and has its instances back when they end', () => {
    const made = hpcWorld({ CapacityReservations: [RESERVATION] });
    const available = (): unknown => made.call('DescribeCapacityReservations', { CapacityReservationIds: ['cr-0a1'] });
    const ids = idsOf(made.call('RunInstances', gang(3, into('cr-0a1'))));
    expect(available()).toMatchObject({ CapacityReservations: [{ AvailableInstanceCount: 1, TotalInstanceCount: 4 }] });
    expect(refusal(() => made.call('RunInstances', gang(2, into('cr-0a1'))))).toMatch(
      /^ReservationCapacityExceeded: The targeted Capacity Reservation does not have enough/u,
    );
    made.call('TerminateInstances', { InstanceIds: ids });
    made.pass(31);
    expect(available()).toMatchObject({ CapacityReservations: [{ AvailableInstanceCount: 4 }] });
  });

  it.each([
    ['an unknown one', 'cr-0z', {}, /^InvalidCapacityReservationId\.NotFound/u],
    ['one that has ended', 'cr-0a1', { State: 'expired' }, /^InvalidCapacityReservationState/u],
    ['one of another type', 'cr-0a1', { InstanceType: 't3.micro' }, /^InvalidParameterValue/u],
    ['one that is in another group', 'cr-0a1', { PlacementGroupArn: `${ARN}-z` }, /^InsufficientInstanceCapacity/u],
    ['one of another platform', 'cr-0a1', { InstancePlatform: 'Ubuntu Pro' }, /^InvalidParameterValue/u],
    ['one of another tenancy', 'cr-0a1', { Tenancy: 'dedicated' }, /^InvalidParameterValue/u],
  ])('is refused where it is %s', (_what, id, more, said) => {
    const made = hpcWorld({ CapacityReservations: [{ ...RESERVATION, ...more }] });
    expect(refusal(() => made.call('RunInstances', gang(1, into(id))))).toMatch(said);
    expect(made.world.records('ec2', 'Instances')).toEqual([]);
  });

  it.each([
    ['RHEL with HA and SQL Server Standard', 'Red Hat Enterprise Linux with SQL Server Standard and HA', true],
    ['Linux with SQL Server Web', 'SQL Server Web', true],
    ['Linux/UNIX', 'Red Hat BYOL Linux', true],
    ['Linux/UNIX', 'Red Hat Enterprise Linux', false],
    ['RHEL with HA', 'Red Hat Enterprise Linux', false],
  ])('for %s takes an image of %s: %s', (InstancePlatform, PlatformDetails, isTaken) => {
    const Images = [{ ImageId: 'ami-0a1', State: 'available', PlatformDetails }];
    const made = hpcWorld({ Images, CapacityReservations: [{ ...RESERVATION, InstancePlatform }] });
    const launch = (): string => idsOf(made.call('RunInstances', gang(1, into('cr-0a1')))).join('');
    expect(isTaken ? launch() : refusal(launch)).toMatch(isTaken ? /^i-/u : /^InvalidParameterValue/u);
  });

  it('in no group takes launches into one as well', () => {
    const made = hpcWorld({ CapacityReservations: [{ ...RESERVATION, PlacementGroupArn: undefined }] });
    expect(made.call('RunInstances', gang(1, into('cr-0a1')))['Instances']).toMatchObject([
      { CapacityReservationId: 'cr-0a1', Placement: { GroupName: 'mpi-a' } },
    ]);
  });

  it('brings launches that name no group into its own', () => {
    const made = hpcWorld({ CapacityReservations: [RESERVATION] });
    const launched = made.call('RunInstances', gang(1, { ...into('cr-0a1'), Placement: undefined }));
    expect(launched['Instances']).toMatchObject([{ Placement: { GroupName: 'mpi-a', GroupId: 'pg-0a' } }]);
    const others = [{ ...RESERVATION, PlacementGroupArn: ARN.replace('111122223333', '444455556666') }];
    const shared = hpcWorld({ CapacityReservations: others });
    expect(refusal(() => shared.call('RunInstances', gang(1, { ...into('cr-0a1'), Placement: undefined })))).toMatch(
      /^not simulated: ec2:RunInstances into arn:.*444455556666/u,
    );
    expect(refusal(() => shared.call('RunInstances', gang(1, into('cr-0a1'))))).toMatch(
      /^InsufficientInstanceCapacity/u,
    );
  });

  it('is bound by a pool that names it', () => {
    const pool = { InstanceType: TYPE, AvailabilityZone: 'eu-west-1a', CapacityReservationId: 'cr-0a1', Available: 1 };
    const made = hpcWorld({ CapacityReservations: [RESERVATION] }, { pools: [pool] });
    expect(refusal(() => made.call('RunInstances', gang(2, into('cr-0a1'))))).toMatch(/^ReservationCapacityExceeded/u);
  });
});

describe('a capacity block', () => {
  const block = { ...RESERVATION, ReservationType: 'capacity-block', PlacementGroupArn: undefined };
  const market = { InstanceMarketOptions: { MarketType: 'capacity-block' }, Placement: {} };

  it('is launched into by its market only, whatever the quota', () => {
    const [type] = HPC.InstanceTypes;
    const InstanceTypes = [{ ...type, SupportedUsageClasses: ['on-demand', 'capacity-block'] }];
    const quotas = [{ QuotaCode: 'L-1216C47A', Value: 0 }];
    const made = hpcWorld({ InstanceTypes, CapacityReservations: [block] }, { quotas });
    expect(made.call('RunInstances', gang(2, { ...market, ...into('cr-0a1') }))['Instances']).toMatchObject(
      [1, 2].map(() => ({ InstanceLifecycle: 'capacity-block', CapacityReservationId: 'cr-0a1' })),
    );
    expect(refusal(() => made.call('RunInstances', gang(1, market)))).toMatch(/^MissingParameter/u);
    expect(refusal(() => made.call('RunInstances', gang(1, { Placement: {}, ...into('cr-0a1') })))).toMatch(
      /^not simulated/u,
    );
  });

  it('is no market of a type that does not have it', () => {
    const made = hpcWorld({ CapacityReservations: [block] });
    expect(refusal(() => made.call('RunInstances', gang(1, { ...market, ...into('cr-0a1') })))).toBe(
      "Unsupported: The instance type 'c5n.18xlarge' does not support the usage class capacity-block.",
    );
  });
});

describe('an open capacity reservation', () => {
  const open = { ...RESERVATION, InstanceMatchCriteria: 'open', TotalInstanceCount: 1 };

  it('is filled first by whoever matches it, unless he wants none', () => {
    const made = hpcWorld({ CapacityReservations: [open] });
    const none = { CapacityReservationSpecification: { CapacityReservationPreference: 'none' } };
    made.call('RunInstances', gang(1, none));
    expect(made.record('CapacityReservations')['AvailableInstanceCount']).toBe(1);
    expect(made.call('RunInstances', gang(2))['Instances']).toMatchObject([{ CapacityReservationId: 'cr-0a1' }, {}]);
    const only = { CapacityReservationSpecification: { CapacityReservationPreference: 'capacity-reservations-only' } };
    expect(refusal(() => made.call('RunInstances', gang(1, only)))).toMatch(/^InsufficientInstanceCapacity/u);
  });
});

describe('an open capacity reservation that a launch does not match', () => {
  const only = { CapacityReservationSpecification: { CapacityReservationPreference: 'capacity-reservations-only' } };

  it.each<[string, Shape, Shape, boolean]>([
    ['in no group', { PlacementGroupArn: undefined }, {}, true],
    ['in its group', {}, {}, true],
    ['in a group that it does not name', {}, { Placement: undefined }, false],
    ['of another platform', { InstancePlatform: 'SUSE Linux' }, {}, false],
    ['of another tenancy', { Tenancy: 'dedicated' }, {}, false],
  ])('is left alone: one %s', (_what, more, asked, isDrawnOn) => {
    const CapacityReservations = [{ ...RESERVATION, InstanceMatchCriteria: 'open', ...more }];
    const made = hpcWorld({ CapacityReservations });
    const launch = (): string => idsOf(made.call('RunInstances', gang(1, { ...only, ...asked }))).join('');
    expect(isDrawnOn ? launch() : refusal(launch)).toMatch(isDrawnOn ? /^i-/u : /^InsufficientInstanceCapacity/u);
  });
});

describe('what a launch makes', () => {
  it('has the tags of the template and of the request, and goes with its instance', () => {
    const made = hpcWorld();
    const tags = (ResourceType: string): Shape => ({ ResourceType, Tags: [{ Key: 'gang', Value: ResourceType }] });
    const efaOnly = efaIn(SUBNET_A, { DeviceIndex: 1, InterfaceType: 'interface', DeleteOnTermination: false });
    const answer = made.call(
      'RunInstances',
      gang(1, {
        NetworkInterfaces: [efaIn(SUBNET_A), efaOnly],
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 40 } },
          { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 100, DeleteOnTermination: true } },
        ],
        TagSpecifications: ['instance', 'volume', 'network-interface'].map(tags),
      }),
    );
    expect(answer['Instances']).toMatchObject([
      {
        Tags: [
          { Key: 'fleet', Value: 'mpi' },
          { Key: 'gang', Value: 'instance' },
        ],
      },
    ]);
    const volumes = made.call('DescribeVolumes', { Filters: [{ Name: 'tag:gang', Values: ['volume'] }] });
    expect(volumes['Volumes']).toMatchObject([{ Size: 40 }, { Size: 100 }]);
    expect(made.world.records('ec2', 'NetworkInterfaces')).toMatchObject(
      [1, 2].map(() => ({ TagSet: [{ Key: 'gang', Value: 'network-interface' }] })),
    );
    made.call('TerminateInstances', { InstanceIds: idsOf(answer) });
    made.pass(31);
    expect(made.world.records('ec2', 'Volumes')).toEqual([]);
    expect(made.world.records('ec2', 'NetworkInterfaces')).toMatchObject([{ Status: 'available' }]);
  });

  it.each([
    [undefined, true, 1],
    [undefined, false, 0],
    [true, false, 1],
    [false, true, 0],
  ])('has a public address where the launch (%s) says so, or else its subnet (%s)', (asked, maps, count) => {
    const [subnet] = HPC.Subnets;
    const made = hpcWorld({ Subnets: [{ ...subnet, MapPublicIpOnLaunch: maps }] });
    const NetworkInterfaces = [efaIn(SUBNET_A, { AssociatePublicIpAddress: asked })];
    made.call('RunInstances', gang(1, { NetworkInterfaces }));
    expect(made.world.records('ec2', 'Instances').flatMap((one) => one['PublicIpAddress'] ?? [])).toHaveLength(count);
  });

  it('has one root device, the one that the template names where the image is not known', () => {
    const made = hpcWorld();
    const mapping = { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 50, VolumeType: 'gp3' } };
    made.call('RunInstances', gang(1, { BlockDeviceMappings: [mapping] }));
    expect(made.record('Instances')['RootDeviceName']).toBe('/dev/sda1');
    expect(made.world.records('ec2', 'Volumes')).toMatchObject([{ Size: 50 }]);
  });

  it('has no address on an interface that is for EFA only', () => {
    const type = {
      InstanceType: TYPE,
      NetworkInfo: { EfaSupported: true, EfaInfo: { MaximumEfaInterfaces: 2 } },
    };
    const made = hpcWorld({ InstanceTypes: [type] });
    const NetworkInterfaces = [
      efaIn(SUBNET_A),
      efaIn(SUBNET_A, { NetworkCardIndex: 1, DeviceIndex: 1, InterfaceType: 'efa-only' }),
    ];
    made.call('RunInstances', gang(1, { NetworkInterfaces }));
    expect(made.world.records('ec2', 'NetworkInterfaces')).toMatchObject([
      { InterfaceType: 'efa', PrivateIpAddress: '10.0.0.4' },
      { InterfaceType: 'efa-only', PrivateIpAddresses: [] },
    ]);
  });
});
