import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Machine } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  event,
  facts,
  history,
  hook,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  moveTo,
  NOW,
} from './elastic-ip-facts.ts';

function judge(
  fence: 'none' | 'best-effort' | 'required',
  holder: Partial<Machine>,
  more: Partial<Facts> = {},
): Decision {
  return decide(
    facts({ address: address({ fence }), instances: [machine('a', holder), machine('b')], ...more }),
    LIMITS,
    NOW,
  );
}

function calls(decision: Decision): string[] {
  return decision.kind === 'act' ? decision.plan.map(({ call }) => call) : [];
}

const BAD = { checks: IMPAIRED };

describe('fence = best-effort', () => {
  it('stops the holder first, in the same plan, and goes on if that fails', () => {
    const decision = judge('best-effort', BAD);
    expect(decision.kind === 'act' ? decision.plan[0] : undefined).toEqual({
      call: 'ec2:StopInstances',
      input: { InstanceIds: ['i-a'], Force: true, SkipOsShutdown: true },
      because: 'fence i-a before another takes over',
      undo: { call: 'ec2:StartInstances', input: { InstanceIds: ['i-a'] } },
      optional: true,
    });
    expect(calls(decision)).toEqual(['ec2:StopInstances', 'ec2:AssociateAddress', 'ec2:CreateTags', 'ec2:CreateTags']);
    expect(decision.evidence['fence']).toBe('i-a is stopped first');
  });

  it.each([
    [
      'a group member without runbook:fence-asg',
      { membership: membership() },
      'not fenced: i-a belongs to group web-asg, which is not tagged runbook:fence-asg = replace',
    ],
    ['a one-time Spot instance', { spot: 'one-time' }, 'not fenced: i-a is a Spot instance that cannot be stopped'],
    [
      'a Spot instance of unknown kind',
      { spot: 'unknown' },
      'not fenced: i-a is a Spot instance that cannot be stopped',
    ],
    ['an instance without the name', { vip: null }, 'not fenced: i-a is not tagged as ours'],
  ] as const)('leaves %s running and moves on', (_what, change, why) => {
    const decision = judge('best-effort', { ...BAD, ...change });
    expect(calls(decision)).not.toContain('ec2:StopInstances');
    expect(decision).toMatchObject({ kind: 'act', code: 'failed-over', evidence: { fence: why } });
  });

  it.each([
    ['a group member that may be replaced', { membership: membership({ mayBeFenced: true }) }],
    ['a persistent Spot instance', { spot: 'persistent' }],
  ] as const)('stops %s', (_what, change) => {
    expect(calls(judge('best-effort', { ...BAD, ...change }))[0]).toBe('ec2:StopInstances');
  });

  it.each(['stopping', 'stopped', 'shutting-down', 'terminated', 'absent'] as const)(
    'does not stop one that is %s',
    (state) => {
      expect(calls(judge('best-effort', { state, checks: null }))[0]).toBe('ec2:AssociateAddress');
    },
  );

  it('does not stop one that its group is ending, nor a healthy one that a person moves away from', () => {
    expect(
      calls(
        judge('best-effort', { membership: membership({ lifecycleState: 'Terminating:Wait', mayBeFenced: true }) }),
      )[0],
    ).toBe('ec2:AssociateAddress');
    expect(calls(judge('best-effort', {}, { ask: moveTo('i-b') }))[0]).toBe('ec2:AssociateAddress');
  });
});

describe('fence = required', () => {
  it('stops the holder and looks again, announcing the move it is for', () => {
    const decision = judge('required', BAD);
    expect(decision).toMatchObject({
      kind: 'act',
      more: true,
      budget: 'counted',
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
      note: { to: 'i-b' },
    });
    expect(calls(decision)).toEqual(['ec2:StopInstances']);
    expect(decision.kind === 'act' ? decision.plan[0] : {}).not.toHaveProperty('optional');
  });

  it.each(['stopping', 'shutting-down'] as const)('waits while it is %s', (state) => {
    expect(judge('required', { state, checks: null })).toMatchObject({
      kind: 'wait',
      code: 'fence-pending',
      seconds: 15,
      because: `i-a is ${state}; i-a must be down first; it is on its way`,
    });
  });

  it.each(['stopped', 'terminated', 'absent'] as const)('moves once it is %s', (state) => {
    expect(calls(judge('required', { state, checks: null }))[0]).toBe('ec2:AssociateAddress');
  });

  it.each([
    ['a group member without runbook:fence-asg', { membership: membership() }],
    ['a one-time Spot instance', { spot: 'one-time' }],
    ['an instance without the name', { vip: 'db' }],
  ] as const)('refuses for %s', (_what, change) => {
    expect(judge('required', { ...BAD, ...change })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-fence',
      attention: true,
    });
  });

  it('lets the termination be the fence: answers the hook, and waits for the end', () => {
    const leaving = { membership: membership({ lifecycleState: 'Terminating:Wait' }) };
    const decision = judge('required', leaving, { ask: event('terminate-hook'), hooks: [hook('terminating', 'i-a')] });
    expect(decision).toMatchObject({ kind: 'act', code: 'fence-pending', budget: 'free', more: true });
    expect(calls(decision)).toEqual(['autoscaling:CompleteLifecycleAction']);
  });

  it('keeps the announced move while hooks are answered in between', () => {
    const pending = {
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
      at: NOW,
      note: { to: 'i-b', movedAt: NOW, interfaceId: 'eni-b', privateIp: '10.0.98.5' },
    };
    const decision = judge(
      'required',
      { state: 'stopping', checks: null },
      { hooks: [hook('terminating', 'i-c')], history: history({ pending }) },
    );
    expect(decision).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.5',
      note: { to: 'i-b', movedAt: NOW, keptAt: NOW },
    });
  });

  it('also stops a healthy holder that a person moves away from', () => {
    expect(calls(judge('required', {}, { ask: moveTo('i-b') }))).toEqual(['ec2:StopInstances']);
  });

  it('cannot be had from an interface without an instance, forced or not', () => {
    const foreign = address({
      fence: 'required',
      association: { instanceId: null, interfaceId: 'eni-nat', privateIp: '10.0.0.9' },
    });
    expect(judge('required', {}, { address: foreign, ask: moveTo('i-b', { force: true }) })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-fence',
    });
  });

  it('needs nothing for an address on nobody', () => {
    expect(calls(judge('required', {}, { address: address({ fence: 'required', association: null }) }))[0]).toBe(
      'ec2:AssociateAddress',
    );
  });
});
