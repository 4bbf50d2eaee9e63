/** Who puts dead letters into a queue, as the account's configuration says it. Pure. */

/** Where something is delivered, by its ARN: that of a function has its version or alias. JSON. */
export type Target = {
  readonly kind: 'queue' | 'function' | 'other';
  readonly arn: string;
};

/**
 * How what Lambda tells of a failed event comes into the queue: sent there by Lambda itself, by a topic that the queue subscribes to,
 * or by a rule whose target the queue is.
 */
export type Way =
  | { readonly by: 'itself' }
  | { readonly by: 'topic'; readonly topic: string; readonly raw: boolean }
  | { readonly by: 'rule'; readonly rule: string };

/** A queue whose redrive policy names this one. */
type Queue = { readonly kind: 'sqs'; readonly to: Target };

/** A subscription whose redrive policy names this queue. */
export type Subscription = {
  readonly kind: 'sns';
  readonly subscription: string;
  readonly topic: string;
  /** `RawMessageDelivery`: the subscriber gets the message without SNS's envelope, and so does this queue. */
  readonly raw: boolean;
  readonly to: Target;
};

/** A function whose `DeadLetterConfig` leads here: the letter is the event, and does not say whose. */
export type AsynchronousFunction = {
  readonly kind: 'lambda-async';
  /** Without version or alias. */
  readonly function: string;
  readonly aliases: readonly string[];
  readonly way: Way;
};

/** A function whose on-failure destination leads here: the letter is a record, in which the event is. */
export type FunctionWithDestination = {
  readonly kind: 'lambda-destination';
  /** Without version or alias: the record says which it was. */
  readonly function: string;
  readonly way: Way;
};

/** A target of a rule of EventBridge. */
export type RuleTarget = {
  readonly kind: 'rule-target';
  readonly rule: string;
  readonly to: Target;
  /** It has an `Input`, `InputPath` or `InputTransformer`, so that it gets something else than the event. */
  readonly isTransformed: boolean;
};

/** A schedule of EventBridge Scheduler. */
export type Schedule = { readonly kind: 'schedule'; readonly schedule: string; readonly to: Target };

/** An event bus: what it could not decrypt has reached no rule yet. */
type EventBus = { readonly kind: 'event-bus'; readonly bus: string };

/** Who names a queue as the place of its dead letters. JSON. */
export type Origin =
  | Queue
  | Subscription
  | AsynchronousFunction
  | FunctionWithDestination
  | RuleTarget
  | Schedule
  | EventBus;

/** Who puts dead letters into a queue, as far as it was read. JSON. */
export type Senders = {
  readonly origins: readonly Origin[];
  /** One line for each listing that is too long: others may be among the rest. */
  readonly unread: readonly string[];
};

/** The parts of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. */
function partsOf(arn: string): readonly string[] {
  return arn.split(':');
}

/** What stands at an ARN, as far as it can be delivered to. */
export function targetOf(arn: string): Target {
  const [, , service, , , resource] = partsOf(arn);
  if (service === 'sqs') return { kind: 'queue', arn };
  return { kind: service === 'lambda' && resource === 'function' ? 'function' : 'other', arn };
}

/** A function's ARN without version or alias. */
export function unqualified(functionArn: string): string {
  return partsOf(functionArn).slice(0, 7).join(':');
}

/** The queue or function at which something is delivered, whatever version or alias: by it consent and consumers are known. */
export function placeOf({ kind, arn }: Target): string {
  return kind === 'function' ? unqualified(arn) : arn;
}

/** Whether two ARNs are of the same account and Region. */
export function isNextTo(one: string, other: string): boolean {
  const homeOf = (arn: string): string => partsOf(arn).slice(3, 5).join(':');
  return homeOf(one) === homeOf(other);
}
