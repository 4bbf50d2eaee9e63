/**
 * What `carry-volumes` judges from: what one look finds of a set of volumes, its group and the instances around it. Volumes and
 * snapshots are described in `volume-set.ts`, the group in `scaling-group.ts`, instances in `machine.ts`. Pure.
 */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { HookFacts } from '../../../shared/judgement/hooks.ts';
import type { FreezeFacts } from './freeze.ts';
import type { Machine } from './machine.ts';
import type { GroupFacts } from './scaling-group.ts';
import type { SnapshotFacts, VolumeFacts } from './volume-set.ts';

/** What started the run. `at`: when the event happened. */
export type Ask =
  | { readonly kind: 'event'; readonly at: string | null }
  | { readonly kind: 'reconcile' | 'carry' | 'sweep' };

/** What people set by tags on the group. */
export interface CarrySettings {
  readonly mayBeginEmpty: boolean;
  readonly maxWaitSeconds: number;
  /** `null`: nothing older than the volumes themselves is acceptable. */
  readonly oldestAcceptableSeconds: number | null;
  readonly keepSnapshots: number;
  /** The SSM document that freezes and thaws the file systems; `null`: they are not frozen. */
  readonly freezeDocument: string | null;
  /** Tags whose value cannot be read. */
  readonly problems: readonly string[];
}

/** By key ARN: KMS's word (`Enabled`, `Disabled`, `PendingDeletion`…); `unread`: KMS did not say, or may not be asked. */
export type KeyStates = { readonly [keyArn: string]: string };

/** What one look finds. */
export interface Facts extends KernelFacts {
  readonly ask: Ask;
  readonly run: string;
  readonly set: string;
  /** Without a name: the group is gone, or no longer tagged. */
  readonly group: GroupFacts;
  readonly settings: CarrySettings;
  /** The instance that arrives or leaves; `null`: the run tends the whole group. */
  readonly instanceId: string | null;
  readonly leaving: boolean;
  /** The lifecycle action of ours in which the instance waits; `null`: in none (any more). */
  readonly hook: HookFacts | null;
  /** The event's lifecycle action does not show yet in what Auto Scaling says of the instance. */
  readonly hookUnseen: boolean;
  /** The group's instances, but for those in good service that hold nothing of the set, and whoever holds a volume of it. */
  readonly machines: readonly Machine[];
  /** EC2's word for each zone. */
  readonly zones: { readonly [zone: string]: string };
  readonly volumes: readonly VolumeFacts[];
  /** Volumes of the set that a service of AWS's holds, in words: nobody else can attach or detach them. */
  readonly heldByServices: readonly string[];
  /** Root volumes that carry the set's tag: they belong to no set. `lives`: it outlives its instance, and no tag says what it is. */
  readonly roots: readonly { readonly id: string; readonly said: string; readonly lives: boolean }[];
  readonly snapshots: readonly SnapshotFacts[];
  /** What is there and not judged, in words: records that cannot be read, and what exceeds a checkpoint. */
  readonly leftOut: readonly string[];
  /** Of a leaving instance that runs, where the group wishes to freeze it; else `null`. */
  readonly freeze: FreezeFacts | null;
  /** Of the keys that the set is encrypted with; empty for the leaving side, which needs none. */
  readonly keys: KeyStates;
}

/** The numbers of `handler.ts` that the judgement uses; their sources stand there. */
export interface CarryLimits {
  readonly maxCalls: number;
  /** A stop takes this long before it is forced. */
  readonly forceStopSeconds: number;
  /** From so long on a stop that is not confirmed will not be. */
  readonly maxStopSeconds: number;
  /** An attachment that is `attaching` for longer is stuck. */
  readonly stuckAttachSeconds: number;
  /** How long a plight that only a person can end must last before the group is held. */
  readonly hopelessSeconds: number;
  /** A run that has waited so long leaves the rest to the schedule. */
  readonly runSeconds: number;
  /** From superseded to deleted. */
  readonly retireSeconds: number;
  /** Heartbeat time-outs below this do not outlast two ticks of the schedule. */
  readonly minHeartbeatSeconds: number;
}
