/** PutEvents: the door for custom events. */

import { z } from 'zod';
import { awsTime } from '../pasted.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { copied, isRecord } from '../../engine/json.ts';
import { type Operation, type Shape, type World, awsError } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { SERVICE } from './rules.ts';

/** Source: PutEvents, `Entries`. */
const ENTRIES_MAX = 10;
/**
 * One entry. Source: "Calculating PutEvents event entry size" ("must be less than 256KB"). Where the limit is 1 MB by now, SNS, to
 * which outcomes go, still takes no more.
 */
const ENTRY_BYTES_MAX = 262_144;
/** All entries of a request together. Source: PutEvents ("total entry size must be less than 1MB"; 256 KB until 2025). */
const REQUEST_BYTES_MAX = 1_048_576;
/** What `Time` counts. Source: "Calculating PutEvents event entry size". */
const TIME_BYTES = 14;
/** Source: PutEvents, `DetailType`. */
const DETAIL_TYPE_LENGTH_MAX = 128;

const REQUIRED = ['Source', 'DetailType', 'Detail'] as const;

const bytes = (value: unknown): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0);

// JSON.parse makes nothing but JSON, so that an object of its is a JSON object.
const isJsonObject = (value: unknown): value is JsonObject => isRecord(value);

const resourcesOf = (entry: Shape): string[] =>
  Array.isArray(entry['Resources']) ? entry['Resources'].map(String) : [];

/** Size of an entry as AWS counts it, bytes. */
function sizeOf(entry: Shape): number {
  const time = entry['Time'] === undefined ? 0 : TIME_BYTES;
  return (
    time +
    bytes(entry['Source']) +
    bytes(entry['DetailType']) +
    bytes(entry['Detail']) +
    resourcesOf(entry).reduce((sum, each) => sum + bytes(each), 0)
  );
}

const isPresent = (entry: Shape, member: string): boolean => typeof entry[member] === 'string' && entry[member] !== '';

function parsedDetail(entry: Shape): JsonObject | undefined {
  try {
    const detail: unknown = JSON.parse(String(entry['Detail']));
    return isJsonObject(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

interface Refusal {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

function refusal(entry: Shape): Refusal | undefined {
  const missing = REQUIRED.find((member) => !isPresent(entry, member));
  if (missing !== undefined)
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  if (String(entry['DetailType']).length > DETAIL_TYPE_LENGTH_MAX) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter DetailType is not valid. Reason: it is longer than ${DETAIL_TYPE_LENGTH_MAX} characters.`,
    };
  }
  if (String(entry['Source']).startsWith('aws.'))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  if (parsedDetail(entry) === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
}

function accept(entry: Shape, world: World): { EventId: string } {
  const EventId = uuid(world);
  const time = entry['Time'];
  world
    .records(SERVICE, 'Entries')
    .push({ ...copied(entry), EventId, Time: time instanceof Date ? time.toISOString() : world.clock.iso() });
  const bus = entry['EventBusName'];
  const isDefault =
    bus === undefined || bus === 'default' || (typeof bus === 'string' && bus.endsWith(':event-bus/default'));
  // Events on another bus reach nobody here: no runbook listens there.
  if (isDefault) {
    world.emit({
      source: String(entry['Source']),
      detailType: String(entry['DetailType']),
      resources: resourcesOf(entry),
      detail: parsedDetail(entry) ?? {},
    });
  }
  return { EventId };
}

function refuseOversized(sizes: readonly number[]): void {
  const overLimit = (size: number, limit: number): Error =>
    awsError(
      'ValidationException',
      `Total size of the entries in the request is over the limit: ${size} of ${limit} bytes.`,
    );
  const longest = Math.max(...sizes);
  if (longest >= ENTRY_BYTES_MAX) throw overLimit(longest, ENTRY_BYTES_MAX);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total >= REQUEST_BYTES_MAX) throw overLimit(total, REQUEST_BYTES_MAX);
}

function putEvents(input: Shape, world: World): object {
  const entries: readonly Shape[] = Array.isArray(input['Entries']) ? input['Entries'].filter(isRecord) : [];
  if (entries.length < 1 || entries.length > ENTRIES_MAX) {
    throw awsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${ENTRIES_MAX}`,
    );
  }
  refuseOversized(entries.map(sizeOf));
  if (entries.every((entry) => REQUIRED.some((member) => !isPresent(entry, member)))) {
    throw awsError('ValidationException', 'No entry has all of Source, DetailType and Detail.');
  }
  const Entries = entries.map((entry) => refusal(entry) ?? accept(entry, world));
  return { FailedEntryCount: Entries.filter((each) => 'ErrorCode' in each).length, Entries };
}

export const entrySchema = z.strictObject({
  EventId: z.string(),
  Time: awsTime,
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Resources: z.array(z.string()).optional(),
  EventBusName: z.string().optional(),
  TraceHeader: z.string().optional(),
});

export const putEventsOperation: Operation = {
  kind: 'write',
  grade: 'documented',
  source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html',
  run: putEvents,
};
