import { readFileSync, readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../../shared/errors.ts';
import { parseEvent } from '../../shared/trigger-parser.ts';
import type { Delivery, ParsedRecord } from '../../shared/triggers.ts';
import { mutatedEvents, type EventFixture } from '../support/mutate.ts';

const FOLDER = new URL('../fixtures/events/', import.meta.url);

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Record<string, unknown>;
}

const FIXTURES: readonly EventFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ name: file.slice(0, -5), event: read(file.slice(0, -5)) }));

function single(event: unknown): Delivery {
  const parsed = parseEvent(event);
  if (parsed.kind !== 'single') throw new Error('expected a single delivery');
  return parsed.delivery;
}

function batch(event: unknown): readonly ParsedRecord[] {
  const parsed = parseEvent(event);
  if (parsed.kind !== 'batch') throw new Error('expected a batch');
  return parsed.records;
}

function only(event: unknown): Delivery {
  const [record, ...more] = batch(event);
  if (record === undefined || more.length > 0 || 'error' in record) throw new Error('expected one good record');
  return record.delivery;
}

/** The event with the value at `path` replaced; `undefined` deletes. */
function altered(event: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(event);
  let holder = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

function message(event: unknown): string {
  try {
    parseEvent(event);
  } catch (error) {
    if (error instanceof BadInputError) return error.message;
    throw error;
  }
  throw new Error('expected bad input');
}

function sqs(...bodies: readonly unknown[]): unknown {
  return { Records: bodies.map((body, index) => ({ messageId: `m${index}`, eventSource: 'aws:sqs', body: typeof body === 'string' ? body : JSON.stringify(body) })) };
}

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const METRIC_ALARM = {
  kind: 'alarm',
  id: 'alarm:111122223333:eu-west-1:web-primary-status:2026-11-22T08:00:04.512Z',
  at: '2026-11-22T08:00:04.512Z',
  ...PLACE,
  alarmName: 'web-primary-status',
  state: 'ALARM',
  instanceIds: ['i-0123456789abcdef0'],
  childAlarmNames: [],
};
const MATH_ALARM = {
  ...METRIC_ALARM,
  id: 'alarm:111122223333:eu-west-1:web-pair-status:2026-11-22T08:00:04.512Z',
  alarmName: 'web-pair-status',
  instanceIds: ['i-0123456789abcdef0', 'i-0fedcba9876543210'],
};
const COMPOSITE_ALARM = {
  ...METRIC_ALARM,
  id: 'alarm:111122223333:eu-west-1:web-down:2026-11-22T08:00:04.512Z',
  alarmName: 'web-down',
  instanceIds: [],
  childAlarmNames: ['web-primary-status', 'maintenance window', 'probe-a', 'probe-b'],
};

describe('an alarm', () => {
  test.each([
    ['eventbridge-alarm-metric', METRIC_ALARM],
    ['eventbridge-alarm-metric-math', MATH_ALARM],
    ['eventbridge-alarm-composite', COMPOSITE_ALARM],
    ['alarm-action-metric', METRIC_ALARM],
    ['alarm-action-metric-math', MATH_ALARM],
    ['alarm-action-composite', COMPOSITE_ALARM],
  ])('is read from %s', (name, expected) => {
    expect(single(read(name))).toEqual(expected);
  });

  test.each([
    ['sns-alarm-metric', METRIC_ALARM],
    ['sns-alarm-metric-math', MATH_ALARM],
    ['sns-alarm-composite', COMPOSITE_ALARM],
    ['sqs-sns-alarm', METRIC_ALARM],
    ['sqs-sns-raw-alarm', METRIC_ALARM],
  ])('is read from %s with the same id as from EventBridge', (name, expected) => {
    expect(only(read(name))).toEqual(expected);
  });

  test('that goes back to OK is a delivery of its own with another id', () => {
    expect(single(read('eventbridge-alarm-ok'))).toMatchObject({ state: 'OK', id: 'alarm:111122223333:eu-west-1:web-primary-status:2026-11-22T08:20:04.000Z' });
  });

  test('names its children whether the rule quotes them, leaves them bare, names ARNs or counts them', () => {
    const rule = 'ALARM("a (1)") OR OK( b ) AND NOT INSUFFICIENT_DATA("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:c") OR (alarm(a-2) OR AT_LEAST(50%, NOT OK, ("d", e))) OR ALARM("a (1)") OR TRUE';
    const event = altered(read('alarm-action-composite'), ['alarmData', 'configuration', 'alarmRule'], rule);
    expect(single(event)).toMatchObject({ childAlarmNames: ['a (1)', 'b', 'c', 'a-2', 'd', 'e'] });
  });

  test('with a dimension InstanceId that is no EC2 instance names none', () => {
    const path = ['detail', 'configuration', 'metrics', 0, 'metricStat', 'metric', 'dimensions', 'InstanceId'];
    expect(single(altered(read('eventbridge-alarm-metric'), path, 'web-1'))).toMatchObject({ instanceIds: [] });
  });

  test('without a configuration is still an alarm', () => {
    expect(single(altered(read('eventbridge-alarm-metric'), ['detail', 'configuration'], undefined))).toMatchObject({ instanceIds: [], childAlarmNames: [] });
  });

  test('whose account contradicts its ARN is bad input', () => {
    expect(message(altered(read('alarm-action-metric'), ['accountId'], '999999999999'))).toBe(
      'accountId: expected "111122223333" as in the alarm\'s ARN, found "999999999999"',
    );
  });

  test('with a state AWS does not have is bad input', () => {
    expect(message(altered(read('eventbridge-alarm-metric'), ['detail', 'state', 'value'], 'alarm'))).toBe(
      'detail.state.value: expected one of ALARM, OK, INSUFFICIENT_DATA, found "alarm"',
    );
  });
});

describe('EC2 and Auto Scaling', () => {
  test('an instance state change is identified by instance, state and time', () => {
    const expected = {
      kind: 'instance-state',
      id: 'instance:i-0123456789abcdef0:stopping:2026-11-22T08:00:01.000Z',
      at: '2026-11-22T08:00:01.000Z',
      ...PLACE,
      instanceId: 'i-0123456789abcdef0',
      state: 'stopping',
    };
    expect(single(read('eventbridge-instance-state'))).toEqual(expected);
    expect(only(read('sqs-eventbridge-instance-state'))).toEqual(expected);
    expect(only(read('sqs-sns-eventbridge'))).toEqual(expected);
  });

  test('a launch hook is identified by token and hook, by whatever path it comes', () => {
    const expected = {
      kind: 'lifecycle',
      id: 'lifecycle:4f0e2c1a-1111-4222-8333-abcdefabcdef:claim',
      at: '2026-11-22T08:00:05.000Z',
      account: '111122223333',
      transition: 'launching',
      group: 'web',
      hook: 'claim',
      instanceId: 'i-0fedcba9876543210',
      token: '4f0e2c1a-1111-4222-8333-abcdefabcdef',
      origin: 'EC2',
      destination: 'AutoScalingGroup',
    };
    expect(single(read('eventbridge-launch-hook'))).toEqual({ ...expected, region: 'eu-west-1', metadata: 'vip=web' });
    expect(only(read('sqs-lifecycle'))).toEqual({ ...expected, at: '2026-11-22T08:00:05.250Z' });
  });

  test('a terminate hook has the same id in EventBridge and SNS', () => {
    const id = 'lifecycle:9a8b7c6d-2222-4333-8444-fedcbafedcba:hand-over';
    expect(single(read('eventbridge-terminate-hook'))).toMatchObject({ id, transition: 'terminating', instanceId: 'i-0123456789abcdef0' });
    expect(only(read('sns-lifecycle'))).toMatchObject({ id, transition: 'terminating', instanceId: 'i-0123456789abcdef0' });
  });

  test('a hook event whose transition contradicts its detail type is bad input', () => {
    expect(message(altered(read('eventbridge-launch-hook'), ['detail-type'], 'EC2 Instance-terminate Lifecycle Action'))).toBe(
      'detail.LifecycleTransition: expected autoscaling:EC2_INSTANCE_TERMINATING, found "autoscaling:EC2_INSTANCE_LAUNCHING"',
    );
  });

  test.each([
    ['eventbridge-launch-successful', 'launch', true, 'i-0fedcba9876543210'],
    ['eventbridge-launch-unsuccessful', 'launch', false, ''],
    ['eventbridge-terminate-successful', 'terminate', true, 'i-0123456789abcdef0'],
    ['eventbridge-terminate-unsuccessful', 'terminate', false, 'i-0123456789abcdef0'],
  ])('%s is a scaling result', (name, activity, successful, instanceId) => {
    expect(single(read(name))).toMatchObject({ kind: 'scaling-result', activity, successful, instanceId, group: 'web', ...PLACE });
  });

  test('a scaling result has the same id in EventBridge and SNS', () => {
    const id = 'scaling:77aa11bb-3333-4444-8555-0a0a0a0a0a0a:i-0fedcba9876543210:successful';
    expect(single(read('eventbridge-launch-successful')).id).toBe(id);
    expect(only(read('sns-scaling-result')).id).toBe(id);
  });

  test('a successful launch without an instance is bad input', () => {
    expect(message(altered(read('eventbridge-launch-successful'), ['detail', 'EC2InstanceId'], ''))).toBe(
      'detail.EC2InstanceId: expected an instance id such as i-0123456789abcdef0, found ""',
    );
  });
});

describe('schedules, requests and the rest', () => {
  test('a tick of a rule and a tick of the Scheduler are schedule deliveries', () => {
    expect(single(read('eventbridge-schedule-rule'))).toEqual({
      kind: 'schedule',
      id: 'schedule:arn:aws:events:eu-west-1:111122223333:rule/reassign-elastic-ip-reconcile:2026-11-22T08:01:00.000Z',
      at: '2026-11-22T08:01:00.000Z',
      ...PLACE,
    });
    expect(single(read('scheduler-tick'))).toMatchObject({ kind: 'schedule', at: '2026-11-22T08:02:00.000Z' });
  });

  test('a request keeps what it says and is identified by its content, whatever the order of its keys', () => {
    const delivery = single(read('request'));
    expect(delivery).toEqual({
      kind: 'request',
      id: 'request:20cbcd77b283094402bb462e304ec257',
      runbook: 'reassign-elastic-ip',
      target: 'eipalloc-0123456789abcdef0',
      params: { action: 'move', candidate: 'i-0fedcba9876543210' },
      dryRun: true,
      reason: 'Kernel update of the primary',
      requestedBy: 'on-call',
    });
    const reordered = Object.fromEntries(Object.entries(read('request')).toReversed());
    expect(single(reordered).id).toBe(delivery.id);
    expect(single(altered(read('request'), ['dryRun'], undefined)).id).not.toBe(delivery.id);
  });

  test('a request of a schedule has no dry run and no time', () => {
    const delivery = single(read('scheduler-request'));
    expect(delivery).toMatchObject({ kind: 'request', dryRun: false, params: { action: 'fail-back' } });
    expect(delivery.at).toBeUndefined();
  });

  test('a request from a queue is as old as its message', () => {
    expect(only(read('sqs-request'))).toMatchObject({ kind: 'request', at: '2026-11-22T08:00:04.700Z' });
  });

  test.each([
    [{ runbook: 'heal-bastion', dryrun: true }, 'dryrun: unknown key; a request has runbook, target, params, dryRun, reason, requestedBy'],
    [{ runbook: 'Heal Bastion' }, 'runbook: expected a runbook\'s name such as reassign-elastic-ip, found "Heal Bastion"'],
    [{ runbook: 'heal-bastion', dryRun: 'true' }, 'dryRun: expected true or false, found "true"'],
    [{ runbook: 'heal-bastion', dryRun: null }, 'dryRun: expected true or false, found null'],
    [{ runbook: 'heal-bastion', params: [] }, 'params: expected an object, found a list'],
    [{ runbook: 'heal-bastion', target: 7 }, 'target: expected text, found number 7'],
  ])('the request %j is bad input', (request, expected) => {
    expect(message(request)).toBe(expected);
  });

  test.each(['sqs-lifecycle-test', 'sqs-s3-test'])('%s is a test notification', (name) => {
    expect(only(read(name))).toMatchObject({ kind: 'test-notification' });
  });

  test('any other EventBridge event keeps its detail', () => {
    expect(single(read('eventbridge-other'))).toMatchObject({
      kind: 'other',
      source: 'aws.ec2',
      detailType: 'EBS Snapshot Notification',
      resources: ['arn:aws:ec2::eu-west-1:snapshot/snap-0123456789abcdef0'],
      detail: { event: 'createSnapshot', result: 'succeeded' },
    });
  });

  test('an event of another source is not mistaken for AWS because of its detail type', () => {
    expect(single(altered(read('eventbridge-instance-state'), ['source'], 'my.app'))).toMatchObject({ kind: 'other', source: 'my.app' });
  });
});

describe('a fault', () => {
  test.each([
    [['detail', 'instance-id'], 7, 'detail.instance-id: expected an instance id such as i-0123456789abcdef0, found number 7'],
    [['detail', 'state'], undefined, 'detail.state: expected one of pending, running, stopping, stopped, shutting-down, terminated, found nothing'],
    [['time'], '2026-02-30T00:00:00Z', 'time: expected a time such as 2026-01-01T00:00:00Z, found "2026-02-30T00:00:00Z"'],
    [['account'], '1111', 'account: expected an account of 12 digits, found "1111"'],
    [['region'], 'EU (Ireland)', 'region: expected a region such as eu-west-1, found "EU (Ireland)"'],
    [['detail-type'], undefined, 'detail-type: expected text, found nothing'],
    [['detail'], 'stopped', 'detail: expected an object, found "stopped"'],
  ])('at %j is named by its path', (path, value, expected) => {
    expect(message(altered(read('eventbridge-instance-state'), path, value))).toBe(expected);
  });

  test('of a document that is no event lists what it knows', () => {
    expect(message({ hello: 1 })).toBe('expected an EventBridge event, an alarm, an Auto Scaling notification or { "runbook": NAME }, found keys hello');
    expect(message(null)).toBe('expected an object, found null');
    expect(message('i-1')).toBe('expected an object, found "i-1"');
  });

  test('is told on one printable line of at most 300 characters', () => {
    const text = message(altered(read('eventbridge-instance-state'), ['detail', 'state'], `stopped\n\u2028\u202e${'x'.repeat(5000)}`));
    expect(text).toBe(
      `detail.state: expected one of pending, running, stopping, stopped, shutting-down, terminated, found "stopped\\n\\u2028\\u202e${'x'.repeat(38)}…"`,
    );
    const deep = message({ runbook: 'heal-bastion', ['k\n'.repeat(500)]: 1 });
    expect(deep.length).toBeLessThanOrEqual(300);
    expect(deep).not.toContain('\n');
  });

  test('is an event of more than 256 KB, counted in UTF-8', () => {
    const event = altered(read('eventbridge-other'), ['detail', 'cause'], 'é'.repeat(131_072));
    expect(message(event)).toMatch(/^\d{6} bytes are more than the 262144 that AWS delivers$/);
    expect(single(altered(read('eventbridge-other'), ['detail', 'cause'], 'e'.repeat(131_072)))).toMatchObject({ kind: 'other' });
  });

  test('is nesting beyond 50 levels', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect(message(altered(read('eventbridge-other'), ['detail'], nested(60)))).toContain('nested more than 50 levels deep');
    expect(single(altered(read('eventbridge-other'), ['detail'], nested(49)))).toMatchObject({ kind: 'other' });
  });

  test.each(['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'])('is the key that reaches a prototype in %s', (params) => {
    expect(message({ runbook: 'heal-bastion', params: JSON.parse(params) as unknown })).toMatch(/^params\.(__proto__|constructor): this key is not allowed/);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a batch', () => {
  test('keeps the order, the message ids and the source of its records', () => {
    expect(batch(read('sqs-mixed')).map((record) => [record.source, record.messageId, 'delivery' in record ? record.delivery.kind : 'error'])).toEqual([
      ['sqs', '0b8f6d3e-5c41-4a7e-9d20-000000000042', 'request'],
      ['sqs', '0b8f6d3e-5c41-4a7e-9d20-000000000043', 'alarm'],
      ['sqs', '0b8f6d3e-5c41-4a7e-9d20-000000000044', 'lifecycle'],
    ]);
  });

  test('lets one bad record stand beside good ones, with its path', () => {
    const bad = altered(read('eventbridge-instance-state'), ['detail', 'state'], 'rebooting');
    const records = batch(sqs({ runbook: 'heal-bastion' }, bad, 'not JSON', { runbook: 'heal-bastion' }));
    expect(records.map((record) => ('error' in record ? `${record.messageId}: ${record.error.message}` : record.delivery.kind))).toEqual([
      'request',
      'm1: Records[1].body.detail.state: expected one of pending, running, stopping, stopped, shutting-down, terminated, found "rebooting"',
      'm2: Records[2].body: expected a JSON document, found "not JSON"',
      'request',
    ]);
  });

  test('names the path of a fault inside an SNS message', () => {
    const event = read('sns-alarm-metric');
    const records = batch(altered(event, ['Records', 0, 'Sns', 'Message'], '{"AlarmName":"a","AWSAccountId":7}'));
    expect(records.map((record) => ('error' in record ? record.error.message : 'good'))).toEqual([
      'Records[0].Sns.Message.AWSAccountId: expected an account of 12 digits, found number 7',
    ]);
  });

  test('accepts a message above EventBridge\'s limit, and refuses one above 1 MiB', () => {
    const request = (chars: number): unknown => ({ runbook: 'heal-bastion', params: { note: 'x'.repeat(chars) } });
    expect(batch(sqs(request(400_000), request(1_100_000))).map((record) => ('error' in record ? record.error.message : record.delivery.kind))).toEqual([
      'request',
      expect.stringMatching(/^Records\[1\]\.body: expected at most 1048576 characters, found "/),
    ]);
  });

  test('refuses more SNS envelopes than two', () => {
    const wrap = (inner: unknown): unknown => ({ Type: 'Notification', MessageId: 'm', TopicArn: 't', Timestamp: '2026-11-22T08:00:00Z', Message: JSON.stringify(inner) });
    const request = { runbook: 'heal-bastion' };
    expect(batch(sqs(wrap(wrap(request)), wrap(wrap(wrap(request))))).map((record) => ('error' in record ? record.error.message : record.delivery.kind))).toEqual([
      'request',
      'Records[1].body.Message.Message: more than 2 SNS envelopes around one message',
    ]);
  });

  test('of another service, or of nothing, is bad input as a whole', () => {
    expect(message({ Records: [{ eventSource: 'aws:s3' }] })).toBe('Records[0].eventSource: expected aws:sqs or aws:sns, found "aws:s3"');
    expect(message({ Records: [] })).toBe('Records: expected at least one record, found an empty list');
    expect(message({ Records: 'x' })).toBe('Records: expected a list, found "x"');
  });
});

describe('10,000 mutated events', () => {
  test('each end in deliveries or in one clear line', () => {
    const seen = { good: 0, bad: 0 };
    const checkError = (error: unknown): void => {
      seen.bad += 1;
      if (!(error instanceof BadInputError)) throw error;
      expect(error.message.length).toBeLessThanOrEqual(300);
      // oxlint-disable-next-line no-control-regex
      expect(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(error.message)).toBe(false);
    };
    fc.assert(
      fc.property(mutatedEvents(FIXTURES), ({ mutated }) => {
        try {
          const parsed = parseEvent(mutated);
          const records: readonly object[] = parsed.kind === 'single' ? [parsed] : parsed.records;
          for (const record of records) {
            if ('error' in record) checkError(record.error);
            else seen.good += 1;
          }
        } catch (error) {
          checkError(error);
        }
      }),
      { numRuns: 10_000, seed: 20_261_122 },
    );
    // Were nearly all good, or nearly all bad, the property would say little.
    expect(seen.good).toBeGreaterThan(5000);
    expect(seen.bad).toBeGreaterThan(1500);
    expect({}).not.toHaveProperty('polluted');
  });
});
