/** What holds the address and is no instance. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { address, ago, facts, history, LIMITS, machine, moveTo, NOW } from './elastic-ip-facts.ts';

const ON_ENI = address({ association: { instanceId: null, interfaceId: 'eni-x', privateIp: '10.0.0.9' } });
const LOOSE = { service: null, isLoose: true };

function judge(change: Partial<Facts>): Decision {
  return decide(facts({ address: ON_ENI, loneInterface: LOOSE, ...change }), LIMITS, NOW);
}

function looseFor(seconds: number): Partial<Facts> {
  return { history: history({ memory: { 'suspect:eni-x': ago(seconds) } }) };
}

describe('an interface that has outlived its instance', () => {
  it('is given the time in which interfaces are moved', () => {
    expect(judge({})).toMatchObject({
      kind: 'wait',
      code: 'holder-doubtful',
      because: 'eni-x is attached to nothing for 0 s',
      remember: { 'suspect:eni-x': NOW },
    });
    expect(judge(looseFor(44))).toMatchObject({ kind: 'wait', code: 'holder-doubtful' });
  });

  it('serves nobody after that', () => {
    const decision = judge(looseFor(45));
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'taken-up',
      because: `eni-x is attached to nothing since ${ago(45)}; i-a is good`,
    });
    expect(decision.kind === 'act' ? decision.plan[0] : undefined).toMatchObject({
      call: 'ec2:AssociateAddress',
      undo: { input: { NetworkInterfaceId: 'eni-x', PrivateIpAddress: '10.0.0.9' } },
    });
  });

  it('is not judged without its history', () => {
    expect(judge({ history: 'unread' })).toMatchObject({ needsHistory: true });
    expect(judge({ history: 'lost' })).toMatchObject({ kind: 'refuse', code: 'holder-unreadable' });
  });

  it('a person need not wait', () => {
    expect(judge({ ask: moveTo('i-b') })).toMatchObject({ kind: 'act', code: 'moved-by-hand' });
  });
});

describe('an interface of a service', () => {
  const loneInterface = { service: 'nat_gateway (of nat-1)', isLoose: false };
  const because =
    "eni-x is a service's: nat_gateway (of nat-1); EC2 takes it from no service: it is to be changed there";

  it('keeps the address, whoever asks', () => {
    expect(judge({ loneInterface })).toMatchObject({ kind: 'refuse', code: 'held-by-interface', because });
    for (const force of [false, true])
      expect(judge({ loneInterface, ask: moveTo('i-b', { force }) })).toMatchObject({
        kind: 'refuse',
        code: 'held-by-interface',
        because,
      });
  });

  it('is told from one of somebody’s own, which a person may take it from', () => {
    for (const other of [{ service: null, isLoose: false }, undefined]) {
      const own = other === undefined ? {} : { loneInterface: other };
      const seen = facts({ address: ON_ENI, ...own });
      expect(decide(seen, LIMITS, NOW)).toMatchObject({
        code: 'held-by-interface',
        because: 'eni-x belongs to no instance; a person may move it with force',
      });
      const forced = { ...seen, ask: moveTo('i-b', { force: true }) };
      expect(decide(forced, LIMITS, NOW)).toMatchObject({ kind: 'act', code: 'moved-by-hand' });
    }
  });
});

describe('a customer-owned address', () => {
  const [HERE, THERE] = ['arn:aws:outposts:eu-west-1:111122223333:outpost/op-1', 'arn:…:outpost/op-2'];
  const owned = address({ isCustomerOwned: true });
  const down = machine('a', { state: 'stopped', outpost: HERE });

  function placeOf(instances: Facts['instances'], own = owned): unknown {
    const decision = decide(facts({ address: own, instances }), LIMITS, NOW);
    return decision.kind === 'act' ? decision.intent : decision.evidence['standbys'];
  }

  it('stays on its Outpost', () => {
    expect(placeOf([down, machine('b'), machine('c', { outpost: HERE })])).toBe('eipalloc-1 -> i-c eni-c/10.0.99.5');
    expect(placeOf([down, machine('b'), machine('c', { outpost: THERE })])).toEqual({
      'i-b': 'is on no Outpost, and the address is customer-owned',
      'i-c': `is on ${THERE}, the address on ${HERE}`,
    });
  });

  it('that is on nobody goes to any Outpost, where EC2 decides; others go anywhere', () => {
    const loose = address({ isCustomerOwned: true, association: null });
    expect(placeOf([machine('b'), machine('c', { outpost: THERE })], loose)).toBe('eipalloc-1 -> i-c eni-c/10.0.99.5');
    expect(placeOf([down, machine('b')], address())).toBe('eipalloc-1 -> i-b eni-b/10.0.98.5');
  });
});
