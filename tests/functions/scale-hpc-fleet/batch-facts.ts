/** Compute environments and their facts as the tests of decisions have them. */

import type { BatchFacts, BatchJob, Environment, WarmRecord } from '../../../functions/scale-hpc-fleet/decide.ts';
import { ago, history, NOW } from './fleet-facts.ts';

const PREFIX = 'arn:aws:batch:eu-west-1:111122223333:compute-environment';

/** What Batch says of a job that fits nowhere. */
export const MISFIT = 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - too much';

/** A compute environment of one type and one subnet, with room for eight nodes of 192 vCPUs. */
export function environment(more: Partial<Environment> = {}): Environment {
  const { name = 'cfd-a' } = more;
  return {
    name,
    arn: `${PREFIX}/${name}`,
    type: 'MANAGED',
    state: 'ENABLED',
    status: 'VALID',
    statusReason: null,
    resources: 'EC2',
    instanceTypes: ['hpc7a.96xlarge'],
    subnets: ['subnet-0a'],
    minvCpus: 0,
    maxvCpus: 1_536,
    desiredvCpus: 0,
    ...more,
  };
}

/** A multi-node job that waits. */
export function job(id: string, nodes: number | null, more: Partial<BatchJob> = {}): BatchJob {
  const sized = {
    nodes,
    count: 1,
    vcpus: 192,
    memoryMiB: 700_000,
    gpus: 0,
    hasInterfaces: nodes !== null,
    instanceTypes: [],
  };
  return { id, name: `job-${id}`, state: 'RUNNABLE', ...sized, createdAt: ago(60), statusReason: null, ...more };
}

/** What the ledger keeps once Batch has taken a change from 0. */
export function warm(set: number, more: Partial<WarmRecord> = {}): WarmRecord {
  return { version: 2, before: 0, set, from: null, at: ago(600), run: 'run-1', ...more };
}

/** An environment at rest, first in its queue. */
export function batchFacts(more: Partial<BatchFacts> = {}): BatchFacts {
  return {
    kind: 'batch',
    history: history(),
    run: 'run-2',
    environment: environment(),
    settings: { queue: 'cfd', idleSeconds: 1_200, problems: [] },
    queue: { state: 'ENABLED', status: 'VALID', statusReason: null, environments: [environment().arn] },
    others: [],
    types: { 'hpc7a.96xlarge': { vcpus: 192, memoryMiB: 786_432, gpus: 0 } },
    jobs: [],
    unreadJobs: 0,
    freeAddresses: 251,
    record: null,
    recordFault: null,
    ...more,
  };
}

export { ago, history, NOW };
