import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

const ID = '11111111-1111-4111-8111-111111111111';
const SET = {
  Name: 'edge-v4',
  Id: ID,
  IPAddressVersion: 'IPV4',
  Addresses: ['192.0.2.44/32'],
  LockToken: '22222222-2222-4222-8222-222222222222',
};
const NAMED = { Name: 'edge-v4', Id: ID, Scope: 'REGIONAL' };

function begin(more: Shape = {}): ServiceWorld {
  return serviceWorld({ wafv2: { IPSets: [{ ...SET, ...more }] } });
}

function tokenOf({ call }: ServiceWorld): unknown {
  return call('wafv2:GetIPSet', NAMED)['LockToken'];
}

function update(world: ServiceWorld, addresses: readonly string[], token = tokenOf(world)): Shape {
  return world.call('wafv2:UpdateIPSet', { ...NAMED, Addresses: [...addresses], LockToken: token });
}

function addressesOf({ call }: ServiceWorld): unknown {
  const set: unknown = call('wafv2:GetIPSet', NAMED)['IPSet'];
  return typeof set === 'object' && set !== null && 'Addresses' in set ? set.Addresses : undefined;
}

function nameOf(work: () => unknown): string {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

describe('an IP set', () => {
  it('is replaced as a whole, and has another token afterwards', () => {
    const world = begin();
    const { NextLockToken: next } = update(world, ['198.51.100.0/24', '198.51.100.9/32']);
    expect(addressesOf(world)).toEqual(['198.51.100.0/24', '198.51.100.9/32']);
    expect(tokenOf(world)).toBe(next);
    expect(next).not.toBe(SET.LockToken);
  });

  it('is not written under a token that is not the last', () => {
    const world = begin();
    expect(nameOf(() => update(world, [], '33333333-3333-4333-8333-333333333333'))).toBe('WAFOptimisticLockException');
    expect(addressesOf(world)).toEqual(['192.0.2.44/32']);
  });

  it('has another token once a script has edited it', () => {
    const world = begin();
    world.set('wafv2/IPSets/edge-v4/Addresses/+', '192.0.2.45/32');
    expect(addressesOf(world)).toEqual(['192.0.2.44/32', '192.0.2.45/32']);
    expect(nameOf(() => update(world, [], SET.LockToken))).toBe('WAFOptimisticLockException');
    world.set('wafv2/IPSets/edge-v4/Addresses/-', '192.0.2.44/32');
    expect(addressesOf(world)).toEqual(['192.0.2.45/32']);
  });

  it('is unknown by another id', () => {
    const { call } = begin();
    const Id = '44444444-4444-4444-8444-444444444444';
    expect(nameOf(() => call('wafv2:GetIPSet', { ...NAMED, Id }))).toBe('WAFNonexistentItemException');
  });

  it.each([
    ['host bits', '195.178.188.66/29'],
    ['all there is', '0.0.0.0/0'],
    ['the other family', '2001:db8::/32'],
    ['no prefix', '198.51.100.9'],
    ['nothing', ''],
  ])('takes no address with %s', (_what, address) => {
    const world = begin();
    expect(nameOf(() => update(world, ['198.51.100.9/32', address]))).toBe('WAFInvalidParameterException');
    expect(addressesOf(world)).toEqual(['192.0.2.44/32']);
  });

  it('takes ten thousand addresses, and not one more', () => {
    const world = begin();
    const many = Array.from({ length: 10_001 }, (_none, index) => `100.${index >> 8}.${index & 255}.1/32`);
    expect(nameOf(() => update(world, many))).toBe('WAFLimitsExceededException');
    world.pass(1);
    expect(nameOf(() => update(world, many.slice(1)))).toBe('nothing thrown');
  });

  it('reads IPv6 back with all its digits', () => {
    const world = begin({ IPAddressVersion: 'IPV6', Addresses: ['2001:db8::111/128'] });
    expect(addressesOf(world)).toEqual(['2001:0db8:0000:0000:0000:0000:0000:0111/128']);
  });
});

describe('the quota of requests', () => {
  it('is one write a second, from all callers together', () => {
    const world = begin();
    update(world, []);
    expect(nameOf(() => update(world, []))).toBe('ThrottlingException');
    world.pass(1);
    expect(nameOf(() => update(world, []))).toBe('nothing thrown');
  });

  it('is five readings a second', () => {
    const world = begin();
    const read = (): string => nameOf(() => world.call('wafv2:GetIPSet', NAMED));
    expect([read(), read(), read(), read(), read(), read()]).toEqual([
      ...Array.from({ length: 5 }, () => 'nothing thrown'),
      'ThrottlingException',
    ]);
  });
});
