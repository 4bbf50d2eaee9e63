/** Copies of a letter, and what was told of them. */

import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulatedWorld } from '../../../simulator/engine/world.ts';
import { ask } from '../../simulator/world/pasting.ts';
import { staged, watch } from '../watching.ts';

const ARN = 'arn:aws:sqs:eu-west-1:111122223333:';
const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders';
const RUNBOOK = 'redrive-dead-letters';

function stage(): SimulatedWorld {
  const { world } = staged({
    sqs: {
      Queues: [
        {
          QueueName: 'orders',
          Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${ARN}dead`, maxReceiveCount: 1 }) },
          Messages: [{ Body: 'a', MessageId: 'of-somebody' }],
        },
        {
          QueueName: 'dead',
          Tags: { 'runbook:redrive': 'manual' },
          Messages: [{ Body: 'a', MessageId: 'a-1' }, { Body: 'a', MessageId: 'a-2' }, { Body: 'b' }],
        },
      ],
    },
  });
  return world;
}

function result(evidence: RunResult['evidence'], run = 'r-1'): RunResult {
  const told = { runbook: RUNBOOK, run, target: `${ARN}dead`, outcome: 'done', reason: 'redriven: …' } as const;
  return { ...told, evidence: { received: 2, ...evidence }, plan: [], phases: [] };
}

function request(index: number, of: Partial<LoggedRequest>): LoggedRequest {
  const input = { Entries: [{ Id: '0' }] };
  return { index, invocation: 0, call: 'sqs:SendMessageBatch', kind: 'write', input, at: '', depth: 1, ...of };
}

/** So many times `a` is sent, then a result is told. */
function foundAfter(
  copies: number,
  told: readonly RunResult[],
  sent: readonly LoggedRequest[] = [],
): string | undefined {
  const world = stage();
  const log: RunResult[] = [];
  const send = (): void => void ask(world, 'sqs', 'SendMessage', { QueueUrl, MessageBody: 'a' });
  const steps = [...Array.from({ length: copies }, () => send), () => void log.push(...told)];
  return watch('surplus-copies-are-told', world, steps, log, sent);
}

describe('copies of letters', () => {
  it('are none where as many have arrived as there were', () => {
    expect(foundAfter(2, [result({})])).toBeUndefined();
  });

  it('are found where one more has arrived than was told', () => {
    expect(foundAfter(3, [result({})])).toBe(`1 copies too many of letters of ${ARN}dead have arrived, 0 were told`);
    expect(foundAfter(4, [result({ perhapsTwice: 1 })])).toContain('2 copies too many');
  });

  it.each([['perhapsTwice'], ['kept'], ['sentButStillHere']])('are permitted where %s says so', (member) => {
    expect(foundAfter(3, [result({ [member]: 1 })])).toBeUndefined();
  });

  it('are counted by run: one that tells twice has told of one', () => {
    expect(foundAfter(4, [result({ perhapsTwice: 1 }), result({ perhapsTwice: 1 })])).toContain('2 copies');
    expect(foundAfter(4, [result({ perhapsTwice: 1 }, 'r-0'), result({ perhapsTwice: 1 })])).toBeUndefined();
  });

  it.each([
    ['its invocation died', { index: 1, fault: 'died-after' as const }],
    ['its step was not kept', { call: 'lambda:CheckpointDurableExecution', error: 'Throttled' }],
  ])('are permitted of a piece that broke off: %s', (_how, end) => {
    const sent = [request(0, {}), request(1, { input: {}, call: 'ledger:switches', ...end })];
    expect(foundAfter(3, [result({})], sent)).toBeUndefined();
    expect(foundAfter(3, [result({})], [request(0, {}), request(1, { ...end, invocation: 1, input: {} })])).toContain(
      '1 copies',
    );
  });

  it('say nothing where another runbook tells, or nothing was received', () => {
    const { received: _none, ...evidence } = result({}).evidence;
    expect(foundAfter(3, [{ ...result({}), evidence }])).toBeUndefined();
    expect(foundAfter(3, [{ ...result({}), runbook: 'another' }])).toBeUndefined();
  });
});
