/** SQS's own move task, which brings dead letters back by itself. Pure. */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';

/** Source: API_ListMessageMoveTasksResultEntry, `Status`. */
const STATUSES = ['RUNNING', 'COMPLETED', 'CANCELLING', 'CANCELLED', 'FAILED'] as const;

export type TaskStatus = (typeof STATUSES)[number];

/** A status that is known; `undefined`: it is none. */
export function statusIn(value: unknown): TaskStatus | undefined {
  return STATUSES.find((known) => known === value);
}

/** A move task as SQS lists it. JSON. */
export type MoveTask = {
  /** By it a task is cancelled; only of one that is `RUNNING`. */
  readonly handle: string | null;
  readonly status: TaskStatus;
  /** About so many it has moved. */
  readonly moved: number;
  /** About so many were to be seen when it began; `null`: not said. */
  readonly toMove: number | null;
  /** Why it has failed. */
  readonly failure: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
};

export const START = 'sqs:StartMessageMoveTask';
export const CANCEL = 'sqs:CancelMessageMoveTask';

/** It takes letters out of the queue: one that is cancelled goes on for some seconds. */
export function isMoving({ status }: MoveTask): boolean {
  return status === 'RUNNING' || status === 'CANCELLING';
}

/** The call that cancels a task; `undefined`: it cannot be cancelled, or is already. What it has moved stays moved. */
export function cancelTask({ handle, status }: MoveTask, because: string): PlannedCall | undefined {
  if (status !== 'RUNNING' || handle === null) return undefined;
  return { call: CANCEL, input: { TaskHandle: handle }, because };
}

/** The call that has SQS move all letters of a queue, each to the queue that it failed in. */
export function startTask(queueArn: string, perSecond: number): PlannedCall {
  return {
    call: START,
    input: { SourceArn: queueArn, MaxNumberOfMessagesPerSecond: perSecond },
    because: `nothing is asked of each letter by itself, so SQS brings the rest back, ${perSecond} a second at most`,
  };
}

/** What the breaker goes by. */
export interface Judged {
  readonly task: MoveTask;
  /** About so many letters are in the queue. */
  readonly held: number;
  readonly leastJudged: number;
  /** Seconds by which SQS counts them late. */
  readonly lateSeconds: number;
  readonly now: string;
}

/**
 * Most of what a task has moved is in the queue again. SQS counts late: what was moved within the last minute may be counted in the queue
 * still, so it is taken for that, and the share is of what was moved before.
 */
export function isMostBackOf({ task, held, leastJudged, lateSeconds, now }: Judged): boolean {
  const { moved, toMove, startedAt } = task;
  if (toMove === null) return false;
  const seconds = Math.max(lateSeconds, secondsSince(startedAt, now));
  const lately = Math.ceil(moved * (lateSeconds / seconds));
  const before = moved - lately;
  const back = held - Math.max(0, toMove - moved) - lately;
  return before >= leastJudged && back * 2 >= before;
}

/** Seconds until a task is looked at again: the longer it takes, the longer. */
const LEAST_SECONDS = 20;
/** A quarter of an hour: of a task that takes eleven hours some fifty looks. */
const MOST_SECONDS = 900;

export function lookAtTaskIn({ startedAt, status }: MoveTask, now: string): number {
  if (status === 'CANCELLING') return LEAST_SECONDS;
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, Math.ceil(secondsSince(startedAt, now) / 2)));
}
