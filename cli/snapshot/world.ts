/** A world file of what was read, checked as every world file is before anything is written. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import { parsedLeniently } from '../../simulator/world/checking.ts';
import { unknownMembers } from '../../simulator/world/paste.ts';
import { parseWorld, worldSchema } from '../../simulator/world/world-file.ts';
import type { Read } from './account.ts';
import type { Row } from './asking.ts';
import type { Sections } from './reading/place.ts';

/** When and where it was read. */
export interface Frame {
  /** ISO 8601. */
  readonly now: string;
  readonly account: string;
  readonly region: string;
}

/** A world file, and what AWS said that is not known here. */
export interface Made {
  readonly file: Row;
  readonly leftOut: readonly string[];
}

const NAMES = SERVICES.map(({ name }) => name);

/** The very same record on two pages: the list has changed between them. */
function once(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

/** Parts of services that were read at all, in the order of the simulator's services. */
function filled(sections: Sections): Row {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const collections = Object.entries(sections[name] ?? {});
      if (collections.length === 0) return [];
      return [[name, Object.fromEntries(collections.map(([collection, rows]) => [collection, once(rows)]))] as const];
    }),
  );
}

/** A defect of the snapshot: what was read is no world. */
class UnfitError extends Error {
  override readonly name = 'UnfitError';
}

/**
 * Puts a world together. It never says that it is whole: nobody has read the messages in queues or the objects in buckets.
 * @throws UnfitError where the simulator does not take it
 */
export function worldOf({ now, account, region }: Frame, { home, beside }: Read, ledger: Row = {}): Made {
  const regions = Object.entries(beside).map(([name, sections]) => [name, filled(sections)] as const);
  const file = {
    now,
    account,
    region,
    ...filled(home),
    ...(regions.length === 0 ? {} : { regions: Object.fromEntries(regions) }),
    ...(Object.keys(ledger).length === 0 ? {} : { ledger }),
  };
  const isAws = ([first, , third]: readonly PropertyKey[]): boolean =>
    NAMES.some((name) => name === (first === 'regions' ? third : first));
  try {
    const { data, strays } = parsedLeniently(worldSchema, file, isAws);
    parseWorld(data);
    return { file: isRecord(data) ? data : file, leftOut: unknownMembers(strays) };
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    throw new UnfitError(
      `what AWS said is no world that the simulator takes: ${error.message}: nothing was written; this is a defect of the snapshot`,
    );
  }
}
