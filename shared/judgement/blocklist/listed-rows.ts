/**
 * Whom lists protect, as `publish-blocklist` has read it from them: for those who guard by it and read no lists. Pure.
 *
 *   listed   BUCKET/KEY   networks of a list that is no list of whom to block, of the version that was taken over last
 */

import type { DataItem } from '../../kernel/ledger/data.ts';
import { rowsOf, textIn, unreadable, valueOf } from './items.ts';
import type { ListRow, ListUse } from './list-rows.ts';

export const LISTED = 'listed';

/** Networks that one may have. An item of the ledger takes 200,000 bytes, and the longest network has 43 characters. */
export const MOST_LISTED = 4_000;

export interface ListedRow {
  /** `BUCKET/KEY`. */
  readonly name: string;
  readonly use: string;
  readonly versionId: string;
  readonly networks: readonly string[];
  readonly version: number;
}

/** Throws TerminalError for an item that cannot be understood. */
export function listedRowOf(item: DataItem): ListedRow {
  const value = valueOf(item);
  const { networks } = value;
  if (!Array.isArray(networks) || !networks.every((each) => typeof each === 'string'))
    throw unreadable(item, 'networks: expected a list of texts');
  const { key: name, version } = item;
  return { name, use: textIn(item, value, 'use'), versionId: textIn(item, value, 'versionId'), networks, version };
}

/** A list that protects, with its networks. */
export interface ProtectingList {
  readonly name: string;
  readonly use: ListUse;
  readonly networks: readonly string[];
}

/** Lists that protect; and what is wrong with those of which nobody knows whom they protect. */
export interface Protections {
  readonly lists: readonly ProtectingList[];
  readonly faults: readonly string[];
  /** Those that were taken in so lately that the publisher is about to read them. */
  readonly settling: readonly string[];
}

/** The publisher reads a list within a second, and where it could not, at the next of its ticks. */
const SETTLING_MS = 120_000;

/** What lists that hold now come to, by their rows. */
export function protectionsOf(holding: readonly ListRow[], items: readonly DataItem[], now: string): Protections {
  const { rows, unreadable: faults } = rowsOf(items, listedRowOf);
  const protecting = holding.filter(({ policy }) => policy.use !== 'block');
  const found = protecting.map(({ name, from, policy: { use } }) => ({
    name,
    use,
    isNew: Date.parse(now) - Date.parse(from) < SETTLING_MS,
    networks: rows.find((row) => row.name === name && row.use === use)?.networks,
  }));
  const lists = found.flatMap(({ name, use, networks }) => (networks === undefined ? [] : [{ name, use, networks }]));
  const unknown = found.filter(({ networks }) => networks === undefined);
  const said = ({ name }: { name: string }): string => `list ${name}: it is not known yet whom it protects`;
  return {
    lists,
    faults: [...faults, ...unknown.filter(({ isNew }) => !isNew).map(said)],
    settling: unknown.filter(({ isNew }) => isNew).map(said),
  };
}
