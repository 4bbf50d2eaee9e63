/** What people are told of a cluster before they approve, and after. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import type { Cluster, ClusterAsk, ClusterNode, Reboot } from './cluster-facts.ts';

/** What was rebooted: `sessions-002, the primary of sessions, was rebooted`, `3 nodes of pages were rebooted`. */
export function rebooted({ id, form }: Cluster, nodes: readonly ClusterNode[]): string {
  const [first] = nodes;
  if (nodes.length !== 1 || first === undefined) return `${nodes.length} nodes of ${id} were rebooted`;
  return form === 'replication-group' ? `${first.cluster}, the primary of ${id}, was rebooted` : `${id} was rebooted`;
}

function oddities({ form, engine, isMultiAz, parameterGroup, pending }: Cluster): readonly string[] {
  return [
    ...(engine === 'memcached'
      ? []
      : [`a ${engine ?? 'Redis or Valkey'} is often not only a cache: sessions, queues and locks in it are gone too`]),
    ...(form === 'replication-group'
      ? ['its replicas clear their copies; writes fail until the primary is back, for no replica takes over']
      : []),
    ...(isMultiAz ? ['Multi-AZ does not help: a reboot by hand makes no replica the primary'] : []),
    ...(parameterGroup === null ? [] : [`the reboot applies changes that wait in parameter group ${parameterGroup}`]),
    ...(pending.length === 0 ? [] : [`changes wait for their time: ${pending.join(', ')}`]),
  ];
}

/** What is recorded with each decision. */
export function evidenceOf(
  cluster: Cluster,
  ask: ClusterAsk,
  nodes: readonly ClusterNode[],
  done: readonly Reboot[],
): Evidence {
  const said = oddities(cluster);
  const twice = done.filter(({ tries }) => tries > 1).map(({ node }) => node);
  return {
    cluster: cluster.id,
    form: cluster.form,
    engine: cluster.engine,
    status: cluster.status,
    by: ask.by,
    why: ask.why,
    nodes: nodes.map(({ cluster: of, node }) => `${of}/${node}`),
    rebooted: done.map(({ cluster: of, node }) => `${of}/${node}`),
    ...(twice.length === 0 ? {} : { perhapsTwice: twice }),
    ...(cluster.parameterGroup === null ? {} : { pendingReboot: cluster.parameterGroup }),
    ...(cluster.pending.length === 0 ? {} : { pending: cluster.pending }),
    ...(cluster.form === 'replication-group' || cluster.form === 'stand-alone' ? { said } : {}),
  };
}

/** Says what is to be done in one sentence, as whoever approves of it reads it. */
export function describe(cluster: Cluster, ask: ClusterAsk, nodes: readonly ClusterNode[]): string {
  const which = nodes.map(({ cluster: of, node }) => (cluster.form === 'replication-group' ? of : node)).join(', ');
  const what =
    cluster.form === 'replication-group'
      ? `${which}, the primary of ${cluster.id}`
      : `${nodes.length === 1 ? 'node' : 'nodes'} ${which} of ${cluster.id}${nodes.length === 1 ? '' : ', one after the other'}`;
  const odd = oddities(cluster).map((each) => `; ${each}`);
  return `reboot ${what}, for ${ask.by}: all that is in memory is lost, and its load goes to what is behind${odd.join('')}`;
}
