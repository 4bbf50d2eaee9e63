/** Members of a finding: nearly all are optional, in two spellings, and written as null, as empty text or not at all. */

import { isIP } from 'node:net';
import { isBag } from '../../json.ts';
import type { Field } from '../reader.ts';
import type { Remote } from './finding.ts';

/** The longest IPv6 address has 45 characters; the rest is room for a zone, which is for the judge to refuse. */
const MAX_ADDRESS_CHARS = 64;
/** An ARN has at most 2,048 characters (IAM user guide); ids and names in findings are shorter. */
const MAX_TEXT_CHARS = 2048;

/** The member by EventBridge's name (`service`) or by the SDK's (`Service`); `undefined` where there is none. */
export function member(holder: Field | undefined, ...keys: readonly string[]): Field | undefined {
  return keys.reduce<Field | undefined>((inner, key) => {
    const capital = `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
    return inner && [inner.get(key), inner.get(capital)].find((field) => !field.absent && field.value !== '');
  }, holder);
}

/** The members of a list; none where there is no list. */
export function membersOf(holder: Field | undefined, key: string): readonly Field[] {
  return member(holder, key)?.optionalList() ?? [];
}

export function textOf(holder: Field | undefined, ...keys: readonly string[]): string | undefined {
  return member(holder, ...keys)?.text(MAX_TEXT_CHARS);
}

export function timeOf(holder: Field | undefined, key: string): string | undefined {
  return member(holder, key)?.time();
}

/** `true`, or the text `true` of flattened product fields. Anything but true, false and nothing is bad input: a guard hangs on it. */
export function isTrue(holder: Field | undefined, key: string): boolean {
  const field = member(holder, key);
  if (field === undefined) return false;
  if (field.value === true || field.value === 'true') return true;
  return field.value === false || field.value === 'false' ? false : field.fail('true or false');
}

/** A number, or one written as text. */
export function numberOf(holder: Field | undefined, key: string): number | null {
  const field = member(holder, key);
  if (field === undefined) return null;
  const { value } = field;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : field.fail('a number');
}

/** An address as written, and its path. */
export interface Written {
  readonly address: string;
  readonly where: string;
}

/** The address that a member is; none where it says nothing. */
export function addressOf(field: Field | undefined): readonly Written[] {
  if (field === undefined || field.absent || field.value === '') return [];
  return [{ address: field.text(MAX_ADDRESS_CHARS), where: field.path }];
}

/** Each address once for what is said of it; the first place counts. */
export function eachOnce(remotes: readonly Remote[]): readonly Remote[] {
  const said = new Map<string, Remote>();
  for (const remote of remotes) {
    const key = [remote.address, remote.direction, remote.isAwsService, remote.isApiCaller].join(' ');
    if (!said.has(key)) said.set(key, remote);
  }
  return [...said.values()];
}

/**
 * All addresses below a description of our own resources, whatever its members are called: a guard hangs on them, so one too many
 * is better than one too few. Tags are people's own words, and say nothing about where a resource is.
 */
export function addressesBelow(value: unknown): readonly string[] {
  if (typeof value === 'string') return isIP(value) === 0 ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(addressesBelow);
  if (!isBag(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (/^tags$/iu.test(key) ? [] : addressesBelow(inner)));
}

/** GuardDuty's findings have an id that is the last part of their ARN; other ids stand as they are. */
export function findingIdIn(idOrArn: string): string {
  return /^arn:.*\/finding\/([^/]+)$/u.exec(idOrArn)?.[1] ?? idOrArn;
}

/** An instance by its id, as GuardDuty names it; other ARNs stay whole. */
export function resourceIn(arn: string | undefined): string | null {
  return /^arn:.*:instance\/(i-[0-9a-f]+)$/u.exec(arn ?? '')?.[1] ?? arn ?? null;
}

/** Sample findings bear this in their title where nothing else marks them. */
export function isTitledSample(holder: Field | undefined, key: string): boolean {
  const title = holder && member(holder, key)?.value;
  return typeof title === 'string' && /^\[sample\]/iu.test(title);
}
