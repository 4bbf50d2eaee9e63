/** When an alarm on the depth of a queue begins with its letters, and what it says where it does not. */

import { describe, expect, it } from 'vitest';
import { ofAlarm } from '../../../functions/redrive-dead-letters/aws.ts';
import { decide, type Alarm, type Facts } from '../../../functions/redrive-dead-letters/decide.ts';
import type { History } from '../../../shared/kernel/decision.ts';
import type { AlarmMetric, MetricAlarmDelivery } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import { ASK, facts, LIMITS, NOW, queue, SETTINGS, told } from './queue-facts.ts';

const DEPTH: AlarmMetric = {
  namespace: 'AWS/SQS',
  name: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName: 'orders-dlq' },
};

function delivery(metrics: readonly AlarmMetric[], isComputed = false): MetricAlarmDelivery {
  const base = { kind: 'metric-alarm', id: 'alarm:1', at: NOW, alarmName: 'deep', state: 'ALARM' } as const;
  return { ...base, instanceIds: [], childAlarmNames: [], metrics, isComputed };
}

describe('an alarm', () => {
  it('on the depth of a queue asks for its letters', () => {
    expect(ofAlarm(delivery([DEPTH]))).toEqual({
      target: 'orders-dlq',
      ask: { ...ASK, by: 'alarm deep', delivery: 'alarm:1' },
      alarm: { name: 'deep', state: 'ALARM', watches: 'depth' },
    });
  });

  it.each([
    [[{ ...DEPTH, name: 'ApproximateAgeOfOldestMessage' }], false, 'ApproximateAgeOfOldestMessage'],
    [[DEPTH], true, 'what is computed'],
    [[DEPTH, { ...DEPTH, namespace: 'Ours' }], false, 'ApproximateNumberOfMessagesVisible'],
  ])('on %j (computed: %s) watches %s', (metrics, isComputed, watches) => {
    expect(ofAlarm(delivery(metrics, isComputed))?.alarm).toMatchObject({ watches });
  });

  it('that is about no queue is none of ours', () => {
    expect(ofAlarm(delivery([]))).toBeUndefined();
    expect(ofAlarm(delivery([{ ...DEPTH, namespace: 'AWS/EC2' }]))).toBeUndefined();
    expect(ofAlarm(delivery([{ ...DEPTH, dimensions: {} }]))).toBeUndefined();
  });
});

const RINGS: Alarm = { name: 'deep', state: 'ALARM', watches: 'depth' };
const KNOWN: History = { epoch: 1, actions: [], memory: {} };

function rung(alarm: Partial<Alarm> = {}, more: Partial<Facts> = {}): Facts {
  const settings = { ...SETTINGS, redrive: 'auto' } as const;
  return facts({ ask: { ...ASK, delivery: 'alarm:1' }, alarm: { ...RINGS, ...alarm }, settings, ...more });
}

describe('what it starts', () => {
  it('is a redrive of a queue that is tagged auto, once the ledger is read', () => {
    expect(decide(rung(), LIMITS, NOW)).toMatchObject({ code: 'needs-history', needsHistory: true });
    expect(decide(rung({}, { history: KNOWN }), LIMITS, NOW)).toMatchObject({ kind: 'act', code: 'redriving' });
  });

  it.each<readonly [string, Facts, string, string]>([
    ['a state of peace', rung({ state: 'OK' }), 'nothing', 'alarm-not-raised'],
    ['a state of ignorance', rung({ state: 'INSUFFICIENT_DATA' }), 'nothing', 'alarm-not-raised'],
    ['a queue that is gone', rung({}, { queue: null }), 'nothing', 'gone'],
    ['a queue of others', rung({}, { settings: { ...SETTINGS, redrive: null } }), 'nothing', 'not-tagged'],
    ['a queue for people', rung({}, { settings: SETTINGS }), 'nothing', 'tagged-manual'],
    ['another metric', rung({ watches: 'what is computed' }), 'refuse', 'not-depth'],
    [
      'a misspelt tag',
      rung({}, { settings: { ...SETTINGS, redrive: null, problems: ['x'] } }),
      'refuse',
      'unreadable-setting',
    ],
    [
      'nothing to receive',
      rung({}, { history: KNOWN, queue: queue('orders-dlq', { messages: { visible: 0, inFlight: 1, delayed: 0 } }) }),
      'nothing',
      'empty',
    ],
    [
      'a queue that is left alone',
      rung({}, { history: { ...KNOWN, memory: { tried: `1 - ${NOW}` } } }),
      'nothing',
      'held-off',
    ],
  ])('is nothing for %s', (_what, seen, kind, code) => {
    expect(decide(seen, LIMITS, NOW)).toMatchObject({ kind, code });
  });

  it('is no second redrive beside one that goes on, and goes on with its own', () => {
    const pending = (by: string): History => ({ ...KNOWN, pending: { intent: 'x', at: NOW, note: { delivery: by } } });
    const other = decide(rung({}, { history: pending('alarm:0') }), LIMITS, NOW);
    expect(other).toMatchObject({ kind: 'refuse', code: 'under-way' });
    expect(other).not.toHaveProperty('attention');
    expect(decide(rung({}, { history: pending('alarm:1') }), LIMITS, NOW)).toMatchObject({ code: 'redriving' });
    const begun = told({ received: 1, sent: 1, isDrained: false }, rung({ state: 'OK' }));
    expect(decide(begun, LIMITS, NOW)).toMatchObject({ code: 'redriving' });
  });
});
