/** What a decision about a fleet of bastions is made from: what asks, the target group, its hosts, their groups, the network, and the limits. */

import type { InstanceFacts } from '../../../shared/judgement/instance-health.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { Checks } from './failing-by-chance.ts';
import type { Network } from './network.ts';
import type { Counting } from './sessions.ts';

/** What started the run. JSON. */
export type Ask =
  /** Whatever is wrong is to be found. `by`: `the schedule`, `alarm bastion-unhealthy`. */
  | { readonly kind: 'look'; readonly by: string; readonly isTick: boolean }
  /** An alarm that did not go to ALARM. */
  | { readonly kind: 'over'; readonly by: string }
  /** A person wants this host replaced, however well it is. */
  | { readonly kind: 'replace'; readonly host: string; readonly by: string; readonly why: string };

/** What Elastic Load Balancing says of a target. */
export type TargetHealth = {
  readonly port: number;
  /** Its own word: `initial`, `healthy`, `unhealthy`, `unhealthy.draining`, `unused`, `draining`, `unavailable`. */
  readonly state: string;
  /** `Target.FailedHealthChecks`, `Elb.InternalError`; `null`: none is given, as of a healthy one. */
  readonly reason: string | null;
  /** A zonal shift keeps its zone dark on purpose. */
  readonly isShifted: boolean;
};

/** A bastion host: a target, a member of a group that registers here, or an instance that stands by. */
export interface Host extends InstanceFacts {
  /** It carries the fleet's name in `runbook:bastion`. */
  readonly isTagged: boolean;
  /** By port; empty: it is not registered. */
  readonly targets: readonly TargetHealth[];
  /** A group of which it is a member, and which does not register its members here; `null`: none. */
  readonly ofOtherGroup: string | null;
  /** Other target groups of which it is the last healthy target, by name. */
  readonly lastIn: readonly string[];
  /** Other target groups of which nobody says whether it is the last healthy target, by name. */
  readonly untoldIn: readonly string[];
  /** Other target groups out of which it is being taken, by name. */
  readonly drainsIn: readonly string[];
}

/** A target group that a group names and that is gone. JSON. */
type GoneTargetGroup = {
  readonly arn: string;
  /** It was attached as a traffic source, and is detached as one. */
  readonly isTrafficSource: boolean;
};

/** An Auto Scaling group that registers its members at the target group. */
export interface Group {
  readonly name: string;
  /** It carries the fleet's name in `runbook:bastion`: its members may be ended through it. */
  readonly isTagged: boolean;
  /** It asks Elastic Load Balancing, too, and replaces by itself what is unhealthy there. */
  readonly checksByElb: boolean;
  /** It asks for the status check of attached volumes, too. */
  readonly checksByEbs: boolean;
  /** Target groups that it names and that are gone: none of its launches succeeds. */
  readonly goneTargetGroups: readonly GoneTargetGroup[];
  /** How long a new member is left alone. */
  readonly graceSeconds: number;
  readonly minSize: number;
  readonly desired: number;
  readonly zones: readonly string[];
  /** Processes that are suspended, by Auto Scaling's own names. */
  readonly suspended: readonly string[];
  /** Members that it has; where they are weighted, what they weigh: `desired` counts that, too. */
  readonly members: number;
  /** Its members have weights. */
  readonly isWeighted: boolean;
}

/** The load balancer in front. */
export interface Balancer {
  readonly name: string;
  readonly zones: readonly string[];
  /** Nodes send to, and check, the targets of all zones. */
  readonly isCrossZone: boolean;
}

/** The target group. */
export interface TargetGroup {
  /** `targetgroup/bastion/73e2d6bc24d8a067`. */
  readonly name: string;
  /** What `runbook:bastion` says. */
  readonly fleet: string;
  /** `instance`, `ip`, `alb`, `lambda`. */
  readonly targetType: string;
  /** Of a check and a healthy target, seconds: how long a good host takes to be found good. */
  readonly healthySeconds: number;
  readonly checks: Checks;
  /** Sessions to an unhealthy target are reset by the balancer. */
  readonly resetsUnhealthy: boolean;
  /** A target that its group ends drains for so long first. */
  readonly drainsSeconds: number;
  /** Sessions of a deregistered target are reset after so long; `null`: they are left alone. */
  readonly resetsDrainedAfterSeconds: number | null;
  /** No load balancer: nothing checks. */
  readonly balancer: Balancer | null;
}

/** All that is known of a fleet. */
export interface FleetFacts extends KernelFacts {
  /** ARN of the target group. */
  readonly target: string;
  readonly ask: Ask;
  /** The run, and when it began, ISO 8601. */
  readonly run: string;
  readonly begunAt: string;
  /** `null`: it is gone, or not tagged any more. */
  readonly targetGroup: TargetGroup | null;
  /** Why Elastic Load Balancing does not say how its targets are; `null`: it does. */
  readonly unavailable: string | null;
  readonly hosts: readonly Host[];
  readonly groups: readonly Group[];
  /** How a health check gets to its hosts; `null`: none of them fails one, so that nobody has looked. */
  readonly network: Network | null;
  /** What counts who is on hosts that are taken out. */
  readonly counting: Counting;
}

/** Limits of this runbook beside those of all. */
export interface BastionLimits extends Limits {
  /** A launched host boots, is registered and passes its first checks in so long, beside what the checks themselves take. */
  readonly maxBootSeconds: number;
  /** A host has been unhealthy for so long before it counts as dead. */
  readonly doubtSeconds: number;
  /** So long its own group has to replace a host. */
  readonly groupSeconds: number;
  /** A deregistered target gets new connections for so long. */
  readonly drainSeconds: number;
  /** Sessions are waited for so long at most. */
  readonly maxSessionSeconds: number;
  /** A host that AWS would not end is tried again after so long. */
  readonly retryEndSeconds: number;
  /** A replacement is there and healthy in so long, or a person is told. */
  readonly maxReplacementSeconds: number;
}
