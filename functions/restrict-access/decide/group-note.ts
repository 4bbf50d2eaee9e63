/** The note of a lockdown: as JSON, in EC2's own shapes, so that a person can put the rules back with it. Pure. */

import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { GroupFacts, LockdownNote, RestrictLimits } from './facts.ts';
import { noteWrite } from './notes.ts';
import { permissionsOf } from './rules.ts';

/** As an item of the ledger has it. */
export function lockdownValue({ taken, added, ...note }: LockdownNote): JsonObject {
  return { ...note, taken: permissionsOf(taken), added: permissionsOf(added) };
}

/** What is known when a group is decided on. */
export interface Scene {
  readonly facts: GroupFacts;
  readonly limits: RestrictLimits;
  readonly now: string;
}

/** The write of the note on top of the one that was read. @param writtenBefore writes of it earlier in the same plan */
export function lockdownWrite(
  { facts, limits, now }: Scene,
  note: LockdownNote,
  because: string,
  writtenBefore = 0,
): PlannedCall {
  const version = facts.noted.version + writtenBefore;
  return noteWrite(lockdownValue(note), because, { target: facts.target, version, limits, now });
}
