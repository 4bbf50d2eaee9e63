/**
 * Checks a request against the SDK's own schema of the operation: the mock sees raw input, where a misspelt member or a
 * wrong type would pass unnoticed and fail only in production.
 */

import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { isRecord } from './json.ts';

/** Throws `BadInputError` when the value is not of the schema. */
type Check = (value: unknown, path: string) => void;

const known = new WeakMap<object, Check>();

/** Place of the number of required members in a structure's static schema; they come first in its list of members. */
const REQUIRED_COUNT = 6;

function expect(ok: boolean, path: string, what: string): void {
  if (!ok) throw new BadInputError(path, `must be ${what}`);
}

function requiredCount(schema: NormalizedSchema): number {
  const raw: unknown = schema.getSchema();
  const count: unknown = Array.isArray(raw) ? raw[REQUIRED_COUNT] : undefined;
  return typeof count === 'number' ? count : 0;
}

function checkStructure(schema: NormalizedSchema): Check {
  const members = new Map<string, { readonly check: Check; readonly required: boolean; readonly token: boolean }>();
  const required = requiredCount(schema);
  for (const [name, member] of schema.structIterator()) {
    members.set(name, {
      check: checkOf(member),
      required: members.size < required,
      token: member.isIdempotencyToken(),
    });
  }
  return (value, path) => {
    if (!isRecord(value)) throw new BadInputError(path, 'must be a structure');
    for (const name of Object.keys(value)) {
      if (!members.has(name)) throw new BadInputError(`${path}.${name}`, 'the operation has no such member');
    }
    for (const [name, member] of members) {
      const given = value[name];
      if (given !== undefined) member.check(given, `${path}.${name}`);
      else if (member.token)
        throw new BadInputError(`${path}.${name}`, 'state the client token; without it a repeat acts twice');
      else if (member.required) throw new BadInputError(`${path}.${name}`, 'is required');
    }
  };
}

function checkList(schema: NormalizedSchema): Check {
  const element = checkOf(schema.getValueSchema());
  return (value, path) => {
    if (!Array.isArray(value)) throw new BadInputError(path, 'must be a list');
    value.forEach((entry: unknown, index) => element(entry, `${path}[${index}]`));
  };
}

function checkMap(schema: NormalizedSchema): Check {
  const element = checkOf(schema.getValueSchema());
  return (value, path) => {
    if (!isRecord(value)) throw new BadInputError(path, 'must be a map');
    for (const [key, entry] of Object.entries(value)) element(entry, `${path}.${key}`);
  };
}

const checkString: Check = (value, path) => expect(typeof value === 'string', path, 'a string');
const checkBoolean: Check = (value, path) => expect(typeof value === 'boolean', path, 'a boolean');
const checkNumber: Check = (value, path) =>
  expect((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint', path, 'a number');
// By its tag: the global Date is another class while a simulation runs.
const checkTimestamp: Check = (value, path) =>
  expect(
    Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN(Number(value)),
    path,
    'a valid Date',
  );
const checkBlob: Check = (value, path) =>
  expect(value instanceof Uint8Array || typeof value === 'string', path, 'bytes');
const checkNothing: Check = () => undefined;

function build(schema: NormalizedSchema): Check {
  if (schema.isStructSchema()) return checkStructure(schema);
  if (schema.isListSchema()) return checkList(schema);
  if (schema.isMapSchema()) return checkMap(schema);
  if (schema.isTimestampSchema()) return checkTimestamp;
  if (schema.isBlobSchema()) return checkBlob;
  if (schema.isBooleanSchema()) return checkBoolean;
  if (schema.isNumericSchema()) return checkNumber;
  if (schema.isStringSchema()) return checkString;
  return checkNothing;
}

/** The check of a schema, built at its first use: structures may contain themselves. */
function checkOf(schema: NormalizedSchema): Check {
  const raw: unknown = schema.getSchema();
  if (typeof raw !== 'object' || raw === null) return build(schema);
  return (value, path) => {
    let check = known.get(raw);
    if (check === undefined) {
      check = build(schema);
      known.set(raw, check);
    }
    check(value, path);
  };
}

/** What an SDK command tells of its operation. */
export interface OperationSchema {
  readonly operation: string;
  /** Throws `BadInputError` with a path such as `ec2:CreateVolume.ClientToken`. */
  readonly check: Check;
}

function isSchemaRef(value: unknown): value is SchemaRef {
  return typeof value === 'function' || typeof value === 'string' || Array.isArray(value);
}

const operations = new WeakMap<object, OperationSchema>();

/** Reads the operation schema that every command of the SDK carries: `[9, namespace, name, traits, input, output]`. */
export function operationOf(command: object): OperationSchema {
  const schema: unknown = 'schema' in command ? command.schema : undefined;
  if (!Array.isArray(schema) || typeof schema[2] !== 'string')
    throw new Error(`${command.constructor.name} carries no operation schema`);
  let operation = operations.get(schema);
  if (operation === undefined) {
    const input: unknown = schema[4];
    if (!isSchemaRef(input)) throw new Error(`${command.constructor.name} carries no input schema`);
    operation = { operation: schema[2], check: checkOf(NormalizedSchema.of(input)) };
    operations.set(schema, operation);
  }
  return operation;
}
