/**
 * Lists of networks in the data ledger, as `block-address` takes them in and `publish-blocklist` reads them. Pure.
 *
 *   list           BUCKET/KEY   which version of the object is meant, as what, until when: one row however long the list
 *   list-settings  BUCKET/KEY   how an operator wants that list to be read
 */

import type { JsonObject } from '../../kernel/decision.ts';
import type { DataItem } from '../../kernel/ledger/data.ts';
import { endedIn, rowsOf, textIn, timeIn, unreadable, valueOf, type Ended, type Rows } from './items.ts';

export const LIST = 'list';
export const LIST_SETTINGS = 'list-settings';

/** What becomes of the networks of a list: they are blocked, never are, or are only for a short time, since many people share them. */
export type ListUse = 'block' | 'allow' | 'shared-egress';

/** How a list is read. */
export interface ListPolicy {
  readonly use: ListUse;
  /** The shortest prefix that it may have; what is wider is left out, and told. */
  readonly widestIpv4: number;
  readonly widestIpv6: number;
  /** A version that has lost more of the networks than this is not taken over. */
  readonly maxLossPercent: number;
  /** How long a version holds that no other one follows. */
  readonly ttlSeconds: number;
}

/** Of a `list-settings` row, what it says. */
export type ListSettings = Partial<ListPolicy>;

/** A version of an object that is a list. */
export interface ListObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly etag: string | null;
  /** S3's order of the versions of a key: hexadecimal, and compared from the right. */
  readonly sequencer: string | null;
}

export interface ListRow {
  /** `BUCKET/KEY`. */
  readonly name: string;
  readonly object: ListObject;
  readonly policy: ListPolicy;
  /** A person wants this version whatever it has lost. */
  readonly isForced: boolean;
  readonly by: string;
  readonly why: string;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly delivery: string;
  readonly run: string;
  /** Who ended it before its time, and in which run. Absent: nobody. */
  readonly ended?: Ended;
  readonly version: number;
}

/** What a list is called, in the ledger and by people. */
export function listName({ bucket, key }: Pick<ListObject, 'bucket' | 'key'>): string {
  return `${bucket}/${key}`;
}

/** What stands for a list as an incident. */
export function listIncident(name: string): string {
  return `list/${name}`;
}

/** Whether a list holds at a time. */
export function isListed({ until }: Pick<ListRow, 'until'>, now: string): boolean {
  return until > now;
}

function numberIn(item: DataItem, value: unknown, member: string, least: number, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw unreadable(item, `${member}: expected a whole number from ${least} to ${most}`);
}

/** Thirty days: what is longer is a rule. */
const MOST_SECONDS = 2_592_000;

/** An operator's row of `list-settings`. @throws TerminalError that names the item and the member */
export function listSettingsOf(item: DataItem): ListSettings {
  const { use, widestIpv4, widestIpv6, maxLossPercent, ttlSeconds, ...others } = valueOf(item);
  const [strange] = Object.keys(others);
  if (strange !== undefined) throw unreadable(item, `${strange}: unknown`);
  if (use !== undefined && use !== 'block' && use !== 'allow' && use !== 'shared-egress')
    throw unreadable(item, 'use: expected block, allow or shared-egress');
  const said = {
    use,
    widestIpv4: numberIn(item, widestIpv4, 'widestIpv4', 1, 32),
    widestIpv6: numberIn(item, widestIpv6, 'widestIpv6', 1, 128),
    maxLossPercent: numberIn(item, maxLossPercent, 'maxLossPercent', 0, 100),
    ttlSeconds: numberIn(item, ttlSeconds, 'ttlSeconds', 60, MOST_SECONDS),
  };
  return Object.fromEntries(Object.entries(said).filter(([, each]) => each !== undefined));
}

const POLICY_MEMBERS = ['use', 'widestIpv4', 'widestIpv6', 'maxLossPercent', 'ttlSeconds'] as const;

/** Of a list that was taken in nothing is left to be said. */
function assertWhole(item: DataItem, policy: ListSettings): asserts policy is ListPolicy {
  const missing = POLICY_MEMBERS.find((member) => policy[member] === undefined);
  if (missing !== undefined) throw unreadable(item, `${missing}: missing`);
}

function listRowOf(item: DataItem): ListRow {
  const value = valueOf(item);
  const of = (member: string): string => textIn(item, value, member);
  const said = Object.fromEntries(POLICY_MEMBERS.map((member) => [member, value[member]]));
  const policy = listSettingsOf({ ...item, value: said });
  assertWhole(item, policy);
  return {
    name: item.key,
    object: {
      bucket: of('bucket'),
      key: of('key'),
      versionId: of('versionId'),
      etag: of('etag') || null,
      sequencer: of('sequencer') || null,
    },
    policy,
    isForced: value['isForced'] === true,
    by: of('by'),
    why: of('why'),
    from: of('from'),
    until: timeIn(item, value, 'until'),
    delivery: of('delivery'),
    run: of('run'),
    ...endedIn(item, value),
    version: item.version,
  };
}

/** Rows of `list`. */
export function listRowsOf(items: readonly DataItem[]): Rows<ListRow> {
  return rowsOf(items, listRowOf);
}

/** The value of a row of `list`. */
export function listValue({
  object,
  policy,
  isForced,
  ended,
  by,
  why,
  from,
  until,
  delivery,
  run,
}: ListRow): JsonObject {
  return {
    ...object,
    ...policy,
    ...(isForced ? { isForced } : {}),
    ...(ended === undefined ? {} : { ended }),
    by,
    why,
    from,
    until,
    delivery,
    run,
  };
}
