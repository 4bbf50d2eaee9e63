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

/** What is lost at an edge: ports of which any stands for the stretch up to the next, for the address that loses most. */
type Lost = ReadonlyMap<number, number>;

const NOTHING_LOST: Lost = new Map();

/** How many of so many ports are lost. */
function countOf(lost: Lost): number {
  return [...lost.values()].reduce((sum, width) => sum + width, 0);
}

/** What an ACL loses of packets to ports that are cut wherever one of `cuts` begins or ends. */
function lostAt(acl: Shape, isOutbound: boolean, far: readonly Span[], ports: Span, cuts: readonly Span[]): Lost {
  const entries = list(acl, 'Entries')
    .filter((entry) => (entry['Egress'] === true) === isOutbound)
    .toSorted((one, other) => Number(one['RuleNumber']) - Number(other['RuleNumber']));
  const networks = spansOf(entries.map(({ CidrBlock: cidr }) => cidr));
  const stretches = samples(ports, cuts).toSorted((one, other) => one - other);
  const passes = (address: number, port: number): boolean =>
    entries.find((entry) => judges(entry, address, port))?.['RuleAction'] === 'allow';
  const losses = far
    .flatMap((span) => samples(span, networks))
    .map((address): Lost => {
      const lost = stretches.flatMap((port, index) => {
        const next = stretches[index + 1] ?? ports[1] + 1;
        return passes(address, port) ? [] : [[port, next - port] as const];
      });
      return new Map(lost);
    });
  return losses.toSorted((one, other) => countOf(other) - countOf(one))[0] ?? NOTHING_LOST;
}

/** How many checks in a row turn a target. */
interface Turns {
  readonly unhealthy: number;
  readonly healthy: number;
}

/** Checks that are played through, each from a port of its own: long enough for the share to settle, or never to be reached. */
const PLAYED = 20_000;

const played = new Map<string, boolean>();

/** Whether a target of which each check fails with a chance is unhealthy for half of the time: played through by what may be each time. */
function isMostlyUnhealthy(chance: number, { unhealthy, healthy }: Turns): boolean {
  if (chance === 0 || chance === 1) return chance === 1;
  const key = `${chance} ${unhealthy} ${healthy}`;
  const known = played.get(key);
  if (known !== undefined) return known;
  // The first ones are healthy with so many failures in a row, the others unhealthy with so many successes.
  let likely = Array.from({ length: unhealthy + healthy }, (_none, state) => Number(state === 0));
  let [out, all] = [0, 0];
  for (let check = 0; check < PLAYED; check += 1) {
    const next = likely.map(() => 0);
    for (const [state, share] of likely.entries()) {
      const isOut = state >= unhealthy;
      const [failed, passed] = isOut ? [unhealthy, (state + 1) % likely.length] : [state + 1, 0];
      next[failed] = (next[failed] ?? 0) + share * chance;
      next[passed] = (next[passed] ?? 0) + share * (1 - chance);
    }
    likely = next;
    // By then where it began has no weight.
    if (check < PLAYED / 2) continue;
    out += likely.slice(unhealthy).reduce((sum, share) => sum + share, 0);
    all += 1;
  }
  played.set(key, out / all >= 1 / 2);
  return out / all >= 1 / 2;
}

function aclOf(world: World, subnet: string): Shape | undefined {
  return records(world, 'NetworkAcls').find((acl) =>
    list(acl, 'Associations').some(({ SubnetId: id }) => id === subnet),
  );
}

/** A way through the ACL of one end. */
interface Edge {
  readonly place: Place;
  readonly lost: Lost;
}

function edgeOf(
  world: World,
  own: End,
  far: End,
  isOutbound: boolean,
  ports: Span,
  cuts: readonly Span[],
): readonly Edge[] {
  const acl = aclOf(world, own.subnet);
  if (acl === undefined) return [];
  const direction = isOutbound ? ('outbound' as const) : ('inbound' as const);
  const place = { by: [show(acl['NetworkAclId'])], direction, subnet: own.subnet };
  return [{ place, lost: lostAt(acl, isOutbound, far.spans, ports, cuts) }];
}

/** Ports at which an entry of either end begins or ends. */
function cutsOf(world: World, ends: readonly End[]): readonly Span[] {
  const entries = ends.flatMap(({ subnet }) => list(aclOf(world, subnet), 'Entries'));
  return entries.map((entry) => portsOf(part(entry, 'PortRange')['From'], part(entry, 'PortRange')['To']));
}

/** Where answers are lost: at one edge enough to matter, or at both of them together. */
function answersLost(edges: readonly Edge[], turns: Turns): readonly Place[] {
  const ports = EPHEMERAL[1] - EPHEMERAL[0] + 1;
  const isEnough = (lost: Lost): boolean => isMostlyUnhealthy(countOf(lost) / ports, turns);
  const alone = edges.filter(({ lost }) => isEnough(lost));
  const together = new Map(edges.flatMap(({ lost }) => [...lost]));
  const those = alone.length > 0 ? alone : edges.filter(({ lost }) => lost.size > 0 && isEnough(together));
  return those.map(({ place }) => place);
}

function between(world: World, node: End, host: End, port: number, turns: Turns): readonly Place[] {
  const goesOut = node.groups.length === 0 || areOpen(world, node, host, port, 'IpPermissionsEgress');
  const comesIn = host.groups.length === 0 || areOpen(world, host, node, port, 'IpPermissions');
  const groups: readonly Place[] = [
    ...(goesOut ? [] : [{ by: node.groups, direction: 'outbound' as const }]),
    ...(comesIn ? [] : [{ by: host.groups, direction: 'inbound' as const }]),
  ];
  if (node.subnet === host.subnet) return groups;
  const check: Span = [port, port];
  const cuts = cutsOf(world, [node, host]);
  const there = [
    ...edgeOf(world, node, host, true, check, cuts),
    ...edgeOf(world, host, node, false, check, cuts),
  ].filter(({ lost }) => lost.size > 0);
  const back = [
    ...edgeOf(world, node, host, false, EPHEMERAL, cuts),
    ...edgeOf(world, host, node, true, EPHEMERAL, cuts),
  ];
  return [...groups, ...there.map(({ place }) => place), ...answersLost(back, turns)];
}

function nodesOf(world: World, balancer: Shape, isAll: boolean, zone: string): readonly End[] {
  const name = show(balancer['LoadBalancerArn']).split(':loadbalancer/')[1] ?? '';
  const given: readonly unknown[] = Array.isArray(balancer['SecurityGroups']) ? balancer['SecurityGroups'] : [];
  const groups = given.map(show);
  const zones = list(balancer, 'AvailabilityZones').filter(({ ZoneName: each }) => isAll || each === zone);
  return zones.map(({ SubnetId: id }) => {
    const subnet = show(id);
    const own = records(world, 'NetworkInterfaces').filter(
      (eni) =>
        eni['SubnetId'] === subnet &&
        eni['Description'] === `ELB ${name}` &&
        eni['InterfaceType'] === 'network_load_balancer',
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
  const turns = {
    unhealthy: Number(targetGroup['UnhealthyThresholdCount'] ?? 2),
    healthy: Number(targetGroup['HealthyThresholdCount'] ?? 5),
  };
  const all = nodesOf(world, balancer, isCrossZone(balancer, targetGroup), zone).flatMap((node) =>
    between(world, node, host, checked, turns),
  );
  return [...new Map(all.map((place) => [JSON.stringify(place), place])).values()];
}
