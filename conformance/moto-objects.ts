/** The objects of a scenario's beginning, put into moto. */

import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { BUCKET, REGION, type Seed } from './scenario.ts';

/** Puts each version after the one before it, into a bucket that keeps them. */
export async function makeObjects(s3: S3Client, { objects = {} }: Seed, ids: Map<string, string>): Promise<void> {
  if (Object.keys(objects).length === 0) return;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
  for (const [Key, versions] of Object.entries(objects)) {
    for (const [index, Body] of versions.entries()) {
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
      if (VersionId === undefined) throw new Error(`moto gave ${Key} no version`);
      ids.set(`${Key}.${index + 1}`, VersionId);
    }
  }
}
