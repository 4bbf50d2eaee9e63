/** What a stack says of its runs, and how they are started: over HTTP, each request as it is sent. */

import { describe, expect, it } from 'vitest';
import { livePlace } from '../../../../cli/operate/live/live-place.ts';
import type { Stack } from '../../../../cli/operate/place.ts';
import { plate, plates, refused, useAccount, type Answer, type Answers } from './account.ts';

const account = useAccount();

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:ops-carry-volumes';
const RUN = 'carry-volumes_deploy-1_b53d0bc7e1f80a9c7b6d/2f9c1f6e-0000-4000-8000-000000000001';
const ARN = `${FUNCTION}:7/durable-execution/${RUN}`;

/** Seconds since 1970, as the JSON protocols have times, so many seconds after 08:00. */
function second(seconds: number): number {
  return Date.UTC(2026, 10, 22, 8, 0, seconds) / 1_000;
}

async function stack(answers: Answers = {}): Promise<Stack & { readonly said: () => string }> {
  account.answer({
    'ssm:GetParametersByPath': plates(['ops', plate('ops')], ['ops-eu', plate('ops-eu')]),
    ...answers,
  });
  let err = '';
  const sink = { isTTY: false, columns: () => 80 };
  const place = await livePlace(
    {
      stdout: { ...sink, write: () => undefined },
      stderr: { ...sink, write: (text) => void (err += text) },
      env: process.env,
      functions: () => Promise.resolve([]),
      drills: '/nowhere',
      onInterrupt: () => () => undefined,
    },
    {},
  );
  const [ops] = place.stacks;
  if (ops === undefined) throw new Error('the stack is there');
  account.asked.length = 0;
  return { ...ops, said: () => err };
}

function listing(...arns: readonly string[]): () => Answer {
  return () => ({
    body: {
      DurableExecutions: arns.map((DurableExecutionArn) => ({
        DurableExecutionArn,
        DurableExecutionName: DurableExecutionArn.split('/').at(-2),
        FunctionArn: FUNCTION,
        Status: 'RUNNING',
        StartTimestamp: second(0),
      })),
    },
  });
}

const PLAIN = { runbook: 'block-address', params: { why: 'INC-1' }, dryRun: true };
const DURABLE = { runbook: 'carry-volumes', target: 'i-0a1' };

describe('a plain runbook', () => {
  it('is started with the request, and its run is that of the invocation', async () => {
    const ops = await stack({ 'lambda:Invoke': () => ({ status: 202 }) });
    expect(await ops.start(PLAIN, 'deploy-1')).toEqual({
      run: 'f5b1c0de-0000-4000-8000-000000000001',
      isRepeated: false,
    });
    expect(account.asked).toMatchObject([
      {
        call: 'lambda:Invoke',
        path: '/2015-03-31/functions/ops-block-address/invocations',
        headers: { 'x-amz-invocation-type': 'Event' },
        input: PLAIN,
      },
    ]);
    expect(await ops.standing('block-address', 'f5b1c0de')).toBeUndefined();
    expect(await ops.details('block-address', 'f5b1c0de')).toBeNull();
  });

  it('that AWS refused to start was not started', async () => {
    const ops = await stack({ 'lambda:Invoke': refused() });
    await expect(ops.start(PLAIN, 'deploy-1')).rejects.toThrow(
      'block-address was not started: AccessDeniedException: not authorized to do that',
    );
  });

  it('whose start got no answer may have been started, and is not sent again', async () => {
    const ops = await stack({ 'lambda:Invoke': 'cut' });
    await expect(ops.start(PLAIN, 'deploy-1')).rejects.toThrow(
      /^block-address may have been started, AWS did not say \(/u,
    );
    expect(account.asked).toHaveLength(1);
  });

  it('that the stack does not have is named with the one that was meant', async () => {
    const ops = await stack();
    await expect(ops.start({ runbook: 'carry-volume' }, 'deploy-1')).rejects.toMatchObject({
      name: 'UsageError',
      message: 'ops has no runbook carry-volume; did you mean carry-volumes?',
    });
  });
});

describe('a durable runbook', () => {
  const started = (): Answer => ({ status: 202, headers: { 'x-amz-durable-execution-arn': ARN } });

  it('is started under a name that its token makes, by its alias', async () => {
    const ops = await stack({ 'lambda:Invoke': started });
    expect(await ops.start(DURABLE, 'deploy-1')).toEqual({ run: RUN, isRepeated: false });
    await ops.start(DURABLE, 'deploy-1');
    await ops.start(DURABLE, 'deploy-2');
    const invoked = account.asked.filter(({ call }) => call === 'lambda:Invoke');
    expect(invoked[0]).toMatchObject({
      path: '/2015-03-31/functions/ops-carry-volumes:durable/invocations',
      headers: { 'x-amz-invocation-type': 'Event' },
      input: DURABLE,
    });
    const names = invoked.map(({ headers }) => String(headers['x-amz-durable-execution-name']));
    expect(names[0]).toMatch(/^carry-volumes_deploy-1_[0-9a-f]{20}$/u);
    expect([names[0] === names[1], names[0] === names[2]]).toEqual([true, false]);
  });

  it('is not started twice: what has that name already is the run', async () => {
    const ops = await stack({ 'lambda:ListDurableExecutionsByFunction': listing(ARN) });
    expect(await ops.start(DURABLE, 'deploy-1')).toEqual({ run: RUN, isRepeated: true });
    expect(account.asked.map(({ call }) => call)).toEqual(['lambda:ListDurableExecutionsByFunction']);
  });

  it('is found behind the first page of its name', async () => {
    const ops = await stack({
      'lambda:ListDurableExecutionsByFunction': ({ path }) =>
        path.includes('Marker=next') ? listing(ARN)() : { body: { DurableExecutions: [], NextMarker: 'next' } },
    });
    expect(await ops.start(DURABLE, 'deploy-1')).toEqual({ run: RUN, isRepeated: true });
  });

  it('that another request has started meanwhile under that name is a repeat', async () => {
    const ops = await stack({ 'lambda:Invoke': refused(409, 'DurableExecutionAlreadyStartedException') });
    const { run, isRepeated } = await ops.start(DURABLE, 'deploy-1');
    expect([run.slice(0, 22), isRepeated]).toEqual(['carry-volumes_deploy-1', true]);
  });

  it('is asked for once more under its name when the reply is lost, and told of when that is lost too', async () => {
    let times = 0;
    const ops = await stack({
      'lambda:Invoke': () => (++times === 1 ? refused(500, 'ServiceException')() : started()),
    });
    expect(await ops.start(DURABLE, 'deploy-1')).toEqual({ run: RUN, isRepeated: false });
    const lost = await stack({ 'lambda:Invoke': 'cut', 'lambda:ListDurableExecutionsByFunction': refused() });
    await expect(lost.start(DURABLE, 'deploy-1')).rejects.toThrow(/^carry-volumes may have been started/u);
    expect(account.asked.filter(({ call }) => call === 'lambda:Invoke')).toHaveLength(2);
  });

  it('runs, and says when it wakes', async () => {
    const ops = await stack({
      'lambda:ListDurableExecutionsByFunction': listing(ARN.replace('000001', '000002'), ARN),
      'lambda:GetDurableExecution': () => ({ body: { DurableExecutionArn: ARN, Status: 'RUNNING' } }),
      'lambda:GetDurableExecutionHistory': () => ({
        body: {
          Events: [
            wait('w2', 'Started', 40, { WaitStartedDetails: { Duration: 60, ScheduledEndTimestamp: second(100) } }),
            wait('w1', 'Succeeded', 30),
            wait('w1', 'Started', 10, { WaitStartedDetails: { Duration: 20, ScheduledEndTimestamp: second(30) } }),
          ],
        },
      }),
    });
    expect(await ops.standing('carry-volumes', RUN)).toEqual({ kind: 'running', wakesAt: '2026-11-22T08:01:40.000Z' });
    const paths = account.asked.map(({ path }) => path);
    expect(paths[0]).toContain(
      `/functions/ops-carry-volumes/durable-executions?DurableExecutionName=${RUN.split('/')[0]}`,
    );
    expect(paths.slice(1).every((path) => path.includes(ARN) && path.includes('IncludeExecutionData=false'))).toBe(
      true,
    );
    // Looked up once.
    await ops.standing('carry-volumes', RUN);
    expect(account.asked).toHaveLength(5);
  });

  it.each([
    ['SUCCEEDED', undefined, { kind: 'ended' }],
    [
      'FAILED',
      { ErrorType: 'TerminalError', ErrorMessage: 'the secret 123' },
      { kind: 'ended', error: 'FAILED: TerminalError' },
    ],
    ['TIMED_OUT', undefined, { kind: 'ended', error: 'TIMED_OUT' }],
  ])('has ended: %s', async (Status, failure, standing) => {
    const ops = await stack({
      'lambda:ListDurableExecutionsByFunction': listing(ARN),
      'lambda:GetDurableExecution': () => ({ body: { DurableExecutionArn: ARN, Status, Error: failure } }),
      'lambda:GetDurableExecutionHistory': () => ({ body: { Events: [] } }),
    });
    expect(await ops.standing('carry-volumes', RUN)).toEqual(standing);
  });

  it('that Lambda does not keep any more says nothing', async () => {
    const gone = refused(404, 'ResourceNotFoundException');
    const ops = await stack({
      'lambda:ListDurableExecutionsByFunction': listing(ARN),
      'lambda:GetDurableExecution': gone,
      'lambda:GetDurableExecutionHistory': gone,
    });
    expect(await ops.standing('carry-volumes', RUN)).toBeUndefined();
    expect(await ops.details('carry-volumes', RUN)).toBeNull();
    expect(await ops.standing('carry-volumes', 'another/1')).toBeUndefined();
  });

  it('tells its steps, page after page: names, times and errors, and nothing of what is in them', async () => {
    const step = (Id: string, Name: string, phase: string, seconds: number, more: object = {}): object => ({
      EventType: `Step${phase}`,
      Id,
      Name,
      EventTimestamp: second(seconds),
      ...more,
    });
    const ops = await stack({
      'lambda:ListDurableExecutionsByFunction': listing(ARN),
      'lambda:GetDurableExecutionHistory': ({ path }) =>
        path.includes('Marker=next')
          ? {
              body: {
                Events: [
                  step('s2', 'apply:0:0:ec2:StopInstances', 'Started', 5),
                  step('s2', 'apply:0:0:ec2:StopInstances', 'Failed', 6, {
                    StepFailedDetails: { Error: { Payload: { ErrorType: 'Boom', ErrorMessage: 'the secret 123' } } },
                  }),
                  wait('w1', 'Started', 7),
                ],
              },
            }
          : {
              body: {
                Events: [
                  { EventType: 'ExecutionStarted', Id: 'x', EventTimestamp: second(0) },
                  step('s1', 'observe:0', 'Started', 1),
                  step('s1', 'observe:0', 'Succeeded', 2, {
                    StepSucceededDetails: { Result: { Payload: 'the secret 123' } },
                  }),
                ],
                NextMarker: 'next',
              },
            },
    });
    expect(await ops.details('carry-volumes', RUN)).toEqual([
      { at: at(1), endedAt: at(2), kind: 'read', name: 'observe:0' },
      { at: at(5), endedAt: at(6), kind: 'write', name: 'apply:0:0:ec2:StopInstances', error: 'Boom' },
      { at: at(7), kind: 'checkpoint', name: 'wait:0' },
    ]);
  });

  it('says how far bulk work has come while it is at it, by the counters of its last pieces, and nothing else of them', async () => {
    const name = 'apply:1:0:work:redrive';
    const told = { sent: 120, received: 130, beganAt: at(0), stays: { body: 'the secret 123' } };
    const piece = (phase: string, seconds: number, Payload?: string): object => ({
      EventType: `Step${phase}`,
      Id: 's1',
      Name: name,
      EventTimestamp: second(seconds),
      ...(Payload === undefined ? {} : { StepSucceededDetails: { Result: { Payload } } }),
    });
    const detailsWith = async (payload: string, ...more: readonly object[]): Promise<unknown> => {
      const ops = await stack({
        'lambda:ListDurableExecutionsByFunction': listing(ARN),
        'lambda:GetDurableExecutionHistory': ({ path }) => {
          const isWithData = path.includes('IncludeExecutionData=true');
          const Events = isWithData
            ? [piece('Succeeded', 9, payload)]
            : [piece('Started', 1), piece('Succeeded', 9), ...more];
          return { body: { Events } };
        },
      });
      return ops.details('carry-volumes', RUN);
    };
    const bare = { at: at(1), endedAt: at(9), kind: 'write', name };
    const kept = JSON.stringify({ ok: true, value: { killed: null, told } });
    expect(await detailsWith(kept)).toEqual([{ ...bare, output: { sent: 120, received: 130, beganAt: at(0) } }]);
    expect(account.asked.at(-1)?.path).toContain('MaxItems=20');
    expect(await detailsWith(kept.slice(0, -20))).toEqual([bare]);
    expect(await detailsWith(JSON.stringify({ ok: false, fault: {} }))).toEqual([bare]);
    const over = { EventType: 'ExecutionSucceeded', Id: 'x', EventTimestamp: second(10) };
    expect(await detailsWith(kept, over)).toEqual([bare]);
    expect(account.asked.some(({ path }) => path.includes('IncludeExecutionData=true'))).toBe(false);
  });

  it('tells its steps where the counters cannot be had', async () => {
    const event = { EventType: 'StepStarted', Id: 's1', Name: 'apply:1:0:work:redrive', EventTimestamp: second(1) };
    const ops = await stack({
      'lambda:ListDurableExecutionsByFunction': listing(ARN),
      'lambda:GetDurableExecutionHistory': ({ path }) =>
        path.includes('IncludeExecutionData=true') ? refused()() : { body: { Events: [event] } },
    });
    expect(await ops.details('carry-volumes', RUN)).toMatchObject([{ name: 'apply:1:0:work:redrive' }]);
  });
});

function at(seconds: number): string {
  return new Date(second(seconds) * 1_000).toISOString();
}

function wait(Id: string, phase: string, seconds: number, more: object = {}): object {
  return { EventType: `Wait${phase}`, Id, Name: 'wait:0', EventTimestamp: second(seconds), ...more };
}

describe('CloudWatch', () => {
  it('says when each schedule ticked last', async () => {
    const ops = await stack({
      'cloudwatch:GetMetricData': () => ({
        body: {
          MetricDataResults: [
            { Id: 'm0', Timestamps: [second(120), second(60)], Values: [1, 1] },
            { Id: 'm1', Timestamps: [], Values: [] },
          ],
        },
      }),
    });
    expect(await ops.heartbeats()).toEqual(new Map([['block-address', '2026-11-22T08:02:00.000Z']]));
    const { StartTime, EndTime, ...input } = account.asked[0]?.input ?? {};
    expect([input, Number(EndTime) - Number(StartTime)]).toMatchObject([
      {
        MetricDataQueries: [
          {
            Id: 'm0',
            MetricStat: {
              Metric: {
                Namespace: 'Runbook',
                MetricName: 'Heartbeat',
                Dimensions: [
                  { Name: 'Stack', Value: 'ops' },
                  { Name: 'Runbook', Value: 'block-address' },
                ],
              },
              Period: 60,
              Stat: 'Sum',
            },
          },
          { Id: 'm1' },
        ],
      },
      10_800,
    ]);
  });

  it('says which alarms of this stack ring, since when and why, and not those of another with a longer name', async () => {
    const ops = await stack({
      'cloudwatch:DescribeAlarms': () => ({
        body: {
          MetricAlarms: [
            { AlarmName: 'ops-page', StateReason: 'Threshold Crossed', StateTransitionedTimestamp: second(5) },
            { AlarmName: 'ops-eu-page', StateReason: 'Threshold Crossed', StateTransitionedTimestamp: second(6) },
          ],
        },
      }),
    });
    expect(await ops.alarms()).toEqual([{ name: 'ops-page', since: at(5), why: 'Threshold Crossed' }]);
    expect(account.asked[0]?.input).toEqual({ AlarmNamePrefix: 'ops-', StateValue: 'ALARM' });
  });

  it('that refuses or does not answer is not waited for, and is no rest', async () => {
    const ops = await stack({ 'cloudwatch:DescribeAlarms': refused(), 'cloudwatch:GetMetricData': 'silent' });
    const from = performance.now();
    const answers = await Promise.allSettled([ops.heartbeats(), ops.alarms()]);
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(answers).toMatchObject([
      { status: 'rejected', reason: { message: 'CloudWatch did not answer within 1.5 s' } },
      { status: 'rejected', reason: { message: 'not authorized to do that' } },
    ]);
  });
});
