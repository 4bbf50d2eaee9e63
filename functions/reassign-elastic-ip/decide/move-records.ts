/**
 * What is written down of a move, so that whoever looks next knows of it: tags on the address (when, how often) and on its
 * loser (quarantined), and a note in the ledger for the run that has to finish it. Pure.
 */

import type { HistoryReading, Json, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { isLeaving } from '../../../shared/judgement/instance-health.ts';
import { pendingOf, secondsSince } from '../../../shared/judgement/since.ts';
import type { AddressFacts, Facts, Machine } from './facts.ts';
import { isEnding } from './instance-verdict.ts';
import type { Place } from './places.ts';

const [QUARANTINED, MOVED_AT, MOVES] = ['runbook:quarantined', 'runbook:moved-at', 'runbook:moves'] as const;

/** Clocks that are apart by so much still agree; what is later than that was not written by a run of ours. */
const SKEW_SECONDS = 60;

/**
 * When the address came to who holds it; `null`: that is not known. A move that is only announced has not happened, and one
 * in the future neither: such a tag must not hold the address until then.
 */
export function lastMoveAt({ movedAt, announcedTo }: AddressFacts, holder: Machine | null, now: string): string | null {
  const isOnlyAnnounced = announcedTo !== null && announcedTo !== holder?.id;
  const isToCome = movedAt !== null && secondsSince(movedAt, now) < -SKEW_SECONDS;
  return isOnlyAnnounced || isToCome ? null : movedAt;
}

/** Where a move that may have been interrupted was going, by the ledger or by the tags that stand in for it. */
export function announcedDestination(address: AddressFacts, history: HistoryReading): Json {
  return pendingOf(history)?.note['to'] ?? address.announcedTo;
}

/** Announces a move in the tags of the address, where a later run finds it without the ledger. */
export function announcement({ allocationId, moves }: AddressFacts, to: Machine, at: string): PlannedCall {
  return tagging(
    allocationId,
    { [MOVED_AT]: at, [MOVES]: `${moves} to ${to.id}` },
    'announced here, for the ledger does not answer',
  );
}

/** Writes a move down in the tags, once it is made. */
export function records(address: AddressFacts, movedAt: string, loser: Machine | null): readonly PlannedCall[] {
  const entered = entry(address, movedAt, address.moves + 1);
  return loser === null ? [entered] : [entered, quarantine(loser, movedAt)];
}

/** The ledger's note of a move, as `unfinished` reads it. `loser` null: nobody is to be quarantined. */
export function noteOf(
  address: AddressFacts,
  to: { readonly id: string } & Place,
  movedAt: string,
  loser: Machine | null,
): JsonObject {
  return {
    to: to.id,
    interfaceId: to.interfaceId,
    privateIp: to.privateIp,
    movedAt,
    moves: address.moves + 1,
    quarantine: loser?.id ?? null,
  };
}

/** What an interrupted move left unwritten, once the address is where that move was to bring it. */
export function unfinished(facts: Facts, holder: Machine | null, now: string): readonly PlannedCall[] {
  const { address, instances, history } = facts;
  const isAnnouncedHere = address.announcedTo !== null && address.announcedTo === holder?.id;
  if (isAnnouncedHere) return [entry(address, address.movedAt ?? now, address.moves + 1)];
  const note = pendingOf(history)?.note;
  const movedAt = note?.['movedAt'];
  if (note === undefined || typeof movedAt !== 'string') return [];
  const there = address.association;
  const hasArrived =
    there !== null && there.interfaceId === note['interfaceId'] && there.privateIp === note['privateIp'];
  if (!hasArrived) return [];
  const isEntered = address.movedAt !== null && address.movedAt >= movedAt;
  const loser = instances.find((each) => each.id === note['quarantine'] && mayQuarantine(each, facts));
  return [
    ...(isEntered ? [] : [entry(address, movedAt, Number(note['moves']))]),
    ...(loser === undefined ? [] : [quarantine(loser, movedAt)]),
  ];
}

/** Only what carries the name may be tagged, and what ends needs no quarantine. */
export function mayQuarantine(loser: Machine, { address }: Facts): boolean {
  return loser.vip === address.vip && loser.quarantinedAt === null && !isEnding(loser) && !isLeaving(loser);
}

/** Lets a loser stand by again. */
export function pardon({ id }: Machine, quarantinedAt: string, steadySince: string): PlannedCall {
  return untagging(id, QUARANTINED, quarantinedAt, `${id} has been steady since ${steadySince}`);
}

function quarantine({ id }: Machine, at: string): PlannedCall {
  const { call, input } = untagging(id, QUARANTINED, at, '');
  return {
    ...tagging(id, { [QUARANTINED]: at }, `${id} lost the address while it was failing`),
    undo: { call, input },
  };
}

function entry({ allocationId }: AddressFacts, movedAt: string, moves: number): PlannedCall {
  return tagging(
    allocationId,
    { [MOVED_AT]: movedAt, [MOVES]: String(moves) },
    'when it moved, and how often: known without the ledger',
  );
}

function tagging(resource: string, tags: { readonly [key: string]: string }, because: string): PlannedCall {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return { call: 'ec2:CreateTags', input: { Resources: [resource], Tags }, because };
}

/** Removes one tag, and only while it has this value: somebody else's newer one stays. */
function untagging(resource: string, key: string, value: string, because: string): PlannedCall {
  return { call: 'ec2:DeleteTags', input: { Resources: [resource], Tags: [{ Key: key, Value: value }] }, because };
}
