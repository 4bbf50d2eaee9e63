/** Whose turn it is in an Auto Scaling group that registers in several fleets. */

import { expect, it } from 'vitest';
import { ago, alone, decided, DRAINS, FAILS, host, saidNo, since, standby, taken, told } from './fleet-facts.ts';

const HOSTS = [host('a', { targets: FAILS }), host('b'), host('c')];
const memory = since(900, 'a');
const CLAIMED = { name: 'Claimed', message: 'targetgroup/web has it' } as const;
const no = (group: string, seconds = 0) =>
  saidNo('ledger:claim', { claim: `group/${group}` }, { ...CLAIMED, at: ago(seconds) });

it('is claimed with the host that is taken out, and with its end', () => {
  expect(decided({ hosts: HOSTS, memory })).toMatchObject({ code: 'replacing', claims: ['group/bastion'] });
  const out = [host('a', { targets: DRAINS }), host('b'), host('c')];
  const note = taken('a', 150, { wasHealthy: false });
  expect(decided({ hosts: out, note })).toMatchObject({ code: 'ending', claims: ['group/bastion'] });
});

it('is nobody’s where a standby is registered', () => {
  const hosts = [alone('a', { targets: FAILS }), host('b'), standby('d')];
  const decision = decided({ hosts, memory });
  expect(told(decision)).toBe('act standing-in');
  expect(decision).not.toHaveProperty('claims');
});

it('is another fleet’s for a minute after the ledger has said so', () => {
  expect(decided({ hosts: HOSTS, memory, refusals: [no('bastion', 59)] })).toMatchObject({
    kind: 'nothing',
    code: 'in-flight',
    because:
      'i-a unhealthy (Target.FailedHealthChecks) at port 22; another target group of bastion has a host of it replaced (targetgroup/web has it): one at a time',
  });
  expect(told(decided({ hosts: HOSTS, memory, refusals: [no('bastion', 60)] }))).toBe('act replacing');
  expect(told(decided({ hosts: HOSTS, memory, refusals: [no('web')] }))).toBe('act replacing');
});

it('is waited for with a host that is out, which is put back in the end', () => {
  const out = [host('a', { targets: DRAINS }), host('b'), host('c')];
  const after = (seconds: number) =>
    told(decided({ hosts: out, note: taken('a', seconds, { wasHealthy: false }), refusals: [no('bastion')] }));
  expect(after(150)).toBe('wait in-flight');
  expect(after(4_800)).toBe('act putting-back');
});
