/** Whom a header of proxies names, and what comes of a request with one. */

import { afterEach, describe, expect, it } from 'vitest';
import { locate, observe, requestOf } from '../../../functions/block-address/aws.ts';
import { clientIn, decide, oursBy } from '../../../functions/block-address/decide.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { DataItem } from '../../../shared/kernel/ledger/data.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { allowing, asked, factsOf, LATER, LIMITS, NOW, PAST, READ } from './scene.ts';

const OURS = oursBy(
  {
    neverBlock: [
      { source: 'addresses', ranges: ['203.0.113.20/32'], version: 1 },
      { source: 'prefix-lists', ranges: ['64.252.64.0/18', '2600:9000::/28'], version: 1 },
    ],
    allow: [allowing('192.0.2.128/25', LATER), allowing('192.0.2.5/32', PAST)],
    sharedEgress: [{ source: 'office', ranges: ['198.51.100.0/24'], version: 1 }],
    listed: [],
    unreadable: [],
    readAt: READ,
  },
  NOW,
);

describe('the client of a header', () => {
  it.each([
    ['alone', '198.51.100.9', '198.51.100.9/32', 0, '198.51.100.9', 0],
    ['before an Elastic IP of ours', '198.51.100.9, 203.0.113.20', '198.51.100.9/32', 0, '198.51.100.9', 1],
    [
      'before CloudFront and a private proxy',
      '198.51.100.9,64.252.82.168, 10.0.3.4',
      '198.51.100.9/32',
      0,
      '198.51.100.9',
      2,
    ],
    ['before CloudFront by IPv6', '2001:db8::9, 2600:9000::1', '2001:db8::9/128', 0, '2001:db8::9', 1],
    ['before an allowed proxy', '198.51.100.9, 192.0.2.200', '198.51.100.9/32', 0, '198.51.100.9', 1],
    ['that was allowed once', '198.51.100.9, 192.0.2.5', '192.0.2.5/32', 1, '192.0.2.5', 0],
    ['that many people share', '203.0.113.9, 198.51.100.9', '198.51.100.9/32', 1, '198.51.100.9', 0],
    ['behind what it wrote itself', '8.8.8.8, 198.51.100.9, 10.0.3.4', '198.51.100.9/32', 1, '198.51.100.9', 1],
    ['behind what nobody can read', '<script>, unknown, 198.51.100.9', '198.51.100.9/32', 2, '198.51.100.9', 0],
    ['with a port', '198.51.100.9:48080, 10.0.3.4:80', '198.51.100.9/32', 0, '198.51.100.9:48080', 1],
    ['of IPv6 with a port', '[2001:DB8::9]:48080', '2001:db8::9/128', 0, '[2001:DB8::9]:48080', 0],
    ['of IPv6 in brackets', '[2001:db8::9]', '2001:db8::9/128', 0, '[2001:db8::9]', 0],
    ['of IPv4 in IPv6 clothes', '\t::ffff:198.51.100.9 ', '198.51.100.9/32', 0, '::ffff:198.51.100.9', 0],
    [
      'of Forwarded',
      'for=198.51.100.9;proto=https, For=10.0.3.4',
      '198.51.100.9/32',
      0,
      'for=198.51.100.9;proto=https',
      1,
    ],
    [
      'of Forwarded, quoted',
      'by=10.0.0.1; for="[2001:db8::9]:_x1"',
      '2001:db8::9/128',
      0,
      'by=10.0.0.1; for="[2001:db8::9]:_x1"',
      0,
    ],
  ])('is found %s', (_where, text, cidr, index, element, passedOver) => {
    expect(clientIn(text, OURS)).toEqual({ cidr, taken: { index, element, passedOver } });
  });

  it.each([
    ['198.51.100.9, unknown', 1, 'unknown'],
    ['198.51.100.9, _gateway, 10.0.3.4', 1, '_gateway'],
    ['198.51.100.9, , 10.0.3.4', 1, ''],
    ['198.51.100.9,', 1, ''],
    ['198.51.100.9, 10.0.0.0/8', 1, '10.0.0.0/8'],
    ['198.51.100.9 10.0.3.4', 0, '198.51.100.9 10.0.3.4'],
    ['010.0.3.4', 0, '010.0.3.4'],
    ['[10.0.3.4]:80', 0, '[10.0.3.4]:80'],
    ['10.0.3.4:800000', 0, '10.0.3.4:800000'],
    ['198.51.100.9\n', 0, '198.51.100.9\n'],
    ['for=198.51.100.9, proto=https', 1, 'proto=https'],
    ['for=198.51.100.9, for=10.0.3.4;for=10.0.3.5', 1, 'for=10.0.3.4;for=10.0.3.5'],
    ['for=198.51.100.9, for=unknown', 1, 'for=unknown'],
    ['for=198.51.100.9, for=_hidden', 1, 'for=_hidden'],
    ['for=198.51.100.9, for="10.0.3.4', 1, 'for="10.0.3.4'],
    ['for=10.0.3.4;by="x, for=198.51.100.9"', 1, 'for=198.51.100.9"'],
    ['for=198.51.100.9, 10.0.3.4', 0, 'for=198.51.100.9'],
  ])('is nobody in %j', (text, index, element) => {
    const because = `forwardedFor[${index}] is no address (${JSON.stringify(element)}), and whatever stands to the left of it may be made up`;
    expect(clientIn(text, OURS)).toEqual({
      refusal: { kind: 'refuse', code: 'forwarded-not-an-address', because, evidence: { index, element } },
    });
  });

  it('is told of by 64 characters at most where it is none', () => {
    expect(clientIn('x'.repeat(65), OURS)).toMatchObject({ refusal: { evidence: { element: 'x'.repeat(64) } } });
  });

  it('is nobody where all are ours', () => {
    expect(clientIn('10.0.3.4, 203.0.113.20', OURS)).toEqual({
      refusal: {
        kind: 'refuse',
        code: 'forwarded-nobody',
        because: "all 2 addresses of forwardedFor are ours, AWS's, allowed or of special use: none is a client's",
        evidence: { passedOver: 2 },
      },
    });
  });
});

const DELIVERY: RequestDelivery = {
  kind: 'request',
  id: 'request:1',
  runbook: 'block-address',
  params: {},
  dryRun: false,
  reason: 'credential stuffing',
  requestedBy: 'mara',
};

describe('a request with a header', () => {
  it('asks for whoever that names', () => {
    expect(
      requestOf.person({ action: 'block', forwardedFor: '198.51.100.9', incident: 'INC-1', ttlSeconds: 60 }, DELIVERY)
        .asks,
    ).toEqual([{ action: 'block', forwardedFor: '198.51.100.9', incident: 'INC-1', ttlSeconds: 60 }]);
  });

  it.each([
    [
      { action: 'unblock', forwardedFor: '198.51.100.9' },
      'params.forwardedFor: a header names whom to block; say what to unblock as address or cidr',
    ],
    [
      { action: 'block', forwardedFor: '198.51.100.9', address: '198.51.100.9' },
      'params.forwardedFor: give either forwardedFor, or an address, a cidr or a list',
    ],
    [{ action: 'block', forwardedFor: '198.51.100.9', cidr: '198.51.100.9/32' }, 'params.forwardedFor: give either'],
    [{ action: 'block', forwardedFor: '198.51.100.9', list: 'a/b' }, 'params.forwardedFor: give either'],
  ] as const)('is bad input: %j', (params, message) => {
    expect(() => requestOf.person(params, DELIVERY)).toThrow(message);
  });

  it('blocks the client as if it had been named, and says which element that was', () => {
    const forwarded = { index: 0, element: '198.51.100.9', passedOver: 2 };
    expect(asked({ action: 'block', incident: 'INC-1', forwarded })).toMatchObject({
      kind: 'act',
      code: 'blocked',
      because:
        'mara asks for 198.51.100.9/32 to be blocked until 2026-11-23T08:00:00.000Z (INC-1); the client is forwardedFor[0], 2 to the right of it are our own side',
      evidence: { cidr: '198.51.100.9/32', forwarded },
    });
  });

  it('holds the client against the guards, too', () => {
    const forwarded = { index: 0, element: '198.51.100.9', passedOver: 0 };
    expect(asked({ action: 'block', forwarded }, { guard: { readAt: {} } })).toMatchObject({
      kind: 'refuse',
      code: 'never-block-stale',
      evidence: { forwarded },
    });
  });

  it('is refused where it names nobody', () => {
    const client = clientIn('unknown', OURS);
    const ask = 'refusal' in client ? ({ action: 'find-nobody', ...client } as const) : undefined;
    expect(ask && decide(factsOf(ask, {}), LIMITS, NOW)).toMatchObject({
      kind: 'refuse',
      code: 'forwarded-not-an-address',
    });
  });
});

const IO: Io = {
  ...makeIo({
    run: 'run-1',
    account: '111122223333',
    region: 'eu-west-1',
    signal: new AbortController().signal,
    target: 't',
  }),
  now: () => NOW,
};

function withLedger(...items: readonly DataItem[]): () => void {
  return surroundWith({ ledger: memoryLedger(), data: memoryData({ items }) });
}

describe('what is looked at for a header', () => {
  let restore = (): void => undefined;
  afterEach(() => restore());

  const asks = (forwardedFor: string): ReturnType<typeof requestOf.person> =>
    requestOf.person({ action: 'block', forwardedFor }, DELIVERY);

  it('is the client by what is ours when it came, and is the same when it is looked at again', async () => {
    const ours = { partition: 'never-block', key: 'addresses', version: 1, value: { ranges: ['203.0.113.20/32'] } };
    restore = withLedger(ours);
    const request = asks('192.0.2.1, 198.51.100.9, 203.0.113.20');
    const ask = {
      action: 'block',
      cidr: '198.51.100.9/32',
      forwarded: { index: 1, element: '198.51.100.9', passedOver: 1 },
    };
    expect(await locate(request, IO)).toMatchObject([{ target: '198.51.100.9/32', facts: { ask } }]);
    restore();
    restore = withLedger();
    expect(await observe('198.51.100.9/32', request, IO)).toMatchObject({ ask });
  });

  it('is the header itself where it names nobody', async () => {
    restore = withLedger();
    expect(await locate(asks('10.0.3.4'), IO)).toMatchObject([
      { target: 'forwarded-for', facts: { ask: { action: 'find-nobody', refusal: { code: 'forwarded-nobody' } } } },
    ]);
  });
});
