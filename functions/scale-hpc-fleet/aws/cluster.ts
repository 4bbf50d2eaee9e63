/** Head nodes of ParallelClusters whose partitions are parked, with what Slurm has said there. */

import type { Instance } from '@aws-sdk/client-ec2';
import { arnParts, ec2Arn } from '../../../shared/aws/arn.ts';
import { instancesBy } from '../../../shared/aws/ec2/instances.ts';
import { need, stateOf, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { taggedDocuments } from '../../../shared/aws/ssm/documents.ts';
import type { Io, Located, Observed } from '../../../shared/kernel/definition.ts';
import { classify } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import {
  CLUSTER_IDLE_SECONDS,
  CLUSTER_PARTITION,
  readParkRecord,
  type ClusterFacts,
  type ClusterSettings,
  type Facts,
} from '../decide.ts';
import { readCommands } from './cluster-commands.ts';
import { jobsOf } from './jobs.ts';
import { queueSettings } from './queue-settings.ts';
import {
  CLUSTER_NAME,
  HEAD_NODE,
  nameOf as nameOfFleet,
  NODE_TYPE,
  QUEUE_NAME,
  settingsOf as settingsOfFleet,
  TAG,
  taggedTemplates,
} from './templates.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type SeenCluster = Observed<ClusterFacts>;

/** Whether an ARN is a head node's. */
export function isHeadNode(arn: string): boolean {
  return arnParts(arn)?.kind === 'instance';
}

/** What has ended is no head node any more. */
const STANDING = ['pending', 'running', 'stopping', 'stopped'];

function taggedHeads(io: Io): Promise<readonly Instance[]> {
  const Filters = [
    { Name: `tag:${NODE_TYPE}`, Values: [HEAD_NODE] },
    { Name: 'tag-key', Values: [TAG] },
    { Name: 'instance-state-name', Values: STANDING },
  ];
  return instancesBy(Filters, io);
}

function idOf({ InstanceId }: Instance): string {
  return need(InstanceId, 'Instances[].InstanceId');
}

/** Of the cluster; an instance that does not say goes by its id. */
function nameOf(head: Instance): string {
  return tagsOf(head.Tags).get(CLUSTER_NAME) ?? idOf(head);
}

function isNamed(head: Instance, target: string, io: Io): boolean {
  // ParallelCluster calls each of them so: one person's request is not about all.
  if (target === HEAD_NODE) return false;
  const id = idOf(head);
  return [id, ec2Arn('instance', id, io), nameOf(head), tagsOf(head.Tags).get('Name')].includes(target);
}

/** The head nodes that are meant. Throws what EC2 throws: whoever wants one parked is to hear of it. */
export async function meantClusters(target: string | null, io: Io): Promise<readonly Located<SeenCluster>[]> {
  if (target?.startsWith('lt-') === true || (target?.startsWith('arn:') === true && !isHeadNode(target))) return [];
  const found = await taggedHeads(io);
  return found
    .filter((head) => target === null || isNamed(head, target, io))
    .map((head) => ({ target: ec2Arn('instance', idOf(head), io) }))
    .toSorted((a, b) => a.target.localeCompare(b.target));
}

/** The same for a look at everything. Where EC2 does not answer that is told of them all: the others are looked at all the same. */
export async function locateClusters(target: string | null, io: Io): Promise<readonly Located<SeenCluster>[]> {
  try {
    return await meantClusters(target, io);
  } catch (error) {
    return [{ target: ec2Arn('instance', '*', io), fault: classify(error) }];
  }
}

function settingsOf(head: Instance): ClusterSettings {
  return queueSettings(idOf(head), tagsOf(head.Tags), [QUEUE_NAME, 'queue'], CLUSTER_IDLE_SECONDS);
}

const NOTHING_SEEN = { rivals: [], jobs: null, documents: [], commands: [] } satisfies Partial<SeenCluster>;

/** Reads all about one head node. */
export async function observeCluster(target: string, ask: Facts['ask'], io: Io): Promise<SeenCluster> {
  const heads = await taggedHeads(io);
  const found = heads.find((head) => ec2Arn('instance', idOf(head), io) === target);
  const unseen = { kind: 'cluster' as const, ask, run: io.run, ...NOTHING_SEEN, ...readParkRecord(undefined) };
  if (found === undefined) {
    const settings = { queue: null, idleSeconds: CLUSTER_IDLE_SECONDS, problems: [] };
    return { ...unseen, head: null, settings };
  }
  const settings = settingsOf(found);
  const head = { id: idOf(found), name: nameOf(found), state: stateOf(found) };
  const { queue } = settings;
  if (queue === null) return { ...unseen, head, settings };
  const [fleets, jobs, documents, items] = await Promise.all([
    taggedTemplates(io),
    jobsOf(queue, io),
    taggedDocuments(TAG, queue, io),
    openData().list(CLUSTER_PARTITION, head.id),
  ]);
  const rivals = [
    ...heads.filter((each) => each !== found && settingsOf(each).queue === queue).map(nameOf),
    ...fleets.filter((each) => settingsOfFleet(each).queue === queue).map(nameOfFleet),
  ];
  const kept = readParkRecord(items.find(({ key }) => key === head.id));
  // After the record: a command whose end the record knows is among them.
  const [document] = documents;
  const isOne = documents.length === 1 && document !== undefined;
  const commands = isOne ? await readCommands(head.id, document, io) : [];
  return { ...unseen, head, settings, rivals, jobs, documents, commands, ...kept };
}
