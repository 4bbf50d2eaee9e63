/** How a host is taken out, what stands between it and that, and what ends a row of replacements. */

import { describe, expect, it } from 'vitest';
import type { Group } from '../../../functions/heal-bastion/decide.ts';
import {
  ago,
  alone,
  asked,
  decided,
  FAILS,
  GROUP,
  host,
  IMPAIRED,
  member,
  planned,
  saidNo,
  since,
  standby,
  TARGET,
  target,
  told,
  WINDOW_FULL,
} from './fleet-facts.ts';

const ONE_FAILS = [host('a', { targets: FAILS }), host('b'), host('c')];

describe('a host that is to be replaced', () => {
  it('is taken out first, with the way back, and the next look goes on', () => {
    const input = { TargetGroupArn: TARGET, Targets: [{ Id: 'i-a', Port: 22 }] };
    const because = 'i-a unhealthy (Target.FailedHealthChecks) at port 22: it is replaced';
    expect(decided({ hosts: ONE_FAILS, memory: since(90, 'a') })).toMatchObject({
      kind: 'act',
      code: 'replacing',
      because,
      evidence: { replacing: 'i-a', healthy: 2 },
      plan: [
        {
          call: 'elasticloadbalancing:DeregisterTargets',
          input,
          because,
          undo: { call: 'elasticloadbalancing:RegisterTargets', input },
        },
      ],
      intent: 'replace i-a',
      note: {
        host: 'i-a',
        outAt: ago(0),
        run: 'run-1',
        isAsked: false,
        wasHealthy: false,
        askedAt: null,
        endedAt: null,
      },
      budget: 'counted',
      onDenied: 'decide',
      more: true,
    });
  });

  it('is taken out at each of its ports', () => {
    const [two] = FAILS.map((each) => ({ ...each, port: 2_222 }));
    const hosts = [host('a', { targets: [target(), ...(two === undefined ? [] : [two])] }), host('b'), host('c')];
    expect(planned(decided({ hosts, memory: since(90, 'a') }))).toEqual([
      [
        'elasticloadbalancing:DeregisterTargets',
        {
          TargetGroupArn: TARGET,
          Targets: [
            { Id: 'i-a', Port: 22 },
            { Id: 'i-a', Port: 2_222 },
          ],
        },
      ],
    ]);
  });

  it.each([
    ['serves', [target()], {}, true],
    ['serves at another port', [...FAILS, target({ port: 2_222 })], {}, true],
    ['is not checked any more', [target({ state: 'unavailable', reason: 'Target.HealthCheckDisabled' })], {}, true],
    ['fails', FAILS, {}, false],
    ['is in a zone without a node', [target({ state: 'unused', reason: 'Target.NotInUse' })], {}, false],
    ['is dead', [target()], { checks: IMPAIRED }, false],
  ])('may have people on it where it %s', (_what, targets, more, wasHealthy) => {
    const hosts = [host('a', { targets, ...more }), host('b'), host('c')];
    expect(decided({ hosts, ask: asked('a') })).toMatchObject({ note: { wasHealthy } });
  });

  it('for a person is told with who asked, and why', () => {
    const decision = decided({ ask: asked('a', 'it is odd') });
    expect(decision).toMatchObject({
      because: 'i-a is to be replaced for kim (it is odd): it is replaced',
      note: { isAsked: true, wasHealthy: true },
    });
    expect(decided({ ask: asked('a') }).because).toBe('i-a is to be replaced for kim: it is replaced');
  });

  it('and is registered nowhere is ended at once', () => {
    const hosts = [host('a', { targets: [], checks: IMPAIRED }), host('b'), host('c')];
    const decision = decided({ hosts, memory: since(600, 'a') });
    expect(decision).toMatchObject({
      code: 'ending',
      because: 'i-a status check instance: impaired: it is replaced',
      budget: 'counted',
      note: { outAt: ago(0), endedAt: ago(0) },
    });
    expect(planned(decision)).toEqual([
      ['autoscaling:TerminateInstanceInAutoScalingGroup', { InstanceId: 'i-a', ShouldDecrementDesiredCapacity: false }],
    ]);
  });

  it('and does not run is ended at once: out of the target group alone, its group would keep it', () => {
    const targets = [target({ state: 'unused', reason: 'Target.InvalidState' })];
    const hosts = [host('a', { state: 'stopped', targets }), host('b'), host('c')];
    const decision = decided({ hosts, memory: since(600, 'a') });
    expect(decision).toMatchObject({ code: 'ending', because: 'i-a is stopped: it is replaced', budget: 'counted' });
    expect(planned(decision).map(([call]) => call)).toEqual(['autoscaling:TerminateInstanceInAutoScalingGroup']);
  });

  it('is a member of a group, which launches another', () => {
    const hosts = [alone('a'), alone('b')];
    expect(decided({ hosts, group: null, ask: asked('a') })).toMatchObject({
      kind: 'refuse',
      code: 'no-group',
      because:
        'i-a is to be replaced for kim, and no Auto Scaling group would launch another: register a standby, or leave that to the schedule',
    });
  });

  it('carries the tag, or its group does', () => {
    const group = { isTagged: false };
    expect(decided({ hosts: ONE_FAILS, group, memory: since(90, 'a') })).toMatchObject({
      kind: 'refuse',
      code: 'not-opted-in',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22: neither it nor its group bastion has the tag runbook:bastion = ops',
    });
    const hosts = [host('a', { targets: FAILS, isTagged: true }), host('b'), host('c')];
    expect(told(decided({ hosts, group, memory: since(90, 'a') }))).toBe('act replacing');
  });

  it('is not the last that serves elsewhere', () => {
    const lastIn = ['targetgroup/web/0123456789abcdef', 'targetgroup/vpn/0123456789abcdef'];
    const hosts = [host('a', { targets: FAILS, lastIn }), host('b'), host('c')];
    expect(decided({ hosts, memory: since(90, 'a') })).toMatchObject({
      kind: 'refuse',
      code: 'last-healthy',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22, and is the last healthy host of targetgroup/web/0123456789abcdef, targetgroup/vpn/0123456789abcdef',
    });
    expect(told(decided({ hosts, ask: asked('a') }))).toBe('refuse last-healthy');
  });

  it('is not one that may be the last elsewhere', () => {
    const hosts = [host('a', { targets: FAILS, untoldIn: ['targetgroup/vpn/0123456789abcdef'] }), host('b'), host('c')];
    expect(decided({ hosts, memory: since(90, 'a') })).toMatchObject({
      kind: 'refuse',
      code: 'unknown-elsewhere',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22, and may be the last healthy host of targetgroup/vpn/0123456789abcdef, whose health nobody tells',
    });
    expect(told(decided({ hosts, ask: asked('a') }))).toBe('refuse unknown-elsewhere');
  });

  it('is not a member of a group that does not register here, which is named with what attaches it', () => {
    const hosts = [host('a'), alone('b', { targets: FAILS, ofOtherGroup: 'web' }), host('c')];
    const attach = `aws autoscaling attach-load-balancer-target-groups --cli-input-json '{"AutoScalingGroupName":"web","TargetGroupARNs":["${TARGET}"]}'`;
    expect(decided({ hosts, memory: since(90, 'b') })).toMatchObject({
      kind: 'refuse',
      code: 'group-not-attached',
      because: `i-b unhealthy (Target.FailedHealthChecks) at port 22, and was registered by hand: its group web does not register its members at targetgroup/bastion/73e2d6bc24d8a067, and another that it launches would serve nobody here. If they all are to serve here: ${attach}`,
    });
    expect(told(decided({ hosts, ask: asked('b') }))).toBe('refuse group-not-attached');
    // Another group's member stands in for nobody; a standby of the fleet does.
    const stranger = standby('d', { ofOtherGroup: 'web' });
    expect(told(decided({ hosts: [...hosts, stranger], memory: since(90, 'b') }))).toBe('refuse group-not-attached');
    expect(told(decided({ hosts: [...hosts, standby('d')], memory: since(90, 'b') }))).toBe('act standing-in');
  });
});

describe('hosts that fail one after the other', () => {
  const loop = (group: Partial<Group> = {}, refusals = [WINDOW_FULL]) =>
    decided({ hosts: ONE_FAILS, memory: since(90, 'a'), group, refusals });

  it('end with one that is kept in standby, to be looked at', () => {
    const fault =
      '3 hosts were replaced within 3600 s, and i-a unhealthy (Target.FailedHealthChecks) at port 22: what is launched does not come to serve';
    const where = { AutoScalingGroupName: 'bastion', InstanceIds: ['i-a'] };
    expect(loop()).toMatchObject({
      kind: 'act',
      code: 'keeping',
      because: `${fault}; i-a is kept in standby to be looked at`,
      evidence: { kept: 'i-a', healthy: 2 },
      plan: [
        {
          call: 'autoscaling:EnterStandby',
          input: { ...where, ShouldDecrementDesiredCapacity: true },
          because: fault,
          undo: { call: 'autoscaling:ExitStandby', input: where },
        },
      ],
      intent: 'keep i-a',
      note: { kept: 'i-a', at: ago(0), run: 'run-1', why: fault },
      remember: { kept: 'i-a' },
      budget: 'free',
      attention: true,
      more: true,
    });
  });

  it.each([
    [2, 1, true],
    [2, 2, false],
    [3, 1, true],
  ])('leave a group of %i at least %i: one less is wanted, %j', (desired, minSize, isLess) => {
    expect(planned(loop({ desired, minSize }))[0]?.[1]).toMatchObject({ ShouldDecrementDesiredCapacity: isLess });
  });

  it('are told of where none can be kept', () => {
    const because =
      '3 hosts were replaced within 3600 s, and i-a unhealthy (Target.FailedHealthChecks) at port 22: what is launched does not come to serve; look at i-a';
    expect(loop({}, [WINDOW_FULL, saidNo('autoscaling:EnterStandby')])).toMatchObject({
      kind: 'refuse',
      code: 'crash-loop',
      because,
      evidence: { kept: 'i-a' },
      attention: true,
    });
    const hosts = [host('a', { targets: FAILS, isTagged: true }), host('b'), host('c')];
    const untagged = { isTagged: false };
    expect(told(decided({ hosts, memory: since(90, 'a'), group: untagged, refusals: [WINDOW_FULL] }))).toBe(
      'refuse crash-loop',
    );
    expect(told(decided({ hosts, memory: since(90, 'a'), group: null, refusals: [WINDOW_FULL] }))).toBe(
      'refuse crash-loop',
    );
  });

  it('are none by what else was refused', () => {
    expect(told(loop({}, [saidNo('elasticloadbalancing:DeregisterTargets')]))).toBe('act replacing');
  });

  it('are no reason to keep one that a person has named, which may be well', () => {
    expect(decided({ ask: asked('b'), refusals: [WINDOW_FULL] })).toMatchObject({
      kind: 'refuse',
      code: 'too-many-replaced',
      because: 'i-b is to be replaced for kim, and 3 hosts were replaced within 3600 s: ask again later',
      evidence: { healthy: 3 },
      attention: true,
    });
  });

  it('are not taken up again while one is kept', () => {
    const hosts = [...ONE_FAILS, host('z', { membership: member('Standby'), targets: [] })];
    const memory = { ...since(90, 'a'), kept: 'i-z' };
    expect(decided({ hosts, memory })).toMatchObject({
      kind: 'refuse',
      code: 'crash-loop',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22, and i-z is kept in standby since one host after the other failed: look at it, and end it or put it back',
      evidence: { kept: 'i-z' },
    });
    // A person knows what he does.
    expect(told(decided({ hosts, memory, ask: asked('a') }))).toBe('act replacing');
  });

  it.each([
    ['was put back', [...ONE_FAILS, host('z')], { kept: 'i-z' }],
    ['is gone', ONE_FAILS, { kept: 'i-z' }],
    ['was kept by somebody else', [...ONE_FAILS, host('z', { membership: member('Standby'), targets: [] })], {}],
    ['has left its group', [...ONE_FAILS, standby('z')], { kept: 'i-z' }],
  ])('are taken up again when the one that was kept %s', (_what, hosts, memory) => {
    const group = { desired: hosts.length, members: hosts.length };
    expect(told(decided({ hosts, group, memory: { ...since(90, 'a'), ...memory } }))).toBe('act replacing');
  });
});

describe('a group whose members are several', () => {
  it('is asked by its name', () => {
    const other = { ...GROUP, name: 'other', isTagged: false, checksByElb: true, suspended: ['Launch'] };
    const groups = [other, GROUP];
    expect(told(decided({ hosts: ONE_FAILS, groups, memory: since(90, 'a') }))).toBe('act replacing');
  });
});
