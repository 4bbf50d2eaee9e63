/**
 * What becomes of a world when it loses something: the value between playing and printing. Pure JSON: whoever prints it, as a table, a
 * page or a drill, needs nothing else.
 */

/** What can be lost. */
export const LOSS_KINDS = ['instance', 'zone', 'key', 'volume', 'queue', 'ledger'] as const;

export type LossKind = (typeof LOSS_KINDS)[number];

/** How a loss ends, worst first. */
export const VERDICTS = [
  /** It is not as it was within the time that was played, and no runbook has said so. */
  'stays lost',
  /** It is not, or in part only, and a runbook has said why it leaves it, or is begun by hand alone. */
  'needs a person',
  /** Of several things that were hit some are as they were, or one is in part. */
  'recovers partly',
  /** It could not be played to its end: `unknown` says what is missing. */
  'unknown',
  'recovers',
  'unaffected',
] as const;

export type Verdict = (typeof VERDICTS)[number];

/** Something that is lost. */
export interface Lost {
  readonly kind: LossKind;
  /** Its id, name or ARN; of the ledger `ledger`. */
  readonly id: string;
  /** Its Name, where it has one. */
  readonly name?: string;
  /** What happens to it, a clause: `its status checks fail`. */
  readonly how: string;
}

/** Things that runbooks look after. */
type WardKind = 'address' | 'volumes' | 'bastion' | 'queue' | 'fleet';

/** Something that a runbook looks after. */
export interface Attended {
  readonly kind: WardKind;
  /** As its runbook's targets end: `eipalloc-…`, the name of a group, a target group, a queue, a launch template. */
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  readonly runbook: string;
}

/** How much of its data something has kept, seconds between the newest that is left and the loss; `unknown`: the world does not say. */
export type Rpo = number | 'unknown';

/** How something that was hit has fared. */
export interface Fared extends Attended {
  readonly verdict: Exclude<Verdict, 'unknown' | 'unaffected'>;
  /** Seconds from the loss until it is as it was, and stays so; absent: it is not. */
  readonly rtoSeconds?: number;
  /** Absent: it has no data, or none is back. */
  readonly rpoSeconds?: Rpo;
  /** What was wrong with it first, and what is wrong in the end; absent: nothing is. */
  readonly first: string;
  readonly last?: string;
}

/** What a runbook has told. */
export interface Told {
  readonly runbook: string;
  /** The end of its ARN; absent: the run found none. */
  readonly target?: string;
  readonly outcome: string;
  /** The first word of the reason. */
  readonly code: string;
  readonly reason: string;
  /** Seconds since the loss. */
  readonly afterSeconds: number;
}

/** What becomes of one loss, or of two at the same moment. */
export interface LossReport {
  readonly losses: readonly Lost[];
  /** Alone; beside what needs it, to show what it means; or one of all pairs. */
  readonly as: 'single' | 'beside' | 'pair';
  readonly verdict: Verdict;
  /** What was hit, worst first. */
  readonly fared: readonly Fared[];
  /** The longest of what is as it was; absent: nothing was hit, or something is not. */
  readonly rtoSeconds?: number;
  /** The largest; absent: no data was at stake, or it is not back. */
  readonly rpoSeconds?: Rpo;
  /** Who has brought something back, a runbook or `AWS` alone. */
  readonly by: readonly string[];
  /** What the runbooks concerned have told after the loss, each new word once. */
  readonly told: readonly Told[];
  /** Why it is not as it was: what the runbooks concerned have told last. */
  readonly why: readonly Told[];
  /** Lines that a person can paste, as the runbooks' own outcomes have them. */
  readonly lines: readonly string[];
  /** Alarms of the stack that ring, without its prefix. */
  readonly alarms: readonly string[];
  /** Of the verdict `unknown`: why it could not be played. */
  readonly unknown?: string;
  /** Behaviours of grade `assumed` that it rests on. */
  readonly assumed: readonly string[];
}

/** What was lost and has nobody who looks after it; it is not played. */
export interface Unattended {
  readonly kind: 'instance' | 'volume' | 'queue';
  readonly id: string;
  readonly name?: string;
  /** The Auto Scaling group that replaces an instance. */
  readonly group?: string;
}

/** Something that is not well before anything is lost, so that no loss can say anything of it. */
export interface Troubled extends Attended {
  readonly what: string;
}

/** How many pairs there are, and how many were played. */
export interface PairCount {
  readonly played: number;
  readonly left: number;
}

/** What becomes of a world when it loses something. */
export interface WhatIf {
  /** When the losses happen, ISO 8601: a while after the world begins, so that every schedule has seen it well. */
  readonly lostAt: string;
  readonly account: string;
  readonly region: string;
  readonly seed: number;
  /** So long each loss is followed at most. */
  readonly followedSeconds: number;
  readonly attended: readonly Attended[];
  /** Worst first. */
  readonly reports: readonly LossReport[];
  readonly unattended: readonly Unattended[];
  readonly troubled: readonly Troubled[];
  /** Absent: pairs were not asked for. */
  readonly pairs?: PairCount;
  /** Steps of the world's own script, which were left out. */
  readonly scriptSteps: number;
  /** Other Regions of the world, in which nothing is lost. */
  readonly otherRegions: readonly string[];
}

/** Whether everything that is looked after comes through a loss. */
export function isSurvived({ verdict }: Pick<LossReport, 'verdict'>): boolean {
  return verdict === 'recovers' || verdict === 'unaffected';
}
