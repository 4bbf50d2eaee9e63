/** Events of functions of others: handled, tried again, and told of in the truthful envelope. */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { isRecord } from '../../../../simulator/engine/json.ts';
import { simulate, type SimulationEnd } from '../../../../simulator/engine/simulation.ts';
import { messagesIn, queueByName } from '../../../../simulator/services/sqs/state.ts';
import { parseWorld, worldFile } from '../../../../simulator/world/world-file.ts';
import { deploy, run } from '../../deploy.ts';
import { serviceWorld } from '../service-world.ts';

const PLACE = 'eu-west-1:111122223333';
const DEAD = `arn:aws:sqs:${PLACE}:dead`;
const TOPIC = `arn:aws:sns:${PLACE}:failed`;
const ARN = `arn:aws:lambda:${PLACE}:function:f`;
const EVENT = '{ "order": 12345678901234567890 }';

/** Gives a function the events, and waits for what becomes of them. */
async function gave(
  fn: Shape,
  { payloads = [EVENT], name = 'f', more = {} }: { payloads?: readonly string[]; name?: string; more?: Shape } = {},
): Promise<SimulationEnd> {
  const world = {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    sqs: { Queues: [{ QueueName: 'dead' }, { QueueName: 'raw' }] },
    lambda: { Functions: [{ FunctionName: 'f', ...fn }] },
    ...more,
  };
  const give = deploy(async () => {
    for (const Payload of payloads)
      await client(LambdaClient).send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload }));
  });
  const end = await simulate(run(give, { world }));
  expect(end.error).toBe(undefined);
  return end;
}

function letters({ world }: SimulationEnd, name = 'dead'): readonly Shape[] {
  const queue = queueByName(world, name);
  return queue === undefined ? [] : messagesIn(queue);
}

/** What the function was given first. */
function firstOf(end: SimulationEnd): Shape {
  const all = received(end);
  const first: unknown = Array.isArray(all) ? all[0] : undefined;
  return isRecord(first) ? first : {};
}

function received({ world }: SimulationEnd): unknown {
  return world.records('lambda', 'Functions')[0]?.['Received'];
}

function onFailure(Destination: string): Shape {
  return { EventInvokeConfig: { DestinationConfig: { OnFailure: { Destination } } } };
}

describe('an event of a function of others', () => {
  it('is handled in its time, and kept to look at', async () => {
    const end = await gave({ Handles: 'PT3S', DeadLetterConfig: { TargetArn: DEAD } });
    expect(received(end)).toEqual([
      {
        RequestId: expect.any(String),
        Qualifier: '$LATEST',
        At: expect.stringContaining('2026-11-22T08:00:00.'),
        Event: EVENT,
        Attempts: 1,
        Outcome: 'handled',
      },
    ]);
    expect(letters(end)).toEqual([]);
  });

  it('is tried three times, and then left in its dead-letter queue as it was', async () => {
    const end = await gave({ Fails: 'all', DeadLetterConfig: { TargetArn: DEAD } });
    expect(received(end)).toMatchObject([{ Attempts: 3, Outcome: 'failed' }]);
    const [letter] = letters(end);
    expect(letter).toMatchObject({
      Body: EVENT,
      MessageAttributes: {
        RequestID: { DataType: 'String' },
        ErrorCode: { DataType: 'Number', StringValue: '200' },
        ErrorMessage: { DataType: 'String' },
      },
    });
    // Three seconds at it, with a minute and two between.
    const sent = isRecord(letter?.['Attributes']) ? letter['Attributes']['SentTimestamp'] : undefined;
    expect(Number(sent) - Date.parse(String(firstOf(end)['At']))).toBe(183_000);
  });

  it('is taken by a version that nothing leads to but its own configuration', async () => {
    const EventInvokeConfig = [{ FunctionArn: `${ARN}:5`, DestinationConfig: {} }];
    expect(received(await gave({ EventInvokeConfig }, { name: `${ARN}:5` }))).toMatchObject([{ Qualifier: '5' }]);
  });

  it('is told to a destination in a record, with what was invoked', async () => {
    const end = await gave(
      {
        Fails: 'all',
        Aliases: [{ Name: 'live', FunctionVersion: '7' }],
        EventInvokeConfig: [
          {
            FunctionArn: `${ARN}:live`,
            MaximumRetryAttempts: 0,
            DestinationConfig: { OnFailure: { Destination: DEAD } },
          },
        ],
      },
      { name: `${ARN}:live` },
    );
    const [letter, ...others] = letters(end);
    expect([others, letter?.['MessageAttributes']]).toEqual([[], undefined]);
    expect(letter?.['Body']).toContain(`"requestPayload":${EVENT}`);
    expect(JSON.parse(String(letter?.['Body']))).toMatchObject({
      version: '1.0',
      requestContext: { functionArn: `${ARN}:live`, condition: 'RetriesExhausted', approximateInvokeCount: 1 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
    });
  });

  it('goes to both, where both are set up', async () => {
    expect(
      letters(await gave({ Fails: 'all', DeadLetterConfig: { TargetArn: DEAD }, ...onFailure(DEAD) })),
    ).toHaveLength(2);
  });

  it('goes by way of a topic to whoever subscribes to it, raw or in an envelope', async () => {
    const subscription = (name: string, queue: string, raw: string): Shape => ({
      SubscriptionArn: `${TOPIC}:${name}`,
      TopicArn: TOPIC,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${PLACE}:${queue}`,
      Attributes: { RawMessageDelivery: raw },
    });
    const more = { sns: { Subscriptions: [subscription('1', 'dead', 'false'), subscription('2', 'raw', 'true')] } };
    const end = await gave({ Fails: 'all', DeadLetterConfig: { TargetArn: TOPIC } }, { more });
    expect(JSON.parse(String(letters(end)[0]?.['Body']))).toMatchObject({
      Type: 'Notification',
      TopicArn: TOPIC,
      Message: EVENT,
      UnsubscribeURL: expect.stringContaining(`SubscriptionArn=${TOPIC}:1`),
      MessageAttributes: { ErrorCode: { Type: 'Number', Value: '200' } },
    });
    expect(letters(end, 'raw')).toMatchObject([{ Body: EVENT, MessageAttributes: { RequestID: {} } }]);
    const large = await gave({ Fails: 'all', ...onFailure(TOPIC) }, { more, payloads: [`"${'x'.repeat(262_144)}"`] });
    expect(letters(large, 'raw')[0]?.['Body']).not.toContain('requestPayload');
    const lost = await gave(
      { Fails: 'all', DeadLetterConfig: { TargetArn: TOPIC } },
      { more, payloads: [`"${'x'.repeat(262_144)}"`] },
    );
    expect([letters(lost, 'raw'), lost.assumed]).toEqual([[], [expect.stringContaining('too large for its topic')]]);
  });

  it('is not followed elsewhere, and that is said', async () => {
    const end = await gave({ Fails: 'all', ...onFailure(`arn:aws:events:${PLACE}:event-bus/default`) });
    expect(end.assumed).toEqual([expect.stringContaining('elsewhere')]);
  });

  it('fails where it is so, the first so many times, or until it is repaired', async () => {
    const payloads = ['{"id":1}', '{"id":2}'];
    const outcomes = async (fn: Shape): Promise<unknown> => {
      const all: unknown = received(
        await gave({ ...fn, EventInvokeConfig: { MaximumRetryAttempts: 1 } }, { payloads }),
      );
      return Array.isArray(all)
        ? all.map((one: unknown) => (isRecord(one) ? [one['Attempts'], one['Outcome']] : []))
        : [];
    };
    expect(await outcomes({ Fails: [{ body: { id: 2 } }] })).toEqual([
      [1, 'handled'],
      [2, 'failed'],
    ]);
    expect(await outcomes({ Fails: 1 })).toEqual([
      [2, 'handled'],
      [1, 'handled'],
    ]);
    expect(await outcomes({ Fails: 'all', Until: 'PT30S' })).toEqual([
      [2, 'handled'],
      [2, 'handled'],
    ]);
  });

  it('is gone on with where the world is taken up again', () => {
    const pending = {
      RequestId: 'r',
      Qualifier: '$LATEST',
      At: '2026-11-22T07:59:59Z',
      Event: '{}',
      Attempts: 0,
      Outcome: 'pending',
    };
    const again = serviceWorld({ lambda: { Functions: [{ FunctionName: 'f', Received: [pending] }] } });
    expect(parseWorld(worldFile(again.world)).data['lambda']).toMatchObject({ Functions: [{ Received: [pending] }] });
    again.quiesce();
    expect(again.world.records('lambda', 'Functions')).toMatchObject([{ Received: [{ Outcome: 'handled' }] }]);
    const deleted = serviceWorld({ lambda: { Functions: [{ FunctionName: 'f', Received: [pending] }] } });
    deleted.set('lambda/Functions/f', null);
    deleted.quiesce();
    expect(deleted.world.records('lambda', 'Functions')).toEqual([]);
  });
});
