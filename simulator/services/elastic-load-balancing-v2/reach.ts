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

/** The part of a box that another covers. */
function common(box: Box, other: Box): Box {
  return {
    from: Math.max(box.from, other.from),
    to: Math.min(box.to, other.to),
    lowPort: Math.max(box.lowPort, other.lowPort),
    highPort: Math.min(box.highPort, other.highPort),
  };
}

/** What a network ACL does not let pass in a direction: the entry with the lowest number that fits decides of each packet. */
function denied(acl: Shape, egress: boolean, wanted: Box): readonly Box[] {
  const entries = list(acl, 'Entries')
    .filter((entry) => (entry['Egress'] === true) === egress)
    .filter(({ Protocol: protocol }) => protocol === '-1' || protocol === '6' || protocol === undefined)
    .toSorted((one, other) => Number(one['RuleNumber']) - Number(other['RuleNumber']));
  const shut: Box[] = [];
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
    if (entry['RuleAction'] !== 'allow')
      shut.push(...open.filter((one) => overlaps(one, box)).map((one) => common(one, box)));
    open = open.flatMap((one) => without(one, box));
  }
  return [...shut, ...open];
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

/** One direction through the ACL at the edge of a subnet. */
interface Edge {
  readonly by: string;
  readonly shut: readonly Box[];
}

function edgeOf(world: World, own: End, far: End, egress: boolean, [lowPort, highPort]: Ports): Edge {
  const acl = aclOf(world, own.subnetId);
  const by = `the ${egress ? 'outbound' : 'inbound'} entries of ${text(acl ?? {}, 'NetworkAclId') ?? ''}`;
  const shut =
    acl === undefined ? [] : far.ranges.flatMap(([from, to]) => denied(acl, egress, { from, to, lowPort, highPort }));
  return { by, shut };
}

type Ports = readonly [number, number];

/** The ports that are denied to the address that is worst off. */
function worstPorts({ shut }: Edge): readonly Ports[] {
  const ofAddress = shut.map(({ from: address }) =>
    shut
      .filter(({ from, to }) => from <= address && address <= to)
      .map(({ lowPort, highPort }) => [lowPort, highPort] as const),
  );
  return ofAddress.toSorted((one, other) => shareOf(other) - shareOf(one))[0] ?? [];
}

/** Of the ports that answers go to. */
function shareOf(ports: readonly Ports[]): number {
  const [lowPort, highPort] = EPHEMERAL;
  let open: readonly Box[] = [{ from: 0, to: 0, lowPort, highPort }];
  for (const [low, high] of ports)
    open = open.flatMap((box) => without(box, { from: 0, to: 0, lowPort: low, highPort: high }));
  const left = open.reduce((sum, box) => sum + box.highPort - box.lowPort + 1, 0);
  return 1 - left / (highPort - lowPort + 1);
}

/** How many checks in a row turn a target. */
export interface Thresholds {
  readonly unhealthy: number;
  readonly healthy: number;
}

const SOME_PORTS =
  'elasticloadbalancing: nodes send checks from any port alike: network ACLs that deny some of the ports that answers go to fail each check if a target would be unhealthy half of the time at least by that, else none';

/** Whether lost answers keep a target unhealthy: the way back then takes it no fewer checks than the way out, as they are to be expected. */
function isTooMuch(share: number, { unhealthy, healthy }: Thresholds): boolean {
  if (share <= 0 || share >= 1) return share >= 1;
  const inRow = (times: number, chance: number): number => {
    let sum = 0;
    // Each of the row takes one check, and all before it once more where it fails.
    for (let done = 0; done < times; done += 1) sum = (sum + 1) / chance;
    return sum;
  };
  return inRow(healthy, 1 - share) >= inRow(unhealthy, share);
}

/** What the ACLs of both ends say of a connection: there, and of the answers, which have to pass both. */
function throughAcls(world: World, node: End, host: End, checked: Ports, thresholds: Thresholds): Way {
  const there = [edgeOf(world, node, host, true, checked), edgeOf(world, host, node, false, checked)];
  const back = [edgeOf(world, host, node, true, EPHEMERAL), edgeOf(world, node, host, false, EPHEMERAL)];
  const whole = there.find(({ shut }) => shut.length > 0);
  if (whole !== undefined) return { kind: 'shut', by: whole.by };
  if (back.every(({ shut }) => shut.length === 0)) return OPEN;
  const ports = back.map(worstPorts);
  const alone = back.find((_edge, index) => isTooMuch(shareOf(ports[index] ?? []), thresholds));
  if (shareOf(ports.flat()) < 1) world.assume(SOME_PORTS);
  if (alone !== undefined) return { kind: 'shut', by: alone.by };
  if (!isTooMuch(shareOf(ports.flat()), thresholds)) return OPEN;
  return { kind: 'shut', by: back.map(({ by }) => by).join(' and ') };
}

/** A shut way is shut, whatever else is not known. */
function worst(ways: readonly Way[]): Way {
  return ways.find(({ kind }) => kind === 'shut') ?? ways.find(({ kind }) => kind === 'unknown') ?? OPEN;
}

function between(world: World, node: End, host: End, port: number, thresholds: Thresholds): Way {
  const at = (ranges: End['ranges']): readonly Box[] =>
    ranges.map(([from, to]) => ({ from, to, lowPort: port, highPort: port }));
  const sides = [
    ...(node.groups.length === 0
      ? []
      : at(host.ranges).map((box) => throughGroups(world, node.groups, true, { box, groups: host.groups }))),
    ...at(node.ranges).map((box) => throughGroups(world, host.groups, false, { box, groups: node.groups })),
  ];
  if (node.subnetId === host.subnetId) return worst(sides);
  return worst([...sides, throughAcls(world, node, host, [port, port], thresholds)]);
}

/** A node of the load balancer: its addresses where its interface is in the world, else any of its subnet. */
function nodeIn(world: World, balancer: Shape, subnetId: string): End | undefined {
  const name = (text(balancer, 'LoadBalancerArn') ?? '').split(':loadbalancer/').at(-1) ?? '';
  const interfaces = records(world, 'NetworkInterfaces').filter(
    (eni) =>
      eni['SubnetId'] === subnetId &&
      eni['Description'] === `ELB ${name}` &&
      eni['InterfaceType'] === 'network_load_balancer',
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
  to: { instance: Shape; port: number; thresholds: Thresholds },
): Way {
  const { instance, port, thresholds } = to;
  const range = rangeOf(instance['PrivateIpAddress']);
  const id = text(instance, 'InstanceId') ?? '';
  if (range === undefined) return { kind: 'unknown', what: `ec2.Instances has no PrivateIpAddress of ${id}` };
  const groups = list(instance, 'SecurityGroups').flatMap((group) => text(group, 'GroupId') ?? []);
  const host: End = { subnetId: text(instance, 'SubnetId') ?? '', ranges: [range], groups };
  return worst(
    subnets.map((subnetId) => {
      const node = nodeIn(world, balancer, subnetId);
      if (node === undefined) return { kind: 'unknown', what: `ec2.Subnets has no CidrBlock of ${subnetId}` };
      return between(world, node, host, port, thresholds);
    }),
  );
}
