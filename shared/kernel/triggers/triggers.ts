/**
 * What may start a runbook: every event, as AWS delivers it, parsed once into a `Delivery`.
 * The event is a hint: it names resources; the truth is read again.
 *
 * Each kind of trigger has a file of its own beside this one: its delivery, the reader of its documents, and the builders for
 * `triggers` of a definition. Nothing here knows them, so that a bundle carries those that its runbook is started by.
 */

import type { EventPattern } from '../definition.ts';
import type { BadInputError } from '../errors.ts';
import type { Field } from './reader.ts';

/** What every delivery says. */
export interface DeliveryBase {
  /** When the fact happened, ISO 8601; absent when the event does not say (a manual request). */
  readonly at?: string;
  /** The same fact delivered twice, by whatever path, has the same id where AWS gives us one to derive it from. */
  readonly id: string;
  /** Account and region the event speaks of, where it says so. */
  readonly account?: string;
  readonly region?: string;
}

/** `autoscaling:TEST_NOTIFICATION` and its like: sent when a hook or topic is set up; nothing to do. */
interface TestDelivery extends DeliveryBase {
  readonly kind: 'test-notification';
}

/** A well-formed EventBridge event that none of the runbook's triggers reads. */
interface OtherDelivery extends DeliveryBase {
  readonly kind: 'other';
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/**
 * The deliveries there are, by their `kind`. Each trigger's file adds its own (`declare module`), so that the compiler tells them
 * apart by `kind` and refuses a kind that two files claim.
 */
export interface Deliveries {
  readonly 'test-notification': TestDelivery;
  readonly other: OtherDelivery;
}

export type Delivery = Deliveries[keyof Deliveries];

/** When and where an EventBridge event happened. */
export interface EventFrame {
  readonly at: string;
  readonly account: string;
  readonly region: string;
}

/** An EventBridge event: its frame is read, the rest is the reader's. */
interface BridgeEvent {
  readonly id: string;
  readonly detailType: string;
  readonly frame: EventFrame;
  readonly resources: Field;
  readonly detail: Field;
}

/** EventBridge events of one kind. */
interface EventForm {
  /** All of them, though a trigger's own rule may let fewer through. */
  readonly pattern: EventPattern & { readonly detail?: never };
  /** Throws `BadInputError` for a malformed one. */
  readonly read: (event: BridgeEvent) => Delivery;
}

/** Documents that come without EventBridge's frame: payloads, messages, notifications, requests. */
export interface MessageForm {
  /** As the line of bad input lists it: `an alarm`. */
  readonly called: string;
  /** A document with one of these keys is one, or a malformed one. No EventBridge event and no other form has them. */
  readonly keys: readonly string[];
  /** `sentAt`: when the message around it was sent, for a document without a time of its own. Throws `BadInputError`. */
  readonly read: (document: Field, sentAt: string | undefined) => Delivery;
}

/** Reads the documents of one kind of trigger. Triggers of the same kind share one. */
export interface DocumentReader {
  readonly event?: EventForm;
  readonly message?: MessageForm;
  /** A batch of a stream is one delivery, whatever is in it; `undefined`: this is none. Throws `BadInputError` for a malformed one. */
  readonly stream?: (event: Field) => Delivery | undefined;
}

/** One message of a batch: parsed, or what is wrong with it. One record never decides for another. */
export type BatchRecord =
  | { readonly messageId?: string; readonly source: 'sqs' | 'sns'; readonly delivery: Delivery }
  | { readonly messageId?: string; readonly source: 'sqs' | 'sns'; readonly error: BadInputError };

/** What `parseEvent` (`parser.ts`) makes of an invocation's event. */
export type ParsedEvent =
  | { readonly kind: 'single'; readonly delivery: Delivery }
  | { readonly kind: 'batch'; readonly records: readonly BatchRecord[] };
