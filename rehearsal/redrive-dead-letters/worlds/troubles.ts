/** What goes wrong meanwhile in generated worlds of dead letters: requests of every kind of fault, letters that fail anew, tags that people change. */

import * as fc from 'fast-check';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import type { Happening } from '../../worlds/case.ts';
import { mostly, moments, pickOf, sometimes, type Moment } from '../../worlds/pieces.ts';

const aFault: fc.Arbitrary<FaultPoint> = fc.record({
  request: fc.integer({ min: 10, max: 250 }),
  kind: mostly<FaultPoint['kind']>(
    'reply-lost',
    [12, 'throttled'],
    [6, 'throttled-for-a-minute'],
    [10, 'failed-before'],
    [15, 'refused'],
    [15, 'entry-failed'],
    [8, 'died-before'],
    [8, 'died-after'],
  ),
});

/** Faults of single requests, in a quarter of the worlds. */
export const faults: fc.Arbitrary<readonly FaultPoint[]> = sometimes(
  25,
  fc.array(aFault, { minLength: 1, maxLength: 5 }),
).map((some) => some ?? []);

/** Something that people or senders do. */
interface Trouble {
  readonly kind: 'sent' | 'untagged' | 'parking-named';
  readonly queue: number;
}

const aTrouble: fc.Arbitrary<Trouble> = fc.record({
  kind: mostly<Trouble['kind']>('sent', [12, 'untagged'], [8, 'parking-named']),
  queue: fc.nat(5),
});

export const troubles: fc.Arbitrary<readonly Moment<Trouble>[]> = sometimes(
  25,
  moments(aTrouble, { within: 900, count: 3, most: 3 }),
).map((some) => some ?? []);

/** Which queues there are that something may happen to. */
interface Account {
  readonly graveyards: readonly string[];
  readonly sources: readonly string[];
}

/** As steps of a script. What is sent to a source has a body of its own, and may fail there as any other. */
export function happeningsOf(all: readonly Moment<Trouble>[], { graveyards, sources }: Account): readonly Happening[] {
  return all.flatMap(({ seconds, things }, moment) =>
    things.flatMap(({ thing: { kind, queue }, lag }, index): readonly Happening[] => {
      const source = pickOf(sources, queue);
      const graveyard = pickOf(graveyards, queue);
      if (source === undefined || graveyard === undefined) return [];
      const at = { seconds: seconds + lag };
      if (kind === 'untagged') return [{ ...at, set: { [`sqs/Queues/${graveyard}/Tags/runbook:redrive`]: null } }];
      if (kind === 'parking-named')
        return [{ ...at, set: { [`sqs/Queues/${graveyard}/Tags/runbook:parking`]: 'named-too-late' } }];
      const Body = JSON.stringify({ fresh: `${moment}-${index}`, bad: queue % 2 === 0 });
      const message = source.endsWith('.fifo') ? { Body, Attributes: { MessageGroupId: 'g0' } } : { Body };
      return [{ ...at, set: { [`sqs/Queues/${source}/Messages/+`]: message } }];
    }),
  );
}
