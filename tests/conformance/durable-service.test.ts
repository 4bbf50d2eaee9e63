import { describe, expect, it } from 'vitest';
import { HttpExecution, isDurableRequest, runExecution } from '../../conformance/durable-service.ts';

const NOW = Date.parse('2026-11-22T08:00:00Z');

function execution(): HttpExecution {
  return new HttpExecution('carry-volumes', 'run-1', { target: 'db' }, NOW);
}

function url(of: HttpExecution, what: 'checkpoint' | 'state', query = ''): string {
  return `/2025-12-01/durable-executions/${encodeURIComponent(of.arn)}/${what}${query}`;
}

function tokenOf(invocation: object): string {
  return String(Reflect.get(invocation, 'CheckpointToken'));
}

function operationsOf(invocation: object): readonly unknown[] {
  const state: unknown = Reflect.get(invocation, 'InitialExecutionState');
  const operations: unknown =
    typeof state === 'object' && state !== null ? Reflect.get(state, 'Operations') : undefined;
  return Array.isArray(operations) ? operations : [];
}

function checkpoint(of: HttpExecution, token: string, updates: readonly object[], now = NOW) {
  const { status, headers, body } = of.answer(
    url(of, 'checkpoint'),
    JSON.stringify({ CheckpointToken: token, Updates: updates }),
    now,
  );
  return { status, headers, body: JSON.parse(body.toString()) as unknown };
}

const step = (id: string) => [
  { Id: id, Type: 'STEP', Action: 'START', Name: id },
  { Id: id, Type: 'STEP', Action: 'SUCCEED', Name: id, Payload: '1' },
];

describe('the durable service', () => {
  it('knows its requests', () => {
    expect(isDurableRequest(url(execution(), 'state', '?CheckpointToken=1'))).toBe(true);
    expect(isDurableRequest('/')).toBe(false);
    expect(isDurableRequest('/service/GraniteServiceVersion20100801/operation/DescribeAlarms')).toBe(false);
  });

  it('begins with the event, and gives the next invocation what the last one kept', () => {
    const own = execution();
    const first = own.nextInvocation();
    expect(operationsOf(first)).toEqual([
      expect.objectContaining({ Type: 'EXECUTION', ExecutionDetails: { InputPayload: '{"target":"db"}' } }),
    ]);
    expect(checkpoint(own, tokenOf(first), step('locate'))).toMatchObject({
      status: 200,
      body: { NewExecutionState: { Operations: [{ Id: 'locate', Status: 'SUCCEEDED', StartTimestamp: NOW / 1_000 }] } },
    });
    expect(operationsOf(own.nextInvocation())[1]).toMatchObject({
      Id: 'locate',
      StartTimestamp: '2026-11-22T08:00:00.000Z',
      StepDetails: { Result: '1' },
    });
  });

  it('refuses the token of an invocation that is over, as Lambda words it', () => {
    const own = execution();
    const first = own.nextInvocation();
    own.nextInvocation();
    const { status, headers, body } = checkpoint(own, tokenOf(first), step('late'));
    expect([status, headers['x-amzn-errortype'], body]).toEqual([
      400,
      'InvalidParameterValueException',
      expect.objectContaining({ message: 'Invalid Checkpoint Token' }),
    ]);
    expect(own.answer(url(own, 'state', '?CheckpointToken=1'), '', NOW).status).toBe(400);
    expect(own.answer(url(new HttpExecution('carry-volumes', 'other', {}, NOW), 'state'), '', NOW).status).toBe(404);
  });

  it('gives a long history page by page', () => {
    const own = execution();
    const first = own.nextInvocation();
    checkpoint(own, tokenOf(first), Array.from({ length: 12 }, (_none, index) => step(`step-${index}`)).flat());
    const second = own.nextInvocation();
    expect(second).toMatchObject({ InitialExecutionState: { NextMarker: '10' } });
    const rest = own.answer(url(own, 'state', `?CheckpointToken=${tokenOf(second)}&Marker=10&MaxItems=1000`), '', NOW);
    expect(operationsOf(second)).toHaveLength(10);
    expect(JSON.parse(rest.body.toString())).toEqual({
      Operations: ['step-9', 'step-10', 'step-11'].map((Id) => expect.objectContaining({ Id }) as unknown),
    });
  });

  it('ends waits when their time has come', () => {
    const own = execution();
    checkpoint(own, tokenOf(own.nextInvocation()), [
      { Id: 'wait', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 5 } },
    ]);
    expect(own.dueAt()).toBe(NOW + 5_000);
    own.expire(NOW + 4_999);
    expect(own.dueAt()).toBe(NOW + 5_000);
    own.expire(NOW + 5_000);
    expect(own.dueAt()).toBeUndefined();
    expect(operationsOf(own.nextInvocation())[1]).toMatchObject({ Id: 'wait', Status: 'SUCCEEDED' });
  });
});

describe('an execution', () => {
  it('is invoked again after its wait, until it has an answer', async () => {
    const own = new HttpExecution('carry-volumes', 'run-1', {}, Date.now());
    const seen: number[] = [];
    const end = await runExecution(own, (invocation) => {
      seen.push(operationsOf(invocation).length);
      if (seen.length > 1) return Promise.resolve({ Status: 'SUCCEEDED', Result: '{}' });
      checkpoint(
        own,
        tokenOf(invocation),
        [{ Id: 'wait', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } }],
        Date.now() - 990,
      );
      return Promise.resolve({ Status: 'PENDING' });
    });
    expect(end).toEqual({ answer: { Status: 'SUCCEEDED', Result: '{}' }, invocations: 2 });
    expect(seen).toEqual([1, 2]);
  });

  it('that waits for nothing, or for too long, is an error', async () => {
    await expect(runExecution(execution(), () => Promise.resolve({ Status: 'PENDING' }))).rejects.toThrow(
      'waits for Infinity ms',
    );
  });
});
