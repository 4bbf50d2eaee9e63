/** Launch templates that are fleets, and what people have set with their tags. */

import {
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  paginateDescribeLaunchTemplates,
  type LaunchTemplate,
  type LaunchTemplateInstanceNetworkInterfaceSpecification as TemplateInterface,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { ec2Arn } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { settingsReader, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { readStageSource, type InterfaceSpec, type Overstep, type Settings, type Template } from '../decide.ts';

/** The tag that makes a launch template a fleet, and names the queue of its jobs. */
export const TAG = 'runbook:hpc-queue';

/** ParallelCluster sets these on the instances of a cluster. Source: AWS ParallelCluster user guide, tags of its resources. */
export const [NODE_TYPE, CLUSTER_NAME] = ['parallelcluster:node-type', 'parallelcluster:cluster-name'];
/** The node of a cluster that runs Slurm's controller. */
export const HEAD_NODE = 'HeadNode';

/** Nodes of a gang: what one request launches, and one reservation holds. Source: API_CreateCapacityReservation, InstanceCount. */
const MOST_NODES_PER_JOB = 1_000;
/** Nodes of a fleet: of 110 bytes each in what a look keeps, 250,000. */
const MOST_NODES = 1_000;
/** What a fleet has at most where nobody says: the cluster of a small team. Assumed. */
const MAX_NODES = 256;
/** Names of queues: API_CreateQueue. */
export const QUEUE_NAME = /^[\w-]{1,75}(?:\.fifo)?$/u;

const STAGE_FORM = 's3://BUCKET/KEY, fsx:fs-…, fsx:fs-…/BUCKET/PREFIX or datasync:task-…';

/** All launch templates that carry the tag, in the order of their ids. */
export async function taggedTemplates(io: Io): Promise<readonly LaunchTemplate[]> {
  const found = await collect(
    paginateDescribeLaunchTemplates(
      { client: client(EC2Client) },
      { Filters: [{ Name: 'tag-key', Values: [TAG] }] },
      { abortSignal: io.signal },
    ),
    ({ LaunchTemplates }) => LaunchTemplates,
  );
  return found.toSorted((one, other) => idOf(one).localeCompare(idOf(other)));
}

export function idOf({ LaunchTemplateId }: LaunchTemplate): string {
  return need(LaunchTemplateId, 'LaunchTemplates[].LaunchTemplateId');
}

/** What people call it. */
export function nameOf(template: LaunchTemplate): string {
  return template.LaunchTemplateName ?? idOf(template);
}

export function arnOf(template: LaunchTemplate, io: Pick<Io, 'account' | 'region'>): string {
  return ec2Arn('launch-template', idOf(template), io);
}

/** It is what a person names: by its ARN, by its id, or by its name. An id is an id, and an ARN of anything else is no fleet. */
export function isNamed(template: LaunchTemplate, target: string, io: Pick<Io, 'account' | 'region'>): boolean {
  if (target.startsWith('arn:')) return arnOf(template, io) === target;
  const isId = /^lt-[0-9a-z]+$/u.test(target);
  return (isId ? idOf(template) : template.LaunchTemplateName) === target;
}

/** The fleet's settings; each that cannot be read is named in `problems`. */
export function settingsOf(template: LaunchTemplate): Settings {
  const { problems, read } = settingsReader(idOf(template), tagsOf(template.Tags));
  const queue = read(TAG, null, (text) => (QUEUE_NAME.test(text) ? text : undefined), 'the name of a queue');
  const nodesPerJob = read('runbook:nodes-per-job', 0, nodesIn, `a number of nodes from 1 to ${MOST_NODES_PER_JOB}`);
  const idleSeconds = read('runbook:idle-seconds', 'auto' as const, idleIn, 'auto or a number of seconds');
  const ladder = read(
    'runbook:ladder',
    null,
    (text) => (text === '' ? undefined : text),
    'the name of an SSM parameter',
  );
  const maxNodes = read('runbook:max-nodes', MAX_NODES, mostNodesIn, `a number of nodes up to ${MOST_NODES}`);
  const attestSeconds = read('runbook:attest', null, attestIn, "a number of seconds from a gang's launch, or none");
  const stageIn = read('runbook:stage-in', null, readStageSource, STAGE_FORM);
  const missing = [
    ...(nodesPerJob === 0 ? ['runbook:nodes-per-job'] : []),
    ...(ladder === null ? ['runbook:ladder'] : []),
  ].filter((key) => !problems.some((problem) => problem.includes(`tag ${key}:`)));
  const said = missing.map((key) => `${idOf(template)}: tag ${key} is missing`);
  return {
    queue,
    nodesPerJob: Math.max(1, nodesPerJob),
    idleSeconds,
    ladder,
    maxNodes,
    attestSeconds,
    stageIn,
    problems: [...problems, ...said],
  };
}

function nodesIn(text: string): number | undefined {
  const nodes = wholeNumber(text);
  return nodes !== undefined && nodes >= 1 && nodes <= MOST_NODES_PER_JOB ? nodes : undefined;
}

function mostNodesIn(text: string): number | undefined {
  const nodes = wholeNumber(text);
  return nodes !== undefined && nodes <= MOST_NODES ? nodes : undefined;
}

function attestIn(text: string): number | null | undefined {
  const seconds = wholeNumber(text);
  if (text === 'none') return null;
  return seconds === 0 ? undefined : seconds;
}

function idleIn(text: string): number | 'auto' | undefined {
  return text === 'auto' ? 'auto' : wholeNumber(text);
}

/** The template with what its default version says of image and interfaces. */
export async function readTemplate(template: LaunchTemplate, io: Io): Promise<Template> {
  const id = idOf(template);
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: ['$Default'] });
  const { LaunchTemplateVersions: versions } = await client(EC2Client).send(command, { abortSignal: io.signal });
  const [version] = versions ?? [];
  const data = need(version?.LaunchTemplateData, `${id}.LaunchTemplateVersions[].LaunchTemplateData`);
  return {
    id,
    name: nameOf(template),
    version: String(need(version?.VersionNumber, `${id}.LaunchTemplateVersions[].VersionNumber`)),
    imageId: data.ImageId ?? null,
    interfaces: (data.NetworkInterfaces ?? []).map(interfaceOf),
    groups: data.SecurityGroupIds ?? [],
    says: overstepOf(data),
  };
}

/** By name, for a bundle knows those members alone that are named here. */
const PLACEMENT = ['AvailabilityZone', 'GroupId', 'GroupName', 'HostId', 'HostResourceGroupArn', 'Tenancy'] as const;

function overstepOf(data: ResponseLaunchTemplateData): Overstep {
  const { CapacityReservationSpecification: specification, DisableApiTermination = false, Placement = {} } = data;
  const target = specification?.CapacityReservationTarget;
  const only =
    specification?.CapacityReservationPreference === 'capacity-reservations-only' ? 'reservations alone' : null;
  const placement = PLACEMENT.flatMap((member) => {
    const value = Placement[member];
    return value === undefined || value === '' ? [] : [[member, value] as const];
  });
  return {
    market: data.InstanceMarketOptions?.MarketType ?? null,
    reservation: target?.CapacityReservationId ?? target?.CapacityReservationResourceGroupArn ?? only,
    placement: Object.fromEntries(placement),
    isProtected: DisableApiTermination,
  };
}

/** What a gang's request repeats of an interface; a fixed address or interface can be of one node alone, and is left out. */
function interfaceOf(spec: TemplateInterface): InterfaceSpec {
  return {
    DeviceIndex: spec.DeviceIndex ?? 0,
    NetworkCardIndex: spec.NetworkCardIndex ?? 0,
    InterfaceType: spec.InterfaceType ?? 'interface',
    Groups: spec.Groups ?? [],
    DeleteOnTermination: spec.DeleteOnTermination ?? true,
    AssociatePublicIpAddress: spec.AssociatePublicIpAddress ?? null,
  };
}
