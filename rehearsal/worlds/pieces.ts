/** Small pieces that the generators of worlds are put together from: texts that nobody expects, chances, moments. */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import type { Happening } from './case.ts';

export type Tag = { readonly Key: string; readonly Value: string };

export const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;
const VPC = 'vpc-0aa';

/** The zone of a number, whatever number. */
export function zoneAt(index: number): string {
  return pick(ZONES, index);
}

/** The element at an index of any size: shrinking a list must not make the rest of a world meaningless. */
function pick<T>(list: readonly [T, ...T[]], index: number): T {
  return list[index % list.length] ?? list[0];
}

/** The element at an index of any size, of a list that may be empty. */
export function pickOf<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}

export function subnetOf(zone: string): string {
  return `subnet-0${zone.slice(-1)}`;
}

/** A subnet in each zone. */
export const SUBNETS: readonly Shape[] = ZONES.map((zone, index) => ({
  SubnetId: subnetOf(zone),
  AvailabilityZone: zone,
  VpcId: VPC,
  CidrBlock: `10.0.${index}.0/24`,
}));

/** Values of tags that nobody expects: AWS takes them all. */
export const oddText: fc.Arbitrary<string> = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '007',
  '99999999999999999999',
  'NaN',
  'None',
  'required ',
  '"quoted"',
  "it's",
  '$(touch pwned)',
  '`id`',
  '; reboot #',
  'zürich',
  '健康',
  '🦊',
  '\u202Etxt.exe',
  '\u001B[31mred',
  'a'.repeat(256),
  '__proto__',
  'null',
  '[]',
  '../..',
);

/** What is usual comes first in each choice, and a world shrinks towards what is usual. */
export const TOWARDS_THE_FIRST = { withCrossShrink: true } as const;

/** `arbitrary` in so many of a hundred worlds, else nothing. */
export function sometimes<T>(percent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary });
}

/** True in so many of a hundred worlds; shrinks to false. */
export function chance(percent: number): fc.Arbitrary<boolean> {
  return sometimes(percent, fc.constant(true)).map((is) => is === true);
}

/** Mostly the first. Each further one as often as its weight says, of a hundred. Shrinks to the first. */
export function mostly<T>(usual: T, ...others: readonly (readonly [percent: number, value: T])[]): fc.Arbitrary<T> {
  const rest = others.reduce((sum, [percent]) => sum + percent, 0);
  return fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: Math.max(1, 100 - rest), arbitrary: fc.constant(usual) },
    ...others.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })),
  );
}

/** A tag's value: one that means something, or in so many of a hundred one that does not. */
export function oddly(percent: number, ...values: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 100 - percent, arbitrary: fc.constantFrom(...values) },
    { weight: percent, arbitrary: oddText },
  );
}

/** A tag, where there is a value. */
export function tag(key: string, value: string | undefined): readonly Tag[] {
  return value === undefined ? [] : [{ Key: key, Value: value }];
}

/** A moment at which several things happen: at once, or a few seconds after each other. */
export interface Moment<Thing> {
  readonly seconds: number;
  readonly things: readonly { readonly thing: Thing; readonly lag: number }[];
}

/**
 * Moments within so many seconds from the beginning, with one to `most` things each. What flaps is the same thing at
 * several moments; what dies together is several things at one.
 */
export function moments<Thing>(
  thing: fc.Arbitrary<Thing>,
  { within, count, most }: { readonly within: number; readonly count: number; readonly most: number },
): fc.Arbitrary<readonly Moment<Thing>[]> {
  const lag = fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.integer({ min: 10, max: 90 }) },
  );
  const seconds = fc.integer({ min: 1, max: within });
  const things = fc.array(fc.record({ thing, lag }), { minLength: 1, maxLength: most });
  return fc.array(fc.record({ seconds, things }), { maxLength: count });
}

/** The things of all moments as steps of a script; a thing that this world has no use for makes none. */
export function happenings<Thing>(
  all: readonly Moment<Thing>[],
  setOf: (thing: Thing) => Happening['set'] | undefined,
): readonly Happening[] {
  return all.flatMap(({ seconds, things }) =>
    things.flatMap(({ thing, lag }) => {
      const set = setOf(thing);
      return set === undefined ? [] : [{ seconds: seconds + lag, set }];
    }),
  );
}

/** A time so many seconds before worlds begin, or after. */
export function timeAt(beginMs: number, seconds: number): string {
  return new Date(beginMs + seconds * 1_000).toISOString();
}

/** How far from what others draw next: they draw less than that. */
const APART = 500;

/** Draws beside all others: what is drawn after it is what it would be without it, so that worlds stay as they were when something is added to them. */
class Aside<T> extends fc.Arbitrary<T> {
  readonly #inner: fc.Arbitrary<T>;

  constructor(inner: fc.Arbitrary<T>) {
    super();
    this.#inner = inner;
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<T> {
    const own = random.clone();
    for (let drawn = 0; drawn < APART; drawn += 1) own.nextInt();
    return this.#inner.generate(own, bias);
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#inner.canShrinkWithoutContext(value);
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return this.#inner.shrink(value, context);
  }
}

/** The same, drawn so that whatever is drawn besides stays as it was. */
export function aside<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return new Aside(arbitrary);
}
