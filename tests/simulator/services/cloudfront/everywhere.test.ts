/** CloudFront is one for all Regions: written at the top, kept in us-east-1, reached by clients for whatever Region. */

import {
  CloudFrontClient,
  GetAnycastIpListCommand,
  GetDistributionConfigCommand,
  ListAnycastIpListsCommand,
  ListDistributionsByWebACLIdCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import { simulate, type SimulationEnd } from '../../../../simulator/engine/simulation.ts';
import { parseWorld, pastedWorld, worldFile } from '../../../../simulator/world/world-file.ts';
import { deploy, run } from '../../deploy.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const ID = 'E1ABCDEFGHIJKL';
const ARN = `arn:aws:cloudfront::111122223333:distribution/${ID}`;
const SHOP = { Id: ID, DistributionConfig: { Comment: 'the shop' }, Tags: [{ Key: 'team', Value: 'shop' }] };
const LIST = { Id: 'aip_1', Name: 'ours', AnycastIps: ['192.0.2.1', '192.0.2.2'] };
const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  cloudfront: { Distributions: [SHOP], AnycastIpLists: [LIST] },
};
function frontIn(region: string): CloudFrontClient {
  return client(CloudFrontClient, { region });
}

async function comment(region: string): Promise<unknown> {
  const { DistributionConfig } = await frontIn(region).send(new GetDistributionConfigCommand({ Id: ID }));
  return DistributionConfig?.Comment;
}

async function write(region: string, Comment: string): Promise<void> {
  const { DistributionConfig, ETag } = await frontIn(region).send(new GetDistributionConfigCommand({ Id: ID }));
  if (DistributionConfig === undefined) throw new Error('no configuration');
  await frontIn(region).send(
    new UpdateDistributionCommand({ Id: ID, IfMatch: ETag, DistributionConfig: { ...DistributionConfig, Comment } }),
  );
}

async function tagged(region: string, type: string): Promise<unknown> {
  const tagging = client(ResourceGroupsTaggingAPIClient, { region });
  const { ResourceTagMappingList = [] } = await tagging.send(new GetResourcesCommand({ ResourceTypeFilters: [type] }));
  return ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
}

function runIn(code: () => Promise<unknown>, world: object = WORLD): Promise<SimulationEnd> {
  return simulate(run(deploy(code, { timeoutSeconds: 300 }), { world }));
}

describe('a distribution', () => {
  it('is the same for clients of whatever Region, also of one that the world does not have', async () => {
    const seen: unknown[] = [];
    const end = await runIn(async () => {
      await write('eu-west-1', 'changed at home');
      seen.push(await comment('us-east-1'));
      await write('us-east-1', 'changed there');
      seen.push(await comment('eu-west-1'), await comment('ap-south-1'));
    });
    expect(end.error).toBe(undefined);
    expect(seen).toEqual(['changed at home', 'changed there', 'changed there']);
    expect(end.requests.map(({ region }) => region)).toEqual(end.requests.map(() => 'us-east-1'));
  });

  it('is listed by its tags in us-east-1 only, by its type', async () => {
    const seen: unknown[] = [];
    await runIn(async () => {
      seen.push(await tagged('us-east-1', 'cloudfront:distribution'), await tagged('us-east-1', 'wafv2'));
      seen.push(await tagged('eu-west-1', 'cloudfront:distribution'));
    });
    expect(seen).toEqual([[ARN], [], []]);
  });

  it('is written back where it was read, its deployment still to come', async () => {
    const end = await runIn(() => write('eu-west-1', 'changed'));
    const file: unknown = JSON.parse(JSON.stringify(worldFile(end.world)));
    expect(file).toMatchObject({
      cloudfront: { Distributions: [{ ARN, DistributionConfig: { Comment: 'changed' } }] },
    });
    expect(file).not.toHaveProperty('regions');
    expect(parseWorld(file).data['cloudfront']?.['Distributions']).toHaveLength(1);
  });

  it('that is in progress when a world begins is deployed after five minutes', () => {
    const { world, pass } = serviceWorld({
      ...WORLD,
      cloudfront: { Distributions: [{ ...SHOP, Status: 'InProgress' }] },
    });
    const status = (): unknown =>
      world.regions.get('us-east-1')?.data['cloudfront']?.['Distributions']?.[0]?.['Status'];
    expect(status()).toBe('InProgress');
    pass(301);
    expect(status()).toBe('Deployed');
  });
});

describe('an anycast static IP list', () => {
  it('is listed without its addresses, and read with them', async () => {
    const seen: unknown[] = [];
    const end = await runIn(async () => {
      const { AnycastIpLists } = await frontIn('eu-west-1').send(new ListAnycastIpListsCommand({}));
      const { AnycastIpList } = await frontIn('eu-west-1').send(new GetAnycastIpListCommand({ Id: 'aip_1' }));
      seen.push(AnycastIpLists, AnycastIpList);
    });
    const shown = {
      Id: 'aip_1',
      Name: 'ours',
      Status: 'Deployed',
      Arn: 'arn:aws:cloudfront::111122223333:anycast-ip-list/aip_1',
      IpCount: 2,
      LastModifiedTime: new Date('2026-11-22T08:00:00.000Z'),
    };
    expect(end.error).toBe(undefined);
    expect(seen).toEqual([
      {
        Marker: '',
        MaxItems: 100,
        IsTruncated: false,
        Quantity: 1,
        Items: [{ ...shown, ETag: expect.stringMatching(/^E[A-Z0-9]{13}$/u) }],
      },
      { ...shown, AnycastIps: ['192.0.2.1', '192.0.2.2'] },
    ]);
  });

  it('that is not there is not found', () => {
    const { call } = serviceWorld({ region: 'us-east-1', cloudfront: { AnycastIpLists: [LIST] } });
    expect(refusal(() => call('cloudfront:GetAnycastIpList', { Id: 'aip_2' }))).toBe(
      'EntityNotFound: The entity was not found.',
    );
  });

  it('of which only the summary is known is not guessed', () => {
    const { AnycastIps: _addresses, ...summary } = LIST;
    const { call } = serviceWorld({ region: 'us-east-1', cloudfront: { AnycastIpLists: { Items: [summary] } } });
    expect(refusal(() => call('cloudfront:GetAnycastIpList', { Id: 'aip_1' }))).toMatch(
      /^not simulated: cloudfront:GetAnycastIpList of aip_1: the world file does not say its AnycastIps/u,
    );
  });
});

describe('a world file', () => {
  const { cloudfront: _top, ...bare } = WORLD;
  const there = { cloudfront: { Distributions: [SHOP] } };

  it('may have them under us-east-1 as well, but not twice', async () => {
    const seen: unknown[] = [];
    await runIn(async () => seen.push(await comment('eu-west-1')), { ...bare, regions: { 'us-east-1': there } });
    expect(seen).toEqual(['the shop']);
    const twice = runIn(() => comment('eu-west-1'), { ...WORLD, regions: { 'us-east-1': there } });
    await expect(twice).rejects.toThrow(`cloudfront.Distributions[0].Id: ${ID} is in regions.us-east-1, too`);
  });

  it('may have them nowhere else', async () => {
    const elsewhere = runIn(() => comment('eu-west-1'), { ...bare, regions: { 'ap-south-1': there } });
    await expect(elsewhere).rejects.toThrow(
      'regions.ap-south-1.cloudfront.Distributions: CloudFront is one for all Regions: write it at the top, or under regions.us-east-1',
    );
  });

  it('may not hold what CloudFront would not', () => {
    const GeoRestriction = { RestrictionType: 'none', Items: ['AQ'] };
    const bad = { Id: ID, DistributionConfig: { Restrictions: { GeoRestriction } } };
    expect(refusal(() => serviceWorld({ cloudfront: { Distributions: [bad] } }))).toBe(
      'cloudfront.Distributions[0].DistributionConfig: InvalidGeoRestrictionParameter: Your request contains invalid Restriction parameters.',
    );
  });

  it('takes the outputs of AWS as they are, what several say of a distribution as one', () => {
    const { world, lacks } = pastedWorld({
      now: '2026-11-22T08:00:00Z',
      account: '111122223333',
      region: 'eu-west-1',
      cloudfront: {
        DistributionList: {
          Quantity: 1,
          Items: [{ Id: ID, ARN, WebACLId: '', Comment: 'summary' }],
          IsTruncated: false,
        },
        Distribution: { Id: ID, ARN, DistributionConfig: { Comment: 'whole' } },
        ETag: 'E2QWRUHAPOMQZL',
      },
    });
    expect(lacks).toEqual([]);
    expect(world.data['cloudfront']).toEqual({
      Distributions: [
        {
          Id: ID,
          ARN,
          WebACLId: '',
          Comment: 'summary',
          DistributionConfig: { Comment: 'whole' },
          ETag: 'E2QWRUHAPOMQZL',
        },
      ],
    });
  });
});

describe('a pasted world', () => {
  const PASTED = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };

  it('without the word of whoever made a distribution has one all the same', async () => {
    const distribution = { Id: 'E1ABCDEFGHIJKL', DistributionConfig: { Comment: 'the shop' } };
    const seen: unknown[] = [];
    const get = async (): Promise<void> => {
      seen.push(await client(CloudFrontClient).send(new GetDistributionConfigCommand({ Id: 'E1ABCDEFGHIJKL' })));
    };
    const { world } = pastedWorld({ ...PASTED, cloudfront: { Distributions: [distribution] } });
    expect((await runIn(get, world)).error).toBe(undefined);
    expect(seen).toMatchObject([{ DistributionConfig: { CallerReference: 'E1ABCDEFGHIJKL', Comment: 'the shop' } }]);
  });

  it('that says nothing of distributions does not say that there are none', async () => {
    const acl = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/11111111-2222-4333-8444-555555555555';
    const list = async (): Promise<unknown> => {
      // Neither does it after it was asked for tags.
      await tagged('us-east-1', 'cloudfront:distribution');
      return client(CloudFrontClient).send(new ListDistributionsByWebACLIdCommand({ WebACLId: acl }));
    };
    const asked = (cloudfront: object) => runIn(list, pastedWorld({ ...PASTED, cloudfront }).world);
    expect((await asked({ AnycastIpLists: [] })).error?.message).toBe(
      'not simulated: cloudfront:ListDistributionsByWebACLId: no Distributions were pasted; write "cloudfront": { "Distributions": [] } if there are none',
    );
    expect((await asked({ Distributions: [] })).error).toBe(undefined);
  });
});
