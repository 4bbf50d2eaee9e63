import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
} from '@aws-sdk/client-auto-scaling';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { completeLifecycleAction, readHooks, recordHeartbeat } from '../../../../shared/aws/auto-scaling/lifecycle.ts';
import { makeIo } from '../../../../shared/kernel/run/io.ts';

const mock = mockClient(AutoScalingClient);

afterAll(() => mock.restore());
beforeEach(() => mock.reset());

const io = makeIo({
  run: 'run-1',
  account: '111122223333',
  region: 'eu-west-1',
  signal: new AbortController().signal,
  target: 'i-1',
});
const ACTION = { AutoScalingGroupName: 'web', LifecycleHookName: 'launch', InstanceId: 'i-0a1' };
const OVER = Object.assign(new Error('No active Lifecycle Action found with token 1'), { name: 'ValidationError' });

describe('an answer to a hook', () => {
  const answered = { ...ACTION, LifecycleActionResult: 'CONTINUE' };

  it('goes by the token of the event', async () => {
    mock.on(CompleteLifecycleActionCommand).resolves({});
    await completeLifecycleAction({ ...answered, LifecycleActionToken: 'token-1' }, io);
    expect(mock.commandCalls(CompleteLifecycleActionCommand).map(({ args }) => args[0].input)).toEqual([
      { ...answered, LifecycleActionToken: 'token-1' },
    ]);
  });
  it('whose token is over goes to the instance that waits in the hook now', async () => {
    mock.on(CompleteLifecycleActionCommand).rejectsOnce(OVER).resolves({});
    await completeLifecycleAction({ ...answered, LifecycleActionToken: 'token-1' }, io);
    expect(mock.commandCalls(CompleteLifecycleActionCommand).map(({ args }) => args[0].input)).toEqual([
      { ...answered, LifecycleActionToken: 'token-1' },
      answered,
    ]);
  });
  it('for which nobody waits any more has nothing left to do', async () => {
    mock.on(CompleteLifecycleActionCommand).rejects(OVER);
    await completeLifecycleAction({ ...answered, LifecycleActionToken: 'token-1' }, io);
    await completeLifecycleAction(answered, io);
    expect(mock.commandCalls(CompleteLifecycleActionCommand)).toHaveLength(3);
  });
  it.each([
    ['AccessDenied', 'not yours'],
    ['ValidationError', 'the hook name is malformed'],
  ])('that fails with %s fails', async (name, message) => {
    mock.on(CompleteLifecycleActionCommand).rejects(Object.assign(new Error(message), { name }));
    await expect(completeLifecycleAction({ ...answered, LifecycleActionToken: 'token-1' }, io)).rejects.toThrow(
      message,
    );
    expect(mock.commandCalls(CompleteLifecycleActionCommand)).toHaveLength(1);
  });
});

describe('a heartbeat', () => {
  it('goes by token, and then by instance', async () => {
    mock.on(RecordLifecycleActionHeartbeatCommand).rejectsOnce(OVER).resolves({});
    await recordHeartbeat({ ...ACTION, LifecycleActionToken: 'token-1' }, io);
    expect(mock.commandCalls(RecordLifecycleActionHeartbeatCommand).map(({ args }) => args[0].input)).toEqual([
      { ...ACTION, LifecycleActionToken: 'token-1' },
      ACTION,
    ]);
  });
});

describe('the hooks of a group', () => {
  it('are none where there is no such group, and an error where they cannot be read', async () => {
    mock
      .on(DescribeLifecycleHooksCommand, { AutoScalingGroupName: 'gone' })
      .rejects(Object.assign(new Error('AutoScalingGroup name not found - null'), { name: 'ValidationError' }));
    mock.on(DescribeLifecycleHooksCommand, { AutoScalingGroupName: 'web' }).resolves({
      LifecycleHooks: [{ LifecycleHookName: 'l', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' }],
    });
    const read = await readHooks(['gone', 'web'], io);
    expect(read.get('gone')).toEqual([]);
    expect(read.get('web')).toEqual([
      {
        hook: 'l',
        transition: 'launching',
        metadata: '',
        heartbeatSeconds: 3_600,
        globalSeconds: 172_800,
        defaultResult: 'ABANDON',
      },
    ]);
    mock.on(DescribeLifecycleHooksCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDenied' }));
    await expect(readHooks(['web'], io)).rejects.toThrow('no');
  });
});
