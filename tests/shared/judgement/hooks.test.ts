/** Whose a lifecycle hook is. */

import { describe, expect, it } from 'vitest';
import {
  abandonment,
  completion,
  heartbeat,
  isOurs,
  isShortlyBefore,
  waitingIn,
  type HookDescription,
} from '../../../shared/judgement/hooks.ts';

function hookNamed(hook: string, change: Partial<HookDescription> = {}): HookDescription {
  return {
    hook,
    transition: 'launching',
    metadata: '',
    heartbeatSeconds: 300,
    globalSeconds: 3_600,
    defaultResult: 'ABANDON',
    ...change,
  };
}

describe('a hook', () => {
  const asked = (hook: HookDescription, ...others: readonly HookDescription[]) => [
    isOurs(hook, [hook, ...others], 'carry-volumes'),
    isOurs(hook, [hook, ...others], 'reassign-elastic-ip'),
  ];
  it('is the runbook’s that its name or its metadata names, whatever stands beside it', () => {
    expect(asked(hookNamed('prod-carry-volumes-launch'), hookNamed('other'))).toEqual([true, false]);
    expect(asked(hookNamed('x', { metadata: 'for reassign-elastic-ip' }), hookNamed('other'))).toEqual([false, true]);
    expect(asked(hookNamed('carry-volumes'))).toEqual([true, false]);
  });
  it('that names nobody is the asker’s where it is the only one of its transition', () => {
    expect(asked(hookNamed('x'))).toEqual([true, true]);
    expect(asked(hookNamed('x'), hookNamed('y', { transition: 'terminating' }))).toEqual([true, true]);
    expect(asked(hookNamed('x'), hookNamed('y'))).toEqual([false, false]);
  });
});

describe('where an instance waits', () => {
  it('is by Auto Scaling’s own word', () => {
    expect(
      ['Pending:Wait', 'Terminating:Wait', 'Pending', 'Pending:Proceed', 'Warmed:Pending:Wait', undefined].map(
        waitingIn,
      ),
    ).toEqual(['launching', 'terminating', undefined, undefined, undefined, undefined]);
  });
  it('may be about to show', () => {
    expect(['Pending', 'InService', 'Terminating'].map((state) => isShortlyBefore('launching', state))).toEqual([
      true,
      false,
      false,
    ]);
    expect(['Pending', 'InService', 'Terminating'].map((state) => isShortlyBefore('terminating', state))).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('an answer to a hook', () => {
  const waiting = {
    group: 'web',
    hook: 'launch',
    instanceId: 'i-1',
    transition: 'launching',
    token: 't-1',
    toWarmPool: false,
  } as const;
  const input = {
    AutoScalingGroupName: 'web',
    LifecycleHookName: 'launch',
    InstanceId: 'i-1',
    LifecycleActionToken: 't-1',
  };
  it('names the instance, and the token where the event gave one', () => {
    expect(completion(waiting, 'x')).toEqual({
      call: 'autoscaling:CompleteLifecycleAction',
      input: { ...input, LifecycleActionResult: 'CONTINUE' },
      because: 'x',
    });
    expect(abandonment(waiting, 'x').input).toEqual({ ...input, LifecycleActionResult: 'ABANDON' });
    expect(heartbeat(waiting, 'x')).toMatchObject({ call: 'autoscaling:RecordLifecycleActionHeartbeat', input });
    expect(heartbeat({ ...waiting, token: null }, 'x').input).not.toHaveProperty('LifecycleActionToken');
  });
});
