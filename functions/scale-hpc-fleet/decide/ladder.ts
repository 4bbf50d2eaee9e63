/** Reads a ladder: the ways to launch a gang, in the order in which they are tried. Pure. */

import { isBag } from '../../../shared/kernel/json.ts';
import type { Rung } from './facts.ts';

/** A rung as it is written: the zone is its subnet's. */
export type WrittenRung = Omit<Rung, 'zone'>;

/** What a ladder holds, or the first thing that is wrong with it, by its place. */
export type ReadLadder = { readonly rungs: readonly WrittenRung[] } | { readonly fault: string };

/** Rungs of a ladder: each is a call of its own in the dry. */
const MOST_RUNGS = 20;

const MEMBERS = ['instanceType', 'subnetId', 'placementGroup', 'market', 'reservation', 'maxNodes'];

/** What a member has to look like. Names of placement groups: API_CreatePlacementGroup, 255 ASCII characters. */
const FORMS = {
  instanceType: [/^[a-z0-9-]+\.[a-z0-9-]+$/u, 'an instance type such as hpc7a.96xlarge'],
  subnetId: [/^subnet-[0-9a-z]+$/u, 'the id of a subnet'],
  placementGroup: [/^[\u0020-\u007e]{1,255}$/u, 'the name of a placement group, or fresh'],
  market: [/^(?:on-demand|spot)$/u, 'on-demand or spot'],
  reservation: [/^cr-[0-9a-z]+$/u, 'the id of a capacity reservation'],
} as const;

/**
 * @param text of the SSM parameter: `[{ "instanceType", "subnetId", "placementGroup"?, "market"?, "reservation"? }, …]`
 * @param nodes of a gang: more than one are in a placement group
 */
export function readLadder(text: string, nodes: number): ReadLadder {
  const parsed = parsedJson(text);
  if ('fault' in parsed) return parsed;
  const { value } = parsed;
  if (!Array.isArray(value) || value.length === 0)
    return { fault: 'expected a list of rungs, [{ "instanceType", "subnetId", … }]' };
  if (value.length > MOST_RUNGS) return { fault: `${value.length} rungs; at most ${MOST_RUNGS} are tried` };
  const read = value.map((rung: unknown, index) => readRung(rung, index, nodes));
  const faulty = read.find((rung) => 'fault' in rung);
  if (faulty !== undefined && 'fault' in faulty) return faulty;
  const rungs = read.flatMap((rung) => ('fault' in rung ? [] : [rung]));
  const twice = rungs.findIndex((rung, index) => rungs.slice(0, index).some((other) => isSame(rung, other)));
  return twice === -1 ? { rungs } : { fault: `[${twice}]: the same as a rung before it` };
}

function parsedJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { fault: 'this is no JSON' };
  }
}

function readRung(rung: unknown, index: number, nodes: number): WrittenRung | { readonly fault: string } {
  if (!isBag(rung)) return { fault: `[${index}]: expected an object` };
  const unknown = Object.keys(rung).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) return { fault: `[${index}].${unknown}: unknown; a rung has ${MEMBERS.join(', ')}` };
  const wrong = wrongMember(rung);
  if (wrong !== undefined) return { fault: `[${index}].${wrong}` };
  const text = (member: string): string | null => {
    const value = rung[member];
    return typeof value === 'string' ? value : null;
  };
  const read = {
    instanceType: text('instanceType') ?? '',
    subnetId: text('subnetId') ?? '',
    placementGroup: text('placementGroup'),
    market: rung['market'] === 'spot' ? ('spot' as const) : ('on-demand' as const),
    reservation: text('reservation'),
    ...maxNodesOf(rung),
  };
  const why = contradictionIn(read, nodes);
  return why === undefined ? read : { fault: `[${index}].${why}` };
}

/** Nodes of a gang, at most: as many as one may have at all. */
const MOST_NODES = 1_000;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_NODES;
}

function maxNodesOf({ maxNodes }: { readonly [member: string]: unknown }): { readonly maxNodes?: number } {
  return isCount(maxNodes) ? { maxNodes } : {};
}

/** The first member that is missing, or not what it should be. */
function wrongMember(rung: { readonly [member: string]: unknown }): string | undefined {
  for (const [member, [form, words]] of Object.entries(FORMS)) {
    const value = rung[member];
    const isOptional = member !== 'instanceType' && member !== 'subnetId';
    if (isOptional && (value === undefined || value === null)) continue;
    if (typeof value !== 'string') return `${member}: expected ${words}`;
    if (!form.test(value)) return `${member}: '${value}' is not ${words}`;
  }
  const { maxNodes = null } = rung;
  return maxNodes === null || isCount(maxNodes)
    ? undefined
    : `maxNodes: expected a number of nodes from 1 to ${MOST_NODES}`;
}

function contradictionIn(rung: WrittenRung, nodes: number): string | undefined {
  if (nodes > 1 && rung.placementGroup === null)
    return `placementGroup: missing; ${nodes} nodes of one job belong into one cluster placement group`;
  if (rung.market === 'spot' && rung.reservation !== null)
    return 'reservation: a reservation is of on-demand capacity, and the market is spot';
  return undefined;
}

function isSame(one: WrittenRung, other: WrittenRung): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
