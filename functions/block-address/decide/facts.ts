/** What `block-address` decides on. */

import type { AllowRow, BlockRow, NeverBlockRow } from '../../../shared/judgement/blocklist/rows.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';

/** Who asks, and by what. */
interface Asker {
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
  readonly run: string;
}

/** What a person asks for. Networks in their canonical spelling. */
export type Ask =
  | {
      readonly action: 'block' | 'extend' | 'unblock' | 'allow';
      /** `null`: whatever is blocked for the incident. */
      readonly cidr: string | null;
      /** The network was written with host bits, which are left out. */
      readonly hadHostBits: boolean;
      readonly incident: string | null;
      readonly ttlSeconds: number | null;
    }
  | { readonly action: 'read-never-block' };

/** What nobody may have blocked, and how old the readings are. */
export interface Guard {
  readonly neverBlock: readonly NeverBlockRow[];
  readonly allow: readonly AllowRow[];
  /** When each source was last read well, ISO 8601. */
  readonly readAt: { readonly [source: string]: string };
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
  /** Of a request about a network: its own row, or one of version 0. Of one about an incident: none. */
  readonly row: BlockRow | null;
  /** All rows, where the request may concern more than its own. */
  readonly rows: readonly BlockRow[];
  readonly allowed: AllowRow | null;
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
}
