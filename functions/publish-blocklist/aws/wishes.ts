/** What the ledger wants, and the lists that it names. */

import { readRows } from '../../../shared/aws/blocklist/rows.ts';
import { textOf } from '../../../shared/aws/planned-input.ts';
import type { ListRow } from '../../../shared/judgement/blocklist/list-rows.ts';
import { LISTED, listedRowOf, type ListedRow } from '../../../shared/judgement/blocklist/listed-rows.ts';
import { PUBLISHED } from '../../../shared/judgement/blocklist/published.ts';
import type { KnownList, Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, TerminalError, type Fault } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { doubtOf, noteKey, readList, type ListContent, type ListNote, type Protects } from '../decide.ts';
import { readObject } from './lists.ts';

/** A list that holds now, as far as it could be read. */
export interface ListLook {
  readonly row: ListRow;
  readonly note: ListNote | null;
  readonly content: ListContent | null;
  readonly known: KnownList;
  readonly protects?: Protects;
  /** Why it could not be read. */
  readonly fault?: Fault;
}

/** The ledger as it was read, with its lists one by one. */
export interface Ledger {
  readonly wishes: Wishes;
  readonly lists: readonly ListLook[];
}

/** Reads the ledger and the lists. Throws what DynamoDB throws: a ledger that does not answer wants nothing, and nothing is what it must not get. */
export async function readWishes(io: Io): Promise<Ledger> {
  const { wishes, listRows } = await readRows(io);
  const lists = await Promise.all(listRows.map((row) => lookAtList(row, io)));
  const guardFaults = [...wishes.guardFaults, ...unreadGuards(lists)];
  return { wishes: { ...wishes, lists: lists.map(({ known }) => known), guardFaults }, lists };
}

/** Whom a list allows, or who shares what, nobody knows while it cannot be read. */
function unreadGuards(lists: readonly ListLook[]): readonly string[] {
  const unread = lists.filter(({ known }) => known.use !== 'block' && known.networks === null);
  return unread.map(({ row, fault }) => `list ${row.name}: ${fault?.message ?? 'it is not there any more'}`);
}

/** What a list of the ledger comes to. One that cannot be read holds up no other, and nothing that stands of it is taken out. */
async function lookAtList(row: ListRow, io: Io): Promise<ListLook> {
  const known = { name: row.name, use: row.policy.use, from: row.from, networks: null };
  try {
    return await contentOf(row, await readNote(row.name), io);
  } catch (error) {
    return { row, note: null, content: null, known, fault: classify(error) };
  }
}

async function readNote(name: string): Promise<ListNote | null> {
  const item = await openData().read(PUBLISHED, noteKey(name));
  if (item === undefined) return null;
  const { networks } = item.value;
  if (typeof networks !== 'number')
    throw new TerminalError(`ledger ${PUBLISHED}/${noteKey(name)}: networks: expected a number`);
  return { versionId: textOf(item.value, 'versionId'), networks, version: item.version };
}

async function readTold(name: string): Promise<ListedRow | null> {
  const item = await openData().read(LISTED, name);
  return item === undefined ? null : listedRowOf(item);
}

async function contentOf(row: ListRow, note: ListNote | null, io: Io): Promise<ListLook> {
  const { name, policy, object } = row;
  const reading = await readVersion(row, object.versionId, io);
  const content = reading && { ...reading, networks: reading.networks.length };
  const doubt = doubtOf(row, note, content);
  const known = { name, use: policy.use, from: row.from };
  if (doubt === undefined) {
    const networks = reading?.networks ?? null;
    const look = { row, note, content, known: { ...known, networks } };
    return policy.use === 'block' || networks === null
      ? look
      : { ...look, protects: { networks, told: await readTold(name) } };
  }
  const networks = note === null && content !== null ? [] : await lastGood(row, note, io);
  return { row, note, content, known: { ...known, networks } };
}

/** What was taken over before; `null`: that is not there any more either. */
async function lastGood(row: ListRow, note: ListNote | null, io: Io): Promise<readonly string[] | null> {
  if (note === null) return null;
  const reading = await readVersion(row, note.versionId, io);
  return reading?.networks ?? null;
}

async function readVersion(
  { object, policy }: ListRow,
  versionId: string,
  io: Io,
): Promise<ReturnType<typeof readList> | null> {
  const read = await readObject({ ...object, versionId }, io);
  return read === null ? null : readList(read.text, policy);
}
