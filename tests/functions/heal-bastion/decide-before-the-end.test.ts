/** What has come to speak against the end of a host while people were waited for. */

import { expect, it } from 'vitest';
import type { Group, Host } from '../../../functions/heal-bastion/decide.ts';
import { decided, DRAINS, host, taken, told } from './fleet-facts.ts';

const VPN = 'targetgroup/vpn/0123456789abcdef';

/** What becomes of a host that was out for so long, and that nobody is on. */
const after = (seconds: number, more: Partial<Host>, group: Partial<Group> = {}) =>
  decided({
    hosts: [host('a', { targets: DRAINS, ...more }), host('b'), host('c')],
    group,
    note: taken('a', seconds, { wasHealthy: false }),
  });

it.each<[string, Partial<Host>, Partial<Group>]>([
  [`i-a is the last healthy host of ${VPN}`, { lastIn: [VPN] }, {}],
  [
    'i-a is deregistered, and its group bastion would launch no other (suspended: Launch)',
    {},
    { suspended: ['Launch'] },
  ],
])('puts it back: %s', (why, more, group) => {
  expect(told(after(150, {}))).toBe('act ending');
  const decision = after(150, more, group);
  expect(told(decision)).toBe('act putting-back');
  expect(decision.because).toBe(`${why}: i-a is registered again`);
});

it('has it wait while it may be the last that serves elsewhere, and puts it back in the end', () => {
  expect(after(4_799, { untoldIn: [VPN] })).toMatchObject({
    kind: 'wait',
    code: 'unknown-elsewhere',
    because: `i-a is deregistered, and may be the last healthy host of ${VPN}, whose health nobody tells`,
    evidence: { replacing: 'i-a' },
    seconds: 30,
  });
  const late = after(4_800, { untoldIn: [VPN] });
  expect(told(late)).toBe('act putting-back');
  expect(late.because).toBe(
    `i-a may be the last healthy host of ${VPN}, whose health nobody tells: i-a is registered again`,
  );
});
