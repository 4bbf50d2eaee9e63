/** A list as long as the longest public ones, over a dozen sets. */

import { expect, it } from 'vitest';
import { handler as blockAddress } from '../../../functions/block-address/handler.ts';
import { handler as publishBlocklist } from '../../../functions/publish-blocklist/handler.ts';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { deployed } from '../../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';

/** None of them joins with another, and a public list of so many needs ten sets. */
const NETWORKS = 95_644;
const SETS = 12;

function addressOf(index: number): string {
  const number = index * 2;
  return `45.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
}

const BODY = `${Array.from({ length: NETWORKS }, (_each, index) => `${addressOf(index)}\t3`).join('\n')}\n`;
const OBJECT = { Bucket: 'lists-example', Key: 'ipsum.txt' };

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  wafv2: {
    IPSets: Array.from({ length: SETS }, (_each, index) => ({
      Name: `edge-v4-${index + 1}`,
      Id: `11111111-1111-4111-8111-1111111111${index + 10}`,
      IPAddressVersion: 'IPV4',
      Addresses: ['192.0.2.44/32'],
      Tags: [
        { Key: 'runbook:block', Value: 'edge' },
        { Key: 'runbook:shard', Value: `${index + 1}` },
      ],
    })),
  },
  s3: { Objects: [{ ...OBJECT, VersionId: 'v1', Body: BODY }] },
  // The feed comes again, as it was.
  script: [{ after: 'PT3M', set: { 's3/Objects/lists-example/ipsum.txt/Body': BODY } }],
};

const CREATED = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '111122223333',
  time: '2026-11-22T08:00:00Z',
  region: 'eu-west-1',
  resources: ['arn:aws:s3:::lists-example'],
  detail: { bucket: { name: OBJECT.Bucket }, object: { key: OBJECT.Key, 'version-id': 'v1' }, reason: 'PutObject' },
};

it('is in them by one write to each, and by none when it comes again as it was', async () => {
  const { error, requests, world, deadLetters } = await simulate({
    world: WORLD,
    events: [{ event: CREATED, afterMs: 0 }],
    functions: [deployed(blockAddress), deployed(publishBlocklist)],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 300_000,
    environment: DEPLOYED_ENVIRONMENT,
    watchers: [],
  });
  expect(error).toBeUndefined();
  expect(deadLetters).toEqual([]);
  const sets = world
    .records('wafv2', 'IPSets')
    .map(({ Addresses }): readonly unknown[] => (Array.isArray(Addresses) ? Addresses : []));
  const blocked = new Set(sets.flat());
  expect(blocked.size).toBe(NETWORKS + 1);
  expect(blocked.has(`${addressOf(NETWORKS - 1)}/32`)).toBe(true);
  expect(sets.every((addresses) => addresses.includes('192.0.2.44/32') && addresses.length <= 10_000)).toBe(true);
  const updates = requests.filter(({ call }) => call === 'wafv2:UpdateIPSet');
  expect(updates.length).toBeLessThanOrEqual(SETS);
  expect(new Set(updates.map(({ input }) => input['Id'])).size).toBe(updates.length);
  expect(requests.filter(({ call }) => call === 's3:GetObject').length).toBeGreaterThan(1);
}, 120_000);
