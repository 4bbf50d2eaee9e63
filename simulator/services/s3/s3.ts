/** The simulated S3: versions of objects, to be read; a script writes them. Buckets keep versions, and tell who is set up to be told (`telling.ts`). */

import { createHash } from 'node:crypto';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import {
  AwsError,
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { isShape, show } from '../ec2/state.ts';
import { s3Schema } from './schema.ts';
import { startWrites, tell } from './telling.ts';

const SERVICE = 's3';

/** What a request may name; another member changes what is answered in a way that is not modelled. */
const READ_BY = new Set(['Bucket', 'Key', 'VersionId', 'IfMatch']);

/** Members that a script may set beside the content, of the newest version. */
const SETTABLE = new Set(['ContentLength', 'ContentType', 'ETag', 'LastModified', 'StorageClass']);

function contentOf(object: Shape): string {
  return show(object['Body'] ?? '');
}

/** Source: API_Object (ETag): of an object put in one part, neither encrypted by a KMS key nor by one's own, it is the MD5. */
function etagOf(object: Shape): string {
  return `"${createHash('md5').update(contentOf(object)).digest('hex')}"`;
}

function complete(world: World, object: Shape): Shape {
  object['VersionId'] ??= uuid(world).replaceAll('-', '');
  object['LastModified'] ??= world.clock.iso();
  if (object['DeleteMarker'] === true) return object;
  object['ETag'] ??= etagOf(object);
  object['ContentLength'] ??= Buffer.byteLength(contentOf(object));
  return object;
}

function modifiedMs(object: Shape): number {
  return Date.parse(show(object['LastModified']));
}

/** Its versions, the newest first. */
function versionsOf(world: World, bucket: string, key: string): readonly Shape[] {
  return world
    .records(SERVICE, 'Objects')
    .filter((object) => object['Bucket'] === bucket && object['Key'] === key)
    .toReversed()
    .toSorted((one, other) => modifiedMs(other) - modifiedMs(one));
}

/**
 * What the SDK answers as a body: it can be taken once.
 * Encodings are those of `Buffer`, as in Node's SDK, which leaves a byte order mark where it is.
 */
function streamOf(text: string): object {
  let isTaken = false;
  const take = (): Buffer => {
    if (isTaken) throw new Error('The stream has already been transformed.');
    isTaken = true;
    return Buffer.from(text);
  };
  return {
    transformToByteArray: async () => new Uint8Array(take()),
    transformToString: async (encoding?: BufferEncoding) => take().toString(encoding),
  };
}

/** Source of the codes and their statuses: "Error responses" of the API reference; wordings as they are seen there. */
function demandVersion(world: World, input: Shape): Shape {
  const [bucket, key] = [show(input['Bucket']), show(input['Key'])];
  const isThere =
    world.records(SERVICE, 'Objects').some((object) => object['Bucket'] === bucket) ||
    world.records(SERVICE, 'Buckets').some(({ Name: name }) => name === bucket);
  if (!isThere) throw awsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  const versions = versionsOf(world, bucket, key);
  const asked = input['VersionId'];
  if (asked === undefined) {
    const [newest] = versions;
    if (newest === undefined || newest['DeleteMarker'] === true)
      throw awsError('NoSuchKey', 'The specified key does not exist.', 404);
    return newest;
  }
  const found = versions.find((object) => object['VersionId'] === asked);
  if (found === undefined) throw awsError('NoSuchVersion', 'The specified version does not exist.', 404);
  if (found['DeleteMarker'] === true)
    throw awsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  return found;
}

function bare(etag: unknown): string {
  return show(etag).replaceAll('"', '');
}

function getObject(input: Shape, world: World): object {
  const other = Object.keys(input).find((member) => input[member] !== undefined && !READ_BY.has(member));
  if (other !== undefined) throw new NotSimulatedError(`s3:GetObject ${other}`);
  const object = demandVersion(world, input);
  const wanted = input['IfMatch'];
  if (wanted !== undefined && wanted !== '*' && bare(wanted) !== bare(object['ETag']))
    throw awsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  return {
    Body: streamOf(contentOf(object)),
    ContentLength: object['ContentLength'],
    ContentType: object['ContentType'] ?? 'binary/octet-stream',
    ETag: object['ETag'],
    LastModified: new Date(modifiedMs(object)),
    VersionId: object['VersionId'],
  };
}

/** What GetObject would say, without the content. An answer without a body has no code: the SDK calls what is not there NotFound. */
function headObject(input: Shape, world: World): object {
  try {
    const { Body: _left, ...head } = { Body: undefined, ...getObject(input, world) };
    return head;
  } catch (error) {
    if (error instanceof AwsError && error.$metadata.httpStatusCode === 404)
      throw awsError('NotFound', 'UnknownError', 404);
    throw error;
  }
}

const operations: { readonly [operation: string]: Operation } = {
  GetObject: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html',
    run: getObject,
  },
  HeadObject: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html',
    run: headObject,
  },
};

function isVersioned(world: World, bucket: string): boolean {
  const found = world.records(SERVICE, 'Buckets').find(({ Name: name }) => name === bucket);
  return found === undefined || !isShape(found['Versioning']) || found['Versioning']['Status'] === 'Enabled';
}

function tellOf(world: World, object: Shape): void {
  const bucket = show(object['Bucket']);
  const isDeleted = object['DeleteMarker'] === true;
  const removal = isVersioned(world, bucket) ? 'ObjectRemoved:DeleteMarkerCreated' : 'ObjectRemoved:Delete';
  tell(world, {
    bucket,
    key: show(object['Key']),
    eventName: isDeleted ? removal : 'ObjectCreated:Put',
    versionId: show(object['VersionId']),
    etag: isDeleted ? undefined : bare(object['ETag']),
    size: isDeleted ? undefined : Number(object['ContentLength']),
    at: world.clock.iso(),
    sequencer: `${modifiedMs(object).toString(16)}${world.records(SERVICE, 'Objects').length}`.toUpperCase(),
  });
}

/** Somebody puts, or deletes, an object: the versions before it stay. */
function addVersion(world: World, version: Shape): void {
  const object = complete(world, { ...version, LastModified: version['LastModified'] ?? world.clock.iso() });
  world.records(SERVICE, 'Objects').push(object);
  tellOf(world, object);
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
  readonly member: string | undefined;
}

/** `lists/drop/v4.txt/Body`: which of it is the key is decided by what is there; of a new object a last `Body` is the member. */
function placeOf(world: World, path: string): Place | undefined {
  const names = world.records(SERVICE, 'Objects').map(({ Bucket, Key }) => ({ Bucket: show(Bucket), Key: show(Key) }));
  const known = names.find(({ Bucket, Key }) => path === `${Bucket}/${Key}`);
  if (known !== undefined) return { ...known, member: undefined };
  const [, bucket, key, member] = /^([^/]+)\/(.+)\/([^/]+)$/u.exec(path) ?? [];
  const isInside = names.some(({ Bucket, Key }) => bucket === Bucket && key === Key);
  if (bucket !== undefined && key !== undefined && (isInside || member === 'Body'))
    return { Bucket: bucket, Key: key, member };
  const [, Bucket, Key] = /^([^/]+)\/(.+)$/u.exec(path) ?? [];
  return Bucket === undefined || Key === undefined ? undefined : { Bucket, Key, member: undefined };
}

/**
 * `"s3/Objects/lists/drop.txt/Body": "…"`, or a whole record without `/Body`, is a further version; `null` instead of a record
 * deletes the object.
 */
function change(world: World, collection: string, first: string, rest: readonly string[], value: unknown): boolean {
  const at = [SERVICE, collection, first, ...rest].join('/');
  const place = placeOf(world, [first, ...rest].join('/'));
  if (place === undefined) throw new BadInputError(at, 'must be BUCKET/KEY, or a member below it');
  const { member, ...named } = place;
  if (member === undefined) {
    if (value !== null && !isShape(value)) throw new BadInputError(at, 'must be a whole record, or null to delete it');
    addVersion(world, value === null ? { ...named, DeleteMarker: true } : { ...value, ...named });
    return true;
  }
  if (member === 'Body') {
    if (typeof value !== 'string') throw new BadInputError(at, 'must be a text');
    addVersion(world, { ...named, Body: value });
    return true;
  }
  const [newest] = versionsOf(world, named.Bucket, named.Key);
  if (newest === undefined || !SETTABLE.has(member)) throw new BadInputError(at, `${member} is not to be set`);
  newest[member] = value;
  return true;
}

export const s3: ServiceModel = {
  name: SERVICE,
  prefix: 's3',
  schema: s3Schema,
  collections: { Objects: 'VersionId', Buckets: 'Name' },
  within: { Objects: 'Key' },
  operations,
  start: (world) => {
    for (const object of world.records(SERVICE, 'Objects')) complete(world, object);
    startWrites(world);
  },
  change,
};
