/**
 * What people paste: the output of `aws … describe-*`, of an SDK, of a tool that prints null where nothing is, of an AWS that is
 * newer than this project. What is said there and cannot be used is left out; what is missing is named.
 */

import { isRecord } from '../engine/json.ts';
import { MORE } from '../services/pasted.ts';
import { pathText } from './checking.ts';

/** The simulator's own: a missing datapoint is `null` there. */
const KEEPS_NULL = 'Samples';

/** A value without its null members: they say that there is none. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => entry !== null).map((entry) => withoutNull(entry));
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    members.map(([name, member]) => [name, name === KEEPS_NULL ? member : withoutNull(member)]),
  );
}

/** A world file as it was meant. `services` are the names of its sections that hold AWS's own records. */
export function withoutNulls(file: Record<string, unknown>, services: readonly string[]): Record<string, unknown> {
  const sections = Object.entries(file).map(([name, section]): readonly [string, unknown] => [
    name,
    services.includes(name) ? withoutNull(section) : section,
  ]);
  return Object.fromEntries(sections.filter(([name, section]) => section !== null || !services.includes(name)));
}

/** Outputs of which only a page was pasted. */
export function unfinishedPages(file: Record<string, unknown>, services: readonly string[]): readonly string[] {
  return services.flatMap((service) => {
    const section = file[service];
    const more = isRecord(section) ? MORE.find((name) => Boolean(section[name])) : undefined;
    return more === undefined ? [] : [`${pathText([service, more])}: the page is not all there is`];
  });
}

/** Members that are not known here; the same one of many records is said once. */
export function unknownMembers(strays: readonly (readonly PropertyKey[])[]): readonly string[] {
  const places = strays.map((path) => pathText(path).replaceAll(/\[\d+\]/gu, '[]'));
  return [...new Set(places)].map((place) => `${place}: not known here, left out`);
}
