/** Generated dead letters: of some patterns, repeated up to as many as stand in a queue; each with a body of its own, or one that others have too. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION } from '../../worlds/case.ts';
import { chance, mostly, pickOf, sometimes } from '../../worlds/pieces.ts';

const BEGIN_MS = Date.parse(BEGIN);
/** The first number that a FIFO queue gives. */
const SEQUENCE = 18_850_000_000_000_000_000n;

/** What letters of one kind have in common. */
interface Pattern {
  /** Which of the queue's sources it failed in. */
  readonly source: number;
  /** Sent here by somebody; or of a queue that is no more. */
  readonly stray: 'no' | 'sent-here' | 'of-one-that-is-gone';
  /** All of this pattern have one body. */
  readonly isSame: boolean;
  readonly bytes: number;
  readonly attributes: number;
  readonly hasTrace: boolean;
  readonly ageSeconds: number;
  readonly groups: number;
  /** Seconds that somebody else has it in hand at the beginning; absent: nobody has. */
  readonly hiddenSeconds: number | undefined;
}

const aPattern: fc.Arbitrary<Pattern> = fc.record({
  source: fc.nat(5),
  stray: mostly<Pattern['stray']>('no', [6, 'sent-here'], [4, 'of-one-that-is-gone']),
  isSame: chance(8),
  bytes: mostly(0, [15, 900], [6, 2_000], [4, 70_000]),
  attributes: mostly(0, [10, 1], [8, 5], [8, 10]),
  hasTrace: chance(10),
  ageSeconds: mostly(3_600, [15, 60], [10, 200_000], [8, 345_000]),
  groups: mostly(1, [20, 3], [20, 8]),
  hiddenSeconds: sometimes(4, fc.constantFrom(20, 90, 1_800)),
});

/** The letters of one queue. */
export interface Letters {
  readonly count: number;
  readonly patterns: readonly Pattern[];
  /** Of a hundred, those on which a consumer fails that fails on some. */
  readonly poison: number;
  /** The first is as large as a message may be. */
  readonly hasLargest: boolean;
}

export const someLetters: fc.Arbitrary<Letters> = fc.record({
  count: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 12 }) },
    { weight: 20, arbitrary: fc.integer({ min: 5, max: 60 }) },
    { weight: 2, arbitrary: fc.constant(400) },
  ),
  patterns: fc.array(aPattern, { minLength: 1, maxLength: 6 }),
  poison: mostly(0, [15, 10], [15, 30], [10, 60], [5, 100]),
  hasLargest: chance(4),
});

/** Where letters stand, and where they failed. */
export interface Standing {
  readonly queue: string;
  readonly isFifo: boolean;
  readonly sources: readonly string[];
  readonly retentionSeconds: number;
}

export function arnOf(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

/** Attributes of all types that there are, with types of people's own. */
function attributesOf(count: number): Shape {
  const all = [
    { DataType: 'String', StringValue: 'red' },
    { DataType: 'Number', StringValue: '3.50' },
    { DataType: 'Binary', BinaryValue: 'AAEC/w==' },
    { DataType: 'String.json', StringValue: '{"a":"ü🦊"}' },
    { DataType: 'Number.int', StringValue: '-7' },
    { DataType: 'Binary.gzip', BinaryValue: 'H4sIAAAA' },
  ];
  const entries = Array.from({ length: count }, (_none, index) => [`name-${index}`, pickOf(all, index)] as const);
  return Object.fromEntries(entries);
}

/** So that of any share the same letters are bad, spread over all. */
function isPoison(index: number, poison: number): boolean {
  return (index * 37) % 100 < poison;
}

/** Source: the developer guide, "Amazon SQS message quotas". */
const LARGEST_BYTES = 1_048_576;

function bodyOf(letters: Letters, pattern: Pattern, index: number, queue: string): string {
  const n = pattern.isSame ? -1 : index;
  const isBad = isPoison(pattern.isSame ? letters.patterns.indexOf(pattern) : index, letters.poison);
  const given = {
    of: queue,
    n: pattern.isSame ? `p${letters.patterns.indexOf(pattern)}` : n,
    bad: isBad,
    tenant: index % 3 === 0 ? 'red' : 'blue',
  };
  const body = JSON.stringify(pattern.isSame ? { ...given, tenant: 'red' } : given);
  const bytes = letters.hasLargest && index === 0 && !pattern.isSame ? LARGEST_BYTES : pattern.bytes;
  const missing = bytes - body.length - ',"fill":""'.length;
  return missing <= 0 ? body : `${body.slice(0, -1)},"fill":"${'x'.repeat(missing)}"}`;
}

function idOf(queue: string, index: number): string {
  const number = Buffer.from(queue.slice(0, 2)).toString('hex');
  return `0d0d0d0d-${number}-4000-8000-${String(index).padStart(12, '0')}`;
}

function sourceOf({ stray, source }: Pattern, { sources, queue }: Standing): string | undefined {
  if (stray === 'sent-here') return undefined;
  return stray === 'of-one-that-is-gone' ? `gone-${queue}` : pickOf(sources, source);
}

/** One letter as a world file has it. */
function letterOf(letters: Letters, at: Standing, index: number): Shape {
  const pattern = pickOf(letters.patterns, index);
  if (pattern === undefined) return {};
  const source = sourceOf(pattern, at);
  // What is near its end is so by its queue's own measure, and none is beyond it.
  const ageSeconds = Math.min(pattern.ageSeconds, at.retentionSeconds - 240);
  const { attributes, hiddenSeconds, groups } = pattern;
  const MessageId = idOf(at.queue, index);
  const hidden = { ReceiptHandle: `held-${index}`, VisibleAt: new Date(BEGIN_MS + (hiddenSeconds ?? 0) * 1_000) };
  const fifo = { MessageDeduplicationId: MessageId, SequenceNumber: String(SEQUENCE + BigInt(index + 10)) };
  const hasGroup = at.isFifo || index % 11 === 10;
  return {
    MessageId,
    Body: bodyOf(letters, pattern, index, at.queue),
    Attributes: {
      SentTimestamp: String(BEGIN_MS - ageSeconds * 1_000),
      ApproximateReceiveCount: '3',
      SenderId: 'AIDAEXAMPLE',
      ...(source === undefined ? {} : { DeadLetterQueueSourceArn: arnOf(source) }),
      ...(hasGroup ? { MessageGroupId: `g${Math.floor(index / letters.patterns.length) % groups}` } : {}),
      ...(at.isFifo ? fifo : {}),
      ...(pattern.hasTrace
        ? { AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Lineage=a87bd80c:1|68fd508a:5' }
        : {}),
    },
    ...(attributes === 0 ? {} : { MessageAttributes: attributesOf(attributes) }),
    ...(hiddenSeconds === undefined ? {} : { ...hidden, VisibleAt: hidden.VisibleAt.toISOString() }),
  };
}

/** All letters of one queue, in their order. */
export function lettersOf(letters: Letters, at: Standing): readonly Shape[] {
  return Array.from({ length: letters.count }, (_none, index) => letterOf(letters, at, index));
}
