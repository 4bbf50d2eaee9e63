/** Launches of whole gangs, what they are launched from, and how they end. */

import {
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  DescribeCapacityReservationsCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTopologyCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribePlacementGroupsCommand,
  DescribeSubnetsCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, GetParametersCommand } from '@aws-sdk/client-ssm';
import { REGION, type Place, type Scenario } from '../scenario.ts';

const TYPE = 'c5n.18xlarge';
const SEED = { launchTemplates: { mpi: TYPE } } as const;

async function defaultSubnet({ ec2 }: Place): Promise<string> {
  const Filters = [
    { Name: 'availability-zone', Values: [`${REGION}a`] },
    { Name: 'default-for-az', Values: ['true'] },
  ];
  const found = await ec2(new DescribeSubnetsCommand({ Filters }));
  return found?.Subnets?.[0]?.SubnetId ?? '';
}

function gang(SubnetId: string, GroupName: string): RunInstancesCommandInput {
  return {
    LaunchTemplate: { LaunchTemplateName: 'mpi', Version: '$Default' },
    MinCount: 2,
    MaxCount: 2,
    ClientToken: 'gang-1',
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, AssociatePublicIpAddress: false }],
    Placement: { GroupName },
  };
}

async function launched(place: Place, request: RunInstancesCommandInput): Promise<string[]> {
  const answer = await place.ec2(new RunInstancesCommand(request));
  return (answer?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId).toSorted();
}

async function awaitEnd({ ec2, until }: Place, InstanceIds: string[]): Promise<void> {
  await until('the gang is terminated', async () => {
    const { Reservations = [] } = (await ec2(new DescribeInstancesCommand({ InstanceIds }))) ?? {};
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    return instances.length > 0 && instances.every(({ State }) => State?.Name === 'terminated');
  });
}

export const launchScenarios: readonly Scenario[] = [
  {
    name: 'a gang is launched whole into a placement group, once for a client token, and is found by that',
    seed: SEED,
    play: async (place) => {
      const { ec2, fact } = place;
      await ec2(new CreatePlacementGroupCommand({ GroupName: 'gang', Strategy: 'cluster' }));
      await ec2(new CreatePlacementGroupCommand({ GroupName: 'gang', Strategy: 'cluster' }));
      const request = gang(await defaultSubnet(place), 'gang');
      const ids = await launched(place, request);
      fact('the same again', (await launched(place, request)).join() === ids.join());
      await launched(place, { ...request, MaxCount: 3 });
      const Filters = [{ Name: 'client-token', Values: ['gang-1'] }];
      const found = await place.unnoted(() => ec2(new DescribeInstancesCommand({ Filters })));
      await ec2(new DescribeInstanceTopologyCommand({ InstanceIds: ids }));
      fact('found', found?.Reservations?.flatMap(({ Instances = [] }) => Instances).length);
      await ec2(new DescribePlacementGroupsCommand({ GroupNames: ['gang'] }));
      await ec2(new DeletePlacementGroupCommand({ GroupName: 'gang' }));
      await ec2(new TerminateInstancesCommand({ InstanceIds: ids }));
      await awaitEnd(place, ids);
      await ec2(new DeletePlacementGroupCommand({ GroupName: 'gang' }));
      await ec2(new DescribePlacementGroupsCommand({ GroupNames: ['gang'] }));
    },
  },
  {
    name: 'a protected instance saves the others of its zone from being terminated with it',
    seed: { instances: { first: { zone: 'a' }, second: { zone: 'a' }, other: { zone: 'b' } } },
    play: async ({ ec2, id }) => {
      const InstanceId = id('first');
      const InstanceIds = ['first', 'second', 'other'].map(id);
      await ec2(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value: true } }));
      await ec2(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'disableApiTermination' }));
      await ec2(new TerminateInstancesCommand({ InstanceIds }));
      await ec2(new DescribeInstancesCommand({ InstanceIds: [id('second')] }));
    },
  },
  {
    name: 'launch templates are described with their versions',
    seed: SEED,
    play: async ({ ec2, id }) => {
      await ec2(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['mpi'] }));
      await ec2(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['none'] }));
      await ec2(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id('mpi'), Versions: ['$Default', '$Latest'] }),
      );
    },
  },
  {
    name: 'nothing is launched from a template, or into a group, that is not there',
    seed: SEED,
    play: async (place) => {
      const request = gang(await defaultSubnet(place), 'none');
      await launched(place, request);
      await launched(place, { ...request, LaunchTemplate: { LaunchTemplateName: 'none' } });
      const { SubnetId = '' } = request.NetworkInterfaces?.[0] ?? {};
      await launched(place, { ...request, Placement: {}, SubnetId });
    },
  },
  {
    name: 'an instance type is described, and where it is offered',
    seed: { instanceTypes: [TYPE] },
    play: async ({ ec2, fact }) => {
      const types = await ec2(new DescribeInstanceTypesCommand({ InstanceTypes: [TYPE] }));
      fact('types', types?.InstanceTypes?.map(({ InstanceType }) => InstanceType).join());
      const offered = new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [TYPE] }],
      });
      const zones = await ec2(offered);
      fact(
        'zones',
        zones?.InstanceTypeOfferings?.map(({ Location = '' }) => Location)
          .toSorted()
          .join(),
      );
    },
  },
  {
    name: 'capacity reservations are none where nobody has made any',
    seed: {},
    play: async ({ ec2 }) => {
      await ec2(new DescribeCapacityReservationsCommand({}));
    },
  },
  {
    name: 'images are none where nobody has made any',
    seed: {},
    play: async ({ ec2 }) => {
      await ec2(new DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['none'] }] }));
    },
  },
  {
    name: 'a quota that is not there is asked for',
    seed: {},
    play: async ({ quotas }) => {
      await quotas(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: 'L-00000000' }));
    },
  },
  {
    name: 'parameters are read one by one and together',
    seed: { parameters: { '/mpi/ladder': '[]' } },
    play: async ({ ssm }) => {
      await ssm(new GetParameterCommand({ Name: '/mpi/ladder' }));
      await ssm(new GetParameterCommand({ Name: '/mpi/none' }));
      await ssm(new GetParametersCommand({ Names: ['/mpi/ladder', '/mpi/none'] }));
    },
  },
];
