/** What was refused in a run, or announced by another, and what of an address it rules out; and where an address may go. */

import { describe, expect, it } from 'vitest';
import {
  announcedPlaces,
  claimedPlaces,
  isAnnounced,
  refusedBudget,
  refusedInstance,
  refusedPlaces,
  refusedStop,
} from '../../../functions/reassign-elastic-ip/decide/refusals.ts';
import {
  demandInWords,
  demandOf,
  freePlaces,
  isMakeshift,
  isOnMakeshift,
  makeshiftMemory,
  memoryOf,
  presentKind,
  suitablePlaces,
  type Demand,
  type Tenant,
} from '../../../functions/reassign-elastic-ip/decide/places.ts';
import type { PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import type { Refusal } from '../../../shared/kernel/decision.ts';
import { address, ago, facts, history, machine, NOW, slot } from './elastic-ip-facts.ts';

function refusal(change: Partial<Refusal> = {}): Refusal {
  return {
    call: 'ec2:AssociateAddress',
    input: { NetworkInterfaceId: 'eni-b', PrivateIpAddress: '10.0.0.2' },
    meaning: 'refused',
    name: 'AuthFailure',
    message: 'not yours',
    at: NOW,
    ...change,
  };
}

describe('a place that EC2 has refused', () => {
  const refused = (...refusals: readonly Refusal[]) => refusedPlaces({ ...facts(), refusals });

  it('is out of the question with its whole instance, or by itself where its interface has not the address', () => {
    const why = (name: string) => `EC2 will not have the address there (${name}: not yours)`;
    const place = { interfaceId: 'eni-b', privateIp: '10.0.0.2' };
    expect(refused(refusal(), refusal({ name: 'InvalidParameterValue' }))).toEqual([
      { ...place, isPlaceOnly: false, why: why('AuthFailure') },
      { ...place, isPlaceOnly: true, why: why('InvalidParameterValue') },
    ]);
  });
  it('is none that another call was about, or that it was too early for', () => {
    expect(refused(refusal({ call: 'ec2:CreateTags' }), refusal({ meaning: 'conflict' }))).toEqual([]);
    expect(refusedPlaces(facts())).toEqual([]);
    expect(refused(refusal({ input: { NetworkInterfaceId: 7 } }))).toMatchObject([{ interfaceId: '', privateIp: '' }]);
  });
  it('rules out the instance whose interface it is on, unless it is that place alone', () => {
    const b = machine('b', { slots: [slot('eni-b', '10.0.0.2'), slot('eni-b2', '10.0.0.3')] });
    const [whole, alone] = refused(refusal(), refusal({ name: 'InvalidParameterValue' }));
    if (whole === undefined || alone === undefined) throw new Error('two were refused');
    expect(refusedInstance([alone, whole], b)).toBe(whole);
    expect(refusedInstance([alone], b)).toBeUndefined();
    expect(refusedInstance([whole], machine('c'))).toBeUndefined();
    expect(refusedInstance([], b)).toBeUndefined();
  });
});

describe('what else was refused', () => {
  it('is another move, by the budget', () => {
    const budget = refusal({ call: 'ledger:acquire', name: 'cooldown' });
    expect(refusedBudget({ ...facts(), refusals: [refusal(), budget] })).toBe(budget);
    expect(refusedBudget({ ...facts(), refusals: [refusal()] })).toBeUndefined();
    expect(refusedBudget(facts())).toBeUndefined();
  });
  it('is to stop an instance, and that one alone', () => {
    const stop = refusal({ call: 'ec2:StopInstances', input: { InstanceIds: ['i-a'] } });
    const asked = (change: Partial<Refusal>, id = 'i-a') =>
      refusedStop({ ...facts(), refusals: [refusal(), { ...stop, ...change }] }, id);
    expect(asked({})).toEqual(stop);
    expect(asked({}, 'i-b')).toBeUndefined();
    expect(asked({ meaning: 'conflict' })).toBeUndefined();
    expect(asked({ call: 'ec2:CreateTags' })).toBeUndefined();
    expect(refusedStop(facts(), 'i-a')).toBeUndefined();
  });
});

describe('a place that another address', () => {
  const siblings = [address(), address({ allocationId: 'eipalloc-2' })];
  const ARN = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip';

  it('was quicker to claim is known with that address, as far as this run sees it', () => {
    const claim = (message: string) => refusal({ call: 'ledger:claim', input: { claim: 'eni-b/10.0.0.2' }, message });
    const claimed = claimedPlaces({
      ...facts(),
      siblings,
      refusals: [
        claim(`held by ${ARN}/eipalloc-2 until noon`),
        claim(`held by ${ARN}/eipalloc-22 until noon`),
        refusal(),
      ],
    });
    expect(claimed).toEqual([
      { place: 'eni-b/10.0.0.2', by: 'eipalloc-2' },
      { place: 'eni-b/10.0.0.2', by: '' },
    ]);
    expect(claimedPlaces({ ...facts(), siblings })).toEqual([]);
  });
  it('has announced is its own for two and a half minutes', () => {
    const note = { interfaceId: 'eni-b', privateIp: '10.0.0.2' };
    const announced = (target: string, at: string) =>
      announcedPlaces({ ...facts(), siblings, announced: [{ target, intent: 'x', at, note }] }, NOW);
    expect(announced(`${ARN}/eipalloc-2`, ago(150))).toEqual([{ place: 'eni-b/10.0.0.2', by: 'eipalloc-2' }]);
    expect(announced(`${ARN}/eipalloc-2`, ago(151))).toEqual([]);
    expect(announced(`${ARN}/${address().allocationId}`, NOW)).toEqual([]);
    expect(announced(`${ARN}/eipalloc-9`, NOW)).toEqual([]);
    expect(announcedPlaces({ ...facts(), siblings }, NOW)).toEqual([]);
  });
  it('says in its tags that it goes to is that instance’s for fifty seconds', () => {
    const saying = (announcedTo: string | null, movedAt: string | null) =>
      isAnnounced(address({ announcedTo, movedAt }), machine('b'), NOW);
    expect([saying('i-b', ago(50)), saying('i-b', ago(51)), saying('i-a', NOW), saying('i-b', null)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

const ETH1 = { deviceIndex: 1 } as const;
const SLOTS: readonly PrivateSlot[] = [
  slot('eni-0', '10.0.0.1'),
  slot('eni-0', '10.0.0.2', { isPrimary: false, ordinal: 0 }),
  slot('eni-0', '10.0.0.3', { isPrimary: false, ordinal: 1 }),
  slot('eni-1', '10.0.1.1', ETH1),
  slot('eni-1', '10.0.1.2', { ...ETH1, isPrimary: false, ordinal: 0 }),
  slot('eni-2', '10.0.2.1', { networkCardIndex: 1 }),
];
const USUAL = { networkCardIndex: 0, deviceIndex: 0, isPrimary: true, ordinal: 0 };
const USUALLY: Demand = { wish: null, like: USUAL, isLikeKnown: true, makesDo: null };

function suitable(change: Partial<Demand>, slots = SLOTS): readonly string[] {
  return suitablePlaces({ ...USUALLY, ...change }, slots).map(({ privateIp }) => privateIp);
}

describe('the private addresses that would do', () => {
  it('are those like the present one', () => {
    expect(suitable({})).toEqual(['10.0.0.1']);
    expect(suitable({ like: { ...USUAL, networkCardIndex: 1 } })).toEqual(['10.0.2.1']);
    expect(suitable({ like: { ...USUAL, ...ETH1 } })).toEqual(['10.0.1.1']);
    expect(suitable({ like: { ...USUAL, isPrimary: false, ordinal: 1 } })).toEqual(['10.0.0.3', '10.0.0.2']);
    expect(suitable({ like: { ...USUAL, deviceIndex: 5 } })).toEqual([]);
  });
  it('are those of the interface that the tag names, of the kind that is wanted first', () => {
    expect(suitable({ wish: { deviceIndex: 1, isPrimary: null } })).toEqual(['10.0.1.1', '10.0.1.2']);
    const secondary = { ...USUAL, isPrimary: false };
    expect(suitable({ wish: { deviceIndex: 1, isPrimary: null }, like: secondary })).toEqual(['10.0.1.2', '10.0.1.1']);
  });
  it('are those of the kind that the tag names, on the present interface, or on any where that is not known', () => {
    const wish = { deviceIndex: null, isPrimary: false };
    expect(suitable({ wish })).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(suitable({ wish, isLikeKnown: false })).toEqual(['10.0.0.2', '10.0.0.3', '10.0.1.2']);
    expect(suitable({ wish: { deviceIndex: null, isPrimary: true }, isLikeKnown: false })).toEqual(['10.0.0.1']);
  });
  it('are makeshifts too for an address that is on one', () => {
    expect(suitable({ makesDo: { ...USUAL, isPrimary: false } })).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });
  it('are rather those that would not take away an address of Amazon’s', () => {
    const wish = { deviceIndex: null, isPrimary: false };
    const amazons = SLOTS.map((each) => (each.privateIp === '10.0.0.2' ? { ...each, amazonIp: '198.51.100.1' } : each));
    expect(suitable({ wish }, amazons)).toEqual(['10.0.0.3', '10.0.0.2']);
  });
});

describe('the private addresses that are free', () => {
  const free = (taken: { readonly [privateIp: string]: Tenant }, change: Partial<Demand> = {}, slots = SLOTS) =>
    freePlaces({ ...USUALLY, ...change }, slots, ({ privateIp }) => taken[privateIp] ?? 'nobody').map(
      ({ privateIp }) => privateIp,
    );
  it('are those that would do and that nobody has', () => {
    expect(free({})).toEqual(['10.0.0.1']);
    expect(free({ '10.0.0.1': 'stranger' })).toEqual([]);
    const only = SLOTS.slice(0, 1);
    expect([free({}, {}, only), free({ '10.0.0.1': 'sibling' }, {}, only)]).toEqual([['10.0.0.1'], []]);
  });
  it('are the secondary ones beside, where an address of the same name has the primary one', () => {
    expect(free({ '10.0.0.1': 'sibling' })).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(free({ '10.0.0.1': 'sibling', '10.0.0.2': 'stranger' })).toEqual(['10.0.0.3']);
    expect(free({ '10.0.0.1': 'sibling' }, { wish: { deviceIndex: null, isPrimary: true } })).toEqual([]);
    const secondary = { like: { ...USUAL, isPrimary: false } };
    expect(free({ '10.0.0.2': 'sibling', '10.0.0.3': 'sibling' }, secondary)).toEqual([]);
    expect(free({ '10.0.0.2': 'sibling', '10.0.0.3': 'stranger' }, secondary)).toEqual([]);
    expect(free({}, { like: { ...USUAL, deviceIndex: 5 } })).toEqual([]);
  });
});

describe('what an address asks for', () => {
  const holder = machine('a', { slots: [...SLOTS] });
  const on = (interfaceId: string, privateIp: string) =>
    address({ association: { instanceId: 'i-a', interfaceId, privateIp } });
  const remembering = (place: string) => history({ memory: { place } });
  const nowhere = address({ association: null });

  it('is a place like the one it is on, or was on last, or the usual one', () => {
    expect(demandOf(on('eni-1', '10.0.1.2'), holder, 'unread')).toMatchObject({
      like: { deviceIndex: 1, isPrimary: false },
      isLikeKnown: true,
      makesDo: null,
    });
    expect(demandOf(nowhere, holder, remembering('1/12 secondary 13'))).toMatchObject({
      like: { networkCardIndex: 1, deviceIndex: 12, isPrimary: false, ordinal: 13 },
      isLikeKnown: true,
    });
    expect(demandOf(nowhere, null, 'unread')).toEqual({ wish: null, like: USUAL, isLikeKnown: false, makesDo: null });
    for (const garbled of ['x0/1 primary', '0/1 primary x', '0/1', ''])
      expect(demandOf(nowhere, null, remembering(garbled)).isLikeKnown).toBe(false);
    expect(presentKind(nowhere, holder)).toBeUndefined();
    expect(presentKind(on('eni-1', '10.0.1.2'), null)).toBeUndefined();
  });
  it('while it is on a makeshift is what it asked for before', () => {
    const kept = remembering('0/1 primary at eni-0/10.0.0.2');
    const makeshift = on('eni-0', '10.0.0.2');
    expect([isOnMakeshift(makeshift, kept), isOnMakeshift(on('eni-0', '10.0.0.3'), kept)]).toEqual([true, false]);
    expect([isOnMakeshift(nowhere, kept), isOnMakeshift(makeshift, remembering('0/1 primary'))]).toEqual([
      false,
      false,
    ]);
    expect(demandOf(makeshift, holder, kept)).toMatchObject({
      like: { deviceIndex: 1, isPrimary: true },
      makesDo: { deviceIndex: 0, isPrimary: false },
    });
    expect(isMakeshift(USUALLY, slot('eni-0', '10.0.0.2', { isPrimary: false }))).toBe(true);
    expect(isMakeshift(USUALLY, slot('eni-0', '10.0.0.1'))).toBe(false);
    const wish = { deviceIndex: null, isPrimary: false };
    expect(isMakeshift({ ...USUALLY, wish }, slot('eni-0', '10.0.0.1'))).toBe(true);
  });
  it('is kept in words, and told in words', () => {
    expect(memoryOf(USUAL)).toBeUndefined();
    expect(memoryOf({ ...USUAL, ...ETH1, isPrimary: false, ordinal: 2 })).toBe('0/1 secondary 2');
    expect(makeshiftMemory(USUALLY, { interfaceId: 'eni-0', privateIp: '10.0.0.2' })).toBe(
      '0/0 primary at eni-0/10.0.0.2',
    );
    const words = (change: Partial<Demand>): string => demandInWords({ ...USUALLY, ...change });
    expect(words({})).toBe('eth0, primary');
    expect(words({ like: { ...USUAL, networkCardIndex: 1, isPrimary: false } })).toBe(
      'eth0 of network card 1, secondary',
    );
    expect(words({ wish: { deviceIndex: 3, isPrimary: null } })).toBe('eth3');
    expect(words({ wish: { deviceIndex: null, isPrimary: false } })).toBe('eth0, secondary');
    expect(words({ wish: { deviceIndex: null, isPrimary: true } })).toBe('eth0, primary');
  });
});
