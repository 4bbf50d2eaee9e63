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

/** The Regions' parts of a world file, each as `change` makes it. */
function inRegions(regions: unknown, change: (sections: Record<string, unknown>) => unknown): unknown {
  if (!isRecord(regions)) return regions;
  const parts = Object.entries(regions);
  return Object.fromEntries(parts.map(([region, part]) => [region, isRecord(part) ? change(part) : part]));
}

/** A world file as it was meant. `services` are the names of its sections that hold AWS's own records. */
export function withoutNulls(file: Record<string, unknown>, services: readonly string[]): Record<string, unknown> {
  const meant = (name: string, section: unknown): unknown => {
    if (name === 'regions') return inRegions(section, (sections) => withoutNulls(sections, services));
    return services.includes(name) ? withoutNull(section) : section;
  };
  const sections = Object.entries(file).map(([name, section]) => [name, meant(name, section)] as const);
  return Object.fromEntries(sections.filter(([name, section]) => section !== null || !services.includes(name)));
}

/** Outputs of which only a page was pasted. `at`: the path of what holds them. */
export function unfinishedPages(
  file: Record<string, unknown>,
  services: readonly string[],
  at: readonly string[] = [],
): readonly string[] {
  const own = services.flatMap((service) => {
    const section = file[service];
    const more = isRecord(section) ? MORE.find((name) => Boolean(section[name])) : undefined;
    return more === undefined ? [] : [`${pathText([...at, service, more])}: the page is not all there is`];
  });
  const regions = isRecord(file['regions']) ? Object.entries(file['regions']) : [];
  const beside = regions.flatMap(([region, part]) =>
    isRecord(part) ? unfinishedPages(part, services, ['regions', region]) : [],
  );
  return [...own, ...beside];
}

/** Members that are not known here; the same one of many records is said once. */
export function unknownMembers(strays: readonly (readonly PropertyKey[])[]): readonly string[] {
  const places = strays.map((path) => pathText(path).replaceAll(/\[\d+\]/gu, '[]'));
  return [...new Set(places)].map((place) => `${place}: not known here, left out`);
}
