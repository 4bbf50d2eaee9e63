/** The comparison of two ends: worlds and ledgers brought to a form without ids and orders that mean nothing, then walked side by side. */

import { PERMITTED_DIFFERENCES, PERMITTED_SURPLUS, type PermittedDifference } from '../equivalence.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { LedgerDump } from '../../simulator/engine/ledger.ts';
import type { World } from '../../simulator/engine/model.ts';
import type { FaultKind, FaultPlan, LoggedRequest } from '../../simulator/engine/run-types.ts';
import { SERVICES } from '../../simulator/engine/services.ts';

/** Differences told of one run: the first says most. */
const DIFFERENCES_TOLD = 3;
const ID = /\b[a-z]+-0f[0-9a-f]{8,15}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}\b/gu;
/** Times as they stand in the world: ISO 8601, and in AWS's prose. */
export const TIME: RegExp = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: GMT|[+-]\d{4}|Z)?/gu;

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
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const prefix = /^[a-z]+(?=-0f)/u.exec(id)?.[0] ?? 'uuid';
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    if (!this.#given.includes(id)) this.#counts.set(prefix, count);
    const name = this.#given.includes(id) ? id : `${prefix}-#${count}`;
    this.#names.set(id, name);
    return name;
  }
}

function isTag(value: unknown): value is { readonly Key: string; readonly Value: unknown } {
  return isRecord(value) && typeof value['Key'] === 'string' && 'Value' in value;
}

function comparable(value: unknown, names: Names): unknown {
  if (typeof value === 'string') return names.of(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const members: readonly unknown[] = value;
    // A list of tags has no order.
    if (members.length > 0 && members.every(isTag))
      return Object.fromEntries(members.map((tag) => [tag.Key, names.of(String(tag.Value))]));
    return Object.fromEntries(members.map((member, index) => [String(index), comparable(member, names)]));
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(
    ([, member]) => member !== undefined && !(Array.isArray(member) && member.length === 0),
  );
  return Object.fromEntries(members.map(([key, member]) => [key, comparable(member, names)]));
}

function nameOf(identity: unknown, index: number, names: Names): string {
  return typeof identity === 'string' ? names.of(identity) : String(index);
}

/**
 * Brings an end into comparable form. `given` is the text of the world before the run: ids in it are real names.
 * `settled`: announced intents and memories in the ledger must be the same, too.
 */
export function comparableEnd(
  world: Pick<World, 'data' | 'clock'>,
  ledger: LedgerDump | undefined,
  given: string,
  settled: boolean,
): ComparableEnd {
  const now = world.clock.iso();
  const names = new Names(given);
  const end: { [service: string]: unknown } = {};
  for (const [service, collections] of Object.entries(world.data)) {
    const keys = SERVICES.find(({ name }) => name === service)?.collections;
    const filled = Object.entries(collections).filter(([, records]) => records.length > 0);
    end[service] = Object.fromEntries(
      filled.map(([collection, records]) => [
        collection,
        Object.fromEntries(
          records.map((record, index) => [
            nameOf(record[keys?.[collection] ?? ''], index, names),
            comparable(record, names),
          ]),
        ),
      ]),
    );
  }
  if (ledger !== undefined) {
    end['ledger'] = Object.fromEntries(
      ledger.resources.map(({ resource, owner, until, history }) => [
        resource,
        // An expired lease holds nobody up.
        {
          held: owner !== undefined && (until ?? '') > now,
          actions: history.actions.length,
          pending: settled ? (history.pending?.intent ?? null) : null,
          memory: settled ? comparable(history.memory, names) : {},
        },
      ]),
    );
  }
  return end;
}

function isAt(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((step, index) => step === '*' || step === path[index]);
}

const PERMITS = PERMITTED_DIFFERENCES.map((permit) => ({ permit, pattern: permit.at.split('/') }));

function minutesApart(one: string, other: string): number {
  return Math.abs(Date.parse(one.replace(' GMT', 'Z')) - Date.parse(other.replace(' GMT', 'Z'))) / 60_000;
}

function areTimes(one: unknown, other: unknown, boundMinutes: number): boolean {
  if (typeof one !== 'string' || typeof other !== 'string' || one.replaceAll(TIME, '') !== other.replaceAll(TIME, ''))
    return false;
  const [ours, theirs] = [one.match(TIME) ?? [], other.match(TIME) ?? []];
  return (
    ours.length === theirs.length &&
    ours.every((time, index) => !(minutesApart(time, theirs[index] ?? '') > boundMinutes))
  );
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
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

const UNTOUCHED = { held: false, actions: 0, pending: null, memory: {} };

/** A resource that one of two ledgers does not know, it knows as untouched. */
function withResourcesOf(end: ComparableEnd, other: ComparableEnd): ComparableEnd {
  const [ours, theirs] = [end['ledger'], other['ledger']];
  if (!isRecord(ours) || !isRecord(theirs)) return end;
  return {
    ...end,
    ledger: { ...Object.fromEntries(Object.keys(theirs).map((resource) => [resource, UNTOUCHED])), ...ours },
  };
}

/** Where two ends differ beyond what is permitted, in general or by the drill itself: the first few places, with both values. */
export function differences(
  without: ComparableEnd,
  withFaults: ComparableEnd,
  mayDiffer: readonly string[] = [],
): string[] {
  const found: string[] = [];
  const ownPatterns = mayDiffer.map((path) => path.split('/'));
  const walk = (path: readonly string[], one: unknown, other: unknown): void => {
    if (one === other || found.length >= DIFFERENCES_TOLD) return;
    if (ownPatterns.some((pattern) => isAt(pattern, path))) return;
    if (PERMITS.some(({ pattern, permit }) => isAt(pattern, path) && isPermitted(permit, one, other))) return;
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

/** A minute of throttled checkpoints repeats a step that often: after 1, 2, 4, 8, 16 and 32 s. */
const REPEATS_IN_A_MINUTE = 6;
const NO_EFFECT: ReadonlySet<FaultKind> = new Set([
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'lock-conflict',
  'died-before',
]);

/** Whether a write was carried out by the service, whatever its sender heard of it. */
export function tookEffect({ kind, fault, error }: LoggedRequest): boolean {
  if (kind !== 'write' || (fault !== undefined && NO_EFFECT.has(fault))) return false;
  return error === undefined || error === 'AbortError' || fault === 'reply-lost';
}

/** How often each mutating call took effect. */
export function effects(requests: readonly LoggedRequest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const request of requests)
    if (tookEffect(request)) counts.set(request.call, (counts.get(request.call) ?? 0) + 1);
  return counts;
}

/** Mutating calls that took effect more often than without faults, beyond the permitted surplus. `abreast`: targets that one run has side by side. */
export function surplus(
  without: ReadonlyMap<string, number>,
  withFaults: ReadonlyMap<string, number>,
  plan: FaultPlan,
  abreast = 1,
): string[] {
  const faults = plan.points.reduce(
    (sum, { kind }) => sum + (kind === 'throttled-for-a-minute' ? REPEATS_IN_A_MINUTE : 1),
    0,
  );
  // A ledger that is throttled for a minute is lost for the run that asks it then; one that grants everything keeps nobody apart.
  const isLost =
    plan.ledgerLost || plan.leasesGrantedToAll || plan.points.some(({ kind }) => kind === 'throttled-for-a-minute');
  return [...withFaults].flatMap(([call, count]) => {
    const permit = PERMITTED_SURPLUS.find((one) => one.call === call || one.call === `${call.split(':')[0] ?? ''}:*`);
    const usual = without.get(call) ?? 0;
    // Each of the events that nothing keeps apart may come twice.
    const again =
      (1 + (permit?.againPerDuplicate ?? 0) * plan.duplicates.length) *
        (1 + (isLost ? (permit?.againWithoutLedger ?? 0) : 0)) -
      1;
    const permitted = (permit?.perFault ?? 0) * faults * abreast + again * Math.max(usual, 1);
    return count <= usual + permitted
      ? []
      : [`${call} took effect ${count} times, ${usual} times without faults; permitted are ${permitted} more`];
  });
}
