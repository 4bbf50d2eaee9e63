/** Dead letters of every sender: what goes where, and what stays. */

import {
  assert as holds,
  constantFrom,
  dictionary,
  json as jsonText,
  jsonValue,
  oneof,
  property,
  string as anyString,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redelivery, type Envelope } from '../../../functions/redrive-dead-letters/decide/envelopes.ts';
import { rawMember } from '../../../functions/redrive-dead-letters/decide/raw-json.ts';
import { targetOf, type Origin } from '../../../functions/redrive-dead-letters/decide/origins.ts';
import {
  asynchronous,
  DEAD,
  destined,
  EVENT,
  functionArn,
  letter,
  notification,
  OF_FUNCTION,
  OF_FUNCTION_BY_TOPIC,
  ofRule,
  ofSchedule,
  record,
  recordOnBus,
  RULE,
  ruled,
  SCHEDULE,
  scheduled,
  subscribed,
  SUBSCRIPTION,
  TOPIC,
} from './letters-of-others.ts';
import { arnOf } from './queue-facts.ts';

const ORDERS = arnOf('orders');
const BUS: Origin = { kind: 'event-bus', bus: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop' };
/** More than a number of JavaScript's holds, spaces, an escape, a name twice. */
const ODD = '{"id" : 12345678901234567890, "a":[{"}":"\\"]"}],"a":1.0}';

function came(of: Envelope, ...origins: readonly Origin[]): unknown {
  return redelivery(of, origins, DEAD);
}

/** Where it goes, and as what. */
function sent(to: string, body: string, without: readonly string[] = []): object {
  return { to: targetOf(to), body, without };
}

/** The same by the redrive policy of a subscription. */
function bySubscription(to: string, body: string, without: readonly string[] = []): object {
  return { ...sent(to, body, without), isByPolicy: true };
}

describe('a letter of a queue', () => {
  it('goes to the queue that it says, whatever it looks like', () => {
    const of = { ...letter(record(functionArn('f'), '{}')), source: ORDERS };
    expect(came(of, destined('f'), { kind: 'sqs', to: targetOf(ORDERS) })).toEqual(sent(ORDERS, of.body));
    expect(came(of, destined('f'))).toBe('source-is-gone');
  });

  it('stays where no origin but queues is known and it says none', () => {
    expect(came(letter('{}'), { kind: 'sqs', to: targetOf(ORDERS) })).toBe('no-source');
    expect(came(letter('{}'))).toBe('no-source');
  });
});

describe('an event whose function tells its destination of it, too', () => {
  it('stays where both are here, for the record goes: else it would be given twice', () => {
    const origins = [asynchronous('f'), destined('f')];
    expect(came(letter('{}', OF_FUNCTION), ...origins)).toBe('also-recorded');
    expect(came(letter(record(functionArn('f'), '{}')), ...origins)).toEqual(sent(functionArn('f'), '{}'));
    expect(came(letter('{}', OF_FUNCTION), asynchronous('f'), destined('g'))).toEqual(sent(functionArn('f'), '{}'));
  });
});

describe('a letter of a subscription', () => {
  it('goes to its queue as it is, envelope and all', () => {
    const body = notification('{"order":5}');
    expect(came(letter(body), subscribed(ORDERS))).toEqual(bySubscription(ORDERS, body));
  });

  it('goes to its queue raw, with its own attributes', () => {
    const of = letter('order 5', { tenant: 't', ErrorCode: 'mine' });
    expect(came(of, subscribed(ORDERS, true))).toEqual(bySubscription(ORDERS, 'order 5'));
  });

  it('loses what SNS may have added about the failure', () => {
    const of = letter('order 5', { ...OF_FUNCTION, tenant: 't' });
    expect(came(of, subscribed(ORDERS, true))).toEqual(bySubscription(ORDERS, 'order 5', Object.keys(OF_FUNCTION)));
    const body = notification('order 5');
    expect(came(letter(body, OF_FUNCTION), subscribed(ORDERS))).toEqual(
      bySubscription(ORDERS, body, Object.keys(OF_FUNCTION)),
    );
  });

  it('reaches a function as the event that SNS makes of it', () => {
    const body = notification('{"order":5}', { MessageAttributes: { tenant: { Type: 'String', Value: 't' } } });
    const answer = redelivery(letter(body), [subscribed(functionArn('f:live'))], DEAD);
    expect(typeof answer === 'string' ? answer : [answer.to.arn, JSON.parse(answer.body)]).toEqual([
      functionArn('f:live'),
      {
        Records: [
          {
            EventSource: 'aws:sns',
            EventVersion: '1.0',
            EventSubscriptionArn: SUBSCRIPTION,
            Sns: {
              Type: 'Notification',
              MessageId: 'b7b7a6ab-9f0c-5a10-8d9c-f9c0a3f0e8b1',
              TopicArn: TOPIC,
              Subject: null,
              Message: '{"order":5}',
              Timestamp: '2026-11-22T07:00:00.000Z',
              SignatureVersion: '1',
              Signature: 'c2lnbmVk',
              SigningCertUrl: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
              UnsubscribeUrl: `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${SUBSCRIPTION}`,
              MessageAttributes: { tenant: { Type: 'String', Value: 't' } },
            },
          },
        ],
      },
    ]);
  });

  it('is told apart from those of its sisters by the subscription that it names', () => {
    const sister = `${TOPIC}:0000`;
    const origins = [subscribed(ORDERS), subscribed(arnOf('audit'), false, sister)];
    const body = notification('x', {}, encodeURIComponent(sister));
    expect(came(letter(body), ...origins)).toEqual(bySubscription(arnOf('audit'), body));
    expect(came(letter(notification('x', { UnsubscribeURL: undefined })), ...origins)).toBe(
      'several-could-have-sent-it',
    );
    expect(came(letter(notification('x', {}, `${TOPIC}:gone`)), ...origins)).toBe('source-is-gone');
    expect(came(letter(notification('x', {}, '%zz')), ...origins)).toBe('source-is-gone');
    expect(came(letter(notification('x', { TopicArn: 'other' })), ...origins)).toBe('source-is-gone');
  });

  it('stays raw where another may have left it, to whatever that delivers', () => {
    const web = subscribed(`${TOPIC}:web`, true, `${TOPIC}:web`);
    expect(came(letter('order 5', OF_FUNCTION), subscribed(ORDERS, true), web)).toBe('several-could-have-sent-it');
  });

  it('stays where its target takes nothing from here', () => {
    const body = notification('x');
    expect(came(letter(body), subscribed('https://example.com/hook'))).toBe('neither-queue-nor-function');
    expect(came(letter(body), subscribed(arnOf('line.fifo')))).toBe('ordered');
    expect(came(letter(body), subscribed(ORDERS.replace('1111', '9999')))).toBe('elsewhere');
    expect(came(letter(body), subscribed(ORDERS.replace('west', 'north')))).toBe('elsewhere');
  });
});

describe('a letter of a function that was called asynchronously', () => {
  it('is the event, to the byte, without what Lambda says of the failure', () => {
    expect(came(letter(ODD, OF_FUNCTION), asynchronous('f'))).toEqual(sent(functionArn('f'), ODD));
  });

  it('is taken out of a topic, with its envelope or raw', () => {
    const body = notification(ODD, OF_FUNCTION_BY_TOPIC);
    const way = { by: 'topic', topic: TOPIC, raw: false } as const;
    expect(came(letter(body), asynchronous('f', way))).toEqual(sent(functionArn('f'), ODD));
    expect(came(letter(notification(ODD)), asynchronous('f', way))).toBe('source-is-gone');
    expect(came(letter(ODD, OF_FUNCTION), asynchronous('f', { ...way, raw: true }))).toEqual(
      sent(functionArn('f'), ODD),
    );
  });

  it('may be the record of another function, on which it has failed', () => {
    const body = record(functionArn('g:$LATEST'), '{}');
    expect(came(letter(body, OF_FUNCTION), asynchronous('f'), destined('g'))).toEqual(sent(functionArn('f'), body));
  });

  it('stays where two could have sent it, or where its version is not known', () => {
    const of = letter('{}', OF_FUNCTION);
    expect(came(of, asynchronous('f'), asynchronous('g'))).toBe('several-could-have-sent-it');
    expect(came(of, asynchronous('f'), subscribed(ORDERS, true))).toBe('several-could-have-sent-it');
    expect(came(of, asynchronous('f'), asynchronous('f'))).toEqual(sent(functionArn('f'), '{}'));
    expect(came(of, asynchronous('f', { by: 'itself' }, ['live']))).toBe('qualifier-unknown');
  });

  it('stays where it is no event, or has none of what Lambda says', () => {
    expect(came(letter('no JSON', OF_FUNCTION), asynchronous('f'))).toBe('no-json');
    expect(came(letter('{}', { RequestID: 'x' }), asynchronous('f'))).toBe('unlike-its-sources');
  });
});

describe('a record of a failed invocation', () => {
  it('goes as the event in it, to the byte, to the version or alias that failed', () => {
    for (const qualified of ['f:live', 'f:$LATEST', 'f:7'])
      expect(came(letter(record(functionArn(qualified), ODD)), destined('f'))).toEqual(
        sent(functionArn(qualified), ODD),
      );
  });

  it('tells two functions apart that share the queue, and from events of one that has no destination', () => {
    const origins = [destined('f'), destined('g'), asynchronous('h')];
    expect(came(letter(record(functionArn('g:1'), '[1]')), ...origins)).toEqual(sent(functionArn('g:1'), '[1]'));
    expect(came(letter('[2]', OF_FUNCTION), ...origins)).toEqual(sent(functionArn('h'), '[2]'));
    expect(came(letter(record(functionArn('ff:1'), '[1]')), ...origins)).toBe('source-is-gone');
  });

  it('is taken out of a topic and out of an event', () => {
    const body = record(functionArn('f:1'), ODD);
    const way = { by: 'topic', topic: TOPIC, raw: false } as const;
    expect(came(letter(notification(body)), destined('f', way))).toEqual(sent(functionArn('f:1'), ODD));
    expect(came(letter(body), destined('f', { ...way, raw: true }))).toEqual(sent(functionArn('f:1'), ODD));
    const onBus = letter(recordOnBus(functionArn('f:1'), ODD));
    expect(came(onBus, destined('f', { by: 'rule', rule: RULE }))).toEqual(sent(functionArn('f:1'), ODD));
    expect(came(onBus, destined('f'))).toBe('source-is-gone');
  });

  it.each([
    ['payload-dropped', record(functionArn('f:1'), undefined)],
    ['payload-dropped', record(functionArn('f:1'), 'null')],
    ['batch-pointer', record(functionArn('f:1'), undefined, { KinesisBatchInfo: { shardId: 's' } })],
    ['batch-pointer', record(functionArn('f:1'), undefined, { DDBStreamBatchInfo: { shardId: 's' } })],
    [
      'was-a-success',
      record(functionArn('f:1'), '{}', { requestContext: { functionArn: functionArn('f:1'), condition: 'Success' } }),
    ],
  ])('stays for %s', (why, body) => {
    expect(came(letter(body), destined('f'))).toBe(why);
    expect(came(letter(notification(body)), destined('f', { by: 'topic', topic: TOPIC, raw: false }))).toBe(why);
  });

  it('of a batch stays also where nobody is known to have sent it', () => {
    const body = record(functionArn('f:1'), undefined, { DDBStreamBatchInfo: {} });
    expect(came(letter(body))).toBe('batch-pointer');
    expect(came(letter(body), subscribed(ORDERS, true))).toBe('batch-pointer');
  });
});

describe('a letter of a rule', () => {
  it.each([ORDERS, functionArn('f:live')])('goes to the target that it names: %s', (to) => {
    const answer = came(letter(EVENT, ofRule(to)), ruled(arnOf('other')), ruled(to), subscribed(ORDERS, true));
    expect(answer).toEqual(
      sent(to, EVENT, [...Object.keys(ofRule(to)).slice(0, 4), 'EXHAUSTED_RETRY_CONDITION', 'RETRY_ATTEMPTS']),
    );
  });

  it.each([
    ['was-transformed', letter(EVENT, ofRule(ORDERS)), ruled(ORDERS, true)],
    ['unlike-its-sources', letter('{"order":5}', ofRule(ORDERS)), ruled(ORDERS)],
    ['source-is-gone', letter(EVENT, ofRule(arnOf('gone'))), ruled(ORDERS)],
    ['source-is-gone', letter(EVENT, ofRule(ORDERS, `${RULE}-gone`)), ruled(ORDERS)],
    ['source-is-gone', letter(EVENT, ofRule(ORDERS)), subscribed(ORDERS, true)],
    ['neither-queue-nor-function', letter(EVENT, ofRule('arn:aws:states:x')), ruled('arn:aws:states:x')],
  ])('stays: %s', (why, of, origin) => {
    expect(came(of, origin)).toBe(why);
  });

  it('stays where one of two targets at the same place gets something else', () => {
    expect(came(letter(EVENT, ofRule(ORDERS)), ruled(ORDERS), ruled(ORDERS, true))).toBe('several-could-have-sent-it');
  });
});

describe('a letter of a schedule', () => {
  it('goes to its target, as the input or out of the request that it was', () => {
    const own = came(letter('run', ofSchedule(ORDERS)), scheduled(ORDERS));
    expect(own).toMatchObject({ to: targetOf(ORDERS), body: 'run' });
    const asked = JSON.stringify({
      MessageBody: 'run',
      QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders',
    });
    const of = letter(asked, ofSchedule('arn:aws:scheduler:::aws-sdk:sqs:sendMessage'));
    expect(came(of, scheduled(ORDERS))).toEqual(own);
    expect(came(of, scheduled(arnOf('audit')))).toBe('unlike-its-sources');
    const fn = functionArn('f');
    const called = JSON.stringify({ FunctionName: fn, InvocationType: 'Event', Payload: '[1]' });
    const invoked = letter(called, ofSchedule('arn:aws:scheduler:::aws-sdk:lambda:invoke'));
    expect(came(invoked, scheduled(fn))).toMatchObject({ to: targetOf(fn), body: '[1]' });
  });

  it('leaves nothing behind of what Scheduler says', () => {
    const answer = redelivery(letter('x', ofSchedule(ORDERS)), [scheduled(ORDERS)], DEAD);
    const without = typeof answer === 'string' ? [] : answer.without;
    expect(Object.keys(ofSchedule(ORDERS)).filter((name) => !without.includes(name))).toEqual([]);
  });

  it.each([
    ['truncated', 'x', ofSchedule(ORDERS, { IS_PAYLOAD_TRUNCATED: 'true' }), ORDERS],
    ['truncated', 'x', ofSchedule(ORDERS, { IS_PAYLOAD_TRUNCATED: '' }), ORDERS],
    ['unlike-its-sources', 'x', ofSchedule(arnOf('gone')), ORDERS],
    ['unlike-its-sources', '[]', ofSchedule('arn:aws:scheduler:::aws-sdk:sqs:sendMessage'), ORDERS],
    ['no-json', 'x', ofSchedule(functionArn('f')), functionArn('f')],
    ['source-is-gone', 'x', ofSchedule(ORDERS, { SCHEDULE_ARN: `${SCHEDULE}-gone` }), ORDERS],
    [
      'neither-queue-nor-function',
      '{}',
      ofSchedule('arn:aws:scheduler:::aws-sdk:ecs:runTask'),
      'arn:aws:scheduler:::aws-sdk:ecs:runTask',
    ],
  ])('stays: %s', (why, body, attributes, to) => {
    expect(came(letter(body, attributes), scheduled(to))).toBe(why);
  });
});

describe('a letter of a bus', () => {
  it('stays, since it has reached none of the rules yet, or has no event', () => {
    expect(came(letter(EVENT), BUS)).toBe('for-every-rule');
    expect(came(letter('order 5'), BUS)).toBe('unlike-its-sources');
    expect(came(letter('{"busArn":"arn","failedMessages":[{"eventId":"e"}]}'), BUS)).toBe('pointer-only');
  });
});

describe('a body that nobody meant', () => {
  const ALL = [
    subscribed(ORDERS),
    subscribed(functionArn('f')),
    asynchronous('f', { by: 'topic', topic: TOPIC, raw: false }),
    destined('g'),
    destined('g', { by: 'rule', rule: RULE }),
    ruled(ORDERS),
    scheduled(ORDERS),
    BUS,
  ];

  it.each([
    '',
    'null',
    '[]',
    '"Notification"',
    '{"Type":"Notification"}',
    '{"Type":"Notification","TopicArn":1,"Message":{},"MessageId":[]}',
    '{"requestContext":null}',
    '{"requestContext":{"functionArn":7}}',
    '{"source":"lambda","detail-type":"Lambda Function Invocation Result - Failure","detail":"x"}',
    '{"__proto__":{"Type":"Notification"}}',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `{"a":"${'x'.repeat(1_000_000)}"`,
  ])('stays: %.60s', (body) => {
    expect(['unlike-its-sources', 'source-is-gone', 'for-every-rule']).toContain(came(letter(body), ...ALL));
  });

  it('goes to no function that is larger than what functions take', () => {
    const body = `"${'é'.repeat(524_288)}"`;
    expect(came(letter(body, OF_FUNCTION), asynchronous('f'))).toBe('larger-than-the-function-takes');
  });

  it('is answered whatever it is, and goes nowhere but to a target that is configured', () => {
    const body = oneof(
      anyString(),
      jsonText(),
      jsonValue().map((value) => notification(JSON.stringify(value))),
    );
    const name = constantFrom(...Object.keys({ ...OF_FUNCTION, ...ofSchedule(ORDERS) }), 'tenant');
    const value = oneof(anyString(), constantFrom(RULE, ORDERS, SCHEDULE));
    holds(
      property(body, dictionary(name, value), (text, attributes) => {
        const answer = redelivery(letter(text, attributes), ALL, DEAD);
        const to = typeof answer === 'string' ? ORDERS : answer.to.arn;
        expect([ORDERS, functionArn('f')]).toContain(to);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a member as it was written', () => {
  it('is what JSON.parse finds there', () => {
    holds(
      property(dictionary(anyString(), jsonValue()), anyString(), (object, name) => {
        const text = JSON.stringify({ ...object, [`${name}!`]: object }, null, 1);
        const raw = rawMember(text, [`${name}!`]);
        expect(JSON.parse(raw ?? 'null')).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
    expect(rawMember('{"a":{"b": 1e400 },"a":{"b":[ 1.0 ]}}', ['a', 'b'])).toBe('[ 1.0 ]');
    expect([rawMember('[]', ['a']), rawMember('{}', ['a']), rawMember('{"a":1}', ['a', 'b'])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
