/** Which host is replaced, after how long, and which is left to others. */

import { describe, expect, it } from 'vitest';
import type { Group } from '../../../functions/heal-bastion/decide.ts';
import {
  ago,
  ALARM,
  alone,
  asked,
  decided,
  FAILS,
  host,
  IMPAIRED,
  INITIAL,
  since,
  standby,
  told,
} from './fleet-facts.ts';
import { network } from './network-facts.ts';

const ONE_FAILS = [host('a', { targets: FAILS }), host('b'), host('c')];
const ONE_DEAD = [host('a', { checks: IMPAIRED }), host('b'), host('c')];
const ALL_FAIL = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), host('c', { targets: FAILS })];

describe('a host that has just become bad', () => {
  it('is left to the next tick by a tick', () => {
    expect(decided({ hosts: ONE_FAILS })).toMatchObject({
      kind: 'nothing',
      code: 'doubtful',
      because: 'i-a unhealthy (Target.FailedHealthChecks) at port 22, since less than 90 s',
    });
    expect(told(decided({ hosts: ONE_FAILS, memory: since(89, 'a') }))).toBe('nothing doubtful');
    expect(told(decided({ hosts: ONE_FAILS, memory: since(90, 'a') }))).toBe('act replacing');
    // A tick that was started late has seen no more than another.
    expect(told(decided({ hosts: ONE_FAILS, begunAt: ago(300) }))).toBe('nothing doubtful');
  });

  it('is looked at again by a run that an event has started, until there is no doubt', () => {
    const seen = (begun: number, memory = {}) => decided({ hosts: ONE_FAILS, ask: ALARM, begunAt: ago(begun), memory });
    expect(seen(0)).toMatchObject({ kind: 'wait', code: 'doubtful', seconds: 90 });
    expect(seen(89)).toMatchObject({ kind: 'wait', seconds: 1 });
    expect(seen(29.5)).toMatchObject({ kind: 'wait', seconds: 61 });
    expect(seen(20, since(70, 'a'))).toMatchObject({ kind: 'wait', seconds: 20 });
    expect(told(seen(90))).toBe('act replacing');
    expect(told(seen(0, since(90, 'a')))).toBe('act replacing');
  });

  it('is named with all that are bad, and waited for as long as the first of them takes', () => {
    const hosts = [host('a', { targets: FAILS }), host('b', { state: 'stopped' }), host('c')];
    expect(decided({ hosts, ask: ALARM, memory: { ...since(10, 'a'), ...since(60, 'b') } })).toMatchObject({
      because: 'i-a unhealthy (Target.FailedHealthChecks) at port 22, i-b is stopped, since less than 90 s',
      seconds: 30,
    });
  });

  it('is not waited for where a person names it', () => {
    expect(told(decided({ hosts: ONE_FAILS, ask: asked('a') }))).toBe('act replacing');
  });
});

describe('among hosts that are bad', () => {
  const replaced = (hosts: readonly ReturnType<typeof host>[], memory: { readonly [key: string]: string }) => {
    const decision = decided({ hosts, memory, group: { members: hosts.length, desired: hosts.length } });
    return decision.evidence['replacing'];
  };

  it('the one in a zone that nobody serves is first', () => {
    const hosts = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), { ...host('c'), zone: 'eu-west-1a' }];
    expect(replaced(hosts, { ...since(900, 'a'), ...since(100, 'b') })).toBe('i-b');
  });

  it('in zones alike the one that has been so for longest is', () => {
    const hosts = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), host('c')];
    expect(replaced(hosts, { ...since(100, 'a'), ...since(900, 'b') })).toBe('i-b');
    expect(replaced(hosts, { ...since(900, 'a'), ...since(100, 'b') })).toBe('i-a');
  });

  it('only such as have been so for long are asked', () => {
    const hosts = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), { ...host('c'), zone: 'eu-west-1a' }];
    expect(replaced(hosts, { ...since(90, 'a'), ...since(89, 'b') })).toBe('i-a');
  });

  it('a zone that the balancer does not have is served by nobody', () => {
    const elsewhere = { ...host('b', { targets: FAILS }), zone: 'eu-west-1f' };
    const twin = { ...host('c'), zone: 'eu-west-1a' };
    expect(replaced([host('a', { targets: FAILS }), elsewhere, twin], since(900, 'a', 'b'))).toBe('i-b');
  });
});

describe('where nobody serves', () => {
  const both = [host('a', { targets: FAILS }), host('b', { targets: FAILS, checks: IMPAIRED })];
  const group = { desired: 2, members: 2 };

  it('the one whose machine is dead goes first: another would only be put back', () => {
    const at = (dead: number, hosts = both) =>
      decided({ hosts, group, memory: { ...since(900, 'a'), ...since(dead, 'b') } });
    expect(told(at(599))).toBe('nothing group-replaces');
    expect(at(600).evidence['replacing']).toBe('i-b');
    expect(at(600, both.toReversed()).evidence['replacing']).toBe('i-b');
    const stopped = [both.slice(0, 1), host('b', { state: 'stopped' })].flat();
    expect(at(600, stopped).evidence['replacing']).toBe('i-b');
  });

  it('none that fails is taken out, for nobody', () => {
    expect(decided({ hosts: both, group, memory: since(900, 'a') })).toMatchObject({
      kind: 'refuse',
      code: 'nobody-serves',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22, and no other host is healthy: taken out, it would be put back',
      attention: true,
    });
    const lonely = { hosts: both.slice(0, 1), group: { desired: 1, members: 1 } };
    expect(told(decided({ ...lonely, ask: asked('a') }))).toBe('refuse nobody-serves');
    expect(told(decided({ hosts: both, group, ask: asked('b') }))).toBe('act replacing');
  });

  it('nor is the last that does, whatever its status checks say', () => {
    const serving = [host('a', { targets: FAILS }), host('b', { checks: IMPAIRED })];
    expect(decided({ hosts: serving, group, memory: since(900, 'b') })).toMatchObject({
      kind: 'refuse',
      code: 'last-healthy',
      because:
        'i-b status check instance: impaired, and is the last healthy host of targetgroup/bastion/73e2d6bc24d8a067',
    });
    expect(told(decided({ hosts: serving, group, ask: asked('b') }))).toBe('refuse last-healthy');
    // Another that passes the balancer's checks is enough, whatever its own status checks say.
    const two = [host('a', { checks: IMPAIRED }), host('b', { checks: IMPAIRED })];
    expect(told(decided({ hosts: two, group, ask: asked('b') }))).toBe('act replacing');
  });

  it('what is registered nowhere may go', () => {
    const hosts = [host('a', { targets: [] }), ...both.slice(1)];
    expect(told(decided({ hosts, group, ask: asked('a') }))).toBe('act ending');
  });
});

describe('hosts that all fail alike', () => {
  it('are not replaced: another would fail like them', () => {
    expect(decided({ hosts: ALL_FAIL, memory: since(900, 'a', 'b', 'c') })).toMatchObject({
      kind: 'refuse',
      code: 'all-unhealthy',
      because:
        'all 3 hosts of targetgroup/bastion/73e2d6bc24d8a067 fail their health checks (unhealthy (Target.FailedHealthChecks) at port 22), their status checks pass, and no rule of the network keeps the checks away: they have a configuration in common that fails, or a firewall on the hosts (fail2ban, nftables) shuts the load balancer out; another host would fail like them. Without a healthy target in any zone the load balancer fails open, and sends to all that it has',
      attention: true,
    });
  });

  it('are told of at once', () => {
    expect(told(decided({ hosts: ALL_FAIL }))).toBe('refuse all-unhealthy');
    const none = network({ subnets: [], nodes: [], reaches: [] });
    expect(told(decided({ hosts: ALL_FAIL, network: none }))).toBe('refuse all-unhealthy');
  });

  it('are none while one is on its way', () => {
    const hosts = [...ALL_FAIL.slice(0, 2), host('c', { targets: INITIAL })];
    expect(told(decided({ hosts, memory: since(900, 'a', 'b') }))).toBe('nothing in-flight');
  });

  it('are none where it is another thing that is wrong with one', () => {
    const hosts = [...ALL_FAIL.slice(0, 2), host('c', { checks: IMPAIRED })];
    expect(told(decided({ hosts }))).toBe('nothing doubtful');
  });

  it('have a standby registered beside them where no group would launch another: it takes nothing away from anybody', () => {
    const hosts = [alone('a', { targets: FAILS }), standby('b')];
    const memory = since(900, 'a');
    expect(told(decided({ hosts, group: null, memory }))).toBe('act standing-in');
    expect(told(decided({ hosts: hosts.slice(0, 1), group: null, memory }))).toBe('refuse all-unhealthy');
    const both = [alone('a', { targets: FAILS }), alone('b', { targets: FAILS })];
    expect(told(decided({ hosts: both, group: null, memory: since(900, 'a', 'b') }))).toBe('refuse all-unhealthy');
  });

  it('have none where a group would launch another, whoever stands by', () => {
    expect(told(decided({ hosts: [...ALL_FAIL, standby('d')] }))).toBe('refuse all-unhealthy');
  });
});

describe('a host that its group replaces by itself', () => {
  const at = (seconds: number, group: Partial<Group>, hosts = ONE_FAILS) =>
    decided({ hosts, group, memory: since(seconds, 'a') });

  it('is left to it for ten minutes, where it asks Elastic Load Balancing', () => {
    expect(at(90, { checksByElb: true })).toMatchObject({
      kind: 'nothing',
      code: 'group-replaces',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22: its group bastion, which checks by ELB, replaces it',
    });
    expect(told(at(599, { checksByElb: true }))).toBe('nothing group-replaces');
  });

  it('and does not, is told of: two that replace are one too many', () => {
    expect(at(600, { checksByElb: true })).toMatchObject({
      kind: 'refuse',
      code: 'group-does-not-replace',
      because:
        'i-a unhealthy (Target.FailedHealthChecks) at port 22 for 600 s, and its group bastion, which checks by ELB, does not replace it',
    });
  });

  it.each(['HealthCheck', 'ReplaceUnhealthy', 'Terminate', 'Launch'])(
    'is not left to it while its %s is suspended',
    (process) => {
      expect(at(90, { checksByElb: true, suspended: ['AZRebalance', process] })).toMatchObject({
        kind: 'refuse',
        code: 'group-does-not-replace',
        because: `i-a unhealthy (Target.FailedHealthChecks) at port 22, and its group bastion, which checks by ELB, does not replace it (suspended: ${process})`,
      });
      expect(told(at(90, { suspended: [process] }, ONE_DEAD))).toBe('refuse group-does-not-replace');
      expect(told(at(90, { checksByElb: true, suspended: ['AZRebalance'] }))).toBe('nothing group-replaces');
    },
  );

  it('is any that EC2 calls dead or gone: every group hears of that', () => {
    expect(told(at(599, {}, ONE_DEAD))).toBe('nothing group-replaces');
    const stopped = [host('a', { state: 'stopped' }), host('b'), host('c')];
    expect(told(at(599, {}, stopped))).toBe('nothing group-replaces');
  });

  it('and does not although nothing keeps it from that, is replaced for it', () => {
    expect(told(at(600, {}, ONE_DEAD))).toBe('act replacing');
    expect(told(at(600, { suspended: ['HealthCheck'] }, ONE_DEAD))).toBe('refuse group-does-not-replace');
    expect(told(at(600, { checksByElb: true }, ONE_DEAD))).toBe('refuse group-does-not-replace');
  });

  const volumes = { checks: { system: 'ok', instance: 'ok', attachedEbs: 'impaired' } } as const;
  const VOLUMES = [host('a', volumes), host('b'), host('c')];

  it('is none whose volumes fail, where it does not ask for them', () => {
    const decision = at(90, {}, VOLUMES);
    expect(told(decision)).toBe('act replacing');
    expect(decision.because).toBe(
      'i-a status check attachedEbs: impaired, on which its group bastion does not act (it checks by EC2): it is replaced',
    );
    const both = { checks: { ...volumes.checks, instance: 'impaired' } } as const;
    expect(told(at(90, {}, [host('a', both), host('b'), host('c')]))).toBe('nothing group-replaces');
  });

  it('is one whose volumes fail, where it asks for them', () => {
    expect(at(90, { checksByEbs: true }, VOLUMES)).toMatchObject({
      code: 'group-replaces',
      because: 'i-a status check attachedEbs: impaired: its group bastion, which checks by EBS, replaces it',
    });
    expect(told(at(90, { checksByEbs: true }))).toBe('act replacing');
  });

  it('is not ended beside a group that asks Elastic Load Balancing and does not hear of volumes', () => {
    expect(at(90, { checksByElb: true }, VOLUMES)).toMatchObject({
      kind: 'refuse',
      code: 'group-does-not-replace',
      because:
        'i-a status check attachedEbs: impaired, on which its group bastion does not act (it checks by EC2, ELB), and nothing is done beside a group that checks by ELB: let it check by EBS, too, or ask for the host by its id',
    });
    const failing = [host('a', { ...volumes, targets: FAILS }), host('b'), host('c')];
    expect(at(90, { checksByElb: true, checksByEbs: true }, failing).because).toContain('which checks by EBS and ELB,');
  });

  it('is none where it asks EC2 alone, and only the checks of the balancer fail', () => {
    expect(told(at(90, {}))).toBe('act replacing');
    expect(told(at(90, { suspended: ['HealthCheck'] }))).toBe('act replacing');
  });

  it('is none whose group is not known', () => {
    expect(
      told(
        at(90, { name: 'other', checksByElb: true }, [
          host('a', { targets: FAILS, isTagged: true }),
          host('b'),
          host('c'),
        ]),
      ),
    ).toBe('act replacing');
  });

  it('is replaced at once where a person says so', () => {
    expect(told(decided({ hosts: ONE_FAILS, group: { checksByElb: true }, ask: asked('a') }))).toBe('act replacing');
  });
});
