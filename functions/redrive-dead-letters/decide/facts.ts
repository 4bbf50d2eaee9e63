/** What `decide` is told of a queue of dead letters, and of those whose letters they are. Pure. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { Senders } from './origins.ts';
import type { MoveTask } from './move-task.ts';

/** A queue as SQS describes it. JSON. */
export type Queue = {
  readonly arn: string;
  readonly name: string;
  readonly url: string;
  readonly isFifo: boolean;
  /** `MaximumMessageSize`: bytes of body and attributes together. */
  readonly maximumMessageBytes: number;
  /** Approximate numbers, as SQS counts them; up to a minute late. */
  readonly messages: { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  /** Where it puts what it has handed over too often (`RedrivePolicy`); `null`: nowhere. */
  readonly deadLetters: string | null;
  /** `VisibilityTimeout`, in seconds. */
  readonly visibilityTimeoutSeconds: number;
  /** `maxReceiveCount` of its redrive policy: how often it hands a message over; `null`: it has none. */
  readonly maxReceiveCount: number | null;
  /** `MessageRetentionPeriod`: seconds from the sending of a message to its end. */
  readonly retentionSeconds: number;
  /** `KmsMasterKeyId`: the key that it is encrypted with, by id, ARN or alias; `null`: none of KMS's. */
  readonly key: string | null;
};

/** A function whose events the letters are. JSON. */
export type EventFunction = {
  /** Without version or alias. */
  readonly arn: string;
  readonly name: string;
  /** `Timeout`, in seconds. */
  readonly timeoutSeconds: number;
};

/** Where letters may go back to. JSON. */
export type Source = Queue | EventFunction;

export function isFunction(source: Source): source is EventFunction {
  return 'timeoutSeconds' in source;
}

/** What people have set by tags on the queue of dead letters. */
export type Settings = {
  /** The tag `runbook:redrive`; `null`: it is not there, and the queue nobody's to touch. */
  readonly redrive: 'auto' | 'manual' | null;
  /** The tag `runbook:redrive-per-second`; `null`: not said. */
  readonly perSecond: number | null;
  /** The tag `runbook:redrive-max-attempts`: times that a letter may go back; `none`: however often; `null`: not said. */
  readonly maxAttempts: number | 'none' | null;
  /** The tag `runbook:parking`: the queue, by its name, for what may go back no more; `null`: it stays. */
  readonly parking: string | null;
  /** One line per tag that cannot be read. */
  readonly problems: readonly string[];
};

/** What was looked at before anything is moved. JSON. */
export type Readiness = {
  /** By the queue's ARN, what is the matter with its key. */
  readonly unusableKeys: { readonly [queueArn: string]: string };
  /** Keys whose state may not be read: it is SQS that needs them. */
  readonly unreadKeys: readonly string[];
  /** By the ARN of a queue that letters go to, why its consumer takes nothing. */
  readonly off: { readonly [queueArn: string]: string };
  /** Queues that no function takes from, by name: what else does is not known. */
  readonly withoutMapping: readonly string[];
};

/** What is asked for. */
export type Ask = {
  /** At most so many messages; `null`: all. */
  readonly maxMessages: number | null;
  /** At most so many a second; `null`: as the tag says. */
  readonly perSecond: number | null;
  /** Which letters are meant, in JMESPath (`filter.ts`); `null`: all. */
  readonly filter: string | null;
  /** Only letters that were sent first within so many seconds; `null`: all. */
  readonly maxAgeSeconds: number | null;
  /** Who asks. */
  readonly by: string;
  /** What the request is known by: one that comes twice is the same; `null`: of a run before this one. */
  readonly delivery: string | null;
  /** When a run before this one announced it, ISO 8601; `null`: it was asked for now. */
  readonly at: string | null;
};

/** A CloudWatch alarm that changed its state, and is about a queue. JSON. */
export type Alarm = {
  readonly name: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  /** `depth`: the number of messages in one queue. Else in a word what it watches instead. */
  readonly watches: string;
};

/** The word that a run is to stop. JSON. */
export type Cancel = {
  /** The run that is meant. */
  readonly run: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
};

export interface Facts extends KernelFacts {
  /** The ARN of the queue of dead letters. */
  readonly target: string;
  /** `null`: there is none of this name. */
  readonly queue: Queue | null;
  readonly settings: Settings;
  /**
   * The queues whose redrive policy names it, none where they are more than `maxSources`; and the queues and functions that its other
   * senders have failed to deliver to.
   */
  readonly sources: readonly Source[];
  /** How many queues name it. */
  readonly sourceCount: number;
  /** Who else puts letters into it; `null`: nobody has had to look. */
  readonly senders: Senders | null;
  /** ARNs of the queues and functions whose tag does not let letters of such senders go there. */
  readonly untagged: readonly string[];
  /** ARNs of those whose tag lets letters of functions, rules and schedules go there. */
  readonly tagged: readonly string[];
  /** The queue of the tag `runbook:parking`; `null`: there is no tag, or no such queue. */
  readonly parking: Queue | null;
  /** `null`: the schedule, which finishes what was begun, and asks for what is tagged `auto`. */
  readonly ask: Ask | null;
  /** The alarm that asks; `null` or absent: a person does, or the schedule. */
  readonly alarm?: Alarm | null;
  /** This run, by its name. */
  readonly run?: string;
  /** Runs that have been told to stop moving letters of this queue; `null`: the ledger does not say. */
  readonly cancels?: readonly Cancel[] | null;
  /** Of a run that stops another: who asks for it, and when it looked; `by` is `null`: the schedule, which finishes what was begun. */
  readonly cancelling?: { readonly by: string | null; readonly at: string };
  /** The last of SQS's own move tasks from this queue, at work or not; `null`: there is none. */
  readonly task: MoveTask | null;
  readonly readiness: Readiness;
}

export interface RedriveLimits extends Limits {
  /** Seconds in which a request with the same words is the same one, come twice. */
  readonly sameRequestSeconds: number;
  /** Times that a letter goes back where no tag says so. */
  readonly maxAttempts: number;
  /** Letters that go first to each queue, alone, to see whether its consumer takes them. */
  readonly canary: number;
  /** Letters that have to have gone to a queue before its consumer is called broken. */
  readonly leastJudged: number;
  /** Letters that come back in one run, and no more are sent to that queue, whatever share of all they are. */
  readonly maxBack: number;
  /** Letters that are looked at for those that have come back. */
  readonly maxLookedAt: number;
  /** Seconds that a consumer is given at most to fail, however long its queue may take. */
  readonly maxCycleSeconds: number;
  /** Seconds by which SQS counts the messages of a queue late. */
  readonly countedLateSeconds: number;
  /** Messages a second when the canary has held; doubled with each piece. */
  readonly rampPerSecond: number;
  /** Seconds before what has come back goes once more; doubled each time. */
  readonly backOffSeconds: number;
  /** Seconds for which a queue whose letters could not go back is left alone; doubled each time. */
  readonly holdOffSeconds: number;
  /** The longest that it is left alone. */
  readonly maxHoldOffSeconds: number;
  /** Messages that are looked at where none is moved. */
  readonly sample: number;
  /** Messages a second where neither tag nor request says so. */
  readonly perSecond: number;
  /** Seconds for which a message is hidden while it is dealt with. */
  readonly hiddenSeconds: number;
  /** Times that a run waits for what it could not deal with to be seen again. */
  readonly maxRounds: number;
  /** Queues whose dead letters are in one: what is known of them is kept at each look. */
  readonly maxSources: number;
  /** Messages that a run has in hand and comes back to: it has to know each of them again. */
  readonly maxLeft: number;
  /** Messages that cannot go: of these a print is kept. */
  readonly maxStays: number;
  /** Messages a second that SQS's own move task moves at most. */
  readonly taskPerSecond: number;
  /** Seconds after its start until which a move task is waited for. */
  readonly maxTaskSeconds: number;
  /** Pieces of work without a pause: an invocation has to end before its time-out. */
  readonly piecesInARow: number;
}
