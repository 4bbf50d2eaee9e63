/** The instances of a fleet. */

import {
  DescribeInstanceAttributeCommand,
  EC2Client,
  paginateDescribeInstances,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { need, stateOf, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { isPresent, type GangRecord, type Node } from '../decide.ts';
import { TAG } from './templates.ts';

/** Values that one filter takes. Source: API_DescribeInstances. */
const MOST_VALUES = 200;

async function instancesBy(filters: Filter[], io: Io): Promise<readonly Instance[]> {
  return collect(
    paginateDescribeInstances({ client: client(EC2Client) }, { Filters: filters }, { abortSignal: io.signal }),
    ({ Reservations }) => (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []),
  );
}

/** The queue whose jobs an instance was launched for; `null`: it is no node of a fleet, or not there. */
export async function queueOfNode(id: string, io: Io): Promise<string | null> {
  const [instance] = await instancesBy([{ Name: 'instance-id', Values: [id] }], io);
  return tagsOf(instance?.Tags).get(TAG) ?? null;
}

/** Gangs that are over, of which is asked whether something came all the same: the newest. */
const MOST_OVER = 200;

/**
 * All that carry the queue's tag, and all that were launched for one of these gangs, whatever has become of its tags. Of what has ended
 * one node of each gang tells it, and those of gangs that are over nothing.
 */
export async function readNodes(queue: string | null, gangs: readonly GangRecord[], io: Io): Promise<readonly Node[]> {
  const over = gangs.filter(({ state }) => state === 'over');
  const newest = over.toSorted((one, other) => other.askedAt.localeCompare(one.askedAt)).slice(0, MOST_OVER);
  const open = gangs.filter(({ state }) => state !== 'over');
  const tokens = [...open, ...newest].map(({ id }) => id);
  const [tagged, ...launched] = await Promise.all([
    queue === null ? [] : instancesBy([{ Name: `tag:${TAG}`, Values: [queue] }], io),
    ...chunksOf(tokens, MOST_VALUES).map((Values) => instancesBy([{ Name: 'client-token', Values }], io)),
  ]);
  const all = [...tagged, ...launched.flat()].map(nodeOf);
  return withoutOldEnds([...new Map(all.map((node) => [node.id, node])).values()], open);
}

/** For an hour EC2 shows what has ended: of a fleet of hundreds that is more than a look can keep. */
function withoutOldEnds(nodes: readonly Node[], open: readonly GangRecord[]): readonly Node[] {
  const ids = new Set(open.map(({ id }) => id));
  const told = new Set<string>();
  return nodes.filter((node) => {
    if (isPresent(node)) return true;
    const gang = node.clientToken ?? '';
    const isNews = ids.has(gang) && !told.has(gang);
    told.add(gang);
    return isNews;
  });
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
