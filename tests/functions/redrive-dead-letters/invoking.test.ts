/** Events given to functions of others, on the simulated Lambda. */

import { describe, expect, it } from 'vitest';
import { invoke } from '../../../functions/redrive-dead-letters/aws/invoking.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { inFunction } from '../in-a-function.ts';
import { functionArn } from './letters-of-others.ts';
import { letter } from './some-letters.ts';

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  lambda: { Functions: [{ FunctionName: 'f', Aliases: [{ Name: 'live', FunctionVersion: '7' }] }] },
};

/** What became of each event, what is the matter with the function, and how many requests were sent. */
async function given(
  events: readonly string[],
  name = 'f',
  points: readonly FaultPoint[] = [],
): Promise<{ readonly ends: readonly unknown[]; readonly trouble: string | undefined; readonly requests: number }> {
  const { value, thrown, requests } = await inFunction(
    WORLD,
    (io) =>
      invoke(
        events.map((event, index) => ({ letter: letter(String(index)), functionArn: functionArn(name), event })),
        io,
      ),
    points,
  );
  if (value === undefined) throw thrown;
  const ends = value.posted.map(([{ id }, left]) => [id, left]);
  return { ends, trouble: value.trouble?.name, requests: requests.length };
}

describe('an event', () => {
  it('is given to the function by its name, its alias or its version', async () => {
    for (const name of ['f', 'f:$LATEST', 'f:live', 'f:7'])
      expect(await given(['{}', '[1]'], name)).toEqual({
        ends: [
          ['0', null],
          ['1', null],
        ],
        trouble: undefined,
        requests: 2,
      });
  });

  it('is refused for what it is, and holds up no other', async () => {
    expect(await given(['no JSON', '{}', `"${'x'.repeat(1_048_576)}"`])).toEqual({
      ends: [
        ['0', { state: 'refused', why: 'InvalidRequestContentException' }],
        ['1', null],
        ['2', { state: 'refused', why: 'RequestTooLargeException' }],
      ],
      trouble: undefined,
      requests: 3,
    });
  });

  it('is kept where the function takes nothing', async () => {
    expect(await given(['{}'], 'gone')).toEqual({
      ends: [['0', { state: 'kept', why: 'ResourceNotFoundException' }]],
      trouble: 'ResourceNotFoundException',
      requests: 1,
    });
    const busy = await given(['{}'], 'f', [{ request: 0, kind: 'throttled-for-a-minute' }]);
    expect(busy).toEqual({
      ends: [['0', { state: 'kept', why: 'TooManyRequestsException' }]],
      trouble: 'TooManyRequestsException',
      requests: 4,
    });
  });

  it('is kept where its version or alias is deleted, and holds up none of another', async () => {
    expect(await given(['{}'], 'f:old')).toEqual({
      ends: [['0', { state: 'kept', why: 'ResourceNotFoundException' }]],
      trouble: undefined,
      requests: 1,
    });
  });

  it('is given once more where it was turned away for the moment', async () => {
    expect(await given(['{}'], 'f', [{ request: 0, kind: 'throttled' }])).toEqual({
      ends: [['0', null]],
      trouble: undefined,
      requests: 2,
    });
  });

  it('is in doubt where the answer is lost, and is not given again at once', async () => {
    for (const kind of ['reply-lost', 'failed-before'] as const)
      expect(await given(['{}'], 'f', [{ request: 0, kind }])).toMatchObject({
        ends: [['0', { state: 'doubt' }]],
        trouble: undefined,
        requests: 1,
      });
  });
});
