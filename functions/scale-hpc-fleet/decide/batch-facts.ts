/** What is known of a compute environment of AWS Batch when something is decided about it. Pure; all of it is JSON. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';

/** Idle time where nobody says: the least that Batch itself takes. Source: ComputeScalingPolicy, minScaleDownDelayMinutes. */
export const BATCH_IDLE_SECONDS = 1_200;

/** A job that has been RUNNABLE for so long is explained: sooner Batch calls none stuck. Source: JobStateTimeLimitAction, maxTimeSeconds. */
export const STUCK_SECONDS = 600;

/**
 * Of what is installed so much is never for jobs: what Batch's own images keep, and the kernel of any other keeps more.
 * Source: User Guide, "Compute resource memory management".
 */
export const KEPT_MIB = 32;

/** A compute environment as Batch describes it. */
export type Environment = {
  readonly name: string;
  readonly arn: string;
  /** `MANAGED` or `UNMANAGED`. */
  readonly type: string;
  readonly state: string;
  readonly status: string;
  readonly statusReason: string | null;
  /** `EC2`, `SPOT`, `FARGATE`, `FARGATE_SPOT`; `null`: an unmanaged one has none. */
  readonly resources: string | null;
  readonly instanceTypes: readonly string[];
  readonly subnets: readonly string[];
  readonly minvCpus: number;
  readonly maxvCpus: number;
  readonly desiredvCpus: number;
};

/** The job queue whose work it does. */
export type JobQueue = {
  readonly state: string;
  readonly status: string;
  readonly statusReason: string | null;
  /** ARNs of its compute environments, in their order. */
  readonly environments: readonly string[];
};

/** What an instance of a type has. */
export type TypeSize = {
  readonly vcpus: number;
  /** What is installed. */
  readonly memoryMiB: number | null;
  readonly gpus: number;
};

/** States in which a job needs instances, the one that has them first. */
export const WORKING = ['RUNNING', 'STARTING', 'RUNNABLE'] as const;

/** A job that needs instances, now or as soon as there are any. */
export type BatchJob = {
  readonly id: string;
  readonly name: string;
  readonly state: (typeof WORKING)[number];
  /** Nodes of a multi-node parallel job; `null`: it is none. */
  readonly nodes: number | null;
  /** Of an array job its children that need instances; else 1. */
  readonly count: number;
  /** What one of its nodes or children needs, at most. */
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** Each of its nodes has a network interface of its own beside its host's, in the same subnet. */
  readonly hasInterfaces: boolean;
  /** Instance types that its nodes ask for; empty: any. */
  readonly instanceTypes: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** What Batch says of it. */
  readonly statusReason: string | null;
};

/** What the ledger keeps of an environment whose minvCpus were changed. */
export type WarmRecord = {
  /** Of the ledger's item. */
  readonly version: number;
  /** What people had set, and get back. */
  readonly before: number;
  /** What we have set, or are about to. */
  readonly set: number;
  /** What stood there when we were about to; `null`: Batch has taken it. */
  readonly from: number | null;
  /** ISO 8601. */
  readonly at: string;
  readonly run: string;
};

/** What people have set with the tags of a compute environment. */
export type BatchSettings = {
  /** Name of the job queue; `null`: the tag cannot be read. */
  readonly queue: string | null;
  readonly idleSeconds: number;
  /** One line for each tag that cannot be read. */
  readonly problems: readonly string[];
};

/** What is known of a compute environment. */
export interface BatchFacts extends KernelFacts {
  readonly kind: 'batch';
  readonly run: string;
  /** `null`: it is gone, or no longer tagged. */
  readonly environment: Environment | null;
  readonly settings: BatchSettings;
  /** `null`: there is no such job queue. */
  readonly queue: JobQueue | null;
  /** Other tagged environments of the same job queue. */
  readonly others: readonly Environment[];
  /** By the name of the type; one that EC2 does not have is not there. */
  readonly types: { readonly [type: string]: TypeSize };
  /** Of its job queue; those that are at work first, then in the order of their submission. */
  readonly jobs: readonly BatchJob[];
  /** Jobs behind these, which no look has read: nothing is warmed for them yet. */
  readonly unreadJobs: number;
  /** Free addresses of its subnet; `null`: it has not one subnet, or that is not there. */
  readonly freeAddresses: number | null;
  /** `null`: we have changed nothing. */
  readonly record: WarmRecord | null;
  /** What is wrong with the ledger's item; `null`: nothing. */
  readonly recordFault: string | null;
}
