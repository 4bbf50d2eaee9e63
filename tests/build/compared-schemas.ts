/** Bundled by `bundles.test.ts` with two copies of a schema file: in what they differ. */

/** Schemas are arrays; those of members stand in functions, so that they may refer to one another. */
function parts(value: unknown): unknown {
  const inside: unknown = typeof value === 'function' ? Reflect.apply(value, undefined, []) : value;
  return inside;
}

/** Smithy's number for a document: of that answer nobody reads anything, see `UNREAD` in build/slim-schemas.ts. */
const DOCUMENT = 15;

/** Smithy's number for a structure: `[3, namespace, name, traits, names of members, schemas of members, how many are required]`. */
const STRUCTURE = 3;

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** Members by their names: a copy may lack those that no source of ours names, see build/slim-members.ts. */
function membersOf(schema: object): Record<string, unknown> | undefined {
  const [kind, , , , names, schemas]: unknown[] = Array.isArray(schema) ? schema : [];
  if (kind !== STRUCTURE || !isNames(names) || !Array.isArray(schemas)) return undefined;
  return Object.fromEntries(names.map((name, index): [string, unknown] => [name, schemas[index]]));
}

/** Paths at which two copies differ; `one` may have fewer members. */
function differences(one: unknown, other: unknown, path: string, seen: Map<unknown, unknown>): string[] {
  const [a, b] = [parts(one), parts(other)];
  if (a === DOCUMENT && typeof other === 'function') return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b) ? [] : [path];
  if (seen.has(a)) return seen.get(a) === b ? [] : [path];
  seen.set(a, b);
  const [left, right] = [membersOf(a), membersOf(b)];
  if (left !== undefined && right !== undefined)
    return Object.keys(left).flatMap((name) =>
      name in right ? differences(left[name], right[name], `${path}.${name}`, seen) : [`${path}.${name}`],
    );
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) =>
    key in a && key in b
      ? differences(Reflect.get(a, key), Reflect.get(b, key), `${path}.${key}`, seen)
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
