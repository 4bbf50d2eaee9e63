/** Data repository tasks of file systems for Lustre. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { list } from '../../../simulator/services/ec2/state.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

const ID = 'fs-0a1b2c3d4e5f60718';
const LUSTRE = { FileSystemId: ID, FileSystemType: 'LUSTRE', TaskSeconds: 60 };
const WINDOWS = { FileSystemId: 'fs-0b', FileSystemType: 'WINDOWS' };

const IMPORT = { Type: 'IMPORT_METADATA_FROM_REPOSITORY', FileSystemId: ID, Report: { Enabled: false } };

function world(more: Shape = {}, tasks: readonly Shape[] = []): ServiceWorld {
  return serviceWorld({ fsx: { FileSystems: [{ ...LUSTRE, ...more }, WINDOWS], DataRepositoryTasks: tasks } });
}

function tasksOf({ call }: ServiceWorld, filters: readonly Shape[] = []): readonly Shape[] {
  return list(call('fsx:DescribeDataRepositoryTasks', { Filters: filters }), 'DataRepositoryTasks');
}

describe('a data repository task', () => {
  it('waits, is executed, and ends well', () => {
    const made = world();
    const answer = made.call('fsx:CreateDataRepositoryTask', IMPORT);
    expect(answer).toMatchObject({ DataRepositoryTask: { Lifecycle: 'PENDING', FileSystemId: ID } });
    made.pass(5);
    expect(tasksOf(made)).toMatchObject([{ Lifecycle: 'EXECUTING', StartTime: new Date('2026-11-22T08:00:05Z') }]);
    made.pass(60);
    const [ended] = tasksOf(made);
    expect(ended).toMatchObject({ Lifecycle: 'SUCCEEDED', EndTime: new Date('2026-11-22T08:01:05Z') });
    expect(ended?.['ResourceARN']).toBe(`arn:aws:fsx:eu-west-1:111122223333:task/${String(ended?.['TaskId'])}`);
  });

  it('fails where the world says so, with its words', () => {
    const made = world({ TaskFailure: 'failed to process 3 files' });
    made.call('fsx:CreateDataRepositoryTask', IMPORT);
    made.quiesce();
    expect(tasksOf(made)).toMatchObject([
      { Lifecycle: 'FAILED', FailureDetails: { Message: 'failed to process 3 files' } },
    ]);
  });

  it('asked for by the same token is the same, and by other words is none', () => {
    const made = world();
    const first = made.call('fsx:CreateDataRepositoryTask', { ...IMPORT, ClientRequestToken: 'a' });
    made.quiesce();
    const second = made.call('fsx:CreateDataRepositoryTask', { ...IMPORT, ClientRequestToken: 'a' });
    expect(second).toMatchObject({ DataRepositoryTask: { Lifecycle: 'SUCCEEDED' } });
    expect(first).not.toEqual(second);
    expect(tasksOf(made)).toHaveLength(1);
    expect(() =>
      made.call('fsx:CreateDataRepositoryTask', { ...IMPORT, ClientRequestToken: 'a', Paths: ['s3://b'] }),
    ).toThrow(expect.objectContaining({ name: 'IncompatibleParameterError' }));
  });

  it.each([
    ['no such file system', { ...IMPORT, FileSystemId: 'fs-0c' }, 'FileSystemNotFound'],
    ['one of another kind', { ...IMPORT, FileSystemId: 'fs-0b' }, 'UnsupportedOperation'],
  ])('is refused for %s', (_what, input, name) => {
    expect(() => world().call('fsx:CreateDataRepositoryTask', input)).toThrow(expect.objectContaining({ name }));
  });

  it('is refused while another is open', () => {
    const made = world();
    made.call('fsx:CreateDataRepositoryTask', IMPORT);
    const again = (): Shape => made.call('fsx:CreateDataRepositoryTask', IMPORT);
    expect(again).toThrow(expect.objectContaining({ name: 'DataRepositoryTaskExecuting' }));
    made.quiesce();
    expect(again()).toHaveProperty('DataRepositoryTask');
  });

  it('that the world begins with goes on, and is found by its file system and state', () => {
    const begun = { TaskId: 'task-0a', FileSystemId: ID, Type: IMPORT.Type, Lifecycle: 'EXECUTING' };
    const made = world({}, [begun, { TaskId: 'task-0b', FileSystemId: 'fs-0b', Lifecycle: 'FAILED' }]);
    const ids = (Name: string, value: string): readonly unknown[] =>
      tasksOf(made, [{ Name, Values: [value] }]).map(({ TaskId }) => TaskId);
    expect([ids('file-system-id', ID), ids('task-lifecycle', 'FAILED')]).toEqual([['task-0a'], ['task-0b']]);
    made.pass(60);
    expect(ids('task-lifecycle', 'SUCCEEDED')).toEqual(['task-0a']);
    expect(() => ids('file-system-id', 'fs-0c')).toThrow(expect.objectContaining({ name: 'FileSystemNotFound' }));
    expect(() => ids('file-cache-id', 'fc-1')).toThrow('not simulated');
  });

  it('is not modelled where something else is asked of it', () => {
    expect(() => world().call('fsx:CreateDataRepositoryTask', { ...IMPORT, CapacityToRelease: 1 })).toThrow(
      'not simulated: fsx:CreateDataRepositoryTask CapacityToRelease',
    );
    expect(() => world().call('fsx:DescribeDataRepositoryTasks', { TaskIds: ['task-0a'] })).toThrow('not simulated');
  });
});
