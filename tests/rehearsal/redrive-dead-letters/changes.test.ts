/** What has come and gone in the queues of an account between two looks. */

import { describe, expect, it } from 'vitest';
import { changesIn, keptBeside } from '../../../rehearsal/redrive-dead-letters/changes.ts';
import type { Standing } from '../../../rehearsal/redrive-dead-letters/letters.ts';
import { queueWorld, type QueueWorld } from '../../simulator/services/sqs/queues.ts';

function names(standings: readonly Standing[]): readonly string[] {
  return standings.map(({ queue, body }) => `${queue.split(':').at(-1)} ${body}`);
}

interface Watched extends QueueWorld {
  /** What has come, and what has gone, since the last look. */
  readonly look: () => readonly [readonly string[], readonly string[]];
}

function watched(): Watched {
  const messages = ['a', 'b', 'c'].map((Body) => ({ Body, MessageId: Body }));
  const world = queueWorld([{ QueueName: 'orders' }, { QueueName: 'dead', Messages: messages }]);
  const memory = {};
  return {
    ...world,
    look: () => {
      const { come, gone } = changesIn(world.world, memory);
      return [names(come), names(gone)];
    },
  };
}

/** Takes the first letter out. */
function take({ ask, receive }: QueueWorld, name: string): void {
  const [message] = receive(name, { MaxNumberOfMessages: 1 });
  ask('DeleteMessage', name, { ReceiptHandle: message?.['ReceiptHandle'] });
}

describe('what has changed', () => {
  it('is everything at the first look, and nothing at the next', () => {
    const { look } = watched();
    expect([look(), look()]).toEqual([
      [['dead a', 'dead b', 'dead c'], []],
      [[], []],
    ]);
  });

  it('is known for each watcher by itself', () => {
    const { look, world } = watched();
    look();
    expect(changesIn(world, {}).come).toHaveLength(3);
  });

  it('is what was sent and what was taken', () => {
    const world = watched();
    world.look();
    world.ask('SendMessage', 'orders', { MessageBody: 'd' });
    world.ask('SendMessage', 'dead', { MessageBody: 'e' });
    expect(world.look()).toEqual([['orders d', 'dead e'], []]);
    take(world, 'orders');
    expect(world.look()).toEqual([[], ['orders d']]);
    world.ask('SendMessage', 'orders', { MessageBody: 'f' });
    expect(world.look()).toEqual([['orders f'], []]);
  });

  it('is told of a letter in the middle, and of the same once', () => {
    const world = watched();
    world.look();
    const [first, second, third] = world.receive('dead');
    for (const one of [second, third]) world.ask('DeleteMessage', 'dead', { ReceiptHandle: one?.['ReceiptHandle'] });
    const [, gone] = world.look();
    expect(gone.toSorted()).toEqual(expect.arrayContaining(['dead b', 'dead c']));
    world.ask('DeleteMessage', 'dead', { ReceiptHandle: first?.['ReceiptHandle'] });
    expect([world.look()[1], world.look()]).toEqual([['dead a'], [[], []]]);
  });

  it('is all of a queue whose settings have changed, for its letters stand otherwise', () => {
    const world = watched();
    world.look();
    world.set('sqs/Queues/dead/Tags/runbook:redrive', 'manual');
    const all = ['dead a', 'dead b', 'dead c'];
    expect([world.look(), world.look()]).toEqual([
      [all, all],
      [[], []],
    ]);
  });

  it('is all of a queue that is gone, once', () => {
    const world = watched();
    world.look();
    world.set('sqs/Queues/dead', null);
    expect([world.look(), world.look()]).toEqual([
      [[], ['dead a', 'dead b', 'dead c']],
      [[], []],
    ]);
  });
});

describe('what is kept beside a memory', () => {
  it('is made once for each', () => {
    const beside = keptBeside(() => ({}));
    const memory = {};
    expect(beside(memory)).toBe(beside(memory));
    expect(beside({})).not.toBe(beside(memory));
  });
});
