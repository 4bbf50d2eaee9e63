/** The quarantine of an instance in a world file, which has instances as AWS lists them. Pure. */

import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import { QUARANTINED } from '../quarantine.ts';

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function listIn(holder: JsonObject, member: string): readonly JsonObject[] {
  const { [member]: value } = holder;
  return isList(value) ? value.filter(isJsonObject) : [];
}

function sectionOf({ ec2 }: JsonObject): JsonObject {
  return isJsonObject(ec2) ? ec2 : {};
}

/** The value of the tag; `undefined`: it has none, or the file has no such instance. */
export function quarantineIn(file: JsonObject, instanceId: string): string | undefined {
  const section = sectionOf(file);
  const packed = listIn(section, 'Reservations').flatMap((one) => listIn(one, 'Instances'));
  const [found] = [...listIn(section, 'Instances'), ...packed].filter((one) => one['InstanceId'] === instanceId);
  const tag = found === undefined ? undefined : listIn(found, 'Tags').find((one) => one['Key'] === QUARANTINED);
  const value = tag?.['Value'];
  return tag === undefined ? undefined : typeof value === 'string' ? value : '';
}

/** A part of the file without the tag of that instance. */
function without(part: JsonObject, instanceId: string): JsonObject {
  const { Instances, Reservations, Tags } = part;
  const each = (list: readonly Json[]): readonly Json[] =>
    list.map((one) => (isJsonObject(one) ? without(one, instanceId) : one));
  const isMeant = part['InstanceId'] === instanceId && isList(Tags);
  return {
    ...part,
    ...(isList(Instances) ? { Instances: each(Instances) } : {}),
    ...(isList(Reservations) ? { Reservations: each(Reservations) } : {}),
    ...(isMeant ? { Tags: Tags.filter((tag) => !isJsonObject(tag) || tag['Key'] !== QUARANTINED) } : {}),
  };
}

/** The file with the tag taken away. */
export function pardonedIn(file: JsonObject, instanceId: string): JsonObject {
  return { ...file, ec2: without(sectionOf(file), instanceId) };
}
