/** What should have come long ago: nobody waits for it for ever without a word. */

import { expect, it } from 'vitest';
import { ago, asked, decided, FAILS, host, INITIAL, since, told } from './fleet-facts.ts';

const STARTING = [host('a'), host('b'), host('c', { targets: INITIAL })];
// Twenty minutes, and what draining takes.
const LATE_SECONDS = 1_500;

function starting(seconds: number): { readonly [key: string]: string } {
  return { 'since:starting/i-c': ago(seconds) };
}

function short(seconds: number): { readonly [key: string]: string } {
  return { 'since:short/bastion': ago(seconds) };
}

it('is a host that does not come to serve', () => {
  expect(told(decided({ hosts: STARTING, memory: starting(LATE_SECONDS - 1) }))).toBe('nothing in-flight');
  expect(decided({ hosts: STARTING, memory: starting(LATE_SECONDS) })).toMatchObject({
    kind: 'refuse',
    code: 'launch-late',
    because: 'i-c initial (Elb.RegistrationInProgress) at port 22, for 1500 s: it does not come to serve',
  });
});

it('is a group that does not launch', () => {
  const group = { members: 2 };
  expect(told(decided({ group, memory: short(LATE_SECONDS - 1) }))).toBe('nothing in-flight');
  expect(decided({ group, memory: short(LATE_SECONDS) })).toMatchObject({
    kind: 'refuse',
    code: 'launch-late',
    because: 'bastion has 2 of 3 members for 1500 s: look at its activities',
  });
});

it('is told in what its group counts', () => {
  const group = { members: 4, desired: 6, isWeighted: true };
  const words = 'bastion has 4 of 6 units of capacity, by the weights of its members';
  expect(decided({ group, memory: short(LATE_SECONDS) }).because).toBe(`${words} for 1500 s: look at its activities`);
  expect(decided({ group }).because).toBe(`${words}: another is on its way`);
});

it('is nothing that was late once', () => {
  expect(told(decided({ memory: { ...starting(9_000), ...short(9_000) } }))).toBe('nothing healthy');
});

it('is later where its group leaves a new host alone for longer', () => {
  const group = { graceSeconds: 3_600 };
  expect(told(decided({ hosts: STARTING, group, memory: starting(3_599) }))).toBe('nothing in-flight');
  expect(told(decided({ hosts: STARTING, group, memory: starting(3_600) }))).toBe('refuse launch-late');
});

it('keeps others from being replaced, also by hand', () => {
  const hosts = [host('a', { targets: FAILS }), ...STARTING.slice(1)];
  const memory = { ...since(900, 'a'), ...starting(LATE_SECONDS) };
  expect(told(decided({ hosts, memory }))).toBe('refuse launch-late');
  expect(told(decided({ hosts, memory, ask: asked('a') }))).toBe('refuse launch-late');
});
