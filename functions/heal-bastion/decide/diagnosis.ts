/**
 * Which rule keeps health checks from hosts. A check leaves a node of the load balancer through the balancer's security groups and the
 * network ACL of its subnet, comes to the host through the ACL of that subnet and the host's security groups, and the answer goes back
 * through both ACLs; security groups let answers through by themselves. Pure.
 *
 * Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html (what has to be allowed),
 * load-balancer-security-groups.html, and https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html.
 */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { keepsUnhealthy, secondsToAcquit, type Checks } from './failing-by-chance.ts';
import { deniedOf, joined, portsIn, type Denial, type Denied, type Ports } from './network-acls.ts';
import type { Network, Node, Reach, SecurityGroup, Subnet } from './network.ts';
import { groupsNamed, listsIn, nearest, notAdmitted, rulesFor, unreadFor, type Lists } from './security-groups.ts';

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

/** A block that somebody is healthy behind. */
export interface Doubt {
  /** By which the same rule is known again. */
  readonly key: string;
  readonly block: Block;
  /** Once somebody has been healthy behind it for so long it is not what keeps targets unhealthy. */
  readonly seconds: number;
}

/** What the network does to checks. */
export interface Walls {
  /** What keeps them from hosts, what keeps them from most of them first. */
  readonly blocks: readonly Block[];
  readonly doubts: readonly Doubt[];
  /** What denies some of the ports that answers go to, too few to be the cause: sentences. */
  readonly partial: readonly string[];
  /** What may let checks through, and cannot be read: sentences. */
  readonly unread: readonly string[];
  /** Hosts of which it is not known. */
  readonly leftOut: readonly string[];
}

/** Who checks whom, and how. */
export interface Checking {
  /** Every node checks every host; else the nodes of its zone do, where there are any. */
  readonly isCrossZone: boolean;
  readonly checks: Checks;
  readonly zoneOf: (host: string) => string | undefined;
  readonly isHealthy: (host: string) => boolean;
}

/** A node and a host that it checks. */
interface Leg {
  readonly node: Node;
  readonly reach: Reach;
  /** Their security groups. */
  readonly ofHost: readonly SecurityGroup[];
  readonly ofBalancer: readonly SecurityGroup[];
  readonly lists: Lists;
  readonly subnets: readonly Subnet[];
  readonly checks: Checks;
}

/** Where the answers to a check go: AWS's nodes take any of these. */
const EPHEMERAL: Ports = [1_024, 65_535];

interface OfGroup {
  readonly kind: 'security-group';
  /** What the rules allow instead, in words. */
  readonly allowed: string;
  readonly others: readonly string[];
}

interface OfAcl {
  readonly kind: 'network-acl';
  readonly subnet: string;
  readonly denials: readonly Denial[];
}

/** What one leg finds denied; what the same rule denies becomes one. */
interface Found {
  readonly of: OfGroup | OfAcl;
  readonly by: string;
  readonly direction: 'inbound' | 'outbound';
  readonly ports: Ports;
  /** Networks of the other end that are shut out. */
  readonly cidrs: readonly string[];
  readonly host: string;
  readonly node: string;
  /** Of the ports that are needed, as far as they decide. */
  readonly share: number;
  /** `partial`: too few ports for a cause. `unread`: prefix lists say more, and cannot be read. */
  readonly kind: 'block' | 'partial' | { readonly unread: readonly string[] };
}

function ofGroups(
  groups: readonly SecurityGroup[],
  direction: Found['direction'],
  cidrs: readonly string[],
  { node, reach: { host, port }, lists }: Leg,
): readonly Found[] {
  const group = nearest(groups, port, direction);
  if (group === undefined || cidrs.length === 0) return [];
  const rules = groups.flatMap((each) => each[direction]);
  const unread = unreadFor(rules, port, lists);
  const allowed = groups.map((each) => rulesFor(each[direction], port)).filter((words) => words !== 'nothing');
  const others = groups.filter(({ id }) => id !== group.id).map(({ id }) => id);
  const of = {
    kind: 'security-group',
    allowed: allowed.length === 0 ? 'nothing' : allowed.join(', '),
    others,
  } as const;
  const kind = unread.length === 0 ? 'block' : { unread };
  return [{ of, by: group.id, direction, ports: [port, port], cidrs, host, node: node.subnet, share: 1, kind }];
}

/** The balancer's security groups have to let a check out. */
function outOfBalancer(leg: Leg): readonly Found[] {
  const { reach, ofBalancer, lists } = leg;
  const rules = ofBalancer.flatMap(({ outbound }) => outbound);
  return ofGroups(ofBalancer, 'outbound', notAdmitted(rules, reach, lists), leg);
}

/** The host's have to let it in: from the nodes' networks, or from the balancer's security group. */
function intoHost(leg: Leg): readonly Found[] {
  const { node, reach, ofHost, ofBalancer, lists } = leg;
  const from = { port: reach.port, cidrs: node.cidrs, groups: ofBalancer.map(({ id }) => id) };
  const rules = ofHost.flatMap(({ inbound }) => inbound);
  return ofGroups(ofHost, 'inbound', notAdmitted(rules, from, lists), leg);
}

/** One way through the ACL at the edge of a subnet. */
interface Edge {
  readonly subnet: Subnet;
  readonly isOutbound: boolean;
  readonly ports: Ports;
  readonly denied: readonly Denied[];
}

function edgeOf(subnet: Subnet | undefined, isOutbound: boolean, ports: Ports, cidrs: readonly string[]): Edge[] {
  if (subnet === undefined) return [];
  return [{ subnet, isOutbound, ports, denied: deniedOf(subnet.acl, { isOutbound, ports, cidrs }) }];
}

function ofEdge(
  { subnet, isOutbound, ports }: Edge,
  { cidrs, denials }: Denied,
  leg: Leg,
): Omit<Found, 'kind' | 'share'> {
  return {
    of: { kind: 'network-acl', subnet: subnet.id, denials },
    by: subnet.acl.id,
    direction: isOutbound ? 'outbound' : 'inbound',
    ports,
    cidrs,
    host: leg.reach.host,
    node: leg.node.subnet,
  };
}

function shareOf(all: readonly Denied[]): number {
  const [first, last] = EPHEMERAL;
  return portsIn(all.flatMap(({ denials }) => denials.map(({ ports }) => ports))) / (last - first + 1);
}

/** An answer has to pass both edges: what one of them denies too little of may be denied by both together. */
function ofAnswers(edges: readonly Edge[], leg: Leg): readonly Found[] {
  const worst = edges.map(({ denied }) => denied.toSorted((one, other) => shareOf([other]) - shareOf([one]))[0]);
  const together = shareOf(worst.filter((one) => one !== undefined));
  const isAlone = edges.some(({ denied }) => denied.some((one) => keepsUnhealthy(shareOf([one]), leg.checks)));
  const isTogether = !isAlone && keepsUnhealthy(together, leg.checks);
  return edges.flatMap((edge, index) =>
    edge.denied.map((one): Found => {
      const share = isTogether ? together : shareOf([one]);
      const isBlock = isTogether ? one === worst[index] : keepsUnhealthy(share, leg.checks);
      return { ...ofEdge(edge, one, leg), share, kind: isBlock ? 'block' : 'partial' };
    }),
  );
}

/** Both ways through the ACLs of both subnets; between machines of one subnet there is none. */
function throughAcls(leg: Leg): readonly Found[] {
  const { node, reach, subnets } = leg;
  if (node.subnet === reach.subnet) return [];
  const [ofNode, ofHost] = [node.subnet, reach.subnet].map((id) => subnets.find((subnet) => subnet.id === id));
  const check: Ports = [reach.port, reach.port];
  const [to, from] = [reach.cidrs, node.cidrs];
  const there = [...edgeOf(ofNode, true, check, to), ...edgeOf(ofHost, false, check, from)];
  const back = [...edgeOf(ofHost, true, EPHEMERAL, from), ...edgeOf(ofNode, false, EPHEMERAL, to)];
  return [
    ...there.flatMap((edge) =>
      edge.denied.map((one): Found => ({ ...ofEdge(edge, one, leg), share: 1, kind: 'block' })),
    ),
    ...ofAnswers(back, leg),
  ];
}

/** In whose words a block is told: its security group first, for that is what people change. */
function foundOn(leg: Leg): readonly Found[] {
  return [...intoHost(leg), ...outOfBalancer(leg), ...throughAcls(leg)];
}

const spelt = (stretches: readonly Ports[]): string =>
  joined(stretches)
    .map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))
    .join(', ');

const rulesOf = (denials: readonly Denial[]): readonly Denial['rule'][] => [
  ...new Set(denials.map(({ rule }) => rule)),
];

/** The stretches that are denied, by the rules that do it. */
function stretchesOf({ of, ports }: Found): string {
  return of.kind === 'network-acl' ? spelt(of.denials.map((each) => each.ports)) : spelt([ports]);
}

function ruleKey(found: Found): string {
  const { of, by, direction } = found;
  const where = of.kind === 'network-acl' ? [of.subnet, ...rulesOf(of.denials)] : of.others;
  return [by, direction, stretchesOf(found), ...where].join(' ');
}

/** `rule 90 denies inbound 1024-2000 and no rule lets through inbound 61000-65535`. */
function inWords(denials: readonly Denial[], direction: Found['direction']): string {
  const words = [...Map.groupBy(denials, ({ rule }) => rule)].map(([rule, all]) => {
    const what = rule === '*' ? 'no rule lets through' : `rule ${rule} denies`;
    return `${what} ${direction} ${spelt(all.map(({ ports }) => ports))}`;
  });
  return words.join(' and ');
}

function aclWords({ by, direction, ports }: Found, { subnet, denials }: OfAcl, cidrs: readonly string[]): string {
  const preposition = direction === 'inbound' ? 'from' : 'to';
  const [denied, all] = [portsIn(denials.map((each) => each.ports)), portsIn([ports])];
  const some = denied === all ? '' : `: ${denied} of the ${all} ports that answers go to`;
  return `network ACL ${by} of ${subnet}: ${inWords(denials, direction)} ${preposition} ${cidrs.join(', ')}${some}`;
}

function groupWords({ by, direction, ports }: Found, { others }: OfGroup, cidrs: readonly string[]): string {
  const [way, preposition] = direction === 'inbound' ? ['in', 'from'] : ['out', 'to'];
  const beside = others.length === 0 ? '' : ` and ${others.join(', ')} beside it`;
  return `security group ${by}${beside} lets no health check ${way} to port ${ports[0]} ${preposition} ${cidrs.join(', ')}`;
}

function portEvidence(found: Found): number | string {
  const { of, ports } = found;
  const [first, last] = ports;
  return of.kind === 'security-group' || first === last ? first : stretchesOf(found);
}

function blockOf(all: readonly [Found, ...Found[]]): Block {
  const [first] = all;
  const { of, by, direction } = first;
  const cidrs = [...new Set(all.flatMap((each) => each.cidrs))].toSorted();
  const hosts = [...new Set(all.map(({ host }) => host))].toSorted();
  const far = direction === 'inbound' ? { from: cidrs } : { to: cidrs };
  const port = portEvidence(first);
  if (of.kind === 'security-group') {
    const because = `${groupWords(first, of, cidrs)}: it allows ${of.allowed}`;
    return { by, hosts, because, evidence: { securityGroup: by, direction, port, ...far, allowed: of.allowed } };
  }
  const [rule = '*', ...more] = rulesOf(of.denials);
  const { subnet } = of;
  const named = { rule: more.length === 0 ? rule : [rule, ...more] };
  const because = aclWords(first, of, cidrs);
  return { by, hosts, because, evidence: { networkAcl: by, subnet, direction, ...named, port, ...far } };
}

function unreadWords({ by, kind, direction, ports }: Found): string {
  const lists = typeof kind === 'object' ? kind.unread.join(', ') : '';
  return `whether security group ${by} lets health checks ${direction === 'inbound' ? 'in' : 'out'} to port ${ports[0]} is not known: it names ${lists}, which cannot be read`;
}

/** The same rule in one: those of a key in the order in which they were found. */
function byRule(found: readonly Found[]): readonly (readonly [string, readonly [Found, ...Found[]]])[] {
  return [...Map.groupBy(found, ruleKey)].flatMap(([key, [first, ...more]]) =>
    first === undefined ? [] : [[key, [first, ...more]] as const],
  );
}

/** Everything that keeps health checks from hosts, or may. */
export function wallsIn(network: Network, { isCrossZone, checks, zoneOf, isHealthy }: Checking): Walls {
  const { subnets } = network;
  const lists = listsIn(network);
  const ofBalancer = groupsNamed(network, network.balancerGroups);
  const found = network.reaches.flatMap((reach) => {
    const ofHost = groupsNamed(network, reach.groups);
    const own = network.nodes.filter(({ zone }) => zone === zoneOf(reach.host));
    const nodes = isCrossZone || own.length === 0 ? network.nodes : own;
    return nodes.flatMap((node) => foundOn({ node, reach, ofHost, ofBalancer, lists, subnets, checks }));
  });
  const against = found.filter(({ host }) => !isHealthy(host));
  const passed = new Set(found.filter(({ host }) => isHealthy(host)).map((one) => `${ruleKey(one)} of ${one.node}`));
  const isPassed = (one: Found): boolean => passed.has(`${ruleKey(one)} of ${one.node}`);
  const shut = against.filter(({ kind }) => kind === 'block');
  const blocks = byRule(shut.filter((one) => !isPassed(one))).map(([, all]) => blockOf(all));
  const partial = byRule(against.filter(({ kind }) => kind === 'partial')).map(([, all]) => blockOf(all).because);
  return {
    blocks: blocks.toSorted((one, other) => other.hosts.length - one.hosts.length),
    doubts: byRule(shut.filter(isPassed)).map(([key, all]) => ({
      key,
      block: blockOf(all),
      seconds: secondsToAcquit(Math.min(...all.map(({ share }) => share)), checks),
    })),
    partial,
    leftOut: network.leftOut,
    unread: [...new Set(against.filter(({ kind }) => typeof kind === 'object').map(unreadWords))],
  };
}
