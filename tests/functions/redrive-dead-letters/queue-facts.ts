/** Queues and facts as the tests of decisions have them. */

import {
  NO_PROGRESS,
  type Ask,
  type Facts,
  type Progress,
  type Queue,
  type RedriveLimits,
} from '../../../functions/redrive-dead-letters/decide.ts';

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
  perSecond: 500,
  hiddenSeconds: 60,
  maxRounds: 3,
  maxSources: 100,
  maxLeft: 1_500,
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
    ...more,
  };
}

export const ASK: Ask = { maxMessages: null, perSecond: null, by: 'on-call', delivery: 'request:1', at: null };

export function facts(more: Partial<Facts> = {}): Facts {
  return {
    history: 'unread',
    target: arnOf('orders-dlq'),
    queue: queue('orders-dlq'),
    settings: { redrive: 'manual', perSecond: null, problems: [] },
    sources: [queue('orders')],
    sourceCount: more.sources?.length ?? 1,
    ask: ASK,
    ...more,
  };
}

/** What pieces of the work have told, in a queue that is empty since but for what is left. */
export function told(progress: Partial<Progress>, more: Partial<Facts> = {}): Facts {
  const left = Object.keys(progress.left ?? {}).length;
  return facts({
    queue: queue('orders-dlq', { messages: { visible: 0, inFlight: left, delayed: 0 } }),
    work: {
      lost: 0,
      told: { ...NO_PROGRESS, beganAt: NOW, endedAt: NOW, pieces: 1, isDrained: true, rounds: 1, ...progress },
    },
    ...more,
  });
}
