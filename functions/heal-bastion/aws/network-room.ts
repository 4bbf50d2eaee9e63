/** How much of a network is kept: a look is one step of a run, and what a step may keep is bounded. */

import type { Network } from '../decide.ts';

/** Less than half of what a step may keep: the hosts themselves need the rest. */
const ROOM_BYTES = 100_000;

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** As many hosts as there is room for, in their order, the first in any case; the others are named as left out. */
export function withinRoom(network: Omit<Network, 'leftOut'>): Network {
  const { reaches, securityGroups, prefixLists, subnets, nodes, balancerGroups } = network;
  const counted = new Set<string>();
  const bytesOnce = (id: string, value: object | undefined): number => {
    if (value === undefined || counted.has(id)) return 0;
    counted.add(id);
    return bytesOf(value);
  };
  const bytesOfGroup = (id: string): number =>
    bytesOnce(
      id,
      securityGroups.find((group) => group.id === id),
    );
  const bytesOfSubnet = (id: string): number =>
    bytesOnce(
      id,
      subnets.find((subnet) => subnet.id === id),
    );
  const total = (all: readonly number[]): number => all.reduce((sum, bytes) => sum + bytes, 0);
  let bytes =
    bytesOf(prefixLists) +
    total(balancerGroups.map(bytesOfGroup)) +
    total(nodes.map(({ subnet }) => bytesOfSubnet(subnet)));
  const kept = new Set<string>();
  for (const [host, all] of Map.groupBy(reaches, (reach) => reach.host)) {
    bytes +=
      bytesOf(all) + total(all.flatMap(({ subnet, groups }) => [bytesOfSubnet(subnet), ...groups.map(bytesOfGroup)]));
    if (bytes > ROOM_BYTES && kept.size > 0) break;
    kept.add(host);
  }
  const own = reaches.filter(({ host }) => kept.has(host));
  const groups = new Set([...balancerGroups, ...own.flatMap((reach) => reach.groups)]);
  const edges = new Set([...nodes, ...own].map(({ subnet }) => subnet));
  return {
    ...network,
    subnets: subnets.filter(({ id }) => edges.has(id)),
    securityGroups: securityGroups.filter(({ id }) => groups.has(id)),
    reaches: own,
    leftOut: [...new Set(reaches.map(({ host }) => host))].filter((host) => !kept.has(host)),
  };
}
