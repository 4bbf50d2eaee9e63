/** What every reader is given, and what it gives back. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Asker, Row } from '../asking.ts';

/** A service's part of a world file. A collection that could not be read is not there; one that is empty holds nothing. */
export type Section = { [collection: string]: readonly Row[] };

/** Parts of a world file by service. */
export type Sections = { [service: string]: Section };

/** A Region that is read. */
export interface Place {
  readonly ask: Asker;
  readonly region: string;
  readonly account: string;
}

/** A list's records; nothing where it is none. */
export function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A text; empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Texts of a list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Different texts that are none empty, in their order. */
export function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((one) => one !== '');
}

/** Collections that were read. */
export function section(collections: { readonly [collection: string]: readonly Row[] | undefined }): Section {
  const read = Object.entries(collections).flatMap(([name, rows]) =>
    rows === undefined ? [] : [[name, rows] as const],
  );
  return Object.fromEntries(read);
}

/** Parts of a list with at most so many. */
export function chunks<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
    items.slice(index * most, (index + 1) * most),
  );
}

/** All texts in a value, however deep. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** The value of a tag in a list of keys and values. */
export function tagIn(record: Row, key: string): string | undefined {
  const tags = rowsOf(record['Tags'] ?? record['TagSet']);
  const found = tags.find((tag) => tag['Key'] === key)?.['Value'];
  return typeof found === 'string' ? found : undefined;
}

/** How ARNs of a Region begin: `arn:aws`, `arn:aws-cn`, `arn:aws-us-gov`. Source: AWS General Reference, "Amazon Resource Names". */
export function arnStart(region: string): string {
  if (region.startsWith('cn-')) return 'arn:aws-cn';
  return region.startsWith('us-gov-') ? 'arn:aws-us-gov' : 'arn:aws';
}
