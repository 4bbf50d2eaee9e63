/** What people ask for in generated worlds of fleets: a look, a plan, or the end of a gang; some of it about nothing. */

import * as fc from 'fast-check';
import type { Arrival } from '../../worlds/case.ts';
import { chance, mostly, pickOf, sometimes } from '../../worlds/pieces.ts';
import type { Fleet } from './fleets.ts';
import type { Gang } from './gangs.ts';

const anAsking = fc.record({
  seconds: fc.integer({ min: 1, max: 2_400 }),
  which: fc.nat(5),
  by: mostly<'name' | 'id' | 'none'>('name', [30, 'id'], [10, 'none']),
  action: mostly<'scale' | 'end'>('end', [40, 'scale']),
  isUnknown: chance(15),
  isDry: chance(20),
});

type Asking = typeof anAsking extends fc.Arbitrary<infer A> ? A : never;

export const askings: fc.Arbitrary<readonly Asking[]> = sometimes(
  25,
  fc.array(anAsking, { minLength: 1, maxLength: 3 }),
).map((some) => some ?? []);

const NO_GANG = 'f'.repeat(32);

/** The requests of people. */
export function arrivalsOf(
  all: readonly Asking[],
  fleets: readonly Fleet[],
  gangs: readonly Gang[],
): readonly Arrival[] {
  return all.flatMap(({ seconds, which, by, action, isUnknown, isDry }): readonly Arrival[] => {
    const gang = pickOf(gangs, which);
    const fleet = action === 'end' ? (gang?.fleet ?? pickOf(fleets, which)) : pickOf(fleets, which);
    if (fleet === undefined) return [];
    const named = by === 'id' ? fleet.templateId : `fleet-${fleet.letter}`;
    const params = action === 'end' ? { action, gang: isUnknown || gang === undefined ? NO_GANG : gang.id } : {};
    const event = {
      runbook: 'scale-hpc-fleet',
      ...(by === 'none' ? {} : { target: named }),
      params,
      reason: 'generated',
      requestedBy: 'mara',
      ...(isDry ? { dryRun: true } : {}),
    };
    return [{ seconds, event }];
  });
}
