/** What is known of a fleet when something is decided about it. Pure; all of it is JSON. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { Fabric } from './fabric.ts';

/** How an instance is paid for. */
type Market = 'on-demand' | 'spot';

/** One way to launch a gang, as the ladder has it, with the zone of its subnet. */
export type Rung = {
  readonly instanceType: string;
  readonly subnetId: string;
  readonly zone: string;
  /** `FRESH`: each gang has one of its own. `null`: in none, which is for gangs of one node alone. */
  readonly placementGroup: string | null;
  readonly market: Market;
  /** Id of the capacity reservation that it draws on; `null`: of none. */
  readonly reservation: string | null;
  /** A gang of more nodes is not launched there; absent: however many it has. */
  readonly maxNodes?: number;
};

/** Stands in a rung instead of the name of a placement group: one is made for each gang, and goes with it. */
export const FRESH = 'fresh';

/** A network interface as the launch template has it and the request repeats it, without a subnet. */
export type InterfaceSpec = {
  readonly DeviceIndex: number;
  readonly NetworkCardIndex: number;
  readonly InterfaceType: string;
  readonly Groups: readonly string[];
  readonly DeleteOnTermination: boolean;
  readonly AssociatePublicIpAddress: boolean | null;
};

/** What brings the data of a fleet's jobs, as its tag has it. */
export type StageSource =
  | { readonly kind: 's3'; readonly text: string; readonly bucket: string; readonly key: string }
  /** `path`: what of the linked bucket; `null`: all that is linked. */
  | { readonly kind: 'fsx'; readonly text: string; readonly fileSystem: string; readonly path: string | null }
  | { readonly kind: 'datasync'; readonly text: string; readonly task: string };

/** A data repository task, or an execution of a DataSync task. */
export type StageRun = {
  readonly id: string;
  readonly state: 'running' | 'well' | 'failed';
  /** It brings data here; `false`: it only keeps others from running. */
  readonly isStageIn: boolean;
  /** When it was asked for, ISO 8601. */
  readonly startedAt: string;
  /** What AWS says of its end, if anything. */
  readonly reason: string | null;
};

/** What the ledger keeps of a fleet's stage-in. */
export type StageRecord = {
  /** Of the ledger's item; 0: there is none. */
  readonly version: number;
  /** One that was asked for and has not ended: for so many jobs, when, and which others AWS had then. */
  readonly asked: { readonly covers: number; readonly at: string; readonly known: readonly string[] } | null;
  /** The last that ended well: for so many jobs, counted at that time. */
  readonly staged: { readonly covers: number; readonly at: string } | null;
  /** Those that have failed since: how often, when last, and how. */
  readonly failed: {
    readonly times: number;
    readonly at: string;
    readonly name: string;
    readonly message: string;
  } | null;
};

/** How a fleet's stage-in stands. */
export type Staging =
  | { readonly kind: 'marker'; readonly isThere: boolean }
  | {
      readonly kind: 'runs';
      /** Id of the file system, or ARN of the DataSync task. */
      readonly target: string;
      /** What is wrong with the source; `null`: nothing that shows before it is asked. */
      readonly fault: string | null;
      /** What AWS shows of its runs, the newest first. */
      readonly runs: readonly StageRun[];
      readonly record: StageRecord;
      /** When gangs were asked for that came, and are over: each had one of the jobs. */
      readonly came: readonly string[];
    };

/** What people have set with the tags of a launch template. */
export type Settings = {
  /** Name of the queue that its jobs wait in; `null`: the tag cannot be read. */
  readonly queue: string | null;
  /** Nodes of a gang. */
  readonly nodesPerJob: number;
  /** Seconds that a gang for which there is no job is kept; `auto`: as long as its rung takes to boot. */
  readonly idleSeconds: number | 'auto';
  /** Name of the SSM parameter that holds the ladder; `null`: there is no such tag. */
  readonly ladder: string | null;
  /** Nodes that the fleet may have at most. */
  readonly maxNodes: number;
  /** Seconds from its launch within which each node of a gang has to attest that it can work; `null`: none has to. */
  readonly attestSeconds: number | null;
  /** `null`: nobody says that something brings data. */
  readonly stageIn: StageSource | null;
  /** One line for each tag that cannot be read. */
  readonly problems: readonly string[];
};

/** The launch template that a fleet is. */
export type Template = {
  readonly id: string;
  readonly name: string;
  /** Of the default version: what is launched is told by its number, so that a repeated call is the same call. */
  readonly version: string;
  /** As it is written; `null`: it names none. */
  readonly imageId: string | null;
  readonly interfaces: readonly InterfaceSpec[];
  /** Security groups of the instance, where it has no interfaces. */
  readonly groups: readonly string[];
  readonly says: Overstep;
};

/** What a launch template says that is the ladder's to say, or the workers': where a rung is silent EC2 takes it from there. */
export type Overstep = {
  /** `MarketType`; `null`: it says none. */
  readonly market: string | null;
  /** Id or group of the capacity reservation that it aims at; `null`: none. */
  readonly reservation: string | null;
  /** Members of `Placement` that have a value. */
  readonly placement: { readonly [member: string]: string };
  /** `DisableApiTermination`: each node would look as if a job were there. */
  readonly isProtected: boolean;
};

/** Messages of the queue of jobs, as SQS counts them: about. */
export type Jobs = {
  readonly visible: number;
  /** In the hands of a worker. */
  readonly inFlight: number;
};

/** An instance that carries the fleet's tag, or was launched for one of its gangs. */
export type Node = {
  readonly id: string;
  readonly state: string;
  /** Of the call that launched it; `null`: that had none. */
  readonly clientToken: string | null;
  /** From 0, in the order of the request that launched them. */
  readonly launchIndex: number;
  /** Nobody may terminate it: rank 0 is at a job. `null`: not asked. */
  readonly isProtected: boolean | null;
  /** Where it is and what it has, in `places`; absent: not of interest, its gang is not coming up. */
  readonly place?: number;
};

/** Where nodes are and what they have, as EC2 shows it. What EC2 leaves out is `null`. */
export type Place = {
  readonly subnetId: string | null;
  readonly zone: string | null;
  readonly placementGroup: string | null;
  /** Interfaces of type `efa` or `efa-only`. */
  readonly efaInterfaces: number;
  /** Enhanced networking. */
  readonly hasEna: boolean | null;
};

/** What the nodes of a gang have said of themselves. */
export type Attested = {
  /** Launch indices of those that can work. */
  readonly ready: readonly number[];
  /** The fewest EFA devices that one of them has found; `null`: none has said. */
  readonly fewestEfa: number | null;
  /** Why one of them cannot work; `null`: none has said so. */
  readonly fault: string | null;
};

/** A gang that was launched and ended before it was given a job: it did not come up, or was not what was asked for. */
export type GangFailure = {
  /** ISO 8601. */
  readonly at: string;
  readonly why: string;
  /** What it was launched from. */
  readonly templateVersion: string;
};

/**
 * How far a gang has come.
 * - `launching`: it was asked for; whether it came to be is not known yet, or some of its nodes are still booting.
 * - `up`: all of its nodes have run together.
 * - `ending`: it is to go, whole.
 * - `over`: AWS has refused it, or it has gone.
 */
export const GANG_STATES = ['launching', 'up', 'ending', 'over'] as const;

type GangState = (typeof GANG_STATES)[number];

/** What else its launch is made of: asked for once more it is the same call. */
export type LaunchWords = {
  readonly templateVersion: string;
  readonly interfaces: readonly InterfaceSpec[];
  /** When it was asked for last, ISO 8601. */
  readonly sentAt: string;
};

/** What the ledger keeps of a gang. */
export type GangRecord = {
  /** Its id, the client token of its launch. */
  readonly id: string;
  /** Of the ledger's item: counts its writes. */
  readonly version: number;
  readonly state: GangState;
  readonly nodes: number;
  /** Whose jobs it was launched for. */
  readonly queue: string;
  readonly rung: Rung;
  /** `null`: it has come, or never will, and is not asked for again. */
  readonly launch: LaunchWords | null;
  /** ISO 8601. */
  readonly askedAt: string;
  /** When all of its nodes ran; `null`: they have not. */
  readonly upAt: string | null;
  /** Why it ends, or has ended. */
  readonly why: string | null;
  /** When AWS last would not end it, for somebody protects one of its nodes; `null`: it never has. */
  readonly keptAt: string | null;
  /** Since when EC2 shows fewer nodes than it has, and none that has gone; `null`: it shows all. */
  readonly thinSince: string | null;
  /** `null`: it has not failed. */
  readonly failure: GangFailure | null;
  /** When it was heard first that EC2 takes one of its nodes back; `null`: it has not. */
  readonly noticedAt: string | null;
  /** When it was ended because it was too many, ISO 8601; `null`: it was not. */
  readonly spareAt: string | null;
  /** The run that asked for it. */
  readonly run: string;
};

/** AWS had nothing for so many nodes. */
export type CapacityRefusal = {
  readonly nodes: number;
  /** Times in a row. */
  readonly times: number;
  /** When it said so first, and last, ISO 8601. */
  readonly since: string;
  readonly at: string;
  /** AWS's error code. */
  readonly name: string;
  /** It was refused for what this launch template says, in this version: `lt-…/7`. Absent: it says something of the rung, for all fleets. */
  readonly of?: string;
  /** AWS's sentence, where it is about the request. */
  readonly message?: string;
};

/** What all fleets remember of a rung. */
export type RungMemory = {
  /** Of the ledger's item; 0: there is none. */
  readonly version: number;
  readonly refusals: readonly CapacityRefusal[];
};

/** Whoever works with the gang says so in the ledger: for Spot instances, which nobody can protect. */
export type GangLease = {
  readonly version: number;
  readonly state: 'free' | 'busy' | 'closed';
  readonly until: string | null;
};

/** A placement group that was made for one gang. */
export type OwnGroup = {
  /** The gang's id. */
  readonly gang: string;
  /** One of its nodes has not quite gone: EC2 does not delete it yet. */
  readonly isUsed: boolean;
};

/** What is asked. */
export type Ask =
  /** A look. `by`: a person wants it. */
  | { readonly kind: 'scale'; readonly by?: string }
  /** A person wants a gang gone. */
  | { readonly kind: 'end'; readonly gang: string; readonly by: string }
  /** A person, or a schedule, wants the partitions of a cluster parked, or unparked. */
  | { readonly kind: 'park' | 'unpark'; readonly by: string }
  /** EC2 has given notice that it takes a node back. */
  | { readonly kind: 'notice'; readonly node: string };

/** What is known of a fleet. */
export interface Facts extends KernelFacts {
  readonly kind: 'fleet';
  readonly ask: Ask;
  readonly run: string;
  /** Of the run and the fleet, 32 hex digits: what ids of gangs are made of. */
  readonly seed: string;
  /** Gangs that the run has asked for so far. */
  readonly askedInRun: number;
  /** Other fleets whose jobs wait in the same queue. */
  readonly rivals: readonly string[];
  /** `null`: it is gone, or is no fleet any more. */
  readonly template: Template | null;
  readonly settings: Settings;
  /** The ladder; or what is wrong with it, one line. */
  readonly ladder: { readonly rungs: readonly Rung[] } | { readonly fault: string };
  /** `null`: there is no such queue. */
  readonly jobs: Jobs | null;
  readonly nodes: readonly Node[];
  readonly places: readonly Place[];
  /** But for those that are over, and of which nothing is left. */
  readonly gangs: readonly GangRecord[];
  /** Of gangs that are coming up, by their ids: under how many network nodes of the lowest layer they are. */
  readonly topology: { readonly [gang: string]: number | null };
  /** Of gangs that are coming up, by their ids. */
  readonly attested: { readonly [gang: string]: Attested };
  /** Gangs that failed one after the other, the last first: since one came up, from the template as it is. */
  readonly failures: readonly GangFailure[];
  /** When gangs were ended because they were too many, the last of the day. */
  readonly spareEnds: readonly string[];
  /** Placement groups that were made for one gang. */
  readonly ownGroups: readonly OwnGroup[];
  /** Items of the ledger that are of this fleet and cannot be read, one line each. */
  readonly unreadable: readonly string[];
  /** Gangs whose lease cannot be read: somebody may be at work there. */
  readonly oddLeases: readonly string[];
  /** By the key of a rung (`keyOf`). */
  readonly memory: { readonly [rung: string]: RungMemory };
  /** By the id of a gang; one that nobody has written is not there. */
  readonly leases: { readonly [gang: string]: GangLease };
  /** What a launch meets; `null`: no gang may be missing, and nobody has looked. */
  readonly fabric: Fabric | null;
  /** `null`: nothing brings data, or there is no job for which it was looked at. */
  readonly staging: Staging | null;
}

/** Beyond those that every runbook has. */
export interface FleetLimits extends Limits {
  /** Gangs that a look can keep in mind. */
  readonly maxGangs: number;
  /** Bytes of JSON that a look keeps, those of gangs that are to be launched included. */
  readonly maxFactsBytes: number;
  /** Gangs that one plan launches, or ends. */
  readonly maxGangsAtOnce: number;
  /** For so long SQS may count a job that is taken or done. */
  readonly countLagSeconds: number;
  /** For so long EC2 may not show what it has launched. */
  readonly unseenSeconds: number;
  /** An instance that belongs to no gang that is wanted may be one that another run has just asked for. */
  readonly orphanSeconds: number;
  /** So long a gang that AWS would not end is left alone. */
  readonly keptSeconds: number;
  /** So many gangs may fail one after the other; then nothing is launched until a person has looked. */
  readonly maxFailures: number;
  /** A gang that is not up by then never will be. */
  readonly maxBootSeconds: number;
  /** Where no boot of a rung was measured. */
  readonly bootSeconds: number;
  /** After a first refusal a rung is left alone for so long; then for twice that, and so on, */
  readonly backOffSeconds: number;
  /** but never for longer than this. */
  readonly maxBackOffSeconds: number;
  /** After a stage-in that failed the next is tried after so long; */
  readonly stageBackOffSeconds: number;
  /** after a second in a row people are told, and it is tried after so long, then after twice that, and so on, */
  readonly stageAgainSeconds: number;
  /** but never after longer than this. */
  readonly maxStageAgainSeconds: number;
  /** A stage-in that lasts for so long is a matter for people, and so is a marker that is not there. */
  readonly longStageSeconds: number;
  /** So long jobs may wait beside gangs that are up, until people are told: a worker takes one within seconds. */
  readonly untakenSeconds: number;
  /** So long a gang that is too many may still be at work, until people are told. */
  readonly longBusySeconds: number;
  /** Jobs that have waited for capacity for so long are a matter for people. */
  readonly drySeconds: number;
}
