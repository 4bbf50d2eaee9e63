/** Who leaves is waited for, and not for ever: others go on, and it is told. */

import { expect, it } from 'vitest';
import { ago, asked, decided, DRAINS, FAILS, host, INITIAL, member, since, taken, told } from './fleet-facts.ts';

// What draining takes, and five minutes.
const DRAINED_SECONDS = 600;
// What draining takes, and a hook of an hour.
const HOOKED_SECONDS = 3_900;

const DRAINING = [host('a'), host('b'), host('c', { targets: DRAINS })];
const ENDING = [host('a'), host('b'), host('c', { membership: member('Terminating:Wait') })];
const FAILING = host('a', { targets: FAILS });

function leaving(seconds: number): { readonly [key: string]: string } {
  return { 'since:leaving/i-c': ago(seconds) };
}

it.each([
  ['drains', DRAINING, DRAINED_SECONDS, 'i-c draining (Target.DeregistrationInProgress) at port 22'],
  ['is waited for by a hook', ENDING, HOOKED_SECONDS, 'i-c is Terminating:Wait'],
])('is told of when it %s for longer than that takes', (_what, hosts, seconds, why) => {
  expect(told(decided({ hosts, memory: leaving(seconds - 1) }))).toBe('nothing in-flight');
  expect(decided({ hosts, memory: leaving(seconds) })).toMatchObject({
    kind: 'refuse',
    code: 'leaving-late',
    because: `${why}, for ${seconds} s: look at what keeps it, as a lifecycle hook of its group; others are replaced beside it`,
    attention: true,
  });
});

it('is remembered from its first moment, and forgotten when it is over', () => {
  expect(decided({ hosts: DRAINING }).remember).toEqual({ 'since:leaving/i-c': ago(0) });
  expect(decided({ memory: leaving(100) }).remember).toEqual({ 'since:leaving/i-c': null });
});

it('holds nobody up any more', () => {
  const hosts = [FAILING, ...ENDING.slice(1), host('d')];
  const at = (seconds: number, more = {}) =>
    told(decided({ hosts, memory: { ...since(900, 'a'), ...leaving(seconds) }, ...more }));
  expect(at(HOOKED_SECONDS - 1)).toBe('nothing in-flight');
  expect(at(HOOKED_SECONDS)).toBe('act replacing');
  expect(at(HOOKED_SECONDS - 1, { ask: asked('b') })).toBe('nothing in-flight');
  expect(at(HOOKED_SECONDS, { ask: asked('b') })).toBe('act replacing');
});

it('keeps no host that is out from being ended, nor a replacement from being told', () => {
  const out = [host('a', { targets: DRAINS }), ...ENDING.slice(1), host('d')];
  const note = taken('a', 200, { wasHealthy: false });
  expect(told(decided({ hosts: out, note, memory: leaving(100) }))).toBe('wait in-flight');
  expect(told(decided({ hosts: out, note, memory: leaving(HOOKED_SECONDS) }))).toBe('act ending');
  const ended = taken('a', 400, { endedAt: ago(240) });
  expect(told(decided({ hosts: ENDING.slice(1), note: ended, memory: leaving(100) }))).toBe('wait replacement-coming');
  expect(told(decided({ hosts: ENDING.slice(1), note: ended, memory: leaving(HOOKED_SECONDS) }))).toBe(
    'nothing replaced',
  );
});

it('is no reason to go on beside another that comes', () => {
  const hosts = [host('a', { targets: INITIAL }), ...ENDING.slice(1)];
  expect(told(decided({ hosts, memory: leaving(HOOKED_SECONDS) }))).toBe('nothing in-flight');
});
