/** Tasks of DataSync and their executions. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

const TASK = 'arn:aws:datasync:eu-west-1:111122223333:task/task-0a1b2c3d4e5f60718';

function world(more: Shape = {}, executions: readonly Shape[] = []): ServiceWorld {
  const Tasks = [{ TaskArn: TASK, Name: 'cases', ExecutionSeconds: 80, ...more }];
  return serviceWorld({ datasync: { Tasks, TaskExecutions: executions } });
}

function start({ call }: ServiceWorld): string {
  return String(call('datasync:StartTaskExecution', { TaskArn: TASK })['TaskExecutionArn']);
}

function execution({ call }: ServiceWorld, arn: string): Shape {
  return call('datasync:DescribeTaskExecution', { TaskExecutionArn: arn });
}

describe('an execution', () => {
  it('goes through its steps to its end, and the task names it', () => {
    const made = world();
    expect(made.call('datasync:DescribeTask', { TaskArn: TASK })).toEqual({
      TaskArn: TASK,
      Name: 'cases',
      Status: 'AVAILABLE',
    });
    const arn = start(made);
    const seen = [0, 20, 20, 20, 20].map((seconds) => {
      made.pass(seconds);
      return execution(made, arn)['Status'];
    });
    expect(seen).toEqual(['LAUNCHING', 'PREPARING', 'TRANSFERRING', 'VERIFYING', 'SUCCESS']);
    expect(execution(made, arn)).toMatchObject({
      StartTime: new Date('2026-11-22T08:00:00Z'),
      EndTime: new Date('2026-11-22T08:01:20Z'),
      Result: { TotalDuration: 80_000 },
    });
    expect(made.call('datasync:DescribeTask', { TaskArn: TASK })).toMatchObject({
      Status: 'AVAILABLE',
      CurrentTaskExecutionArn: arn,
    });
  });

  it('ends in an error where the world says so', () => {
    const made = world({ ExecutionFailure: 'no such bucket' });
    const arn = start(made);
    made.quiesce();
    expect(execution(made, arn)).toMatchObject({ Status: 'ERROR', Result: { ErrorDetail: 'no such bucket' } });
  });

  it('beside another waits for it, or is refused where nothing is queued', () => {
    const made = world();
    const [first, second] = [start(made), start(made)];
    expect([execution(made, first)['Status'], execution(made, second)['Status']]).toEqual(['LAUNCHING', 'QUEUED']);
    made.pass(81);
    expect([execution(made, first)['Status'], execution(made, second)['Status']]).toEqual(['SUCCESS', 'LAUNCHING']);
    made.quiesce();
    expect(execution(made, second)).toMatchObject({
      Status: 'SUCCESS',
      LaunchTime: new Date('2026-11-22T08:01:20Z'),
    });
    const alone = world({ Options: { TaskQueueing: 'DISABLED' } });
    start(alone);
    expect(() => start(alone)).toThrow(expect.objectContaining({ name: 'InvalidRequestException' }));
  });

  it('that the world begins with goes on', () => {
    const arn = `${TASK}/execution/exec-0123456789abcdef0`;
    const made = world({}, [
      { TaskExecutionArn: arn, Status: 'TRANSFERRING', StartTime: '2026-11-22T07:55:00Z' },
      { TaskExecutionArn: arn.replace('exec-0', 'exec-1'), StartTime: '2026-11-22T07:00:00Z' },
    ]);
    expect(made.call('datasync:DescribeTask', { TaskArn: TASK })).toMatchObject({ CurrentTaskExecutionArn: arn });
    made.pass(41);
    expect(execution(made, arn)['Status']).toBe('SUCCESS');
  });

  it('of what is not there is an invalid request, and of another kind is not modelled', () => {
    const { call } = world();
    const other = TASK.replace('0718', '0719');
    const calls: readonly (readonly [string, Shape])[] = [
      ['StartTaskExecution', { TaskArn: other }],
      ['DescribeTask', { TaskArn: other }],
      ['DescribeTaskExecution', { TaskExecutionArn: `${other}/execution/exec-0123456789abcdef0` }],
    ];
    for (const [operation, input] of calls)
      expect(() => call(`datasync:${operation}`, input)).toThrow(
        expect.objectContaining({ name: 'InvalidRequestException' }),
      );
    expect(() => call('datasync:StartTaskExecution', { TaskArn: TASK, Includes: [] })).toThrow('not simulated');
  });
});
