/** Why a multi-node job stays RUNNABLE. Pure. */

import type { BatchJob, TypeSize } from './batch-facts.ts';
import { unfitBecause } from './batch-demand.ts';
import type { BatchScene } from './batch-scene.ts';

/**
 * How the reasons begin that Batch gives a job which blocks its queue. Other words of its are of no waiting job.
 * Source: AWS Batch User Guide, "Jobs stuck in a RUNNABLE status".
 */
const STUCK_REASON = /^(?:CAPACITY|MISCONFIGURATION|ACTION_REQUIRED|UNDETERMINED)\b/u;

/** Every reason that is found, Batch's own last. */
export function reasonsOf(job: BatchJob, scene: BatchScene): readonly string[] {
  const { misfit, size, environment } = scene;
  const unfit = size === undefined ? undefined : unfitBecause(job, environment, size);
  const said = job.statusReason ?? '';
  const told = unfit?.because ?? '';
  return [
    ...(misfit === undefined ? [] : [misfit.because]),
    ...(told === '' ? [] : [told]),
    ...(told === '' ? memory(job, size) : []),
    ...addresses(job, scene),
    ...(STUCK_REASON.test(said) && !told.endsWith(said) ? [`Batch says ${said}`] : []),
  ];
}

/** What an instance has for jobs is less than is installed, and known to Batch alone. Source: User Guide, "Compute resource memory management". */
function memory({ memoryMiB }: BatchJob, size: TypeSize | undefined): readonly string[] {
  const installed = size?.memoryMiB ?? Infinity;
  return memoryMiB > installed * 0.95 ? [`of ${installed} MiB the system keeps some: ask for 5 percent less`] : [];
}

/** Instances that do not run yet need an address each; so does each node with an interface of its own, also on those that run. */
function addresses(job: BatchJob, { facts, environment, size }: BatchScene): readonly string[] {
  const { freeAddresses, jobs } = facts;
  if (freeAddresses === null || size === undefined) return [];
  const atWork = jobs.filter(({ state }) => state !== 'RUNNABLE').reduce((sum, { nodes }) => sum + (nodes ?? 0), 0);
  const idle = Math.max(0, Math.floor(environment.desiredvCpus / size.vcpus) - atWork);
  const [nodes, missing] = [job.nodes ?? 1, Math.max(0, (job.nodes ?? 1) - idle)];
  const wanted = [
    { count: missing, what: 'more instances' },
    { count: job.hasInterfaces ? nodes : 0, what: 'nodes of it' },
  ].filter(({ count }) => count > 0);
  if (wanted.reduce((sum, { count }) => sum + count, 0) <= freeAddresses) return [];
  const [subnet] = environment.subnets;
  const who = wanted.map(({ count, what }) => `${count} ${what}`).join(' and ');
  return [`${who} need an address each, and ${subnet} has ${freeAddresses} free`];
}
