/** S3's part of a world file: versions of objects, as GetObject and ListObjectVersions print them, each with its content. */

import { z } from 'zod';
import { durationSchema } from '../../world/failing.ts';
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

const told = z.strictObject({
  Id: z.string().optional(),
  Events: z.array(z.string()).min(1),
  Filter: z
    .strictObject({
      Key: z.strictObject({ FilterRules: z.array(z.strictObject({ Name: z.string(), Value: z.string() })) }),
    })
    .optional(),
});

const bucket = z.strictObject({
  Name: z.string().min(1),
  CreationDate: time.optional(),
  Versioning: z
    .strictObject({ Status: z.enum(['Enabled', 'Suspended']).optional() })
    .optional()
    .describe('As get-bucket-versioning prints it. Versions are kept whatever it says.'),
  NotificationConfiguration: z
    .strictObject({
      ...TRIMMINGS,
      QueueConfigurations: z.array(told.extend({ QueueArn: z.string() })).optional(),
      TopicConfigurations: z.array(told.extend({ TopicArn: z.string() })).optional(),
      EventBridgeConfiguration: z.strictObject({}).optional(),
    })
    .optional()
    .describe('As get-bucket-notification-configuration prints it. Absent: EventBridge is told of everything.'),
  Writes: z
    .array(
      z.strictObject({
        Key: z.string().includes('{n}').describe('Of each object, with its number for {n}.'),
        Count: z.number().int().min(1).max(20_000),
        At: durationSchema.optional().describe('From the beginning of the world. Default: at once.'),
        Over: durationSchema.optional().describe('How long it takes. Default: PT1M.'),
        TwiceEvery: z
          .number()
          .int()
          .min(1)
          .optional()
          .describe('Of one in so many is told twice, half a minute later.'),
      }),
    )
    .optional()
    .describe(
      "The simulator's own: a deployment that writes many objects, in no order. They are told of, and not kept.",
    ),
});

export const s3Schema = z.strictObject({
  ...TRIMMINGS,
  Buckets: z.array(bucket).optional().describe('Those that may hold nothing yet.'),
  Objects: z.array(version).optional().describe('One record for each version. A bucket is known by what is in it.'),
});
