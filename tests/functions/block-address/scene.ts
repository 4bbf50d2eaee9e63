/** Requests and ticks with the ledger as it stands, for the tests of `decide`. */

import {
  decide,
  type Ask,
  type BlockLimits,
  type Facts,
  type Guard,
  type HeldBy,
  type KeptRow,
  type ListsSeen,
  type SourceReading,
} from '../../../functions/block-address/decide.ts';
import { blockRowOf, type AllowRow, type BlockRow, type Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { writeOf } from '../../../shared/kernel/ledger/planned-write.ts';

export const NOW = '2026-11-22T08:00:00.000Z';
export const PAST = '2026-11-22T07:00:00.000Z';
export const LATER = '2026-11-22T09:00:00.000Z';
export const CIDR = '198.51.100.9/32';
export const READ = { addresses: NOW, interfaces: NOW, peerings: NOW, 'prefix-lists': NOW, vpcs: NOW };

export const LIMITS: BlockLimits = {
  maxAgeSeconds: 900,
  maxTargets: 1,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 60,
  maxLooks: 8,
  maxWaitSeconds: 0,
  maxCalls: 2,
  defaultTtlSeconds: 86_400,
  minTtlSeconds: 60,
  maxTtlSeconds: 2_592_000,
  widestIpv4: 16,
  widestIpv6: 32,
  maxReasons: 3,
  maxGuardAgeSeconds: 900,
  keptSeconds: 2_592_000,
  maxHeld: 3,
  minSeverity: 1,
  findingTtlSeconds: 21_600,
  findingTtlFactor: 4,
  settledSeconds: 86_400,
  sharedEgressTtlSeconds: 900,
  maxListBytes: 1_000,
  listTtlSeconds: 604_800,
  maxLossPercent: 50,
};

export function reason(incident: string, until = LATER, more: Partial<Reason> = {}): Reason {
  return { incident, why: '', by: 'mara', from: PAST, until, delivery: 'before', run: 'run-0', strikes: 0, ...more };
}

export function row(cidr: string, ...reasons: readonly Reason[]): BlockRow {
  return { cidr, reasons, version: reasons.length === 0 ? 0 : 3 };
}

export interface Scene {
  readonly row?: BlockRow | null;
  readonly rows?: readonly BlockRow[];
  readonly allowed?: AllowRow | null;
  readonly kept?: readonly KeptRow[];
  readonly guard?: Partial<Guard>;
  readonly held?: HeldBy;
  readonly sources?: readonly SourceReading[];
  readonly sentAt?: string;
  readonly lists?: Partial<ListsSeen>;
}

export type Wish = Extract<Ask, { readonly cidr: string | null }>;

export function asked(ask: Partial<Wish> & Pick<Wish, 'action'>, scene: Scene = {}): Decision {
  const whole = { cidr: CIDR, hadHostBits: false, incident: null, ttlSeconds: null, ...ask };
  const own = whole.cidr === null ? null : row(whole.cidr);
  return decide(factsOf(whole, { row: own, ...scene }), LIMITS, NOW);
}

export function factsOf(ask: Ask, scene: Scene): Facts {
  return {
    ask,
    asker: { by: 'mara', why: 'credential stuffing', delivery: 'now', sentAt: scene.sentAt ?? null, run: 'run-1' },
    row: scene.row ?? null,
    rows: scene.rows ?? [],
    kept: scene.kept ?? [scene.allowed ?? []].flat().map(keptOf),
    held: scene.held ?? null,
    guard: { neverBlock: [], allow: [], sharedEgress: [], listed: [], unreadable: [], readAt: READ, ...scene.guard },
    sources: scene.sources ?? [],
    lists: { rows: [], settings: {}, settingsFault: null, ...scene.lists },
    history: 'unread',
  };
}

function keptOf({ cidr, key = cidr, until, run, version }: AllowRow): KeptRow {
  return { key, until, run, version };
}

export function written(decision: Decision): readonly unknown[] {
  return decision.kind === 'act'
    ? decision.plan.map(({ input }) => [input['key'], input['ifVersion'], input['value']])
    : [];
}

export function allowing(cidr: string, until: string | null, run = 'run-0'): AllowRow {
  return { cidr, why: 'partner', by: 'mara', until, run, version: 2 };
}

/** Of each write its network, and the end and the strikes of the reason that it puts last. */
export function reasonsIn(decision: Decision): readonly unknown[] {
  const plan = decision.kind === 'act' ? decision.plan : [];
  return plan.map(({ input }) => {
    const { partition, key, value } = writeOf(input);
    const last = blockRowOf({ partition, key, value, version: 1 }).reasons.at(-1);
    return [key, last?.until, last?.strikes];
  });
}
