/** Whose turn it is in an Auto Scaling group that registers in several fleets. */

import { expect, it } from 'vitest';
import {
  ago,
  alone,
  decided,
  DRAINS,
  FAILS,
  host,
  saidNo,
  since,
  standby,
  taken,
  told,
  WINDOW_FULL,
} from './fleet-facts.ts';

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

it('is claimed with the host that is put into standby, and left alone while another fleet has it', () => {
  const looped = (...refusals: readonly ReturnType<typeof saidNo>[]) =>
    decided({ hosts: HOSTS, memory, refusals: [WINDOW_FULL, ...refusals] });
  expect(looped()).toMatchObject({ code: 'keeping', claims: ['group/bastion'] });
  expect(looped(no('bastion', 59))).toMatchObject({
    kind: 'nothing',
    code: 'in-flight',
    because:
      '3 hosts were replaced within 3600 s, and i-a unhealthy (Target.FailedHealthChecks) at port 22: what is launched does not come to serve; another target group of bastion has a host of it replaced (targetgroup/web has it): one at a time',
  });
  expect(told(looped(no('bastion', 60)))).toBe('act keeping');
});

it('is not waited for where it was announced that a host is put into standby, and the claim was denied', () => {
  const note = { kept: 'i-a', at: ago(0), run: 'run-1', why: '3 hosts were replaced' };
  const announced = (...refusals: readonly ReturnType<typeof saidNo>[]) =>
    told(decided({ hosts: HOSTS, memory, note, refusals: [WINDOW_FULL, ...refusals] }));
  expect(announced()).toBe('wait keeping');
  expect(announced(no('web'))).toBe('wait keeping');
  expect(announced(no('bastion'))).toBe('nothing in-flight');
});
