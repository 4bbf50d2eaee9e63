/** Five hundred blocks in one second, and two people who edit the set meanwhile: a few writes, and nothing of anybody's is lost. */

import { describe, expect, it } from 'vitest';
import { handler as intake } from '../../../functions/block-address/handler.ts';
import { handler as publisher } from '../../../functions/publish-blocklist/handler.ts';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { deployed } from '../../../rehearsal/functions.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';

const BLOCKS = 500;
const ADDRESSES = 'wafv2/IPSets/edge-v4/Addresses';

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: { Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }] },
  wafv2: {
    IPSets: [
      {
        Name: 'edge-v4',
        IPAddressVersion: 'IPV4',
        Addresses: ['192.0.2.1/32', '192.0.2.2/32'],
        Tags: [{ Key: 'runbook:block', Value: 'edge' }],
      },
    ],
  },
  script: [
    { after: 'PT1.2S', set: { [`${ADDRESSES}/+`]: '192.0.2.3/32' } },
    { after: 'PT1.4S', set: { [`${ADDRESSES}/-`]: '192.0.2.1/32' } },
  ].map((step, index) => ({ ...step, after: `PT${index + 1}S` })),
};

function addressOf(index: number): string {
  return `198.51.${100 + (index >> 8)}.${index & 255}`;
}

describe('five hundred blocks at once', { timeout: 60_000 }, () => {
  it('come to at most three writes, a second and more apart, and lose nothing', async () => {
    const end = await simulate({
      world: WORLD,
      events: Array.from({ length: BLOCKS }, (_none, index) => ({
        afterMs: index % 1_000,
        event: { runbook: 'block-address', params: { action: 'block', address: addressOf(index), incident: 'INC-1' } },
      })),
      functions: [deployed(intake), deployed(publisher)],
      seed: 1,
      faults: NO_FAULTS,
      runForMs: 50_000,
      environment: { ...DEPLOYED_ENVIRONMENT },
      watchers: [],
    });
    expect(end.error).toBeUndefined();
    const [set] = end.world.records('wafv2', 'IPSets');
    const blocked = Array.from({ length: BLOCKS }, (_none, index) => `${addressOf(index)}/32`);
    const found: unknown = isRecord(set) ? set['Addresses'] : undefined;
    expect(new Set(Array.isArray(found) ? found : [])).toEqual(new Set([...blocked, '192.0.2.2/32', '192.0.2.3/32']));
    const writes = end.requests.filter(({ call, error }) => call === 'wafv2:UpdateIPSet' && error === undefined);
    expect(writes.length).toBeLessThanOrEqual(3);
    const times = writes.map(({ answeredAt }) => Date.parse(answeredAt ?? ''));
    for (const [index, time] of times.slice(1).entries())
      expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(end.requests.filter(({ call }) => call.startsWith('ec2:'))).toEqual([]);
    expect(
      end.results.filter(({ result }) => result.outcome === 'done' && result.runbook === 'block-address').length,
    ).toBe(BLOCKS);
  });
});
