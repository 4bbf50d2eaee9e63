/** Which private address of an instance an address goes to: like its present one, by its tag, or where a person says. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  parseWish,
  type Facts,
  type Machine,
  type Wish,
} from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { address, facts, history, IMPAIRED, LIMITS, machine, moveTo, NOW, slot } from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

/** An appliance: eth0 for management with an address of Amazon's, eth1 with a primary and two secondary addresses. */
function appliance(letter: string, change: Partial<Machine> = {}): Machine {
  const external = `eni-${letter}1`;
  return machine(letter, {
    slots: [
      slot(`eni-${letter}0`, '10.0.0.11', { amazonIp: '198.51.100.22' }),
      slot(external, '10.0.1.130', { deviceIndex: 1 }),
      slot(external, '10.0.1.154', { deviceIndex: 1, isPrimary: false, ordinal: 0 }),
      slot(external, '10.0.1.155', { deviceIndex: 1, isPrimary: false, ordinal: 1 }),
    ],
    ...change,
  });
}

const A = appliance('a', { checks: IMPAIRED });
const B = appliance('b');

function on(privateIp: string, interfaceId = 'eni-a1'): Pick<Facts, 'address'> {
  return { address: address({ association: { instanceId: 'i-a', interfaceId, privateIp } }) };
}

function wished(tag: string): Wish {
  const wish = parseWish(tag);
  if (wish === undefined) throw new Error(`${tag} is no wish`);
  return wish;
}

describe('without a tag the address goes to a private address like its present one', () => {
  it.each([
    ['the second secondary address of eth1', '10.0.1.155', 'eni-a1', 'eni-b1/10.0.1.155'],
    ['the first secondary address of eth1', '10.0.1.154', 'eni-a1', 'eni-b1/10.0.1.154'],
    ['the primary address of eth1', '10.0.1.130', 'eni-a1', 'eni-b1/10.0.1.130'],
    ['the primary address of eth0', '10.0.0.11', 'eni-a0', 'eni-b0/10.0.0.11'],
  ])('%s', (_what, privateIp, interfaceId, place) => {
    expect(judge({ instances: [A, B], ...on(privateIp, interfaceId) })).toMatchObject({
      intent: `eipalloc-1 -> i-b ${place}`,
    });
  });

  it('another secondary address of that interface where the same one is taken', () => {
    const taken = B.slots.map((each) =>
      each.privateIp === '10.0.1.154' ? { ...each, elasticIp: '203.0.113.99' } : each,
    );
    expect(judge({ instances: [A, { ...B, slots: taken }], ...on('10.0.1.154') })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b1/10.0.1.155',
    });
  });

  it.each([
    ['has only a management interface', [slot('eni-b0', '10.0.0.11', { amazonIp: '198.51.100.22' })]],
    ['has no secondary address there', [slot('eni-b0', '10.0.0.11'), slot('eni-b1', '10.0.1.130', { deviceIndex: 1 })]],
    [
      'has it on another network card',
      [slot('eni-b1', '10.0.1.154', { networkCardIndex: 1, deviceIndex: 1, isPrimary: false })],
    ],
  ])('and to none that %s', (_what, slots) => {
    expect(judge({ instances: [A, machine('b', { slots })], ...on('10.0.1.154') })).toMatchObject({
      kind: 'refuse',
      code: 'no-good-candidate',
      evidence: { standbys: { 'i-b': 'has no private address like the one it needs (eth1, secondary)' } },
    });
  });

  it('and displaces nobody who is on it', () => {
    const taken = B.slots.map((each) => (each.deviceIndex === 1 ? { ...each, elasticIp: '203.0.113.99' } : each));
    expect(judge({ instances: [A, { ...B, slots: taken }], ...on('10.0.1.130') })).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-b': 'has no free private address: would displace 203.0.113.99' } },
    });
  });
});

describe('secondary addresses of a Kubernetes node are its pods’', () => {
  const pod = { isPrimary: false, isOfPod: true };
  const taken = slot('eni-b', '10.0.98.5', { elasticIp: '203.0.113.11' });
  const node = machine('b', { slots: [taken, slot('eni-b', '10.0.98.6', pod)] });
  const siblings = [
    address(),
    address({
      allocationId: 'eipalloc-2',
      publicIp: '203.0.113.11',
      association: { instanceId: 'i-b', interfaceId: 'eni-b', privateIp: '10.0.98.5' },
    }),
  ];
  const instances = [machine('a', { checks: IMPAIRED }), node];

  it('and are not taken beside its own address', () => {
    expect(judge({ siblings, instances })).toMatchObject({
      kind: 'refuse',
      code: 'no-good-candidate',
      evidence: { standbys: { 'i-b': 'has no free private address: would displace 203.0.113.11' } },
    });
    const plain = machine('b', { slots: [taken, slot('eni-b', '10.0.98.6', { isPrimary: false })] });
    expect(judge({ siblings, instances: [instances[0] ?? node, plain] })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.6',
    });
  });

  it('but by a tag that asks for a secondary one', () => {
    const asked = address({ wish: wished('secondary') });
    expect(judge({ address: asked, siblings, instances })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b/10.0.98.6',
    });
  });
});

describe('an address of Amazon’s', () => {
  it('that the move gives up is named beforehand', () => {
    const own = machine('b', { slots: [slot('eni-b', '10.0.98.5', { amazonIp: '198.51.100.7' })] });
    expect(judge({ instances: [machine('a', { checks: IMPAIRED }), own] })).toMatchObject({
      kind: 'act',
      evidence: { givesUp: '198.51.100.7, which i-b has from Amazon: nothing brings it back' },
    });
    expect(judge({ instances: [machine('a', { checks: IMPAIRED }), machine('b')] }).evidence).not.toHaveProperty(
      'givesUp',
    );
  });
});

describe('the tag runbook:interface', () => {
  it.each([
    ['eth1', { deviceIndex: 1, isPrimary: null }],
    ['device:1', { deviceIndex: 1, isPrimary: null }],
    ['eth0', { deviceIndex: 0, isPrimary: null }],
    ['primary', { deviceIndex: null, isPrimary: true }],
    ['secondary', { deviceIndex: null, isPrimary: false }],
  ])('%s is read', (text, wish) => {
    expect(parseWish(text)).toEqual(wish);
  });

  it.each(['', 'eth', 'eth-1', 'eth100', 'ETH1', 'device:', 'eth1 ', 'both'])('%j is none', (text) => {
    expect(parseWish(text)).toBeUndefined();
  });

  it.each([
    ['eth1', 'eni-b1/10.0.1.130'],
    ['device:1', 'eni-b1/10.0.1.130'],
    ['eth0', 'eni-b0/10.0.0.11'],
    ['primary', 'eni-b0/10.0.0.11'],
  ])('%s takes it from the primary address of eth0 there', (tag, place) => {
    const { address: present } = on('10.0.0.11', 'eni-a0');
    expect(judge({ instances: [A, B], address: { ...present, wish: wished(tag) } })).toMatchObject({
      intent: `eipalloc-1 -> i-b ${place}`,
    });
  });

  it('secondary keeps to the interface that it is on', () => {
    const { address: present } = on('10.0.1.130');
    expect(judge({ instances: [A, B], address: { ...present, wish: wished('secondary') } })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b1/10.0.1.154',
    });
  });

  it('eth1 is met by a secondary address where the primary one is taken, and by none of Amazon\u2019s before that', () => {
    const slots = [
      slot('eni-b1', '10.0.1.130', { deviceIndex: 1, elasticIp: '203.0.113.99' }),
      slot('eni-b1', '10.0.1.154', { deviceIndex: 1, isPrimary: false, amazonIp: '198.51.100.7' }),
      slot('eni-b1', '10.0.1.155', { deviceIndex: 1, isPrimary: false, ordinal: 1 }),
    ];
    const { address: present } = on('10.0.1.130');
    expect(
      judge({ instances: [A, machine('b', { slots })], address: { ...present, wish: wished('eth1') } }),
    ).toMatchObject({ intent: 'eipalloc-1 -> i-b eni-b1/10.0.1.155' });
  });

  it('refuses who has no such interface, by its name', () => {
    expect(judge({ instances: [A, B], address: { ...on('10.0.1.130').address, wish: wished('eth2') } })).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-b': 'has no private address like the one it needs (eth2)' } },
    });
  });
});

describe('an address that is on nobody', () => {
  const homeless = address({ association: null });
  const known = history({ memory: { place: '0/1 secondary 1' } });

  it('goes where it was last, by the memory', () => {
    expect(judge({ instances: [B], address: homeless, history: known })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b1/10.0.1.155',
    });
  });

  it('goes to the primary address of the first interface when nobody knows where it was', () => {
    expect(judge({ instances: [B], address: homeless })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b0/10.0.0.11',
    });
  });

  it('goes where its tag says, whatever is remembered', () => {
    const tagged = { ...homeless, wish: wished('eth0') };
    expect(judge({ instances: [B], address: tagged, history: known })).toMatchObject({
      intent: 'eipalloc-1 -> i-b eni-b0/10.0.0.11',
    });
  });

  it('waits for the history where it matters, and only there', () => {
    const unread = { address: homeless, history: 'unread' } as const;
    expect(judge({ instances: [B], ...unread })).toMatchObject({ code: 'needs-history', needsHistory: true });
    expect(judge({ instances: [machine('b')], ...unread })).toMatchObject({ kind: 'act' });
    expect(judge({ instances: [B], ...unread, address: { ...homeless, wish: wished('eth1') } })).toMatchObject({
      kind: 'act',
    });
    expect(judge({ instances: [B], ...unread, history: 'lost' })).toMatchObject({ kind: 'act' });
  });
});

describe('where it is, is remembered', () => {
  const well = { ...A, checks: { system: 'ok', instance: 'ok' } } as const;

  it('while that is not the primary address of the first interface', () => {
    expect(judge({ instances: [well, B], ...on('10.0.1.155') }).remember).toEqual({ place: '0/1 secondary 1' });
    expect(judge({ instances: [well, B], ...on('10.0.1.130') }).remember).toEqual({ place: '0/1 primary' });
    expect(judge({ instances: [well, B], ...on('10.0.0.11', 'eni-a0') }).remember).toBeUndefined();
  });

  it('once, and forgotten when it is back on the first', () => {
    const place = history({ memory: { place: '0/1 primary' } });
    expect(judge({ instances: [well, B], ...on('10.0.1.130'), history: place }).remember).toBeUndefined();
    expect(judge({ instances: [well, B], ...on('10.0.0.11', 'eni-a0'), history: place }).remember).toEqual({
      place: null,
    });
  });

  it('and left as it was while its holder does not show it', () => {
    expect(judge({ instances: [well, B], ...on('10.9.9.9') }).remember).toBeUndefined();
  });
});

describe('where a person says', () => {
  const well = { ...A, checks: { system: 'ok', instance: 'ok' } } as const;
  const world = { instances: [well, B], ...on('10.0.1.154') };

  it.each([
    ['an interface', moveTo('eni-b1'), 'eni-b1/10.0.1.154'],
    ['an interface of the other kind', moveTo('eni-b0'), 'eni-b0/10.0.0.11'],
    ['an interface and a private address', moveTo('eni-b1', { privateIp: '10.0.1.130' }), 'eni-b1/10.0.1.130'],
    ['an instance and a private address', moveTo('i-b', { privateIp: '10.0.0.11' }), 'eni-b0/10.0.0.11'],
    ['an instance and an interface', moveTo('i-b', { interface: wished('eth0') }), 'eni-b0/10.0.0.11'],
    ['an instance and a kind', moveTo('i-b', { interface: wished('primary') }), 'eni-b0/10.0.0.11'],
    ['an instance', moveTo('i-b'), 'eni-b1/10.0.1.154'],
  ])('%s, it goes there', (_what, ask, place) => {
    expect(judge({ ...world, ask })).toMatchObject({ kind: 'act', intent: `eipalloc-1 -> i-b ${place}` });
  });

  it('another interface of its holder, it goes there, and nobody is fenced', () => {
    const fenced = { ...world.address, fence: 'required' as const };
    const decision = judge({ ...world, address: fenced, ask: moveTo('eni-a0') });
    expect(decision).toMatchObject({
      kind: 'act',
      intent: 'eipalloc-1 -> i-a eni-a0/10.0.0.11',
      note: { from: 'i-a', to: 'i-a', quarantine: null },
      evidence: { fence: 'it stays on its holder' },
    });
    expect(decision.kind === 'act' ? decision.plan.map(({ call }) => call) : []).toEqual([
      'ec2:AssociateAddress',
      'ec2:CreateTags',
    ]);
  });

  it.each([
    ['its holder', moveTo('i-a')],
    ['the interface that it is on', moveTo('eni-a1')],
    ['the private address that it is on', moveTo('i-a', { privateIp: '10.0.1.154' })],
  ])('%s, nothing is done', (_what, ask) => {
    expect(judge({ ...world, ask })).toMatchObject({ kind: 'nothing', code: 'already-there' });
  });

  it('a private address that is not there, or taken: it stays', () => {
    expect(judge({ ...world, ask: moveTo('eni-b1', { privateIp: '10.0.9.9' }) })).toMatchObject({
      kind: 'refuse',
      code: 'candidate-not-good',
      because: 'i-b has no private address for eni-b1 10.0.9.9',
    });
    const taken = B.slots.map((each) =>
      each.privateIp === '10.0.1.130' ? { ...each, elasticIp: '203.0.113.99' } : each,
    );
    const ask = moveTo('i-b', { privateIp: '10.0.1.130', force: true });
    expect(judge({ ...world, instances: [well, { ...B, slots: taken }], ask })).toMatchObject({
      kind: 'refuse',
      code: 'candidate-not-good',
      because: 'i-b has no free private address: would displace 203.0.113.99',
    });
  });
});

describe('an instance that EC2 has something in mind for', () => {
  const retired = machine('b', {
    priority: 1,
    scheduled: [{ code: 'instance-retirement', notBefore: '2026-11-22T08:20:00.000Z' }],
  });

  it('comes after one that stays, whatever its priority', () => {
    expect(judge({ instances: [machine('a', { checks: IMPAIRED }), retired, machine('c')] })).toMatchObject({
      note: { to: 'i-c' },
      evidence: {
        standbys: { 'i-b': 'good, but instance-retirement is scheduled, not before 2026-11-22T08:20:00.000Z' },
      },
    });
  });

  it('is better than none', () => {
    expect(judge({ instances: [machine('a', { checks: IMPAIRED }), retired] })).toMatchObject({ note: { to: 'i-b' } });
  });

  it('is not failed back to by itself', () => {
    const steady = history({ memory: { 'stable:i-b': '2026-11-22T07:00:00.000Z' } });
    const due = { address: address({ failbackMinutes: 30 }), history: steady };
    expect(judge({ ...due, instances: [machine('a'), retired] })).toMatchObject({ code: 'holder-healthy' });
    expect(judge({ ...due, instances: [machine('a'), { ...retired, scheduled: [] }] })).toMatchObject({
      code: 'failed-back',
    });
  });

  it('keeps the address as its holder, and is told of in the evidence and by a metric', () => {
    const holder = machine('a', { scheduled: [{ code: 'system-reboot', notBefore: null }] });
    expect(judge({ instances: [holder, machine('b')] })).toMatchObject({
      code: 'holder-healthy',
      evidence: { holder: { scheduled: ['system-reboot is scheduled'] } },
      metrics: { StandbyReady: 1, HolderScheduled: 1 },
    });
  });
});
