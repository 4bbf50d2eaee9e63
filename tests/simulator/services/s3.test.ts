import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { onObjectCreated } from '../../../shared/kernel/triggers/object-created.ts';
import { readersOf } from '../../../shared/kernel/triggers/parser.ts';
import { parseSingle, told } from '../../shared/kernel/triggers/events.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

/** `md5` of `1.2.3.4\n`. */
const ETAG = '"fb4a5a0052bf3b899d3fc0261eaa35f4"';

function lists(): ServiceWorld {
  return serviceWorld({
    s3: {
      Objects: [
        { Bucket: 'lists', Key: 'feeds/drop.txt', VersionId: 'v2', Body: '1.2.3.4\n' },
        {
          Bucket: 'lists',
          Key: 'feeds/drop.txt',
          VersionId: 'v1',
          Body: '\uFEFF5.6.7.8\n',
          LastModified: '2026-11-21T08:00:00Z',
        },
        { Bucket: 'lists', Key: 'gone.txt', VersionId: 'g1', Body: 'x', LastModified: '2026-11-21T08:00:00Z' },
        { Bucket: 'lists', Key: 'gone.txt', VersionId: 'g2', DeleteMarker: true },
      ],
    },
  });
}

function get(world: ServiceWorld, input: Shape = {}): Shape {
  return world.call('s3:GetObject', { Bucket: 'lists', Key: 'feeds/drop.txt', ...input });
}

/** What the SDK's caller reads of a body. */
async function textOf({ Body }: Shape): Promise<unknown> {
  const take: unknown = Reflect.get(Object(Body), 'transformToString');
  return typeof take === 'function' ? Reflect.apply(take, Body, ['utf-8']) : undefined;
}

describe('HeadObject', () => {
  const head = (Key: string, Bucket = 'lists'): Shape => lists().call('s3:HeadObject', { Bucket, Key });

  it('says what GetObject does, without the content', () => {
    expect(head('feeds/drop.txt')).toMatchObject({ VersionId: 'v2', ETag: ETAG, ContentLength: 8 });
    expect(head('feeds/drop.txt')).not.toHaveProperty('Body');
  });

  it.each([
    ['an object', 'none.txt', 'lists'],
    ['what was deleted', 'gone.txt', 'lists'],
    ['a bucket', 'drop.txt', 'none'],
  ])('has one name for all that is not there: %s', (_what, key, bucket) => {
    expect(() => head(key, bucket)).toThrow(expect.objectContaining({ name: 'NotFound' }));
  });
});

describe('GetObject', () => {
  it('gives the newest version, with the MD5 of its content as its tag', async () => {
    const object = get(lists());
    expect(object).toMatchObject({ VersionId: 'v2', ETag: ETAG, ContentLength: 8, ContentType: 'binary/octet-stream' });
    expect(object['LastModified']).toEqual(new Date('2026-11-22T08:00:00Z'));
    expect(await textOf(object)).toBe('1.2.3.4\n');
  });

  it('gives a body that can be taken once', async () => {
    const object = get(lists());
    await textOf(object);
    await expect(textOf(object)).rejects.toThrow('already been transformed');
  });

  it('gives the version that is asked for, its byte order mark included', async () => {
    const object = get(lists(), { VersionId: 'v1' });
    expect(await textOf(object)).toBe('\uFEFF5.6.7.8\n');
    expect(object).toMatchObject({ ContentLength: 11 });
  });

  it.each([
    ['another bucket', { Bucket: 'other' }, 'NoSuchBucket', 404],
    ['another key', { Key: 'drop.txt' }, 'NoSuchKey', 404],
    ['another version', { VersionId: 'v3' }, 'NoSuchVersion', 404],
    ['an object that was deleted', { Key: 'gone.txt' }, 'NoSuchKey', 404],
    ['the mark of its deletion', { Key: 'gone.txt', VersionId: 'g2' }, 'MethodNotAllowed', 405],
    ['another content', { IfMatch: '"0"' }, 'PreconditionFailed', 412],
  ])('of %s answers as AWS does', (_what, input, name, httpStatusCode) => {
    expect(() => get(lists(), input)).toThrow(
      expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode }) }),
    );
  });

  it('gives what has the tag that is asked for, and an older version of what was deleted', () => {
    expect(get(lists(), { IfMatch: ETAG })).toMatchObject({ VersionId: 'v2' });
    expect(get(lists(), { IfMatch: '*' })).toMatchObject({ VersionId: 'v2' });
    expect(get(lists(), { Key: 'gone.txt', VersionId: 'g1' })).toMatchObject({ ContentLength: 1 });
  });

  it('says what it does not do', () => {
    expect(() => get(lists(), { Range: 'bytes=0-1' })).toThrow('not simulated: s3:GetObject Range');
  });
});

describe('a script', () => {
  it('writes a further version, of which EventBridge tells', async () => {
    const world = lists();
    world.pass(60);
    world.set('s3/Objects/lists/feeds/drop.txt/Body', '9.9.9.9\n');
    const object = get(world);
    expect(await textOf(object)).toBe('9.9.9.9\n');
    expect(object['VersionId']).toMatch(/^[\da-f]{32}$/u);
    expect(get(world, { VersionId: 'v2' })).toMatchObject({ ETag: ETAG });
    world.quiesce();
    const [event] = world.events;
    expect(parseSingle(event, readersOf([onObjectCreated(told)]))).toMatchObject({
      kind: 'object-created',
      at: '2026-11-22T08:01:00.000Z',
      bucket: 'lists',
      key: 'feeds/drop.txt',
      versionId: object['VersionId'],
      etag: String(object['ETag']).replaceAll('"', ''),
      sizeBytes: 8,
    });
  });

  it('deletes an object, puts a new one, and sets what its newest version says', async () => {
    const world = lists();
    world.set('s3/Objects/lists/feeds/drop.txt', null);
    expect(() => get(world)).toThrow('The specified key does not exist.');
    world.set('s3/Objects/lists/feeds/drop.txt', { VersionId: 'v9', Body: '9.9.9.9' });
    expect(get(world)).toMatchObject({ VersionId: 'v9' });
    world.set('s3/Objects/other/a/b.txt/Body', 'x');
    world.set('s3/Objects/other/a/b.txt/ContentLength', 99);
    expect(get(world, { Bucket: 'other', Key: 'a/b.txt' })).toMatchObject({ ContentLength: 99 });
    world.set('s3/Objects/other/c.txt', { Body: 'y' });
    expect(await textOf(get(world, { Bucket: 'other', Key: 'c.txt' }))).toBe('y');
  });

  it.each([
    ['s3/Objects/lists', {}, 'must be BUCKET/KEY'],
    ['s3/Objects/lists/a.txt', 'x', 'must be a whole record'],
    ['s3/Objects/lists/feeds/drop.txt/Body', 1, 'must be a text'],
    ['s3/Objects/lists/feeds/drop.txt/VersionId', 'v7', 'VersionId is not to be set'],
  ])('that sets %s to %j is refused', (path, value, message) => {
    expect(() => lists().set(path, value)).toThrow(message);
  });
});

describe('a world file', () => {
  it('may not have a version of an object twice, or a member that S3 does not know', () => {
    const version = { Bucket: 'lists', Key: 'a', VersionId: 'v1' };
    expect(() => serviceWorld({ s3: { Objects: [version, version] } })).toThrow('"v1" occurs twice');
    expect(() => serviceWorld({ s3: { Objects: [{ ...version, Content: '' }] } })).toThrow('Content');
  });
});
