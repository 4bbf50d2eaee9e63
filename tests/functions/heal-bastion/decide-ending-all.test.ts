/** A group that asks the load balancer, too, where all hosts fail alike: it ends them, and a person alone can stop that. */

import { expect, it } from 'vitest';
import type { Group } from '../../../functions/heal-bastion/decide.ts';
import { decided, FAILS, host } from './fleet-facts.ts';
import { group, network, permission, reach } from './network-facts.ts';

const HOSTS = ['a', 'b', 'c'].map((letter) => host(letter, { targets: FAILS }));
const OFFICE = group('sg-host', [permission(['198.51.100.0/24'])]);
const SHUT = network({ reaches: [reach('a', { groups: [OFFICE] }), reach('b', { groups: [OFFICE] })] });
const ADVICE =
  'Their group bastion checks by ELB and ends them all the same: suspend its process ReplaceUnhealthy until that is mended';

function advised(more: Partial<Group>, shut = false): boolean {
  return decided({ hosts: HOSTS, group: more, ...(shut ? { network: SHUT } : {}) }).because.endsWith(`. ${ADVICE}`);
}

it('is told of with what stops it, whether a rule is to blame or not', () => {
  expect(decided({ hosts: HOSTS, network: SHUT }).code).toBe('health-check-blocked');
  expect(decided({ hosts: HOSTS }).code).toBe('all-unhealthy');
  expect([advised({ checksByElb: true }), advised({ checksByElb: true }, true)]).toEqual([true, true]);
});

it('is not where it asks EC2 alone', () => {
  expect([advised({}), advised({}, true)]).toEqual([false, false]);
});

it.each(['HealthCheck', 'ReplaceUnhealthy', 'Terminate'])('is not where its process %s is suspended', (process) => {
  expect(advised({ checksByElb: true, suspended: [process] })).toBe(false);
});

it('is where another process is suspended', () => {
  expect(advised({ checksByElb: true, suspended: ['AZRebalance'] })).toBe(true);
});
