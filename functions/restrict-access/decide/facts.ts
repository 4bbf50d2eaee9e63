/** What `restrict-access` decides on. */

import type { RangesRow } from '../../../shared/judgement/blocklist/rows.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { Restriction } from './countries.ts';
import type { Rule } from './rules.ts';

/** What a person asks. Of a tick there is none. */
export type Ask =
  | {
      readonly action: 'lockdown';
      /** `null`: not said. */
      readonly ttlSeconds: number | null;
    }
  | {
      readonly action: 'geo';
      /** ISO 3166-1 alpha-2, each once. */
      readonly countries: readonly string[];
      readonly ttlSeconds: number | null;
    }
  | { readonly action: 'lift' };

/** Who asks, and how it is known when he asks again. */
export type Asker = {
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
  /** ISO 8601; `null`: the request has no time, so that the same words may be meant anew. */
  readonly sentAt: string | null;
  readonly run: string;
};

/** A security group as it is, with what comes in. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string | null;
  /** The value of `runbook:lockdown`: name or id of its allow-list; `null`: it is not tagged. */
  readonly allowList: string | null;
  readonly rules: readonly Rule[];
}

/** A prefix list that is an allow-list, or why it can be none. */
export type AllowListReading =
  | { readonly id: string; readonly name: string; readonly cidrs: readonly string[] }
  | {
      readonly refused:
        | 'no-such-prefix-list'
        | 'prefix-list-ambiguous'
        | 'prefix-list-of-aws'
        | 'prefix-list-unreadable';
      readonly because: string;
    };

/** What every note has: who restricts, why, and until when. Times are ISO 8601. */
export type NoteBase = {
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
  /** The run that began it, or made it longer. */
  readonly run: string;
  readonly from: string;
  readonly until: string;
  /** Who has ended it before its time, and in which run; `null`: nobody. */
  readonly ended: { readonly by: string; readonly run: string } | null;
  /** How it is over; `null`: it stands, and is to be undone when its time is over. */
  readonly over: string | null;
};

/** What a lockdown has taken away from a group, and what it has put in its place. */
export type LockdownNote = NoteBase & {
  readonly kind: 'lockdown';
  readonly allowList: AllowList;
  readonly taken: readonly Rule[];
  readonly added: readonly Rule[];
  /** How many runs found it undone and shut it again, and the last of them. Absent: none. */
  readonly again?: { readonly times: number; readonly run: string };
};

/** The prefix list that a group is reduced to. */
export type AllowList = {
  readonly id: string;
  readonly name: string;
  /** Whom it let in when the lockdown began, as few networks as say it. Absent: not known. */
  readonly networks?: readonly string[];
};

/** The note, and how often it was written. */
export interface Noted<Note extends NoteBase> {
  /** `null`: there is none yet. */
  readonly note: Note | null;
  readonly version: number;
}

/** A security group. */
export interface GroupFacts extends KernelFacts {
  readonly kind: 'security-group';
  /** ARN; where no group was found what the person wrote. */
  readonly target: string;
  readonly ask: Ask | null;
  readonly asker: Asker;
  /** `null`: it is gone, or there was never one. */
  readonly group: SecurityGroup | null;
  /** Ids of all groups that have the name which was asked for. Of a tick, and of an id: none. */
  readonly named: readonly string[];
  /**
   * Of a lockdown that begins the list that the tag names, of one that stands the noted one. `null`: it is not there, or was not
   * asked for, since the group is not tagged, or is to be opened.
   */
  readonly allowList: AllowListReading | null;
  readonly noted: Noted<LockdownNote>;
}

/** What a restriction by country has put in the place of the one before. */
export type GeoNote = NoteBase & {
  readonly kind: 'geo';
  /** What was asked for, by all requests that the note is of. */
  readonly countries: readonly string[];
  /** What comes back. */
  readonly before: Restriction;
  /** What stood when the note was written: where a run died after that it still does. */
  readonly replaces: Restriction;
  readonly set: Restriction;
  /** The version of the configuration that `set` was put on top of. Absent: not known. */
  readonly onto?: string;
  /** CloudFront has taken `set`: what else stands from then on is somebody else's. Absent: a run may have died before. */
  readonly isSet?: true;
  /** The version under which something else was seen last, and when first. Absent: none was. */
  readonly seen?: { readonly etag: string; readonly at: string };
  /** Countries that somebody has let in again by hand before their time. Absent: none. */
  readonly takenBack?: readonly string[];
};

/** A distribution as it is. */
export interface Distribution {
  readonly id: string;
  /** Whether it is tagged `runbook:block`. */
  readonly isTagged: boolean;
  /** The version of its configuration. */
  readonly etag: string;
  /** A staging distribution: a continuous deployment policy sends it a part of another one's traffic. */
  readonly isStaging: boolean;
  /** Of the traffic that comes in by it, what its restriction does not hold for, in words; empty: it holds for all. */
  readonly notShut: readonly string[];
  /** `InProgress`: what was changed last is still on its way to the edges. `null`: not known. */
  readonly status: string | null;
  readonly restriction: Restriction;
}

/** A distribution of CloudFront. */
export interface DistributionFacts extends KernelFacts {
  readonly kind: 'distribution';
  /** ARN. */
  readonly target: string;
  readonly ask: Ask | null;
  readonly asker: Asker;
  /** `null`: it is gone, or there was never one; or nothing is noted of it and nothing is asked, and so it was not read. */
  readonly distribution: Distribution | null;
  readonly noted: Noted<GeoNote>;
}

/** What is the account's own at CloudFront: it may never be blocked, and is kept for who blocks. */
export interface AnycastFacts extends KernelFacts {
  readonly kind: 'anycast-ip-lists';
  readonly target: string;
  /** The addresses as networks, as they are now; `null`: they could not be read. */
  readonly ranges: readonly string[] | null;
  /** Why not; `null`: they were. */
  readonly fault: string | null;
  /** The row of `never-block`; `null`: there is none. */
  readonly row: RangesRow | null;
}

/** What the runbook is bounded by, besides what every runbook is. */
export interface RestrictLimits extends Limits {
  readonly defaultTtlSeconds: number;
  readonly minTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** Rules of a group that a note has room for. */
  readonly maxRules: number;
  /** How long a note is kept after it is over. */
  readonly keptSeconds: number;
}
