/** What AWS's outputs have in common, however they were printed: times, and what stands beside the records. */

import { z } from 'zod';

/** `str(datetime)` of Python's SDK, ISO 8601 without a zone or with `+0000`. What has no zone is UTC: AWS knows no other. */
const OTHER_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?) ?(?:Z|UTC|([+-]\d{2}):?(\d{2}))?$/u;

function isoOf(text: string): string {
  const [, date = '', clock = '', hours = '+00', minutes = '00'] = OTHER_TIME.exec(text) ?? [];
  const time = new Date(`${date}T${clock}${hours}:${minutes}`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

const isTime = (text: string): boolean => !Number.isNaN(Date.parse(isoOf(text)));

const WANTED = 'must be a time such as 2026-11-22T08:00:00Z';

/**
 * A time as the AWS command line prints it (`2026-11-22T08:00:00+00:00`), as the SDK for Python does
 * (`2026-11-22 08:00:00+00:00`), or in seconds since 1970, as some services send it; ISO 8601 once it is read.
 */
export const awsTime = z
  .union(
    [
      z.iso.datetime({ offset: true, error: WANTED }),
      z.string().regex(OTHER_TIME, { error: WANTED }).refine(isTime, { error: WANTED }).transform(isoOf),
      z.number().transform((seconds) => new Date(seconds * 1_000).toISOString()),
    ],
    { error: WANTED },
  )
  .describe('A time: ISO 8601, as the SDK for Python prints it, or seconds since 1970.');

/** Members beside the records that say that there are more of them than were printed. */
export const MORE = ['NextToken', 'NextMarker', 'Truncated'] as const;

/** What stands beside the records of an output and is none of them. */
export const TRIMMINGS = {
  NextToken: z.string().optional().describe('The page is not all there is. Left out, with a warning.'),
  NextMarker: z.string().optional().describe('As NextToken.'),
  Truncated: z.boolean().optional().describe('As NextToken.'),
  ResponseMetadata: z.unknown().optional().describe('Left out.'),
  $metadata: z.unknown().optional().describe('Left out.'),
};
