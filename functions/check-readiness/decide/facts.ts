/** What `check-readiness` decides on: one matter of the stack, as it was read. */

import type { Subscriber } from '../../../shared/judgement/readiness.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** The matters that are looked at, each a target of its own. */
export const MATTERS = ['subscriptions', 'alarms', 'functions', 'mappings', 'schedules', 'rules', 'queues'] as const;

export type Matter = (typeof MATTERS)[number];

/** A topic of the stack. */
export interface Topic {
  readonly name: string;
  /** `null`: there is no such topic. */
  readonly subscribers: readonly Subscriber[] | null;
}

export interface Alarm {
  readonly name: string;
  readonly isMuted: boolean;
  /** Whom it tells when it rings. */
  readonly actions: number;
  /** Empty: CloudWatch does not say. */
  readonly state: string;
  /** Since when it is in this state, ISO 8601; empty: CloudWatch does not say. */
  readonly since: string;
}

export interface DeployedFunction {
  readonly name: string;
  readonly isThere: boolean;
  /** `null`: none of its own. */
  readonly reserved: number | null;
  /** `Active`, `Failed`, …; empty: Lambda does not say. */
  readonly state: string;
  /** Of the last deployment: `Successful`, `Failed`, `InProgress`; empty: Lambda does not say. */
  readonly update: string;
  /** Lambda's own words on either; empty: none. */
  readonly why: string;
}

export interface Mapping {
  readonly id: string;
  /** The queue or stream that it takes from. */
  readonly source: string;
  readonly functionName: string;
  /** Empty: Lambda does not say. */
  readonly state: string;
}

export interface Schedule {
  readonly name: string;
  /** `null`: there is no such schedule; empty: the Scheduler does not say. */
  readonly state: string | null;
}

export interface Rule {
  readonly name: string;
  readonly bus: string;
  /** Empty: EventBridge does not say. */
  readonly state: string;
}

/** A queue of what failed, or could not be delivered. */
export interface Queue {
  readonly name: string;
  readonly isThere: boolean;
  readonly letters: number;
  readonly retentionSeconds: number;
}

/** What of a matter could be read; what is not in it stands in `unread`. */
export type Seen =
  | { readonly matter: 'subscriptions'; readonly topics: readonly Topic[] }
  /** `null`: they could not be read. */
  | { readonly matter: 'alarms'; readonly alarms: readonly Alarm[] | null }
  | { readonly matter: 'functions'; readonly functions: readonly DeployedFunction[] }
  | { readonly matter: 'mappings'; readonly mappings: readonly Mapping[] }
  | { readonly matter: 'schedules'; readonly schedules: readonly Schedule[] }
  /** `outcomes`: the bus of the stack, of which nobody hears anything without a rule; empty: there is none, or it could not be read. */
  | { readonly matter: 'rules'; readonly rules: readonly Rule[]; readonly outcomes: string }
  | { readonly matter: 'queues'; readonly queues: readonly Queue[] };

/** Something that could not be read. */
export interface Unread {
  readonly place: string;
  readonly why: string;
}

/** One matter. */
export interface Facts extends KernelFacts {
  /** What the names of the stack begin with. */
  readonly prefix: string;
  /** Whose look this is: what the same run has told, and died on, it tells again. */
  readonly run: string;
  /** A person asks: whoever asks is answered, whatever was told before. */
  readonly isAsked: boolean;
  /** What earlier looks asked to remember; empty too where the ledger does not say: what may not have been told is told. */
  readonly memory: { readonly [key: string]: string };
  readonly seen: Seen;
  readonly unread: readonly Unread[];
}

export interface ReadinessLimits extends Limits {
  /** What stands as it was told is told again after so long. */
  readonly toldAgainSeconds: number;
  /** How long a heartbeat's alarm may be without data: it has none right after it was made. */
  readonly blindSeconds: number;
}
