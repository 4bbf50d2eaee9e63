/** The one that is kept of a row of failures: a person is told, and it is no success. */

import { expect, it } from 'vitest';
import { ago, asked, decided, FAILS, host, member, saidNo, since, told } from './fleet-facts.ts';

const NOTE = { kept: 'i-a', at: ago(10), run: 'run-1', why: '3 hosts were replaced' };
const kept = (lifecycleState: string) => [
  host('a', { membership: member(lifecycleState), targets: [] }),
  host('b'),
  host('c'),
];

it.each(['Standby', 'EnteringStandby'])('is told of, and it is over with that: %s', (lifecycleState) => {
  expect(decided({ hosts: kept(lifecycleState), note: NOTE })).toMatchObject({
    kind: 'refuse',
    code: 'crash-loop',
    because:
      '3 hosts were replaced; i-a is kept in standby: look at it, and end it or put it back. Until then no host is replaced',
    evidence: { kept: 'i-a' },
    remember: { kept: 'i-a' },
    attention: true,
    over: true,
  });
});

it('is waited for until it shows, and judged anew where it never does', () => {
  const hosts = [host('a', { targets: FAILS }), host('b'), host('c')];
  const at = (seconds: number, more = {}) =>
    decided({ hosts, note: { ...NOTE, at: ago(seconds) }, memory: since(900, 'a'), ...more });
  expect(at(59)).toMatchObject({
    kind: 'wait',
    code: 'keeping',
    because: 'i-a is put into standby, and that does not show yet',
    seconds: 15,
  });
  expect(told(at(60))).toBe('act replacing');
  expect(told(at(10, { refusals: [saidNo('autoscaling:EnterStandby')] }))).toBe('act replacing');
  expect(told(at(10, { run: 'run-2' }))).toBe('act replacing');
});

it("of another run is that one's, unless it may be dead", () => {
  const note = { ...NOTE, run: 'run-0' };
  const ask = { kind: 'look', by: 'alarm bastion-unhealthy', isTick: false } as const;
  expect(told(decided({ hosts: kept('Standby'), note, ask }))).toBe('nothing another-run');
  expect(told(decided({ hosts: kept('Standby'), note }))).toBe('refuse crash-loop');
  expect(told(decided({ hosts: kept('Standby'), note: { ...NOTE, run: 1 }, ask: asked('b') }))).toBe(
    'refuse crash-loop',
  );
});

it.each([{ kept: 1 }, { at: 1 }, { why: 1 }])('is none by a note that says %j', (more) => {
  expect(told(decided({ note: { ...NOTE, ...more } }))).toBe('nothing healthy');
});
