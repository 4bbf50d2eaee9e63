import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import { parseEvent } from '../../../../shared/kernel/triggers/parser.ts';
import { EVENT_FIXTURES, READERS, altered, faultOf, parseBatch, parseSingle, readEvent, sqsEvent } from './events.ts';
import { mutatedEvents } from './mutate.ts';
import { cases } from '../../../share.ts';

function nested(levels: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
}

function requestOf(chars: number): unknown {
  return { runbook: 'recycle-instances', params: { note: 'x'.repeat(chars) } };
}

function wrap(inner: unknown): unknown {
  return {
    Type: 'Notification',
    MessageId: 'm',
    TopicArn: 't',
    Timestamp: '2026-11-22T08:00:00Z',
    Message: JSON.stringify(inner),
  };
}

describe('a fault', () => {
  test.each([
    [
      ['detail', 'instance-id'],
      7,
      'detail.instance-id: expected an instance id such as i-0123456789abcdef0, found number 7',
    ],
    [
      ['detail', 'state'],
      undefined,
      'detail.state: expected one of pending, running, stopping, stopped, shutting-down, terminated, found nothing',
    ],
    [
      ['time'],
      '2026-02-30T00:00:00Z',
      'time: expected a time such as 2026-01-01T00:00:00Z, found "2026-02-30T00:00:00Z"',
    ],
    [['account'], '1111', 'account: expected an account of 12 digits, found "1111"'],
    [['region'], 'EU (Ireland)', 'region: expected a region such as eu-west-1, found "EU (Ireland)"'],
    [['detail-type'], undefined, 'detail-type: expected text, found nothing'],
    [['detail'], 'stopped', 'detail: expected an object, found "stopped"'],
  ])('at %j is named by its path', (path, value, expected) => {
    expect(faultOf(altered(readEvent('eventbridge-instance-state'), path, value))).toBe(expected);
  });

  test('of a document that is no event lists what it knows', () => {
    expect(faultOf({ hello: 1 })).toBe(
      'expected an EventBridge event, an alarm, an Auto Scaling notification or { "runbook": NAME }, found keys hello',
    );
    expect(faultOf(null)).toBe('expected an object, found null');
    expect(faultOf('i-1')).toBe('expected an object, found "i-1"');
  });

  test('is told on one printable line of at most 300 characters', () => {
    const text = faultOf(
      altered(readEvent('eventbridge-instance-state'), ['detail', 'state'], `stopped\n\u2028\u202e${'x'.repeat(5000)}`),
    );
    expect(text).toBe(
      `detail.state: expected one of pending, running, stopping, stopped, shutting-down, terminated, found "stopped\\n\\u2028\\u202e${'x'.repeat(38)}…"`,
    );
    const deep = faultOf({ runbook: 'recycle-instances', ['k\n'.repeat(500)]: 1 });
    expect(deep.length).toBeLessThanOrEqual(300);
    expect(deep).not.toContain('\n');
  });

  test('is an event of more than 1 MB, counted in UTF-8', () => {
    const event = altered(readEvent('eventbridge-other'), ['detail', 'cause'], 'é'.repeat(524_288));
    expect(faultOf(event)).toMatch(/^\d{7} bytes are more than the 1048576 that AWS delivers$/);
    expect(
      parseSingle(altered(readEvent('eventbridge-other'), ['detail', 'cause'], 'e'.repeat(524_288))),
    ).toMatchObject({ kind: 'other' });
  });

  test('is nesting beyond 50 levels', () => {
    expect(faultOf(altered(readEvent('eventbridge-other'), ['detail'], nested(60)))).toContain(
      'nested more than 50 levels deep',
    );
    expect(parseSingle(altered(readEvent('eventbridge-other'), ['detail'], nested(49)))).toMatchObject({
      kind: 'other',
    });
  });

  test.each(['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'])(
    'is the key that reaches a prototype in %s',
    (params) => {
      expect(faultOf({ runbook: 'recycle-instances', params: JSON.parse(params) as unknown })).toMatch(
        /^params\.(__proto__|constructor): this key is not allowed/,
      );
      expect({}).not.toHaveProperty('polluted');
    },
  );
});

describe('a batch', () => {
  test('keeps the order, the message ids and the source of its records', () => {
    expect(
      parseBatch(readEvent('sqs-mixed')).map((record) => [
        record.source,
        record.messageId,
        'delivery' in record ? record.delivery.kind : 'error',
      ]),
    ).toEqual([
      ['sqs', '0b8f6d3e-5c41-4a7e-9d20-000000000042', 'request'],
      ['sqs', '0b8f6d3e-5c41-4a7e-9d20-000000000043', 'alarm'],
      ['sqs', '0b8f6d3e-5c41-4a7e-9d20-000000000044', 'lifecycle'],
    ]);
  });

  test('lets one bad record stand beside good ones, with its path', () => {
    const bad = altered(readEvent('eventbridge-instance-state'), ['detail', 'state'], 'rebooting');
    const records = parseBatch(
      sqsEvent({ runbook: 'recycle-instances' }, bad, 'not JSON', { runbook: 'recycle-instances' }),
    );
    expect(
      records.map((record) =>
        'error' in record ? `${record.messageId}: ${record.error.message}` : record.delivery.kind,
      ),
    ).toEqual([
      'request',
      'm1: Records[1].body.detail.state: expected one of pending, running, stopping, stopped, shutting-down, terminated, found "rebooting"',
      'm2: Records[2].body: expected a JSON document, found "not JSON"',
      'request',
    ]);
  });

  test('names the path of a fault inside an SNS message', () => {
    const event = readEvent('sns-alarm-metric');
    const records = parseBatch(altered(event, ['Records', 0, 'Sns', 'Message'], '{"AlarmName":"a","AWSAccountId":7}'));
    expect(records.map((record) => ('error' in record ? record.error.message : 'good'))).toEqual([
      'Records[0].Sns.Message.AWSAccountId: expected an account of 12 digits, found number 7',
    ]);
  });

  test("accepts a message above EventBridge's limit, and refuses one above 1 MiB", () => {
    expect(
      parseBatch(sqsEvent(requestOf(400_000), requestOf(1_100_000))).map((record) =>
        'error' in record ? record.error.message : record.delivery.kind,
      ),
    ).toEqual(['request', expect.stringMatching(/^Records\[1\]\.body: expected at most 1048576 characters, found "/)]);
  });

  test('refuses more SNS envelopes than two', () => {
    const request = { runbook: 'recycle-instances' };
    expect(
      parseBatch(sqsEvent(wrap(wrap(request)), wrap(wrap(wrap(request))))).map((record) =>
        'error' in record ? record.error.message : record.delivery.kind,
      ),
    ).toEqual(['request', 'Records[1].body.Message.Message: more than 2 SNS envelopes']);
  });

  test('of another service, or of nothing, is bad input as a whole', () => {
    expect(faultOf({ Records: [{ eventSource: 'aws:s3' }] })).toBe(
      'Records[0].eventSource: expected aws:sqs or aws:sns, found "aws:s3"',
    );
    expect(faultOf({ Records: [] })).toBe('Records: expected a record, found an empty list');
    expect(faultOf({ Records: 'x' })).toBe('Records: expected a list, found "x"');
  });
});

describe('mutated events', () => {
  test('each end in deliveries or in one clear line', () => {
    const seen = { good: 0, bad: 0 };
    const checkError = (error: unknown): void => {
      seen.bad += 1;
      if (!(error instanceof BadInputError)) throw error;
      expect(error.message.length).toBeLessThanOrEqual(300);
      expect(error.message).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
    };
    fc.assert(
      fc.property(mutatedEvents(EVENT_FIXTURES), ({ mutated }) => {
        try {
          const parsed = parseEvent(mutated, READERS);
          const records: readonly object[] = parsed.kind === 'single' ? [parsed] : parsed.records;
          for (const record of records) {
            if ('error' in record) checkError(record.error);
            else seen.good += 1;
          }
        } catch (error) {
          checkError(error);
        }
      }),
      { numRuns: cases(10_000), seed: 20_261_122 },
    );
    // Were nearly all good, or nearly all bad, the property would say little.
    expect(seen.good).toBeGreaterThan(cases(5_000));
    expect(seen.bad).toBeGreaterThan(cases(1_500));
    expect({}).not.toHaveProperty('polluted');
  });
});
