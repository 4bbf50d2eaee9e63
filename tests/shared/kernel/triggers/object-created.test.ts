import { describe, expect, it } from 'vitest';
import { onInstanceState } from '../../../../shared/kernel/triggers/instance-state.ts';
import { onObjectCreated } from '../../../../shared/kernel/triggers/object-created.ts';
import { readersOf } from '../../../../shared/kernel/triggers/parser.ts';
import { altered, faultOf, parseBatch, parseOnly, parseSingle, sqsEvent, takenOf, told } from './events.ts';

const TRIGGER = onObjectCreated(told);
const READERS = readersOf([TRIGGER, onInstanceState(['stopped'], told)]);

const VERSION = 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e';
const ETAG = 'b1946ac92492d2347c6235b4d2611184';

const EVENT = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '111122223333',
  time: '2026-11-22T08:00:00Z',
  region: 'eu-west-1',
  resources: ['arn:aws:s3:::lists-111122223333'],
  detail: {
    version: '0',
    bucket: { name: 'lists-111122223333' },
    object: {
      key: 'threat feeds/drop+v4.txt',
      size: 5,
      etag: ETAG,
      'version-id': VERSION,
      sequencer: '617f08299329d189',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '111122223333',
    'source-ip-address': '198.51.100.9',
    reason: 'PutObject',
  },
};

const NOTIFICATION = {
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: '2026-11-22T08:00:00.123Z',
      eventName: 'ObjectCreated:Put',
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'lists',
        bucket: { name: 'lists-111122223333', arn: 'arn:aws:s3:::lists-111122223333' },
        object: {
          key: 'threat+feeds/drop%2Bv4.txt',
          size: 5,
          eTag: ETAG,
          versionId: VERSION,
          sequencer: '617f08299329d189',
        },
      },
    },
  ],
};

const OBJECT = ['detail', 'object'];
const NOTIFIED = ['Records', 0, 's3', 'object'];

describe('an object that was written', () => {
  it('is told by EventBridge with its bucket, key and version', () => {
    expect(parseSingle(EVENT, READERS)).toEqual({
      kind: 'object-created',
      id: expect.stringMatching(/^object:lists-111122223333:[\da-f]{32}$/u),
      at: '2026-11-22T08:00:00.000Z',
      account: '111122223333',
      region: 'eu-west-1',
      bucket: 'lists-111122223333',
      key: 'threat feeds/drop+v4.txt',
      versionId: VERSION,
      etag: ETAG,
      sizeBytes: 5,
      sequencer: '617f08299329d189',
    });
  });

  it('is told by S3 itself through a queue, its key then encoded, and is the same fact', () => {
    const { id, ...rest } = parseOnly(sqsEvent(NOTIFICATION), READERS);
    expect(rest).toEqual({
      kind: 'object-created',
      at: '2026-11-22T08:00:00.123Z',
      region: 'eu-west-1',
      bucket: 'lists-111122223333',
      key: 'threat feeds/drop+v4.txt',
      versionId: VERSION,
      etag: ETAG,
      sizeBytes: 5,
      sequencer: '617f08299329d189',
    });
    expect(id).toBe(parseSingle(EVENT, READERS).id);
    expect(parseOnly(sqsEvent(EVENT), READERS).id).toBe(id);
  });

  it('may lack all that AWS may leave out', () => {
    const bare = altered(EVENT, OBJECT, { key: 'a' });
    expect(parseSingle(bare, READERS)).toMatchObject({ key: 'a', versionId: null, etag: null, sizeBytes: null });
    expect(parseOnly(sqsEvent(altered(NOTIFICATION, NOTIFIED, { key: 'a', versionId: null })), READERS)).toMatchObject({
      versionId: null,
      etag: null,
      sizeBytes: null,
    });
  });

  it('is another fact with another write, another key or another bucket', () => {
    const idOf = (event: unknown): string => parseSingle(event, READERS).id;
    const ids = [
      idOf(EVENT),
      idOf(altered(EVENT, [...OBJECT, 'sequencer'], '617f08299329d18a')),
      idOf(altered(EVENT, [...OBJECT, 'sequencer'], undefined)),
      idOf(altered(EVENT, [...OBJECT, 'key'], 'b')),
      idOf(altered(EVENT, ['detail', 'bucket', 'name'], 'b')),
    ];
    expect(new Set(ids).size).toBe(5);
  });
});

describe('another document', () => {
  it('of S3 that tells of no new object is none of these', () => {
    const deleted = altered(EVENT, ['detail-type'], 'Object Deleted');
    expect(parseSingle(deleted, READERS)).toMatchObject({
      kind: 'other',
      source: 'aws.s3',
      detailType: 'Object Deleted',
    });
    const removed = altered(NOTIFICATION, ['Records', 0, 'eventName'], 'ObjectRemoved:DeleteMarkerCreated');
    expect(parseOnly(sqsEvent(removed), READERS)).toMatchObject({
      kind: 'other',
      source: 'aws.s3',
      detailType: 'ObjectRemoved:DeleteMarkerCreated',
    });
  });

  it.each([
    [
      'without a key',
      altered(EVENT, [...OBJECT, 'key'], undefined),
      /^detail\.object\.key: expected text, found nothing/u,
    ],
    ['with a key that is too long', altered(EVENT, [...OBJECT, 'key'], 'x'.repeat(1025)), /at most 1024 characters/u],
    ['without a bucket', altered(EVENT, ['detail', 'bucket'], undefined), /^detail\.bucket: /u],
    [
      'with a size in words',
      altered(EVENT, [...OBJECT, 'size'], '5'),
      /^detail\.object\.size: expected a number of bytes/u,
    ],
    ['with less than no size', altered(EVENT, [...OBJECT, 'size'], -1), /^detail\.object\.size: /u],
  ])('%s is bad input with its path', (_what, event, message) => {
    expect(faultOf(event, READERS)).toMatch(message);
  });

  it.each([
    ['of two records', { Records: [...NOTIFICATION.Records, ...NOTIFICATION.Records] }, 'expected one record of S3'],
    ['of another service', altered(NOTIFICATION, ['Records', 0, 'eventSource'], 'aws:ses'), 'expected aws:s3'],
    ['with a key that is not encoded so', altered(NOTIFICATION, [...NOTIFIED, 'key'], '100%'), 'a key in URL encoding'],
  ])('a notification %s is bad input', (_what, body, message) => {
    const [record] = parseBatch(sqsEvent(body), READERS);
    expect(record).toMatchObject({ error: { message: expect.stringContaining(message) } });
  });
});

describe('a start by objects that were written', () => {
  it('takes them, and has a rule for all of them', () => {
    expect(TRIGGER.request(parseSingle(EVENT, READERS))).toBe(parseSingle(EVENT, READERS).id);
    expect(takenOf(TRIGGER)).toEqual([]);
    expect(TRIGGER).toMatchObject({
      name: 'object-created',
      pattern: { source: ['aws.s3'], 'detail-type': ['Object Created'] },
    });
  });
});
