/** S3's part of a world file: versions of objects, as GetObject and ListObjectVersions print them, each with its content. */

import { z } from 'zod';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';

const version = z.strictObject({
  Bucket: z.string().min(1),
  Key: z.string().min(1),
  VersionId: z
    .string()
    .min(1)
    .optional()
    .describe('Derived. A scripted change of the content makes a further version.'),
  Body: z.string().optional().describe('The content, as text. Default: none, zero bytes.'),
  ETag: z
    .string()
    .optional()
    .describe('With its quotes. Derived: the MD5 of the content, as of an object put in one part.'),
  LastModified: time
    .optional()
    .describe('Default: when the world begins. The last one is the newest; of equals the later in the list.'),
  ContentLength: z.number().int().min(0).optional().describe('Derived: bytes of the content.'),
  Size: z.number().int().min(0).optional().describe('As ListObjectVersions prints it. Left out.'),
  ContentType: z.string().optional(),
  Tags: z
    .array(z.strictObject({ Key: z.string(), Value: z.string() }))
    .optional()
    .describe('As the TagSet of get-object-tagging. Nobody here asks for them; permissions may hang on them.'),
  StorageClass: z.string().optional(),
  IsLatest: z.boolean().optional().describe('As ListObjectVersions prints it. Left out.'),
  DeleteMarker: z.boolean().optional().describe('The object was deleted: the version has no content.'),
});

const bucket = z.strictObject({
  Name: z.string().min(1),
  CreationDate: time.optional(),
  Versioning: z
    .strictObject({ Status: z.enum(['Enabled', 'Suspended']).optional() })
    .optional()
    .describe('As get-bucket-versioning prints it. Versions are kept whatever it says.'),
});

export const s3Schema = z.strictObject({
  ...TRIMMINGS,
  Buckets: z.array(bucket).optional().describe('Those that may hold nothing yet.'),
  Objects: z.array(version).optional().describe('One record for each version. A bucket is known by what is in it.'),
});
