/** JSON values as such: what is an object, and when two values are the same. */

import type { JsonObject } from './decision.ts';

/** An object of which nothing is known but that it is one. */
export type Bag = { readonly [key: string]: unknown };

/** True for an object that is no list. */
export function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells an object among values that are JSON already: what `JSON.parse` gave, or what `checkJson` has passed. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isBag(value);
}

/** The same text for the same JSON value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((member) => canonical(member)).join(',')}]`;
  if (!isBag(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}
