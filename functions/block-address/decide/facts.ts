/** What `block-address` decides on. */

import type { ListObject, ListRow, ListSettings } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { ProtectingList } from '../../../shared/judgement/blocklist/listed-rows.ts';
import type { AllowRow, BlockRow, RangesRow, SharedRow } from '../../../shared/judgement/blocklist/rows.ts';
import type { KernelFacts, Refuse } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { AlarmMetric } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import type { Finding, UnreadFinding } from '../../../shared/kernel/triggers/findings/finding.ts';
import type { TakenElement } from './forwarded.ts';

/** Who asks, and by what. */
interface Asker {
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
  /** When it was sent, ISO 8601. `null`: it does not say, and the same words may be asked anew. */
  readonly sentAt: string | null;
  readonly run: string;
}

/** What is decided on. Networks in their canonical spelling. */
export type Ask =
  | {
      readonly action: 'block' | 'extend' | 'unblock' | 'allow' | 'share';
      /** `null`: whatever is blocked for the incident. */
      readonly cidr: string | null;
      /** The network was written with host bits, which are left out. */
      readonly hadHostBits: boolean;
      readonly incident: string | null;
      readonly ttlSeconds: number | null;
      /** The network was found in a header: where. Absent: it was named. */
      readonly forwarded?: TakenElement;
    }
  | NobodyAsk
  | {
      readonly action: 'block' | 'extend' | 'unblock' | 'allow' | 'share';
      /** A list by its name, as the person wrote it. */
      readonly list: string;
      readonly ttlSeconds: number | null;
    }
  | { readonly action: 'take-in'; readonly object: OfferedObject }
  | {
      readonly action: 'heed';
      readonly finding: Finding | UnreadFinding;
      /** When a person chose it, ISO 8601. Absent: it came by itself. */
      readonly chosenAt?: string;
    }
  | AlarmAsk
  | { readonly action: 'read-never-block' };

/** Whoever a header of proxies names is to be blocked; who that is depends on what is ours, which the ledger knows. */
type ForwardedAsk = {
  readonly action: 'block';
  /** The header's value. */
  readonly forwardedFor: string;
  readonly incident: string | null;
  readonly ttlSeconds: number | null;
};

/** What a run is started with, before the ledger is read. */
export type Wish = Exclude<Ask, NobodyAsk> | ForwardedAsk;

/** A header named nobody. */
type NobodyAsk = { readonly action: 'find-nobody'; readonly refusal: Refuse };

/** A finding is told of. */
export type FindingAsk = Extract<Ask, { readonly action: 'heed' }>;

/** An alarm of a rate-based rule rings. */
export type AlarmAsk = {
  readonly action: 'heed-alarm';
  /** The alarm's name. */
  readonly alarm: string;
  /** When it began to ring, ISO 8601. `null`: it does not say. */
  readonly at: string | null;
  /** Those that it watches. */
  readonly metrics: readonly AlarmMetric[];
};

/** One address that a rate-based rule holds. */
interface HeldAddress {
  /** A network in canonical form: `198.51.100.9/32`. */
  readonly address: string;
  /** The rule's name. */
  readonly rule: string;
  /** ARN of the web ACL. */
  readonly webAcl: string;
}

/**
 * Whom the rule of an alarm holds, or why nobody can be named.
 * `no-rate-based-rule`: the alarm names no such rule, or several. `held-by-header`: the rule counts by a header, in which whoever sends
 * the request may write what he likes.
 */
export type HeldBy =
  | { readonly addresses: readonly HeldAddress[] }
  | { readonly refused: 'no-rate-based-rule' | 'held-by-header'; readonly because: string };

/** An object that was just made, as S3 tells of it. */
export type OfferedObject = Omit<ListObject, 'versionId'> & {
  /** `null`: its bucket keeps no versions. */
  readonly versionId: string | null;
  readonly sizeBytes: number | null;
};

/** What the ledger has about lists. */
export interface ListsSeen {
  readonly rows: readonly ListRow[];
  /** What the operator wants of the list that is offered. */
  readonly settings: ListSettings;
  /** What is wrong with that; `null`: nothing. */
  readonly settingsFault: string | null;
}

/** What nobody may have blocked, and how old the readings are. */
export interface Guard {
  readonly neverBlock: readonly RangesRow[];
  readonly allow: readonly AllowRow[];
  /** Ranges behind whose addresses many people sit. */
  readonly sharedEgress: readonly SharedRow[];
  /** What lists that hold protect, as far as the publisher has read them. */
  readonly listed: readonly ProtectingList[];
  /** What is wrong with rows of any of these that cannot be understood: nobody knows whom they protect. */
  readonly unreadable: readonly string[];
  /** When each source was last read well, ISO 8601. */
  readonly readAt: { readonly [source: string]: string };
}

/** A row of `allow` or of `shared-egress` about one network. */
export interface KeptRow {
  /** Its key in the ledger. */
  readonly key: string;
  /** ISO 8601; `null`: until it is taken back. */
  readonly until: string | null;
  readonly run: string;
  readonly version: number;
}

/** A source of ranges as it was read just now: canonical, sorted; or why it could not be. */
export interface SourceReading {
  readonly source: string;
  readonly ranges: readonly string[] | null;
  readonly fault: string | null;
}

/** Everything about what is asked. */
export interface Facts extends KernelFacts {
  readonly ask: Ask;
  readonly asker: Asker;
  /** Of a request about a network: its own row, or one of version 0. Of anything else: none. */
  readonly row: BlockRow | null;
  /** All rows, where the request may concern more than its own; of a finding or an alarm those of the addresses that it names. */
  readonly rows: readonly BlockRow[];
  /** Of a request to allow or to share: rows that say so of the very network, in whatever spelling. */
  readonly kept: readonly KeptRow[];
  /** Of an alarm: whom its rule holds now. Of anything else: `null`. */
  readonly held: HeldBy | null;
  /** Of what is asked about lists. */
  readonly lists: ListsSeen;
  readonly guard: Guard;
  /** Of a tick: the sources as they are now. */
  readonly sources: readonly SourceReading[];
}

/** What the runbook is bounded by, besides what every runbook is. */
export interface BlockLimits extends Limits {
  readonly defaultTtlSeconds: number;
  readonly minTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** The shortest prefix that may be blocked by hand. */
  readonly widestIpv4: number;
  readonly widestIpv6: number;
  /** Reasons that stand for one network at the same time. */
  readonly maxReasons: number;
  /** What nobody may have blocked is not to be older than this. */
  readonly maxGuardAgeSeconds: number;
  /** How long a row is kept after its last reason has ended. */
  readonly keptSeconds: number;
  /** Addresses of one alarm that are taken at most. */
  readonly maxHeld: number;
  /** A finding less grave than this blocks nobody. GuardDuty's scale, 0 to 10. */
  readonly minSeverity: number;
  /** How long the first offence of a network blocks it, and by how much longer each that comes after. */
  readonly findingTtlSeconds: number;
  readonly findingTtlFactor: number;
  /** For so long after somebody has unblocked it the same finding or alarm does not block it again. */
  readonly settledSeconds: number;
  /** The longest that is blocked behind which many people sit. */
  readonly sharedEgressTtlSeconds: number;
  /** What of a list is read at most. */
  readonly maxListBytes: number;
  /** How long a version of a list holds that no other one follows. */
  readonly listTtlSeconds: number;
  readonly maxLossPercent: number;
}
