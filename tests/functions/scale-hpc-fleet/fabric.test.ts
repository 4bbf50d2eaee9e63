/** What a launch meets, as it is read from the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { readFabric } from '../../../functions/scale-hpc-fleet/aws/fabric.ts';
import type { Fabric, Rung, Template } from '../../../functions/scale-hpc-fleet/decide.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { deploy, run } from '../../simulator/deploy.ts';
import { HPC, SUBNET_A, TYPE } from '../../simulator/services/ec2/launch/hpc-world.ts';

const RUNG: Rung = {
  instanceType: TYPE,
  subnetId: SUBNET_A,
  zone: 'eu-west-1a',
  placementGroup: 'mpi-a',
  market: 'on-demand',
  reservation: null,
};

const TEMPLATE: Template = {
  id: 'lt-0a1',
  name: 'mpi',
  version: '1',
  imageId: 'ami-0a1',
  interfaces: [
    {
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      InterfaceType: 'efa',
      Groups: ['sg-0e'],
      DeleteOnTermination: true,
      AssociatePublicIpAddress: null,
    },
  ],
  groups: [],
  says: { market: null, reservation: null, placement: {}, isProtected: false },
};

const SUBNETS = HPC.Subnets.map((subnet) => ({ ...subnet, AvailableIpAddressCount: 200 }));

/** Reads it as a deployed function does. */
async function read(
  own: { readonly ec2?: Shape; readonly quotas?: Shape[] } = {},
  { template = TEMPLATE, rungs = [RUNG] }: { readonly template?: Template; readonly rungs?: readonly Rung[] } = {},
): Promise<Fabric> {
  const found: Fabric[] = [];
  const place = { run: 'r', account: '111122223333', region: 'eu-west-1', target: 't' };
  const fn = deploy(async () => {
    found.push(await readFabric(template, rungs, makeIo({ ...place, signal: new AbortController().signal })));
  });
  const world = {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    ec2: { ...HPC, Subnets: SUBNETS, ...own.ec2 },
    'service-quotas': { Quotas: own.quotas ?? [] },
  };
  const { error } = await simulate(run(fn, { world, faults: NO_FAULTS }));
  if (error !== undefined) throw error;
  const [fabric] = found;
  if (fabric === undefined) throw new Error('nothing was read');
  return fabric;
}

describe('what a launch meets', () => {
  it('is read of image, groups, types, subnets and placement groups', async () => {
    expect(await read()).toEqual({
      image: { state: 'available', platform: 'Linux/UNIX' },
      groups: [{ id: 'sg-0e', vpcId: 'vpc-1', isDefault: false, from: ['sg-0e'], to: ['sg-0e'] }],
      types: {
        [TYPE]: {
          vcpus: 72,
          usage: ['on-demand', 'spot'],
          strategies: ['cluster', 'partition', 'spread'],
          hasEna: null,
          hasEfa: true,
          maxEfaInterfaces: 1,
          cards: { 0: 15 },
        },
      },
      offered: [`${TYPE}/eu-west-1a`, `${TYPE}/eu-west-1b`],
      subnets: { [SUBNET_A]: { vpcId: 'vpc-1', freeAddresses: 200 } },
      placementGroups: { 'mpi-a': { strategy: 'cluster', state: 'available', zones: [] } },
      reservations: {},
      quotas: {},
    });
  });

  it('has what fleets hold of a quota, and the zones in which a placement group has instances', async () => {
    const node = (id: string, more: Shape): Shape => ({
      InstanceId: `i-0000000${id}`,
      InstanceType: TYPE,
      Placement: { AvailabilityZone: 'eu-west-1b', GroupName: 'mpi-a' },
      State: { Code: 16, Name: 'running' },
      Tags: [{ Key: 'runbook:hpc-queue', Value: 'cfd' }],
      ...more,
    });
    const Instances = [
      node('1', {}),
      node('2', { State: { Code: 80, Name: 'stopped' } }),
      node('3', { Tags: [] }),
      node('4', { InstanceLifecycle: 'spot' }),
    ];
    const quotas = [{ QuotaCode: 'L-1216C47A', Value: 320 }];
    const fabric = await read({ ec2: { Instances }, quotas });
    expect(fabric.quotas).toEqual({ [`${TYPE}/on-demand`]: { code: 'L-1216C47A', vcpus: 320, held: 72 } });
    expect(fabric.placementGroups['mpi-a']?.zones).toEqual(['eu-west-1b']);
  });

  it('has reservations one by one: what is not there takes nothing from the others', async () => {
    const CapacityReservations = [
      {
        CapacityReservationId: 'cr-1',
        InstanceType: TYPE,
        AvailabilityZone: 'eu-west-1a',
        TotalInstanceCount: 8,
        PlacementGroupArn: 'arn:aws:ec2:eu-west-1:111122223333:placement-group/mpi-a',
      },
    ];
    const rungs = ['cr-1', 'cr-2'].map((reservation) => ({ ...RUNG, reservation }));
    const { reservations } = await read({ ec2: { CapacityReservations } }, { rungs });
    expect(reservations).toEqual({
      'cr-1': {
        state: 'active',
        instanceType: TYPE,
        zone: 'eu-west-1a',
        placementGroup: 'mpi-a',
        platform: 'Linux/UNIX',
        tenancy: 'default',
        isBlock: false,
        available: 8,
      },
    });
  });

  it.each([
    ['of this account, by its name', '111122223333', 'mpi-a'],
    ['of another account, by its ARN', '444455556666', 'arn:aws:ec2:eu-west-1:444455556666:placement-group/mpi-a'],
  ])('has the placement group of a reservation %s', async (_what, owner, placementGroup) => {
    const CapacityReservations = [
      {
        CapacityReservationId: 'cr-1',
        InstanceType: TYPE,
        AvailabilityZone: 'eu-west-1a',
        TotalInstanceCount: 8,
        InstancePlatform: 'RHEL with HA',
        Tenancy: 'dedicated',
        PlacementGroupArn: `arn:aws:ec2:eu-west-1:${owner}:placement-group/mpi-a`,
      },
    ];
    const { reservations } = await read(
      { ec2: { CapacityReservations } },
      { rungs: [{ ...RUNG, reservation: 'cr-1' }] },
    );
    expect(reservations['cr-1']).toMatchObject({ placementGroup, platform: 'RHEL with HA', tenancy: 'dedicated' });
  });

  it('has the default group of the VPC where an interface names none', async () => {
    const [interface0] = TEMPLATE.interfaces;
    if (interface0 === undefined) throw new Error('an interface');
    const template = { ...TEMPLATE, interfaces: [{ ...interface0, Groups: [] }] };
    const inside = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0d' }] };
    const SecurityGroups = [
      { GroupId: 'sg-0d', GroupName: 'default', VpcId: 'vpc-1', IpPermissions: [inside] },
      { GroupId: 'sg-0f', GroupName: 'default', VpcId: 'vpc-2', IpPermissions: [] },
    ];
    const { groups } = await read({ ec2: { SecurityGroups } }, { template });
    expect(groups).toEqual([{ id: 'sg-0d', vpcId: 'vpc-1', isDefault: true, from: ['sg-0d'], to: [] }]);
  });

  it.each<[string, Shape[], Fabric['image']]>([
    [
      'Windows',
      [{ ImageId: 'ami-0a1', Platform: 'windows', State: 'available' }],
      { state: 'available', platform: 'Windows' },
    ],
    ['not there', [{ ImageId: 'ami-0b2' }], null],
    ['pending', [{ ImageId: 'ami-0a1', State: 'pending' }], { state: 'pending', platform: null }],
  ])('has an image that is %s', async (_what, Images, image) => {
    expect((await read({ ec2: { Images } })).image).toEqual(image);
  });

  it('stays small, of twenty rungs of a type each with 32 cards', async () => {
    const rungs = Array.from({ length: 20 }, (_none, index) => ({ ...RUNG, instanceType: `p${index + 10}.48xlarge` }));
    const InstanceTypes = rungs.map(({ instanceType }) => ({
      InstanceType: instanceType,
      NetworkInfo: {
        NetworkCards: Array.from({ length: 32 }, (_none, NetworkCardIndex) => ({
          NetworkCardIndex,
          MaximumNetworkInterfaces: 2,
        })),
      },
    }));
    const fabric = await read({ ec2: { InstanceTypes } }, { rungs });
    expect(JSON.stringify(fabric).length).toBeLessThan(12_500);
  });
});
