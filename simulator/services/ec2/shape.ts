/**
 * World-file schemas and output copies made from the SDK's own schemas, so that what a paste of `describe-*` output may
 * hold, and what an operation returns, is what the SDK knows and not a second list kept by hand.
 *
 * SDK schemas are tuples: `[3, namespace, name, traits, memberNames, memberSchemas]` for a structure,
 * `[1, namespace, name, traits, element]` for a list; numbers stand for simple types, plus 64 for a list of them.
 */

import type { $SchemaRef, StaticStructureSchema } from '@smithy/types';
import { z, type ZodType } from 'zod';
import { awsTime as time } from '../pasted.ts';
import { isShape, type Shape } from './state.ts';

type Form =
  | { readonly kind: 'text' | 'number' | 'flag' | 'time' | 'other' }
  | { readonly kind: 'list'; readonly of: $SchemaRef }
  | {
      readonly kind: 'structure';
      readonly identity: object;
      readonly name: string;
      readonly members: readonly (readonly [string, $SchemaRef])[];
    };

/** Narrower schemas for single members, by structure and member name: an enumeration where the SDK only says "string". */
export interface Refinements {
  readonly [structure: string]: { readonly [member: string]: ZodType };
}

const LIST_MODIFIER = 64;
const MAP_MODIFIER = 128;

function simpleForm(code: number): Form {
  if (code >= MAP_MODIFIER) return { kind: 'other' };
  if (code >= LIST_MODIFIER) return { kind: 'list', of: () => simpleSchema(code - LIST_MODIFIER) };
  if (code === 0) return { kind: 'text' };
  if (code === 1) return { kind: 'number' };
  if (code === 2) return { kind: 'flag' };
  return code >= 4 && code <= 7 ? { kind: 'time' } : { kind: 'other' };
}

function simpleSchema(code: number): 0 | 1 | 2 | 4 | 15 {
  if (code === 0 || code === 1 || code === 2) return code;
  return code >= 4 && code <= 7 ? 4 : 15;
}

function formOf(reference: $SchemaRef): Form {
  const schema: unknown = typeof reference === 'function' ? reference() : reference;
  if (typeof schema === 'number') return simpleForm(schema);
  if (!isTuple(schema)) return { kind: 'other' };
  // A member schema is a pair of a schema and its traits.
  if (schema.length === 2) return isReference(schema[0]) ? formOf(schema[0]) : { kind: 'other' };
  if (schema[0] === 1 && isReference(schema[4])) return { kind: 'list', of: schema[4] };
  if (schema[0] === 3 && isTuple(schema[4]) && isTuple(schema[5])) {
    const references = schema[5];
    const members = schema[4].flatMap((name, index): (readonly [string, $SchemaRef])[] => {
      const member = references[index];
      return typeof name === 'string' && isReference(member) ? [[name, member]] : [];
    });
    return { kind: 'structure', identity: schema, name: String(schema[2]), members };
  }
  return { kind: 'other' };
}

function isTuple(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isReference(value: unknown): value is $SchemaRef {
  return typeof value === 'number' || typeof value === 'function' || Array.isArray(value);
}

function schemaOfForm(form: Form, refinements: Refinements, made: Map<object, ZodType>): ZodType {
  switch (form.kind) {
    case 'text':
      return z.string();
    case 'number':
      return z.number();
    case 'flag':
      return z.boolean();
    case 'time':
      return time;
    case 'list':
      return z.array(schemaOfForm(formOf(form.of), refinements, made));
    case 'structure': {
      const known = made.get(form.identity);
      if (known !== undefined) return known;
      const schema = z.strictObject(membersOf(form, refinements, made));
      made.set(form.identity, schema);
      return schema;
    }
    default:
      return z.unknown();
  }
}

function membersOf(
  form: Extract<Form, { kind: 'structure' }>,
  refinements: Refinements,
  made: Map<object, ZodType>,
): Record<string, ZodType> {
  const members: Record<string, ZodType> = {};
  for (const [name, reference] of form.members) {
    members[name] = (refinements[form.name]?.[name] ?? schemaOfForm(formOf(reference), refinements, made)).optional();
  }
  return members;
}

/**
 * A strict schema of one record of a world file: every member the SDK knows, of its type, times as ISO strings.
 * @param key the member that identifies a record and is required; `undefined`: none is
 * @param own members that the simulator adds to AWS's shape
 */
export function recordSchema(
  structure: StaticStructureSchema,
  key: string | undefined,
  refinements: Refinements,
  own: Record<string, ZodType> = {},
): ZodType {
  const form = formOf(structure);
  if (form.kind !== 'structure') throw new Error(`${structure[2]} is no structure`);
  const members = membersOf(form, refinements, new Map());
  return z.strictObject({ ...members, ...own, ...(key === undefined ? {} : { [key]: z.string().min(1) }) });
}

type Copy = (value: unknown) => unknown;

const copyValue: Copy = (value) => value;
const copyTime: Copy = (value) => (typeof value === 'string' ? new Date(value) : value);

function copyOfForm(form: Form): Copy {
  switch (form.kind) {
    case 'text':
    case 'number':
    case 'flag':
      return copyValue;
    case 'time':
      return copyTime;
    case 'list': {
      const element = copyOfForm(formOf(form.of));
      return (value) => (Array.isArray(value) ? value.map((item: unknown) => element(item)) : []);
    }
    case 'structure': {
      const members = new Map(form.members.map(([name, reference]) => [name, copyOfForm(formOf(reference))] as const));
      return (value) => copyMembers(value, members);
    }
    default:
      return (value) => structuredClone(value);
  }
}

function copyMembers(value: unknown, members: ReadonlyMap<string, Copy>): Shape {
  const copy: Shape = {};
  if (!isShape(value)) return copy;
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    const make = members.get(name);
    if (make !== undefined) copy[name] = make(member);
  }
  return copy;
}

/** Makes the function that copies a record into an operation's output: only members the SDK knows, times as Dates. */
export function outputOf(structure: StaticStructureSchema): (record: Shape) => Shape {
  const form = formOf(structure);
  if (form.kind !== 'structure') throw new Error(`${structure[2]} is no structure`);
  let members: ReadonlyMap<string, Copy> | undefined;
  return (record) => {
    members ??= new Map(form.members.map(([name, reference]) => [name, copyOfForm(formOf(reference))] as const));
    return copyMembers(record, members);
  };
}
