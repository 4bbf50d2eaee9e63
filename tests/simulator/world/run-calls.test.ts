import { describe, expect, it } from 'vitest';
import { callsAfter, CALLS_KEPT, RUNS_WITH_CALLS } from '../../../simulator/world/run-calls.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { run, deploy, usual } from '../deploy.ts';

const AT = '2026-11-22T08:00:00.000Z';

function sent(index: number, call: string, input: LoggedRequest['input'] = {}): LoggedRequest {
  return { index, invocation: 0, call, kind: 'write', input, at: AT, depth: 1 };
}

/** The end of a run of `requests` that was recorded. */
async function endOf(requests: readonly LoggedRequest[], name = 'r1'): Promise<SimulationEnd> {
  const end = await simulate(run(usual));
  const [invocation] = end.invocations;
  if (invocation === undefined) throw new Error('nothing ran');
  return {
    ...end,
    requests,
    invocations: [{ ...invocation, requestId: name }],
    ledger: { ...end.ledger, records: [{ runbook: 'probe-function', run: name, target: '', at: AT, body: {} }] },
  };
}

describe('what is kept of the requests of runs', () => {
  it('is what they sent to AWS: not the ledger, not checkpoints', async () => {
    const end = await endOf([
      sent(0, 'ledger:acquire'),
      sent(1, 'ec2:StopInstances', { InstanceIds: ['i-0a1'] }),
      sent(2, 'lambda:CheckpointDurableExecution'),
    ]);
    expect(callsAfter([], end)).toEqual([
      {
        runbook: 'probe-function',
        run: 'r1',
        calls: [{ at: AT, kind: 'write', name: 'ec2:StopInstances', input: { InstanceIds: ['i-0a1'] } }],
      },
    ]);
  });

  it('has no bodies of messages, user data or payloads, however deep', async () => {
    const Entries = [{ Id: '1', MessageBody: 'secret', MessageAttributes: { a: 'secret' } }];
    const inputs = [
      { QueueUrl: 'q', Entries },
      { UserData: 'secret' },
      { FunctionName: 'f', Payload: new TextEncoder().encode('secret') },
      { ReceiptHandle: 'secret' },
      { Message: 'secret', TopicArn: 't' },
    ];
    const end = await endOf(inputs.map((input, index) => sent(index, 'sqs:SendMessageBatch', input)));
    const text = JSON.stringify(callsAfter([], end));
    expect(text).not.toContain('secret');
    expect(text).toContain('"TopicArn":"t"');
  });

  it('is bounded: by run, by input, by the number of runs', async () => {
    const many = Array.from({ length: CALLS_KEPT + 5 }, (_, index) => sent(index, 'ec2:CreateTags'));
    const end = await endOf([...many, sent(999, 'wafv2:UpdateIPSet', { Addresses: 'a'.repeat(50_000) })]);
    const before = Array.from({ length: RUNS_WITH_CALLS }, (_, index) => ({
      runbook: 'probe-function',
      run: `old-${index}`,
      calls: [],
    }));
    const kept = callsAfter(before, end);
    expect(kept).toHaveLength(RUNS_WITH_CALLS);
    expect(kept[0]?.run).toBe('old-1');
    expect(kept.at(-1)?.calls).toHaveLength(CALLS_KEPT);
    const long = await endOf([sent(0, 'wafv2:UpdateIPSet', { Addresses: 'a'.repeat(50_000) })]);
    expect(JSON.stringify(callsAfter([], long)).length).toBeLessThan(3_000);
  });

  it('is nothing of runs that left no record', async () => {
    const end = await simulate(run(deploy(() => Promise.resolve())));
    expect(callsAfter([], end)).toEqual([]);
  });
});
