/** When somebody who is scripted in a world file fails: on all, on the first so many, or on what looks so; and until when. */

import { z } from 'zod';
import type { Shape } from '../engine/model.ts';
import { isRecord } from '../engine/json.ts';
import { awsTime } from '../services/pasted.ts';
import { parseDuration } from './duration.ts';

export const durationSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as PT1S' });

const literal = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const pattern = z
  .strictObject({ body: z.record(z.string(), z.union([literal, z.array(literal).min(1)])) })
  .describe('Members of a body that is JSON, each with the value, or one of the values, that it fails for.');

export const failsSchema = z.union([z.literal('all'), z.number().int().min(0), z.array(pattern)]);

export const untilSchema = z.union([durationSchema, awsTime]);

/** The end of a failing as a time, ISO 8601: a duration counts from the beginning of the world. */
export function endOf(until: string, nowMs: number): string {
  const lasting = parseDuration(until);
  return lasting === undefined ? until : new Date(nowMs + lasting).toISOString();
}

function isOneOf(wanted: unknown, found: unknown): boolean {
  return Array.isArray(wanted) ? wanted.includes(found) : wanted === found;
}

function isLike(given: unknown, body: unknown): boolean {
  const members: unknown = isRecord(given) ? given['body'] : undefined;
  if (!isRecord(members) || !isRecord(body)) return false;
  return Object.entries(members).every(([name, wanted]) => isOneOf(wanted, body[name]));
}

/**
 * Whether something that was just given is one that it fails on.
 * @param script `fails`, `until` as a time, and how many were `received` with this one
 * @param body what was given, as JSON
 */
export function failsOn({ fails, until, received }: Shape, body: unknown, nowMs: number): boolean {
  if (typeof until === 'string' && nowMs >= Date.parse(until)) return false;
  if (Array.isArray(fails)) return fails.some((one: unknown) => isLike(one, body));
  return fails === 'all' || (typeof fails === 'number' && Number(received) <= fails);
}
