/** Which account and Region an alarm is of: its ARN says it, and whatever says otherwise is bad input. */

import { describe, expect, it } from 'vitest';
import { altered, faultOf, parseBatch, parseSingle, readEvent } from './events.ts';

const ACTION = readEvent('alarm-action-metric');
const SNS = readEvent('sns-alarm-metric');

/** The SNS event whose message has this member instead. */
function message(member: string, value: unknown): unknown {
  const path = ['Records', 0, 'Sns', 'Message'];
  const text = path.reduce<unknown>((found, step) => Reflect.get(Object(found), step), SNS);
  return altered(SNS, path, JSON.stringify(altered(JSON.parse(String(text)), [member], value)));
}

/** What is wrong with the one record of an SNS event. */
function recordFault(event: unknown): string {
  const [record] = parseBatch(event);
  if (record === undefined || !('error' in record)) throw new Error('expected a record with a fault');
  return record.error.message;
}

describe('the payload with which an alarm invokes a function', () => {
  it.each([
    ['arn:aws:cloudwatch:eu-west-1:111122223333:metric-stream/one'],
    ['arn:aws:cloudwatch:eu-west-1:111122223333:insight-rule:one'],
    ['arn:aws:sns:eu-west-1:111122223333:alarm:one'],
  ])('is no alarm’s with the ARN %s', (arn) => {
    expect(faultOf(altered(ACTION, ['alarmArn'], arn))).toContain('alarmArn: expected the ARN of an alarm');
  });

  it('may say no other account or Region beside its ARN', () => {
    expect(faultOf(altered(ACTION, ['accountId'], '999999999999'))).toContain("as in the alarm's ARN");
    expect(faultOf(altered(ACTION, ['region'], 'us-east-1'))).toContain("as in the alarm's ARN");
    expect(parseSingle(altered(ACTION, ['region'], undefined)).kind).toBe('alarm');
  });
});

describe('the message of an alarm', () => {
  it('may say no other account beside its ARN', () => {
    expect(recordFault(message('AWSAccountId', '999999999999'))).toContain("as in the alarm's ARN");
  });

  it('is of the account that it says where it has no ARN', () => {
    const [record] = parseBatch(message('AlarmArn', undefined));
    if (record === undefined || 'error' in record) throw new Error('expected a good record');
    expect(record.delivery.kind).toBe('alarm');
    expect(record.delivery.region).toBeUndefined();
  });
});
