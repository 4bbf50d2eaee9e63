/**
 * What keeps health checks from a host, found out by sending packets: one for each network, port and node that rules could judge
 * differently. It shares nothing with what the runbook reckons with, which it is held against.
 */

import type { Shape, World } from '../../simulator/engine/model.ts';
import { find, list, part, records, show, text } from '../../simulator/services/ec2/state.ts';

/** What keeps a check away. */
export interface Place {
  /** Ids of which any names it: what one security group does not allow another of the same machine could. */
  readonly by: readonly string[];
  readonly direction: 'inbound' | 'outbound';
  /** Of a network ACL. */
  readonly subnet?: string;
}

type Span = readonly [first: number, last: number];

const EPHEMERAL: Span = [1_024, 65_535];
const TCP: ReadonlySet<unknown> = new Set(['-1', '6', 'tcp', undefined]);

function numberOf(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

/** First and last address; `undefined`: none of IPv4. */
function spanOf(cidr: unknown): Span | undefined {
  const [, address, bits = '32'] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/u.exec(show(cidr)) ?? [];
  if (address === undefined) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(numberOf(address) / size) * size;
  return [first, first + size - 1];
}

function spansOf(cidrs: readonly unknown[]): readonly Span[] {
  return cidrs.flatMap((cidr) => {
    const span = spanOf(cidr);
    return span === undefined ? [] : [span];
  });
}

function isIn(value: number, [first, last]: Span): boolean {
  return first <= value && value <= last;
}

/** The ends of a stretch, and the values in it at which a rule begins or ends, with their neighbours. */
function samples(stretch: Span, rules: readonly Span[]): readonly number[] {
  const edges = rules.flatMap(([first, last]) => [first - 1, first, last, last + 1]);
  return [...new Set([...stretch, ...edges.filter((edge) => isIn(edge, stretch))])];
}

/** Ports of a rule; none are all. */
function portsOf(from: unknown, to: unknown): Span {
  const isGiven = typeof from === 'number' && from >= 0;
  return isGiven ? [from, typeof to === 'number' ? to : from] : [0, 65_535];
}

function networksOf(world: World, permission: Shape): readonly Span[] {
  const lists = list(permission, 'PrefixListIds').map((one) =>
    find(world, 'ManagedPrefixLists', text(one, 'PrefixListId')),
  );
  return spansOf([
    ...list(permission, 'IpRanges').map(({ CidrIp: cidr }) => cidr),
    ...lists.flatMap((one) => list(one, 'Entries').map(({ Cidr: cidr }) => cidr)),
  ]);
}

/** A machine: where it is, and its security groups. */
interface End {
  readonly subnet: string;
  readonly spans: readonly Span[];
  readonly groups: readonly string[];
}

/** Whether the groups of one end let each address of the other through. */
function areOpen(
  world: World,
  own: End,
  far: End,
  port: number,
  member: 'IpPermissions' | 'IpPermissionsEgress',
): boolean {
  const all = own.groups.flatMap((id) => list(find(world, 'SecurityGroups', id), member));
  const fitting = all.filter(
    (each) =>
      TCP.has(each['IpProtocol']) &&
      (each['IpProtocol'] === '-1' || isIn(port, portsOf(each['FromPort'], each['ToPort']))),
  );
  const isReferred = fitting.some((each) =>
    list(each, 'UserIdGroupPairs').some((pair) => far.groups.includes(show(pair['GroupId']))),
  );
  if (isReferred) return true;
  const allowed = fitting.flatMap((each) => networksOf(world, each));
  return far.spans.every((span) =>
    samples(span, allowed).every((address) => allowed.some((each) => isIn(address, each))),
  );
}

/** Whether an entry is about a packet; the first that is decides. */
function judges(entry: Shape, address: number, port: number): boolean {
  const { Protocol: protocol } = entry;
  const span = spanOf(entry['CidrBlock']);
  const range = part(entry, 'PortRange');
  const ports = protocol === '-1' ? EVERY : portsOf(range['From'], range['To']);
  return TCP.has(protocol) && span !== undefined && isIn(address, span) && isIn(port, ports);
}

const EVERY: Span = [0, 65_535];

function letsThrough(acl: Shape, isOutbound: boolean, far: readonly Span[], ports: Span): boolean {
  const entries = list(acl, 'Entries')
    .filter((entry) => (entry['Egress'] === true) === isOutbound)
    .toSorted((one, other) => Number(one['RuleNumber']) - Number(other['RuleNumber']));
  const networks = spansOf(entries.map(({ CidrBlock: cidr }) => cidr));
  const ranges = entries.map((entry) => portsOf(part(entry, 'PortRange')['From'], part(entry, 'PortRange')['To']));
  const passes = (address: number, port: number): boolean =>
    entries.find((entry) => judges(entry, address, port))?.['RuleAction'] === 'allow';
  return far.every((span) =>
    samples(span, networks).every((address) => samples(ports, ranges).every((port) => passes(address, port))),
  );
}

function aclOf(world: World, subnet: string): Shape | undefined {
  return records(world, 'NetworkAcls').find((acl) =>
    list(acl, 'Associations').some(({ SubnetId: id }) => id === subnet),
  );
}

/** What the ACL of one end keeps from the other: what goes out there, and what comes in. */
function atEdge(world: World, own: End, far: End, out: Span, back: Span): readonly Place[] {
  const acl = aclOf(world, own.subnet);
  if (acl === undefined) return [];
  const by = [show(acl['NetworkAclId'])];
  return [
    ...(letsThrough(acl, true, far.spans, out) ? [] : [{ by, direction: 'outbound' as const, subnet: own.subnet }]),
    ...(letsThrough(acl, false, far.spans, back) ? [] : [{ by, direction: 'inbound' as const, subnet: own.subnet }]),
  ];
}

function between(world: World, node: End, host: End, port: number): readonly Place[] {
  const goesOut = node.groups.length === 0 || areOpen(world, node, host, port, 'IpPermissionsEgress');
  const comesIn = host.groups.length === 0 || areOpen(world, host, node, port, 'IpPermissions');
  const groups: readonly Place[] = [
    ...(goesOut ? [] : [{ by: node.groups, direction: 'outbound' as const }]),
    ...(comesIn ? [] : [{ by: host.groups, direction: 'inbound' as const }]),
  ];
  if (node.subnet === host.subnet) return groups;
  const check: Span = [port, port];
  return [...groups, ...atEdge(world, node, host, check, EPHEMERAL), ...atEdge(world, host, node, EPHEMERAL, check)];
}

function nodesOf(world: World, balancer: Shape, isAll: boolean, zone: string): readonly End[] {
  const name = show(balancer['LoadBalancerArn']).split(':loadbalancer/')[1] ?? '';
  const given: readonly unknown[] = Array.isArray(balancer['SecurityGroups']) ? balancer['SecurityGroups'] : [];
  const groups = given.map(show);
  const zones = list(balancer, 'AvailabilityZones').filter(({ ZoneName: each }) => isAll || each === zone);
  return zones.map(({ SubnetId: id }) => {
    const subnet = show(id);
    const own = records(world, 'NetworkInterfaces').filter(
      (eni) => eni['SubnetId'] === subnet && eni['Description'] === `ELB ${name}`,
    );
    const addresses = own.flatMap((eni) => list(eni, 'PrivateIpAddresses').map(({ PrivateIpAddress: each }) => each));
    const spans = spansOf(addresses.length > 0 ? addresses : [find(world, 'Subnets', subnet)?.['CidrBlock']]);
    return { subnet, spans, groups };
  });
}

function attributeOf(record: Shape, key: string): string | undefined {
  const found = list(record, 'Attributes').find((each) => each['Key'] === key);
  return found === undefined ? undefined : text(found, 'Value');
}

const CROSS = 'load_balancing.cross_zone.enabled';

function isCrossZone(balancer: Shape, targetGroup: Shape): boolean {
  const own = attributeOf(targetGroup, CROSS);
  return (own === 'true' || own === 'false' ? own : attributeOf(balancer, CROSS)) === 'true';
}

/** What keeps the checks of a target group from a host that is registered by a port. */
export function shutOut(world: World, targetGroup: Shape, id: string, port: number): readonly Place[] {
  const arns: readonly unknown[] = Array.isArray(targetGroup['LoadBalancerArns'])
    ? targetGroup['LoadBalancerArns']
    : [];
  const balancers = world.records('elastic-load-balancing-v2', 'LoadBalancers');
  const balancer = balancers.find(({ LoadBalancerArn: arn }) => arn === arns[0]);
  const instance = find(world, 'Instances', id);
  const spans = spansOf([instance?.['PrivateIpAddress']]);
  if (balancer === undefined || instance === undefined || spans.length === 0) return [];
  const groups = list(instance, 'SecurityGroups').map((group) => show(group['GroupId']));
  const host: End = { subnet: show(instance['SubnetId']), spans, groups };
  const zone = show(part(instance, 'Placement')['AvailabilityZone']);
  const said = text(targetGroup, 'HealthCheckPort') ?? 'traffic-port';
  const checked = said === 'traffic-port' ? port : Number(said);
  const all = nodesOf(world, balancer, isCrossZone(balancer, targetGroup), zone).flatMap((node) =>
    between(world, node, host, checked),
  );
  return [...new Map(all.map((place) => [JSON.stringify(place), place])).values()];
}
