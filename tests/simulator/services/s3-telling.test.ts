/** Whom a bucket tells of its objects. */

import { describe, expect, it } from 'vitest';
import { isRecord } from '../../../simulator/engine/json.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { deploy, run } from '../deploy.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:told';
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:site';

async function told(bucket: object, script: readonly object[] = []) {
  const world = {
    now: '2026-11-30T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    s3: { Buckets: [{ Name: 'site', Versioning: { Status: 'Suspended' }, ...bucket }] },
    sqs: { Queues: [{ QueueName: 'told' }] },
    sns: {
      Topics: [{ TopicArn: TOPIC }],
      Subscriptions: [
        { SubscriptionArn: `${TOPIC}:1`, TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE, Attributes: {} },
        {
          SubscriptionArn: `${TOPIC}:2`,
          TopicArn: TOPIC,
          Protocol: 'sqs',
          Endpoint: QUEUE,
          Attributes: { RawMessageDelivery: 'true' },
        },
      ],
    },
    script,
  };
  const end = await simulate(
    run(
      deploy(() => Promise.resolve()),
      { world, events: [], runForMs: 600_000 },
    ),
  );
  expect(end.error).toBeUndefined();
  const [queue] = end.world.records('sqs', 'Queues');
  const messages: unknown = queue?.['Messages'];
  const bodies = (Array.isArray(messages) ? messages.filter(isRecord) : []).map(({ Body: body }): unknown =>
    JSON.parse(String(body)),
  );
  return { bodies, events: end.events };
}

const put = (key: string): object => ({ after: 'PT1S', set: { [`s3/Objects/site/${key}/Body`]: 'x' } });
const told1 = (Events: readonly string[], more: object = {}) => ({
  NotificationConfiguration: { QueueConfigurations: [{ QueueArn: QUEUE, Events, ...more }] },
});

describe('a bucket', () => {
  it('tells a queue of what it is set up for, the key encoded as in a form', async () => {
    const { bodies, events } = await told(told1(['s3:ObjectCreated:*']), [put('a b/ü+.html')]);
    expect(bodies).toMatchObject([
      {
        Records: [
          {
            eventSource: 'aws:s3',
            eventName: 'ObjectCreated:Put',
            eventTime: '2026-11-30T09:00:01.000Z',
            s3: { bucket: { name: 'site' }, object: { key: 'a+b/%C3%BC%2B.html' } },
          },
        ],
      },
    ]);
    expect(events.filter(({ source }) => source === 'aws.s3')).toEqual([]);
  });

  it('tells of what is deleted, where that is meant, and of nothing that its filter keeps out', async () => {
    const script = [put('in/a.html'), put('out/a.html'), { after: 'PT2S', set: { 's3/Objects/site/in/a.html': null } }];
    const filter = {
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'Prefix', Value: 'in/' },
            { Name: 'suffix', Value: '.html' },
          ],
        },
      },
    };
    const { bodies } = await told(told1(['s3:ObjectCreated:Put', 's3:ObjectRemoved:*'], filter), script);
    expect(JSON.stringify(bodies).match(/Object\w+:\w+/gu)).toEqual(['ObjectCreated:Put', 'ObjectRemoved:Delete']);
    expect((await told(told1(['s3:ObjectRemoved:*']), [put('a')])).bodies).toEqual([]);
  });

  it('tells a topic, which hands it on in its envelope, or raw', async () => {
    const NotificationConfiguration = { TopicConfigurations: [{ TopicArn: TOPIC, Events: ['s3:ObjectCreated:*'] }] };
    const { bodies } = await told({ NotificationConfiguration }, [put('a')]);
    expect(bodies).toMatchObject([{ Type: 'Notification', TopicArn: TOPIC }, { Records: [{ eventSource: 'aws:s3' }] }]);
  });

  it('tells EventBridge where it is set up so, or nothing is said, of deletions too', async () => {
    const script = [put('a b'), { after: 'PT2S', set: { 's3/Objects/site/a b': null } }];
    for (const bucket of [{}, { NotificationConfiguration: { EventBridgeConfiguration: {} } }]) {
      const { events } = await told(bucket, script);
      expect(events.filter(({ source }) => source === 'aws.s3')).toMatchObject([
        { 'detail-type': 'Object Created', detail: { object: { key: 'a b' } } },
        { 'detail-type': 'Object Deleted', detail: { object: { key: 'a b' }, reason: 'DeleteObject' } },
      ]);
    }
  });

  it('writes many objects in no order, each once, and tells of some twice, as it was', async () => {
    const Writes = [{ Key: 'assets/{n}.js', Count: 10, Over: 'PT10S', TwiceEvery: 5 }];
    const { bodies } = await told({ ...told1(['s3:ObjectCreated:*']), Writes });
    const keys = bodies.map((body) => /assets\/\d+\.js/u.exec(JSON.stringify(body))?.[0] ?? '');
    expect(keys).toHaveLength(12);
    expect(new Set(keys).size).toBe(10);
    expect(keys.slice(0, 3)).toEqual(['assets/0.js', 'assets/9.js', 'assets/8.js']);
    expect(bodies.at(-1)).toEqual(bodies.find((body) => JSON.stringify(body) === JSON.stringify(bodies.at(-1))));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(10);
  });
});
