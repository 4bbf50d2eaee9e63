/** Draws worlds: of one runbook or of several at once, always the same for the same seed and path. */

import * as fc from 'fast-check';
import { BadInputError } from '../../shared/kernel/errors.ts';
import type { FaultPoint } from '../../simulator/engine/run-types.ts';
import { caseOf, type Case, type Part, type Surroundings } from './case.ts';
import { chance, mostly, sometimes } from './pieces.ts';

/** A runbook with the arbitrary that makes its part of a world. */
export interface Maker {
  readonly runbook: string;
  readonly parts: fc.Arbitrary<Part>;
  /** Runbooks that it is not tried without; absent: none. */
  readonly also?: readonly string[];
  /** Its worlds take hours, and share nothing with those of others: it is in none of the worlds of all at once. */
  readonly isAlone?: boolean;
}

/** A world, and which runbooks are deployed in it. */
export interface Drawn {
  readonly case: Case;
  readonly runbooks: readonly string[];
}

type Named = { readonly runbooks: readonly string[]; readonly part: Part };

/** AWS has a bad minute: requests are refused and nothing of them happens. What is lost half-way the explorer tries. */
const aFault: fc.Arbitrary<FaultPoint> = fc.record({
  request: fc.nat(150),
  kind: mostly<FaultPoint['kind']>('throttled', [60, 'throttled-for-a-minute'], [15, 'failed-before']),
});

const surroundings: fc.Arbitrary<Surroundings> = fc.record({
  seed: fc.nat(9_999),
  shared: chance(40),
  ledgerLost: chance(4),
  switched: fc
    .record({ is: chance(6), from: fc.integer({ min: 10, max: 300 }), lasts: mostly(60, [50, 200]) })
    .map(({ is, from, lasts }) => (is ? [{ fromSeconds: from, untilSeconds: from + lasts }] : [])),
  faults: sometimes(15, fc.array(aFault, { minLength: 1, maxLength: 4 })).map((some) => some ?? []),
});

function named({ runbook, parts, also = [] }: Maker): fc.Arbitrary<Named> {
  return parts.map((part) => ({ runbooks: [runbook, ...also], part }));
}

/** One runbook's world mostly; the worlds of all at once, but of those that are tried alone, as often as that of any one. */
function partsOf(makers: readonly Maker[]): fc.Arbitrary<readonly Named[]> {
  const alone = makers.map((maker) => named(maker).map((one): readonly Named[] => [one]));
  const [only] = alone;
  if (only !== undefined && alone.length === 1) return only;
  const together = makers.filter(({ isAlone }) => isAlone !== true);
  return fc.oneof(...alone, fc.tuple(...together.map(named)));
}

/** Worlds with these runbooks. */
export function worldsOf(makers: readonly Maker[]): fc.Arbitrary<Drawn> {
  return fc.record({ parts: partsOf(makers), surroundings }).map(({ parts, surroundings: around }) => ({
    case: caseOf(
      parts.map(({ part }) => part),
      around,
    ),
    runbooks: parts.flatMap(({ runbooks }) => runbooks),
  }));
}

/** Worlds drawn from one seed of fast-check: enough to spread the rest over threads, few enough that none waits long. */
export const BATCH = 20;

/** Names one world of a run, drawn or shrunk: which batch of the run's seed, and the path of fast-check in it. */
export interface Spot {
  readonly batch: number;
  readonly path: string;
}

/** `3/12:0:1`: batch 3, world 12, shrunk twice. */
export function formatSpot({ batch, path }: Spot): string {
  return `${batch}/${path}`;
}

/**
 * Reads what `formatSpot` wrote.
 * @throws BadInputError when it is something else
 */
export function parseSpot(text: string): Spot {
  const [, batch, path] = /^(\d{1,6})\/(\d{1,6}(?::\d{1,6})*)$/u.exec(text) ?? [];
  if (batch === undefined || path === undefined)
    throw new BadInputError('--replay', `${JSON.stringify(text)} names no world: expected BATCH/PATH such as 3/12:0:1`);
  return { batch: Number(batch), path };
}

/** The seed of a batch: far from those of its neighbours, and that of the first batch is the run's own. */
export function seedOf(seed: number, batch: number): number {
  return batch === 0 ? seed | 0 : (seed ^ Math.imul(batch, 0x9e37_79b1)) | 0;
}

/** The worlds of one batch. */
export function batchOf(arbitrary: fc.Arbitrary<Drawn>, seed: number, batch: number, count: number): readonly Drawn[] {
  return fc.sample(arbitrary, { seed: seedOf(seed, batch), numRuns: count });
}

/**
 * The world at one spot.
 * @throws BadInputError when there is none: the generators have changed since the spot was printed
 */
export function drawnAt(arbitrary: fc.Arbitrary<Drawn>, seed: number, spot: Spot): Drawn {
  const [drawn] = fc.sample(arbitrary, { seed: seedOf(seed, spot.batch), path: spot.path, numRuns: 1 });
  if (drawn === undefined)
    throw new BadInputError('--replay', `there is no world ${formatSpot(spot)} of seed ${seed} any more`);
  return drawn;
}

/**
 * The smallest world near one that is wrong which is still wrong in the same way.
 * @param isWrong asked about smaller and smaller worlds, one after the other, until it says that it has had enough
 */
export async function shrunk(
  arbitrary: fc.Arbitrary<Drawn>,
  { seed, spot }: { readonly seed: number; readonly spot: Spot },
  isWrong: (drawn: Drawn) => Promise<boolean | 'enough'>,
): Promise<Spot> {
  let isOver = false;
  const property = fc.asyncProperty(arbitrary, async (drawn) => {
    const answer = isOver ? 'enough' : await isWrong(drawn);
    isOver = answer === 'enough';
    return answer !== true;
  });
  const details = await fc.check(property, { seed: seedOf(seed, spot.batch), path: spot.path, numRuns: 1 });
  return { batch: spot.batch, path: details.counterexamplePath ?? spot.path };
}
