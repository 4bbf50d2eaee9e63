/** Reads a note out of the ledger as it was written: what cannot be understood is named, never guessed. Pure. */

import { endedIn, textIn, timeIn, unreadable, valueOf } from '../../../shared/judgement/blocklist/items.ts';
import type { DataItem } from '../../../shared/kernel/ledger/data.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import { restriction, restrictionType, type Restriction } from './countries.ts';
import type { AllowList, GeoNote, LockdownNote, NoteBase, Noted } from './facts.ts';
import { rulesIn, type Rule } from './rules.ts';

function baseIn(item: DataItem): NoteBase {
  const value = valueOf(item);
  const text = (member: string): string => textIn(item, value, member);
  const over = text('over');
  return {
    by: text('by'),
    why: text('why'),
    delivery: text('delivery'),
    run: text('run'),
    from: timeIn(item, value, 'from'),
    until: timeIn(item, value, 'until'),
    ended: endedIn(item, value).ended ?? null,
    over: over === '' ? null : over,
  };
}

function rulesOf(item: DataItem, member: string): readonly Rule[] {
  const list = item.value[member];
  if (Array.isArray(list)) return rulesIn(list);
  throw unreadable(item, `${member}: expected a list of IpPermissions`);
}

function allowListIn(item: DataItem): AllowList {
  const { allowList } = valueOf(item);
  if (!isBag(allowList)) throw unreadable(item, 'allowList: expected an object');
  const { networks } = allowList;
  return {
    id: textIn(item, allowList, 'id'),
    name: textIn(item, allowList, 'name'),
    ...(networks === undefined ? {} : { networks: textsIn(item, networks, 'allowList.networks') }),
  };
}

function againIn(item: DataItem): Pick<LockdownNote, 'again'> {
  const { again } = item.value;
  if (again === undefined) return {};
  const times = isBag(again) ? again['times'] : undefined;
  if (!isBag(again) || typeof times !== 'number')
    throw unreadable(item, 'again: expected a number of times, and a run');
  return { again: { times, run: textIn(item, again, 'run') } };
}

function textsIn(item: DataItem, value: unknown, member: string): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw unreadable(item, `${member}: expected a list of texts`);
}

/**
 * The note of a lockdown; absent: there is none.
 * @throws TerminalError for one that cannot be understood: what it has taken away is not known
 */
export function lockdownIn(item: DataItem | undefined): Noted<LockdownNote> {
  if (item === undefined) return { note: null, version: 0 };
  const note: LockdownNote = {
    kind: 'lockdown',
    ...baseIn(item),
    allowList: allowListIn(item),
    taken: rulesOf(item, 'taken'),
    added: rulesOf(item, 'added'),
    ...againIn(item),
  };
  return { note, version: item.version };
}

function restrictionIn(item: DataItem, member: string): Restriction {
  const value = item.value[member];
  if (!isBag(value)) throw unreadable(item, `${member}: expected a restriction`);
  const type = restrictionType(value['type']);
  if (type === undefined) throw unreadable(item, `${member}.type: expected none, blacklist or whitelist`);
  return restriction(type, textsIn(item, value['countries'], `${member}.countries`));
}

/** What has become of it since; each of these may be left out. */
function sinceThen(item: DataItem): Pick<GeoNote, 'onto' | 'isSet' | 'seen' | 'takenBack'> {
  const { onto, isSet, seen, takenBack } = item.value;
  if (seen !== undefined && !isBag(seen)) throw unreadable(item, 'seen: expected an object');
  return {
    ...(onto === undefined ? {} : { onto: textIn(item, item.value, 'onto') }),
    ...(isSet === true ? { isSet } : {}),
    ...(seen === undefined ? {} : { seen: { etag: textIn(item, seen, 'etag'), at: timeIn(item, seen, 'at') } }),
    ...(takenBack === undefined ? {} : { takenBack: textsIn(item, takenBack, 'takenBack') }),
  };
}

/**
 * The note of a restriction by country; absent: there is none.
 * @throws TerminalError for one that cannot be understood: what stood before is not known
 */
export function geoIn(item: DataItem | undefined): Noted<GeoNote> {
  if (item === undefined) return { note: null, version: 0 };
  const note: GeoNote = {
    kind: 'geo',
    ...baseIn(item),
    countries: textsIn(item, item.value['countries'], 'countries'),
    before: restrictionIn(item, 'before'),
    replaces: restrictionIn(item, 'replaces'),
    set: restrictionIn(item, 'set'),
    ...sinceThen(item),
  };
  return { note, version: item.version };
}

/** Whether an item is of something that is to be undone some time; one that cannot be read may be. */
export function isStanding({ value, fault }: DataItem): boolean {
  return fault !== undefined || typeof value['over'] !== 'string';
}
