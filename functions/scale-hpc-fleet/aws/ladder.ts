/** The ladder of a fleet: an SSM parameter, with the zones of its subnets. */

import { EC2Client, paginateDescribeSubnets } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { readLadder, type Facts, type Settings, type WrittenRung } from '../decide.ts';

/** The ladder, or what is wrong with it. Throws what AWS throws, but for a parameter that is not there. */
export async function ladderOf({ ladder: name, nodesPerJob }: Settings, io: Io): Promise<Facts['ladder']> {
  if (name === null) return { fault: 'the tag runbook:ladder is missing' };
  const text = await parameter(name, io);
  if (text === undefined) return { fault: `there is no SSM parameter ${name}` };
  const read = readLadder(text, nodesPerJob);
  if ('fault' in read) return { fault: `${name}${read.fault.startsWith('[') ? '' : ': '}${read.fault}` };
  return withZones(name, read.rungs, io);
}

async function parameter(Name: string, io: Io): Promise<string | undefined> {
  try {
    const { Parameter } = await client(SSMClient).send(new GetParameterCommand({ Name }), { abortSignal: io.signal });
    return Parameter?.Value;
  } catch (error) {
    if (errorName(error) === 'ParameterNotFound') return undefined;
    throw error;
  }
}

async function withZones(name: string, rungs: readonly WrittenRung[], io: Io): Promise<Facts['ladder']> {
  // By filter, for one that is gone would make an error of the whole answer.
  const Filters = [{ Name: 'subnet-id', Values: [...new Set(rungs.map(({ subnetId }) => subnetId))] }];
  const subnets = await collect(
    paginateDescribeSubnets({ client: client(EC2Client) }, { Filters }, { abortSignal: io.signal }),
    ({ Subnets }) => Subnets,
  );
  const zones = new Map(subnets.map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone]));
  const lost = rungs.findIndex(({ subnetId }) => zones.get(subnetId) === undefined);
  if (lost !== -1) return { fault: `${name}[${lost}].subnetId: there is no subnet ${rungs[lost]?.subnetId}` };
  return { rungs: rungs.map((rung) => ({ ...rung, zone: zones.get(rung.subnetId) ?? '' })) };
}
