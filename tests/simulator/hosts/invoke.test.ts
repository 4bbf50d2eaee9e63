import {
  InvokeCommand,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  type InvokeCommandInput,
  type InvokeCommandOutput,
  type ListDurableExecutionsByFunctionCommandInput,
  type ListDurableExecutionsByFunctionCommandOutput,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { client } from '../../../shared/aws/clients.ts';
import { NO_FAULTS, type DeployedFunction, type FaultPlan } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { deploy, run, TWO_INSTANCES } from '../deploy.ts';
import { durableFunction } from './durable-harness.ts';

const NAMED: InvokeCommandInput = {
  FunctionName: 'runbook-take-it:durable',
  InvocationType: 'Event',
  DurableExecutionName: 'order-5',
  Payload: '{"order":5}',
};

/** Sends the requests one after the other; what came of each. */
async function came(of: readonly InvokeCommandInput[], region = ''): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const input of of) {
    const answer: InvokeCommandOutput | Error = await client(LambdaClient, region === '' ? {} : { region })
      .send(new InvokeCommand(input))
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    const told = answer instanceof Error ? `${answer.name}: ${answer.message}` : answer.DurableExecutionArn;
    answers.push(told?.replace(/\/[^/]+$/u, '') ?? '202');
  }
  return answers;
}

/** A stack of three: one that invokes the others, a durable one and a plain one. */
async function stack(
  requests: readonly InvokeCommandInput[],
  faults: Partial<FaultPlan> = {},
  events = 1,
): Promise<{ readonly end: SimulationEnd; readonly answers: readonly string[]; readonly taken: readonly unknown[] }> {
  const answers: string[] = [];
  const taken: unknown[] = [];
  const take = (event: unknown): Promise<void> => Promise.resolve(void taken.push(event));
  const functions: readonly DeployedFunction[] = [
    deploy(async () => void answers.push(...(await came(requests)))),
    durableFunction('take-it', (event, context) => context.step('take', () => take(event))),
    deploy(take, { name: 'take-plainly' }),
  ];
  const given = Array.from({ length: events }, (_, index) => ({
    event: { runbook: 'probe-function' },
    afterMs: index * 3,
  }));
  const options = run(functions[0] ?? deploy(take), {
    functions,
    events: given,
    faults: { ...NO_FAULTS, ...faults },
  });
  const end = await simulate({ ...options, runForMs: 400_000 });
  expect(end.error).toBe(undefined);
  return { end, answers, taken };
}

const ORDER_5 = 'arn:aws:lambda:eu-west-1:111122223333:function:take-it:1/durable-execution/order-5';

describe('Invoke of a durable function by name', () => {
  it('starts an execution that has the name, and answers at once', async () => {
    const { end, answers, taken } = await stack([NAMED]);
    expect([answers, taken]).toEqual([[ORDER_5], [{ order: 5 }]]);
    expect(end.executions.map(({ name, runbook, input, status }) => [name, runbook, input, status])).toEqual([
      ['order-5', 'take-it', '{"order":5}', 'SUCCEEDED'],
    ]);
    expect(end.invocations.map(({ runbook, delivery }) => [runbook, delivery])).toEqual([
      ['probe-function', 0],
      ['take-it', 1],
    ]);
  });

  it('starts nothing for the same name and payload, whether it goes on or has ended', async () => {
    const { answers, taken } = await stack([NAMED, NAMED], {}, 2);
    expect(answers).toEqual([ORDER_5, ORDER_5, ORDER_5, ORDER_5]);
    expect(taken).toEqual([{ order: 5 }]);
  });

  it('refuses another payload under the same name', async () => {
    const { answers, taken } = await stack([NAMED, { ...NAMED, Payload: '{"order":6}' }]);
    expect(answers).toEqual([
      ORDER_5,
      'DurableExecutionAlreadyStartedException: an execution named order-5 was started with another payload',
    ]);
    expect(taken).toEqual([{ order: 5 }]);
  });

  it('starts one execution for each name, and one for each call without', async () => {
    const { DurableExecutionName: _, ...unnamed } = NAMED;
    const { end } = await stack([NAMED, { ...NAMED, DurableExecutionName: 'order-6' }, unnamed, unnamed]);
    expect(end.executions).toHaveLength(4);
    expect(end.executions.map(({ name }) => name).slice(0, 2)).toEqual(['order-5', 'order-6']);
  });

  it('starts nothing when the event comes out of its queue twice', async () => {
    for (const when of ['with', 'during', 'after'] as const) {
      const { end, taken } = await stack([NAMED], { duplicates: [{ event: 1, when }] });
      expect(end.timeline.filter(({ text }) => text === 'second delivery of event 1')).toHaveLength(1);
      expect([taken.length, end.executions.length, end.deadLetters]).toEqual([1, 1, []]);
    }
  });

  it('is struck by faults like any call', async () => {
    const struck = async (kind: 'throttled' | 'reply-lost' | 'died-before' | 'died-after' | 'refused') => {
      const { end, answers, taken } = await stack([NAMED], { points: [{ request: 0, kind }] });
      return [answers[0]?.split(':')[0] ?? 'nothing', taken.length, end.invocations[0]?.ended];
    };
    expect(await struck('throttled')).toEqual(['TooManyRequestsException', 0, 'returned']);
    expect(await struck('refused')).toEqual(['ResourceNotFoundException', 0, 'returned']);
    expect(await struck('reply-lost')).toEqual(['TimeoutError', 1, 'returned']);
    // Lambda runs the dead function again, and the second Invoke meets the first one's execution, or is the first.
    expect(await struck('died-before')).toEqual(['arn', 1, 'died']);
    expect(await struck('died-after')).toEqual(['arn', 1, 'died']);
  });
});

describe('Invoke', () => {
  it.each([
    [
      'no such function',
      { FunctionName: 'runbook-nobody:durable' },
      'ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:111122223333:function:runbook-nobody',
    ],
    [
      "another stack's",
      { FunctionName: 'other-take-it:durable' },
      'ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:111122223333:function:other-take-it',
    ],
    [
      'no such alias',
      { FunctionName: 'runbook-take-it:live' },
      'ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:111122223333:function:runbook-take-it:live',
    ],
    [
      'a durable function without version or alias',
      { FunctionName: 'runbook-take-it' },
      'InvalidParameterValueException: You cannot invoke a durable function using an unqualified ARN.',
    ],
    [
      'a name for a plain function',
      { FunctionName: 'runbook-take-plainly' },
      'InvalidParameterValueException: A durable execution name is for a durable function.',
    ],
    [
      'an illegal name',
      { DurableExecutionName: 'order 5' },
      'InvalidParameterValueException: DurableExecutionName order 5 is not 1 to 64 of A-Z a-z 0-9 - _',
    ],
    [
      'too long a name',
      { DurableExecutionName: 'o'.repeat(65) },
      `InvalidParameterValueException: DurableExecutionName ${'o'.repeat(65)} is not 1 to 64 of A-Z a-z 0-9 - _`,
    ],
    [
      'what is no JSON',
      { Payload: 'order 5' },
      'InvalidRequestContentException: Could not parse request body into json',
    ],
    [
      'more than 1 MB',
      { Payload: `"${'o'.repeat(1_048_575)}"` },
      'RequestTooLargeException: Request must be smaller than 1048576 bytes',
    ],
  ])('refuses %s', async (_case, changes, message) => {
    const { answers, taken } = await stack([{ ...NAMED, ...changes }]);
    expect([answers, taken]).toEqual([[message], []]);
  });

  it('knows a function by its ARN, and by name and qualifier apart', async () => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:runbook-take-it:durable';
    const { answers } = await stack([
      { ...NAMED, FunctionName: arn },
      { ...NAMED, FunctionName: 'runbook-take-it', Qualifier: '1' },
      { ...NAMED, FunctionName: '111122223333:function:runbook-take-it:$LATEST' },
    ]);
    expect(answers).toEqual([ORDER_5, ORDER_5, ORDER_5]);
  });

  it('gives an event to a plain function, which Lambda may deliver twice', async () => {
    const plainly = { FunctionName: 'runbook-take-plainly', InvocationType: 'Event', Payload: '{"order":5}' } as const;
    const { end, answers, taken } = await stack([plainly]);
    expect([answers, taken, end.executions]).toEqual([['202'], [{ order: 5 }], []]);
    const twice = await stack([plainly], { duplicates: [{ event: 1, when: 'after' }] });
    expect(twice.taken).toEqual([{ order: 5 }, { order: 5 }]);
  });

  it('is not simulated where it waits for the answer, nor in another account or Region', async () => {
    const broken = async (changes: Partial<InvokeCommandInput>, region = ''): Promise<string | undefined> => {
      const fn = deploy(async () => void (await came([{ ...NAMED, ...changes }], region)));
      const world = { ...TWO_INSTANCES, regions: { 'us-east-1': {} } };
      return (await simulate(run(fn, { world }))).error?.message;
    };
    expect(await broken({ InvocationType: 'RequestResponse' })).toBe(
      'not simulated: lambda:Invoke with InvocationType RequestResponse',
    );
    const elsewhere = 'arn:aws:lambda:us-east-1:111122223333:function:runbook-take-it:durable';
    expect(await broken({ FunctionName: elsewhere })).toBe(
      `not simulated: lambda:Invoke of another account or Region: ${elsewhere}`,
    );
    expect(await broken({}, 'us-east-1')).toBe(
      'not simulated: lambda:Invoke of another account or Region: runbook-take-it:durable',
    );
  });
});

describe('ListDurableExecutionsByFunction', () => {
  async function listed(...inputs: readonly Partial<ListDurableExecutionsByFunctionCommandInput>[]) {
    const answers: ListDurableExecutionsByFunctionCommandOutput[] = [];
    const functions = [
      deploy(async () => {
        for (const order of [5, 6, 51])
          await client(LambdaClient).send(
            new InvokeCommand({ ...NAMED, DurableExecutionName: `order-${order}`, Payload: `{"order":${order}}` }),
          );
        await new Promise((resolve) => void setTimeout(resolve, 5_000));
        for (const input of inputs)
          answers.push(
            await client(LambdaClient).send(
              new ListDurableExecutionsByFunctionCommand({ FunctionName: 'runbook-take-it', ...input }),
            ),
          );
      }),
      durableFunction('take-it', (event, context) =>
        context.step('take', () =>
          JSON.stringify(event).includes('6') ? Promise.reject(new Error('no')) : Promise.resolve(),
        ),
      ),
    ];
    const end = await simulate({
      ...run(functions[0] ?? deploy(() => Promise.resolve()), {
        functions,
        events: [{ event: { runbook: 'probe-function' }, afterMs: 0 }],
      }),
      runForMs: 60_000,
    });
    expect(end.error).toBeUndefined();
    return answers.map(({ DurableExecutions: found = [], NextMarker: next }) => [
      found.map(({ DurableExecutionName: name, Status: status }) => `${name} ${status}`),
      next,
    ]);
  }

  it('lists them newest first, by name, status and start, page by page', async () => {
    const [all, named, failed, later, first] = await listed(
      {},
      { DurableExecutionName: 'order-5' },
      { Statuses: ['FAILED'] },
      { StartedAfter: new Date('2030-01-01T00:00:00Z') },
      { MaxItems: 1 },
    );
    expect(all?.[0]).toEqual(['order-51 SUCCEEDED', expect.stringMatching(/^order-6 /u), 'order-5 SUCCEEDED']);
    expect(named?.[0]).toEqual(['order-51 SUCCEEDED', 'order-5 SUCCEEDED']);
    expect(failed?.[0]).toEqual(all?.[0]?.includes('order-6 FAILED') === true ? ['order-6 FAILED'] : []);
    expect(later).toEqual([[], undefined]);
    expect(first).toEqual([['order-51 SUCCEEDED'], '1']);
  });
});
