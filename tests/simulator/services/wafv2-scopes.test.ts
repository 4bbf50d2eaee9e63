/** What is for CloudFront: kept in us-east-1, written at the top of a world whose home is another Region, too. */

import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { EC2Client, DescribeAddressesCommand } from '@aws-sdk/client-ec2';
import { GetIPSetCommand, UpdateIPSetCommand, WAFV2Client, type Scope } from '@aws-sdk/client-wafv2';
import { describe, expect, it } from 'vitest';
import { client } from '../../../shared/aws/clients.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { parseWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { deploy, run, sleep } from '../deploy.ts';
import { serviceWorld } from './service-world.ts';

const IDS = { CLOUDFRONT: 'aaaaaaaa-1111-4111-8111-111111111111', REGIONAL: 'bbbbbbbb-1111-4111-8111-111111111111' };
const TAGS = [{ Key: 'runbook:block', Value: 'edge' }];
const ARN = `arn:aws:wafv2:us-east-1:111122223333:global/ipset/edge/${IDS.CLOUDFRONT}`;

/** `edge` in both scopes. */
const SETS = (['REGIONAL', 'CLOUDFRONT'] as const).map((Scope) => ({
  Name: 'edge',
  Id: IDS[Scope],
  Scope,
  IPAddressVersion: 'IPV4',
  Addresses: [Scope === 'REGIONAL' ? '192.0.2.44/32' : '192.0.2.99/32'],
  Tags: TAGS,
}));
const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  wafv2: { IPSets: SETS },
};

function waf(region?: string): WAFV2Client {
  return client(WAFV2Client, region === undefined ? {} : { region });
}

async function addressesOf(Scope: Scope, region?: string): Promise<unknown> {
  const command = new GetIPSetCommand({ Name: 'edge', Id: IDS[Scope], Scope });
  const { IPSet } = await waf(region).send(command);
  return IPSet?.Addresses;
}

async function write(Scope: Scope, region?: string): Promise<string> {
  const named = { Name: 'edge', Id: IDS[Scope], Scope };
  try {
    const { LockToken } = await waf(region).send(new GetIPSetCommand(named));
    await waf(region).send(new UpdateIPSetCommand({ ...named, Addresses: [], LockToken }));
    return 'written';
  } catch (error) {
    return errorName(error);
  }
}

async function tagged(region?: string): Promise<unknown> {
  const tagging = client(ResourceGroupsTaggingAPIClient, region === undefined ? {} : { region });
  const { ResourceTagMappingList = [] } = await tagging.send(
    new GetResourcesCommand({ TagFilters: [{ Key: 'runbook:block' }] }),
  );
  return ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
}

function runIn(code: () => Promise<unknown>, world: object = WORLD): Promise<SimulationEnd> {
  return simulate(run(deploy(code, { timeoutSeconds: 300 }), { world }));
}

describe('a set for CloudFront', () => {
  it('is found, read and written by a client for us-east-1, and one of the same name at home beside it', async () => {
    const seen: unknown[] = [];
    const end = await runIn(async () => {
      seen.push(await tagged('us-east-1'), await tagged());
      seen.push(await addressesOf('CLOUDFRONT', 'us-east-1'), await addressesOf('REGIONAL'));
      seen.push(await write('CLOUDFRONT', 'us-east-1'));
      seen.push(await addressesOf('CLOUDFRONT', 'us-east-1'), await addressesOf('REGIONAL'));
    });
    expect(end.error).toBe(undefined);
    expect(seen).toEqual([
      [ARN],
      [`arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/edge/${IDS.REGIONAL}`],
      ['192.0.2.99/32'],
      ['192.0.2.44/32'],
      'written',
      [],
      ['192.0.2.44/32'],
    ]);
    expect(end.requests.filter(({ kind }) => kind === 'write').map(({ region }) => region)).toEqual(['us-east-1']);
  });

  it('is unknown to a client of the Region at home, which says that the scope is wrong', async () => {
    const { call } = serviceWorld({ wafv2: { IPSets: SETS } });
    expect(() => call('wafv2:GetIPSet', { Name: 'edge', Id: IDS.CLOUDFRONT, Scope: 'CLOUDFRONT' })).toThrow(
      'Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT',
    );
  });

  it('shares its write a second with what is REGIONAL in us-east-1, and with nothing at home', async () => {
    const seen: unknown[] = [];
    const twice = async (): Promise<void> => {
      seen.push(await write('CLOUDFRONT', 'us-east-1'), await write('REGIONAL'), await write('REGIONAL', 'us-east-1'));
      await sleep(1_000);
      seen.push(await write('REGIONAL', 'us-east-1'));
    };
    const [regional] = SETS;
    await runIn(twice, { ...WORLD, regions: { 'us-east-1': { wafv2: { IPSets: [regional] } } } });
    expect(seen).toEqual(['written', 'written', 'ThrottlingException', 'written']);
  });

  it('leaves the rest of us-east-1 what it is: not in the file', async () => {
    const end = await runIn(() => client(EC2Client, { region: 'us-east-1' }).send(new DescribeAddressesCommand({})));
    expect(end.error?.message).toMatch(/^not simulated: ec2:DescribeAddresses in us-east-1: the world has home alone/u);
  });

  it('is none where the file says nothing of one', async () => {
    const seen: unknown[] = [];
    const { wafv2: _none, ...bare } = WORLD;
    const end = await runIn(async () => seen.push(await tagged('us-east-1')), bare);
    expect([end.error, seen]).toEqual([undefined, [[]]]);
  });

  it('is written back where it was read', async () => {
    const end = await runIn(() => write('CLOUDFRONT', 'us-east-1'));
    const file: unknown = JSON.parse(JSON.stringify(worldFile(end.world)));
    expect(file).toMatchObject({
      wafv2: { IPSets: [{ Scope: 'REGIONAL' }, { ARN, Scope: 'CLOUDFRONT', Addresses: [] }] },
    });
    expect(file).not.toHaveProperty('regions');
    expect(parseWorld(file).data['wafv2']?.['IPSets']).toHaveLength(2);
  });
});

describe('a world file', () => {
  const there = { 'us-east-1': { wafv2: { IPSets: SETS.slice(1) } } };

  it('may have it under us-east-1 as well, but not twice', async () => {
    const seen: unknown[] = [];
    await runIn(async () => seen.push(await tagged('us-east-1')), { ...WORLD, wafv2: {}, regions: there });
    expect(seen).toEqual([[ARN]]);
    const end = await runIn(() => tagged(), { ...WORLD, regions: there }).catch((error: unknown) => error);
    expect(String(end)).toContain('wafv2.IPSets[1].Name: edge is in regions.us-east-1, too');
  });

  it('may not have it in another Region', async () => {
    const regions = { 'ap-south-1': { wafv2: { IPSets: SETS.slice(1) } } };
    const end = await runIn(() => tagged(), { ...WORLD, regions }).catch((error: unknown) => error);
    expect(String(end)).toContain(
      'what is for CloudFront is in us-east-1 only: write it at the top, or under regions.us-east-1',
    );
  });
});

describe('a script', () => {
  it('tells two sets of one name apart by their scope, and asks for it', () => {
    const { set, world } = serviceWorld({ wafv2: { IPSets: SETS } });
    expect(() => set('wafv2/IPSets/edge/Addresses/+', '198.51.100.9/32')).toThrow(
      'edge is there more than once: write REGIONAL/edge or CLOUDFRONT/edge',
    );
    set('wafv2/IPSets/CLOUDFRONT/edge/Addresses/+', '198.51.100.9/32');
    set('wafv2/IPSets/REGIONAL/edge/Addresses/-', '192.0.2.44/32');
    const of = (region: string): unknown => world.regions.get(region)?.data['wafv2']?.['IPSets']?.[0]?.['Addresses'];
    expect([of('us-east-1'), of('eu-west-1')]).toEqual([['192.0.2.99/32', '198.51.100.9/32'], []]);
  });

  it('may make one for CloudFront, and take it away', () => {
    const { set, world } = serviceWorld({ wafv2: { IPSets: SETS.slice(0, 1) } });
    const names = (): unknown => world.regions.get('us-east-1')?.data['wafv2']?.['IPSets']?.map((one) => one['ARN']);
    const { Name: _name, Scope: _scope, ...set4 } = { ...SETS[1] };
    set('wafv2/IPSets/CLOUDFRONT/edge', set4);
    expect(names()).toEqual([ARN]);
    set('wafv2/IPSets/CLOUDFRONT/edge', null);
    expect(names()).toEqual([]);
  });
});
