/** What launches of a scenario need at its beginning, as the simulator's world file has it. */

import { ACCOUNT, IMAGE, REGION, type Seed } from './scenario.ts';

/** The default subnet of the first zone, where a beginning has launch templates: the other world has one from the start. */
const SUBNET = {
  SubnetId: 'subnet-0a000000000000001',
  VpcId: 'vpc-0a000000000000001',
  AvailabilityZone: `${REGION}a`,
  CidrBlock: '172.31.0.0/20',
  DefaultForAz: true,
};

export function launchIds({ launchTemplates = {} }: Seed): ReadonlyMap<string, string> {
  const hex = (index: number): string => (index + 1).toString(16).padStart(16, '0');
  return new Map(Object.keys(launchTemplates).map((name, index) => [name, `lt-0${hex(index)}`]));
}

export function launchSubnets({ launchTemplates = {} }: Seed): object[] {
  return Object.keys(launchTemplates).length === 0 ? [] : [SUBNET];
}

export function launchRecords(
  { launchTemplates = {}, instanceTypes = [] }: Seed,
  id: (name: string) => string,
): object {
  return {
    LaunchTemplates: Object.entries(launchTemplates).map(([name, InstanceType]) => ({
      LaunchTemplateId: id(name),
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: IMAGE, InstanceType },
    })),
    InstanceTypes: instanceTypes.map((InstanceType) => ({ InstanceType })),
    InstanceTypeOfferings: instanceTypes.flatMap((InstanceType) =>
      ['a', 'b', 'c'].map((letter) => ({
        InstanceType,
        LocationType: 'availability-zone',
        Location: `${REGION}${letter}`,
      })),
    ),
  };
}

export function parameterRecords({ parameters = {} }: Seed): object[] {
  return Object.entries(parameters).map(([Name, Value]) => ({ Name, Value }));
}

const BATCH = `arn:aws:batch:${REGION}:${ACCOUNT}`;

export function computeEnvironmentIds({ jobQueues = {} }: Seed): ReadonlyMap<string, string> {
  const named = Object.entries(jobQueues).flatMap(([queue, names]) => [
    [queue, `${BATCH}:job-queue/${queue}`] as const,
    ...names.map((name) => [name, `${BATCH}:compute-environment/${name}`] as const),
  ]);
  return new Map(named);
}

export function batchRecords({ jobQueues = {} }: Seed): object {
  const queues = Object.entries(jobQueues);
  return {
    computeEnvironments: queues
      .flatMap(([, names]) => names)
      .map((computeEnvironmentName) => ({ computeEnvironmentName, type: 'UNMANAGED' })),
    jobQueues: queues.map(([jobQueueName, names]) => ({
      jobQueueName,
      computeEnvironmentOrder: names.map((computeEnvironment) => ({ computeEnvironment })),
    })),
  };
}
