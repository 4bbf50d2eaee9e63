/** Where letters go that no queue has left, and what functions were given, as the invariants see it. */

import { describe, expect, it } from 'vitest';
import { isGiven, placesBehind, queuesBehind } from '../../../rehearsal/redrive-dead-letters/senders.ts';
import type { World } from '../../../simulator/engine/model.ts';
import { serviceWorld } from '../../simulator/services/service-world.ts';

const PLACE = 'eu-west-1:111122223333';
const [DEAD, OTHER] = [`arn:aws:sqs:${PLACE}:dead`, `arn:aws:sqs:${PLACE}:other`];

function queue(name: string): string {
  return `arn:aws:sqs:${PLACE}:${name}`;
}

function senders(dead: string): World {
  const subscription = (name: string, Attributes: object): object => ({
    SubscriptionArn: `arn:aws:sns:${PLACE}:t:${name}`,
    TopicArn: `arn:aws:sns:${PLACE}:t`,
    Protocol: 'sqs',
    Endpoint: queue(name),
    Attributes,
  });
  const target = (name: string): object => ({ Id: name, Arn: queue(name), DeadLetterConfig: { Arn: dead } });
  const Target = {
    Arn: queue('nightly'),
    RoleArn: 'arn:aws:iam::111122223333:role/r',
    DeadLetterConfig: { Arn: dead },
  };
  return serviceWorld({
    sns: {
      Subscriptions: [
        subscription('topical', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead }) }),
        subscription('plain', {}),
      ],
    },
    eventbridge: {
      Rules: [{ Name: 'r', Targets: [target('ruled'), { Id: 'x', Arn: queue('undead') }] }, { Name: 's' }],
    },
    scheduler: { Schedules: [{ Name: 'n', Target }] },
    lambda: { Functions: [{ FunctionName: 'f', DeadLetterConfig: { TargetArn: dead } }, { FunctionName: 'g' }] },
  }).world;
}

describe('the places behind a queue of dead letters', () => {
  it('are those of subscriptions, rules, schedules and functions that name it', () => {
    const queues = ['topical', 'ruled', 'nightly'].map(queue);
    expect(placesBehind(senders(DEAD), DEAD)).toEqual([...queues, `arn:aws:lambda:${PLACE}:function:f`]);
    expect(queuesBehind(senders(DEAD), DEAD)).toEqual(queues);
  });

  it('are none where they name another', () => {
    expect(placesBehind(senders(OTHER), DEAD)).toEqual([]);
  });
});

describe('a letter', () => {
  function given(...events: readonly string[]): World {
    const Received = events.map((Event, index) => {
      return { RequestId: String(index), Qualifier: '$LATEST', At: 'x', Event, Attempts: 1, Outcome: 'handled' };
    });
    return serviceWorld({ lambda: { Functions: [{ FunctionName: 'f' }, { FunctionName: 'g', Received }] } }).world;
  }

  it('was given to a function as it is, as the event in it, or as the message in its envelope', () => {
    expect(isGiven(given('{"n":1}'), '{"n":1}')).toBe(true);
    expect(isGiven(given('{"n":2}', '{"n":1}'), '{"requestPayload":{"n":1}}')).toBe(true);
    const envelope = JSON.stringify({ Type: 'Notification', Message: 'he said "yes"' });
    const records = JSON.stringify({ Records: [{ Sns: { Message: 'he said "yes"' } }] });
    expect(isGiven(given(records), envelope)).toBe(true);
  });

  it('was not where all got something else', () => {
    expect(isGiven(given(), '{"n":1}')).toBe(false);
    expect(isGiven(given('{"n":12}'), '{"n":1}')).toBe(false);
    expect(isGiven(given('{"n":12}'), 'no JSON')).toBe(false);
    expect(isGiven(given('{"n":12}'), JSON.stringify({ Message: { n: 12 } }))).toBe(true);
    expect(isGiven(given('{"Message":"other"}'), JSON.stringify({ Message: 'mine' }))).toBe(false);
  });
});
