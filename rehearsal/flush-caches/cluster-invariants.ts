/** What must hold at every moment where flush-caches reboots nodes of ElastiCache: each reboot is judged as the account stands when it is taken. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { clusterOf, membersOf, records } from '../../simulator/services/elasticache/state.ts';
import { list, show } from '../../simulator/services/ec2/state.ts';

/** A node that was rebooted. */
interface Rebooted {
  readonly cluster: Shape;
  readonly id: string;
  readonly node: string;
}

function rebootsOf(cluster: Shape): readonly Rebooted[] {
  return list(cluster, 'Reboots').flatMap(({ CacheNodeIds: nodes }) =>
    Array.isArray(nodes)
      ? nodes.map((node) => ({ cluster, id: show(cluster['CacheClusterId']), node: show(node) }))
      : [],
  );
}

function clusters({ regions }: World): readonly Shape[] {
  return [...regions.values()].flatMap((world) => records(world, 'CacheClusters'));
}

/** Reboots since the last time, each once. */
function fresh(world: World, memory: { [key: string]: unknown }): readonly Rebooted[] {
  return clusters(world).flatMap((cluster) => {
    const all = rebootsOf(cluster);
    const key = show(cluster['CacheClusterId']);
    const seen = Number(memory[key] ?? 0);
    memory[key] = all.length;
    return all.slice(seen);
  });
}

function groupOf(world: World, cluster: Shape): Shape | undefined {
  return records(world, 'ReplicationGroups').find((one) =>
    membersOf(one).some(({ CacheClusterId: id }) => id === cluster['CacheClusterId']),
  );
}

/** Judges each reboot once, when it is taken. */
function eachReboot(
  name: string,
  fault: (reboot: Rebooted, world: World, sent: readonly LoggedRequest[]) => string | undefined,
): Watcher {
  return {
    name,
    check: (world, memory, _told, sent = []) => {
      const faults = fresh(world, memory).flatMap((reboot) => {
        const found = fault(reboot, world, sent);
        return found === undefined ? [] : [`node ${reboot.node} of ${reboot.id} ${found}`];
      });
      return faults.length === 0 ? undefined : faults.join(', ');
    },
  };
}

const TAGS: readonly string[] = ['runbook:flush', 'runbook:flush-by=reboot'];

const bothTags = eachReboot('never-a-reboot-without-both-tags', ({ cluster }, world) => {
  const tags = list(groupOf(world, cluster) ?? cluster, 'Tags').flatMap(({ Key, Value }) => [
    show(Key),
    `${show(Key)}=${show(Value)}`,
  ]);
  const missing = TAGS.find((tag) => !tags.includes(tag));
  return missing === undefined ? undefined : `was rebooted without the tag ${missing}`;
});

const noReplica = eachReboot('never-a-reboot-of-a-replica', ({ cluster, id }, world) => {
  const members = list(groupOf(world, cluster), 'NodeGroups').flatMap((shard) => list(shard, 'NodeGroupMembers'));
  const role = members.find(({ CacheClusterId }) => CacheClusterId === id)?.['CurrentRole'];
  const isAlone = members.length <= 1;
  return role === 'primary' || (role === undefined && isAlone) ? undefined : 'was rebooted and is not the primary';
});

/** Outcome events that ask for a word on a plan, by what the plan reboots. */
function questions(world: World): readonly string[] {
  return world.records('eventbridge', 'Entries').flatMap((entry) => {
    const detail: unknown = typeof entry['Detail'] === 'string' ? JSON.parse(entry['Detail']) : undefined;
    return isRecord(detail) && isRecord(detail['approval']) ? [show(detail['target'])] : [];
  });
}

const asked = eachReboot('never-a-reboot-unasked', ({ cluster }, world) => {
  const arn = (groupOf(world, cluster) ?? cluster)['ARN'];
  return questions(world).includes(show(arn)) ? undefined : 'was rebooted, and nobody was asked';
});

const oneAtATime: Watcher = {
  name: 'never-two-nodes-of-a-cluster-down',
  check: (world) => {
    const down = clusters(world).flatMap((cluster) =>
      list(cluster, 'CacheNodes')
        .filter(({ CacheNodeStatus: status }) => status === 'rebooting')
        .map(({ CacheNodeId: node }) => ({
          whole: show((groupOf(world, cluster) ?? cluster)['ARN']),
          node: show(node),
        })),
    );
    const two = down.find(({ whole }) => down.filter((each) => each.whole === whole).length > 1);
    return two === undefined ? undefined : `several nodes of ${two.whole} are down at once`;
  },
};

/** How often a node may be rebooted: once for each request that has written it down, and as often as that says that it may have been. */
function mostReboots({ id, node }: Rebooted, sent: readonly LoggedRequest[]): number {
  const tries = new Map<string, number>();
  for (const { input } of sent) {
    const { value } = input;
    if (!isRecord(value) || value['cluster'] !== id || value['node'] !== node) continue;
    const words = show(value['words']);
    tries.set(words, Math.max(tries.get(words) ?? 0, Number(value['tries'])));
  }
  return [...tries.values()].reduce((sum, each) => sum + each, 0);
}

const noneTwice = eachReboot('no-node-rebooted-twice-untold', (reboot, _world, sent) => {
  const times = rebootsOf(reboot.cluster).filter(({ node }) => node === reboot.node).length;
  const most = mostReboots(reboot, sent);
  return times <= most ? undefined : `was rebooted ${times} times, and ${most} are written down`;
});

/** A request that was told as done has emptied what it was about. */
const emptied: Watcher = {
  name: 'what-is-told-as-flushed-is-empty',
  check: (world, memory, told = []) => {
    const seen = Number(memory['told'] ?? 0);
    memory['told'] = told.length;
    const full = told.slice(seen).flatMap(({ runbook, outcome, evidence }) => {
      const nodes: unknown = evidence['nodes'];
      if (runbook !== 'flush-caches' || outcome !== 'done' || !Array.isArray(nodes)) return [];
      return nodes.map(show).filter((each) => {
        const [id = '', node = ''] = each.split('/');
        const keys: unknown = clusterOf(world, id)?.['Keys'];
        return isRecord(keys) && keys[node] !== 0;
      });
    });
    return full.length === 0 ? undefined : `${full.join(', ')}: told as flushed, and not empty`;
  },
};

export const CLUSTER_INVARIANTS: readonly Watcher[] = [oneAtATime, bothTags, noReplica, asked, noneTwice, emptied];
