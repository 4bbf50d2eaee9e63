/** What is decided before any host is, and of a fleet in which nothing is wrong. */

import { describe, expect, it } from 'vitest';
import {
  ago,
  ALARM,
  alone,
  asked,
  decided,
  DRAINS,
  FAILS,
  host,
  IMPAIRED,
  INITIAL,
  member,
  since,
  standby,
  TARGET,
  told,
} from './fleet-facts.ts';

describe('a fleet', () => {
  it('that is not tagged is nobody’s business, and nothing is said of it', () => {
    expect(decided({ targetGroup: null })).toEqual({
      kind: 'nothing',
      code: 'not-tagged',
      because: `${TARGET} is gone, or has no tag runbook:bastion`,
      evidence: { target: TARGET },
    });
  });

  it('in which everybody serves needs nothing, and is told with everything seen', () => {
    expect(decided()).toEqual({
      kind: 'nothing',
      code: 'healthy',
      because: '3 hosts of targetgroup/bastion/73e2d6bc24d8a067 serve',
      evidence: {
        targetGroup: 'targetgroup/bastion/73e2d6bc24d8a067',
        fleet: 'ops',
        asked: 'the schedule',
        healthy: 3,
        hosts: { 'i-a': 'healthy', 'i-b': 'healthy', 'i-c': 'healthy' },
        zones: { 'eu-west-1a': 1, 'eu-west-1b': 1, 'eu-west-1c': 1 },
      },
      metrics: { HealthyHosts: 3, ZonesUnserved: 0 },
    });
  });

  it('is told with what is wrong with each host', () => {
    const hosts = [host('a', { targets: FAILS }), host('b', { checks: IMPAIRED })];
    expect(decided({ hosts }).evidence).toMatchObject({
      healthy: 0,
      hosts: {
        'i-a': 'failing: unhealthy (Target.FailedHealthChecks) at port 22',
        'i-b': 'dead: status check instance: impaired',
      },
      zones: { 'eu-west-1a': 0, 'eu-west-1b': 0, 'eu-west-1c': 0 },
    });
  });

  it('has metrics where it was looked at, whoever asked for the look', () => {
    const hosts = [host('a'), host('b', { targets: FAILS })];
    const metrics = { HealthyHosts: 1, ZonesUnserved: 2 };
    expect(decided({ hosts }).metrics).toEqual(metrics);
    expect(decided({ hosts, ask: ALARM, unavailable: null }).metrics).toEqual(metrics);
    expect(decided({ hosts, ask: asked('b') }).metrics).toBeUndefined();
  });
});

describe('an alarm that did not go to ALARM', () => {
  it('asks for nothing, however the fleet is', () => {
    const hosts = [host('a', { checks: IMPAIRED })];
    const decision = decided({ hosts, ask: { kind: 'over', by: 'alarm bastion-unhealthy' } });
    expect(decision).toMatchObject({
      kind: 'nothing',
      code: 'alarm-not-raised',
      because: 'alarm bastion-unhealthy did not go to ALARM',
      evidence: { asked: 'alarm bastion-unhealthy', hosts: { 'i-a': 'dead: status check instance: impaired' } },
    });
    expect([decision.metrics, decision.remember]).toEqual([undefined, undefined]);
  });
});

describe('a fleet that another run is at', () => {
  it('is left to it for as long as that has it', () => {
    const until = ago(-1);
    expect(decided({ heldUntil: until, hosts: [] })).toMatchObject({
      kind: 'nothing',
      code: 'another-run',
      because: `another run is at this fleet until ${until} at most`,
    });
    expect(told(decided({ heldUntil: ago(0) }))).toBe('nothing healthy');
  });
});

describe('what nothing here can judge', () => {
  it('is a target group of other targets than instances', () => {
    expect(decided({ targetGroup: { targetType: 'ip', balancer: null } })).toMatchObject({
      kind: 'refuse',
      code: 'not-instances',
      because:
        'the targets of targetgroup/bastion/73e2d6bc24d8a067 are no instances (ip), and nothing here replaces them',
      attention: true,
    });
  });

  it('is one without a Network Load Balancer in front', () => {
    expect(decided({ targetGroup: { balancer: null }, unavailable: 'HealthUnavailable' })).toMatchObject({
      kind: 'refuse',
      code: 'no-load-balancer',
      because: 'no Network Load Balancer uses targetgroup/bastion/73e2d6bc24d8a067, so that nobody checks its hosts',
    });
  });

  it('publishes no number of what is not known', () => {
    for (const change of [{ targetGroup: { balancer: null } }, { unavailable: 'HealthUnavailable' }])
      expect(decided(change).metrics).toBeUndefined();
    expect(decided({}).metrics).toEqual({ HealthyHosts: 3, ZonesUnserved: 0 });
  });

  it('is one of which Elastic Load Balancing says nothing: silence kills nobody', () => {
    expect(decided({ unavailable: 'HealthUnavailableException', hosts: [], history: 'unread' })).toMatchObject({
      kind: 'refuse',
      code: 'health-unavailable',
      because:
        'Elastic Load Balancing does not say how the hosts are (HealthUnavailableException): none counts as dead',
    });
  });
});

describe('what was remembered', () => {
  it('is not asked for where everybody serves', () => {
    expect(told(decided({ history: 'unread' }))).toBe('nothing healthy');
  });

  it('is asked for where a group has fewer members than it wants', () => {
    expect(told(decided({ history: 'unread', group: { members: 2 } }))).toBe('nothing needs-history');
  });

  it.each([
    ['starts', host('c', { targets: INITIAL })],
    ['fails', host('c', { targets: FAILS })],
    ['leaves', host('c', { targets: DRAINS })],
    ['stands by', standby('c')],
  ])('is asked for where a host %s', (_what, third) => {
    expect(decided({ history: 'unread', hosts: [host('a'), host('b'), third] })).toMatchObject({
      kind: 'nothing',
      code: 'needs-history',
      because: 'since when it is so, and what was begun, is remembered',
      needsHistory: true,
    });
  });

  it('is asked for where a person wants one replaced', () => {
    expect(told(decided({ history: 'unread', ask: asked('a') }))).toBe('nothing needs-history');
  });

  it('is since when a host is bad: kept while it is, forgotten when it is well or gone', () => {
    const hosts = [host('a', { targets: FAILS }), host('b'), host('c', { checks: IMPAIRED })];
    const memory = { ...since(30, 'b', 'c', 'z'), kept: 'i-z' };
    expect(decided({ hosts, memory }).remember).toEqual({ 'since:i-a': ago(0), 'since:i-b': null, 'since:i-z': null });
  });

  it.each([
    ['fails', host('a', { targets: FAILS }), { 'since:i-a': ago(0) }],
    ['is dead', host('a', { checks: IMPAIRED }), { 'since:i-a': ago(0) }],
    ['does not run', host('a', { state: 'stopped' }), { 'since:i-a': ago(0) }],
    ['starts', host('a', { targets: INITIAL }), { 'since:starting/i-a': ago(0) }],
    ['leaves', host('a', { targets: DRAINS }), { 'since:leaving/i-a': ago(0) }],
    ['stands by', host('a', { membership: member('Standby') }), undefined],
    ['is unclear', host('a', { targets: FAILS, checks: null }), undefined],
  ])('of a host that %s is: %j', (_what, first, remember) => {
    expect(decided({ hosts: [first, host('b'), host('c')] }).remember).toEqual(remember);
  });

  it('is since when a group has fewer members than it wants', () => {
    expect(decided({ group: { members: 2 } }).remember).toEqual({ 'since:short/bastion': ago(0) });
    expect(decided({ memory: { 'since:short/bastion': ago(60) } }).remember).toEqual({ 'since:short/bastion': null });
  });

  it('cannot be told where the ledger is lost', () => {
    const decision = decided({ history: 'lost', hosts: [host('a', { targets: FAILS }), host('b'), host('c')] });
    expect([told(decision), decision.remember]).toEqual(['nothing doubtful', undefined]);
  });
});

describe('a person', () => {
  it('names a host of the fleet', () => {
    expect(decided({ ask: asked('z') })).toMatchObject({
      kind: 'refuse',
      code: 'no-such-host',
      because: 'i-z is no host of targetgroup/bastion/73e2d6bc24d8a067',
      evidence: { asked: 'kim' },
    });
  });

  it('gets the last healthy host not replaced', () => {
    const hosts = [host('a'), host('b', { targets: FAILS }), host('c', { targets: INITIAL })];
    expect(decided({ ask: asked('a'), hosts })).toMatchObject({
      kind: 'refuse',
      code: 'last-healthy',
      because: 'i-a is the last healthy host of targetgroup/bastion/73e2d6bc24d8a067',
    });
  });

  it('gets one replaced after the other', () => {
    const hosts = [host('a'), host('b'), host('c', { targets: INITIAL })];
    expect(decided({ ask: asked('a'), hosts })).toMatchObject({
      kind: 'nothing',
      code: 'in-flight',
      because: 'i-c initial (Elb.RegistrationInProgress) at port 22: one at a time',
    });
  });
});

describe('what is on its way', () => {
  it.each([
    ['starts', host('c', { targets: INITIAL }), 'i-c initial (Elb.RegistrationInProgress) at port 22: one at a time'],
    ['leaves', host('c', { membership: member('Terminating:Wait') }), 'i-c is Terminating:Wait: one at a time'],
  ])('is waited for: a host %s', (_what, third, because) => {
    expect(decided({ hosts: [host('a'), host('b'), third] })).toMatchObject({
      kind: 'nothing',
      code: 'in-flight',
      because,
    });
  });

  it('is what a group lacks', () => {
    expect(decided({ hosts: [host('a'), host('b')], group: { members: 2 } })).toMatchObject({
      kind: 'nothing',
      code: 'in-flight',
      because: 'bastion has 2 of 3 members: another is on its way',
    });
    expect(told(decided({ group: { members: 4 } }))).toBe('nothing healthy');
  });

  it('keeps a host that has long been bad until it is there', () => {
    const hosts = [host('a', { targets: FAILS }), host('b'), host('c', { targets: INITIAL })];
    expect(told(decided({ hosts, memory: since(900, 'a') }))).toBe('nothing in-flight');
  });
});

describe('a host that stands alone', () => {
  it('is no less a host', () => {
    const hosts = [alone('a'), alone('b'), alone('c')];
    expect(told(decided({ hosts, group: null }))).toBe('nothing healthy');
  });
});
