/** Launch templates, placement groups, instance types: as they are described, made and deleted. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../../simulator/engine/model.ts';
import { ask, load } from '../../../world/pasting.ts';
import { ec2World, refusal } from '../ec2-world.ts';
import { gang, hpcWorld, TYPE } from './hpc-world.ts';

const VERSIONS = [1, 2, 3].map((VersionNumber) => ({
  LaunchTemplateId: 'lt-0b2',
  LaunchTemplateName: 'other',
  VersionNumber,
  DefaultVersion: VersionNumber === 2,
  LaunchTemplateData: { ImageId: `ami-${VersionNumber}` },
}));

describe('launch templates', () => {
  it('are found by id, name and tag, with what a file leaves out', () => {
    const Tags = [{ Key: 'runbook:hpc', Value: 'mpi' }];
    const { call } = ec2World({
      LaunchTemplates: [{ LaunchTemplateName: 'mpi', Data: { ImageId: 'ami-1' }, Tags }, { LaunchTemplateName: 'web' }],
    });
    const Filters = [{ Name: 'tag:runbook:hpc', Values: ['*'] }];
    const template = {
      LaunchTemplateId: expect.stringMatching(/^lt-/u),
      LaunchTemplateName: 'mpi',
      CreateTime: new Date('2026-11-22T08:00:00Z'),
      CreatedBy: 'arn:aws:iam::111122223333:root',
      DefaultVersionNumber: 1,
      LatestVersionNumber: 1,
      Tags,
    };
    expect(call('DescribeLaunchTemplates', { Filters })).toEqual({ LaunchTemplates: [template] });
    expect(call('DescribeLaunchTemplates', { LaunchTemplateNames: ['mpi'] })).toEqual({ LaunchTemplates: [template] });
    expect(refusal(() => call('DescribeLaunchTemplates', { LaunchTemplateIds: ['lt-0z'] }))).toBe(
      'InvalidLaunchTemplateId.NotFound: The specified launch template, with template ID lt-0z, does not exist.',
    );
  });

  it('have versions, which may be all that was pasted of them', () => {
    const { world } = load({ ec2: { LaunchTemplateVersions: VERSIONS } });
    const numbers = (input: object): unknown[] => {
      const answer = ask(world, 'ec2', 'DescribeLaunchTemplateVersions', { ...input });
      const found: unknown = 'LaunchTemplateVersions' in answer ? answer.LaunchTemplateVersions : [];
      return Array.isArray(found) ? found.map((version: { VersionNumber: number }) => version.VersionNumber) : [];
    };
    expect(numbers({ LaunchTemplateId: 'lt-0b2' })).toEqual([3, 2, 1]);
    expect(numbers({ LaunchTemplateName: 'other', Versions: ['$Default', '$Latest', '1'] })).toEqual([2, 3, 1]);
    expect(numbers({ Versions: ['$Latest'] })).toEqual([3]);
    expect(() => numbers({ LaunchTemplateId: 'lt-0b2', Versions: ['4'] })).toThrow(
      'Could not find the specified version 4',
    );
    expect(() => numbers({})).toThrow('must be specified');
    expect(() => numbers({ LaunchTemplateId: 'lt-0b2', LaunchTemplateName: 'other' })).toThrow('not both');
  });

  it('are not known to have a version that the file does not hold', () => {
    const { call } = ec2World({
      LaunchTemplates: [{ LaunchTemplateId: 'lt-1', LatestVersionNumber: 4, LaunchTemplateData: { ImageId: 'ami-1' } }],
    });
    expect(refusal(() => call('DescribeLaunchTemplateVersions', { LaunchTemplateId: 'lt-1', Versions: ['2'] }))).toBe(
      'not simulated: version 2 of launch template lt-1, which the world file does not hold',
    );
  });

  it('that contradict themselves are an error', () => {
    const other = { ...VERSIONS[0], LaunchTemplateData: { ImageId: 'ami-9' } };
    expect(() => ec2World({ LaunchTemplateVersions: [...VERSIONS, other] })).toThrow('lt-0b2:1 occurs twice');
    expect(() => ec2World({ LaunchTemplates: [{ LaunchTemplateName: 'a' }, { LaunchTemplateName: 'a' }] })).toThrow(
      'a is there twice',
    );
    expect(() => ec2World({ LaunchTemplateVersions: [{ VersionNumber: 1 }] })).toThrow('is missing');
  });
});

/** What it answers, or why not. */
function refusalOr(call: () => unknown): unknown {
  try {
    return call();
  } catch {
    return refusal(call);
  }
}

describe('placement groups', () => {
  const tags = [{ ResourceType: 'placement-group', Tags: [{ Key: 'gang', Value: '1' }] }];

  it('are made with tags, found, and deleted', () => {
    const { call } = ec2World({});
    const made = call('CreatePlacementGroup', { GroupName: 'g', Strategy: 'cluster', TagSpecifications: tags });
    expect(made).toEqual({
      PlacementGroup: {
        GroupName: 'g',
        GroupId: expect.stringMatching(/^pg-/u),
        GroupArn: 'arn:aws:ec2:eu-west-1:111122223333:placement-group/g',
        Strategy: 'cluster',
        State: 'available',
        Tags: [{ Key: 'gang', Value: '1' }],
      },
    });
    const Filters = [{ Name: 'tag:gang', Values: ['1'] }];
    expect(call('DescribePlacementGroups', { Filters })['PlacementGroups']).toHaveLength(1);
    expect(refusal(() => call('CreatePlacementGroup', { GroupName: 'g' }))).toBe(
      "InvalidPlacementGroup.Duplicate: The Placement Group 'g' already exists.",
    );
    call('DeletePlacementGroup', { GroupName: 'g' });
    expect(refusal(() => call('DescribePlacementGroups', { GroupNames: ['g'] }))).toBe(
      "InvalidPlacementGroup.Unknown: The Placement Group 'g' is unknown.",
    );
  });

  it('are not deleted while instances or reservations are in them', () => {
    const made = hpcWorld({
      CapacityReservations: [
        {
          CapacityReservationId: 'cr-0a1',
          PlacementGroupArn: 'arn:aws:ec2:eu-west-1:111122223333:placement-group/mpi-b',
        },
      ],
    });
    const { Instances: instances } = made.call('RunInstances', gang(1));
    for (const GroupName of ['mpi-a', 'mpi-b'])
      expect(refusal(() => made.call('DeletePlacementGroup', { GroupName }))).toBe(
        `InvalidPlacementGroup.InUse: The placement group '${GroupName}' is in use and may not be deleted.`,
      );
    const InstanceIds = Array.isArray(instances) ? instances.map((one: { InstanceId: string }) => one.InstanceId) : [];
    made.call('TerminateInstances', { InstanceIds });
    made.pass(31);
    made.call('DeletePlacementGroup', { GroupName: 'mpi-a' });
  });

  it('are 500 in a Region', () => {
    const PlacementGroups = Array.from({ length: 500 }, (_none, index) => ({ GroupName: `g${index}` }));
    expect(refusal(() => ec2World({ PlacementGroups }).call('CreatePlacementGroup', { GroupName: 'g' }))).toMatch(
      /^PlacementGroupLimitExceeded/u,
    );
  });

  it('may have partitions', () => {
    const { call } = ec2World({});
    expect(call('CreatePlacementGroup', { GroupName: 'p', Strategy: 'partition', PartitionCount: 3 })).toMatchObject({
      PlacementGroup: { PartitionCount: 3 },
    });
    expect(refusal(() => call('CreatePlacementGroup', { GroupName: 'c', PartitionCount: 3 }))).toMatch(
      /^InvalidParameterCombination/u,
    );
    expect(
      refusal(() => call('CreatePlacementGroup', { GroupName: 'q', Strategy: 'partition', PartitionCount: 8 })),
    ).toMatch(/^InvalidParameterValue/u);
  });
});

describe('instance types', () => {
  it('are those of the world, and no others', () => {
    const { call } = hpcWorld();
    const Filters = [{ Name: 'network-info.efa-supported', Values: ['true'] }];
    expect(call('DescribeInstanceTypes', { Filters })).toMatchObject({ InstanceTypes: [{ InstanceType: TYPE }] });
    expect(refusal(() => call('DescribeInstanceTypes', { InstanceTypes: [TYPE, 'c9z.large'] }))).toBe(
      'InvalidInstanceType: The following supplied instance types do not exist: [c9z.large]',
    );
    const { world } = load({ ec2: { InstanceTypes: [{ InstanceType: TYPE }] } });
    expect(() => ask(world, 'ec2', 'DescribeInstanceTypes', { InstanceTypes: ['c9z.large'] })).toThrow('not simulated');
  });

  it('are offered by zone, zone id and Region', () => {
    const { call } = hpcWorld();
    const by = (LocationType?: string): unknown => call('DescribeInstanceTypeOfferings', { LocationType });
    const places = (LocationType: string, ...locations: string[]): object => ({
      InstanceTypeOfferings: locations.map((Location) => ({ InstanceType: TYPE, LocationType, Location })),
    });
    expect(by('availability-zone')).toEqual(places('availability-zone', 'eu-west-1a', 'eu-west-1b'));
    expect(by('availability-zone-id')).toEqual(places('availability-zone-id', 'euw1-az1', 'euw1-az2'));
    expect(by()).toEqual(places('region', 'eu-west-1'));
    expect(refusal(() => ec2World({}).call('DescribeInstanceTypeOfferings', {}))).toMatch(/^not simulated/u);
  });

  it('are offered by zone where it is said by zone id, and nowhere known where it is said by Region', () => {
    const asked = (LocationType: string, Location: string, zone: Shape = {}): unknown => {
      const { call } = ec2World({
        AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'available', ...zone }],
        InstanceTypeOfferings: [{ InstanceType: TYPE, LocationType, Location }],
      });
      return refusalOr(() => call('DescribeInstanceTypeOfferings', { LocationType: 'availability-zone' }));
    };
    const offering = { InstanceType: TYPE, LocationType: 'availability-zone', Location: 'eu-west-1a' };
    expect(asked('availability-zone-id', 'euw1-az2', { ZoneId: 'euw1-az2' })).toEqual({
      InstanceTypeOfferings: [offering],
    });
    expect(asked('availability-zone-id', 'euw1-az3', { ZoneId: 'euw1-az2' })).toBe(
      'not simulated: an offering in euw1-az3, of which ec2.AvailabilityZones holds no ZoneName',
    );
    expect(asked('region', 'eu-west-1')).toBe(
      'not simulated: offerings by availability-zone, of which ec2.InstanceTypeOfferings holds none',
    );
  });

  it('that are asked for are there, and offered everywhere, where a written world does not say', () => {
    const { call, world } = ec2World({ Subnets: [{ SubnetId: 'subnet-0a', AvailabilityZone: 'eu-west-1a' }] });
    const Filters = [{ Name: 'instance-type', Values: [TYPE] }];
    expect(call('DescribeInstanceTypes', { Filters })).toEqual({ InstanceTypes: [{ InstanceType: TYPE }] });
    expect(call('DescribeInstanceTypes', { InstanceTypes: [TYPE] })).toEqual({
      InstanceTypes: [{ InstanceType: TYPE }],
    });
    const { InstanceTypeOfferings: offered } = call('DescribeInstanceTypeOfferings', {
      LocationType: 'availability-zone',
      Filters,
    });
    expect(offered).toContainEqual({
      InstanceType: TYPE,
      LocationType: 'availability-zone',
      Location: 'eu-west-1a',
    });
    expect([...world.assumed]).toEqual([
      'ec2: where the world has no ec2.InstanceTypes every type that is asked for is there, and nothing more is said of it',
      'ec2: where the world has no ec2.InstanceTypeOfferings every type is offered in every zone',
    ]);
    const any = [{ Name: 'instance-type', Values: ['c5n.*'] }];
    for (const operation of ['DescribeInstanceTypes', 'DescribeInstanceTypeOfferings'])
      expect(refusal(() => call(operation, { LocationType: 'availability-zone', Filters: any }))).toMatch(
        /^not simulated/u,
      );
  });
});
