/** How a host is, by what EC2, its group and Elastic Load Balancing say of it. */

import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../../functions/heal-bastion/decide/host-verdict.ts';
import { failsChecks, type Host } from '../../../functions/heal-bastion/decide.ts';
import {
  ago,
  alone,
  decided,
  DRAINS,
  FAILS,
  host,
  IMPAIRED,
  INITIAL,
  member,
  since,
  standby,
  target,
} from './fleet-facts.ts';

/** What is said of a host in one line. */
function said(of: Host, isNew = false): string {
  const { state, why } = verdictOn(of, isNew);
  return `${state}: ${why}`;
}

describe('what Elastic Load Balancing says of a target', () => {
  it.each([
    ['healthy', null, 'healthy: healthy'],
    ['initial', 'Elb.RegistrationInProgress', 'starting: initial (Elb.RegistrationInProgress) at port 22'],
    ['initial', 'Elb.InitialHealthChecking', 'starting: initial (Elb.InitialHealthChecking) at port 22'],
    ['unhealthy', 'Target.FailedHealthChecks', 'failing: unhealthy (Target.FailedHealthChecks) at port 22'],
    ['unhealthy', 'Target.Timeout', 'failing: unhealthy (Target.Timeout) at port 22'],
    ['unhealthy', 'Target.ResponseCodeMismatch', 'failing: unhealthy (Target.ResponseCodeMismatch) at port 22'],
    [
      'unhealthy.draining',
      'Target.FailedHealthChecks',
      'failing: unhealthy.draining (Target.FailedHealthChecks) at port 22',
    ],
    [
      'unhealthy',
      'Elb.InternalError',
      "unclear: unhealthy (Elb.InternalError) at port 22: that is the load balancer's own",
    ],
    ['unhealthy', null, "unclear: unhealthy at port 22: that is the load balancer's own"],
    ['draining', 'Target.DeregistrationInProgress', 'leaving: draining (Target.DeregistrationInProgress) at port 22'],
    ['unused', 'Target.NotInUse', 'unclear: unused (Target.NotInUse) at port 22'],
    ['unused', 'Target.InvalidState', 'unclear: unused (Target.InvalidState) at port 22'],
    ['unavailable', 'Elb.InternalError', 'unclear: unavailable (Elb.InternalError) at port 22'],
    ['unavailable', 'Target.HealthCheckDisabled', 'unclear: unavailable (Target.HealthCheckDisabled) at port 22'],
    ['of-tomorrow', null, 'unclear: of-tomorrow at port 22'],
  ])('%s (%s)', (state, reason, expected) => {
    expect(said(host('a', { targets: [target({ state, reason })] }))).toBe(expected);
  });

  it('is nothing against a host in a zone that is shifted away from on purpose', () => {
    const targets = [target({ state: 'unhealthy', reason: 'Target.FailedHealthChecks', isShifted: true })];
    expect(said(host('a', { targets }))).toBe(
      'unclear: unhealthy (Target.FailedHealthChecks) at port 22, in a zone that is shifted away from',
    );
    expect(said(host('a', { targets: [target({ isShifted: true })] }))).toBe('healthy: healthy');
  });

  it.each([
    [['healthy', 'unhealthy'], 'failing: unhealthy (Target.X) at port 23'],
    [['draining', 'unhealthy'], 'failing: unhealthy (Target.X) at port 23'],
    [['healthy', 'draining'], 'leaving: draining (Target.X) at port 23'],
    [['initial', 'draining'], 'leaving: draining (Target.X) at port 23'],
    [['healthy', 'initial'], 'starting: initial (Target.X) at port 23'],
    [['unused', 'initial'], 'starting: initial (Target.X) at port 23'],
    [['healthy', 'unused'], 'unclear: unused (Target.X) at port 23'],
    [['healthy', 'healthy'], 'healthy: healthy'],
  ])('at several ports counts by the worst: %j', (states, expected) => {
    const targets = states.map((state, index) => target({ port: 22 + index, state, reason: 'Target.X' }));
    expect(said(host('a', { targets }))).toBe(expected);
    expect(said(host('a', { targets: targets.toReversed() }))).toBe(expected);
  });
});

describe('what a failed check of Elastic Load Balancing means', () => {
  it('is nothing where EC2 does not say that the machine is well', () => {
    const fails = 'unclear: unhealthy (Target.FailedHealthChecks) at port 22, and ';
    const of = (checks: Host['checks']): string => said(host('a', { targets: FAILS, checks }));
    expect(of({ system: 'ok', instance: 'initializing' })).toBe(`${fails}status check instance: initializing`);
    expect(of({ system: 'ok', instance: 'insufficient-data' })).toBe(
      `${fails}status check instance: insufficient-data`,
    );
    expect(of({ system: 'unknown' })).toBe(`${fails}status check system: unknown`);
    expect(of(null)).toBe(`${fails}reports no status checks`);
  });

  it('is little of a host that is new', () => {
    expect(said(host('a', { targets: FAILS }), true)).toBe(
      'starting: unhealthy (Target.FailedHealthChecks) at port 22',
    );
    const shifted = [target({ state: 'unhealthy', reason: 'Target.X', isShifted: true })];
    expect(said(host('a', { targets: shifted }), true)).toMatch(/^unclear:/u);
  });

  it.each([
    ['of its own', host('a', { targets: FAILS }), true],
    ['while people drain', host('a', { targets: [target({ state: 'unhealthy.draining', reason: 'Target.X' })] }), true],
    ['of the balancer', host('a', { targets: [target({ state: 'unhealthy', reason: 'Elb.InternalError' })] }), false],
    ['without reason', host('a', { targets: [target({ state: 'unhealthy' })] }), false],
    ['at one of two ports', host('a', { targets: [target({ port: 21 }), ...FAILS] }), true],
    ['of what does not run', host('a', { state: 'stopped', targets: FAILS }), false],
    ['of nobody', host('a'), false],
    ['that never began', host('a', { targets: [target({ state: 'unused', reason: 'Target.NotInUse' })] }), false],
  ])('is looked into in the network, or not: one %s', (_what, of, isLookedInto) => {
    expect(failsChecks(of)).toBe(isLookedInto);
  });
});

describe('a host that is taken out elsewhere', () => {
  const drainsIn = ['targetgroup/jump/0123456789abcdef'];
  const verdict = (more: Partial<Host>) => verdictOn(host('a', { drainsIn, ...more }), false);

  it('is leaving, however it is here', () => {
    expect(verdict({})).toMatchObject({ state: 'leaving', why: 'drains in targetgroup/jump/0123456789abcdef' });
    expect(verdict({ targets: FAILS }).state).toBe('leaving');
    expect(verdict({ checks: IMPAIRED }).state).toBe('leaving');
  });

  it('is waited for: no other goes meanwhile', () => {
    const hosts = [host('a', { drainsIn }), host('b', { targets: FAILS }), host('c')];
    expect(decided({ hosts, memory: since(600, 'b') })).toMatchObject({
      kind: 'nothing',
      code: 'in-flight',
      because: 'i-a drains in targetgroup/jump/0123456789abcdef: one at a time',
    });
  });
});

describe('what EC2 says of a host', () => {
  it.each([
    ['impaired', IMPAIRED, 'dead: status check instance: impaired'],
    ['initializing', { system: 'ok', instance: 'initializing' } as const, 'healthy: healthy'],
    ['unsaid', null, 'healthy: healthy'],
  ])('in its status checks: %s', (_what, checks, expected) => {
    expect(said(host('a', { checks }))).toBe(expected);
    expect(said(host('a', { checks }), true)).toBe(expected);
  });

  it('in its status checks comes before what the load balancer says', () => {
    for (const targets of [FAILS, INITIAL, DRAINS, []])
      expect(said(host('a', { targets, checks: IMPAIRED }))).toBe('dead: status check instance: impaired');
  });

  it.each([
    ['pending', 'starting: is pending'],
    ['stopping', 'gone: is stopping'],
    ['stopped', 'gone: is stopped'],
    ['shutting-down', 'gone: is shutting-down'],
    ['terminated', 'gone: is terminated'],
    ['absent', 'gone: is absent'],
  ] as const)('of its state while its group has it: %s', (state, expected) => {
    expect(said(host('a', { state, targets: FAILS, checks: null }))).toBe(expected);
  });

  it.each([
    ['pending', 'starting: is pending'],
    ['stopping', 'gone: is stopping'],
    ['stopped', 'gone: is stopped'],
    // What is left of it is a registration.
    ['shutting-down', 'aside: is shutting-down'],
    ['terminated', 'aside: is terminated'],
    ['absent', 'aside: is absent'],
  ] as const)('of its state where no group has it: %s', (state, expected) => {
    expect(said(alone('a', { state, targets: [target({ state: 'unused', reason: 'Target.InvalidState' })] }))).toBe(
      expected,
    );
  });
});

describe('what its group says of a host', () => {
  it.each([
    ['Pending', 'starting: is Pending in bastion'],
    ['Pending:Wait', 'starting: is Pending:Wait in bastion'],
    ['Pending:Proceed', 'starting: is Pending:Proceed in bastion'],
    ['InService', 'healthy: healthy'],
    ['Terminating', 'leaving: is Terminating'],
    ['Terminating:Wait', 'leaving: is Terminating:Wait'],
    ['Terminating:Proceed', 'leaving: is Terminating:Proceed'],
    ['Terminating:Retained', 'aside: is Terminating:Retained in bastion'],
    ['EnteringStandby', 'aside: is EnteringStandby in bastion'],
    ['Standby', 'aside: is Standby in bastion'],
    ['Detaching', 'aside: is Detaching in bastion'],
    ['Warmed:Running', 'aside: is Warmed:Running in bastion'],
    ['OfTomorrow', 'aside: is OfTomorrow in bastion'],
  ])('%s', (lifecycleState, expected) => {
    expect(said(host('a', { membership: member(lifecycleState) }))).toBe(expected);
  });

  it('comes before what EC2 says of a machine that it ends', () => {
    const membership = member('Terminating:Proceed');
    expect(said(host('a', { membership, state: 'shutting-down' }))).toBe('leaving: is Terminating:Proceed');
    expect(said(host('a', { membership, checks: IMPAIRED }))).toBe('leaving: is Terminating:Proceed');
  });

  it.each(['Standby', 'EnteringStandby', 'Detaching', 'Terminating:Retained', 'Warmed:Stopped', 'OfTomorrow'])(
    'leaves it to whoever has put it there, also while it does not run: %s',
    (lifecycleState) => {
      for (const state of ['stopping', 'stopped', 'terminated', 'absent'] as const)
        expect(said(host('a', { state, membership: member(lifecycleState) }))).toBe(
          `aside: is ${state}, and ${lifecycleState} in bastion`,
        );
    },
  );

  it.each(['InService', 'Pending:Wait'])('does not keep it from being missed: %s', (lifecycleState) => {
    expect(said(host('a', { state: 'stopped', membership: member(lifecycleState) }))).toBe('gone: is stopped');
  });

  it('is no reason to judge what is not in service by its machine', () => {
    expect(said(host('a', { membership: member('Standby'), checks: IMPAIRED }))).toBe('aside: is Standby in bastion');
    expect(said(host('a', { membership: member('Pending:Wait'), checks: IMPAIRED }))).toBe(
      'starting: is Pending:Wait in bastion',
    );
  });
});

describe('a host that is registered nowhere', () => {
  it.each(['stopping', 'stopped', 'shutting-down', 'terminated', 'absent'] as const)(
    'and is %s is missed by nobody, unless a group has it',
    (state) => {
      expect(said(standby('a', { state }))).toBe(`aside: is ${state}`);
      expect(said(host('a', { state, targets: [] }))).toBe(`gone: is ${state}`);
    },
  );

  it('and has a dead machine is missed by nobody, unless a group has it', () => {
    expect(said(standby('a', { checks: IMPAIRED }))).toBe('aside: is not registered');
    expect(said(host('a', { targets: [], checks: IMPAIRED }))).toBe('dead: status check instance: impaired');
  });

  it('stands by, or is on the way while it is new and its group has it', () => {
    expect(said(standby('a'))).toBe('aside: is not registered');
    expect(said(standby('a'), true)).toBe('aside: is not registered');
    expect(said(host('a', { targets: [] }))).toBe('aside: is not registered');
    expect(said(host('a', { targets: [] }), true)).toBe('starting: is not registered yet');
  });
});

describe('a host that is new', () => {
  const stateAt = (launchedAt: string | null, graceSeconds = 180, group = 'bastion'): string => {
    const membership = { ...member('InService'), group };
    const first = host('a', { targets: FAILS, launchedAt, membership });
    const { evidence } = decided({ hosts: [first, host('b'), host('c')], group: { graceSeconds } });
    return JSON.stringify(evidence['hosts']).includes('starting') ? 'new' : 'not';
  };

  it('is so for as long as it may boot and its first checks take', () => {
    expect([stateAt(ago(629)), stateAt(ago(630))]).toEqual(['new', 'not']);
  });

  it('is so for as long as its own group leaves it alone, if that is longer', () => {
    expect([stateAt(ago(899), 900), stateAt(ago(900), 900)]).toEqual(['new', 'not']);
    expect(stateAt(ago(899), 900, 'other')).toBe('not');
  });

  it('is none of which EC2 does not say when it was launched', () => {
    expect(stateAt(null)).toBe('not');
  });
});
