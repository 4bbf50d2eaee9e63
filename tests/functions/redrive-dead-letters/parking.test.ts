/** What is sent to the queue for letters that go back no more. */

import { describe, expect, it } from 'vitest';
import { parkedEntryOf } from '../../../functions/redrive-dead-letters/aws/parking.ts';
import type { Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import type { ParkingQueue } from '../../../functions/redrive-dead-letters/decide.ts';
import { arnOf } from './queue-facts.ts';
import { letter } from './some-letters.ts';

const WHY = { why: 'attempts-used-up', attempts: 3, run: 'run-1' };
const HISTORY = JSON.stringify({
  why: 'attempts-used-up',
  attempts: 3,
  source: arnOf('orders'),
  messageId: 'a',
  sentAt: '2026-11-22T07:00:00.000Z',
  run: 'run-1',
});
const BYTES = Buffer.byteLength(`runbook-parkedString${HISTORY}`);

function where(maximumMessageBytes: number): ParkingQueue {
  return { arn: arnOf('parked'), url: 'https://…/parked', maximumMessageBytes };
}

function withAttributes(count: number): Received {
  const names = Array.from({ length: count }, (_none, index) => `a${index}`);
  const MessageAttributes = Object.fromEntries(names.map((name) => [name, { DataType: 'String', StringValue: 'x' }]));
  return letter('a', { message: { Body: '{}', Attributes: { MessageGroupId: 'tenant' }, MessageAttributes } });
}

describe('a letter that is parked', () => {
  it('is as it was, with why it is here and what was tried before', () => {
    expect(parkedEntryOf(withAttributes(1), WHY, where(1_024))).toEqual({
      MessageBody: '{}',
      MessageGroupId: 'tenant',
      MessageAttributes: {
        a0: { DataType: 'String', StringValue: 'x' },
        'runbook-parked': { DataType: 'String', StringValue: HISTORY },
      },
    });
    expect(Object.keys(parkedEntryOf(withAttributes(0), WHY, where(1_024)).MessageAttributes ?? {})).toEqual([
      'runbook-parked',
    ]);
  });

  it.each([
    [9, 10],
    [10, 10],
  ])('with %i attributes has %i', (before, after) => {
    const { MessageAttributes = {} } = parkedEntryOf(withAttributes(before), WHY, where(1_024));
    expect(Object.keys(MessageAttributes)).toHaveLength(after);
    expect(Object.hasOwn(MessageAttributes, 'runbook-parked')).toBe(before === 9);
  });

  it('goes without where it would be too large with it', () => {
    const isSaid = (mostBytes: number): boolean =>
      parkedEntryOf(letter('a', { wholeBytes: 100 }), WHY, where(mostBytes)).MessageAttributes !== undefined;
    expect([isSaid(100 + BYTES), isSaid(99 + BYTES)]).toEqual([true, false]);
  });
});
