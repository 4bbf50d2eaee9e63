/** Builders for the tests with several addresses of one name. */

import { decide, type AddressFacts, type Facts, type Machine } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { address, facts, IMPAIRED, LIMITS, machine, NOW, slot } from './elastic-ip-facts.ts';

/** Address number `n` on the first interface of `letter`; on nobody without one. */
export function elastic(n: number, letter?: string, change: Partial<AddressFacts> = {}): AddressFacts {
  const association =
    letter === undefined
      ? null
      : { instanceId: `i-${letter}`, interfaceId: `eni-${letter}`, privateIp: `10.0.${letter.charCodeAt(0)}.5` };
  return address({ allocationId: `eipalloc-${n}`, publicIp: `203.0.113.${n}`, association, ...change });
}

/** As EC2 shows an instance that holds an address. */
export function holding(letter: string, publicIp: string, change: Partial<Machine> = {}): Machine {
  return machine(letter, {
    slots: [slot(`eni-${letter}`, `10.0.${letter.charCodeAt(0)}.5`, { elasticIp: publicIp })],
    ...change,
  });
}

/** A standby with a primary and further secondary addresses. */
export function roomy(letter: string, count: number, change: Partial<Machine> = {}): Machine {
  const slots = Array.from({ length: count }, (_none, index) =>
    slot(`eni-${letter}`, `10.0.${letter.charCodeAt(0)}.${5 + index}`, {
      isPrimary: index === 0,
      ordinal: Math.max(0, index - 1),
    }),
  );
  return machine(letter, { slots, ...change });
}

/** What was seen of a name with several addresses. */
export interface World extends Partial<Facts> {
  readonly siblings: readonly AddressFacts[];
  readonly instances: readonly Machine[];
}

/** What is decided about address number `n`. */
export function decideFor(n: number, world: World, change: Partial<Facts> = {}): Decision {
  const own = world.siblings.find(({ allocationId }) => allocationId === `eipalloc-${n}`);
  if (own === undefined) throw new Error(`there is no address ${n}`);
  return decide(facts({ ...world, address: own, ...change }), LIMITS, NOW);
}

/** Where a decision brings its address, or what it says instead. */
export function placeIn(decision: Decision): string {
  return decision.kind === 'act' ? (decision.intent.split(' ').at(-1) ?? '') : `${decision.kind} ${decision.code}`;
}

/** Where each address goes, each decided by itself. */
export function placesOf(world: World, change: Partial<Facts> = {}): readonly string[] {
  return world.siblings.map((_each, index) => placeIn(decideFor(index + 1, world, change)));
}

/** A holder of address `n` that is bad. */
export function bad(letter: string, n: number): Machine {
  return holding(letter, `203.0.113.${n}`, { checks: IMPAIRED });
}
