/** Scripted changes of the world: what happens in the account without any runbook's doing. */

import { isDeepStrictEqual } from 'node:util';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { copied, isRecord } from '../engine/json.ts';
import { AwsError, type Shape } from '../engine/model.ts';
import type { SimulatedWorld } from '../engine/world.ts';
import { changeCapacity, isCapacityPath } from './capacity.ts';
import { below, pathText } from './checking.ts';
import { placeIn, type RecordPlace } from './record-path.ts';
import { pathAway, type PathAway } from './regions.ts';
import { PROBES, type ScriptStep } from './world-file.ts';

type Place = RecordPlace<SimulatedWorld>;

function placeOf(world: SimulatedWorld, path: string, at: string): Place {
  const [name = '', collection = '', ...rest] = path.split('/');
  const service = world.services.find((one) => one.name === name);
  if (service === undefined) throw new BadInputError(at, `there is no service ${name}`);
  const keyMember = service.collections[collection];
  if (keyMember === undefined) throw new BadInputError(at, `${name} has no ${collection}`);
  return placeIn(world, [service, collection, keyMember], rest.join('/'), at);
}

/** An element of a list by its index, or by its `Key` or `Name`: `Tags/team`. */
function indexIn(list: readonly unknown[], step: string): number {
  const named = list.findIndex((entry) => isRecord(entry) && (entry['Key'] === step || entry['Name'] === step));
  if (named >= 0) return named;
  return /^\d+$/u.test(step) ? Number(step) : -1;
}

function setInList(list: unknown[], step: string, value: unknown): void {
  const index = indexIn(list, step);
  const found = list[index];
  if (value === null) {
    if (index >= 0) list.splice(index, 1);
  } else if (isRecord(found) && found['Key'] === step && !isRecord(value)) {
    found['Value'] = value;
  } else if (index >= 0) {
    list[index] = value;
  } else {
    list.push(isRecord(value) ? value : { Key: step, Value: value });
  }
}

function setMember(record: Shape, path: readonly string[], value: unknown, at: string): void {
  let target: unknown = record;
  for (const step of path.slice(0, -1)) {
    if (Array.isArray(target)) target = target[indexIn(target, step)];
    else if (isRecord(target)) target = target[step] ??= step === 'Tags' ? [] : {};
    if (!isRecord(target) && !Array.isArray(target)) throw new BadInputError(at, `there is nothing at ${step}`);
  }
  const last = path.at(-1) ?? '';
  if (Array.isArray(target)) setInList(target, last, value);
  else if (!isRecord(target)) throw new BadInputError(at, `there is nothing at ${last}`);
  else if (value === null) delete target[last];
  else target[last] = value;
}

function setRecord(place: Place, value: unknown, at: string): void {
  const records = place.world.records(place.service.name, place.collection);
  const index = place.record === undefined ? -1 : records.indexOf(place.record);
  if (value === null) {
    if (index < 0) throw new BadInputError(at, `there is no ${place.key} to delete`);
    records.splice(index, 1);
    return;
  }
  if (!isRecord(value)) throw new BadInputError(at, 'a whole record must be an object, or null to delete it');
  const record = { ...value, [place.keyMember]: place.record?.[place.keyMember] ?? place.key };
  if (index < 0) records.push(record);
  else records[index] = record;
}

function setProbe(world: SimulatedWorld, key: string, value: unknown): void {
  const probes = world.records(PROBES.service, PROBES.collection);
  const index = probes.findIndex((probe) => probe['Key'] === key);
  if (index >= 0) probes.splice(index, 1);
  if (value !== null) probes.push({ Key: key, Answer: value });
}

/** What stands at the end of a path inside a record. */
function memberAt(record: Shape, path: readonly string[]): unknown {
  let found: unknown = record;
  for (const step of path) {
    if (Array.isArray(found)) found = found[indexIn(found, step)];
    else found = isRecord(found) ? found[step] : undefined;
  }
  return found;
}

/** A path that ends in `/+` or `/-` is about one member of the list in front of it, which is then set as a whole. */
function wholeList(place: Place, value: unknown, at: string): readonly [Place, unknown] | undefined {
  const sign = place.path.at(-1);
  if (sign !== '+' && sign !== '-') return undefined;
  const path = place.path.slice(0, -1);
  const found: unknown = place.record === undefined ? undefined : memberAt(place.record, path);
  if (!Array.isArray(found)) throw new BadInputError(at, 'there is no list in front of it');
  const others: readonly unknown[] = found.filter((each: unknown) => !isDeepStrictEqual(each, value));
  return [{ ...place, path }, sign === '+' ? [...others, value] : others];
}

/** A change that the service refuses (no such record, an impossible state) is a fault of the script. */
function changedByService(place: Place, value: unknown, at: string): boolean {
  try {
    return place.service.change?.(place.world, place.collection, place.key, place.path, value) === true;
  } catch (error) {
    if (error instanceof AwsError) throw new BadInputError(at, error.message);
    throw error;
  }
}

/** A change in another Region. What a service says of it names its own path, which is then not the whole. */
function changeAway(world: SimulatedWorld, away: PathAway, value: unknown, at: string): void {
  const there = world.regions.get(away.region);
  if (there === undefined) throw new BadInputError(at, `there is no Region ${away.region}`);
  try {
    change(there, away.path, value, at);
  } catch (error) {
    throw error instanceof BadInputError && error.path !== at ? below(`regions/${away.region}/`, error) : error;
  }
}

/**
 * Makes one change, with the consequences that the service gives it.
 * @param at JSON path of the change in its file, for the error
 * @throws BadInputError when the path leads nowhere
 */
export function change(world: SimulatedWorld, path: string, value: unknown, at: string): void {
  const away = pathAway(path);
  if (away !== undefined) {
    changeAway(world, away, value, at);
    return;
  }
  if (path.startsWith(`${PROBES.service}/`)) {
    setProbe(world, path.slice(PROBES.service.length + 1), value);
    return;
  }
  if (isCapacityPath(path)) {
    changeCapacity(world, path, value, at);
    return;
  }
  const asked = placeOf(world, path, at);
  const { service, collection, key, record } = asked;
  const [place, own] = wholeList(asked, copied(value), at) ?? [asked, copied<unknown>(value)];
  if (changedByService(place, own, at)) return;
  if (place.path.length === 0) {
    setRecord(place, own, at);
    return;
  }
  if (record === undefined) throw new BadInputError(at, `${service.name} has no ${key} in ${collection}`);
  setMember(record, place.path, own, at);
}

/** Whom the steps of a script concern besides the world. */
export interface ScriptAudience {
  /** Hears each change. */
  readonly note: (text: string) => void;
  /** Hears of a path that leads nowhere. */
  readonly fatal: (error: unknown) => void;
  /** Makes a change that is none of the world's (the ledger's); false: not mine. */
  readonly elsewhere: (path: string, value: unknown) => boolean;
}

/** Plans all steps of a script on the world's clock. */
export function schedule(
  world: SimulatedWorld,
  script: readonly ScriptStep[],
  { note, fatal, elsewhere }: ScriptAudience,
): void {
  for (const [index, step] of script.entries()) {
    world.clock.after(step.afterMs, () => {
      for (const [path, value] of Object.entries(step.set)) {
        note(`${path} = ${JSON.stringify(value)}`);
        try {
          if (!elsewhere(path, value)) change(world, path, value, pathText(['script', index, 'set', path]));
        } catch (error) {
          if (step.ifPossible === true && error instanceof BadInputError) note(`passed over: ${error.message}`);
          else fatal(error);
        }
      }
    });
  }
}
