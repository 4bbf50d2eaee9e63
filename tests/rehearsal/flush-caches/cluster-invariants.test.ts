/** What is watched while nodes of clusters are rebooted: that each watcher notices what it is there for, and nothing else. */

import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { INVARIANTS } from '../../../rehearsal/invariants.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { staged } from '../watching.ts';

const AT = 'arn:aws:elasticache:eu-west-1:111122223333:';
const TAGS = [
  { Key: 'runbook:flush', Value: 'shop' },
  { Key: 'runbook:flush-by', Value: 'reboot' },
];

/** A Memcached of two nodes, and a group of two. */
function scene(pages: object = {}, group: object = {}) {
  const roles = ['primary', 'replica'].map((CurrentRole, index) => ({
    CacheClusterId: `carts-${index + 1}`,
    CurrentRole,
  }));
  const { world } = staged({
    elasticache: {
      ReplicationGroups: [
        { ReplicationGroupId: 'carts', Tags: TAGS, NodeGroups: [{ NodeGroupMembers: roles }], ...group },
      ],
      CacheClusters: [{ CacheClusterId: 'pages', NumCacheNodes: 2, Tags: TAGS, ...pages }],
    },
  });
  for (const model of world.services) model.start?.(world);
  return world;
}

type World = ReturnType<typeof scene>;

function reboot(world: World, id: string, nodes: readonly string[] = ['0001'], times = 1): World {
  const cluster = world.records('elasticache', 'CacheClusters').find((one) => one['CacheClusterId'] === id) ?? {};
  cluster['Reboots'] = Array.from({ length: times }, () => ({ CacheNodeIds: nodes, At: world.clock.iso() }));
  return world;
}

function found(name: string, world: World, told: readonly RunResult[] = [], sent: readonly LoggedRequest[] = []) {
  return INVARIANTS[name]?.check(world, {}, told, sent);
}

/** A reboot is written down, as one that may have been sent so often. */
function written(tries: number, words = 'w'): LoggedRequest {
  const input = { value: { cluster: 'pages', node: '0001', words, tries } };
  return { index: 0, invocation: 0, call: 'ledger:write', kind: 'write', input, at: '2026-11-22T08:00:00Z', depth: 1 };
}

function done(evidence: RunResult['evidence'], outcome: RunResult['outcome'] = 'done'): RunResult {
  return {
    runbook: 'flush-caches',
    run: 'r',
    target: AT,
    outcome,
    reason: 'flushed: so it is',
    evidence,
    plan: [],
    phases: [],
  };
}

describe('never-a-reboot-without-both-tags', () => {
  const name = 'never-a-reboot-without-both-tags';
  it('looks at the cluster, or its group', () => {
    expect(found(name, reboot(scene(), 'pages'))).toBeUndefined();
    expect(found(name, reboot(scene(), 'carts-1'))).toBeUndefined();
    expect(found(name, reboot(scene({ Tags: TAGS.slice(0, 1) }), 'pages'))).toBe(
      'node 0001 of pages was rebooted without the tag runbook:flush-by=reboot',
    );
    expect(found(name, reboot(scene({}, { Tags: TAGS.slice(1) }), 'carts-1'))).toContain(
      'without the tag runbook:flush',
    );
  });
});

describe('never-a-reboot-of-a-replica', () => {
  it('lets the primary be rebooted, and what is not replicated', () => {
    for (const id of ['pages', 'carts-1'])
      expect(found('never-a-reboot-of-a-replica', reboot(scene(), id))).toBeUndefined();
    expect(found('never-a-reboot-of-a-replica', reboot(scene(), 'carts-2'))).toBe(
      'node 0001 of carts-2 was rebooted and is not the primary',
    );
  });
});

describe('never-a-reboot-unasked', () => {
  it('wants a question about that very cluster before', () => {
    const asked = (target: string): World => {
      const world = scene();
      const Detail = JSON.stringify({ target, approval: { callbackId: 'c' } });
      world
        .records('eventbridge', 'Entries')
        .push({ Detail }, { Detail: JSON.stringify({ target: `${AT}cluster:other` }) });
      return reboot(world, 'carts-1');
    };
    expect(found('never-a-reboot-unasked', asked(`${AT}replicationgroup:carts`))).toBeUndefined();
    for (const other of [`${AT}cluster:other`, `${AT}cluster:carts-1`])
      expect(found('never-a-reboot-unasked', asked(other))).toBe(
        'node 0001 of carts-1 was rebooted, and nobody was asked',
      );
  });
});

describe('never-two-nodes-of-a-cluster-down', () => {
  it('counts those of a group together', () => {
    const down = (...ids: readonly string[]): World => {
      const world = scene();
      for (const cluster of world.records('elasticache', 'CacheClusters'))
        if (ids.includes(String(cluster['CacheClusterId'])))
          cluster['CacheNodes'] = [{ CacheNodeId: '0001', CacheNodeStatus: 'rebooting' }];
      return world;
    };
    expect(found('never-two-nodes-of-a-cluster-down', down('pages', 'carts-1'))).toBeUndefined();
    expect(found('never-two-nodes-of-a-cluster-down', down('carts-1', 'carts-2'))).toBe(
      `several nodes of ${AT}replicationgroup:carts are down at once`,
    );
  });
});

describe('no-node-rebooted-twice-untold', () => {
  const name = 'no-node-rebooted-twice-untold';
  it('allows as many as are written down, of each request', () => {
    expect(found(name, reboot(scene(), 'pages', ['0001'], 2), [], [written(1), written(2)])).toBeUndefined();
    expect(found(name, reboot(scene(), 'pages', ['0001'], 2), [], [written(1), written(1, 'v')])).toBeUndefined();
    expect(found(name, reboot(scene(), 'pages', ['0001'], 2), [], [written(1)])).toContain(
      'node 0001 of pages was rebooted 2 times, and 1 are written down',
    );
    expect(found(name, reboot(scene(), 'pages', ['0002']), [], [written(1)])).toContain('and 0 are written down');
  });
});

describe('what-is-told-as-flushed-is-empty', () => {
  it('looks into the nodes that were told of', () => {
    const name = 'what-is-told-as-flushed-is-empty';
    const world = scene({ Keys: { '0001': 0 } });
    expect(
      found(name, world, [done({ nodes: ['pages/0001'] }), done({ nodes: ['pages/0002'] }, 'refused'), done({})]),
    ).toBeUndefined();
    expect(found(name, world, [done({ nodes: ['pages/0001', 'pages/0002'] })])).toBe(
      'pages/0002: told as flushed, and not empty',
    );
  });
});
