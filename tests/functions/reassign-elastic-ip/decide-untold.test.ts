/** What a run finishes and tells that finds a move made, and nobody has told of it: by the ledger's note, or by the announcement in the tags. */

import { describe, expect, it } from 'vitest';
import { undoRequest } from '../../../functions/reassign-elastic-ip/aws.ts';
import { addressFacts } from '../../../functions/reassign-elastic-ip/aws/facts.ts';
import { decide, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  facts,
  history,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  NOW,
  serviceAlarm,
} from './elastic-ip-facts.ts';

function judge(change: Partial<Facts>): Decision {
  return decide(facts(change), LIMITS, NOW);
}

const there = { instanceId: 'i-b', interfaceId: 'eni-b', privateIp: '10.0.98.5' };
const failed = machine('a', { checks: IMPAIRED });
const toB = {
  AllocationId: 'eipalloc-1',
  NetworkInterfaceId: 'eni-b',
  PrivateIpAddress: '10.0.98.5',
  AllowReassociation: true,
};
const toA = { ...toB, NetworkInterfaceId: 'eni-a', PrivateIpAddress: '10.0.97.5' };
const told = `moved at ${ago(20)} to i-b (eni-b/10.0.98.5) from i-a (eni-a/10.0.97.5)`;
const undo = { call: 'ec2:AssociateAddress', input: toA };

function taggedWith(decision: Decision): readonly unknown[] {
  return decision.kind === 'act' ? decision.plan.map(({ input }) => input['Resources']) : [];
}

describe('the tag of an announced move', () => {
  const read = (moves: string) =>
    addressFacts(
      {
        AllocationId: 'eipalloc-1',
        PublicIp: '203.0.113.1',
        Tags: [
          { Key: 'runbook:vip', Value: 'web' },
          { Key: 'runbook:moves', Value: moves },
        ],
      },
      'eu-west-1',
    );

  it.each([
    ['3', { moves: 3, announcedTo: null, announcedFrom: null, announcedLoser: null }],
    ['3 to i-b', { moves: 3, announcedTo: 'i-b', announcedFrom: null, announcedLoser: null }],
    [
      '3 to i-b from eni-a/10.0.97.5',
      { moves: 3, announcedTo: 'i-b', announcedFrom: 'eni-a/10.0.97.5', announcedLoser: null },
    ],
    [
      '3 to i-b from eni-a/10.0.97.5 loser i-a',
      { moves: 3, announcedTo: 'i-b', announcedFrom: 'eni-a/10.0.97.5', announcedLoser: 'i-a' },
    ],
  ])('%s', (moves, wanted) => {
    expect(read(moves)).toMatchObject({ ...wanted, problems: [] });
  });

  it.each(['3 from eni-a/10.0.97.5', '3 to i-b loser i-a', '3 to i-b from eni-a', '3 to i-b from i-a loser i-a '])(
    'not %s',
    (moves) => {
      expect(read(moves).problems).toEqual([`eipalloc-1: tag runbook:moves: '${moves}' is not a whole number`]);
    },
  );
});

describe('a move that was made without the ledger, by a run that died', () => {
  const announced = address({
    association: there,
    moves: 2,
    movedAt: ago(20),
    announcedTo: 'i-b',
    announcedFrom: 'eni-a/10.0.97.5',
    announcedLoser: 'i-a',
  });
  const lost = (change: Partial<Facts>): Decision =>
    judge({ history: 'lost', address: announced, instances: [failed, machine('b')], ...change });

  it('is finished: its loser quarantined, then entered, and told with its undo', () => {
    const decision = lost({});
    expect(taggedWith(decision)).toEqual([['i-a'], ['eipalloc-1']]);
    expect(decision).toMatchObject({
      code: 'holder-healthy',
      because: `i-b is running, status checks ok (system, instance, attachedEbs); ${told}`,
      untold: [{ call: 'ec2:AssociateAddress', input: toB, because: told, undo }],
    });
    expect(undoRequest('arn', decision.untold ?? [])).toEqual({
      runbook: 'reassign-elastic-ip',
      target: 'arn',
      params: { action: 'move', to: 'eni-a', privateIp: '10.0.97.5' },
    });
  });

  it.each([
    ['stopped', { state: 'stopped' as const, checks: null }],
    ['unhealthy to its group', { membership: membership({ healthy: false }) }],
  ])('a loser that is %s is quarantined', (_how, change) => {
    expect(taggedWith(lost({ instances: [machine('a', change), machine('b')] }))).toEqual([['i-a'], ['eipalloc-1']]);
  });

  it('a loser that an alarm speaks against is quarantined', () => {
    const decision = lost({ instances: [machine('a'), machine('b')], alarms: [serviceAlarm('i-a')] });
    expect(taggedWith(decision)).toEqual([['i-a'], ['eipalloc-1']]);
  });

  it('a loser that is not seen to fail is only named: a tag permits nothing', () => {
    const decision = lost({ instances: [machine('a'), machine('b')] });
    expect(taggedWith(decision)).toEqual([['eipalloc-1']]);
    expect(decision.because).toContain(`${told}; i-a is not seen to fail, so not quarantined`);
  });

  it.each([
    ['is the holder', { announcedLoser: 'i-b' }, [failed, machine('b', { checks: IMPAIRED })]],
    ['is of another name', {}, [{ ...failed, vip: 'db' }, machine('b')]],
    ['is gone', {}, [machine('b')]],
    ['is quarantined already', {}, [{ ...failed, quarantinedAt: ago(5) }, machine('b')]],
    ['was not named', { announcedLoser: null }, [failed, machine('b')]],
  ] as const)('nobody is quarantined where the loser %s', (_how, change, instances) => {
    expect(taggedWith(lost({ address: { ...announced, ...change }, instances }))).toEqual([['eipalloc-1']]);
  });

  it.each([
    ['an older version announced it', { announcedFrom: null, announcedLoser: null }, [failed, machine('b')]],
    ['the place it names is nobody of the name has', { announcedFrom: 'eni-x/10.9.9.9' }, [failed, machine('b')]],
  ])('has no undo where %s', (_how, change, instances) => {
    const { untold = [] } = lost({ address: { ...announced, ...change }, instances });
    expect(untold).toMatchObject([
      { because: `moved at ${ago(20)} to i-b (eni-b/10.0.98.5) from a place not noted, so without undo` },
    ]);
    expect(untold[0]).not.toHaveProperty('undo');
  });

  it('has not happened while the address is still on the place that it was to leave', () => {
    const decision = lost({ address: { ...announced, announcedFrom: 'eni-b/10.0.98.5' } });
    expect(decision).toMatchObject({ kind: 'nothing', code: 'holder-healthy' });
    expect(decision).not.toHaveProperty('untold');
  });
});

describe('a move that the ledger has noted, and nobody has told', () => {
  const note = {
    from: 'i-a',
    was: 'eni-a/10.0.97.5',
    to: 'i-b',
    interfaceId: 'eni-b',
    privateIp: '10.0.98.5',
    movedAt: ago(20),
    moves: 1,
    quarantine: 'i-a',
  };
  const noted = (change: { readonly [key: string]: string | null | undefined }): Decision =>
    judge({
      address: address({ association: there }),
      instances: [failed, machine('b')],
      history: history({ pending: { intent: 'x', at: ago(20), note: { ...note, ...change } } }),
    });

  it('is told with its undo, the place known though its instance is gone', () => {
    expect(noted({})).toMatchObject({ untold: [{ input: toB, because: told, undo }] });
    expect(noted({ was: 'eni-x/10.0.99.5' })).toMatchObject({
      untold: [{ because: `moved at ${ago(20)} to i-b (eni-b/10.0.98.5) from nobody now (eni-x/10.0.99.5)` }],
    });
  });

  it.each([
    [null, 'nobody'],
    [undefined, 'a place not noted, so without undo'],
  ])('was %s: from %s', (was, from) => {
    const { untold = [] } = noted({ was });
    expect(untold[0]?.because).toBe(`moved at ${ago(20)} to i-b (eni-b/10.0.98.5) from ${from}`);
    expect(untold[0]).not.toHaveProperty('undo');
  });

  it('is not told by a run that moves the address on', () => {
    const decision = judge({
      address: address({ association: there }),
      instances: [machine('a'), machine('b', { checks: IMPAIRED })],
      history: history({ pending: { intent: 'x', at: ago(20), note } }),
    });
    expect(decision).toMatchObject({ kind: 'act', code: 'failed-over' });
    expect(decision).not.toHaveProperty('untold');
  });
});
