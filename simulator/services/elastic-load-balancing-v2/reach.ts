/**
 * Whether a health check gets from the nodes of a load balancer to a target's port: security groups on either side, and network ACLs
 * on the four edges between two subnets.
 *
 * Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html,
 * …/network/target-group-register-targets.html (network ACLs), https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */

import type { Shape, World } from '../../engine/model.ts';
import { NOT_PASTED } from '../listing.ts';
import { find, list, part, records, text } from '../ec2/state.ts';

/** Addresses and ports, both ends included. */
interface Box {
  readonly from: number;
  readonly to: number;
  readonly lowPort: number;
  readonly highPort: number;
}

/** How a health check fares. `by`: what keeps it; `what`: what the world does not say. */
export type Way =
  | { readonly kind: 'open' }
  | { readonly kind: 'shut'; readonly by: string }
  | { readonly kind: 'unknown'; readonly what: string };

const OPEN: Way = { kind: 'open' };

const ALL_PORTS = [0, 65_535] as const;
/** Ports that answers go to. Source: target-group-register-targets.html. */
const EPHEMERAL = [1_024, 65_535] as const;

/** The addresses of a network of IPv4; `undefined`: it is none. */
function rangeOf(cidr: unknown): readonly [number, number] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/u.exec(
    typeof cidr === 'string' ? cidr : '',
  );
  if (match === null) return undefined;
  const size = 2 ** (32 - Number(match[5] ?? 32));
  const address = match.slice(1, 5).reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const from = Math.floor(address / size) * size;
  return [from, from + size - 1];
}

function overlaps(one: Box, other: Box): boolean {
  return one.from <= other.to && other.from <= one.to && one.lowPort <= other.highPort && other.lowPort <= one.highPort;
}

/** What is left of a box when another is cut out of it. */
function without(box: Box, cut: Box): readonly Box[] {
  if (!overlaps(box, cut)) return [box];
  const [from, to] = [Math.max(box.from, cut.from), Math.min(box.to, cut.to)];
  const parts: readonly Box[] = [
    { ...box, to: from - 1 },
    { ...box, from: to + 1 },
    { from, to, lowPort: box.lowPort, highPort: cut.lowPort - 1 },
    { from, to, lowPort: cut.highPort + 1, highPort: box.highPort },
  ];
  return parts.filter((one) => one.from <= one.to && one.lowPort <= one.highPort);
}

/** Whether allowed boxes cover all that is wanted. */
function covers(allowed: readonly Box[], wanted: Box): boolean {
  let open: readonly Box[] = [wanted];
  for (const one of allowed) open = open.flatMap((box) => without(box, one));
  return open.length === 0;
}

/** Whether a network ACL lets all of it pass in a direction: the entry with the lowest number that fits decides of each packet. */
function passes(acl: Shape, egress: boolean, wanted: Box): boolean {
  const entries = list(acl, 'Entries')
    .filter((entry) => (entry['Egress'] === true) === egress)
    .filter(({ Protocol: protocol }) => protocol === '-1' || protocol === '6' || protocol === undefined)
    .toSorted((one, other) => Number(one['RuleNumber']) - Number(other['RuleNumber']));
  let open: readonly Box[] = [wanted];
  for (const entry of entries) {
    const range = rangeOf(entry['CidrBlock']);
    if (range === undefined) continue;
    const ports = entry['Protocol'] === '6' ? part(entry, 'PortRange') : {};
    const box = {
      from: range[0],
      to: range[1],
      lowPort: Number(ports['From'] ?? ALL_PORTS[0]),
      highPort: Number(ports['To'] ?? ALL_PORTS[1]),
    };
    if (entry['RuleAction'] === 'allow') open = open.flatMap((one) => without(one, box));
    else if (open.some((one) => overlaps(one, box))) return false;
  }
  return open.length === 0;
}

/** Who is at the other end of a rule of a security group. */
interface Peer {
  readonly box: Box;
  /** The security groups there. */
  readonly groups: readonly string[];
}

/** What a permission lets through of addresses; `unknown`: a prefix list of which the world has no entries. */
function allowedBy(world: World, permission: Shape, peer: Peer): { boxes: readonly Box[]; unknown?: string } {
  const { IpProtocol: protocol } = permission;
  if (protocol !== '-1' && protocol !== 'tcp' && protocol !== '6') return { boxes: [] };
  const hasPorts = protocol !== '-1' && typeof permission['FromPort'] === 'number' && permission['FromPort'] >= 0;
  const lowPort = hasPorts ? Number(permission['FromPort']) : ALL_PORTS[0];
  const highPort = hasPorts ? Number(permission['ToPort']) : ALL_PORTS[1];
  const lists = list(permission, 'PrefixListIds').map((one) => text(one, 'PrefixListId'));
  const known = lists.map((id) => find(world, 'ManagedPrefixLists', id));
  const missing = lists.find((_id, index) => known[index]?.['Entries'] === undefined);
  const cidrs = [
    ...list(permission, 'IpRanges').map(({ CidrIp: cidr }) => cidr),
    ...known.flatMap((one) => list(one, 'Entries').map(({ Cidr: cidr }) => cidr)),
  ];
  const ranges = cidrs.map(rangeOf).filter((range) => range !== undefined);
  if (list(permission, 'UserIdGroupPairs').some((pair) => peer.groups.includes(text(pair, 'GroupId') ?? '')))
    ranges.push([peer.box.from, peer.box.to]);
  const boxes = ranges.map(([from, to]) => ({ from, to, lowPort, highPort }));
  return missing === undefined ? { boxes } : { boxes, unknown: missing };
}

const NO_GROUPS = 'elasticloadbalancing: where the world has no ec2.SecurityGroups they let each health check pass';

const NONE_GIVEN =
  'elasticloadbalancing: an instance for which the world gives no SecurityGroups lets each health check in';

/** What security groups, of which one suffices, let through in a direction. */
function throughGroups(world: World, ids: readonly string[], egress: boolean, peer: Peer): Way {
  if (!world.isPasted && records(world, 'SecurityGroups').length === 0) {
    world.assume(NO_GROUPS);
    return OPEN;
  }
  if (ids.length === 0) {
    if (world.isPasted) return { kind: 'unknown', what: 'its instance has no SecurityGroups in ec2.Instances' };
    world.assume(NONE_GIVEN);
    return OPEN;
  }
  const groups = ids.map((id) => find(world, 'SecurityGroups', id));
  const rules = groups
    .flatMap((group) => list(group, egress ? 'IpPermissionsEgress' : 'IpPermissions'))
    .map((permission) => allowedBy(world, permission, peer));
  const boxes = rules.flatMap((one) => one.boxes);
  if (covers(boxes, peer.box)) return OPEN;
  const lost = ids.find((_id, index) => groups[index] === undefined);
  if (lost !== undefined) return { kind: 'unknown', what: `ec2.SecurityGroups does not hold ${lost}` };
  const unread = rules.find((one) => one.unknown !== undefined)?.unknown;
  if (unread !== undefined)
    return { kind: 'unknown', what: `ec2.ManagedPrefixLists does not hold the Entries of ${unread}` };
  return { kind: 'shut', by: `${egress ? 'the outbound' : 'the inbound'} rules of ${ids.join(', ')}` };
}

/** A place in the network, with what it opens and shuts. */
interface End {
  readonly subnetId: string;
  readonly ranges: readonly (readonly [number, number])[];
  readonly groups: readonly string[];
}

function aclOf(world: World, subnetId: string): Shape | undefined {
  if (world.isUnsaid('ec2', 'NetworkAcls')) world.assume(`${NOT_PASTED} ec2 NetworkAcls (health checks)`);
  return records(world, 'NetworkAcls').find((acl) =>
    list(acl, 'Associations').some((one) => one['SubnetId'] === subnetId),
  );
}

/** What the ACL of one end says of a connection's two directions. */
function throughAcl(world: World, own: End, far: End, { out, back }: { out: Ports; back: Ports }): Way {
  const acl = aclOf(world, own.subnetId);
  if (acl === undefined) return OPEN;
  const name = text(acl, 'NetworkAclId') ?? '';
  for (const [egress, ports] of [[true, out] as const, [false, back] as const]) {
    const [lowPort, highPort] = ports;
    const isThrough = far.ranges.every(([from, to]) => passes(acl, egress, { from, to, lowPort, highPort }));
    if (!isThrough) return { kind: 'shut', by: `the ${egress ? 'outbound' : 'inbound'} entries of ${name}` };
  }
  return OPEN;
}

type Ports = readonly [number, number];

/** A shut way is shut, whatever else is not known. */
function worst(ways: readonly Way[]): Way {
  return ways.find(({ kind }) => kind === 'shut') ?? ways.find(({ kind }) => kind === 'unknown') ?? OPEN;
}

function between(world: World, node: End, host: End, port: number): Way {
  const at = (ranges: End['ranges']): readonly Box[] =>
    ranges.map(([from, to]) => ({ from, to, lowPort: port, highPort: port }));
  const sides = [
    ...(node.groups.length === 0
      ? []
      : at(host.ranges).map((box) => throughGroups(world, node.groups, true, { box, groups: host.groups }))),
    ...at(node.ranges).map((box) => throughGroups(world, host.groups, false, { box, groups: node.groups })),
  ];
  if (node.subnetId === host.subnetId) return worst(sides);
  const checked: Ports = [port, port];
  return worst([
    ...sides,
    throughAcl(world, node, host, { out: checked, back: EPHEMERAL }),
    throughAcl(world, host, node, { out: EPHEMERAL, back: checked }),
  ]);
}

/** A node of the load balancer: its addresses where its interface is in the world, else any of its subnet. */
function nodeIn(world: World, balancer: Shape, subnetId: string): End | undefined {
  const name = (text(balancer, 'LoadBalancerArn') ?? '').split(':loadbalancer/').at(-1) ?? '';
  const interfaces = records(world, 'NetworkInterfaces').filter(
    (eni) => eni['SubnetId'] === subnetId && eni['Description'] === `ELB ${name}`,
  );
  const own = interfaces.flatMap((eni) => {
    const listed = list(eni, 'PrivateIpAddresses').map(({ PrivateIpAddress: ip }) => ip);
    return listed.length > 0 ? listed : [eni['PrivateIpAddress']];
  });
  const cidrs = own.length > 0 ? own : [find(world, 'Subnets', subnetId)?.['CidrBlock']];
  const ranges = cidrs.map(rangeOf).filter((range) => range !== undefined);
  const given: unknown = balancer['SecurityGroups'];
  const groups = Array.isArray(given) ? given.filter((id) => typeof id === 'string') : [];
  return ranges.length === 0 ? undefined : { subnetId, ranges, groups };
}

/** Whether checks of a port get to an instance from the nodes in these subnets, each of them. */
export function wayTo(
  world: World,
  balancer: Shape,
  subnets: readonly string[],
  to: { instance: Shape; port: number },
): Way {
  const { instance, port } = to;
  const range = rangeOf(instance['PrivateIpAddress']);
  const id = text(instance, 'InstanceId') ?? '';
  if (range === undefined) return { kind: 'unknown', what: `ec2.Instances has no PrivateIpAddress of ${id}` };
  const groups = list(instance, 'SecurityGroups').flatMap((group) => text(group, 'GroupId') ?? []);
  const host: End = { subnetId: text(instance, 'SubnetId') ?? '', ranges: [range], groups };
  return worst(
    subnets.map((subnetId) => {
      const node = nodeIn(world, balancer, subnetId);
      if (node === undefined) return { kind: 'unknown', what: `ec2.Subnets has no CidrBlock of ${subnetId}` };
      return between(world, node, host, port);
    }),
  );
}
