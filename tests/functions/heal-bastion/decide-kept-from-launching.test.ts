/** A group that would launch no other: then no host of it is ended. */

import { describe, expect, it } from 'vitest';
import { asked, decided, FAILS, host, member, since, told } from './fleet-facts.ts';

const HOSTS = [host('a', { targets: FAILS }), host('b'), host('c')];
const OWN_TAG = [host('a', { targets: FAILS, isTagged: true }), host('b'), host('c')];
const memory = since(900, 'a');

it('is told of with the process that is suspended, also where a person asks', () => {
  const group = { suspended: ['AZRebalance', 'Launch'] };
  expect(decided({ hosts: HOSTS, group, memory })).toMatchObject({
    kind: 'refuse',
    code: 'group-does-not-replace',
    because:
      'i-a unhealthy (Target.FailedHealthChecks) at port 22, and its group bastion would launch no other (suspended: Launch)',
  });
  expect(told(decided({ group, ask: asked('b') }))).toBe('refuse group-does-not-replace');
});

it.each(['HealthCheck', 'ReplaceUnhealthy'])(
  'is one whose %s is suspended, where the host is ended by itself',
  (process) => {
    const suspended = [process];
    const ended = decided({ hosts: OWN_TAG, group: { suspended, isTagged: false }, memory });
    expect(told(ended)).toBe('refuse group-does-not-replace');
    expect(told(decided({ hosts: OWN_TAG, group: { suspended }, memory }))).toBe('act replacing');
  },
);

const VPN = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/vpn/0123456789abcdef';
const DETACH = `aws autoscaling detach-load-balancer-target-groups --cli-input-json '{"AutoScalingGroupName":"bastion","TargetGroupARNs":["${VPN}"]}'`;
const GONE = { goneTargetGroups: [{ arn: VPN, isTrafficSource: false }] };
const FAILS_EACH = `each launch of its group bastion fails, for it names ${VPN}, which is gone: ${DETACH}`;

describe('a group that names a target group that is gone', () => {
  it('is told of with what detaches it, also where a person asks', () => {
    expect(decided({ hosts: HOSTS, group: GONE, memory })).toMatchObject({
      kind: 'refuse',
      code: 'target-group-gone',
      because: `i-a unhealthy (Target.FailedHealthChecks) at port 22, and ${FAILS_EACH}`,
    });
    expect(told(decided({ group: GONE, ask: asked('b') }))).toBe('refuse target-group-gone');
    const source = { goneTargetGroups: [{ arn: VPN, isTrafficSource: true }] };
    expect(decided({ hosts: HOSTS, group: source, memory }).because).toContain(
      `aws autoscaling detach-traffic-sources --cli-input-json '{"AutoScalingGroupName":"bastion","TrafficSources":[{"Identifier":"${VPN}"}]}'`,
    );
  });

  it('is named so that a shell that gets the command sees one word in its name', () => {
    const [, ...hosts] = HOSTS;
    const group = { ...GONE, name: `x'; touch y; '`, members: 2 };
    expect(decided({ hosts, group }).because).toContain(String.raw`'{"AutoScalingGroupName":"x'\''; touch y; '\''",`);
  });

  it('is not given time to replace anybody', () => {
    expect(told(decided({ hosts: HOSTS, group: { ...GONE, checksByElb: true }, memory: since(90, 'a') }))).toBe(
      'refuse target-group-gone',
    );
  });

  it('gets none of those whom it lacks', () => {
    const [, ...hosts] = HOSTS;
    expect(decided({ hosts, group: { ...GONE, members: 2 } })).toMatchObject({
      kind: 'refuse',
      code: 'target-group-gone',
      because: `bastion has 2 of 3 members, and ${FAILS_EACH}`,
    });
    expect(told(decided({ hosts, group: { members: 2 } }))).toBe('nothing in-flight');
    expect(told(decided({ group: GONE }))).toBe('nothing healthy');
  });
});

it('is none for what it does not need', () => {
  expect(told(decided({ hosts: HOSTS, group: { suspended: ['AZRebalance'] }, memory }))).toBe('act replacing');
});

it('is left alone by a person who names a host that is out of service', () => {
  const hosts = [...HOSTS.slice(1), host('d', { membership: member('Standby'), targets: [] })];
  expect(decided({ hosts, ask: asked('d') })).toMatchObject({
    kind: 'refuse',
    code: 'not-in-service',
    because: 'i-d is Standby in bastion: put it back, or end it, by your own hand',
  });
});
