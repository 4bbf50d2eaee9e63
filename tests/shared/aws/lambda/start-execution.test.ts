import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { durableFunction, executionName, startExecution } from '../../../../shared/aws/lambda/start-execution.ts';
import { makeIo } from '../../../../shared/kernel/run/io.ts';
import { sendCall } from '../../../../shared/kernel/run/send.ts';
import { awsError } from '../../../../simulator/engine/model.ts';

describe('the name of an execution', () => {
  it('is the same for the same parts, and can be read', () => {
    expect(executionName('carry-volumes', 'i-0a1', 'T-7')).toBe('carry-volumes_i-0a1_T-7_4240ff97bff5b72bd87d');
    expect(executionName('carry-volumes', 'i-0a1', 'T-7')).toBe('carry-volumes_i-0a1_T-7_4240ff97bff5b72bd87d');
  });

  it('is another for other parts, also where they read the same', () => {
    const names = [
      executionName('flush', 'a/b'),
      executionName('flush', 'a-b'),
      executionName('flush', 'a', 'b'),
      executionName('flush-a', 'b'),
    ];
    expect(names.map((name) => name.slice(0, -20))).toEqual(['flush_a-b_', 'flush_a-b_', 'flush_a_b_', 'flush-a_b_']);
    expect(new Set(names).size).toBe(4);
  });

  it('has 61 characters at most, which leaves room for the number of an attempt, each of which Lambda takes, whatever the parts', () => {
    const long = executionName(
      'redrive-dead-letters',
      'arn:aws:sqs:eu-west-1:111122223333:orders-dead-letters',
      'Größe 5',
    );
    expect(long).toMatch(/^redrive-dead-letters_arn-aws-sqs-eu-w[a-z-]*_[0-9a-f]{20}$/u);
    expect(long).toHaveLength(61);
    for (const part of ['', '🙂', '/', ' ']) expect(executionName(part)).toMatch(/^[A-Za-z0-9_-]{1,64}$/u);
  });
});

describe('the durable function of a runbook', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('is named by stack and alias', () => {
    vi.stubEnv('RUNBOOK_STACK', 'runbook-prod');
    expect(durableFunction('carry-volumes')).toBe('runbook-prod-carry-volumes:durable');
  });
});

describe('lambda:Invoke of a plan', () => {
  const lambda = mockClient(LambdaClient);
  const io = makeIo({
    run: 'run-1',
    account: '111122223333',
    region: 'eu-west-1',
    signal: new AbortController().signal,
    target: 'i-1',
  });
  const input = {
    FunctionName: 'runbook-prod-carry-volumes:durable',
    DurableExecutionName: 'carry-volumes_i-0a1_T-7_0123456789abcdef0123',
    Payload: {
      runbook: 'carry-volumes',
      target: 'i-0a1',
      params: { b: 1, a: 2 },
      reason: 'it leaves',
      requestedBy: 'receive-requests',
    },
  };
  beforeEach(() => void lambda.reset());
  afterAll(() => lambda.restore());

  it('starts the execution asynchronously, with the same bytes for the same request', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    const { requestedBy, reason, params, target, runbook } = input.Payload;
    const otherwise = { ...input, Payload: { requestedBy, reason, params: { a: 2, b: params.b }, target, runbook } };
    expect(await sendCall(startExecution, input, io)).toEqual({});
    await sendCall(startExecution, otherwise, io);
    const sent = {
      FunctionName: 'runbook-prod-carry-volumes:durable',
      InvocationType: 'Event',
      DurableExecutionName: 'carry-volumes_i-0a1_T-7_0123456789abcdef0123',
      Payload:
        '{"params":{"a":2,"b":1},"reason":"it leaves","requestedBy":"receive-requests","runbook":"carry-volumes","target":"i-0a1"}',
    };
    expect(lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input)).toEqual([sent, sent]);
  });

  it.each([
    ['DurableExecutionAlreadyStartedException', 409, 'gone'],
    ['TooManyRequestsException', 429, 'wait'],
    ['ResourceConflictException', 409, 'wait'],
    ['ResourceNotReadyException', 502, 'wait'],
    ['ResourceNotFoundException', 404, 'refused'],
    ['NoPublishedVersionException', 400, 'refused'],
    ['InvalidParameterValueException', 400, 'refused'],
    ['ModeNotSupportedException', 400, 'refused'],
    ['RequestTooLargeException', 413, 'refused'],
    ['SerializedRequestEntityTooLargeException', 413, 'refused'],
    ['RecursiveInvocationException', 400, 'refused'],
  ])('says what %s means', async (name, status, meaning) => {
    lambda.on(InvokeCommand).rejects(awsError(name, 'no', status));
    expect(await sendCall(startExecution, input, io)).toMatchObject({ said: { name, meaning } });
  });

  it('leaves to the general rules what the service has no word for, such as a failure of its own', async () => {
    lambda.on(InvokeCommand).rejects(awsError('ServiceException', 'no', 500));
    await expect(sendCall(startExecution, input, io)).rejects.toMatchObject({ name: 'ServiceException' });
  });

  it.each([
    [{ ...input, DurableExecutionName: undefined }, 'plan: DurableExecutionName: a text is missing'],
    [{ ...input, Payload: '{}' }, 'plan: Payload: an object is missing'],
    [{ ...input, FunctionName: 5 }, 'plan: FunctionName: a text is missing'],
  ])('is not sent when a member is missing', async (wrong, message) => {
    await expect(sendCall(startExecution, wrong, io)).rejects.toThrow(message);
    expect(lambda.calls()).toHaveLength(0);
  });
});
