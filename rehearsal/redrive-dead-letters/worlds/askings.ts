/** What people ask for in generated worlds of dead letters: all of a queue or some, by its name, ARN or URL; once, or again; and some of it damaged. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, REGION, type Arrival } from '../../worlds/case.ts';
import { chance, mostly, pickOf, sometimes } from '../../worlds/pieces.ts';
import { arnOf } from './letters.ts';

/** A request as it is drawn. */
export interface Asking {
  readonly seconds: number;
  readonly queue: number;
  readonly by: 'name' | 'arn' | 'url';
  readonly maxMessages: number | undefined;
  readonly perSecond: number | undefined;
  readonly filter: string | undefined;
  readonly maxAgeSeconds: number | undefined;
  readonly isDry: boolean;
  readonly damage: 'none' | 'no-target' | 'elsewhere' | 'unknown' | 'parameter' | 'filter' | 'number';
  /** Seconds after which the very same comes once more; absent: it does not. */
  readonly again: number | undefined;
}

export const anAsking: fc.Arbitrary<Asking> = fc.record({
  seconds: mostly(5, [15, 6], [10, 40], [10, 300], [10, 1_500]),
  queue: fc.nat(2),
  by: mostly<Asking['by']>('name', [15, 'arn'], [15, 'url']),
  maxMessages: sometimes(22, fc.constantFrom(1, 3, 5, 10, 25)),
  perSecond: sometimes(15, fc.constantFrom(1, 7, 100)),
  filter: sometimes(15, fc.constantFrom("body.tenant == 'red'", 'body.bad', 'ageSeconds > `7200`', 'body.fill.a.b')),
  maxAgeSeconds: sometimes(8, fc.constantFrom(120, 100_000)),
  isDry: chance(5),
  damage: mostly<Asking['damage']>(
    'none',
    [1, 'no-target'],
    [1, 'elsewhere'],
    [1, 'unknown'],
    [1, 'parameter'],
    [1, 'filter'],
    [1, 'number'],
  ),
  again: sometimes(25, fc.constantFrom(0, 1, 30, 600, 1_800)),
});

function targetOf({ by, damage }: Asking, name: string): string | undefined {
  if (damage === 'no-target') return undefined;
  if (damage === 'elsewhere') return `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
  if (damage === 'unknown') return 'there-is-no-such-queue';
  if (by === 'name') return name;
  return by === 'arn' ? arnOf(name) : `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;
}

function paramsOf({ maxMessages, perSecond, filter, maxAgeSeconds, damage }: Asking): Shape {
  const damaged: { readonly [kind: string]: Shape } = {
    parameter: { maxMesages: 3 },
    filter: { filter: 'body.[' },
    number: { maxMessages: 0 },
  };
  return {
    ...(maxMessages === undefined ? {} : { maxMessages }),
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(filter === undefined ? {} : { filter }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...damaged[damage],
  };
}

/** The request, as often as it comes. */
export function arrivalsOf(one: Asking, queues: readonly string[]): readonly Arrival[] {
  const target = targetOf(one, pickOf(queues, one.queue) ?? '');
  const event = {
    runbook: 'redrive-dead-letters',
    ...(target === undefined ? {} : { target }),
    params: paramsOf(one),
    reason: 'generated',
    requestedBy: 'mara',
    ...(one.isDry ? { dryRun: true } : {}),
  };
  const seconds = one.again === undefined ? [one.seconds] : [one.seconds, one.seconds + one.again];
  return seconds.map((at) => ({ seconds: at, event }));
}
