/** The client of S3 as it is deployed: it reads objects as the whole SDK does, and says so where it is asked for more. */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { isReached } from '../../build/reached-clients.ts';
import { bundleBoth, runBundle, temporaryFolder, type BothBundles } from './bundle-runs.ts';

/** Bundles of the whole SDK take seconds on a busy machine. */
const BUNDLING_MS = 60_000;

const folder = temporaryFolder();
const LIST = '1.2.3.4\n';

function checksumOf(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64');
}

function errorText(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code} it is</Message></Error>`;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '';
  const refuse = (status: number, code: string): unknown =>
    response.writeHead(status, { 'content-type': 'application/xml' }).end(errorText(code));
  if (url.includes('missing')) refuse(404, 'NoSuchKey');
  else if (url.includes('deleted')) refuse(405, 'MethodNotAllowed');
  else if (url.includes('forbidden')) refuse(403, 'AccessDenied');
  else {
    const headers = {
      'content-length': String(LIST.length),
      'x-amz-version-id': 'v1',
      etag: '"fb4a5a0052bf3b899d3fc0261eaa35f4"',
      'x-amz-checksum-crc32': checksumOf(url.includes('damaged') ? 'another' : LIST),
      'x-amz-checksum-type': 'FULL_OBJECT',
    };
    response.writeHead(200, headers).end(LIST);
  }
}

describe('the client of S3', () => {
  let paths: BothBundles;
  let server: Server;
  let requests: unknown[] = [];

  beforeAll(async () => {
    paths = await bundleBoth("export { handler } from './tests/build/bundled-s3.ts';", folder, 's3');
    server = createServer((request, response) => {
      const { method, url, headers } = request;
      const { authorization = '', 'x-amz-checksum-mode': checksum, 'x-amz-security-token': token } = headers;
      requests.push({
        method,
        url,
        checksum,
        token,
        scope: authorization.replaceAll(/\d{8}(?=\/)|Signature=.*/gu, ''),
      });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }, BUNDLING_MS);
  afterAll(() => new Promise((resolve) => void server.close(resolve)));

  async function run(path: string): Promise<{ read: unknown; requests: readonly unknown[] }> {
    requests = [];
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const read = await runBundle(path, { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` });
    return { read, requests };
  }

  it('reads an object of the bucket, signed for and checked, and names what is gone, damaged or forbidden', async () => {
    const { read, requests: sent } = await run(paths.slim);
    const list = { text: LIST, ContentLength: 8, ETag: '"fb4a5a0052bf3b899d3fc0261eaa35f4"', VersionId: 'v1' };
    expect(read).toEqual({
      'feeds/drop v4+ü.txt': list,
      version: list,
      missing: 'NoSuchKey: NoSuchKey it is',
      deleted: 'MethodNotAllowed: MethodNotAllowed it is',
      damaged: expect.stringContaining('Checksum mismatch'),
      forbidden: 'AccessDenied: AccessDenied it is',
    });
    expect(sent[0]).toMatchObject({
      method: 'GET',
      url: '/lists-1/feeds/drop%20v4%2B%C3%BC.txt?x-id=GetObject',
      checksum: 'ENABLED',
      token: 'token',
      scope: expect.stringContaining('/eu-west-1/s3/aws4_request'),
    });
    expect(sent.at(-1)).toMatchObject({ url: '/lists-1/feeds/drop.txt?versionId=v1&x-id=GetObject' });
    const whole = await run(paths.whole);
    expect(sent).toEqual(whole.requests);
    expect(read).toEqual(whole.read);
  });

  it('sends requests about buckets where the SDK does, and none about what is no bucket', async () => {
    const placesOf = async (path: string): Promise<Record<string, unknown>> =>
      z.record(z.string(), z.unknown()).parse(await runBundle(path, {}, { places: true }));
    const [slim, whole] = [await placesOf(paths.slim), await placesOf(paths.whole)];
    const other = /arn:|--x-s3|--xa-s3|--op-s3/u;
    const [others, buckets] = [
      Object.keys(whole).filter((key) => other.test(key)),
      Object.keys(whole).filter((key) => !other.test(key)),
    ];
    expect(buckets.length).toBeGreaterThan(300);
    for (const key of buckets) expect([key, slim[key]]).toEqual([key, whole[key]]);
    expect([...new Set(others.map((key) => slim[key]))]).toEqual([
      'Error: only buckets by their names are part of this bundle; see build/slim-s3.ts',
    ]);
  });

  it('is left without what it never comes to', () => {
    const texts = [
      'Invalid ARN: The access point',
      's3-accelerate',
      'cannot write non-member list',
      'S3ExpressIdentityCacheEntry',
      'signature-v4-crt',
    ];
    const [slim, whole] = [readFileSync(paths.slim, 'utf8'), readFileSync(paths.whole, 'utf8')];
    expect(texts.filter((text) => !whole.includes(text))).toEqual([]);
    expect(texts.filter((text) => slim.includes(text))).toEqual([]);
  });

  it.each(['Accelerate', 'UseGlobalEndpoint', 'UseObjectLambdaEndpoint', 'UseS3ExpressControlEndpoint'])(
    'says that %s is not part of the bundle',
    async (flag) => {
      const places = z.record(z.string(), z.unknown()).parse(await runBundle(paths.slim, {}, { flag }));
      expect([...new Set(Object.values(places))]).toEqual([
        'Error: only buckets by their names are part of this bundle; see build/slim-s3.ts',
      ]);
    },
  );
});

describe('whether a bundle has a client', () => {
  const S3 = '@aws-sdk/client-s3';
  const handler = (name: string): string => join(ROOT, 'functions', name, 'handler.ts');

  it('is seen by what its entry imports, by whatever way', async () => {
    expect(await isReached(S3, { entryPoints: ['tests/build/bundled-s3.ts'], absWorkingDir: ROOT })).toBe(true);
    expect(
      await isReached(S3, { entryPoints: [{ in: 'tests/build/bundled-s3', out: 'x' }], absWorkingDir: ROOT }),
    ).toBe(true);
    const through = "export { handler } from './tests/build/bundled-s3.ts';";
    expect(await isReached(S3, { stdin: { contents: through, resolveDir: ROOT } })).toBe(true);
    expect(await isReached(S3, { entryPoints: { reassign: handler('reassign-elastic-ip') } })).toBe(false);
    expect(await isReached('@aws-sdk/client-ec2', { entryPoints: [handler('reassign-elastic-ip')] })).toBe(true);
  });

  it('is not seen in types, which bring no code', async () => {
    const contents = `import type { S3Client } from '${S3}';\nimport {\n  type A,\n} from 'a';\nexport const x = '${S3}';`;
    expect(await isReached(S3, { stdin: { contents } })).toBe(false);
    expect(await isReached(S3, { stdin: { contents: `import {\n  S3Client,\n} from '${S3}';` } })).toBe(true);
  });
});
