/**
 * Generated senders other than queues: subscriptions, functions, rules, schedules and buses that have a queue for their dead letters; with what they
 * could not deliver, and the queues and functions that failed, which work by now, or do not.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, REGION } from '../../worlds/case.ts';
import { chance, mostly, sometimes } from '../../worlds/pieces.ts';
import { arnOf } from './letters.ts';
import type { Form, Leave } from './marks.ts';
import { graveyardName, named, sourceName, type Graveyard } from './queues.ts';
import { lettersSent, type Names, type Sent } from './sender-letters.ts';

/** A sender as it is drawn. */
interface Sender {
  readonly kind: Names['kind'];
  readonly way: Names['way'];
  /** What has failed: it may be gone since, or nobody has consented to its getting anything. */
  readonly mood: 'works' | 'fails-on-some' | 'is-mended' | 'fails' | 'is-gone' | 'is-not-tagged';
  readonly isOdd: boolean;
  /** What its target fails on anew comes to the same queue. */
  readonly comesBack: boolean;
  /** It delivers to a queue whose own dead letters are here, too. */
  readonly isAtSource: boolean;
  readonly isAtAlias: boolean;
  readonly isSame: boolean;
  readonly count: number;
  readonly poison: number;
  readonly groups: number;
  readonly timeoutSeconds: number;
  readonly until: string;
}

const aSender: fc.Arbitrary<Sender> = fc.record({
  kind: fc.constantFrom<Sender['kind'][]>(
    'subscribed-queue',
    'subscribed-raw',
    'subscribed-function',
    'asynchronous',
    'asynchronous',
    'recorded',
    'recorded',
    'rule-queue',
    'rule-function',
    'schedule-queue',
    'schedule-function',
    'bus',
  ),
  way: mostly<Sender['way']>('itself', [20, 'topic'], [12, 'raw-topic'], [12, 'rule']),
  mood: mostly<Sender['mood']>(
    'works',
    [18, 'fails-on-some'],
    [12, 'is-mended'],
    [12, 'fails'],
    [7, 'is-gone'],
    [7, 'is-not-tagged'],
  ),
  isOdd: chance(10),
  comesBack: chance(50),
  isAtSource: chance(20),
  isAtAlias: chance(30),
  isSame: chance(6),
  count: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 4, max: 16 })),
  poison: mostly(30, [20, 10], [20, 60], [5, 100]),
  groups: mostly(1, [40, 3]),
  timeoutSeconds: mostly(3, [10, 60], [5, 900]),
  until: fc.constantFrom('PT2M', 'PT6M', 'PT20M'),
});

/** The senders of one queue of dead letters. */
export interface Senders {
  readonly all: readonly Sender[];
  /** No queue has it for dead letters. */
  readonly areAlone: boolean;
  /** Several leave letters that do not say whose they are. */
  readonly areMuddled: boolean;
}

/** Whatever has no name may be of one of these. */
const TAKES_ANY: ReadonlySet<Sender['kind']> = new Set(['asynchronous', 'subscribed-raw']);

/**
 * Of what was deleted nothing tells that it ever was: its letters go to the only other one that they may be of, as the page says. No such
 * world is made, for what people have at stake in it nobody can keep.
 */
function withoutTracelessOnes(senders: Senders): Senders {
  const all = senders.all.map((one): Sender => {
    const isTaken = senders.all.some((other) => other !== one && TAKES_ANY.has(other.kind));
    return one.mood === 'is-gone' && isTaken ? { ...one, mood: 'fails' } : one;
  });
  return { ...senders, all };
}

/** Senders of each of up to three queues of dead letters; of a world that has some. */
export const someSenders: fc.Arbitrary<readonly Senders[]> = sometimes(
  40,
  fc.array(
    fc.record({ all: fc.array(aSender, { minLength: 1, maxLength: 3 }), areAlone: chance(65), areMuddled: chance(15) }),
    {
      minLength: 3,
      maxLength: 3,
    },
  ),
).map((some) => (some ?? []).map(withoutTracelessOnes));

/** The queue of dead letters as it is where no queue has it for dead letters: then nothing about it stands against their going, so that they go. */
export function withoutQueues(graveyard: Graveyard, senders: Senders | undefined): Graveyard {
  if (senders?.areAlone !== true) return graveyard;
  const { tags, letters } = graveyard;
  const readable = {
    ...tags,
    redrive: tags.redrive === 'auto' ? tags.redrive : 'manual',
    perSecond: undefined,
    maxAttempts: /^(?:none|\d)$/u.test(tags.maxAttempts ?? '') ? tags.maxAttempts : undefined,
    parking: tags.parking === 'there' ? tags.parking : 'none',
  } as const;
  return {
    ...graveyard,
    tags: readable,
    key: 'none',
    hasOwnPolicy: false,
    sources: [],
    mover: undefined,
    letters: { ...letters, count: 0 },
  };
}

/** Whose letters do not say that they are its, and who is like it but for that. */
const NAMELESS: { readonly [kind in Sender['kind']]?: Sender['kind'] } = {
  'subscribed-raw': 'subscribed-queue',
  asynchronous: 'recorded',
  bus: 'rule-queue',
};

/** Of senders whose letters do not say whose they are there is one, or nobody could tell. Lambda and EventBridge take no FIFO queue for dead letters. */
function kindsOf({ all, areMuddled }: Senders, { isFifo }: Graveyard): readonly Sender['kind'][] {
  const drawn = all.map(({ kind }) => (isFifo && kind !== 'subscribed-raw' ? 'subscribed-queue' : kind));
  const first = drawn.findIndex((kind) => kind in NAMELESS);
  return drawn.map((kind, index) => (areMuddled || index === first ? kind : (NAMELESS[kind] ?? kind)));
}

function isOfQueue(kind: Sender['kind']): boolean {
  return kind.endsWith('-queue') || kind === 'subscribed-raw';
}

/** Lambda sends what it tells of a dead letter to no bus. */
function wayOf({ kind, way }: Sender): Sender['way'] {
  return kind === 'asynchronous' && way === 'rule' ? 'itself' : way;
}

/** What one does not deliver is told by its kind alone where nothing about it is odd. A raw message has nothing that could be. */
function hasToStay({ isOdd }: Sender, kind: Sender['kind']): boolean {
  return kind === 'bus' || (isOdd && kind !== 'subscribed-raw');
}

function formOf({ isAtAlias }: Sender, kind: Sender['kind'], way: Sender['way']): Form {
  if (kind === 'recorded') return isAtAlias ? 'alias' : 'core';
  if (kind === 'subscribed-function') return 'sns-event';
  return kind === 'asynchronous' && way === 'topic' ? 'core' : 'whole';
}

function leaveOf(sender: Sender, kind: Sender['kind']): Leave {
  if (hasToStay(sender, kind)) return 'none';
  return kind.startsWith('subscribed') ? 'policy' : 'tag';
}

function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
}

/** A sender with its names in an account. */
interface Placed extends Sent {
  readonly sender: Sender;
  /** The queue that it delivers to belongs to somebody else, too. */
  readonly isAtSource: boolean;
}

function placed(sender: Sender, graveyard: Graveyard, index: number, number: number): Placed {
  const { kind } = sender;
  const [way, letter] = [wayOf(sender), 'abc'[index] ?? 'z'];
  const [name, isFifo] = [`${letter}-to-${number + 1}`, graveyard.isFifo];
  const [source] = graveyard.sources;
  const isAtSource = sender.isAtSource && source !== undefined && !source.isOtherType && isOfQueue(kind);
  const own = named(name, isFifo);
  const home = isAtSource ? sourceName(graveyard, source, index, 0) : own;
  const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:${named(`${name}-topic`, isFifo)}`;
  return {
    ...sender,
    sender,
    way,
    isAtSource,
    home,
    homeArn: isOfQueue(kind) ? arnOf(home) : functionArn(home),
    topic,
    subscription: `${topic}:437adc6b-6f46-52cd-93b8-78dee46c626${number}`,
    rule: `arn:aws:events:${REGION}:${ACCOUNT}:rule/${name}`,
    schedule: `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/${name}`,
    bus: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`,
    graveyard: graveyardName(graveyard, index),
    number,
    form: formOf(sender, kind, way),
    leave: leaveOf(sender, kind),
    isOdd: hasToStay(sender, kind),
  };
}

/** Whoever fails anew does so here, or nobody would hear of it for ever. */
function isKeptHere({ sender: { comesBack, mood } }: Placed): boolean {
  return comesBack || !['works', 'is-not-tagged'].includes(mood);
}

function tagsOf({ sender: { mood }, graveyard }: Placed): Shape {
  return mood === 'is-not-tagged' ? {} : { 'runbook:redrive-target': graveyard };
}

function targetQueue(one: Placed): Shape {
  const { home, graveyard } = one;
  const policy = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(graveyard), maxReceiveCount: 2 }) };
  return {
    QueueName: home,
    Attributes: {
      VisibilityTimeout: '30',
      MessageRetentionPeriod: '1209600',
      MaximumMessageSize: '1048576',
      ...(home.endsWith('.fifo') ? { FifoQueue: 'true' } : {}),
      ...(isKeptHere(one) ? policy : {}),
    },
    Tags: tagsOf(one),
    Messages: [],
  };
}

/** All forms in which a letter may be bad. */
const BAD = [{ body: { bad: true } }, { body: { Subject: 'bad' } }, { body: { 'detail-type': 'bad' } }];

function failing({ sender: { mood, until } }: Placed): { readonly fails?: unknown; readonly until?: string } {
  if (mood === 'fails') return { fails: 'all' };
  if (mood === 'is-mended') return { fails: 'all', until };
  return mood === 'fails-on-some' ? { fails: BAD } : {};
}

/** Where Lambda sends what it tells. */
function placeOfLetters({ way, graveyard, topic }: Placed): string {
  const bus = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
  return { itself: arnOf(graveyard), topic, 'raw-topic': topic, rule: bus }[way];
}

function targetFunction(one: Placed): Shape {
  const { home, homeArn, kind, isOdd, form, sender } = one;
  const { fails, until } = failing(one);
  const destination = { DestinationConfig: { OnFailure: { Destination: placeOfLetters(one) } } };
  const qualifier = form === 'alias' ? 'live' : '$LATEST';
  const isAsynchronous = kind === 'asynchronous';
  const hasLetters = isAsynchronous || (kind !== 'recorded' && sender.comesBack);
  const TargetArn = isAsynchronous ? placeOfLetters(one) : arnOf(one.graveyard);
  const hasAlias = form === 'alias' || (isAsynchronous && isOdd);
  return {
    FunctionName: home,
    Timeout: sender.timeoutSeconds,
    Tags: tagsOf(one),
    Aliases: hasAlias ? [{ Name: 'live', FunctionVersion: '7' }] : [],
    EventInvokeConfig: kind === 'recorded' ? [{ FunctionArn: `${homeArn}:${qualifier}`, ...destination }] : [],
    ...(hasLetters ? { DeadLetterConfig: { TargetArn } } : {}),
    ...(fails === undefined ? {} : { Fails: fails }),
    ...(until === undefined ? {} : { Until: until }),
  };
}

function subscriptionsOf({ kind, way, topic, subscription, homeArn, graveyard }: Placed): readonly Shape[] {
  const isOwn = kind.startsWith('subscribed');
  const isWay = ['asynchronous', 'recorded'].includes(kind) && way.endsWith('topic');
  if (!isOwn && !isWay) return [];
  const [to, isRaw] = isOwn ? [homeArn, kind === 'subscribed-raw'] : [arnOf(graveyard), way === 'raw-topic'];
  return [
    {
      SubscriptionArn: subscription,
      Owner: ACCOUNT,
      Protocol: to.includes(':lambda:') ? 'lambda' : 'sqs',
      Endpoint: to,
      TopicArn: topic,
      Attributes: {
        RawMessageDelivery: String(isRaw),
        ...(isOwn ? { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(graveyard) }) } : {}),
      },
    },
  ];
}

function rulesOf({ kind, way, rule, homeArn, graveyard, isOdd }: Placed): readonly Shape[] {
  const record = { Name: rule.split('/')[1], Arn: rule, EventBusName: 'default' };
  const DeadLetterConfig = { Arn: arnOf(graveyard) };
  if (kind.startsWith('rule'))
    return [
      {
        ...record,
        Targets: [{ Id: '1', Arn: homeArn, DeadLetterConfig, ...(isOdd ? { InputPath: '$.detail' } : {}) }],
      },
    ];
  return kind === 'recorded' && way === 'rule' ? [{ ...record, Targets: [{ Id: '1', Arn: arnOf(graveyard) }] }] : [];
}

function schedulesOf({ kind, schedule, homeArn, graveyard }: Placed): readonly Shape[] {
  if (!kind.startsWith('schedule')) return [];
  const Target = {
    Arn: homeArn,
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/nightly`,
    DeadLetterConfig: { Arn: arnOf(graveyard) },
  };
  return [
    {
      Name: schedule.split('/')[2],
      GroupName: 'default',
      Arn: schedule,
      ScheduleExpression: 'cron(0 2 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target,
    },
  ];
}

/** What senders add to an account. */
export interface Added {
  /** Letters by the names of their queues. */
  readonly letters: ReadonlyMap<string, readonly Shape[]>;
  readonly queues: readonly Shape[];
  readonly consumers: readonly Shape[];
  readonly sections: { readonly [service: string]: { readonly [collection: string]: readonly Shape[] } };
}

/** All that the senders of a world add to it; senders of queues that it has not are none. */
export function addedBy(senders: readonly Senders[], graveyards: readonly Graveyard[]): Added {
  const all = graveyards.flatMap((graveyard, index) => {
    const own = senders[index];
    const kinds = own === undefined ? [] : kindsOf(own, graveyard);
    return kinds.flatMap((kind, number) => {
      const sender = own?.all[number];
      return sender === undefined ? [] : [placed({ ...sender, kind }, graveyard, index, number)];
    });
  });
  const own = all.filter(({ isAtSource, kind, sender }) => !isAtSource && kind !== 'bus' && sender.mood !== 'is-gone');
  const queues = own.filter(({ kind }) => isOfQueue(kind));
  const buses = all.filter(({ kind }) => kind === 'bus');
  const EventBuses = buses.map(({ bus, graveyard }) => ({
    Name: bus.split('/')[1],
    Arn: bus,
    DeadLetterConfig: { Arn: arnOf(graveyard) },
  }));
  const letters = [...Map.groupBy(all, ({ graveyard }) => graveyard)].map(
    ([graveyard, of]) => [graveyard, of.flatMap(lettersSent)] as const,
  );
  return {
    letters: new Map(letters),
    queues: queues.map(targetQueue),
    consumers: queues.map((one) => ({ queue: one.home, handles: 'PT0.2S', ...failing(one) })),
    sections:
      all.length === 0
        ? {}
        : {
            sns: { Subscriptions: all.flatMap(subscriptionsOf) },
            lambda: {
              Functions: own.filter(({ kind }) => !isOfQueue(kind)).map(targetFunction),
              EventSourceMappings: [],
            },
            eventbridge: { Rules: all.flatMap(rulesOf), EventBuses },
            scheduler: { Schedules: all.flatMap(schedulesOf) },
          },
  };
}

/** As decide/trial.ts has it: Lambda tries an event three times. */
const [TRIES, PAUSES_SECONDS] = [3, 180];

/** Seconds that a letter takes until it is back from whoever of these keeps it longest. */
export function cycleSecondsOf({ all }: Senders): number {
  return Math.max(...all.map(({ timeoutSeconds }) => timeoutSeconds * TRIES + PAUSES_SECONDS));
}
