/** Looks into a letter: where it goes back to, and as what. */

import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import {
  failedEvents,
  placeOf,
  redelivery,
  type Envelope,
  type FailedEvent,
  type Letter,
  type Senders,
} from '../decide.ts';

/** By what a letter is looked into. */
export interface Opening {
  /** The ARN of the queue of dead letters. */
  readonly queue: string;
  /** Who else puts letters into it; `null`: nobody has had to look. */
  readonly senders: Senders | null;
  /** ARNs of queues and functions whose tag lets letters of functions, rules and schedules go there. */
  readonly tagged: readonly string[];
}

/** What goes back, as SQS has it in a message. */
export type Content = Pick<Message, 'Body' | 'MessageAttributes'>;

/** A letter that was looked into. */
export interface Opened {
  readonly home: Letter['home'];
  /** The ARN of the function with the version or alias that failed; `undefined`: it goes to a queue, or nowhere. */
  readonly functionArn: string | undefined;
  readonly content: Content;
}

/** The texts of its attributes; of bytes an empty one. */
function textsOf(attributes: { readonly [name: string]: MessageAttributeValue }): Envelope['attributes'] {
  return Object.fromEntries(Object.entries(attributes).map(([name, { StringValue = '' }]) => [name, StringValue]));
}

function without(attributes: Message['MessageAttributes'], names: readonly string[]): Message['MessageAttributes'] {
  return Object.fromEntries(Object.entries(attributes ?? {}).filter(([name]) => !names.includes(name)));
}

function envelopeOf({ Body, Attributes, MessageAttributes }: Message): Envelope {
  const source = Attributes?.DeadLetterQueueSourceArn;
  return { source, body: Body ?? '', attributes: textsOf(MessageAttributes ?? {}) };
}

/** Of a letter that does not say where it failed: whose failed event it may be. */
export function failedEventsIn(message: Message, { senders }: Pick<Opening, 'senders'>): readonly FailedEvent[] {
  return senders === null ? [] : failedEvents(envelopeOf(message), senders.origins);
}

/** Where it goes, and as what. */
export function opened(message: Message, { queue, senders, tagged }: Opening): Opened {
  const { Body, MessageAttributes } = message;
  const whole: Content = { Body, MessageAttributes };
  const source = message.Attributes?.DeadLetterQueueSourceArn;
  if (source !== undefined) return { home: { arn: source }, functionArn: undefined, content: whole };
  const homeless = (why: Extract<Letter['home'], { why: unknown }>['why']): Opened => {
    return { home: { why }, functionArn: undefined, content: whole };
  };
  if (senders === null) return homeless('sender-unknown');
  if (senders.unread.length > 0) return homeless('too-many-senders');
  const answer = redelivery(envelopeOf(message), senders.origins, queue);
  if (typeof answer === 'string') return homeless(answer);
  const { to, body } = answer;
  const place = placeOf(to);
  if (answer.isByPolicy !== true && !tagged.includes(place)) return homeless('target-not-tagged');
  const content = { Body: body, MessageAttributes: without(MessageAttributes, answer.without) };
  return to.kind === 'function'
    ? { home: { arn: place }, functionArn: to.arn, content: { Body: body } }
    : { home: { arn: place }, functionArn: undefined, content };
}
