/** Whether each zone of the load balancer has a host. */

import { describe, expect, it } from 'vitest';
import { alone, decided, DRAINS, FAILS, GROUP, host, IMPAIRED, target, TARGET_GROUP, told } from './fleet-facts.ts';

const TWO = [host('a'), host('b')];
const SUITS = { desired: 2, members: 2 };

describe('a zone that nobody serves', () => {
  it('is told, with a group that does not launch there', () => {
    const zones = ['eu-west-1a', 'eu-west-1b'];
    expect(decided({ hosts: TWO, group: { ...SUITS, zones } })).toMatchObject({
      kind: 'refuse',
      code: 'zone-unserved',
      because:
        'no healthy host of targetgroup/bastion/73e2d6bc24d8a067 in eu-west-1c (no group launches in eu-west-1c; its groups want 2 hosts for 3 zones)',
      evidence: { unserved: ['eu-west-1c'] },
      metrics: { HealthyHosts: 2, ZonesUnserved: 1 },
      attention: true,
    });
  });

  it('is told with groups that want fewer hosts than there are zones', () => {
    expect(decided({ hosts: TWO, group: SUITS }).because).toBe(
      'no healthy host of targetgroup/bastion/73e2d6bc24d8a067 in eu-west-1c (its groups want 2 hosts for 3 zones)',
    );
    const groups = [
      { ...GROUP, desired: 2, members: 2, zones: ['eu-west-1a'] },
      { ...GROUP, name: 'other', desired: 1, members: 1, zones: ['eu-west-1b', 'eu-west-1c'] },
    ];
    const twin = { ...host('c'), zone: 'eu-west-1a' };
    expect(decided({ hosts: [...TWO, twin], groups }).because).toBe(
      'no healthy host of targetgroup/bastion/73e2d6bc24d8a067 in eu-west-1c',
    );
  });

  it('is told with all zones in which no group launches', () => {
    const group = { desired: 3, members: 3, zones: ['eu-west-1a'] };
    expect(decided({ hosts: [host('a')], group }).because).toBe(
      'no healthy host of targetgroup/bastion/73e2d6bc24d8a067 in eu-west-1b, eu-west-1c (no group launches in eu-west-1b, eu-west-1c)',
    );
  });

  it('is told where nobody serves at all although hosts are wanted', () => {
    const hosts = [host('a', { targets: [] })];
    expect(told(decided({ hosts, group: { desired: 1, members: 1 } }))).toBe('refuse zone-unserved');
  });

  it('is told with hosts of which nothing certain is said', () => {
    const hosts = [
      host('a'),
      host('b'),
      host('c', { targets: [target({ state: 'unused', reason: 'Target.NotInUse' })] }),
    ];
    expect(decided({ hosts }).because).toBe(
      'no healthy host of targetgroup/bastion/73e2d6bc24d8a067 in eu-west-1c (i-c unused (Target.NotInUse) at port 22)',
    );
  });

  it('is told of hosts that no group launches', () => {
    const hosts = [alone('a'), { ...alone('b'), zone: 'eu-west-1f' }];
    expect(decided({ hosts, group: null })).toMatchObject({
      code: 'zone-unserved',
      because: 'no healthy host of targetgroup/bastion/73e2d6bc24d8a067 in eu-west-1b, eu-west-1c',
    });
    expect(told(decided({ hosts: [], group: null }))).toBe('refuse zone-unserved');
  });

  it('is not told while somebody comes or goes', () => {
    expect(told(decided({ hosts: [...TWO, host('c', { targets: DRAINS })] }))).toBe('nothing in-flight');
  });

  it('is not told while a host is bad: that is', () => {
    expect(told(decided({ hosts: [...TWO, host('c', { targets: FAILS })] }))).toBe('nothing doubtful');
    expect(told(decided({ hosts: [...TWO, host('c', { checks: IMPAIRED })] }))).toBe('nothing doubtful');
  });
});

describe('a fleet that is meant to be empty', () => {
  it('needs nobody', () => {
    expect(decided({ hosts: [], group: { desired: 0, members: 0, minSize: 0 } })).toMatchObject({
      kind: 'nothing',
      code: 'healthy',
      because: '0 hosts of targetgroup/bastion/73e2d6bc24d8a067 serve',
    });
  });

  it('is none in which somebody serves', () => {
    expect(told(decided({ hosts: [alone('a')], group: { desired: 0, members: 0 } }))).toBe('refuse zone-unserved');
  });
});

describe('a load balancer that balances across zones', () => {
  const { balancer } = TARGET_GROUP;
  const targetGroup = { balancer: balancer === null ? null : { ...balancer, isCrossZone: true } };

  it('serves all of them while one host is healthy', () => {
    expect(decided({ hosts: [host('a')], group: { desired: 1, members: 1 }, targetGroup })).toMatchObject({
      kind: 'nothing',
      code: 'healthy',
      evidence: { zones: { 'eu-west-1a': 1, 'eu-west-1b': 0, 'eu-west-1c': 0 } },
      metrics: { HealthyHosts: 1, ZonesUnserved: 0 },
    });
  });

  it('serves none of them without any', () => {
    expect(decided({ hosts: [], group: null, targetGroup })).toMatchObject({
      code: 'zone-unserved',
      evidence: { unserved: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] },
      metrics: { ZonesUnserved: 3 },
    });
  });
});

describe('a load balancer', () => {
  it('has the zones that it has', () => {
    const { balancer } = TARGET_GROUP;
    const targetGroup = { balancer: balancer === null ? null : { ...balancer, zones: ['eu-west-1b'] } };
    expect(decided({ hosts: TWO, group: SUITS, targetGroup })).toMatchObject({
      code: 'healthy',
      evidence: { zones: { 'eu-west-1b': 1 } },
    });
  });
});
