/** What people have at stake while an address is not served: that it will be, and that they are told. */

import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import { text } from '../../../simulator/services/ec2/state.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { tagOf } from '../../records.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { Since } from '../../worlds/since.ts';
import { addresses, nameOf } from '../moves.ts';
import { idleFor, isReadable, kindHeld, plightOf, USUAL } from '../places.ts';

/**
 * An address that could be served is served within this: a tick is a minute away at most, its run may verify another
 * address for a minute, and a look that came a moment too early is made again at the next tick.
 */
const SERVED_SECONDS = 180;
/** Since the last move, before an address moves again; without the ledger its own tags allow a move in 900 s. */
const COOLDOWN_SECONDS = 300;
const UNLEDGERED_SECONDS = 900;
const MOVES_AN_HOUR = 4;
const HOUR_MS = 3_600_000;
/** Where an address is, the ledger remembers once a tick has seen it there: each minute, and its run takes some seconds. */
const REMEMBERED_MS = 75_000;

function idOf(address: Shape): string {
  return text(address, 'AllocationId') ?? '';
}

/** Times of the moves that the ledger remembers of an address from before, milliseconds. */
function bookedMoves({ case: { world } }: Given, address: Shape): readonly number[] {
  const ledger = world['ledger'];
  const resources: readonly unknown[] =
    isRecord(ledger) && Array.isArray(ledger['resources']) ? ledger['resources'] : [];
  return resources.filter(isRecord).flatMap((one) => {
    const history = one['history'];
    if (!String(one['resource']).endsWith(`/${idOf(address)}`) || !isRecord(history)) return [];
    const actions: readonly unknown[] = Array.isArray(history['actions']) ? history['actions'] : [];
    return actions.map((at) => Date.parse(String(at)));
  });
}

/** From when on the address may move again, by the limits that the page gives, milliseconds. */
function mayMoveFrom(address: Shape, given: Given): number {
  const movedAtMs = Date.parse(tagOf(address, 'runbook:moved-at') ?? '');
  const known = [...bookedMoves(given, address), ...(Number.isNaN(movedAtMs) ? [] : [movedAtMs])];
  const [last, ...earlier] = known.toSorted((a, b) => b - a);
  if (last === undefined) return 0;
  const pause = given.case.surroundings.ledgerLost ? UNLEDGERED_SECONDS : COOLDOWN_SECONDS;
  const firstOfWindow = earlier[MOVES_AN_HOUR - 2] ?? -Infinity;
  return Math.max(last + pause * 1_000, firstOfWindow + HOUR_MS);
}

/**
 * The kind of place that each address was on last: one that is on nobody is not served just anywhere. Of one that was taken off
 * before a tick saw it there, or whose ledger is lost, nobody can know it, and nothing is promised.
 */
class Kinds {
  readonly #isLedgerLost: boolean;
  readonly #held = new Map<string, { readonly kind: string; readonly sinceMs: number; lastMs: number }>();

  constructor({ case: { surroundings } }: Given) {
    this.#isLedgerLost = surroundings.ledgerLost;
  }

  look(world: World): void {
    const now = world.clock.now();
    for (const address of addresses(world)) {
      const kind = kindHeld(world, address);
      if (kind === undefined) continue;
      const known = this.#held.get(idOf(address));
      if (known?.kind === kind) known.lastMs = now;
      else this.#held.set(idOf(address), { kind, sinceMs: now, lastMs: now });
    }
  }

  of(world: World, address: Shape): string | undefined {
    const held = this.#held.get(idOf(address));
    if (held === undefined) return USUAL;
    if (kindHeld(world, address) !== undefined) return held.kind;
    return this.#isLedgerLost || held.lastMs - held.sinceMs < REMEMBERED_MS ? undefined : held.kind;
  }
}

/** The idle candidates of each address that is in a plight, as long as nothing else keeps it from being moved. */
function neglected(world: World, kinds: Kinds): readonly string[] {
  return addresses(world).flatMap((address) => {
    if (!isReadable(address) || tagOf(address, 'runbook:fence') === 'required') return [];
    if (plightOf(world, address) === undefined) return [];
    const kind = kinds.of(world, address);
    return kind === undefined ? [] : idleFor(world, address, kind).map((standby) => `${idOf(address)} ${standby}`);
  });
}

const served: Interest = {
  name: 'served-while-a-good-candidate-stands-idle',
  quotes: 'Keeps an Elastic IP tagged `runbook:vip = NAME` on a good instance tagged with the same name',
  watch: (given) => {
    const idle = new Since();
    const patience = given.allowing(SERVED_SECONDS);
    const kinds = new Kinds(given);
    return (world) => {
      const now = world.clock.now();
      kinds.look(world);
      idle.look(given.isSwitchedOff(now) ? [] : neglected(world, kinds), now);
      for (const [key, since] of idle.all()) {
        if (now - since < patience * 1_000) continue;
        const [id = '', standby = ''] = key.split(' ');
        const address = addresses(world).find((each) => idOf(each) === id);
        if (address === undefined || now - mayMoveFrom(address, given) < patience * 1_000) continue;
        return `${nameOf(address)} ${plightOf(world, address) ?? ''} while ${standby} stands idle and good for ${patience} s`;
      }
      return undefined;
    };
  },
};

const TELLING: ReadonlySet<string> = new Set(['refused', 'waiting', 'failed', 'done', 'awaiting-approval']);

function isTold(told: readonly RunResult[], id: string): boolean {
  return told.some(({ target, outcome }) => TELLING.has(outcome) && target?.endsWith(`/${id}`) === true);
}

const told: Interest = {
  name: 'no-plight-without-a-word',
  quotes: 'it names holder, candidates and what is held against each',
  watch: (given) => {
    const plight = new Since();
    const patience = given.allowing(SERVED_SECONDS);
    /** How many outcomes had been told when the plight began. */
    const toldBefore = new Map<string, number>();
    return (world, outcomes) => {
      const now = world.clock.now();
      const bad = addresses(world).filter((address) => plightOf(world, address) !== undefined);
      plight.look(bad.map(idOf), now);
      for (const id of toldBefore.keys()) if (plight.of(id) === undefined) toldBefore.delete(id);
      for (const address of bad) {
        const id = idOf(address);
        const before = toldBefore.get(id) ?? outcomes.length;
        toldBefore.set(id, before);
        if (!plight.hasHeld(id, patience, now) || isTold(outcomes.slice(before), id)) continue;
        return `${nameOf(address)} ${plightOf(world, address) ?? ''} for ${patience} s, and no outcome tells of it`;
      }
      return undefined;
    };
  },
};

/** What is at stake while an address is not served. */
export const OF_SERVICE: readonly Interest[] = [served, told];
