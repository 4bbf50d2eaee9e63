/** Reads the inputs of planned calls, which are JSON, as a typed SDK command takes them. */

import type { Json, JsonObject } from '../kernel/decision.ts';
import { TerminalError } from '../kernel/errors.ts';

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text member of a planned input. Throws `TerminalError` for a plan that lacks it. */
export function textOf(input: JsonObject, member: string): string {
  const value = input[member];
  if (typeof value !== 'string') throw new TerminalError(`plan: ${member}: a text is missing`);
  return value;
}

/** A number. */
export function numberOf(input: JsonObject, member: string): number {
  const value = input[member];
  if (typeof value !== 'number') throw new TerminalError(`plan: ${member}: a number is missing`);
  return value;
}

/** A list of texts. */
export function textsOf(input: JsonObject, member: string): string[] {
  const value = input[member];
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw new TerminalError(`plan: ${member}: a list of texts is missing`);
  return value;
}

/** An object within. */
export function objectOf(input: JsonObject, member: string): JsonObject {
  const value = input[member];
  if (!isObject(value)) throw new TerminalError(`plan: ${member}: an object is missing`);
  return value;
}

/** A list of objects; none where the member is absent. */
export function objectsOf(input: JsonObject, member: string): readonly JsonObject[] {
  const value = input[member];
  const list: readonly Json[] = Array.isArray(value) ? value : [];
  if (!list.every(isObject)) throw new TerminalError(`plan: ${member}: a list of objects is missing`);
  return list;
}

/** A list of tags. */
export function tagListOf(input: JsonObject): { Key: string; Value: string }[] {
  const value = input['Tags'];
  const list: unknown[] = Array.isArray(value) ? value : [];
  const isTag = (each: unknown): each is { Key: string; Value: string } =>
    typeof each === 'object' &&
    each !== null &&
    'Key' in each &&
    typeof each.Key === 'string' &&
    'Value' in each &&
    typeof each.Value === 'string';
  // DeleteTags without tags would delete every one.
  if (list.length === 0 || !list.every(isTag))
    throw new TerminalError('plan: Tags: a list of keys with values is missing');
  return list;
}
