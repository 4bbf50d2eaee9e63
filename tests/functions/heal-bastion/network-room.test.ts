/** How much of a network is kept. */

import { expect, it } from 'vitest';
import { withinRoom } from '../../../functions/heal-bastion/aws/network-room.ts';
import { EVERYBODY, group, network, permission, reach } from './network-facts.ts';

/** So many hosts, each with rules of its own. */
function fleetOf(count: number, rules: number) {
  const reaches = Array.from({ length: count }, (_none, index) => {
    const cidrs = Array.from({ length: rules }, (_no, rule) => `198.51.100.${rule}/32`);
    const own = group(`sg-${index}`, [permission(cidrs)], { outbound: [] });
    return reach('a', { host: `i-${index}`, groups: [own] });
  });
  return network({ reaches, balancerGroups: [group('sg-nlb', [], { outbound: [permission(EVERYBODY)] })] });
}

it('is all of it where there is room', () => {
  const whole = fleetOf(100, 10);
  expect(withinRoom(whole)).toEqual(whole);
});

it('is that of the first hosts, and of nobody in part, where there is none for all', () => {
  const kept = withinRoom(fleetOf(200, 60));
  const ids = kept.reaches.map(({ host }) => host);
  expect(ids).toEqual(Array.from({ length: ids.length }, (_none, index) => `i-${index}`));
  expect(kept.leftOut).toHaveLength(200 - ids.length);
  expect(kept.leftOut[0]).toBe(`i-${ids.length}`);
  expect(kept.securityGroups.map(({ id }) => id).toSorted()).toEqual(
    ['sg-nlb', ...ids.map((id) => id.replace('i-', 'sg-'))].toSorted(),
  );
  expect(JSON.stringify(kept).length).toBeGreaterThan(90_000);
  expect(JSON.stringify(kept).length).toBeLessThan(110_000);
});

it('is that of one host in any case', () => {
  const kept = withinRoom(fleetOf(2, 7_000));
  expect([kept.reaches.map(({ host }) => host), kept.leftOut]).toEqual([['i-0'], ['i-1']]);
});

it('counts once what several hosts have in common', () => {
  const own = group('sg-host', [permission(Array.from({ length: 250 }, (_none, rule) => `198.51.100.${rule}/32`))]);
  const reaches = Array.from({ length: 200 }, (_none, index) => reach('a', { host: `i-${index}`, groups: [own] }));
  expect(withinRoom(network({ reaches })).leftOut).toEqual([]);
});
