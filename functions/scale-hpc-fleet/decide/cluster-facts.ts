/** What is known of the head node of a ParallelCluster when something is decided about it. Pure; all of it is JSON. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Ask, Jobs } from './facts.ts';

/** Idle time where nobody says: as long as ParallelCluster itself leaves a node. Source: SlurmSettings, ScaledownIdletime. */
export const CLUSTER_IDLE_SECONDS = 600;

/** The instance that runs Slurm's controller. */
export type HeadNode = {
  readonly id: string;
  /** Of the cluster. */
  readonly name: string;
  /** `running`, `stopped`, … */
  readonly state: string;
};

/** A partition of Slurm's, which ParallelCluster calls a queue. */
export type SlurmPartition = {
  readonly name: string;
  /** `UP`, `DOWN`, `DRAIN`, `INACTIVE`. */
  readonly state: string;
  /** Jobs of Slurm's that are at work there. */
  readonly running: number;
  /** Jobs of Slurm's that wait there. */
  readonly pending: number;
};

/** What the document prints, whatever it was asked for. */
export type ClusterAnswer = {
  /** Status of the compute fleet. */
  readonly fleet: string;
  readonly partitions: readonly SlurmPartition[];
  /** Why nodes did not come up, the newest last. */
  readonly causes: readonly string[];
};

/** What the document is asked for. */
export type Verb = 'status' | 'park' | 'unpark';

/** A command that the head node was sent. */
export type ClusterCommand = {
  readonly verb: Verb;
  /** When we decided on it, ISO 8601: by this and the verb it is told from others. */
  readonly at: string;
  /** When Systems Manager took it, ISO 8601. */
  readonly requestedAt: string;
  readonly status: string;
  /** More exactly how it stands. */
  readonly details: string;
  /** What the document has printed; `null`: it cannot be read. */
  readonly answer: ClusterAnswer | null;
  /** The last line of its output. */
  readonly said: string;
};

/** What the ledger keeps of a head node whose partitions were parked. */
export type ParkRecord = {
  /** Of the ledger's item; 0: there is none. */
  readonly version: number;
  /** Partitions that we have set INACTIVE, or are about to: these alone are unparked. */
  readonly parked: readonly string[];
  /** Partitions of these that somebody else has set UP since: they are not parked until a job has come. */
  readonly left: readonly string[];
  /** What a person, or a schedule, wants, and since when; the run that wrote it. */
  readonly hand: {
    readonly verb: 'park' | 'unpark';
    readonly by: string;
    readonly at: string;
    readonly run: string;
  } | null;
  /** When that was decided on which we know all this from, ISO 8601: what the head node has said before is no news. */
  readonly known: string | null;
  /** A command that we do not know the end of. */
  readonly asked: {
    readonly verb: 'park' | 'unpark';
    readonly partitions: readonly string[];
    readonly at: string;
    readonly run: string;
  } | null;
};

/** What people have set with the tags of a head node. */
export type ClusterSettings = {
  /** Name of the queue; `null`: the tag cannot be read. */
  readonly queue: string | null;
  readonly idleSeconds: number;
  /** One line for each tag that cannot be read. */
  readonly problems: readonly string[];
};

/** What is known of a head node. */
export interface ClusterFacts extends KernelFacts {
  readonly kind: 'cluster';
  readonly ask: Ask;
  readonly run: string;
  /** `null`: it is gone, or no longer tagged. */
  readonly head: HeadNode | null;
  readonly settings: ClusterSettings;
  /** Fleets and other clusters of the same queue. */
  readonly rivals: readonly string[];
  /** `null`: there is no such queue. */
  readonly jobs: Jobs | null;
  /** Command documents of this account that carry the queue's tag. */
  readonly documents: readonly string[];
  /** Of the last hour, the newest first. */
  readonly commands: readonly ClusterCommand[];
  readonly record: ParkRecord;
  /** What is wrong with the ledger's item; `null`: nothing. */
  readonly recordFault: string | null;
}
