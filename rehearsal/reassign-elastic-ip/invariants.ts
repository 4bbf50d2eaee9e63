/**
 * What must hold of movable addresses at every moment of a rehearsal, whatever goes wrong.
 *
 * The watchers do not ask the runbook, only the world: its tags say what may be moved, its records what is good.
 */

import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { find, records, text } from '../../simulator/services/ec2/state.ts';
import { tagOf, tagsOf } from '../records.ts';
import { answersItsProbe, flawOf, isAlarmed, stateOf } from './holders.ts';
import { addresses, holderOf, nameOf, newMoves, overMoves, pastOf, VIP } from './moves.ts';

/**
 * Two moves of an address closer than this are a fight: the runbook's own cool-down of 300 s, which counts from the booking
 * of a move, less the minute that a throttled call may take from there to its effect. Going back once is not counted.
 */
const FIGHT_SECONDS = 240;
/** Within this time an address may come to the same instance once. The reference window of "failovers per hour". */
const FLAP_SECONDS = 3_600;
/** The tags that the runbook writes on instances and addresses; all others belong to people. */
const STATUS_TAGS: ReadonlySet<string> = new Set(['runbook:moved-at', 'runbook:moves', 'runbook:quarantined']);

const neverTakenFromAGoodHolder = overMoves(
  'address-never-taken-from-a-good-holder',
  (world, address, { from, to }) => {
    if (from === undefined) return undefined;
    const isWell =
      flawOf(world, from) === undefined && !isAlarmed(world, from) && answersItsProbe(world, address, from);
    return isWell
      ? `${nameOf(address)} was taken from ${from}, which is running and well, and given to ${to}`
      : undefined;
  },
);

const onlyToAGoodInstance = overMoves('address-only-to-a-good-instance', (world, address, { to }) => {
  const wanted = tagOf(address, VIP);
  const isCandidate = tagOf(find(world, 'Instances', to), VIP) === wanted;
  const flaw = flawOf(world, to) ?? (isCandidate ? undefined : `${to} does not carry ${VIP} = ${wanted ?? ''}`);
  return flaw === undefined ? undefined : `${nameOf(address)} was given away although ${flaw}`;
});

const neverTwoMovesWithinCooldown = overMoves('never-two-moves-within-cooldown', (_world, address, move, earlier) => {
  const last = earlier.at(-1);
  if (last === undefined || move.at - last.at >= FIGHT_SECONDS * 1_000) return undefined;
  // Going back to where it came from is the one second move an incident may have.
  if (move.to === last.from && earlier.length === 1) return undefined;
  return `${nameOf(address)} moved to ${last.to} and ${Math.round((move.at - last.at) / 1_000)} s later to ${move.to}`;
});

const noFlapping = overMoves('no-flapping', (_world, address, move, earlier) => {
  const since = move.at - FLAP_SECONDS * 1_000;
  const before = earlier.find(({ at, to }) => to === move.to && at >= since);
  return before === undefined ? undefined : `${nameOf(address)} came to ${move.to} twice within ${FLAP_SECONDS} s`;
});

const LEAVES_BY_ITSELF: ReadonlySet<string> = new Set(['shutting-down', 'terminated', 'absent']);

/** A terminated instance loses its address by EC2's own doing; any other loses it by ours. */
const neverDisassociated: Watcher = {
  name: 'address-never-disassociated',
  check: (world, memory) => {
    const { holders } = pastOf(memory);
    let fault: string | undefined;
    for (const address of addresses(world)) {
      const id = text(address, 'AllocationId') ?? '';
      const before = holders.get(id);
      const now = holderOf(world, address);
      holders.set(id, now);
      const isOnSomething = now !== undefined || text(address, 'AssociationId') !== undefined;
      if (before === undefined || isOnSomething) continue;
      const state = stateOf(world, before);
      if (!LEAVES_BY_ITSELF.has(state))
        fault ??= `${nameOf(address)} is on nobody; it was on ${before}, which is ${state}`;
    }
    return fault;
  },
};

/** The private address that an address is on, as one word. */
function placeOf(address: Shape): string | undefined {
  const eni = text(address, 'NetworkInterfaceId');
  return eni === undefined ? undefined : `${eni}/${text(address, 'PrivateIpAddress') ?? ''}`;
}

/** Who was where at the last look, by place. */
class Tenants {
  names: ReadonlyMap<string, string> = new Map();
}

function tenantsIn(memory: { [key: string]: unknown }): Tenants {
  const known = memory['tenants'];
  if (known instanceof Tenants) return known;
  const fresh = new Tenants();
  memory['tenants'] = fresh;
  return fresh;
}

/** EC2 takes the address that is on a private address off without a word when another one is put there. */
const noAddressDisplaced: Watcher = {
  name: 'no-address-displaced',
  check: (world, memory) => {
    const tenants = tenantsIn(memory);
    const before = tenants.names;
    const now = new Map<string, string>();
    let fault: string | undefined;
    for (const address of records(world, 'Addresses')) {
      const place = placeOf(address);
      if (place === undefined) continue;
      const name = nameOf(address);
      now.set(place, name);
      const other = before.get(place);
      if (other !== undefined && other !== name) fault ??= `${name} took ${place} from ${other}`;
    }
    tenants.names = now;
    return fault;
  },
};

/** What of a record the runbook may not change: all of a stranger, the people's tags of our own. */
function guarded(record: Shape, isOurs: boolean): string {
  const tags = tagsOf(record).filter(({ key }) => !isOurs || !STATUS_TAGS.has(key));
  const place = isOurs ? '' : (text(record, 'AssociationId') ?? '');
  return JSON.stringify([place, tags.map(({ key, value }) => `${key}=${value}`).toSorted()]);
}

/** The guarded parts at the last look, by the record's id. */
class Guarded {
  readonly parts = new Map<string, string>();
}

function guardedIn(memory: { [key: string]: unknown }): Guarded {
  const known = memory['guarded'];
  if (known instanceof Guarded) return known;
  const fresh = new Guarded();
  memory['guarded'] = fresh;
  return fresh;
}

/** The first record, of those wanted, whose guarded part changed since the last look. */
function changedRecord(
  world: World,
  memory: { [key: string]: unknown },
  wanted: (isOurs: boolean) => boolean,
): string | undefined {
  const { parts } = guardedIn(memory);
  const watched = [
    ...records(world, 'Instances').map((record) => ({ record, id: text(record, 'InstanceId') ?? '' })),
    ...records(world, 'Addresses').map((record) => ({ record, id: text(record, 'AllocationId') ?? '' })),
  ];
  let fault: string | undefined;
  for (const { record, id } of watched) {
    const isOurs = tagOf(record, VIP) !== undefined;
    const before = parts.get(id);
    const now = guarded(record, isOurs);
    parts.set(id, now);
    if (before !== undefined && before !== now && wanted(isOurs)) fault ??= `${id} changed from ${before} to ${now}`;
  }
  return fault;
}

function strangerWithAddress(world: World): string | undefined {
  for (const address of addresses(world)) {
    const holder = holderOf(world, address);
    const instance = find(world, 'Instances', holder);
    // A number is a move made; "3 to i-…" only announces one.
    const isMoved = /^\d+$/u.test(tagOf(address, 'runbook:moves') ?? '');
    if (instance !== undefined && tagOf(instance, VIP) === undefined && isMoved) {
      return `${nameOf(address)} was moved to ${holder ?? ''}, which does not carry ${VIP}`;
    }
  }
  return undefined;
}

/** Instances and addresses without `runbook:vip`: their tags and places stay. For drills whose script does not touch them. */
const noForeignInstanceTouched: Watcher = {
  name: 'no-foreign-instance-touched',
  check: (world, memory) => changedRecord(world, memory, (isOurs) => !isOurs) ?? strangerWithAddress(world),
};

/** Tags that people set stay as they set them. For drills whose script does not retag. */
const configurationTagsUntouched: Watcher = {
  name: 'configuration-tags-untouched',
  check: (world, memory) => changedRecord(world, memory, () => true),
};

const DOWN: ReadonlySet<string> = new Set(['stopped', 'terminated', 'absent']);

/** One that is ended after it was stopped is shutting down without running. `downBefore`: those that were down at the last look. */
function isDown(world: World, instanceId: string, downBefore: ReadonlySet<string>): boolean {
  const state = stateOf(world, instanceId);
  return DOWN.has(state) || (state === 'shutting-down' && downBefore.has(instanceId));
}

/** Where people demand a fence (`runbook:fence = required`), only a holder that is down loses its address. */
const movedOnlyAfterTheFence: Watcher = {
  name: 'moved-only-after-the-fence',
  check: (world, memory) => {
    const known = memory['down'];
    const downBefore = new Set(known instanceof Set ? [...known].map(String) : []);
    const ids = records(world, 'Instances').flatMap(({ InstanceId: id }) => (typeof id === 'string' ? [id] : []));
    memory['down'] = new Set(ids.filter((id) => isDown(world, id, downBefore)));
    const early = newMoves(world, pastOf(memory)).find(
      ({ address, move: { from } }) =>
        from !== undefined && tagOf(address, 'runbook:fence') === 'required' && !isDown(world, from, downBefore),
    );
    if (early === undefined) return undefined;
    const { from, to } = early.move;
    return `${nameOf(early.address)} demands a fence and went to ${to} while ${from} was ${stateOf(world, from)}`;
  },
};

/** For drills in which nothing may move. */
const addressStays = overMoves(
  'address-stays',
  (_world, address, { from, to }) => `${nameOf(address)} moved from ${from ?? 'nobody'} to ${to}`,
);

/** The invariants of movable addresses. */
export const INVARIANTS: readonly Watcher[] = [
  neverTakenFromAGoodHolder,
  onlyToAGoodInstance,
  neverDisassociated,
  noAddressDisplaced,
  neverTwoMovesWithinCooldown,
  noFlapping,
  noForeignInstanceTouched,
  configurationTagsUntouched,
  movedOnlyAfterTheFence,
  addressStays,
];
