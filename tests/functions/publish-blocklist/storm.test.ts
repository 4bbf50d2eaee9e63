import { describe, expect, it } from 'vitest';
import { handler as blockAddress } from '../../../functions/block-address/handler.ts';
import { handler as publishBlocklist } from '../../../functions/publish-blocklist/handler.ts';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { deployed } from '../../../rehearsal/functions.ts';
import { NO_FAULTS, type LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';

const REQUESTS = 500;
const BEGINS = '2026-11-22T08:00:00Z';

/** 198.51.100.0 to .249 and 203.0.113.0 to .249. */
function addressOf(index: number): string {
  return index < 250 ? `198.51.100.${index}` : `203.0.113.${index - 250}`;
}

const WORLD = {
  now: BEGINS,
  account: '111122223333',
  region: 'eu-west-1',
  wafv2: {
    IPSets: [
      {
        Name: 'edge-v4',
        Id: '11111111-1111-4111-8111-111111111111',
        IPAddressVersion: 'IPV4',
        Addresses: ['192.0.2.44/32', '192.0.2.200/32'],
        Tags: [{ Key: 'runbook:block', Value: 'edge' }],
      },
    ],
  },
  ec2: { Vpcs: [{ VpcId: 'vpc-0d4b2c7a91e6f3058', CidrBlock: '10.0.0.0/16' }] },
  // Two people edit the set by hand while it is written.
  script: [
    { after: 'PT1S', set: { 'wafv2/IPSets/edge-v4/Addresses/+': '192.0.2.45/32' } },
    { after: 'PT2S', set: { 'wafv2/IPSets/edge-v4/Addresses/-': '192.0.2.44/32' } },
  ],
};

function request(index: number): { readonly event: object; readonly afterMs: number } {
  const event = {
    runbook: 'block-address',
    params: { action: 'block', address: addressOf(index), incident: `INC-${index}`, ttlSeconds: 86_400 },
    requestedBy: 'mara',
  };
  return { event, afterMs: 0 };
}

async function storm(): Promise<SimulationEnd> {
  return simulate({
    world: WORLD,
    events: Array.from({ length: REQUESTS }, (_none, index) => request(index)),
    functions: [deployed(blockAddress), deployed(publishBlocklist)],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 120_000,
    environment: DEPLOYED_ENVIRONMENT,
    watchers: [],
  });
}

/** Updates of the set that took effect, as milliseconds. */
function updatesOf(requests: readonly LoggedRequest[]): readonly number[] {
  return requests
    .filter(({ call, error, answeredAt }) => call === 'wafv2:UpdateIPSet' && error === undefined && answeredAt)
    .map(({ answeredAt = '' }) => Date.parse(answeredAt));
}

describe('500 requests to block, all at once, while two people edit the set', () => {
  it('are in it all, and so is what the people did, after at most three writes, none within a second of another', async () => {
    const { error, requests, world, deadLetters, invocations, results } = await storm();
    expect(error).toBeUndefined();
    expect(deadLetters).toEqual([]);
    const set = world.records('wafv2', 'IPSets')[0]?.['Addresses'];
    const wanted = Array.from({ length: REQUESTS }, (_none, index) => `${addressOf(index)}/32`);
    expect(new Set(Array.isArray(set) ? set : [])).toEqual(new Set([...wanted, '192.0.2.45/32', '192.0.2.200/32']));
    expect(set).toHaveLength(502);
    const updates = updatesOf(requests);
    expect(updates.length).toBeLessThanOrEqual(3);
    const gaps = updates.slice(1).map((at, index) => at - (updates[index] ?? 0));
    expect(Math.min(...gaps, 1_000)).toBe(1_000);
    const blocked = results.filter(({ result }) => result.reason.startsWith('blocked: '));
    expect(blocked.map(({ result }) => result.outcome)).toEqual(Array.from({ length: REQUESTS }, () => 'done'));
    const firstTick = invocations.find(({ runbook, delivery }) => runbook === 'block-address' && delivery === -1);
    // The publisher asks EC2 for ACLs and prefix lists, once for all that it gathers.
    const intakes = new Set(invocations.flatMap(({ runbook, index }) => (runbook === 'block-address' ? [index] : [])));
    const ofIntake = requests.filter(({ invocation }) => intakes.has(invocation));
    const askedOfEc2 = ofIntake.find(({ call }) => call.startsWith('ec2:'));
    expect(firstTick).toBeDefined();
    expect(askedOfEc2?.invocation).toBe(firstTick?.index);
  }, 60_000);
});
