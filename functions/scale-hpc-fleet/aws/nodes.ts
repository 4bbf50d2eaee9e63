/** The instances of a fleet. */

import {
  DescribeInstanceAttributeCommand,
  EC2Client,
  paginateDescribeInstances,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { need, stateOf } from '../../../shared/aws/ec2/reading.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { GangRecord, Node } from '../decide.ts';
import { TAG } from './templates.ts';

/** Values that one filter takes. Source: API_DescribeInstances. */
const MOST_VALUES = 200;

async function instancesBy(filters: Filter[], io: Io): Promise<readonly Instance[]> {
  return collect(
    paginateDescribeInstances({ client: client(EC2Client) }, { Filters: filters }, { abortSignal: io.signal }),
    ({ Reservations }) => (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []),
  );
}

/** All that carry the queue's tag, and all that were launched for one of these gangs, tagged or not. */
export async function readNodes(queue: string | null, gangs: readonly GangRecord[], io: Io): Promise<readonly Node[]> {
  const tagged = queue === null ? [] : await instancesBy([{ Name: `tag:${TAG}`, Values: [queue] }], io);
  const seen = new Set(tagged.flatMap(({ ClientToken }) => ClientToken ?? []));
  const unseen = gangs.filter(({ id, state }) => state !== 'over' && !seen.has(id)).map(({ id }) => id);
  const byToken = await Promise.all(
    chunksOf(unseen, MOST_VALUES).map((Values) => instancesBy([{ Name: 'client-token', Values }], io)),
  );
  return [...tagged, ...byToken.flat()].map(nodeOf);
}

function nodeOf(instance: Instance): Node {
  return {
    id: need(instance.InstanceId, 'Instances[].InstanceId'),
    state: stateOf(instance),
    clientToken: instance.ClientToken || null,
    launchIndex: instance.AmiLaunchIndex ?? 0,
    isProtected: null,
  };
}

/** The nodes with what EC2 says of those that are asked about: whether they are protected. One that is gone is not. */
export async function withProtection(
  nodes: readonly Node[],
  asked: ReadonlySet<string>,
  io: Io,
): Promise<readonly Node[]> {
  return Promise.all(
    nodes.map(async (node) => (asked.has(node.id) ? { ...node, isProtected: await isProtected(node.id, io) } : node)),
  );
}

async function isProtected(InstanceId: string, io: Io): Promise<boolean> {
  const command = new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'disableApiTermination' });
  try {
    const { DisableApiTermination } = await client(EC2Client).send(command, { abortSignal: io.signal });
    return need(DisableApiTermination?.Value, `${InstanceId}.DisableApiTermination.Value`);
  } catch (error) {
    if (errorName(error) === 'InvalidInstanceID.NotFound') return false;
    throw error;
  }
}
