/** The comparison of two ends: worlds and ledgers brought to a form without ids and orders that mean nothing, then walked side by side. */

import type { PermittedDifference } from '../equivalence.ts';
import { isFilling } from '../../simulator/engine/full-ledger.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { LedgerDump } from '../../simulator/engine/ledger.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import { besideHome } from '../../simulator/engine/world.ts';

/** Differences told of one run: the first says most. */
const DIFFERENCES_TOLD = 3;
/** Characters of a value that are shown of a difference. */
const VALUE_SHOWN = 200;
const ID = /\b[a-z]+-0f[0-9a-f]{8,15}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}\b/gu;
/** Collections that grow by themselves, or tell of the runs rather than of the account. */
const NOT_STATE: ReadonlySet<string> = new Set(['Samples', 'Entries']);
/** Times as they stand in the world: ISO 8601, and in AWS's prose. */
export const TIME: RegExp = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: GMT|[+-]\d{4}|Z)?/gu;

/** A moment of the account, as far as it is compared. */
type Account = Pick<World, 'data' | 'clock'> & Partial<Pick<World, 'region' | 'regions'>>;

/** What is in the account's other Regions, by name. */
function dataBeside({ region = '', regions = new Map() }: Partial<Pick<World, 'region' | 'regions'>>): {
  readonly [region: string]: World['data'];
} {
  return Object.fromEntries(besideHome({ region, regions }).map((world) => [world.region, world.data]));
}

/** The account as text; the same where nothing but samples and told outcomes differs. */
export function stateText(world: Pick<World, 'data'> & Partial<Pick<World, 'region' | 'regions'>>): string {
  const beside = dataBeside(world);
  const state = Object.keys(beside).length === 0 ? world.data : { ...world.data, regions: beside };
  return JSON.stringify(state, (key, value: unknown) => (NOT_STATE.has(key) ? undefined : value));
}

/** An end in comparable form: objects and scalars only, records by their identity, tags by their key. */
export interface ComparableEnd {
  readonly [service: string]: unknown;
}

/** Names ids that were made during the run by their order of appearance, so that a re-made association is the same one. */
class Names {
  readonly #given: string;
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(given: string) {
    this.#given = given;
  }

  of(text: string): string {
    return text.replaceAll(ID, (id) => this.#nameOf(id));
  }

  #nameOf(id: string): string {
    const name = this.#names.get(id) ?? (this.#given.includes(id) ? id : this.#nextName(id));
    this.#names.set(id, name);
    return name;
  }

  #nextName(id: string): string {
    const prefix = /^[a-z]+(?=-0f)/u.exec(id)?.[0] ?? 'uuid';
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, count);
    return `${prefix}-#${count}`;
  }
}

function isTag(value: unknown): value is { readonly Key: string; readonly Value: unknown } {
  return isRecord(value) && typeof value['Key'] === 'string' && 'Value' in value;
}

function comparableList(members: readonly unknown[], names: Names): object {
  // A list of tags has no order.
  if (members.length > 0 && members.every(isTag))
    return Object.fromEntries(members.map((tag) => [tag.Key, names.of(String(tag.Value))]));
  return Object.fromEntries(members.map((member, index) => [String(index), comparable(member, names)]));
}

function comparable(value: unknown, names: Names): unknown {
  if (typeof value === 'string') return names.of(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return comparableList(value, names);
  if (!isRecord(value)) return value;
  const isThere = (member: unknown): boolean => member !== undefined && !(Array.isArray(member) && member.length === 0);
  const members = Object.entries(value).filter(([, member]) => isThere(member));
  // What a runbook remembers of what was made stands under its id.
  return Object.fromEntries(members.map(([key, member]) => [names.of(key), comparable(member, names)]));
}

/** The records of a collection by what identifies them, or by their place where nothing does. */
function comparableRecords(records: readonly Shape[], keyMember: string, names: Names): object {
  const named: { [name: string]: unknown } = {};
  for (const [index, record] of records.entries()) {
    const identity = record[keyMember];
    const name = typeof identity === 'string' ? names.of(identity) : String(index);
    // A name may be there in each scope.
    const own = Object.hasOwn(named, name) ? `${name}#${index}` : name;
    named[own] = comparable(record, names);
  }
  return named;
}

function comparableService(service: string, collections: World['data'][string], names: Names): object {
  const keys = SERVICES.find(({ name }) => name === service)?.collections;
  const filled = Object.entries(collections).filter(([, records]) => records.length > 0);
  return Object.fromEntries(
    filled.map(([collection, records]) => [collection, comparableRecords(records, keys?.[collection] ?? '', names)]),
  );
}

/** The services of the account at home, and under `regions` those of the other Regions; `isKept`: which collections. */
function comparableAccount(
  { data, ...beside }: Account,
  names: Names,
  isKept: (collection: string) => boolean,
): { [service: string]: unknown } {
  const comparableRegion = (all: World['data']): { [service: string]: unknown } => {
    const services = Object.entries(all).map(([service, collections]) => {
      const kept = Object.entries(collections).filter(([collection]) => isKept(collection));
      return [service, comparableService(service, Object.fromEntries(kept), names)] as const;
    });
    return Object.fromEntries(services);
  };
  const home = comparableRegion(data);
  const regions = Object.entries(dataBeside(beside)).map(([region, own]) => [region, comparableRegion(own)] as const);
  return regions.length === 0 ? home : { ...home, regions: Object.fromEntries(regions) };
}

/** What runs claim for their targets ends with them: who claimed what, and how often, is a matter of which run came first. */
function isClaim(resource: string): boolean {
  return resource.startsWith('claim/');
}

function comparableLedger(ledger: LedgerDump, now: string, names: Names, settled: boolean): object {
  const ours = ledger.resources.filter(({ resource }) => !isFilling(resource) && !isClaim(resource));
  const resources = ours.map(({ resource, owner, until, history }) => {
    // An expired lease holds nobody up.
    const held = owner !== undefined && (until ?? '') > now;
    const pending = settled ? (history.pending?.intent ?? null) : null;
    const memory = settled ? comparable(history.memory, names) : {};
    return [resource, { held, actions: history.actions.length, pending, memory }] as const;
  });
  return Object.fromEntries(resources);
}

/**
 * Brings an end into comparable form. `given` is the text of the world before the run: ids in it are real names.
 * `settled`: announced intents and memories in the ledger must be the same, too.
 */
export function comparableEnd(
  world: Account,
  ledger: LedgerDump | undefined,
  given: string,
  settled: boolean,
): ComparableEnd {
  const names = new Names(given);
  const end = comparableAccount(world, names, () => true);
  if (ledger !== undefined) end['ledger'] = comparableLedger(ledger, world.clock.iso(), names, settled);
  return end;
}

/**
 * Brings a moment of a run into comparable form, with everything in it that a later look could find: times too, and all that the
 * ledger holds but records and the numbers of its grants.
 */
export function comparableStanding(world: Account, ledger: LedgerDump, given: string): ComparableEnd {
  const names = new Names(given);
  const now = world.clock.iso();
  const standing = comparableAccount(world, names, (collection) => !NOT_STATE.has(collection));
  const resources = ledger.resources
    .filter(({ resource }) => !isFilling(resource))
    .map(({ resource, runbook, owner, until, history: { actions, pending, memory } }) => {
      const held = owner !== undefined && (until ?? '') > now;
      return [resource, comparable({ runbook, held, actions, pending, memory }, names)] as const;
    });
  return {
    ...standing,
    ledger: { resources: Object.fromEntries(resources), switches: comparable(ledger.switches, names) },
  };
}

function isAt(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((step, index) => step === '*' || step === path[index]);
}

function instantOf(text: string): number {
  return Date.parse(text.replace(' GMT', 'Z'));
}

/** How far the times in two texts lie apart at most, ms; `undefined`: the texts differ in something else. */
export function millisecondsApart(one: string, other: string): number | undefined {
  if (one.replaceAll(TIME, '') !== other.replaceAll(TIME, '')) return undefined;
  const [ours, theirs] = [one.match(TIME) ?? [], other.match(TIME) ?? []];
  if (ours.length !== theirs.length) return undefined;
  return Math.max(0, ...ours.map((time, index) => Math.abs(instantOf(time) - instantOf(theirs[index] ?? ''))));
}

function areTimes(one: unknown, other: unknown, boundMinutes: number): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  const apart = millisecondsApart(one, other);
  return apart !== undefined && apart <= boundMinutes * 60_000;
}

function isPermitted({ how, bound }: PermittedDifference, without: unknown, withFaults: unknown): boolean {
  if (how === 'any') return true;
  if (how === 'extra') return without === undefined;
  if (how === 'time') return areTimes(without, withFaults, bound);
  if (how === 'first') return without === 0 && Number(withFaults) <= bound;
  const deficit = Number(without) - Number(withFaults);
  return deficit >= 0 && deficit <= bound;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}…` : text;
}

const UNTOUCHED = { held: false, actions: 0, pending: null, memory: {} };

/** A resource that one of two ledgers does not know, it knows as untouched. */
function withResourcesOf(end: ComparableEnd, other: ComparableEnd): ComparableEnd {
  const [ours, theirs] = [end['ledger'], other['ledger']];
  if (!isRecord(ours) || !isRecord(theirs)) return end;
  const untouched = Object.fromEntries(Object.keys(theirs).map((resource) => [resource, UNTOUCHED]));
  return { ...end, ledger: { ...untouched, ...ours } };
}

/**
 * Where two ends differ beyond what is permitted, by the rules or by the drill itself: the first few places, with both values.
 * `mayDiffer`: places at which the drill lets everything differ.
 */
export function differences(
  without: ComparableEnd,
  withFaults: ComparableEnd,
  permitted: readonly PermittedDifference[],
  mayDiffer: readonly string[] = [],
): string[] {
  const found: string[] = [];
  const ownPatterns = mayDiffer.map((path) => path.split('/'));
  const permits = permitted.map((permit) => ({ permit, pattern: permit.at.split('/') }));
  const walk = (path: readonly string[], one: unknown, other: unknown): void => {
    if (one === other || found.length >= DIFFERENCES_TOLD) return;
    if (ownPatterns.some((pattern) => isAt(pattern, path))) return;
    // What is permitted is so in every Region.
    const inRegion = path[0] === 'regions' ? path.slice(2) : path;
    if (permits.some(({ pattern, permit }) => isAt(pattern, inRegion) && isPermitted(permit, one, other))) return;
    if (isRecord(one) && isRecord(other)) {
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
        walk([...path, key], one[key], other[key]);
      return;
    }
    found.push(`the end differs at ${path.join('/')}: ${shown(one)} without faults, ${shown(other)} with`);
  };
  walk([], withResourcesOf(without, withFaults), withResourcesOf(withFaults, without));
  return found;
}
