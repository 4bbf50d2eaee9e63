import { describe, expect, it } from 'vitest';
import { startConsumers } from '../../../simulator/hosts/consumers.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { liveMessages, queuesOf } from '../../../simulator/services/sqs/state.ts';
import { parseWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { serviceWorld, type ServiceWorld } from '../services/service-world.ts';

const ARN = 'arn:aws:sqs:eu-west-1:111122223333:';

function bodies(count: number): Shape[] {
  return Array.from({ length: count }, (_, id) => ({ Body: JSON.stringify({ id }) }));
}

/** A queue with a consumer, and its dead letters after two receives. */
function consumed(consumer: Shape, messages: readonly Shape[], suffix = ''): ServiceWorld {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}dead${suffix}`, maxReceiveCount: 2 });
  const world = serviceWorld({
    sqs: {
      Queues: [
        { QueueName: `orders${suffix}`, Attributes: { RedrivePolicy }, Messages: messages },
        { QueueName: `dead${suffix}` },
      ],
    },
    consumers: [{ queue: `orders${suffix}`, handles: 'PT1S', ...consumer }],
  });
  startConsumers(world.world);
  return world;
}

/** What is left in the queue, what among the dead letters, and what was handled. */
function standing({ world }: ServiceWorld): unknown {
  const left = queuesOf(world).map((queue) => liveMessages(queue, world.clock.now()).map(({ Body }) => Body));
  return [...left, world.records('consumers', 'Consumers')[0]?.['handled']];
}

describe('a consumer', () => {
  it('takes ten at once, each for its time, and deletes what it has handled', () => {
    const world = consumed({}, bodies(12));
    world.pass(10);
    expect(standing(world)).toEqual([expect.objectContaining({ length: 12 }), [], 0]);
    world.pass(1);
    expect(standing(world)).toEqual([['{"id":10}', '{"id":11}'], [], 10]);
    expect(world.quiesce()).toBe(2);
    expect(standing(world)).toEqual([[], [], 12]);
  });

  it('takes what comes later', () => {
    const world = consumed({}, []);
    world.call('sqs:SendMessage', {
      QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders',
      MessageBody: 'late',
    });
    world.quiesce();
    expect(standing(world)).toEqual([[], [], 1]);
  });

  it('that fails on all leaves all to the time-out, and then to the dead letters', () => {
    const world = consumed({ fails: 'all' }, bodies(2));
    // Taken at once, again after thirty seconds, and buried after thirty more.
    expect(world.quiesce()).toBe(60.5);
    expect(standing(world)).toEqual([[], ['{"id":0}', '{"id":1}'], 0]);
  });

  it('fails only until it is repaired', () => {
    const world = consumed({ fails: 'all', until: 'PT20S' }, bodies(2));
    world.quiesce();
    expect(standing(world)).toEqual([[], [], 2]);
  });

  it('fails the first so many times, or on what is so', () => {
    const first = consumed({ fails: 3 }, bodies(2));
    first.quiesce();
    expect(standing(first)).toEqual([[], ['{"id":0}'], 1]);
    const some = consumed({ fails: [{ body: { id: [1, 2] } }, { body: { id: 3 } }] }, [
      ...bodies(5),
      { Body: 'no JSON' },
    ]);
    some.quiesce();
    expect(standing(some)).toEqual([[], ['{"id":1}', '{"id":2}', '{"id":3}'], 3]);
  });

  it('begins nothing of a FIFO group behind what failed in it', () => {
    const grouped = ['a1', 'b1', 'a2', 'b2'].map((name) => ({
      Body: JSON.stringify({ name }),
      Attributes: { MessageGroupId: name.slice(0, 1) },
    }));
    const world = consumed({ fails: [{ body: { name: 'a1' } }] }, grouped, '.fifo');
    world.pass(5);
    expect(standing(world)).toEqual([['{"name":"a1"}', '{"name":"a2"}'], [], 2]);
  });

  it('that is at a batch for longer than its time-out deletes it from a standard queue, and not from a FIFO queue', () => {
    const late = { handles: 'PT20S' };
    const standard = consumed(late, bodies(2));
    standard.pass(41);
    expect(standing(standard)).toEqual([[], [], 2]);
    const inOrder = bodies(2).map((message) => ({ ...message, Attributes: { MessageGroupId: 'a' } }));
    const fifo = consumed(late, inOrder, '.fifo');
    fifo.pass(41);
    expect(standing(fifo)).toEqual([['{"id":0}', '{"id":1}'], [], 2]);
    // They are handled once more, and again too late.
    fifo.quiesce();
    expect(standing(fifo)).toEqual([[], ['{"id":0}', '{"id":1}'], 4]);
  });

  it('without a redrive policy keeps nobody waiting for what it fails on', () => {
    const world = serviceWorld({
      sqs: { Queues: [{ QueueName: 'orders', Messages: bodies(1) }] },
      consumers: [{ queue: 'orders', handles: 'PT1S', fails: 'all' }],
    });
    startConsumers(world.world);
    world.pass(100);
    expect(world.clock.foreground()).toBe(0);
  });
});

describe('consumers in a world file', () => {
  it('have a queue that is there', () => {
    expect(() => serviceWorld({ consumers: [{ queue: 'gone', handles: 'PT1S' }] })).toThrow(
      'consumers[0].queue: there is no queue gone',
    );
  });

  it('are kept with what they have done when the world is written down', () => {
    const world = consumed({ fails: 'all', until: 'PT20S' }, bodies(2));
    world.quiesce();
    const kept = worldFile(world.world);
    expect(kept['consumers']).toEqual([
      { queue: 'orders', handles: 'PT1S', fails: 'all', until: '2026-11-22T08:00:20.000Z', received: 4, handled: 2 },
    ]);
    expect(parseWorld(kept).data['consumers']?.['Consumers']).toEqual(kept['consumers']);
  });
});
