/** The addresses that may be moved, who holds them, and how watchers notice that one has moved. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { find, part, records, text } from '../../simulator/services/ec2/state.ts';
import { tagOf } from '../records.ts';

/** The tag by which people say that an address may be moved, and among which instances. */
export const VIP = 'runbook:vip';

/** A move of an address from one holder to another. */
export interface Move {
  readonly at: number;
  readonly from: string | undefined;
  readonly to: string;
}

/** A move that was noticed at this look, with those noticed of the same address before. */
export interface NewMove {
  readonly address: Shape;
  readonly move: Move;
  readonly earlier: readonly Move[];
}

/** What a watcher remembers of the moments before. One for each watcher. */
export class Past {
  readonly holders = new Map<string, string | undefined>();
  readonly moves = new Map<string, readonly Move[]>();
}

/** The past of the watcher whose memory it is. */
export function pastOf(memory: { [key: string]: unknown }): Past {
  const known = memory['past'];
  if (known instanceof Past) return known;
  const fresh = new Past();
  memory['past'] = fresh;
  return fresh;
}

/** The addresses that people let be moved. */
export function addresses(world: World): readonly Shape[] {
  return records(world, 'Addresses').filter((address) => tagOf(address, VIP) !== undefined);
}

/** An address as people know it. */
export function nameOf(address: Shape): string {
  return text(address, 'PublicIp') ?? text(address, 'AllocationId') ?? 'an address';
}

/** The instance an address is on; `undefined`: nobody, or an interface without one. */
export function holderOf(world: World, address: Shape): string | undefined {
  const eni = find(world, 'NetworkInterfaces', text(address, 'NetworkInterfaceId'));
  return text(address, 'InstanceId') ?? text(part(eni, 'Attachment'), 'InstanceId');
}

/** Notices the moves since the last look; called once a look by each watcher that needs them. */
export function newMoves(world: World, past: Past): readonly NewMove[] {
  const found: NewMove[] = [];
  for (const address of addresses(world)) {
    const id = text(address, 'AllocationId') ?? '';
    const to = holderOf(world, address);
    const isFirstLook = !past.holders.has(id);
    const from = past.holders.get(id);
    past.holders.set(id, to);
    if (isFirstLook || to === undefined || to === from) continue;
    const earlier = past.moves.get(id) ?? [];
    const move: Move = { at: world.clock.now(), from, to };
    past.moves.set(id, [...earlier, move]);
    found.push({ address, move, earlier });
  }
  return found;
}

/** A watcher over moves: says what is wrong with one, or nothing. */
export function overMoves(
  name: string,
  judge: (world: World, address: Shape, move: Move, earlier: readonly Move[]) => string | undefined,
): Watcher {
  return {
    name,
    check: (world, memory) => {
      const moves = newMoves(world, pastOf(memory));
      const faults = moves.map(({ address, move, earlier }) => judge(world, address, move, earlier));
      return faults.find((fault) => fault !== undefined);
    },
  };
}
