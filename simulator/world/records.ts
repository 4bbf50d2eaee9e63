/** The records of a service in a world file: which outputs hold them, and none of them twice. */

import { isDeepStrictEqual } from 'node:util';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { isRecord } from '../engine/json.ts';
import type { ServiceModel, Shape } from '../engine/model.ts';
import { pathText } from './checking.ts';

/** `describe-instances` groups instances by reservation; everything here reads `Instances`. */
function flattened(section: Record<string, unknown>): Record<string, unknown> {
  const { Reservations: reservations, ...rest } = section;
  if (!Array.isArray(reservations)) return section;
  const own: unknown[] = Array.isArray(rest['Instances']) ? rest['Instances'] : [];
  const members = reservations.flatMap((reservation: unknown) => {
    if (!isRecord(reservation) || !Array.isArray(reservation['Instances'])) return [];
    const { ReservationId, Instances: instances } = reservation;
    const reserved = ReservationId === undefined ? {} : { ReservationId };
    return instances.filter(isRecord).map((instance) => ({ ...reserved, ...instance }));
  });
  return { ...rest, Instances: [...own, ...members] };
}

/** The records of a section by collection; an output that holds one record, or names them otherwise, is one of them. */
export function collectionsOf({ outputs = {} }: ServiceModel, section: unknown): { [collection: string]: Shape[] } {
  const collections: { [collection: string]: Shape[] } = {};
  if (!isRecord(section)) return collections;
  for (const [name, records] of Object.entries(flattened(section))) {
    const isOutput = Object.hasOwn(outputs, name);
    if (!isOutput && !Array.isArray(records)) continue;
    const collection = outputs[name] ?? name;
    const given: readonly unknown[] = Array.isArray(records) ? records : [records];
    collections[collection] = [...(collections[collection] ?? []), ...given.filter(isRecord)];
  }
  return collections;
}

/** What identifies a record among those of its collection; `undefined` where it does not say. */
function identity({ collections, within = {} }: ServiceModel, collection: string, record: Shape): string | undefined {
  const key = record[collections[collection] ?? ''];
  const place = record[within[collection] ?? ''];
  return key === undefined ? undefined : JSON.stringify([place, key]);
}

/** The very same record again: two pages that overlap, or one that was pasted twice. */
export function withoutRepeats(
  service: ServiceModel,
  collections: { readonly [collection: string]: Shape[] },
): { [collection: string]: Shape[] } {
  const kept = Object.entries(collections).map(([name, records]) => {
    const first = new Map<unknown, Shape>();
    const once = records.filter((record) => {
      const id = identity(service, name, record);
      if (id === undefined) return true;
      const before = first.get(id);
      if (before === undefined) first.set(id, record);
      return before === undefined || !isDeepStrictEqual(before, record);
    });
    return [name, once] as const;
  });
  return Object.fromEntries(kept);
}

/** A record that occurs twice would make every later answer a matter of luck. */
export function refuseDuplicates(
  service: ServiceModel,
  collections: { readonly [collection: string]: readonly Shape[] },
  at: readonly string[],
): void {
  for (const [collection, key] of Object.entries(service.collections)) {
    const seen = new Set<unknown>();
    for (const [index, record] of (collections[collection] ?? []).entries()) {
      const id = identity(service, collection, record);
      if (id !== undefined && seen.has(id))
        throw new BadInputError(
          pathText([...at, service.name, collection, index, key]),
          `${JSON.stringify(record[key])} occurs twice`,
        );
      seen.add(id);
    }
  }
}
