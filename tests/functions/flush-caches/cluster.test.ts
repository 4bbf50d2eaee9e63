/** What is decided on a cluster. */

import { describe, expect, it } from 'vitest';
import { approvalHash } from '../../../shared/kernel/plan.ts';
import { ago, CARTS, decided, event, NOW, PAGES, planned, saidNo, written } from './cluster-facts.ts';

/** Both nodes of the Memcached are back. */
const BACK = [event('0001', 'restarted', 200), event('0002', 'restarted', 100)];
const BOTH = [written('0001', 260), written('0002', 160)];

describe('a cluster that is asked to be emptied', () => {
  it('has its first node rebooted, which is written down before, and a person approves', () => {
    const decision = decided();
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'rebooting',
      approval: 'always',
      more: true,
      intent: 'pages emptied for 0123456789abcdef',
      because:
        'reboot nodes 0001, 0002 of pages, one after the other, for kim: all that is in memory is lost, and its load goes to what is behind',
      note: { by: 'kim', why: 'bad prices', nodes: ['pages/0001', 'pages/0002'] },
      evidence: { cluster: 'pages', nodes: ['pages/0001', 'pages/0002'], rebooted: [], said: [] },
    });
    expect(planned(decision)).toEqual([
      { CacheClusterId: 'pages', CacheNodeIdsToReboot: ['0001'] },
      'cluster:pages/0123456789abcdef/pages/0001',
      0,
      {
        cluster: 'pages',
        node: '0001',
        words: '0123456789abcdef',
        run: 'run-1',
        by: 'kim',
        why: 'bad prices',
        at: NOW,
        tries: 1,
      },
    ]);
  });

  it('is told of with all that whoever approves should know', () => {
    const decision = decided({ of: CARTS, cluster: { parameterGroup: 'carts-params', pending: ['EngineVersion'] } });
    expect(decision).toMatchObject({
      because: expect.stringMatching(
        /^reboot carts-2, the primary of carts, for kim: .*is often not only a cache.*no replica takes over; Multi-AZ does not help.*applies changes that wait in parameter group carts-params; changes wait for their time: EngineVersion$/u,
      ),
      evidence: { pendingReboot: 'carts-params', pending: ['EngineVersion'] },
    });
    expect(planned(decision)[0]).toEqual({ CacheClusterId: 'carts-2', CacheNodeIdsToReboot: ['0001'] });
    const alone = decided({ cluster: { engine: null, nodes: PAGES.nodes.slice(0, 1) }, ask: { why: '' } });
    expect(alone).toMatchObject({
      because: expect.stringMatching(/^reboot node 0001 of pages, for kim: .*; a Redis or Valkey is often not only/u),
      plan: [{}, { because: 'no reason was given' }],
    });
  });

  it('has the same plan at each look until it is approved', () => {
    const hashOf = (decision: ReturnType<typeof decided>) =>
      decision.kind === 'act' ? approvalHash(decision.plan) : '';
    const later = decided({ cluster: { pending: ['NumCacheNodes'], events: [event('0001', 'restarted', 5_000)] } });
    expect(hashOf(decided())).toBe(hashOf(later));
  });

  it('goes on with the next node once the one before is back, and is done with all', () => {
    const first = {
      reboots: [written('0001', 90)],
      cluster: { events: [event('0001', 'shutdown', 88), event('0001', 'restarted', 30)] },
    };
    expect(planned(decided(first))[0]).toEqual({ CacheClusterId: 'pages', CacheNodeIdsToReboot: ['0002'] });
    expect(decided({ reboots: BOTH, cluster: { events: BACK } })).toMatchObject({
      kind: 'nothing',
      code: 'flushed',
      tells: true,
      because: '2 nodes of pages were rebooted for kim: what was in memory is gone',
      metrics: { NodesRebooted: 2 },
      evidence: { rebooted: ['pages/0001', 'pages/0002'] },
    });
  });

  it('of a group is done with its primary', () => {
    const reboots = [written('0001', 90, { cluster: 'carts-2' })];
    const events = [event('0001', 'restarted', 20, 'carts-2')];
    expect(decided({ of: CARTS, reboots, cluster: { events } })).toMatchObject({
      code: 'flushed',
      because: 'carts-2, the primary of carts, was rebooted for kim: what was in memory is gone',
    });
    const [one] = CARTS.nodes;
    const alone = one === undefined ? [] : [{ ...one, role: null }];
    expect(planned(decided({ of: CARTS, cluster: { nodes: alone } }))[0]).toMatchObject({ CacheClusterId: 'carts-1' });
  });

  it('is rebooted anew for the same words an hour later', () => {
    const old = [written('0001', 4_000, { version: 3 })];
    expect(planned(decided({ reboots: old, cluster: { events: [event('0001', 'restarted', 3_950)] } }))).toMatchObject([
      { CacheNodeIdsToReboot: ['0001'] },
      'cluster:pages/0123456789abcdef/pages/0001',
      3,
      { tries: 1 },
    ]);
  });
});

describe('what is waited for', () => {
  it.each([
    ['a node that is down', { status: 'rebooting cluster nodes', tags: null }, 90, 'rebooting', 15],
    ['a node that is down for long', { status: 'rebooting cluster nodes', tags: null }, 400, 'rebooting', 60],
    [
      'a node that has gone down, whatever the status says',
      { events: [event('0001', 'shutdown', 80)] },
      90,
      'rebooting',
      15,
    ],
    ['a call that may have been sent', {}, 90, 'not-shown-yet', 15],
    [
      'a group that is not available although its node is',
      { status: 'modifying', tags: null, events: [event('0001', 'restarted', 20)] },
      90,
      'rebooting',
      15,
    ],
  ] as const)('is %s', (_what, cluster, seconds, code, pause) => {
    expect(decided({ reboots: [written('0001', seconds)], cluster })).toMatchObject({
      kind: 'wait',
      code,
      seconds: pause,
    });
  });

  it('is what another request has begun, as long as it may last', () => {
    const theirs = (seconds: number) => [written('0002', seconds, { words: 'others', run: 'run-2', by: 'lee' })];
    expect(decided({ reboots: theirs(90) })).toMatchObject({ kind: 'wait', code: 'not-shown-yet' });
    expect(decided({ reboots: theirs(90), cluster: { status: 'rebooting cluster nodes' } })).toMatchObject({
      code: 'rebooting',
    });
    expect(decided({ reboots: theirs(601) })).toMatchObject({ kind: 'act' });
    expect(decided({ reboots: theirs(901) })).toMatchObject({ kind: 'act' });
    expect(decided({ reboots: theirs(90), cluster: { events: [event('0002', 'restarted', 10)] } })).toMatchObject({
      kind: 'act',
    });
  });

  it('is another run of the same request, unless it has died', () => {
    const theirs = { reboots: [written('0001', 700, { run: 'run-2' })] };
    const back = (seconds: number) => ({ ...theirs, cluster: { events: [event('0001', 'restarted', seconds)] } });
    expect(decided(back(599))).toMatchObject({
      kind: 'wait',
      code: 'another-run',
      because: expect.stringContaining('run-2'),
    });
    expect(planned(decided(back(600)))[0]).toMatchObject({ CacheNodeIdsToReboot: ['0002'] });
    const all = BOTH.map((each) => ({ ...each, run: 'run-2' }));
    expect(decided({ reboots: all, cluster: { events: BACK } })).toMatchObject({ kind: 'nothing', code: 'flushed' });
  });
});

describe('a reboot of which nothing shows', () => {
  it('is sent once more after ten minutes, and that is told', () => {
    expect(planned(decided({ reboots: [written('0001', 600)] }))).toMatchObject([
      { CacheNodeIdsToReboot: ['0001'] },
      expect.any(String),
      1,
      { tries: 2 },
    ]);
    const twice = [written('0001', 260, { tries: 2 }), written('0002', 160)];
    expect(decided({ reboots: twice, cluster: { events: BACK } })).toMatchObject({
      code: 'flushed',
      attention: true,
      because: expect.stringContaining('; 0001 perhaps twice'),
      evidence: { perhapsTwice: ['0001'] },
    });
  });

  it('twice is given up', () => {
    expect(decided({ reboots: [written('0001', 600, { tries: 2 })] })).toMatchObject({
      kind: 'refuse',
      code: 'never-shown',
      over: true,
      attention: true,
    });
  });

  it('is none that ElastiCache has refused: that one goes again, as if it had not been', () => {
    const refused = { reboots: [written('0001', 60)], refusals: [saidNo('0001', 59)] };
    expect(decided({ ...refused, refusals: [saidNo('0001', 59), saidNo('0001', 14)] })).toMatchObject({
      kind: 'wait',
      code: 'refused-for-now',
    });
    expect(planned(decided(refused))).toMatchObject([
      { CacheNodeIdsToReboot: ['0001'] },
      expect.any(String),
      1,
      { tries: 1 },
    ]);
    for (const reboots of [[written('0001', 30)], [written('0002', 60)], [written('0001', 60, { run: 'run-2' })]])
      expect(decided({ ...refused, reboots })).toMatchObject({ kind: 'wait', code: 'not-shown-yet' });
  });
});

describe('what is refused', () => {
  it.each([
    ['no-primary', CARTS, { nodes: CARTS.nodes.map((node) => ({ ...node, role: null })) }],
    ['no-primary', CARTS, { nodes: CARTS.nodes.map((node) => ({ ...node, role: 'primary' as const })) }],
    ['no-primary', CARTS, { nodes: [] }],
    ['no-primary', PAGES, { nodes: [] }],
    ['cluster-mode', CARTS, { isClusterMode: true }],
    ['global-datastore', CARTS, { belongsTo: 'ldgnf-carts' }],
    ['global-datastore', PAGES, { form: 'global-datastore' as const }],
    ['durable', CARTS, { durability: 'sync' }],
    ['serverless', PAGES, { form: 'serverless' as const }],
    ['member', PAGES, { form: 'member' as const, belongsTo: 'carts' }],
    ['dax', PAGES, { form: 'dax' as const }],
    ['snapshotting', PAGES, { status: 'snapshotting', tags: null }],
    ['not-available', PAGES, { status: 'modifying', tags: null }],
    ['not-available', PAGES, { tags: null }],
    ['not-tagged', PAGES, { tags: { flush: null, flushBy: 'reboot' } }],
    ['not-tagged', PAGES, { tags: { flush: 'other', flushBy: 'reboot' } }],
    ['not-opted-in', PAGES, { tags: { flush: 'shop', flushBy: null } }],
    ['not-opted-in', PAGES, { tags: { flush: 'shop', flushBy: 'Reboot' } }],
  ] as const)('is %s', (code, of, cluster) => {
    const decision = decided({ of, cluster });
    expect(decision).toMatchObject({ kind: 'refuse', code, attention: true });
    expect(decision).not.toHaveProperty('over');
  });

  it('says what to do instead', () => {
    const becauseOf = (cluster: Parameters<typeof decided>[0]) => decided(cluster).because;
    expect(becauseOf({ cluster: { form: 'dax', parameterGroup: 'p' } })).toContain(
      'record-ttl-millis and query-ttl-millis in parameter group p',
    );
    expect(becauseOf({ cluster: { form: 'serverless' } })).toContain('FLUSHALL');
    expect(becauseOf({ of: CARTS, cluster: { isClusterMode: true } })).toContain('to the primary of each shard');
    expect(becauseOf({ cluster: { form: 'member', belongsTo: 'carts' } })).toContain('replication group carts');
    expect(becauseOf({ cluster: { tags: { flush: 'shop', flushBy: null } } })).toContain('runbook:flush-by = reboot');
  });

  it('is not what was named by its ARN, whatever its name', () => {
    const tags = { flush: 'other', flushBy: 'reboot' };
    expect(decided({ ask: { name: null }, cluster: { tags } })).toMatchObject({ kind: 'act' });
    expect(decided({ ask: { name: null }, cluster: { tags: { ...tags, flush: null } } })).toMatchObject({
      code: 'not-tagged',
    });
  });

  it('is a cluster that there is not', () => {
    expect(decided({ cluster: null })).toMatchObject({ kind: 'refuse', code: 'no-such-cluster' });
  });

  it('is all the rest, where a node does not come back', () => {
    const down = { status: 'rebooting cluster nodes', tags: null };
    for (const reboots of [[written('0001', 900)], [written('0001', 1_100), written('0002', 900)]])
      expect(decided({ reboots, cluster: down })).toMatchObject({ kind: 'refuse', code: 'node-not-back', over: true });
    const events = [event('0001', 'restarted', 900)];
    expect(decided({ reboots: [written('0001', 1_000)], cluster: { ...down, events } })).toMatchObject({
      code: 'node-not-back',
    });
  });

  it('is what was emptied of a group whose roles have changed since', () => {
    const reboots = [written('0001', 90, { cluster: 'carts-1' })];
    const events = [event('0001', 'restarted', 20, 'carts-1')];
    expect(decided({ of: CARTS, reboots, cluster: { events } })).toMatchObject({
      kind: 'refuse',
      code: 'primary-moved',
      over: true,
    });
  });

  it('ends what was begun', () => {
    const reboots = [written('0001', 90)];
    const events = [event('0001', 'restarted', 20)];
    const tags = { flush: 'shop', flushBy: null };
    expect(decided({ reboots, cluster: { events, tags } })).toMatchObject({ code: 'not-opted-in', over: true });
  });
});

describe('a schedule', () => {
  it('tells of a run that has died, and reboots nothing', () => {
    const pending = { intent: 'pages emptied for 0123', at: ago(600), note: { by: 'kim' } };
    const history = { epoch: 1, actions: [], memory: {}, pending };
    expect(
      decided({ ask: null, cluster: null, history, reboots: [written('0001', 90), written('0002', 90_000)] }),
    ).toMatchObject({
      kind: 'refuse',
      code: 'left-behind',
      over: true,
      evidence: { by: 'kim', reboots: [`pages/0001 at ${ago(90)}`] },
    });
    expect(decided({ ask: null, cluster: null, history: 'unread' })).toMatchObject({ code: 'left-behind' });
  });
});
