/** Checks a file's content against a schema; what is wrong is one line that begins with the path. */

import type { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { copied, isRecord } from '../engine/json.ts';

type Path = readonly PropertyKey[];

/** A JSON path as people write it: `ec2.Instances[0].State.Name`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = String(step);
    if (!/^[\w$-]+$/u.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** What a union says that has nothing of its own to say. */
const NO_WORDS = 'Invalid input';

/** The issue that says most: of a union's branches, the one that got furthest. */
function deepest(issue: z.core.$ZodIssue): { readonly path: Path; readonly message: string } {
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: [...issue.path, key], message: 'unknown member; see docs/world.schema.json' };
  }
  if (issue.code !== 'invalid_union' || issue.message !== NO_WORDS) return { path: issue.path, message: issue.message };
  const inner = issue.errors.flat().map((one) => deepest(one));
  const furthest = inner.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (furthest === undefined || furthest.path.length === 0)
    return { path: issue.path, message: inner.map((one) => one.message).join(', or ') || issue.message };
  return { path: [...issue.path, ...furthest.path], message: furthest.message };
}

/** A fault of a part, with the way to that part in front of its path: `regions.us-east-1.`. */
export function below(way: string, { path, message }: BadInputError): BadInputError {
  return new BadInputError(`${way}${path}`, path === '' ? message : message.slice(`${path}: `.length));
}

function faultOf(error: z.ZodError): BadInputError {
  const [issue] = error.issues;
  if (issue === undefined) return new BadInputError('', error.message);
  const { path, message } = deepest(issue);
  return new BadInputError(pathText(path), message);
}

/**
 * A value of a schema.
 * @throws BadInputError with the JSON path of the first fault
 */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw faultOf(result.error);
}

function without(value: unknown, path: Path, keys: readonly string[]): void {
  const holder = path.reduce<unknown>((place, step) => {
    if (Array.isArray(place)) return place[Number(step)];
    return isRecord(place) ? place[String(step)] : undefined;
  }, value);
  if (isRecord(holder)) for (const key of keys) delete holder[key];
}

/**
 * A value of a strict schema, without the members that the schema does not know where `mayHold` says that there may be some;
 * and their paths.
 * @throws BadInputError with the JSON path of the first fault
 */
export function parsedLeniently<T>(
  schema: z.ZodType<T>,
  value: unknown,
  mayHold: (path: Path) => boolean,
): { readonly data: T; readonly strays: readonly Path[] } {
  const result = schema.safeParse(value);
  if (result.success) return { data: result.data, strays: [] };
  const strays = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && mayHold(issue.path) ? [issue] : [],
  );
  const rest = copied(value);
  for (const { path, keys } of strays) without(rest, path, keys);
  return {
    data: strays.length === 0 ? parsed(schema, value) : parsed(schema, rest),
    strays: strays.flatMap(({ path, keys }) => keys.map((key) => [...path, key])),
  };
}
