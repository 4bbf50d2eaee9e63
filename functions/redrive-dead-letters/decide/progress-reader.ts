/** Reads what a piece of the work has told: it was JSON in between. Pure. */

import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag, type Bag } from '../../../shared/kernel/json.ts';
import { TRUSTS } from './letter.ts';
import { statusIn } from './move-task.ts';
import { sendersIn } from './origins-reader.ts';
import type { Left, Place, Progress } from './progress.ts';

const STATES: readonly Left['state'][] = ['sent', 'parked', 'kept', 'doubt', 'back'];

/**
 * `undefined`: nothing has been told yet.
 * @throws TerminalError for what no version of ours has told
 */
export function progressIn(told: unknown): Progress | undefined {
  if (told === undefined) return undefined;
  if (!isBag(told)) throw unreadable('is no object');
  const number = (member: string): number => numberIn(told, member);
  const text = (member: string): string | null => textIn(told[member]);
  return {
    received: number('received'),
    sent: number('sent'),
    parked: number('parked'),
    cameBack: number('cameBack'),
    perhapsTwice: number('perhapsTwice'),
    trial: trialIn(told['trial']),
    beganAt: text('beganAt'),
    round: number('round'),
    roundAt: text('roundAt'),
    lastSentAt: text('lastSentAt'),
    groupsBack: text('groupsBack') ?? '',
    groupsHeld: text('groupsHeld') ?? '',
    places: recordIn(told, 'places', placeOf),
    left: recordIn(told, 'left', oneLeft),
    stays: staysIn(told['stays']),
    isDrained: told['isDrained'] === true,
    trouble: text('trouble'),
    endedAt: text('endedAt'),
    searchedAt: text('searchedAt'),
    pieces: number('pieces'),
    freePieces: number('freePieces'),
    failedPieces: number('failedPieces'),
    sweeps: number('sweeps'),
    senders: sendersIn(told['senders']),
    bySqs: bySqsIn(told['bySqs']),
  };
}

function unreadable(why: string): TerminalError {
  return new TerminalError(`what the last piece of work has told ${why}`);
}

function numberIn(told: Bag, member: string): number {
  const value = told[member];
  if (typeof value !== 'number') throw unreadable(`has no ${member}`);
  return value;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function recordIn<T>(told: Bag, member: string, read: (value: Bag) => T): { readonly [key: string]: T } {
  const value = told[member];
  if (!isBag(value)) throw unreadable(`has no ${member}`);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (!isBag(one)) throw unreadable(`has ${member} of which nothing is known`);
      return [key, read(one)];
    }),
  );
}

function trialIn(value: unknown): Progress['trial'] {
  if (value === null) return null;
  if (!isBag(value)) throw unreadable('has no trial');
  return { held: numberIn(value, 'held'), deleted: numberIn(value, 'deleted') };
}

/** What an older version has told knows of none. */
function bySqsIn(value: unknown): Progress['bySqs'] {
  if (!isBag(value)) return null;
  const handedAt = textIn(value['handedAt']);
  if (handedAt === null) throw unreadable('does not say since when SQS moves letters');
  return {
    handedAt,
    moved: numberIn(value, 'moved'),
    ended: statusIn(value['ended']) ?? null,
    failure: textIn(value['failure']),
    isBroken: value['isBroken'] === true,
  };
}

function staysIn(value: unknown): Progress['stays'] {
  if (!isBag(value)) throw unreadable('says nothing of what stays');
  return Object.fromEntries(
    Object.entries(value).map(([why, prints]) => {
      if (typeof prints !== 'string') throw unreadable(`does not say what stays for ${why}`);
      return [why, prints];
    }),
  );
}

function oneLeft(one: Bag): Left {
  const state = STATES.find((known) => known === one['state']);
  const why = textIn(one['why']);
  const expiresAt = textIn(one['expiresAt']);
  if (state === undefined || why === null || expiresAt === null)
    throw unreadable('has a letter of which nothing is known');
  return { state, why, expiresAt };
}

function placeOf(one: Bag): Place {
  const trust = TRUSTS.find((known) => known === one['trust']);
  if (trust === undefined) throw unreadable('has a queue of which nothing is known');
  const known = { trust, sent: numberIn(one, 'sent'), back: numberIn(one, 'back') };
  return one['perhapsBack'] === undefined ? known : { ...known, perhapsBack: numberIn(one, 'perhapsBack') };
}
