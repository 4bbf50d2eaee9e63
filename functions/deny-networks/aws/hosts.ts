/** Hosts, as EC2 and Systems Manager answer and as the runbook means them. */

import type { Filter, Instance } from '@aws-sdk/client-ec2';
import { paginateDescribeInstanceInformation, SSMClient, type InstanceInformation } from '@aws-sdk/client-ssm';
import { ec2Arn } from '../../../shared/aws/arn.ts';
import { readNote } from '../../../shared/aws/blocklist/rows.ts';
import { TAG } from '../../../shared/aws/blocklist/tag.ts';
import { client } from '../../../shared/aws/clients.ts';
import { instancesBy } from '../../../shared/aws/ec2/instances.ts';
import { need, stateOf, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import { forNetworks } from '../../../shared/judgement/blocklist/wanted.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { givenIn, type Host, type HostFacts } from '../decide.ts';
import { documentName, readCommands } from './host-commands.ts';

/** The most SSM gives in a page; it takes no more as values of a filter than 100. */
const SSM_PAGE = 50;

/** A host by its ARN; one that cannot be understood comes with that as its own fault. */
export type LocatedHost = { readonly arn: string } & ({ readonly host: Host } | { readonly error: unknown });

/** Those that are tagged, and pass the other filters; what is terminated is gone. */
async function described(filters: readonly Filter[], io: Io): Promise<readonly Instance[]> {
  const instances = await instancesBy([{ Name: 'tag-key', Values: [TAG] }, ...filters], io);
  return instances.filter(({ State }) => State?.Name !== 'terminated' && State?.Name !== 'shutting-down');
}

/** Of those that Systems Manager manages, what it knows. */
async function agentsOf(
  instances: readonly Instance[],
  io: Io,
): Promise<ReadonlyMap<string | undefined, InstanceInformation>> {
  const found: InstanceInformation[] = [];
  const ids = instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  for (const some of chunksOf(ids, SSM_PAGE)) {
    const pages = paginateDescribeInstanceInformation(
      { client: client(SSMClient), pageSize: SSM_PAGE },
      { Filters: [{ Key: 'InstanceIds', Values: some }] },
      { abortSignal: io.signal },
    );
    found.push(...(await collect(pages, ({ InstanceInformationList }) => InstanceInformationList)));
  }
  return new Map(found.map((each) => [each.InstanceId, each]));
}

/** @throws TerminalError for an answer that cannot be understood */
function hostOf(instance: Instance, agent: InstanceInformation | undefined): Host {
  const id = need(instance.InstanceId, 'Instances[].InstanceId');
  const tags = tagsOf(instance.Tags);
  return {
    id,
    name: tags.get('Name') ?? id,
    blocklist: tags.get(TAG) ?? '',
    state: stateOf(instance),
    launchedAt: need(instance.LaunchTime, `${id}.LaunchTime`).toISOString(),
    // EC2 says `windows`, or nothing; whether it is a Mac only its agent says.
    platform: agent?.PlatformType ?? (/^windows$/iu.test(instance.Platform ?? '') ? 'Windows' : 'Linux'),
    agent: agent === undefined ? null : need(agent.PingStatus, `${id}: PingStatus`),
  };
}

/**
 * All that are tagged, in EC2's order.
 * Throws what AWS throws: an answer that failed is not an empty one.
 */
export async function findHosts(io: Io): Promise<readonly LocatedHost[]> {
  const instances = await described([], io);
  const agents = await agentsOf(instances, io);
  return instances.map((instance) => {
    const { InstanceId: id = '' } = instance;
    const arn = ec2Arn('instance', id, io);
    try {
      return { arn, host: hostOf(instance, agents.get(id)) };
    } catch (error) {
      return { arn, error };
    }
  });
}

/**
 * One host as it is; `null`: it is gone, or not tagged any more.
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readHost(id: string, io: Io): Promise<Host | null> {
  // By filter: an id that is gone is then no error.
  const instances = await described([{ Name: 'instance-id', Values: [id] }], io);
  const [instance] = instances;
  return instance === undefined ? null : hostOf(instance, (await agentsOf(instances, io)).get(id));
}

/** A host with what it was given; what came of that is asked only while it is not known. */
export async function hostSeen(arn: string, host: Host | null, wishes: Wishes, io: Io): Promise<Observed<HostFacts>> {
  const published = await readNote(arn);
  const { asked, stands } = givenIn(published);
  const isOpen = host !== null && host.agent === 'Online' && !stands;
  return {
    kind: 'host',
    arn,
    host,
    document: documentName(),
    published,
    commands: isOpen ? await readCommands(host.id, asked, io) : [],
    wishes: forNetworks(wishes),
  };
}
