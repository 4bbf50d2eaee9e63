/** Lists of addresses, which stand in a bucket as whoever keeps them wrote them. */

import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';

/**
 * The longest list that was read has 120,000 addresses in 2 MB. The text, its lines and what is read of them must fit into the
 * function's memory at once; as text of networks a million, which is as many as an account has room for, is hardly more.
 */
const LARGEST_BYTES = 16 * 1024 * 1024;

/** A version of an object. */
export interface ListObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** What stands in it. */
export interface ListText {
  /** Decoded as UTF-8; a byte order mark is left where it is. */
  readonly text: string;
  /** Without its quotes. Another content has another one. */
  readonly etag: string | null;
}

const GONE: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed']);

/**
 * Reads a list; `null`: there is no such object or version, or it was deleted.
 * @throws TerminalError for one that is larger than 16 MiB, or that S3 says nothing of; else what AWS throws, a bucket that is not
 *   there included: a list that cannot be read is not an empty one.
 */
export async function readObject(
  { bucket, key, versionId }: ListObject,
  io: Pick<Io, 'signal'>,
): Promise<ListText | null> {
  const called = `s3://${bucket}/${key}`;
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    VersionId: versionId,
  });
  try {
    const { Body, ContentLength, ETag } = await client(S3Client).send(command, { abortSignal: io.signal });
    if (Body === undefined) throw new TerminalError(`${called}: S3's answer lacks its content`);
    if (ContentLength !== undefined && ContentLength > LARGEST_BYTES) {
      // What nobody takes would keep its connection from being used again.
      if (Body instanceof Readable) Body.destroy();
      throw new TerminalError(`${called} has ${ContentLength} bytes; a list has at most ${LARGEST_BYTES}: split it`);
    }
    return { text: await Body.transformToString('utf-8'), etag: ETag?.replaceAll('"', '') ?? null };
  } catch (error) {
    if (GONE.has(errorName(error))) return null;
    throw error;
  }
}
