/** What a stack needs so that somebody hears of it and its runbooks start: judged alike by `doctor` and by `check-readiness`. Pure. */

/** What people hear by, with what nobody hears where nobody is subscribed to any of the topics; each names the first. */
export const TOPICS = [
  { topics: ['page'], unheard: 'nobody is woken when a run fails' },
  { topics: ['look'], unheard: 'nobody hears of what waits for the morning' },
  {
    // Sentences by mail or in a chat, or the outcomes themselves.
    topics: ['messages', 'chat', 'outcomes'],
    unheard: 'nobody hears what was refused, has failed, or waits for an approval',
  },
] as const;

/** Alarms that a stack has whatever its runbooks are, behind its prefix (deploy/standard/alarms.ts, deploy/outcomes.yml). */
export const STACK_ALARMS = [
  'page',
  'look',
  'heartbeat',
  'dead-letters-lost',
  'failed-runs',
  'undelivered',
  'outcomes-undelivered',
  'trouble-dead-letters',
] as const;

/** As long as SQS keeps a message at most, seconds: 14 days. Source: SQS, SetQueueAttributes, `MessageRetentionPeriod`. */
export const LONGEST_RETENTION_SECONDS = 1_209_600;

/** A subscription as SNS lists it. */
export interface Subscriber {
  /** An ARN, or a word that says what it waits for. */
  readonly subscription: string;
  readonly endpoint: string;
}

/** How many hear of what is published to a topic, and how many only would. */
export interface Hearers {
  readonly confirmed: number;
  /** The link in their mail was not clicked. */
  readonly waiting: number;
}

/** Who of the subscribers hears. The example subscriber of a stack is no person. */
export function hearersAmong(subscribers: readonly Subscriber[], prefix: string): Hearers {
  const others = subscribers.filter(({ endpoint }) => !endpoint.endsWith(`:${prefix}-trouble`));
  return {
    confirmed: others.filter(({ subscription }) => subscription.startsWith('arn:')).length,
    // One that was deleted is listed for some days.
    waiting: others.filter(({ subscription }) => subscription === 'PendingConfirmation').length,
  };
}

/** Why nobody hears. */
export function silenceOf({ waiting }: Hearers): string {
  if (waiting === 0) return 'nobody is subscribed';
  const subscriptions = waiting === 1 ? '1 subscription waits' : `${waiting} subscriptions wait`;
  return `${subscriptions} for the link in the mail to be clicked`;
}

/** The names of alarms that a stack lacks. */
export function lackingAlarms(names: readonly string[], prefix: string): readonly string[] {
  const there = new Set(names);
  return STACK_ALARMS.map((name) => `${prefix}-${name}`).filter((name) => !there.has(name));
}

/** No invocation is left to a function with this reserved concurrency. */
export function isStopped(reserved: number | null | undefined): boolean {
  return reserved === 0;
}

/** Whether a mapping with this state takes nothing from its queue until somebody switches it on. */
export function isMappingOff(state: string | null | undefined): boolean {
  return state === 'Disabled' || state === 'Disabling';
}

/** Whether a schedule or a rule with this state starts nothing. */
export function isTriggerOff(state: string | null | undefined): boolean {
  return state === 'DISABLED';
}
