/** Bundled by `bundles.test.ts` with two copies of a schema file: in what they differ. */

import { KEPT_MEMBERS } from '../../build/kept-members.ts';

/** Schemas are arrays; those of members stand in functions, so that they may refer to one another. */
function parts(value: unknown): unknown {
  const inside: unknown = typeof value === 'function' ? Reflect.apply(value, undefined, []) : value;
  return inside;
}

/** Smithy's number for a document: of that answer nobody reads anything, see `UNREAD` in build/slim-schemas.ts. */
const DOCUMENT = 15;

/** A structure of which some members stay, cut down to those; any other thing as it is. Of how many it has to have nothing is said then. */
function keptOf(schema: object): object {
  const members: readonly unknown[] = Array.isArray(schema) ? schema : [];
  const [kind, namespace, name, traits, names, types] = members;
  if (kind !== 3) return schema;
  const kept = KEPT_MEMBERS[`${String(name)}$`];
  if (kept === undefined || !Array.isArray(names) || !Array.isArray(types)) return schema;
  const places = kept.map((member) => names.indexOf(member));
  return [kind, namespace, name, traits, [...kept], places.map((place): unknown => types[place])];
}

/** Paths at which two copies differ. */
function differences(one: unknown, other: unknown, path: string, seen: Map<unknown, unknown>): string[] {
  const [a, b] = [parts(one), parts(other)];
  if (a === DOCUMENT && typeof other === 'function') return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b) ? [] : [path];
  if (seen.has(a)) return seen.get(a) === b ? [] : [path];
  seen.set(a, b);
  const [own, others] = [keptOf(a), keptOf(b)];
  const keys = [...new Set([...Object.keys(own), ...Object.keys(others)])];
  return keys.flatMap((key) =>
    key in own && key in others
      ? differences(Reflect.get(own, key), Reflect.get(others, key), `${path}.${key}`, seen)
      : [`${path}.${key}`],
  );
}

/** How many schemas there are, and where they differ. */
export function compareSchemas(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): { schemas: number; differences: string[] } {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => Array.isArray(one[name]) && name.endsWith('$'),
  );
  const seen = new Map<unknown, unknown>();
  return {
    schemas: names.length,
    differences: names.flatMap((name) => differences(one[name], other[name], name, seen)),
  };
}
