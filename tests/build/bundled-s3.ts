/** Bundled by `bundled-s3.test.ts`: where the client of S3 sends its requests, and what it reads of a bucket. */

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { client } from '../../shared/aws/clients.ts';

const REGIONS = [
  'eu-west-1',
  'us-east-1',
  'cn-north-1',
  'us-gov-west-1',
  'eusc-de-east-1',
  'us-new-9',
  'aws-global',
  'no host',
];
const BUCKETS = ['lists', 'lists-111122223333', 'a.dotted.bucket', 'Upper_case', 'no', 'xn--x', 'a--b-s3'];
/** What S3's API calls a bucket too. */
const OTHERS = [
  'lists--euw1-az1--x-s3',
  'point--euw1-az1--xa-s3',
  'outpost--op-s3',
  'arn:aws:s3:eu-west-1:111122223333:accesspoint/lists',
  'arn:aws:s3::111122223333:accesspoint/lists.mrap',
];
const ENDPOINTS = [undefined, 'http://127.0.0.1:4566', 'https://storage.example.com/base'];
const FLAGS = ['Accelerate', 'UseGlobalEndpoint', 'UseObjectLambdaEndpoint', 'UseS3ExpressControlEndpoint'];

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function place(parameters: object): unknown {
  const provide: unknown = Reflect.get(new S3Client({ region: 'eu-west-1' }).config, 'endpointProvider');
  if (typeof provide !== 'function') throw new TypeError('a client without endpointProvider');
  try {
    const found: unknown = Reflect.apply(provide, undefined, [parameters, {}]);
    return found;
  } catch (error) {
    return messageOf(error);
  }
}

function placesOf(extra: object): Record<string, unknown> {
  const places: Record<string, unknown> = {};
  for (const Region of REGIONS)
    for (const Bucket of [...BUCKETS, ...OTHERS])
      for (const Endpoint of ENDPOINTS)
        for (const ForcePathStyle of [false, true]) {
          const given = Endpoint === undefined ? {} : { Endpoint };
          const parameters = {
            Region,
            Bucket,
            ForcePathStyle,
            UseFIPS: false,
            UseDualStack: false,
            ...given,
            ...extra,
          };
          places[[Region, Bucket, Endpoint, ForcePathStyle].join(' ')] = place(parameters);
        }
  return places;
}

async function reading(key: string, versionId?: string): Promise<unknown> {
  const version = versionId === undefined ? {} : { VersionId: versionId };
  try {
    const command = new GetObjectCommand({ Bucket: 'lists-1', Key: key, ...version });
    const { Body, ContentLength, ETag, VersionId } = await client(S3Client).send(command);
    return { text: await Body?.transformToString('utf-8'), ContentLength, ETag, VersionId };
  } catch (error) {
    return messageOf(error);
  }
}

/** `places`: where requests go, with one of the flags set or with none; else what is read of the service that the environment names. */
export async function handler(input: { readonly places?: boolean; readonly flag?: string }): Promise<unknown> {
  if (input.places === true) return placesOf({});
  if (input.flag !== undefined) return FLAGS.includes(input.flag) ? placesOf({ [input.flag]: true }) : undefined;
  const read: Record<string, unknown> = {};
  for (const key of ['feeds/drop v4+ü.txt', 'missing', 'deleted', 'damaged', 'forbidden'])
    read[key] = await reading(key);
  read['version'] = await reading('feeds/drop.txt', 'v1');
  return read;
}
