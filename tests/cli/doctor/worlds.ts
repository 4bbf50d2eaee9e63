/** Worlds for the tests of `doctor`: those of drills, changed. */

import { readFileSync } from 'node:fs';
import { findingsIn } from '../../../cli/doctor/doctor.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { pastedWorld } from '../../../simulator/world/world-file.ts';

const functions = await discoverFunctions('functions');

/** A record as JSON has it. */
export type Row = Record<string, unknown>;

function records(value: unknown): Row[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The world of a drill, or of another file, as JSON. */
export function worldOf(drill: string): Row {
  const path = drill.endsWith('.json') ? drill : `drills/${drill}/world.json`;
  const world: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isRecord(world)) throw new Error(`${path} is an object`);
  // Nothing of the incident: what is looked at is the account before it.
  delete world['script'];
  return world;
}

/** Records of a collection; instances also out of their reservations. */
export function rowsIn(world: Row, service: string, collection: string): Row[] {
  const section = world[service];
  if (!isRecord(section)) return [];
  const nested =
    collection === 'Instances' ? records(section['Reservations']).flatMap((one) => records(one['Instances'])) : [];
  return [...records(section[collection]), ...nested];
}

/** The world with other records in a collection. */
export function withRows(world: Row, service: string, collection: string, rows: readonly Row[]): Row {
  const section = isRecord(world[service]) ? world[service] : {};
  return { ...world, [service]: { ...section, [collection]: rows } };
}

/** What is found of a world: without what is well. */
export async function found(world: Row): Promise<readonly Finding[]> {
  return (await all(world)).filter(({ level }) => level !== 'ok');
}

/** All that is found of a world. */
export function all(world: Row): Promise<readonly Finding[]> {
  return findingsIn(pastedWorld(world).world, functions, { file: 'world.json' });
}

/** `broken standby`: what was found of a check. */
export function of(findings: readonly Finding[], check: string): readonly Finding[] {
  return findings.filter((one) => one.check === check);
}
