/** Which clusters a reboot empties, and what is to be done about the others instead. Pure. */

import { refuse } from '../../../shared/judgement/decisions.ts';
import type { Evidence, Refuse } from '../../../shared/kernel/decision.ts';
import type { Cluster, ClusterNode } from './cluster-facts.ts';

/**
 * The nodes whose reboots empty the cluster: of a replication group the primary alone, for its replicas clear their copies when they see
 * it empty, and one of them that is rebooted copies the primary. Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html.
 */
export function nodesToReboot({ form, nodes }: Pick<Cluster, 'form' | 'nodes'>): readonly ClusterNode[] {
  if (form !== 'replication-group') return nodes;
  const primaries = nodes.filter(({ role }) => role === 'primary');
  if (primaries.length === 1) return primaries;
  // Who is alone needs no role.
  return nodes.length === 1 && nodes.every(({ role }) => role === null) ? nodes : [];
}

/** `FLUSHALL` needs the network and the password of the cluster, which the runbook does not have. */
const BY_PROTOCOL = 'send FLUSHALL, from inside its VPC and with its password,';

/** By what the cluster is: the code of the refusal, and what to do instead. */
function instead(cluster: Cluster): readonly [code: string, because: string] | undefined {
  const { form, id, belongsTo, parameterGroup } = cluster;
  switch (form) {
    case 'dax':
      return [
        'dax',
        `no call of DAX empties a cluster, and a reboot of its nodes keeps what they hold: lower record-ttl-millis and query-ttl-millis in parameter group ${parameterGroup ?? 'of its own'}, or make a new cluster and have clients go there`,
      ];
    case 'serverless':
      return ['serverless', `serverless cache ${id} cannot be rebooted: ${BY_PROTOCOL} to its endpoint`];
    case 'global-datastore':
      return everywhere(`${id} is a global datastore`);
    case 'member':
      return ['member', `${id} is a node of replication group ${belongsTo ?? ''}: tag that one, or name it by its ARN`];
    default:
      return ofNodes(cluster);
  }
}

function everywhere(what: string): readonly [code: string, because: string] {
  const because = `${what}, whose Regions copy one another: ${BY_PROTOCOL} to the primary of its primary Region`;
  return ['global-datastore', because];
}

function ofNodes(cluster: Cluster): readonly [code: string, because: string] | undefined {
  const { id, isClusterMode, belongsTo, durability, nodes } = cluster;
  if (isClusterMode)
    return [
      'cluster-mode',
      `${id} is in cluster mode, in which AWS reboots nothing: ${BY_PROTOCOL} to the primary of each shard`,
    ];
  if (belongsTo !== null) return everywhere(`${id} belongs to global datastore ${belongsTo}`);
  if (durability !== null)
    return [
      'durable',
      `${id} is durable (${durability}): it has its data back after a reboot, and is no cache; ${BY_PROTOCOL} to its primary if that is meant`,
    ];
  if (nodesToReboot(cluster).length > 0) return undefined;
  return [
    'no-primary',
    `of the ${nodes.length} nodes of ${id} none is known to be its primary: look at its roles, and ask again`,
  ];
}

/** Why the cluster cannot be emptied by a reboot, and what to do instead; `undefined`: it can. */
export function unfit(evidence: Evidence, cluster: Cluster): Refuse | undefined {
  const found = instead(cluster);
  return found === undefined ? undefined : refuse(evidence, ...found);
}
