/**
 * Which rule keeps health checks from hosts. A check leaves a node of the load balancer through the balancer's security groups and the
 * network ACL of its subnet, comes to the host through the ACL of that subnet and the host's security groups, and the answer goes back
 * through both ACLs; security groups let answers through by themselves. Pure.
 *
 * Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html (what has to be allowed),
 * load-balancer-security-groups.html, and https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html.
 */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { denialOf, type Denial } from './network-acls.ts';
import type { Network, Node, Reach, SecurityGroup, Subnet } from './network.ts';
import { nearest, notAdmitted, rulesFor } from './security-groups.ts';

/** What of a check is not let through, and by what. */
export interface Block {
  /** Id of the security group, or of the network ACL. */
  readonly by: string;
  /** Hosts that it keeps checks from. */
  readonly hosts: readonly string[];
  /** One sentence. */
  readonly because: string;
  /** What a program reads. */
  readonly evidence: Evidence;
}

/** A node and a host that it checks. */
interface Leg {
  readonly node: Node;
  readonly reach: Reach;
  readonly network: Network;
}

/** Where the answers to a check go: AWS's nodes take any of these. */
const EPHEMERAL: readonly [number, number] = [1_024, 65_535];

/** One block of one leg; those of the same rule become one. */
interface Found {
  readonly kind: 'security-group' | 'network-acl';
  readonly by: string;
  readonly direction: 'inbound' | 'outbound';
  readonly rule?: Denial['rule'];
  /** What the rules allow instead, in words. */
  readonly allowed?: string;
  readonly others?: readonly string[];
  readonly subnet?: string;
  readonly port: number | string;
  /** Networks of the other end that are shut out. */
  readonly cidrs: readonly string[];
  readonly host: string;
}

function ofGroups(
  groups: readonly SecurityGroup[],
  direction: Found['direction'],
  port: number,
  cidrs: readonly string[],
  host: string,
): readonly Found[] {
  const group = nearest(groups, port, direction);
  if (group === undefined || cidrs.length === 0) return [];
  const allowed = groups.map((each) => rulesFor(each[direction], port)).filter((words) => words !== 'nothing');
  return [
    {
      kind: 'security-group',
      by: group.id,
      direction,
      allowed: allowed.length === 0 ? 'nothing' : allowed.join(', '),
      others: groups.filter(({ id }) => id !== group.id).map(({ id }) => id),
      port,
      cidrs,
      host,
    },
  ];
}

/** The balancer's security groups have to let a check out. */
function outOfBalancer({ reach, network: { balancerGroups } }: Leg): readonly Found[] {
  const to = { port: reach.port, cidrs: reach.cidrs, groups: reach.groups.map(({ id }) => id) };
  const shut = notAdmitted(
    balancerGroups.flatMap(({ outbound }) => outbound),
    to,
  );
  return ofGroups(balancerGroups, 'outbound', reach.port, shut, reach.host);
}

/** The host's have to let it in: from the nodes' networks, or from the balancer's security group. */
function intoHost({ node, reach, network: { balancerGroups } }: Leg): readonly Found[] {
  const from = { port: reach.port, cidrs: node.cidrs, groups: balancerGroups.map(({ id }) => id) };
  const shut = notAdmitted(
    reach.groups.flatMap(({ inbound }) => inbound),
    from,
  );
  return ofGroups(reach.groups, 'inbound', reach.port, shut, reach.host);
}

function ofAcl(
  subnet: Subnet | undefined,
  isOutbound: boolean,
  ports: readonly [number, number],
  cidrs: readonly string[],
  host: string,
): readonly Found[] {
  if (subnet === undefined) return [];
  const denial = denialOf(subnet.acl, { isOutbound, ports, cidrs });
  if (denial === undefined) return [];
  const [first, last] = ports;
  return [
    {
      kind: 'network-acl',
      by: subnet.acl.id,
      direction: isOutbound ? 'outbound' : 'inbound',
      rule: denial.rule,
      subnet: subnet.id,
      port: first === last ? first : `${first}-${last}`,
      cidrs: denial.cidrs,
      host,
    },
  ];
}

/** Both ways through the ACLs of both subnets; between machines of one subnet there is none. */
function throughAcls({ node, reach, network: { subnets } }: Leg): readonly Found[] {
  if (node.subnet === reach.subnet) return [];
  const [ofNode, ofHost] = [node.subnet, reach.subnet].map((id) => subnets.find((subnet) => subnet.id === id));
  const check = [reach.port, reach.port] as const;
  const [to, from] = [reach.cidrs, node.cidrs];
  return [
    ...ofAcl(ofNode, true, check, to, reach.host),
    ...ofAcl(ofHost, false, check, from, reach.host),
    ...ofAcl(ofHost, true, EPHEMERAL, from, reach.host),
    ...ofAcl(ofNode, false, EPHEMERAL, to, reach.host),
  ];
}

/** In whose words a block is told: its security group first, for that is what people change. */
function foundOn(leg: Leg): readonly Found[] {
  return [...intoHost(leg), ...outOfBalancer(leg), ...throughAcls(leg)];
}

function sameRule({ by, direction, port, rule, subnet }: Found): string {
  return [by, direction, port, rule ?? '', subnet ?? ''].join(' ');
}

function blockOf(all: readonly [Found, ...Found[]]): Block {
  const [{ kind, by, direction, port, rule, allowed, others = [], subnet }] = all;
  const cidrs = [...new Set(all.flatMap((each) => each.cidrs))].toSorted();
  const hosts = [...new Set(all.map(({ host }) => host))].toSorted();
  const far = direction === 'inbound' ? { from: cidrs } : { to: cidrs };
  const preposition = direction === 'inbound' ? 'from' : 'to';
  if (kind === 'security-group') {
    const beside = others.length === 0 ? '' : ` and ${others.join(', ')} beside it`;
    const because = `security group ${by}${beside} lets no health check ${direction === 'inbound' ? 'in' : 'out'} to port ${port} ${preposition} ${cidrs.join(', ')}: it allows ${allowed ?? 'nothing'}`;
    return { by, hosts, because, evidence: { securityGroup: by, direction, port, ...far, allowed } };
  }
  const named = rule === '*' ? 'no rule' : `rule ${rule}`;
  const what = rule === '*' ? 'lets through' : 'denies';
  const because = `network ACL ${by} of ${subnet}: ${named} ${what} ${direction} ${port} ${preposition} ${cidrs.join(', ')}`;
  return { by, hosts, because, evidence: { networkAcl: by, subnet, direction, rule, port, ...far } };
}

/**
 * Everything that keeps health checks from hosts, what keeps them from most of them first.
 * @param isCrossZone every node checks every host; else the nodes of its zone do, where there are any
 */
export function blocksIn(
  network: Network,
  isCrossZone: boolean,
  zoneOf: (host: string) => string | undefined,
): readonly Block[] {
  const found = network.reaches.flatMap((reach) => {
    const own = network.nodes.filter(({ zone }) => zone === zoneOf(reach.host));
    const nodes = isCrossZone || own.length === 0 ? network.nodes : own;
    return nodes.flatMap((node) => foundOn({ node, reach, network }));
  });
  const blocks = [...Map.groupBy(found, sameRule).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [blockOf([first, ...more])],
  );
  return blocks.toSorted((one, other) => other.hosts.length - one.hosts.length);
}
