/** What is the account's own at CloudFront: read on the simulated AWS, and kept as what nobody may have blocked. */

import { describe, expect, it } from 'vitest';
import { locate, observe, TICK } from '../../../functions/restrict-access/aws.ts';
import { readAnycast } from '../../../functions/restrict-access/aws/anycast.ts';
import { decide, type AnycastFacts } from '../../../functions/restrict-access/decide.ts';
import { inFunction } from '../in-a-function.ts';
import { LIMITS } from './group-facts.ts';

const NOW = '2026-11-29T03:00:00.000Z';
const TARGET = 'never-block/anycast-ip-lists';

function worldWith(lists: readonly object[] | undefined, data: readonly object[] = []): object {
  return {
    now: '2026-11-29T03:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    regions: { 'us-east-1': { cloudfront: lists === undefined ? {} : { AnycastIpLists: lists } } },
    ...(data.length === 0 ? {} : { ledger: { data } }),
  };
}

const SHOP = { Id: 'aipl-1', Name: 'shop', AnycastIps: ['192.0.2.77', '192.0.2.76'] };
const BROUGHT = {
  Id: 'aipl-2',
  Name: 'brought',
  AnycastIps: [],
  IpamConfig: {
    Quantity: 1,
    IpamCidrConfigs: [{ Cidr: '203.0.113.0/24', IpamPoolArn: 'a', AnycastIp: '203.0.113.9' }],
  },
};

function row(value: object): object {
  return { partition: 'never-block', key: 'anycast-ip-lists', value };
}

describe('Anycast static IP lists', () => {
  it('are read with every address, and with the ranges that the account has brought', async () => {
    const { value } = await inFunction(worldWith([SHOP, BROUGHT]), readAnycast);
    expect(value).toEqual({
      kind: 'anycast-ip-lists',
      target: TARGET,
      ranges: ['192.0.2.76/32', '192.0.2.77/32', '203.0.113.0/24'],
      fault: null,
      row: null,
    });
  });

  it('are nothing to tell of where there are none and never were', async () => {
    const { value } = await inFunction(worldWith([]), (io) => locate(TICK, io));
    expect(value).toEqual([]);
  });

  it('are looked at where there were some once, and again by their name', async () => {
    const world = worldWith([], [row({ ranges: [] })]);
    const { value } = await inFunction(world, async (io) => [await locate(TICK, io), await observe(TARGET, TICK, io)]);
    expect(value).toMatchObject([[{ target: TARGET, facts: { ranges: [] } }], { row: { ranges: [] } }]);
  });

  it('that CloudFront does not tell are not read, which fails no other target', async () => {
    const world = worldWith([{ Id: 'aipl-1', Name: 'shop', AnycastIps: ['nonsense'] }]);
    const { value } = await inFunction(world, (io) => locate(TICK, io));
    expect(value).toMatchObject([{ target: TARGET, facts: { ranges: null } }]);
  });

  it('fail where the row cannot be read', async () => {
    const { value } = await inFunction(worldWith([SHOP], [row({ ranges: 7 })]), (io) => locate(TICK, io));
    expect(value).toMatchObject([{ target: TARGET, fault: { class: 'terminal' } }]);
  });
});

function facts(more: Partial<AnycastFacts>): AnycastFacts {
  return { kind: 'anycast-ip-lists', target: TARGET, history: 'unread', ranges: [], fault: null, row: null, ...more };
}

function known(...ranges: readonly string[]): Partial<AnycastFacts> {
  return { row: { source: 'anycast-ip-lists', ranges, version: 4 } };
}

describe('what is kept of them', () => {
  it('is written when it has changed, on top of what stands, and looked at once more', () => {
    const ranges = ['192.0.2.77/32', '192.0.2.79/32'];
    expect(decide(facts({ ranges, ...known('192.0.2.77/32', '192.0.2.78/32') }), LIMITS, NOW)).toMatchObject({
      kind: 'act',
      code: 'never-block-changed',
      evidence: { came: ['192.0.2.79/32'], went: ['192.0.2.78/32'] },
      plan: [
        {
          call: 'ledger:write',
          input: { partition: 'never-block', key: 'anycast-ip-lists', ifVersion: 4, value: { ranges } },
        },
      ],
      budget: 'free',
      more: true,
    });
  });

  it('is written for the first time on top of nothing', () => {
    expect(decide(facts({ ranges: ['192.0.2.77/32'] }), LIMITS, NOW)).toMatchObject({
      plan: [{ input: { ifVersion: 0 } }],
    });
  });

  it('goes with the last list', () => {
    expect(decide(facts(known('192.0.2.77/32')), LIMITS, NOW)).toMatchObject({
      plan: [{ input: { value: { ranges: [] } } }],
    });
  });

  it('is remembered as read where it is as it was', () => {
    const same = facts({ ranges: ['192.0.2.77/32'], ...known('192.0.2.77/32') });
    expect(decide(same, LIMITS, NOW)).toMatchObject({
      kind: 'nothing',
      code: 'anycast-unchanged',
      remember: { 'anycast-ip-lists': NOW },
    });
  });

  it('is not remembered where the account never had any', () => {
    expect(decide(facts({}), LIMITS, NOW).remember).toBeUndefined();
  });

  it('stands, and grows old, where nothing could be read', () => {
    const unread = decide(facts({ ranges: null, fault: 'AccessDenied: no', ...known('192.0.2.77/32') }), LIMITS, NOW);
    expect(unread).toMatchObject({ kind: 'nothing', code: 'anycast-unread', evidence: { ranges: 1 } });
    expect(unread.because).toContain('AccessDenied: no');
    expect(unread.remember).toBeUndefined();
  });
});
