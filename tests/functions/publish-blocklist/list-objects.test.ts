/** What is read of a list in a bucket, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { readObject, type ListObject, type ListText } from '../../../functions/publish-blocklist/aws/lists.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { deploy, run, sleep } from '../../simulator/deploy.ts';

const DROP = { Bucket: 'lists', Key: 'feeds/drop.txt' };
const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  s3: {
    Objects: [
      { ...DROP, VersionId: 'v1', Body: '5.6.7.8\n', LastModified: '2026-11-21T08:00:00Z' },
      { ...DROP, VersionId: 'v2', Body: '\uFEFF1.2.3.4\n' },
      { Bucket: 'lists', Key: 'gone.txt', VersionId: 'g1', DeleteMarker: true },
      { Bucket: 'lists', Key: 'huge.txt', VersionId: 'v2', ContentLength: 16_777_217 },
      { Bucket: 'lists', Key: 'largest.txt', VersionId: 'v2', Body: 'x', ContentLength: 16_777_216 },
    ],
  },
};

const SECOND: ListObject = { bucket: 'lists', key: 'feeds/drop.txt', versionId: 'v2' };

interface Done {
  readonly read: readonly (ListText | null)[];
  readonly thrown: unknown;
}

/** Reads objects one after the other, ten seconds apart, as a deployed function does it. */
async function reading(objects: readonly ListObject[], script: readonly object[] = []): Promise<Done> {
  const read: (ListText | null)[] = [];
  let thrown: unknown;
  const fn = deploy(async () => {
    try {
      for (const object of objects) {
        read.push(await readObject(object, { signal: new AbortController().signal }));
        if (object !== objects.at(-1)) await sleep(10_000);
      }
    } catch (error) {
      thrown = error;
    }
  });
  const { error } = await simulate(run(fn, { world: { ...WORLD, script }, faults: NO_FAULTS }));
  if (error !== undefined) throw error;
  return { read, thrown };
}

describe('a list', () => {
  it('is the version that is asked for, with its tag', async () => {
    const { read, thrown } = await reading([SECOND, { ...SECOND, versionId: 'v1' }]);
    expect(thrown).toBeUndefined();
    expect(read).toEqual([
      { text: '\uFEFF1.2.3.4\n', etag: expect.stringMatching(/^[\da-f]{32}$/u) },
      { text: '5.6.7.8\n', etag: expect.stringMatching(/^[\da-f]{32}$/u) },
    ]);
  });

  it('is the same one when somebody has put another one', async () => {
    const script = [{ after: 'PT5S', set: { 's3/Objects/lists/feeds/drop.txt/Body': '9.9.9.9\n' } }];
    const { read } = await reading([SECOND, SECOND], script);
    expect(read.map((each) => each?.text)).toEqual(['\uFEFF1.2.3.4\n', '\uFEFF1.2.3.4\n']);
  });

  it('is gone where there is no such object or version, or it was deleted', async () => {
    const { read, thrown } = await reading([
      { ...SECOND, key: 'other.txt' },
      { ...SECOND, versionId: 'v9' },
      { ...SECOND, key: 'gone.txt', versionId: 'g1' },
    ]);
    expect(thrown).toBeUndefined();
    expect(read).toEqual([null, null, null]);
  });

  it('is not gone where its bucket is: that is an error', async () => {
    expect((await reading([{ ...SECOND, bucket: 'other' }])).thrown).toMatchObject({ name: 'NoSuchBucket' });
  });

  it('has at most 16 MiB', async () => {
    expect((await reading([{ ...SECOND, key: 'largest.txt' }])).read).toMatchObject([{ text: 'x' }]);
    expect((await reading([{ ...SECOND, key: 'huge.txt' }])).thrown).toMatchObject({
      name: 'TerminalError',
      message: 's3://lists/huge.txt has 16777217 bytes; a list has at most 16777216: split it',
    });
  });
});
