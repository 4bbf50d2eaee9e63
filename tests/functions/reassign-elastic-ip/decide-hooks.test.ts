import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  BOOTING,
  event,
  facts,
  history,
  hook,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  NOW,
} from './elastic-ip-facts.ts';

const LEAVING = membership({ lifecycleState: 'Terminating:Wait' });
const LAUNCHING = membership({ lifecycleState: 'Pending:Wait' });

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

/** Calls of a plan in two words each; an empty list for a decision that is no act. */
function words(decision: Decision): string[] {
  if (decision.kind !== 'act') return [];
  return decision.plan.map(({ call, input }) => {
    const subject = input['NetworkInterfaceId'] ?? input['InstanceId'] ?? input['InstanceIds'] ?? input['Resources'];
    return `${call.split(':')[1]} ${JSON.stringify(subject)}`;
  });
}

describe('a terminate hook', () => {
  const hooks = [hook('terminating', 'i-a')];

  it('is answered when the address was released meanwhile: nothing else would end its wait', () => {
    const released = { isReleased: true as const, siblings: [], instances: [], hooks };
    const decision = judge({ ...released, ask: event('terminate-hook'), address: address({ association: null }) });
    expect(decision).toMatchObject({ code: 'released', budget: 'free' });
    expect(words(decision)).toEqual(['CompleteLifecycleAction "i-a"']);
  });

  it('is answered after the holder has handed over', () => {
    const decision = judge({
      ask: event('terminate-hook'),
      instances: [machine('a', { membership: LEAVING }), machine('b')],
      hooks,
    });
    expect(decision).toMatchObject({ code: 'handed-over', budget: 'counted' });
    expect(words(decision)).toEqual([
      'AssociateAddress "eni-b"',
      'CreateTags ["eipalloc-1"]',
      'CompleteLifecycleAction "i-a"',
    ]);
    expect(decision.kind === 'act' ? decision.plan[2] : undefined).toEqual({
      call: 'autoscaling:CompleteLifecycleAction',
      input: {
        AutoScalingGroupName: 'web-asg',
        LifecycleHookName: 'address',
        InstanceId: 'i-a',
        LifecycleActionToken: 'token-1',
        LifecycleActionResult: 'CONTINUE',
      },
      because: '203.0.113.10 is on i-b: i-a need not wait',
    });
  });

  it('is answered at once, and somebody is called, when there is nobody to hand over to', () => {
    const decision = judge({
      ask: event('terminate-hook'),
      instances: [machine('a', { membership: LEAVING })],
      hooks,
      history: 'unread',
    });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'no-good-candidate',
      attention: true,
      budget: 'free',
      intent: 'house of eipalloc-1',
      note: { keptAt: NOW },
    });
    expect(words(decision)).toEqual(['CompleteLifecycleAction "i-a"']);
    expect(decision).not.toHaveProperty('more');
  });

  it('is answered at once for an instance that does not hold the address', () => {
    const decision = judge({
      ask: event('terminate-hook', 'i-b'),
      instances: [machine('a'), machine('b', { membership: LEAVING })],
      hooks: [hook('terminating', 'i-b', { token: null })],
    });
    expect(decision).toMatchObject({ code: 'holder-healthy', budget: 'free' });
    expect(decision).not.toHaveProperty('attention');
    expect(decision.kind === 'act' ? decision.plan.map(({ input }) => input) : []).toEqual([
      {
        AutoScalingGroupName: 'web-asg',
        LifecycleHookName: 'address',
        InstanceId: 'i-b',
        LifecycleActionResult: 'CONTINUE',
      },
    ]);
  });

  it('waits while a healthy holder has a successor that boots', () => {
    const booting = machine('b', {
      checks: BOOTING,
      launchedAt: ago(60),
      membership: membership({ lifecycleState: 'Pending' }),
    });
    expect(
      judge({ ask: event('terminate-hook'), instances: [machine('a', { membership: LEAVING }), booting], hooks }),
    ).toMatchObject({ kind: 'wait', code: 'standby-booting' });
  });

  it('does not wait for a successor when the holder is dead anyway', () => {
    const booting = machine('b', { checks: BOOTING, launchedAt: ago(60) });
    const decision = judge({
      ask: event('terminate-hook'),
      instances: [machine('a', { checks: IMPAIRED, membership: LEAVING }), booting],
      hooks,
    });
    expect(decision).toMatchObject({ kind: 'act', code: 'standby-booting', more: true });
    expect(words(decision)).toEqual(['CompleteLifecycleAction "i-a"']);
  });

  it('of another leaving instance is answered although the holder waits for its successor', () => {
    const booting = machine('b', { checks: BOOTING, launchedAt: ago(60) });
    const instances = [machine('a', { membership: LEAVING }), booting, machine('c', { membership: LEAVING })];
    expect(words(judge({ instances, hooks: [...hooks, hook('terminating', 'i-c')] }))).toEqual([
      'CompleteLifecycleAction "i-c"',
    ]);
  });

  it('is waited for when the event is ahead of what Auto Scaling says', () => {
    expect(judge({ ask: event('terminate-hook'), hookUnseen: true })).toMatchObject({
      kind: 'wait',
      code: 'hook-not-seen',
      seconds: 15,
    });
  });
});

describe('a launch hook', () => {
  const hooks = [hook('launching', 'i-b')];
  const dead = machine('a', { state: 'terminated', checks: null });

  it('is answered after the replacement has claimed the address', () => {
    const decision = judge({
      ask: event('launch-hook', 'i-b'),
      instances: [dead, machine('b', { membership: LAUNCHING })],
      hooks,
    });
    expect(words(decision)).toEqual([
      'AssociateAddress "eni-b"',
      'CreateTags ["eipalloc-1"]',
      'CompleteLifecycleAction "i-b"',
    ]);
  });

  it('is answered at once while the holder is good', () => {
    const decision = judge({
      ask: event('launch-hook', 'i-b'),
      instances: [machine('a'), machine('b', { state: 'pending', checks: null, membership: LAUNCHING })],
      hooks,
    });
    expect(decision).toMatchObject({
      code: 'holder-healthy',
      because: 'i-a is running, status checks ok (system, instance, attachedEbs)',
    });
    expect(words(decision)).toEqual(['CompleteLifecycleAction "i-b"']);
  });

  it('is answered at once while an interface holds the address that only a person may take it from', () => {
    const foreign = address({ association: { instanceId: null, interfaceId: 'eni-nat', privateIp: '10.0.0.9' } });
    expect(words(judge({ address: foreign, instances: [machine('b', { membership: LAUNCHING })], hooks }))).toEqual([
      'CompleteLifecycleAction "i-b"',
    ]);
  });

  it('of one that cannot take the address does not depend on the others', () => {
    const instances = [
      machine('b', { checks: BOOTING, launchedAt: ago(60), membership: LAUNCHING }),
      machine('c', { checks: BOOTING, launchedAt: ago(60), borderGroup: 'elsewhere' }),
    ];
    const decision = judge({
      address: address({ association: null }),
      instances,
      hooks: [...hooks, hook('launching', 'i-c')],
    });
    expect(words(decision)).toEqual(['RecordLifecycleActionHeartbeat "i-b"', 'CompleteLifecycleAction "i-c"']);
  });

  it('is kept alive while the replacement boots, and looked at again', () => {
    const booting = machine('b', { checks: BOOTING, launchedAt: ago(900), membership: LAUNCHING });
    const decision = judge({
      ask: event('launch-hook', 'i-b'),
      address: address({ association: null }),
      instances: [booting],
      hooks,
    });
    expect(decision).toMatchObject({ kind: 'act', code: 'standby-booting', budget: 'free', more: true });
    expect(decision.kind === 'act' ? decision.plan : []).toEqual([
      {
        call: 'autoscaling:RecordLifecycleActionHeartbeat',
        input: {
          AutoScalingGroupName: 'web-asg',
          LifecycleHookName: 'address',
          InstanceId: 'i-b',
          LifecycleActionToken: 'token-1',
        },
        because: 'i-b is to take the address and boots',
      },
    ]);
  });

  it('gets one heartbeat a look, not one a turn', () => {
    const booting = machine('b', { checks: BOOTING, launchedAt: ago(60), membership: LAUNCHING });
    const beaten = (seconds: number): Decision =>
      judge({
        address: address({ association: null }),
        instances: [booting],
        hooks,
        history: history({
          pending: { intent: 'house of eipalloc-1', at: ago(seconds), note: { keptAt: ago(seconds) } },
        }),
      });
    expect(beaten(29)).toMatchObject({ kind: 'wait', code: 'standby-booting' });
    expect(words(beaten(30))).toEqual(['RecordLifecycleActionHeartbeat "i-b"']);
  });

  it('is left to its default result when the replacement has not booted in a quarter of an hour', () => {
    for (const launchedAt of [ago(901), null]) {
      const stuck = machine('b', { checks: BOOTING, launchedAt, membership: LAUNCHING });
      expect(judge({ address: address({ association: null }), instances: [stuck], hooks })).toMatchObject({
        kind: 'refuse',
        code: 'no-good-candidate',
        attention: true,
      });
    }
  });

  it('is answered, not kept, for an instance that can never take the address', () => {
    const misfit = machine('b', { slots: [], launchedAt: ago(10), membership: LAUNCHING });
    for (const instances of [[misfit], []]) {
      const decision = judge({ address: address({ association: null }), instances, hooks });
      expect(decision).toMatchObject({ kind: 'act', code: 'no-good-candidate', attention: true });
      expect(words(decision)).toEqual(['CompleteLifecycleAction "i-b"']);
    }
  });

  it('into a warm pool is answered at once without claiming', () => {
    const instances = [dead, machine('b', { state: 'pending', checks: null, launchedAt: ago(5) })];
    expect(words(judge({ instances, hooks: [hook('launching', 'i-b', { toWarmPool: true })] }))).toEqual([
      'CompleteLifecycleAction "i-b"',
    ]);
  });

  it('comes back without more to do while the ledger is lost', () => {
    const booting = machine('b', { checks: BOOTING, launchedAt: ago(60), membership: LAUNCHING });
    expect(
      judge({ address: address({ association: null }), instances: [booting], hooks, history: 'lost' }),
    ).not.toHaveProperty('more');
  });

  it('is not answered before the history that the judgement needs is read', () => {
    const decision = judge({
      ask: event('launch-hook', 'i-b'),
      address: address({ probe: 'failed' }),
      instances: [machine('a'), machine('b', { membership: LAUNCHING })],
      hooks,
      history: 'unread',
    });
    expect(decision).toMatchObject({ kind: 'nothing', needsHistory: true });
  });
});

describe('while the budget does not let the address move', () => {
  const leaving = membership({ lifecycleState: 'Terminating:Wait' });
  const denied = (name: string): Pick<Facts, 'refusals'> => ({
    refusals: [
      { call: 'ledger:acquire', input: {}, meaning: 'refused', name, message: 'allowed again at 08:05', at: NOW },
    ],
  });
  const waiting = [hook('terminating', 'i-a'), hook('terminating', 'i-c')];
  const instances = [machine('a', { membership: leaving }), machine('b'), machine('c', { membership: leaving })];

  it('a move with hooks beside it is to be decided once more', () => {
    expect(judge({ instances, hooks: waiting })).toMatchObject({
      kind: 'act',
      code: 'handed-over',
      onDenied: 'decide',
    });
    expect(judge({ instances })).not.toHaveProperty('onDenied');
  });

  it('hooks are answered all the same, and the holder is kept for the minutes of a cool-down', () => {
    const decision = judge({ instances, hooks: waiting, ...denied('cooldown') });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'cooldown',
      attention: true,
      budget: 'free',
      because: 'i-a is leaving its group (Terminating:Wait); but allowed again at 08:05',
    });
    expect(words(decision)).toEqual(['RecordLifecycleActionHeartbeat "i-a"', 'CompleteLifecycleAction "i-c"']);
  });

  it('but not for the rest of an hour, nor when it does not serve any more', () => {
    const letGo = ['CompleteLifecycleAction "i-a"', 'CompleteLifecycleAction "i-c"'];
    expect(words(judge({ instances, hooks: waiting, ...denied('window') }))).toEqual(letGo);
    const dead = [machine('a', { membership: leaving, checks: IMPAIRED }), ...instances.slice(1)];
    expect(words(judge({ instances: dead, hooks: waiting, ...denied('cooldown') }))).toEqual(letGo);
  });

  it('without hooks it is refused', () => {
    expect(judge({ instances, ...denied('window') })).toMatchObject({
      kind: 'refuse',
      code: 'window',
      attention: true,
    });
  });
});
