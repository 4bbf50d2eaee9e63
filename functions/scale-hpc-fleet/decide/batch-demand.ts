/** How many vCPUs the jobs of a queue need of one compute environment, in whole instances and whole gangs; and which environment is warmed. Pure. */

import { KEPT_MIB, type BatchFacts, type BatchJob, type Environment, type TypeSize } from './batch-facts.ts';

/** Why an environment is not warmed, or a job cannot come to it. */
export interface Misfit {
  readonly code: string;
  readonly because: string;
}

function misfit(code: string, because: string): Misfit {
  return { code, because };
}

/** What the jobs need. */
export interface BatchDemand {
  /** Of whole instances, for the jobs that find room under maxvCpus. */
  readonly vcpus: number;
  /** The first that would fit, but does not now. */
  readonly held: BatchJob | undefined;
}

export const NO_DEMAND: BatchDemand = { vcpus: 0, held: undefined };

/** How Batch begins where it says that no environment of the queue can ever hold a job. */
const MISCONFIGURED = 'MISCONFIGURATION:';

/** Why a job cannot come to an environment of that type, however empty it is; `undefined`: it can. */
export function unfitBecause(job: BatchJob, environment: Environment, size: TypeSize): Misfit | undefined {
  const [type = ''] = environment.instanceTypes;
  const one = job.nodes === null ? 'it' : 'a node of it';
  const [over] = sharesOf(job, size).filter(({ asked, room }) => asked > room);
  if (over !== undefined)
    return misfit('does-not-fit', `${one} asks for ${over.asked} ${over.what}, and ${type} has ${over.room} for jobs`);
  if (job.instanceTypes.length > 0 && !job.instanceTypes.includes(type))
    return misfit('does-not-fit', `its nodes ask for ${job.instanceTypes.join(', ')}, and here is ${type}`);
  const nodes = job.nodes ?? 1;
  const vcpus = nodes * size.vcpus;
  if (vcpus > environment.maxvCpus)
    return misfit(
      'at-maximum',
      `${several(nodes, 'node')} of ${type} have ${vcpus} vCPUs, and maxvCpus is ${environment.maxvCpus}`,
    );
  const said = job.statusReason ?? '';
  return job.state === 'RUNNABLE' && said.startsWith(MISCONFIGURED)
    ? misfit('misconfigured', `Batch says ${said}`)
    : undefined;
}

/** What one of its nodes or children asks for, and what an instance has of it. */
function sharesOf(
  { vcpus, memoryMiB, gpus }: BatchJob,
  size: TypeSize,
): readonly { readonly what: string; readonly asked: number; readonly room: number }[] {
  return [
    { what: 'vCPUs', asked: vcpus, room: size.vcpus },
    { what: 'MiB', asked: memoryMiB, room: (size.memoryMiB ?? Infinity) - KEPT_MIB },
    { what: 'GPUs', asked: gpus, room: size.gpus },
  ];
}

/** Whatever runs out first: so many instances a node or child of it takes, less than one where they are shared. */
function partOf(job: BatchJob, size: TypeSize): number {
  return Math.max(...sharesOf(job, size).map(({ asked, room }) => (asked === 0 ? 0 : asked / room)));
}

/** Three thirds may add up to a little more than one. */
function whole(parts: number): number {
  return Math.ceil(parts - 1e-6);
}

function several(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** A gang that does not fit whole is not begun, and none behind it: Batch starts them in that order. */
export function batchDemandOf(jobs: readonly BatchJob[], environment: Environment, size: TypeSize): BatchDemand {
  const most = Math.floor(environment.maxvCpus / size.vcpus);
  // Jobs of one node share instances.
  let [nodes, shared] = [0, 0];
  let held: BatchJob | undefined;
  for (const job of jobs) {
    if (unfitBecause(job, environment, size) !== undefined) continue;
    const wanted = shared + (job.nodes === null ? job.count * partOf(job, size) : 0);
    const instances = nodes + (job.nodes ?? 0) + whole(wanted);
    if (instances > most) {
      held = job;
      // Of many small ones those come that find room.
      if (job.nodes === null) shared = most - nodes;
      break;
    }
    nodes += job.nodes ?? 0;
    shared = wanted;
  }
  return { vcpus: (nodes + whole(shared)) * size.vcpus, held };
}

/** What is wrong with it, whatever its jobs; `undefined`: it can be warmed. */
export function misfitOf(environment: Environment, { queue, settings, types }: BatchFacts): Misfit | undefined {
  const { name, arn, resources, instanceTypes, subnets, statusReason } = environment;
  const [type = ''] = instanceTypes;
  if (environment.status === 'INVALID')
    return misfit('environment-invalid', `${name} is INVALID: ${statusReason ?? 'Batch does not say why'}`);
  if (queue === null) return misfit('no-job-queue', `there is no job queue ${settings.queue}`);
  if (!queue.environments.includes(arn))
    return misfit('not-in-queue', `the job queue ${settings.queue} does not list ${name}`);
  if (environment.type !== 'MANAGED')
    return misfit('unmanaged', `${name} is ${environment.type}: Batch scales none of it`);
  if (resources === 'SPOT')
    return misfit('not-on-demand', `${name} is of Spot instances, on which Batch runs no multi-node parallel job`);
  if (resources !== 'EC2')
    return misfit('not-on-demand', `${name} is of ${resources}, on which Batch runs no multi-node parallel job`);
  // A family, or `optimal`, is several.
  if (instanceTypes.length !== 1 || !type.includes('.'))
    return misfit('not-one-type', `${name} has not one instance type: ${instanceTypes.join(', ')}`);
  if (subnets.length !== 1) return misfit('not-one-subnet', `${name} has not one subnet: ${subnets.join(', ')}`);
  if (types[type] === undefined) return misfit('unknown-type', `EC2 has no instance type ${type} here`);
  return closed(environment, queue, settings.queue);
}

/** People have closed it. */
function closed(
  { name, state }: Environment,
  queue: NonNullable<BatchFacts['queue']>,
  queueName: string | null,
): Misfit | undefined {
  if (state !== 'ENABLED') return misfit('environment-disabled', `${name} is ${state}`);
  if (queue.state !== 'ENABLED') return misfit('queue-disabled', `the job queue ${queueName} is ${queue.state}`);
  return queue.status === 'INVALID'
    ? misfit(
        'queue-disabled',
        `the job queue ${queueName} is INVALID: ${queue.statusReason ?? 'Batch does not say why'}`,
      )
    : undefined;
}

/** The size of its one type. */
export function sizeOf({ instanceTypes }: Environment, { types }: BatchFacts): TypeSize | undefined {
  const [type = ''] = instanceTypes;
  return instanceTypes.length === 1 ? types[type] : undefined;
}

/** Which of a queue's environments is warmed: the first, in the order of the queue, to which one of its jobs can come. */
export function chosenOf(facts: BatchFacts, own: Environment): Environment | undefined {
  const order = facts.queue?.environments ?? [];
  const inOrder = [own, ...facts.others].toSorted((one, other) => order.indexOf(one.arn) - order.indexOf(other.arn));
  return inOrder.find((environment) => {
    const size = sizeOf(environment, facts);
    if (size === undefined || misfitOf(environment, facts) !== undefined) return false;
    const { jobs } = facts;
    return jobs.length === 0 || jobs.some((job) => unfitBecause(job, environment, size) === undefined);
  });
}
