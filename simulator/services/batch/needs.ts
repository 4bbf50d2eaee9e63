/** What jobs need of the instances of a compute environment. */

import type { Shape, World } from '../../engine/model.ts';
import { find as findInEc2, list, part, show } from '../ec2/state.ts';

/** Of what is installed the kernel and the agent keep so much at least. Source: AWS Batch User Guide, "Compute resource memory management". */
const KEPT_MIB = 32;

/** What an instance has; no vCPUs: its type is not one that the world has. */
export interface Size {
  readonly vcpus: number;
  /** For jobs. */
  readonly memoryMiB: number;
  readonly gpus: number;
}

interface Asked {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpus: number;
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function typesOf(environment: Shape): readonly unknown[] {
  const types: unknown = part(environment, 'computeResources')['instanceTypes'];
  return Array.isArray(types) ? types : [];
}

/** Of an environment of one type. */
export function sizeOf(world: World, environment: Shape): Size {
  const types = typesOf(environment);
  const type = types.length === 1 ? findInEc2(world, 'InstanceTypes', show(types[0])) : undefined;
  const installed = part(type ?? {}, 'MemoryInfo')['SizeInMiB'];
  const gpus = list(part(type ?? {}, 'GpuInfo'), 'Gpus');
  return {
    vcpus: numberOf(part(type ?? {}, 'VCpuInfo')['DefaultVCpus']),
    memoryMiB: installed === undefined ? Infinity : numberOf(installed) - KEPT_MIB,
    gpus: gpus.reduce((sum, { Count }) => sum + numberOf(Count), 0),
  };
}

function together(all: readonly Asked[]): Asked {
  const sum = (of: keyof Asked): number => all.reduce((total, one) => total + one[of], 0);
  return { vcpus: sum('vcpus'), memoryMiB: sum('memoryMiB'), gpus: sum('gpus') };
}

function most(all: readonly Asked[]): Asked {
  const max = (of: keyof Asked): number => Math.max(0, ...all.map((one) => one[of]));
  return { vcpus: max('vcpus'), memoryMiB: max('memoryMiB'), gpus: max('gpus') };
}

/** A container of ECS, which may say it in an older way. */
function ofContainer(container: Shape): Asked {
  const said = (name: string, otherwise: unknown): number => {
    const found = list(container, 'resourceRequirements').find(({ type }) => type === name)?.['value'];
    return found === undefined ? numberOf(otherwise) : Number(found);
  };
  const { vcpus, memory } = container;
  return { vcpus: said('VCPU', vcpus), memoryMiB: said('MEMORY', memory), gpus: said('GPU', 0) };
}

/** A container of a pod: limits that are not said as requests are. Source: AWS Batch User Guide, "Memory and vCPU considerations for AWS Batch on Amazon EKS". */
function ofPodContainer(container: Shape): Asked {
  const resources = part(container, 'resources');
  const said = (name: string): number =>
    Number.parseFloat(show(part(resources, 'requests')[name] ?? part(resources, 'limits')[name] ?? 0));
  return { vcpus: said('cpu'), memoryMiB: said('memory'), gpus: said('nvidia.com/gpu') };
}

/** What one node runs: a container, a task or a pod. */
function ofWork(work: Shape): Asked {
  const pod = part(part(work, 'eksProperties'), 'podProperties');
  const tasks = list(part(work, 'ecsProperties'), 'taskProperties').flatMap((task) => list(task, 'containers'));
  const beside = [
    ...[part(work, 'container'), ...tasks].map(ofContainer),
    ...list(pod, 'containers').map(ofPodContainer),
  ];
  return most([together(beside), ...list(pod, 'initContainers').map(ofPodContainer)]);
}

function rangesOf(job: Shape): readonly Shape[] {
  return list(part(job, 'nodeProperties'), 'nodeRangeProperties');
}

/** How many nodes a multi-node job has; 0: it is none. */
function nodesOf(job: Shape): number {
  return numberOf(part(job, 'nodeProperties')['numNodes']);
}

/**
 * Interfaces that its nodes have beside those of their hosts: each task of a multi-node job has one, pods have their host's network.
 * Source: AWS Batch User Guide, "Compute environment considerations for MNP"; API_EksPodProperties, hostNetwork.
 */
export function interfacesOf(job: Shape): number {
  return rangesOf(job).some(({ eksProperties }) => eksProperties !== undefined) ? 0 : nodesOf(job);
}

function askedBy(job: Shape): Asked {
  const asked = most((nodesOf(job) > 0 ? rangesOf(job) : [job]).map(ofWork));
  return { ...asked, vcpus: asked.vcpus === 0 ? 1 : asked.vcpus };
}

/** Whether an instance of the environment's types, however empty, has what one node of the job needs. */
export function fits(world: World, job: Shape, environment: Shape): boolean {
  const size = sizeOf(world, environment);
  const wanted = rangesOf(job).flatMap(({ instanceTypes: types }): readonly unknown[] =>
    Array.isArray(types) ? types : [],
  );
  if (wanted.some((type) => !typesOf(environment).includes(type))) return false;
  if (size.vcpus === 0) return nodesOf(job) === 0;
  const { vcpus, memoryMiB, gpus } = askedBy(job);
  return vcpus <= size.vcpus && memoryMiB <= size.memoryMiB && gpus <= size.gpus;
}

/** vCPUs that a job takes there: nodes have instances of their own, other jobs share them by what runs out first. */
export function vcpusOf(world: World, job: Shape, environment: Shape): number {
  const size = sizeOf(world, environment);
  const nodes = nodesOf(job);
  if (nodes > 0) return nodes * size.vcpus;
  const { vcpus, memoryMiB, gpus } = askedBy(job);
  const share = (asked: number, room: number): number => (asked === 0 || room === 0 ? 0 : (asked / room) * size.vcpus);
  return Math.max(vcpus, share(memoryMiB, size.memoryMiB), share(gpus, size.gpus));
}
