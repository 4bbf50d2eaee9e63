import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ARN, queueWorld, redriveTo, refusalOf, type QueueWorld } from './queues.ts';

const SourceArn = `${ARN}dead`;

function letters(count: number, source = 'orders'): Shape[] {
  return Array.from({ length: count }, (_, id) => ({
    MessageId: `m-${id}`,
    Body: `body ${id}`,
    Attributes: {
      SentTimestamp: '1795330800000',
      ApproximateReceiveCount: '3',
      ApproximateFirstReceiveTimestamp: '1795330805000',
      DeadLetterQueueSourceArn: `${ARN}${source}`,
    },
  }));
}

function redriven(messages: readonly Shape[], more: Shape = {}): QueueWorld {
  return queueWorld([
    { QueueName: 'orders', Attributes: { RedrivePolicy: redriveTo('dead') } },
    { QueueName: 'refunds', Attributes: { RedrivePolicy: redriveTo('dead') } },
    { QueueName: 'dead', Messages: messages, ...more },
  ]);
}

function start(world: QueueWorld, input: Shape = {}): Shape {
  return world.call('sqs:StartMessageMoveTask', { SourceArn, ...input });
}

function newest(world: QueueWorld): Shape {
  const { Results: results } = world.call('sqs:ListMessageMoveTasks', { SourceArn });
  const [first]: readonly Shape[] = Array.isArray(results) ? results : [];
  return first ?? {};
}

describe('a move task', () => {
  it('that was pasted before SQS had counted its messages counts them when it starts', () => {
    const task = { Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 0, StartedTimestamp: 1_795_330_700_000 };
    const world = redriven(letters(2), { MessageMoveTasks: [task] });
    expect(newest(world)).not.toHaveProperty('ApproximateNumberOfMessagesToMove');
    world.pass(1_000);
    expect(newest(world)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesToMove: 2 });
  });

  it('moves each message to where it came from, as a new one', () => {
    const world = redriven([...letters(1), ...letters(1, 'refunds').map((one) => ({ ...one, MessageId: 'm-1' }))]);
    const { TaskHandle } = start(world);
    expect(newest(world)).toEqual({
      TaskHandle,
      Status: 'RUNNING',
      SourceArn,
      ApproximateNumberOfMessagesMoved: 0,
      ApproximateNumberOfMessagesToMove: 2,
      StartedTimestamp: 1_795_334_400_000,
    });
    world.quiesce();
    expect(newest(world)).toEqual({
      Status: 'COMPLETED',
      SourceArn,
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 2,
      StartedTimestamp: 1_795_334_400_000,
    });
    const [moved] = world.receive('orders', { MessageSystemAttributeNames: ['All'] });
    expect(moved).toMatchObject({ Body: 'body 0', MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/u) });
    expect(moved?.['Attributes']).toEqual({
      SentTimestamp: '1795334401000',
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: expect.any(String),
    });
    expect(world.bodies('refunds')).toEqual(['body 0']);
    expect(world.bodies('dead')).toEqual([]);
    expect([...world.world.assumed]).toHaveLength(2);
  });

  it('goes at its rate, and not on to what comes later', () => {
    const world = redriven(letters(5));
    start(world, { MaxNumberOfMessagesPerSecond: 2, DestinationArn: `${ARN}refunds` });
    world.pass(2.5);
    world.set('sqs/Queues/dead/Messages/+', { Body: 'late' });
    expect(newest(world)).toMatchObject({ ApproximateNumberOfMessagesMoved: 4, MaxNumberOfMessagesPerSecond: 2 });
    world.quiesce();
    expect(newest(world)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 5 });
    expect(world.bodies('dead')).toEqual(['late']);
  });

  it('goes on for a while when it is cancelled', () => {
    const world = redriven(letters(10));
    const { TaskHandle } = start(world, { MaxNumberOfMessagesPerSecond: 1 });
    world.pass(2.5);
    expect(world.call('sqs:CancelMessageMoveTask', { TaskHandle })).toEqual({ ApproximateNumberOfMessagesMoved: 2 });
    expect(newest(world)).toMatchObject({ Status: 'CANCELLING' });
    expect(newest(world)).not.toHaveProperty('TaskHandle');
    expect(refusalOf(() => world.call('sqs:CancelMessageMoveTask', { TaskHandle }))).toContain('UnsupportedOperation');
    world.quiesce();
    expect(newest(world)).toMatchObject({ Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: 7 });
    expect(world.bodies('dead')).toHaveLength(3);
  });

  it('is cancelled by a script as by a call, and where there is none nothing is', () => {
    const world = redriven(letters(10));
    world.set('sqs/Queues/dead/MessageMoveTasks', 'CANCELLING');
    expect(newest(world)).toEqual({});
    start(world, { MaxNumberOfMessagesPerSecond: 1 });
    world.pass(2.5);
    world.set('sqs/Queues/dead/MessageMoveTasks', 'CANCELLING');
    expect(newest(world)).toMatchObject({ Status: 'CANCELLING' });
    world.pass(2);
    // A second word does not make it longer.
    world.set('sqs/Queues/dead/MessageMoveTasks', 'CANCELLING');
    world.quiesce();
    expect(newest(world)).toMatchObject({ Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: 7 });
    expect(world.bodies('dead')).toHaveLength(3);
  });

  it('is cancelled by no other word of a script', () => {
    const world = redriven(letters(1));
    for (const [path, value] of [
      ['sqs/Queues/dead/MessageMoveTasks', 'CANCELLED'],
      ['sqs/Queues/dead/MessageMoveTasks/0', 'CANCELLING'],
      ['sqs/Queues/gone/MessageMoveTasks', 'CANCELLING'],
    ] as const)
      expect(() => world.set(path, value)).toThrow(/cancel its move task/u);
  });

  it('fails at a message without source, or whose queue is gone, and leaves it', () => {
    const direct = redriven([{ Body: 'direct' }, ...letters(1)]);
    start(direct);
    direct.quiesce();
    expect(newest(direct)).toMatchObject({ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' });
    expect(direct.bodies('dead')).toEqual(['direct', 'body 0']);
    const gone = redriven(letters(3));
    start(gone, { MaxNumberOfMessagesPerSecond: 1, DestinationArn: `${ARN}refunds` });
    gone.pass(1.5);
    gone.set('sqs/Queues/refunds', null);
    gone.quiesce();
    expect(newest(gone)).toMatchObject({
      Status: 'FAILED',
      FailureReason: 'AWS.SimpleQueueService.NonExistentQueue',
      ApproximateNumberOfMessagesMoved: 1,
    });
  });

  it('that the world file has running goes on', () => {
    const task = {
      Status: 'RUNNING',
      SourceArn,
      ApproximateNumberOfMessagesMoved: 4,
      ApproximateNumberOfMessagesToMove: 6,
      StartedTimestamp: 1_795_334_390_000,
    };
    const world = redriven(letters(3), { MessageMoveTasks: [task] });
    expect(newest(world)).toHaveProperty('TaskHandle');
    world.quiesce();
    expect(newest(world)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 6 });
    expect(world.bodies('dead')).toEqual(['body 2']);
  });
});

describe('a move task is refused', () => {
  const none = 'ResourceNotFoundException';
  const bad = 'InvalidParameterValue';

  it.each([
    [
      'StartMessageMoveTask',
      { SourceArn: `${ARN}none` },
      none,
      404,
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    ],
    [
      'ListMessageMoveTasks',
      { SourceArn: `${ARN}none` },
      none,
      404,
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    ],
    [
      'StartMessageMoveTask',
      { SourceArn: `${ARN}orders` },
      bad,
      400,
      'Source queue must be configured as a Dead Letter Queue.',
    ],
    [
      'StartMessageMoveTask',
      { SourceArn, DestinationArn: `${ARN}none` },
      none,
      404,
      "The resource that you specified for the DestinationArn parameter doesn't exist.",
    ],
    ['CancelMessageMoveTask', { TaskHandle: 'garbage' }, bad, 400, 'Value for parameter TaskHandle is invalid.'],
    [
      'CancelMessageMoveTask',
      { TaskHandle: Buffer.from(JSON.stringify({ taskId: 'x', sourceArn: SourceArn })).toString('base64') },
      none,
      404,
      'Task does not exist.',
    ],
  ])('by %s of %o', (call, input, name, status, message) => {
    const world = redriven([]);
    expect(refusalOf(() => world.call(`sqs:${call}`, input))).toEqual([name, status, name, message]);
  });

  it('while another one of the same queue is active', () => {
    const world = redriven(letters(2));
    start(world);
    expect(refusalOf(() => start(world))).toEqual([
      'InvalidParameterValue',
      400,
      'InvalidParameterValue',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    ]);
    world.quiesce();
    start(world);
    expect(world.call('sqs:ListMessageMoveTasks', { SourceArn, MaxResults: 10 })['Results']).toHaveLength(2);
  });

  it('over five hundred messages a second', () => {
    expect(refusalOf(() => start(redriven([]), { MaxNumberOfMessagesPerSecond: 501 }))).toContain(
      'Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.',
    );
  });
});
