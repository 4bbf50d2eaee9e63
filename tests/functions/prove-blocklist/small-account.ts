/** A small account with one blocklist, and what `prove-blocklist` reads of it on the simulated AWS. */

import { expect } from 'vitest';
import type { Request, Seen } from '../../../functions/prove-blocklist/aws.ts';
import type { Io, Located } from '../../../shared/kernel/definition.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { inFunction, type Done } from '../in-a-function.ts';

export const ID = '11111111-1111-4111-8111-11111111111';
export const EDGE = [{ Key: 'runbook:block', Value: 'edge' }];
export const EDGE_ARN = `arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge-v4/${ID}4`;
export const OFFICE_ARN = `arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/office/${ID}9`;
export const ALB = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';
export const POOL = 'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI';

export function isIn(arn: string): object {
  return { IPSetReferenceStatement: { ARN: arn } };
}

export function rule(name: string, priority: number, action: string, statement: object): object {
  return {
    Name: name,
    Priority: priority,
    Action: { [action]: {} },
    Statement: statement,
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: `m-${name}` },
  };
}

export const SHOP = {
  Name: 'shop',
  Id: `${ID}1`,
  Rules: [rule('block', 10, 'Block', isIn(EDGE_ARN)), rule('office', 1, 'Allow', isIn(OFFICE_ARN))],
  Resources: [ALB, POOL],
  SampledRequests: [
    {
      RuleMetricName: 'm-block',
      Request: { ClientIP: '198.51.100.7' },
      Action: 'BLOCK',
      Timestamp: '2026-11-22T07:50:00Z',
    },
    {
      RuleMetricName: 'shop',
      Request: { ClientIP: '2001:DB8::1' },
      Action: 'ALLOW',
      Timestamp: '2026-11-22T07:55:00Z',
    },
  ],
};

const REASON = { incident: 'INC-1', until: '2026-11-22T09:00:00.000Z', from: '2026-11-22T07:00:00.000Z' };

export const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  wafv2: {
    IPSets: [
      { Name: 'edge-v4', Id: `${ID}4`, Addresses: ['198.51.100.7/32'], Tags: EDGE },
      { Name: 'office', Id: `${ID}9`, Addresses: ['192.0.2.0/24'], Tags: [] },
    ],
    WebACLs: [SHOP, { Name: 'other', Id: `${ID}2`, Rules: [], Resources: [] }],
  },
  ec2: {
    ManagedPrefixLists: [
      {
        PrefixListId: 'pl-4fa04526',
        PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
        AddressFamily: 'IPv4',
        OwnerId: 'AWS',
        Entries: ['130.176.0.0/18'],
      },
    ],
  },
  ledger: { data: [{ partition: 'block', key: '198.51.100.7/32', value: { reasons: [REASON] } }] },
};

export const ALL: Request = { target: null };

export function within<T>(
  work: (io: Io) => Promise<T>,
  change: object = {},
  points: readonly FaultPoint[] = [],
): Promise<Done<T>> {
  return inFunction({ ...WORLD, ...change }, work, points);
}

export function seenIn({ value, thrown }: Done<readonly Located<Seen>[]>): readonly (Seen | undefined)[] {
  expect(thrown).toBeUndefined();
  return (value ?? []).map(({ facts }) => facts);
}

export function countOf({ requests }: Done<unknown>, call: string): number {
  return requests.filter((request) => request.call === call).length;
}

export const LISTING = 'wafv2:ListResourcesForWebACL';
