/** What is read of clusters, and sent, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, observe, ofPerson, TICK, type Request } from '../../../functions/flush-caches/aws.ts';
import { rebootCacheCluster } from '../../../functions/flush-caches/aws/clusters.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { inFunction } from '../in-a-function.ts';

const AT = 'arn:aws:elasticache:eu-west-1:111122223333:';
const DAX = 'arn:aws:dax:eu-west-1:111122223333:cache/reads';
const TAGS = [
  { Key: 'runbook:flush', Value: 'shop' },
  { Key: 'runbook:flush-by', Value: 'reboot' },
];

function member(CacheClusterId: string, CurrentRole?: string): object {
  return { CacheClusterId, ...(CurrentRole === undefined ? {} : { CurrentRole }) };
}

function worldOf(group: object = {}, cluster: object = {}): object {
  return {
    now: '2026-11-29T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    whole: true,
    cloudfront: {
      Distributions: [
        { Id: 'E1ABCDEFGHIJKL', DistributionConfig: { Enabled: true }, Tags: TAGS.slice(0, 1), Invalidations: [] },
      ],
    },
    elasticache: {
      ReplicationGroups: [
        {
          ReplicationGroupId: 'carts',
          Engine: 'valkey',
          MultiAZ: 'enabled',
          NodeGroups: [{ NodeGroupMembers: [member('carts-1', 'replica'), member('carts-2', 'primary')] }],
          Tags: TAGS,
          ...group,
        },
      ],
      CacheClusters: [{ CacheClusterId: 'pages', Engine: 'memcached', NumCacheNodes: 2, Tags: TAGS, ...cluster }],
      ServerlessCaches: [{ ServerlessCacheName: 'bursts', Tags: TAGS }],
    },
    dax: { Clusters: [{ ClusterName: 'reads', ParameterGroup: { ParameterGroupName: 'reads-params' }, Tags: TAGS }] },
  };
}

function asked(target: string): Request {
  const params = { whole: ['cluster'] } as const;
  return ofPerson(params, {
    kind: 'request',
    id: 'request:0123456789abcdef01',
    runbook: 'flush-caches',
    params: {},
    dryRun: false,
    target,
  });
}

async function inWorld<T>(work: (io: Io) => Promise<T>, world: object = worldOf()): Promise<T> {
  const { value, thrown } = await inFunction(world, work);
  if (value === undefined) throw thrown;
  return value;
}

/** A cluster as it is seen. */
async function seen(target: string, world?: object, request: Request = asked('shop')) {
  const found = await inWorld((io) => observe(target, request, io), world);
  if (found.kind !== 'cluster') throw new Error(`${target} is seen as a ${found.kind}`);
  return found;
}

describe('targets', () => {
  const targets = (target: string, world?: object) =>
    inWorld(async (io) => (await locate(asked(target), io)).map((each) => each.target), world);

  it('are all clusters of the name, a group without its nodes, and no distribution', async () => {
    expect(await targets('shop')).toEqual([
      DAX,
      `${AT}cluster:pages`,
      `${AT}replicationgroup:carts`,
      `${AT}serverlesscache:bursts`,
    ]);
    expect(await targets('nobody')).toEqual([]);
    const bare = worldOf({ Tags: [] }, { ReplicationGroupId: 'carts' });
    expect(await targets('shop', bare)).toContain(`${AT}cluster:pages`);
  });

  it('are the one of an ARN, unless that is another account’s or Region’s', async () => {
    expect(await targets(`${AT}cluster:pages`)).toEqual([`${AT}cluster:pages`]);
    const everywhere = 'arn:aws:elasticache::111122223333:globalreplicationgroup:ldgnf-carts';
    expect(await targets(everywhere)).toEqual([everywhere]);
    expect(await targets('arn:aws:elasticache:eu-west-1:999999999999:cluster:pages')).toEqual([]);
    expect(await targets('arn:aws:dax:us-east-1:111122223333:cache/reads')).toEqual([]);
  });

  it('that have no paths are asked for as a whole, and no other', () => {
    const of = (target: string, params: Parameters<typeof ofPerson>[0]) => () =>
      ofPerson(params, {
        kind: 'request',
        id: 'request:0',
        runbook: 'flush-caches',
        params: {},
        dryRun: false,
        target,
      });
    for (const params of [{ paths: ['/*'] }, { whole: ['stage'] }, { paths: ['/*'], whole: ['cluster'] }] as const)
      expect(of(`${AT}cluster:pages`, params)).toThrow('"whole": ["cluster"]');
    expect(of('arn:aws:elasticache:eu-west-1:111122223333:snapshot:pages', { whole: ['cluster'] })).toThrow(
      'not the ARN',
    );
  });
});

describe('a replication group', () => {
  it('is read with its roles, its tags, and what is pending at its primary', async () => {
    const { cluster, ask, reboots } = await seen(`${AT}replicationgroup:carts`);
    expect(cluster).toEqual({
      form: 'replication-group',
      id: 'carts',
      engine: 'valkey',
      status: 'available',
      tags: { flush: 'shop', flushBy: 'reboot' },
      isClusterMode: false,
      durability: null,
      belongsTo: null,
      isMultiAz: true,
      nodes: [
        { cluster: 'carts-1', node: '0001', role: 'replica' },
        { cluster: 'carts-2', node: '0001', role: 'primary' },
      ],
      parameterGroup: null,
      pending: [],
      events: [],
    });
    expect(ask).toMatchObject({ by: 'somebody', words: '0123456789abcdef', name: 'shop' });
    expect(reboots).toEqual([]);
    expect(
      (await seen(`${AT}replicationgroup:carts`, undefined, asked(`${AT}replicationgroup:carts`))).ask?.name,
    ).toBeNull();
  });

  it.each([
    [{ ClusterEnabled: true }, { isClusterMode: true }],
    [{ ClusterMode: 'compatible' }, { isClusterMode: true }],
    [
      { NodeGroups: [1, 2].map((index) => ({ NodeGroupMembers: [member(`carts-${index}`)] })) },
      { isClusterMode: true },
    ],
    [{ NodeGroups: [] }, { nodes: [], tags: null }],
    [{ EffectiveDurability: 'sync' }, { durability: 'sync' }],
    [{ EffectiveDurability: 'disabled', Durability: 'default' }, { durability: null }],
    [{ Durability: 'default' }, { durability: 'default' }],
    [{ GlobalReplicationGroupInfo: { GlobalReplicationGroupId: 'ldgnf' } }, { belongsTo: 'ldgnf' }],
    [{ Status: 'snapshotting' }, { status: 'snapshotting', tags: null }],
    [
      { NodeGroups: [{ NodeGroupMembers: [member('carts-1')] }] },
      { nodes: [{ cluster: 'carts-1', node: '0001', role: null }] },
    ],
  ])('with %j is seen as %j', async (group, is) => {
    expect((await seen(`${AT}replicationgroup:carts`, worldOf(group))).cluster).toMatchObject(is);
  });
});

describe('a cluster by itself', () => {
  it('is read with its nodes, and what waits for a reboot', async () => {
    const waiting = {
      CacheParameterGroup: {
        CacheParameterGroupName: 'p',
        ParameterApplyStatus: 'pending-reboot',
        CacheNodeIdsToReboot: ['0001'],
      },
      PendingModifiedValues: { NumCacheNodes: 3, CacheNodeIdsToRemove: [] },
    };
    expect((await seen(`${AT}cluster:pages`, worldOf({}, waiting))).cluster).toMatchObject({
      form: 'stand-alone',
      nodes: [
        { cluster: 'pages', node: '0001', role: null },
        { cluster: 'pages', node: '0002', role: null },
      ],
      parameterGroup: 'p',
      pending: ['NumCacheNodes'],
    });
    const node = { CacheNodes: [{ CacheNodeId: '0001', ParameterGroupStatus: 'pending-reboot' }] };
    expect((await seen(`${AT}cluster:pages`, worldOf({}, node))).cluster?.parameterGroup).toBe('of unknown name');
  });

  it('that is a node of a group says so', async () => {
    expect((await seen(`${AT}cluster:carts-1`)).cluster).toMatchObject({ form: 'member', belongsTo: 'carts' });
  });

  it('is read while it reboots, without its tags, and with what has happened', async () => {
    const { before, after } = await inWorld(
      async (io) => {
        const look = () => observe(`${AT}cluster:pages`, asked('shop'), io);
        await rebootCacheCluster.send({ CacheClusterId: 'pages', CacheNodeIdsToReboot: ['0002'] }, io);
        const down = await look();
        await io.sleep(3_000);
        return { before: down, after: await look() };
      },
      worldOf({}, { RebootTakes: 'PT2S' }),
    );
    expect(before).toMatchObject({ cluster: { status: 'rebooting cluster nodes', tags: null } });
    expect(after).toMatchObject({
      cluster: {
        status: 'available',
        tags: { flush: 'shop', flushBy: 'reboot' },
        events: [
          { cluster: 'pages', node: '0002', what: 'shutdown' },
          { cluster: 'pages', node: '0002', what: 'restarted' },
        ],
      },
    });
  });

  it('is not rebooted while it is not available, and the world has moved', async () => {
    const input = { CacheClusterId: 'pages', CacheNodeIdsToReboot: ['0002'] };
    const thrown = await inWorld(
      async (io) => rebootCacheCluster.send(input, io).then(String, errorName),
      worldOf({}, { CacheClusterStatus: 'modifying' }),
    );
    expect(rebootCacheCluster.means[thrown]).toBe('conflict');
  });
});

describe('what else keeps data in memory', () => {
  it('is seen as what it is', async () => {
    expect((await seen(`${AT}serverlesscache:bursts`)).cluster).toMatchObject({ form: 'serverless', id: 'bursts' });
    const everywhere = 'arn:aws:elasticache::111122223333:globalreplicationgroup:ldgnf';
    expect((await seen(everywhere)).cluster).toMatchObject({ form: 'global-datastore', id: 'ldgnf' });
    expect((await seen(DAX)).cluster).toMatchObject({ form: 'dax', id: 'reads', parameterGroup: 'reads-params' });
  });

  it('may be gone, and is not read where nothing is asked', async () => {
    for (const arn of [`${AT}cluster:x`, `${AT}replicationgroup:x`, DAX.replace('reads', 'x')])
      expect((await seen(arn)).cluster).toBeNull();
    expect(await seen(`${AT}cluster:pages`, undefined, TICK)).toMatchObject({ ask: null, cluster: null });
  });
});

describe('a reboot that is written down', () => {
  const write = (value: { readonly [member: string]: string | number }) =>
    openData().write({ partition: 'flush-reboot', key: 'cluster:pages/0123/pages/0001', ifVersion: 0, value });
  const whole = {
    cluster: 'pages',
    node: '0001',
    words: '0123',
    run: 'r',
    by: 'kim',
    at: '2026-11-29T08:59:00Z',
    tries: 1,
  };

  it('is read with how often it was', async () => {
    const read = await inWorld(async (io) => {
      await write(whole);
      return observe(`${AT}cluster:pages`, TICK, io);
    });
    expect(read).toMatchObject({ reboots: [{ ...whole, version: 1 }] });
  });

  it('and cannot be read is a failure, and never none', async () => {
    const look = inWorld(async (io) => {
      await write({ ...whole, tries: 'one' });
      return observe(`${AT}cluster:pages`, asked('shop'), io);
    });
    await expect(look).rejects.toThrow('flush-reboot/cluster:pages/0123/pages/0001 cannot be read');
  });
});
