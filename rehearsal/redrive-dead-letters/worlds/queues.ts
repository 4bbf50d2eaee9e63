/** Generated queues of dead letters: with those whose letters they have, and the consumers of these; some set up so that nothing may be moved. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { chance, mostly, oddly, sometimes } from '../../worlds/pieces.ts';
import { arnOf, lettersOf, someLetters } from './letters.ts';

/** Whoever takes from a source. */
const aConsumer = fc.record({
  kind: mostly<'works' | 'fails' | 'is-mended' | 'fails-on-some' | 'fails-at-first' | 'is-none'>(
    'works',
    [14, 'fails'],
    [12, 'is-mended'],
    [24, 'fails-on-some'],
    [5, 'fails-at-first'],
    [10, 'is-none'],
  ),
  handles: mostly('PT0.2S', [15, 'PT2S'], [5, 'PT20S']),
  until: fc.constantFrom('PT2M', 'PT6M', 'PT20M'),
});

const aSource = fc.record({
  policy: mostly<'here' | 'absent' | 'elsewhere'>('here', [5, 'absent'], [4, 'elsewhere']),
  isOtherType: chance(2),
  maxReceiveCount: mostly(2, [20, 1], [20, 3], [10, 5]),
  visibilitySeconds: mostly(30, [15, 5], [10, 120], [6, 900], [4, 7_200], [2, 43_200]),
  maximumBytes: mostly(1_048_576, [8, 1_024], [4, 65_536]),
  delaySeconds: mostly(0, [6, 45]),
  key: mostly<'none' | 'usable' | 'disabled'>('none', [4, 'usable'], [4, 'disabled']),
  consumer: aConsumer,
});

type Source = typeof aSource extends fc.Arbitrary<infer S> ? S : never;

const tags = fc.record({
  redrive: fc.oneof({ weight: 20, arbitrary: oddly(3, 'manual') }, { weight: 1, arbitrary: fc.constant(undefined) }),
  perSecond: sometimes(25, oddly(8, '500', '50', '5', '1')),
  maxAttempts: sometimes(45, oddly(4, '1', '2', '3', '5')),
  parking: mostly<'none' | 'there' | 'missing' | 'of-the-other-type' | 'itself' | 'a-source' | 'unusable' | 'small'>(
    'none',
    [40, 'there'],
    [2, 'missing'],
    [2, 'of-the-other-type'],
    [2, 'itself'],
    [2, 'a-source'],
    [4, 'unusable'],
    [3, 'small'],
  ),
});

/** A queue of dead letters with all that belongs to it. */
export const aGraveyard = fc.record({
  isFifo: chance(35),
  sources: fc.array(aSource, { minLength: 1, maxLength: 6 }),
  tags,
  hasOwnPolicy: chance(2),
  retentionSeconds: mostly(1_209_600, [15, 345_600], [8, 9_000]),
  key: mostly<Source['key']>('none', [4, 'usable'], [2, 'disabled']),
  letters: someLetters,
  /** A move task of SQS's own goes on, which somebody has begun at the console: so many letters a second. */
  mover: sometimes(5, fc.constantFrom(1, 3)),
});

export type Graveyard = typeof aGraveyard extends fc.Arbitrary<infer G> ? G : never;

const LETTERS = 'abc';

/** Names end as those of FIFO queues have to. */
export function named(name: string, isFifo: boolean): string {
  return isFifo ? `${name}.fifo` : name;
}

/** The name of the queue of dead letters of this number. */
export function graveyardName({ isFifo }: Pick<Graveyard, 'isFifo'>, index: number): string {
  return named(`${LETTERS[index] ?? 'z'}-dlq`, isFifo);
}

/** The name of a queue whose dead letters one has, by the numbers of both. */
export function sourceName({ isFifo }: Graveyard, { isOtherType }: Source, index: number, number: number): string {
  return named(`${LETTERS[index] ?? 'z'}-orders-${number + 1}`, isFifo !== isOtherType);
}

/** Keys of queues, as KMS has them. */
const KEY_IDS = {
  usable: 'arn:aws:kms:eu-west-1:111122223333:key/0d-usable',
  disabled: 'arn:aws:kms:eu-west-1:111122223333:key/0d-disabled',
};
export const KEYS: readonly Shape[] = [
  { KeyId: KEY_IDS.usable, KeyState: 'Enabled' },
  { KeyId: KEY_IDS.disabled, KeyState: 'Disabled' },
];

function encrypted(key: Source['key']): Shape {
  return key === 'none' ? {} : { KmsMasterKeyId: KEY_IDS[key] };
}

function typed(name: string): Shape {
  return name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
}

function policy(target: string, maxReceiveCount: number): Shape {
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(target), maxReceiveCount }) };
}

function sourceRecord(source: Source, name: string, graveyard: string): Shape {
  const { policy: kind, maxReceiveCount, visibilitySeconds, maximumBytes, delaySeconds, key } = source;
  const target = { here: graveyard, elsewhere: named('elsewhere', name.endsWith('.fifo')), absent: undefined }[kind];
  return {
    QueueName: name,
    Attributes: {
      VisibilityTimeout: String(visibilitySeconds),
      MessageRetentionPeriod: '1209600',
      MaximumMessageSize: String(maximumBytes),
      DelaySeconds: String(delaySeconds),
      ...typed(name),
      ...encrypted(key),
      ...(target === undefined ? {} : policy(target, maxReceiveCount)),
    },
    Messages: [],
  };
}

/** The queue for what goes back no more, by the tag's value and as a record; `undefined`: no such thing. */
function parkingOf(
  graveyard: Graveyard,
  index: number,
): { readonly name: string; readonly record?: Shape } | undefined {
  const kind = graveyard.tags.parking;
  if (kind === 'none') return undefined;
  if (kind === 'itself') return { name: graveyardName(graveyard, index) };
  const [source] = graveyard.sources;
  if (kind === 'a-source' && source !== undefined) return { name: sourceName(graveyard, source, index, 0) };
  const isFifo = graveyard.isFifo !== (kind === 'of-the-other-type');
  const name = named(`${LETTERS[index] ?? 'z'}-parking`, isFifo);
  if (kind === 'missing') return { name };
  const Attributes = {
    MessageRetentionPeriod: '1209600',
    ...(kind === 'small' ? { MaximumMessageSize: '1024' } : {}),
    ...(kind === 'unusable' ? encrypted('disabled') : {}),
    ...typed(name),
  };
  return { name, record: { QueueName: name, Attributes, Messages: [] } };
}

function tagsOf({ tags: given }: Graveyard, parking: string | undefined): Shape {
  const all = {
    'runbook:redrive': given.redrive,
    'runbook:redrive-per-second': given.perSecond,
    'runbook:redrive-max-attempts': given.maxAttempts,
    'runbook:parking': parking,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function graveyardRecord(graveyard: Graveyard, index: number, parking: string | undefined): Shape {
  const { isFifo, retentionSeconds, key, hasOwnPolicy, letters, mover } = graveyard;
  const queue = graveyardName(graveyard, index);
  const sources = graveyard.sources.map((source, number) => sourceName(graveyard, source, index, number));
  const moving = {
    Status: 'RUNNING',
    SourceArn: arnOf(queue),
    MaxNumberOfMessagesPerSecond: mover,
    ApproximateNumberOfMessagesMoved: 0,
    ApproximateNumberOfMessagesToMove: letters.count,
    StartedTimestamp: 0,
  };
  return {
    QueueName: queue,
    Attributes: {
      VisibilityTimeout: '30',
      MessageRetentionPeriod: String(retentionSeconds),
      ...typed(queue),
      ...encrypted(key),
      ...(hasOwnPolicy ? policy(named('elsewhere', isFifo), 3) : {}),
    },
    Tags: tagsOf(graveyard, parking),
    Messages: lettersOf(letters, { queue, isFifo, sources, retentionSeconds }),
    ...(mover === undefined ? {} : { MessageMoveTasks: [moving] }),
  };
}

/** Where a policy leads that names another queue. */
export const ELSEWHERE: readonly Shape[] = [false, true].map((isFifo) => {
  const QueueName = named('elsewhere', isFifo);
  return { QueueName, Attributes: typed(QueueName), Messages: [] };
});

/** All queues around one of dead letters. */
export function queuesOf(graveyard: Graveyard, index: number): readonly Shape[] {
  const parking = parkingOf(graveyard, index);
  return [
    graveyardRecord(graveyard, index, parking?.name),
    ...(parking?.record === undefined ? [] : [parking.record]),
    ...graveyard.sources.map((source, number) =>
      sourceRecord(source, sourceName(graveyard, source, index, number), graveyardName(graveyard, index)),
    ),
  ];
}

function consumerRecord({ kind, handles, until }: Source['consumer'], queue: string): Shape {
  const fails = {
    works: {},
    'is-none': {},
    fails: { fails: 'all' },
    'is-mended': { fails: 'all', until },
    'fails-on-some': { fails: [{ body: { bad: true } }] },
    'fails-at-first': { fails: 6 },
  }[kind];
  return { queue, handles, ...fails };
}

/** Who takes from the sources. */
export function consumersOf(graveyard: Graveyard, index: number): readonly Shape[] {
  return graveyard.sources.flatMap((source, number) =>
    source.consumer.kind === 'is-none'
      ? []
      : [consumerRecord(source.consumer, sourceName(graveyard, source, index, number))],
  );
}
