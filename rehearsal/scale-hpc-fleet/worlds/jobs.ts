/** Generated jobs of a fleet: what waits at first, what comes later, who does it, and how SQS counts where nobody does. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Happening } from '../../worlds/case.ts';
import { mostly, sometimes } from '../../worlds/pieces.ts';

/** `counted`: nobody works, and the queue says no more than numbers, which waver. */
type WorkerKind = 'works' | 'fails' | 'fails-at-first' | 'is-mended' | 'is-none' | 'counted';

export const someJobs = fc.record({
  first: mostly(1, [15, 0], [15, 2], [8, 3], [3, 12]),
  /** Jobs that come later: when, and how many at once. */
  later: fc.array(fc.record({ seconds: fc.integer({ min: 5, max: 2_700 }), count: mostly(1, [15, 2], [5, 4]) }), {
    maxLength: 4,
  }),
  worker: mostly<WorkerKind>(
    'works',
    [8, 'fails'],
    [8, 'fails-at-first'],
    [6, 'is-mended'],
    [8, 'is-none'],
    [8, 'counted'],
  ),
  works: mostly('PT5M', [25, 'PT1M'], [15, 'PT15M'], [5, 'PT50M']),
  visibility: mostly('PT5M', [15, 'PT1M'], [10, 'PT30M']),
  polls: mostly('PT20S', [20, 'PT5S']),
  starts: mostly('PT30S', [20, 'PT2S'], [10, 'PT2M']),
});

/** How the nodes of a fleet say that they can work, where it wants that. */
export const someAttest = fc.record({
  seconds: mostly('900', [20, '300'], [10, '120']),
  attests: mostly('PT30S', [20, 'PT2M'], [10, 'PT20M']),
  /** Why they cannot. */
  fault: sometimes(25, fc.constant('/fsx is not mounted')),
});

export type Attest = typeof someAttest extends fc.Arbitrary<infer A> ? A : never;

export type Jobs = typeof someJobs extends fc.Arbitrary<infer J> ? J : never;

const COUNT = 'ApproximateNumberOfMessages';

function bodyOf(number: string): string {
  return `{"job":"${number}"}`;
}

/** The queue as it is at first. */
export function queueRecord({ worker, first, visibility }: Jobs, QueueName: string): Shape {
  const Attributes = {
    VisibilityTimeout: String(60 * Number(visibility.slice(2, -1))),
    MessageRetentionPeriod: '1209600',
  };
  if (worker === 'counted')
    return {
      QueueName,
      Attributes: { ...Attributes, [COUNT]: String(first), [`${COUNT}NotVisible`]: '0', [`${COUNT}Delayed`]: '0' },
    };
  return {
    QueueName,
    Attributes,
    Messages: Array.from({ length: first }, (_none, n) => ({ Body: bodyOf(`first-${n}`) })),
  };
}

/** What comes into the queue, or how SQS counts from then on. */
export function arrivalsOf({ worker, later }: Jobs, queue: string): readonly Happening[] {
  const at = `sqs/Queues/${queue}`;
  return later.flatMap(({ seconds, count }, moment): readonly Happening[] => {
    if (worker === 'counted')
      return [{ seconds, set: { [`${at}/Attributes/${COUNT}`]: String((count + moment) % 4) } }];
    return Array.from({ length: count }, (_none, n) => ({
      seconds: seconds + n / 10,
      set: { [`${at}/Messages/+`]: { Body: bodyOf(`${moment}-${n}`) } },
    }));
  });
}

/** Who does the jobs of a queue. */
export function workersOf(
  { worker, works, visibility, polls, starts }: Jobs,
  queue: string,
  attest: Attest | undefined,
): readonly Shape[] {
  const fails = {
    works: {},
    fails: { fails: 'all' },
    'fails-at-first': { fails: 2 },
    'is-mended': { fails: 'all', until: 'PT20M' },
    'is-none': undefined,
    counted: undefined,
  }[worker];
  const attests =
    attest === undefined
      ? {}
      : { attests: attest.attests, ...(attest.fault === undefined ? {} : { attestFault: attest.fault }) };
  return fails === undefined ? [] : [{ queue, works, visibility, polls, starts, ...attests, ...fails }];
}
