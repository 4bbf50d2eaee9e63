/** A group that would launch no other: then no host of it is ended. */

import { expect, it } from 'vitest';
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
