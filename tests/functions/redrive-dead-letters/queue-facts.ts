/** Queues and facts as the tests of decisions have them. */

import { staysIn } from '../../../functions/redrive-dead-letters/decide/progress.ts';
import {
  ALL_READY,
  NO_PROGRESS,
  STAY_CHARS,
  type Ask,
  type Facts,
  type Progress,
  type Queue,
  type RedriveLimits,
  type Settings,
} from '../../../functions/redrive-dead-letters/decide.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';

export const NOW = '2026-11-22T08:00:00.000Z';

export const LIMITS: RedriveLimits = {
  maxAgeSeconds: 3_600,
  maxTargets: 20,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 3_600,
  maxLooks: 10,
  maxWaitSeconds: 43_200,
  maxCalls: 1,
  sameRequestSeconds: 900,
  maxAttempts: 3,
  canary: 10,
  leastJudged: 5,
  maxBack: 400,
  maxLookedAt: 500,
  maxCycleSeconds: 3_600,
  countedLateSeconds: 60,
  rampPerSecond: 50,
  backOffSeconds: 120,
  holdOffSeconds: 3_600,
  maxHoldOffSeconds: 86_400,
  sample: 500,
  perSecond: 500,
  hiddenSeconds: 60,
  maxRounds: 3,
  maxSources: 100,
  maxLeft: 600,
  maxStays: 12_000,
  taskPerSecond: 500,
  maxTaskSeconds: 39_600,
  piecesInARow: 30,
};

export function arnOf(name: string): string {
  return `arn:aws:sqs:eu-west-1:111122223333:${name}`;
}

export function queue(name: string, more: Partial<Queue> = {}): Queue {
  return {
    arn: arnOf(name),
    name,
    url: `https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`,
    isFifo: false,
    maximumMessageBytes: 1_048_576,
    messages: { visible: 3, inFlight: 0, delayed: 0 },
    deadLetters: null,
    visibilityTimeoutSeconds: 30,
    maxReceiveCount: null,
    retentionSeconds: 1_209_600,
    key: null,
    ...more,
  };
}

/** A queue without letters, which hands one over three times, for half a minute each time. */
export function source(name: string, more: Partial<Queue> = {}): Queue {
  return queue(name, {
    messages: { visible: 0, inFlight: 0, delayed: 0 },
    maxReceiveCount: 3,
    deadLetters: arnOf('orders-dlq'),
    ...more,
  });
}

export const SETTINGS: Settings = {
  redrive: 'manual',
  perSecond: null,
  maxAttempts: null,
  parking: null,
  problems: [],
};

/** Prints of so many letters that stay. */
export function prints(count: number): string {
  return Array.from({ length: count }, (_none, index) => String(index).padStart(STAY_CHARS, '0')).join('');
}

/** A request of a person's, as it was delivered. */
export const DELIVERY: RequestDelivery = {
  kind: 'request',
  runbook: 'redrive-dead-letters',
  target: 'orders-dlq',
  params: {},
  dryRun: false,
  requestedBy: 'mara',
  id: 'request:1',
};

export const ASK: Ask = {
  maxMessages: null,
  perSecond: null,
  filter: null,
  maxAgeSeconds: null,
  by: 'on-call',
  delivery: 'request:1',
  at: null,
};

export function facts(more: Partial<Facts> = {}): Facts {
  return {
    history: 'unread',
    target: arnOf('orders-dlq'),
    queue: queue('orders-dlq'),
    settings: SETTINGS,
    sources: [source('orders')],
    sourceCount: more.sources?.length ?? 1,
    senders: null,
    untagged: [],
    tagged: [],
    parking: null,
    ask: ASK,
    task: null,
    readiness: ALL_READY,
    ...more,
  };
}

/** So many letters are in the queue, all of them in somebody's hands. */
export function held(count: number): Queue {
  return queue('orders-dlq', { messages: { visible: 0, inFlight: count, delayed: 0 } });
}

/** What pieces of the work have told, in a queue that is empty since but for what is left and what stays. */
export function told(progress: Partial<Progress>, more: Partial<Facts> = {}): Facts {
  const work = { ...NO_PROGRESS, beganAt: NOW, roundAt: NOW, endedAt: NOW, pieces: 1, isDrained: true, sweeps: 1 };
  const left = Object.keys(progress.left ?? {}).length + staysIn({ ...NO_PROGRESS, ...progress });
  return facts({ queue: held(left), work: { lost: 0, told: { ...work, ...progress } }, ...more });
}
