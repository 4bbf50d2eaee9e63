import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../functions/block-address/aws.ts';
import { handler } from '../../../functions/block-address/handler.ts';
import { parseEvent, readersOf } from '../../../shared/kernel/triggers/parser.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import { findingDelivery, findingEvent, findingOf } from '../../shared/kernel/triggers/findings.ts';

const DELIVERY: RequestDelivery = {
  kind: 'request',
  id: 'request:1',
  runbook: 'block-address',
  params: {},
  dryRun: false,
  reason: 'credential stuffing',
  requestedBy: 'mara',
};

describe('what a person asks for', () => {
  it('is the network in its one spelling', () => {
    expect(requestOf.person({ action: 'block', cidr: '198.51.100.9/24', ttlSeconds: 60 }, DELIVERY)).toEqual({
      asks: [{ action: 'block', cidr: '198.51.100.0/24', hadHostBits: true, incident: null, ttlSeconds: 60 }],
      by: 'mara',
      why: 'credential stuffing',
      delivery: 'request:1',
      sentAt: null,
    });
    expect(requestOf.person({ action: 'block', address: '2001:0DB8::111' }, DELIVERY).asks[0]).toMatchObject({
      cidr: '2001:db8::111/128',
      hadHostBits: false,
    });
  });

  it('may be an incident, to unblock or to extend', () => {
    expect(requestOf.person({ action: 'unblock', incident: 'INC-7' }, DELIVERY).asks[0]).toMatchObject({
      cidr: null,
      incident: 'INC-7',
    });
    expect(requestOf.person({ action: 'extend', incident: 'INC-7' }, DELIVERY).asks[0]).toMatchObject({ cidr: null });
  });

  it('is somebody’s where nobody signs', () => {
    const { requestedBy: _by, reason: _why, ...unsigned } = DELIVERY;
    expect(requestOf.person({ action: 'block', address: '198.51.100.9' }, unsigned)).toMatchObject({
      by: 'somebody',
      why: '',
    });
  });

  it.each([
    [{ action: 'block' }, 'params.address: say what to block: an address or a cidr'],
    [{ action: 'block', incident: 'INC-7' }, 'params.address: say what to block'],
    [{ action: 'allow', incident: 'INC-7' }, 'params.address: say what to allow'],
    [{ action: 'unblock' }, 'params.address: say what to unblock'],
    [
      { action: 'block', address: '198.51.100.9', cidr: '198.51.100.9/32' },
      'params.cidr: give either address or cidr, not both',
    ],
    [
      { action: 'block', address: '198.51.100.0/24' },
      'params.address: expected one address, found a network; give it as cidr',
    ],
    [{ action: 'block', address: '010.0.0.1' }, /^params\.address: /u],
    [{ action: 'block', cidr: '0.0.0.0/0' }, /^params\.cidr: /u],
  ] as const)('is bad input: %j', (params, message) => {
    expect(() => requestOf.person(params, DELIVERY)).toThrow(message);
  });

  it('names no target', () => {
    expect(() => requestOf.person({ action: 'block', address: '198.51.100.9' }, { ...DELIVERY, target: 'x' })).toThrow(
      'target: a network is named by params.address or params.cidr, an incident by params.incident',
    );
  });
});

describe('what a finding asks for', () => {
  it('is asked by who tells of it', () => {
    const { asks, by } = requestOf.finding(findingDelivery(findingEvent('asff-port-probe')));
    expect(asks).toEqual([{ action: 'heed', finding: findingOf('asff-port-probe') }]);
    expect(by).toBe('Security Hub CSPM');
  });

  it('is asked by somebody, and when, where a person has chosen it', () => {
    const { asks, by, sentAt } = requestOf.finding(findingDelivery(findingEvent('asff-custom-action')));
    const chosenAt = '2026-11-22T08:30:00.000Z';
    expect(asks).toEqual([{ action: 'heed', finding: findingOf('asff-port-probe'), chosenAt }]);
    expect(by).toBe('somebody (Block address, Security Hub CSPM)');
    expect(sentAt).toBe(chosenAt);
  });
});

describe('a request in a message of the queue', () => {
  const body = { runbook: 'block-address', params: { action: 'block', address: '198.51.100.9' } };
  const record = (messageId: string, sent: string, received: number) => ({
    messageId,
    body: JSON.stringify(body),
    attributes: { SentTimestamp: String(Date.parse(sent)), ApproximateReceiveCount: String(received) },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:runbook-block-address-requests',
  });
  const askedBy = (given: object): object => {
    const parsed = parseEvent({ Records: [given] }, readersOf(handler.runbook.triggers));
    const [first] = parsed.kind === 'batch' ? parsed.records : [];
    if (first === undefined || 'error' in first || first.delivery.kind !== 'request') throw new Error('no request');
    const { delivery, sentAt } = requestOf.person({ action: 'block', address: '198.51.100.9' }, first.delivery);
    return { delivery, sentAt };
  };

  it('is as old as the message, and the same one each time that is handed over', () => {
    const first = askedBy(record('m-1', '2026-11-22T08:00:10.000Z', 1));
    expect(first).toEqual({
      delivery: expect.stringMatching(/^request:[0-9a-f]{32}$/u),
      sentAt: '2026-11-22T08:00:10.000Z',
    });
    expect(askedBy(record('m-1', '2026-11-22T08:00:10.000Z', 2))).toEqual(first);
  });

  it('is another one when it is sent again', () => {
    const first = askedBy(record('m-1', '2026-11-22T08:00:10.000Z', 1));
    expect(askedBy(record('m-2', '2026-11-22T08:01:10.000Z', 1))).not.toEqual(first);
  });
});

describe('the definition', () => {
  it('reads findings, alarms, lists, ticks and requests, and nothing else', () => {
    expect(handler.runbook.triggers.map(({ name }) => name)).toEqual([
      'guardduty-finding',
      'security-hub-finding',
      'security-hub-finding-v2',
      'security-hub-action',
      'alarm',
      'request',
      'object-created',
      'schedule',
    ]);
    const queued = handler.runbook.triggers.filter(({ queue }) => queue !== undefined).map(({ name }) => name);
    expect(queued).not.toContain('object-created');
    expect(() => parseEvent({ foo: 1 }, readersOf(handler.runbook.triggers))).toThrow('found keys foo');
  });
});
