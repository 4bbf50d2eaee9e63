import { describe, expect, it } from 'vitest';
import { checkQueues } from '../../rehearsal/expect-queues.ts';
import { parseExpectation } from '../../rehearsal/expect.ts';
import { serviceWorld } from '../simulator/services/service-world.ts';

const TENANT = { DataType: 'String', StringValue: 't-7' };

const { world } = serviceWorld({
  sqs: {
    Queues: [
      {
        QueueName: 'orders',
        Messages: [
          { Body: 'one', Attributes: { AWSTraceHeader: 'Root=1' } },
          {
            Body: 'two',
            MessageAttributes: { tenant: TENANT, 'runbook.redriven': { DataType: 'Number', StringValue: '1' } },
          },
        ],
      },
      {
        QueueName: 'line.fifo',
        Messages: ['a1', 'b1', 'a2'].map((Body) => ({ Body, Attributes: { MessageGroupId: Body.slice(0, 1) } })),
      },
      { QueueName: 'dead' },
    ],
  },
  consumers: [{ queue: 'orders', handles: 'PT1S', handled: 3 }],
});

function faults(wanted: object): string[] {
  return checkQueues(parseExpectation({ results: [], ...wanted }), world);
}

describe('what must be in a queue', () => {
  it('is there in any order, by what is said of it', () => {
    const two = { Body: 'two', MessageAttributes: { tenant: TENANT } };
    expect(faults({ queues: { orders: [two, { Body: 'one', AWSTraceHeader: 'Root=1' }], dead: [] } })).toEqual([]);
    expect(faults({})).toEqual([]);
  });

  it('is not taken for another that is described more fully', () => {
    expect(faults({ queues: { orders: [{}, { Body: 'one' }] } })).toEqual([]);
  });

  it('is missed, and what else is there is named', () => {
    expect(faults({ queues: { orders: [{ Body: 'one', AWSTraceHeader: 'Root=2' }, { Body: 'two' }] } })).toEqual([
      'queue orders: expected {"Body":"one","AWSTraceHeader":"Root=2"}, which is not in it',
      'queue orders: {"Body":"one"} is in it, not expected',
    ]);
    expect(faults({ queues: { gone: [] } })).toEqual(['queue gone: there is none']);
  });

  it('is in its order within each group where that is asked for', () => {
    const [a1, a2, b1] = ['a1', 'a2', 'b1'].map((Body) => ({ Body, MessageGroupId: Body.slice(0, 1) }));
    const order = 'per MessageGroupId';
    expect(faults({ queues: { 'line.fifo': [b1, a1, a2] }, order })).toEqual([]);
    expect(faults({ queues: { 'line.fifo': [a2, b1, a1] } })).toEqual([]);
    expect(faults({ queues: { 'line.fifo': [a2, b1, a1] }, order })).toEqual([
      'queue line.fifo: group a is in another order: {"Body":"a1","MessageGroupId":"a"} {"Body":"a2","MessageGroupId":"a"}',
    ]);
  });
});

describe('what a consumer must have handled', () => {
  it('is counted', () => {
    expect(faults({ handled: { orders: 3 } })).toEqual([]);
    expect(faults({ handled: { orders: 2, dead: 0 } })).toEqual([
      'handled of orders: expected 2, found 3',
      'handled of dead: expected 0, found no consumer',
    ]);
  });
});
