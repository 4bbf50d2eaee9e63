/** Why a multi-node job stays RUNNABLE. Pure. */

import type { BatchJob } from './batch-facts.ts';
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
  return [
    ...(misfit === undefined ? [] : [misfit.because]),
    ...(unfit === undefined ? [] : [unfit.because]),
    ...addresses(job, scene),
    ...(STUCK_REASON.test(said) ? [`Batch says ${said}`] : []),
  ];
}

/** Instances that do not run yet need an address each. */
function addresses(job: BatchJob, { facts, environment, size }: BatchScene): readonly string[] {
  const { freeAddresses, jobs } = facts;
  if (freeAddresses === null || size === undefined) return [];
  const atWork = jobs.filter(({ state }) => state !== 'RUNNABLE').reduce((sum, { nodes }) => sum + (nodes ?? 0), 0);
  const idle = Math.max(0, Math.floor(environment.desiredvCpus / size.vcpus) - atWork);
  const missing = (job.nodes ?? 1) - idle;
  if (missing <= freeAddresses) return [];
  const [subnet] = environment.subnets;
  return [`${missing} more instances need an address each, and ${subnet} has ${freeAddresses} free`];
}
