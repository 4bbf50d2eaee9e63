import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../../shared/kernel/triggers/parser.ts';
import { objectsChanged } from '../../../../shared/kernel/triggers/objects-changed.ts';

const AT = '2026-11-30T08:59:58.120Z';

function record(key: string, more: object = {}): object {
  return {
    eventVersion: '2.6',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventTime: AT,
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'site' }, object: { key, size: 1, sequencer: '0055' } },
    ...more,
  };
}

function inQueue(body: unknown): object {
  return {
    Records: [
      {
        messageId: 'm-1',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        attributes: {},
        eventSource: 'aws:sqs',
      },
    ],
  };
}

function inTopic(message: unknown): object {
  return {
    Type: 'Notification',
    MessageId: 'n-1',
    TopicArn: 'arn:aws:sns:eu-west-1:111122223333:site',
    Message: JSON.stringify(message),
    Timestamp: '2026-11-30T08:59:59.001Z',
  };
}

function read(event: unknown): unknown {
  const parsed = parseEvent(event, [objectsChanged]);
  if (parsed.kind === 'single') return parsed.delivery;
  const [first] = parsed.records;
  return first !== undefined && 'error' in first ? first.error.message : first?.delivery;
}

const change = (key: string): object => ({ bucket: 'site', key, at: AT });

describe('a change of an object', () => {
  it.each([
    ['out of a queue', inQueue({ Records: [record('red+flower/%C3%BC%2B1.jpg')] })],
    ['out of a topic, by a queue', inQueue(inTopic({ Records: [record('red+flower/%C3%BC%2B1.jpg')] }))],
  ])('is read %s, its key decoded as a form is', (_way, event) => {
    expect(read(event)).toMatchObject({ kind: 'objects-changed', changes: [change('red flower/ü+1.jpg')] });
  });

  it('is read of EventBridge, whose keys are not encoded, deleted or created', () => {
    for (const type of ['Object Created', 'Object Deleted'])
      expect(
        read({
          version: '0',
          id: 'e-1',
          'detail-type': type,
          source: 'aws.s3',
          account: '111122223333',
          time: AT,
          region: 'eu-west-1',
          resources: ['arn:aws:s3:::site'],
          detail: { bucket: { name: 'site' }, object: { key: 'a+b%20.txt', 'version-id': 'v' } },
        }),
      ).toMatchObject({ kind: 'objects-changed', id: 'event:e-1', changes: [change('a+b%20.txt')] });
  });

  it('is several, of several buckets too, without what was not changed', () => {
    const body = {
      Records: [
        record('a'),
        record('b', { eventName: 's3:ObjectRemoved:DeleteMarkerCreated' }),
        record('c', { eventName: 'LifecycleExpiration:Delete' }),
        record('d', { eventName: 'ObjectTagging:Put' }),
        record('e', { s3: { bucket: { name: 'other' }, object: { key: 'e' } } }),
      ],
    };
    expect(read(inQueue(body))).toMatchObject({
      changes: [change('a'), change('b'), change('c'), { bucket: 'other', key: 'e', at: AT }],
    });
  });

  it('is none where an object was only tagged, or restored', () => {
    for (const eventName of ['ObjectTagging:Put', 'ObjectRestore:Completed', 'ObjectAcl:Put'])
      expect(read(inQueue({ Records: [record('a', { eventName })] }))).toMatchObject({
        kind: 'other',
        source: 'aws.s3',
        detailType: eventName,
      });
  });

  it('has the same id whenever the same message is delivered', () => {
    const [one, other] = [record('a'), record('a', { eventTime: '2026-11-30T09:00:00.000Z' })];
    const idOf = (body: unknown): unknown => {
      const found = read(inQueue(body));
      return typeof found === 'object' && found !== null && 'id' in found ? found.id : undefined;
    };
    expect(idOf({ Records: [one] })).toBe(idOf({ Records: [one] }));
    expect(idOf({ Records: [one] })).not.toBe(idOf({ Records: [other] }));
  });

  it.each([
    ['{"Records": [', 'Records[0].body: expected a JSON document'],
    [{ Records: [] }, 'Records[0].body.Records: expected a record of S3'],
    [{ Records: [record('%E0%A4%A')] }, 'Records[0].body.Records[0].s3.object.key: expected a key in URL encoding'],
    [{ Records: [record('')] }, 'Records[0].body.Records[0].s3.object.key: expected text'],
    [{ Records: [record('a', { eventSource: 'aws:sns' })] }, 'eventSource'],
    [{ Records: [record('a', { eventTime: 'soon' })] }, 'eventTime'],
    [{ Records: [record('a', { s3: {} })] }, 's3.bucket'],
  ])('is bad input with the place of the fault: %j', (body, message) => {
    expect(read(inQueue(body))).toContain(message);
  });
});
