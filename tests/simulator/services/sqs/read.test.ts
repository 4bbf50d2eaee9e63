import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ask as askOf, load } from '../../world/pasting.ts';
import { ARN, queueWorld, redriveTo, refusalOf } from './queues.ts';

const HOST = 'https://sqs.eu-west-1.amazonaws.com/111122223333/';

describe('queues', () => {
  const world = queueWorld([
    { QueueName: 'orders', Attributes: { RedrivePolicy: redriveTo('dead') }, Tags: { 'runbook:redrive': 'manual' } },
    { QueueName: 'orders-eu', Attributes: { RedrivePolicy: redriveTo('dead') } },
    { QueueName: 'dead' },
  ]);

  it('are listed by the beginning of their name, in pages where a size is asked for', () => {
    expect(world.call('sqs:ListQueues', {})).toEqual({
      QueueUrls: [`${HOST}dead`, `${HOST}orders`, `${HOST}orders-eu`],
    });
    const first = world.call('sqs:ListQueues', { QueueNamePrefix: 'orders', MaxResults: 1 });
    expect(first).toEqual({ QueueUrls: [`${HOST}orders`], NextToken: expect.any(String) });
    const second = world.call('sqs:ListQueues', {
      QueueNamePrefix: 'orders',
      MaxResults: 1,
      NextToken: first['NextToken'],
    });
    expect(second).toEqual({ QueueUrls: [`${HOST}orders-eu`] });
    expect(world.call('sqs:ListQueues', { QueueNamePrefix: 'none' })).toEqual({});
    expect(() => world.call('sqs:ListQueues', { MaxResults: 1001 })).toThrow(/MaxResults must be an integer/u);
  });

  it('are found by their name, or said not to exist under the name of the SDK and the code of the query protocol', () => {
    expect(world.call('sqs:GetQueueUrl', { QueueName: 'dead' })).toEqual({ QueueUrl: `${HOST}dead` });
    const refusal = [
      'QueueDoesNotExist',
      400,
      'AWS.SimpleQueueService.NonExistentQueue',
      'The specified queue does not exist.',
    ];
    expect(refusalOf(() => world.call('sqs:GetQueueUrl', { QueueName: 'gone' }))).toEqual(refusal);
    expect(refusalOf(() => world.ask('ReceiveMessage', 'gone'))).toEqual(refusal);
    expect(
      refusalOf(() => world.call('sqs:ListQueueTags', { QueueUrl: `${HOST}orders`.replace('1111', '9999') })),
    ).toEqual(refusal);
  });

  it('tell their tags, and are among what carries a tag', () => {
    expect(world.ask('ListQueueTags', 'orders')).toEqual({ Tags: { 'runbook:redrive': 'manual' } });
    expect(world.ask('ListQueueTags', 'dead')).toEqual({});
    const tagged = { ResourceARN: `${ARN}orders`, Tags: [{ Key: 'runbook:redrive', Value: 'manual' }] };
    const found = (input: object): unknown => world.call('tag:GetResources', { ...input })['ResourceTagMappingList'];
    expect(found({ TagFilters: [{ Key: 'runbook:redrive' }], ResourceTypeFilters: ['sqs'] })).toEqual([tagged]);
    expect(found({ ResourceTypeFilters: ['sqs:queue'] })).toEqual([tagged]);
    expect(found({ ResourceTypeFilters: ['wafv2'] })).toEqual([]);
  });

  it('tell which put their dead letters into one, in pages', () => {
    const first = world.ask('ListDeadLetterSourceQueues', 'dead', { MaxResults: 1 });
    expect(first).toEqual({ queueUrls: [`${HOST}orders`], NextToken: expect.any(String) });
    const rest = { MaxResults: 1, NextToken: first['NextToken'] };
    expect(world.ask('ListDeadLetterSourceQueues', 'dead', rest)).toEqual({ queueUrls: [`${HOST}orders-eu`] });
    expect(world.ask('ListDeadLetterSourceQueues', 'orders')).toEqual({ queueUrls: [] });
  });
});

describe('attributes of a queue', () => {
  const world = queueWorld([
    {
      QueueName: 'orders',
      Attributes: { DelaySeconds: '0', VisibilityTimeout: '45' },
      Messages: [{ Body: 'one' }, { Body: 'two' }, { Body: 'three' }],
    },
    { QueueName: 'line.fifo' },
  ]);

  it('are given where they are asked for, as AWS sets them', () => {
    expect(world.ask('GetQueueAttributes', 'orders')).toEqual({});
    expect(world.attributes('orders', 'VisibilityTimeout', 'QueueArn')).toEqual({
      VisibilityTimeout: '45',
      QueueArn: `${ARN}orders`,
    });
    expect(world.attributes('line.fifo', 'All')).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ContentBasedDeduplication: 'false',
      CreatedTimestamp: '1795334400',
      DeduplicationScope: 'queue',
      DelaySeconds: '0',
      FifoQueue: 'true',
      FifoThroughputLimit: 'perQueue',
      LastModifiedTimestamp: '1795334400',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: `${ARN}line.fifo`,
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
    expect(refusalOf(() => world.attributes('orders', 'Colour'))).toEqual([
      'InvalidAttributeName',
      400,
      'InvalidAttributeName',
      'Unknown Attribute Colour.',
    ]);
  });

  it('count what is there, in flight, and delayed', () => {
    world.receive('orders', { MaxNumberOfMessages: 2 });
    world.ask('SendMessage', 'orders', { MessageBody: 'later', DelaySeconds: 60 });
    const numbers = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ];
    expect(world.attributes('orders', ...numbers)).toEqual({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '2',
      ApproximateNumberOfMessagesDelayed: '1',
    });
    world.pass(61);
    expect(world.attributes('orders', ...numbers)).toEqual({
      ApproximateNumberOfMessages: '4',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
    });
  });
});

describe('a queue that a script changes', () => {
  it('has other attributes and tags, or is gone with all that is in it', () => {
    const world = queueWorld([
      { QueueName: 'orders', Tags: { team: 'x' }, Messages: [{ Body: 'one' }] },
      { QueueName: 'dead' },
    ]);
    world.set('sqs/Queues/orders/Attributes/RedrivePolicy', redriveTo('dead', 5));
    world.set('sqs/Queues/orders/Tags/team', null);
    world.set('sqs/Queues/orders/Tags/runbook:redrive', 'manual');
    expect(world.attributes('orders', 'RedrivePolicy')).toEqual({
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":5}',
    });
    expect(world.ask('ListQueueTags', 'orders')).toEqual({ Tags: { 'runbook:redrive': 'manual' } });
    world.set('sqs/Queues/orders', null);
    expect(world.call('sqs:ListQueues', {})).toEqual({ QueueUrls: [`${HOST}dead`] });
    world.pass(400_000);
  });
});

describe('a redrive policy that a script sets', () => {
  const allow = (policy: object): Shape => ({
    QueueName: 'dead',
    Attributes: { RedriveAllowPolicy: JSON.stringify(policy) },
  });
  const setOn = (dead: Shape) => () =>
    queueWorld([{ QueueName: 'orders' }, dead]).set('sqs/Queues/orders/Attributes/RedrivePolicy', redriveTo('dead'));

  it.each([[{ redrivePermission: 'denyAll' }], [{ redrivePermission: 'byQueue', sourceQueueArns: [`${ARN}refunds`] }]])(
    'is refused where the queue of dead letters says %j',
    (policy) => {
      expect(setOn(allow(policy))).toThrow('The dead-letter queue does not allow this source queue.');
    },
  );

  it.each([
    [{ redrivePermission: 'allowAll' }],
    [{ redrivePermission: 'byQueue', sourceQueueArns: [`${ARN}refunds`, `${ARN}orders`] }],
  ])('is taken where it says %j', (policy) => {
    expect(setOn(allow(policy))).not.toThrow();
  });

  it('is kept where it stood before', () => {
    const world = queueWorld([
      { QueueName: 'orders', Attributes: { RedrivePolicy: redriveTo('dead') } },
      allow({ redrivePermission: 'denyAll' }),
    ]);
    expect(world.ask('ListDeadLetterSourceQueues', 'dead')).toEqual({ queueUrls: [`${HOST}orders`] });
  });

  it.each(['nobody', '{"redrivePermission":"byQueue"}', '{"redrivePermission":"byQueue","sourceQueueArns":[]}'])(
    'of %s says nothing that SQS takes',
    (RedriveAllowPolicy) => {
      expect(() => queueWorld([{ QueueName: 'dead', Attributes: { RedriveAllowPolicy } }])).toThrow(
        'Attributes.RedriveAllowPolicy: must be JSON in a text',
      );
    },
  );
});

describe('a queue that was pasted', () => {
  it.each([
    ['Attributes.QueueArn', { Attributes: { QueueArn: `${ARN}orders` } }],
    ['QueueUrl', { QueueUrl: `${HOST}orders` }],
    ['its name', { QueueName: 'orders', Attributes: { QueueArn: `${ARN}orders` } }],
  ])('is known by %s', (_by, queue) => {
    const { world } = load({ sqs: { Queues: [queue] } });
    expect(askOf(world, 'sqs', 'GetQueueUrl', { QueueName: 'orders' })).toEqual({ QueueUrl: `${HOST}orders` });
  });

  it('is nothing without any of them', () => {
    expect(() => load({ sqs: { Queues: [{ Tags: {} }] } })).toThrow('sqs.Queues[0].QueueName: is required where');
  });

  it.each([
    ['sqs:GetQueueAttributes', 'Attributes'],
    ['sqs:ListQueueTags', 'Tags'],
    ['sqs:ReceiveMessage', 'Messages'],
  ])('without what %s is about is not simulated', (call, member) => {
    const { world } = load({ sqs: { Queues: [{ QueueName: 'orders' }] } });
    expect(() => askOf(world, 'sqs', call.slice('sqs:'.length), { QueueUrl: `${HOST}orders` })).toThrow(
      `not simulated: ${call} of orders: its ${member} were not pasted`,
    );
  });

  it('is not known to be missing where none were pasted', () => {
    expect(() => askOf(load({}).world, 'sqs', 'ListQueues', {})).toThrow('sqs:ListQueues: no queues were pasted');
    expect(() => askOf(load({}).world, 'sqs', 'GetQueueUrl', { QueueName: 'orders' })).toThrow(
      'sqs:GetQueueUrl: no queues were pasted',
    );
    // AWS gives its numbers of every queue: what was pasted without them says nothing.
    const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders';
    const numberless = load({ sqs: { Queues: [{ QueueUrl, Attributes: { VisibilityTimeout: '30' } }] } }).world;
    const AttributeNames = ['ApproximateNumberOfMessages'];
    expect(() => askOf(numberless, 'sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames })).toThrow(
      'not simulated: sqs:GetQueueAttributes: not pasted: ApproximateNumberOfMessages of orders; `aws sqs get-queue-attributes --attribute-names All',
    );
  });
});

describe('a message of a world file', () => {
  it('is there as often as it says, each with its number and an id of its own', () => {
    const world = queueWorld([
      { QueueName: 'many', Messages: [{ Body: 'one' }, { Body: '{n} of {n}', MessageId: 'x', Times: 3 }] },
    ]);
    const messages = world.receive('many');
    expect(messages.map(({ Body }) => Body)).toEqual(['one', '0 of 0', '1 of 1', '2 of 2']);
    expect(new Set(messages.map(({ MessageId }) => MessageId)).size).toBe(4);
    expect(messages.map((one) => one['Times'])).toEqual([undefined, undefined, undefined, undefined]);
    for (const Times of [0, 1.5, 100_001])
      expect(() => queueWorld([{ QueueName: 'many', Messages: [{ Body: 'x', Times }] }])).toThrow('Times');
  });
});
