import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import type { LoggedRequest } from '../../simulator/engine/run-types.ts';
import { staged, tell, watch, type Stage } from './watching.ts';

const RUNNING = {
  InstanceId: 'i-0a1',
  State: { Name: 'running' },
  Placement: { AvailabilityZone: 'eu-west-1a' },
};
const TARGET = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0b2';

/** A launch that waits in a hook. */
function launching(): Stage {
  const group = {
    AutoScalingGroupName: 'db',
    DesiredCapacity: 1,
    MinSize: 1,
    MaxSize: 2,
    Instances: [{ InstanceId: 'i-0b2', LifecycleState: 'Pending:Wait' }],
  };
  const hook = {
    AutoScalingGroupName: 'db',
    LifecycleHookName: 'receive',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  };
  return staged({
    ec2: { Instances: [{ ...RUNNING, InstanceId: 'i-0b2' }] },
    'auto-scaling': { AutoScalingGroups: [group], LifecycleHooks: [hook] },
  });
}

describe('hook-answered', () => {
  const group = {
    AutoScalingGroupName: 'web',
    MinSize: 1,
    MaxSize: 2,
    DesiredCapacity: 1,
    AvailabilityZones: ['eu-west-1a'],
    Instances: [{ InstanceId: 'i-0a1', LifecycleState: 'Terminating:Wait' }],
  };
  const hook = {
    LifecycleHookName: 'leave',
    AutoScalingGroupName: 'web',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    HeartbeatTimeout: 60,
  };
  const waiting = {
    ec2: { Instances: [RUNNING] },
    'auto-scaling': { AutoScalingGroups: [group], LifecycleHooks: [hook] },
  };

  it('is broken by a hook that runs out of time', () => {
    const { world: on, pass } = staged(waiting);
    expect(on.records('auto-scaling', 'LifecycleActions').filter(isRecord)).toHaveLength(1);
    expect(watch('hook-answered', on, [() => pass(60)])).toBe('hook leave of i-0a1 ran out unanswered');
  });

  it('holds for one that is answered', () => {
    const { world: on } = staged(waiting);
    const [autoScaling] = SERVICES.filter(({ name }) => name === 'auto-scaling');
    const answer = {
      AutoScalingGroupName: 'web',
      LifecycleHookName: 'leave',
      InstanceId: 'i-0a1',
      LifecycleActionResult: 'CONTINUE',
    };
    expect(
      watch('hook-answered', on, [() => autoScaling?.operations['CompleteLifecycleAction']?.run(answer, on)]),
    ).toBeUndefined();
    expect(on.records('auto-scaling', 'LifecycleActions')).toHaveLength(0);
  });
});

describe('hook-answered-or-refused-without-ledger', () => {
  const name = 'hook-answered-or-refused-without-ledger';

  it('complains of a hook that runs out', () => {
    const on = launching();
    expect(watch(name, on.world, [() => on.pass(3_601)])).toBe('hook receive of i-0b2 ran out unanswered');
  });

  it('accepts it where an outcome refused that instance for want of the ledger', () => {
    const on = launching();
    tell(on.world, { target: TARGET, outcome: 'refused', reason: 'ledger-lost: the kill switch cannot be read' });
    expect(watch(name, on.world, [() => on.pass(3_601)])).toBeUndefined();
  });

  it('accepts it where only the log has the refusal, for the bus did not take it', () => {
    const on = launching();
    const refusal: RunResult = {
      runbook: 'carry-volumes',
      run: 'run-1',
      target: TARGET,
      outcome: 'refused',
      reason: 'ledger-lost: the kill switch cannot be read',
      evidence: {},
      plan: [],
      phases: [],
    };
    const put: LoggedRequest = {
      index: 0,
      invocation: 0,
      call: 'events:PutEvents',
      kind: 'write',
      input: {},
      at: on.world.clock.iso(),
      depth: 1,
    };
    const refused = { ...put, error: 'ThrottlingException' };
    expect(watch(name, on.world, [() => on.pass(3_601)], [refusal], [refused])).toBeUndefined();
    const other = launching();
    expect(watch(name, other.world, [() => other.pass(3_601)], [refusal], [put])).toBe(
      'hook receive of i-0b2 ran out unanswered',
    );
  });

  it('does not accept another refusal', () => {
    const on = launching();
    tell(on.world, { target: TARGET, outcome: 'refused', reason: 'leased: held by another run' });
    expect(watch(name, on.world, [() => on.pass(3_601)])).toBe('hook receive of i-0b2 ran out unanswered');
  });
});

describe('hook-left-alone', () => {
  it('holds where the action ends with its instance', () => {
    const { world, pass } = launching();
    const ec2 = SERVICES.find(({ name }) => name === 'ec2');
    const terminate = (): void => {
      ec2?.operations['TerminateInstances']?.run({ InstanceIds: ['i-0b2'] }, world);
      pass(60);
    };
    expect(watch('hook-left-alone', world, [terminate])).toBeUndefined();
    expect(world.records('auto-scaling', 'LifecycleActions').map((one) => one['EC2InstanceId'])).not.toContain('i-0b2');
  });

  it('is broken by whatever a function sends about one, carried out or not', () => {
    const { world } = launching();
    const found = (call: string): string | undefined => {
      const input = { LifecycleHookName: 'receive', InstanceId: 'i-0b2' };
      const at = world.clock.iso();
      const sent: LoggedRequest = {
        index: 0,
        invocation: 0,
        call,
        kind: 'write',
        input,
        at,
        depth: 1,
        error: 'Throttling',
      };
      return watch('hook-left-alone', world, [], [], [sent]);
    };
    expect(found('autoscaling:DescribeLifecycleHooks')).toBeUndefined();
    expect(found('autoscaling:CompleteLifecycleAction')).toBe('hook receive of i-0b2 was answered');
    expect(found('autoscaling:RecordLifecycleActionHeartbeat')).toBe('hook receive of i-0b2 was kept waiting');
  });
});
