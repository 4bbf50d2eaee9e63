/** The instances of a fleet. */

import { DescribeInstanceAttributeCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { FILTER_VALUES, instancesBy } from '../../../shared/aws/ec2/instances.ts';
import { need, stateOf, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { chunksOf } from '../../../shared/aws/pages.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { isPresent, type GangRecord, type Node, type Place } from '../decide.ts';
import { CLUSTER_NAME, HEAD_NODE, NODE_TYPE, TAG } from './templates.ts';

/** A node of a ParallelCluster is none of ours: whoever tags a cluster has the tag on all its instances. */
function isOfCluster(instance: Instance | undefined): boolean {
  return tagsOf(instance?.Tags).has(NODE_TYPE);
}

/** The queue whose jobs an instance was launched for; `null`: it is no node of a fleet, or not there. */
export async function queueOfNode(id: string, io: Io): Promise<string | null> {
  const [instance] = await instancesBy([{ Name: 'instance-id', Values: [id] }], io);
  return isOfCluster(instance) ? null : (tagsOf(instance?.Tags).get(TAG) ?? null);
}

/** AWS tags what is launched from a template with its id. */
const LAUNCHED_FROM = 'aws:ec2launchtemplate:id';

/** Gangs that are over, of which is asked whether something came all the same: the newest. */
const MOST_OVER = 200;

/** What EC2 shows of a fleet. */
export interface SeenNodes {
  readonly nodes: readonly Node[];
  readonly places: readonly Place[];
  /** Gangs of which a node has not quite gone. */
  readonly lingering: ReadonlySet<string>;
  /** ParallelClusters whose head node carries the queue's tag. */
  readonly clusters: readonly string[];
}

/**
 * All that carry the queue's tag, and all that were launched for one of these gangs, whatever has become of its tags. Of what has ended
 * one node of each gang tells it, and those of gangs that are over nothing.
 * @param rivals ids of other fleets' templates with the same queue: what was launched from them is theirs
 */
export async function readNodes(
  queue: string | null,
  gangs: readonly GangRecord[],
  rivals: ReadonlySet<string>,
  io: Io,
): Promise<SeenNodes> {
  const over = gangs.filter(({ state }) => state === 'over');
  const newest = over.toSorted((one, other) => other.askedAt.localeCompare(one.askedAt)).slice(0, MOST_OVER);
  const open = gangs.filter(({ state }) => state !== 'over');
  const tokens = [...open, ...newest].map(({ id }) => id);
  const [tagged, ...launched] = await Promise.all([
    queue === null ? [] : instancesBy([{ Name: `tag:${TAG}`, Values: [queue] }], io),
    ...chunksOf(tokens, FILTER_VALUES).map((Values) => instancesBy([{ Name: 'client-token', Values }], io)),
  ]);
  const coming = new Set(gangs.filter(({ state }) => state === 'launching').map(({ id }) => id));
  const places = new Places();
  const own = tagged.filter(
    (instance) => !isOfCluster(instance) && !rivals.has(tagsOf(instance.Tags).get(LAUNCHED_FROM) ?? ''),
  );
  const all = [...own, ...launched.flat()].map((instance): Node => {
    const node = nodeOf(instance);
    return coming.has(node.clientToken ?? '') ? { ...node, place: places.of(instance) } : node;
  });
  const nodes = [...new Map(all.map((node) => [node.id, node])).values()];
  const lingering = new Set(
    nodes.filter(({ state }) => state !== 'terminated').map(({ clientToken }) => clientToken ?? ''),
  );
  const clusters = tagged
    .filter(isHead)
    .map(({ InstanceId = '', Tags }) => tagsOf(Tags).get(CLUSTER_NAME) ?? InstanceId);
  return { nodes: withoutOldEnds(nodes, open), places: places.known, lingering, clusters };
}

function isHead(instance: Instance): boolean {
  return (
    tagsOf(instance.Tags).get(NODE_TYPE) === HEAD_NODE && !['shutting-down', 'terminated'].includes(stateOf(instance))
  );
}

/** Most nodes are where others are: each place is kept once. */
class Places {
  readonly known: Place[] = [];
  readonly #byText = new Map<string, number>();

  /** Where the instance is, in `known`. */
  of(instance: Instance): number {
    const place = placeOf(instance);
    const text = JSON.stringify(place);
    const index = this.#byText.get(text) ?? this.known.push(place) - 1;
    this.#byText.set(text, index);
    return index;
  }
}

function placeOf({ SubnetId, Placement, NetworkInterfaces, EnaSupport }: Instance): Place {
  const interfaces = NetworkInterfaces ?? [];
  return {
    subnetId: SubnetId ?? null,
    zone: Placement?.AvailabilityZone ?? null,
    // EC2 gives an empty name for none.
    placementGroup: Placement?.GroupName || null,
    efaInterfaces: interfaces.filter(({ InterfaceType = '' }) => InterfaceType.startsWith('efa')).length,
    hasEna: EnaSupport ?? null,
  };
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
