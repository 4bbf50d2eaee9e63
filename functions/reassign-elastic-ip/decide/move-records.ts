/**
 * What is written down of a move, so that whoever looks next knows of it: tags on the address (when, how often) and on its
 * loser (quarantined), and a note in the ledger for the run that has to finish it. Pure.
 */

import type { ApiCall, HistoryReading, Json, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { isLeaving } from '../../../shared/judgement/instance-health.ts';
import { pendingOf, secondsSince } from '../../../shared/judgement/since.ts';
import type { AddressFacts, Facts, Machine } from './facts.ts';
import { flawsOf } from './flaws.ts';
import { isEnding } from './instance-verdict.ts';
import { keyOf, type Place } from './places.ts';

const [QUARANTINED, MOVED_AT, MOVES] = ['runbook:quarantined', 'runbook:moved-at', 'runbook:moves'] as const;

/** Clocks that are apart by so much still agree; what is later than that was not written by a run of ours. */
const SKEW_SECONDS = 60;

/**
 * When the address came to who holds it; `null`: that is not known. A move that is only announced has not happened, and one
 * in the future neither: such a tag must not hold the address until then.
 */
export function lastMoveAt(address: AddressFacts, holder: Machine | null, now: string): string | null {
  const { movedAt, announcedTo } = address;
  const isOnlyAnnounced = announcedTo !== null && !isAnnouncedHere(address, holder);
  const isToCome = movedAt !== null && secondsSince(movedAt, now) < -SKEW_SECONDS;
  return isOnlyAnnounced || isToCome ? null : movedAt;
}

/** The move that the tags announce has brought the address where it is. To another interface of its holder is a move too. */
function isAnnouncedHere({ announcedTo, announcedFrom, association }: AddressFacts, holder: Machine | null): boolean {
  const isUnmoved = association !== null && keyOf(association) === announcedFrom;
  return announcedTo !== null && announcedTo === holder?.id && !isUnmoved;
}

/** Where a move that may have been interrupted was going, by the ledger or by the tags that stand in for it. */
export function announcedDestination(address: AddressFacts, history: HistoryReading): Json {
  return pendingOf(history)?.note['to'] ?? address.announcedTo;
}

/** Announces a move in the tags of the address, where a later run finds it without the ledger: where to, where from, and whose fault. */
export function announcement(
  { allocationId, moves, association }: AddressFacts,
  { id }: Machine,
  loser: Machine | null,
  at: string,
): PlannedCall {
  const from = association === null ? '' : ` from ${keyOf(association)}`;
  const whose = from === '' || loser === null ? '' : ` loser ${loser.id}`;
  return tagging(
    allocationId,
    { [MOVED_AT]: at, [MOVES]: `${moves} to ${id}${from}${whose}` },
    'announced here, for the ledger does not answer',
  );
}

/** One atomic call: to disassociate first would leave the address on nobody if the second call failed. `place`: as one word. */
export function associate(allocationId: string, place: string): ApiCall {
  const [interfaceId, privateIp] = place.split('/');
  return {
    call: 'ec2:AssociateAddress',
    input: {
      AllocationId: allocationId,
      NetworkInterfaceId: interfaceId,
      PrivateIpAddress: privateIp,
      AllowReassociation: true,
    },
  };
}

/** Writes a move down in the tags, once it is made. To enter it ends its announcement, which names the loser: so that is last. */
export function records(address: AddressFacts, movedAt: string, loser: Machine | null): readonly PlannedCall[] {
  const entered = entry(address, movedAt, address.moves + 1);
  return loser === null ? [entered] : [quarantine(loser, movedAt), entered];
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

/** A move that was announced, and is there: what is known of it besides. */
interface Arrived {
  readonly movedAt: string;
  readonly moves: number;
  readonly isEntered: boolean;
  /** To be quarantined. */
  readonly loser?: Machine | undefined;
  /** It was to be quarantined, and is not seen to fail. */
  readonly spared?: Machine;
  /** The place it left, as one word; `null`: none; `undefined`: not known. */
  readonly from: string | null | undefined;
}

function arrivedBy(facts: Facts, holder: Machine | null, now: string): Arrived | undefined {
  const { address, instances, history } = facts;
  const { announcedFrom, announcedLoser, association: there } = address;
  const loserBy = (id: Json | undefined): Machine | undefined =>
    instances.find((each) => each.id === id && each !== holder && mayQuarantine(each, facts));
  if (isAnnouncedHere(address, holder)) {
    const named = loserBy(announcedLoser);
    return {
      movedAt: address.movedAt ?? now,
      moves: address.moves + 1,
      isEntered: false,
      // Whoever can tag may have written it: who is quarantined is seen to fail, and where it goes back to, is a place of the name's.
      ...(named === undefined || isFailing(named, facts) ? { loser: named } : { spared: named }),
      from: holderOf(announcedFrom, instances) && announcedFrom,
    };
  }
  const note = pendingOf(history)?.note;
  const movedAt = note?.['movedAt'];
  if (note === undefined || typeof movedAt !== 'string') return undefined;
  const hasArrived =
    there !== null && there.interfaceId === note['interfaceId'] && there.privateIp === note['privateIp'];
  if (!hasArrived) return undefined;
  const was = note['was'];
  return {
    movedAt,
    moves: Number(note['moves']),
    isEntered: address.movedAt !== null && address.movedAt >= movedAt,
    loser: loserBy(note['quarantine']),
    from: typeof was === 'string' || was === null ? was : undefined,
  };
}

function isFailing(machine: Machine, { address, alarms }: Facts): boolean {
  return flawsOf(machine, address.borderGroup, alarms).some(({ kind }) => kind === 'failing');
}

function holderOf(place: string | null, instances: readonly Machine[]): Machine | undefined {
  return instances.find(({ slots }) => slots.some((slot) => keyOf(slot) === place));
}

/** What an interrupted move left unwritten, once the address is where that move was to bring it. */
export function unfinished(facts: Facts, holder: Machine | null, now: string): readonly PlannedCall[] {
  const arrived = arrivedBy(facts, holder, now);
  if (arrived === undefined) return [];
  const { movedAt, moves, isEntered, loser } = arrived;
  return [
    ...(loser === undefined ? [] : [quarantine(loser, movedAt)]),
    ...(isEntered ? [] : [entry(facts.address, movedAt, moves)]),
  ];
}

/** The interrupted move itself, as the run that made it would have told it: AWS shows it made, and nobody has said so. */
export function untold(facts: Facts, holder: Machine | null, now: string): PlannedCall | undefined {
  const { address, instances } = facts;
  const { association: there, allocationId } = address;
  const arrived = arrivedBy(facts, holder, now);
  if (arrived === undefined || there === null) return undefined;
  const { from, movedAt, spared } = arrived;
  const inWords = (place: string): string => `${holderOf(place, instances)?.id ?? 'nobody now'} (${place})`;
  const origin = from === undefined ? 'a place not noted, so without undo' : from === null ? 'nobody' : inWords(from);
  const mercy = spared === undefined ? '' : `; ${spared.id} is not seen to fail, so not quarantined`;
  return {
    ...associate(allocationId, keyOf(there)),
    because: `moved at ${movedAt} to ${inWords(keyOf(there))} from ${origin}${mercy}`,
    ...(typeof from === 'string' ? { undo: associate(allocationId, from) } : {}),
  };
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
