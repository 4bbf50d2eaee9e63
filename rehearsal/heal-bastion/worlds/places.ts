/** Where the fleets of generated worlds stand: subnets of nodes and of hosts, with the names of what lies between. */

/** Whose subnet. */
export type Side = 'node' | 'host';

export interface Subnet {
  readonly id: string;
  readonly cidr: string;
}

interface NodeSubnet extends Subnet {
  /** Of the balancer's node there. */
  readonly addresses: readonly string[];
}

interface Zone {
  readonly name: string;
  readonly index: number;
  readonly node: NodeSubnet;
  /** The same subnet, or one beside it. */
  readonly host: Subnet;
}

export interface Place {
  /** Of the fleet. */
  readonly letter: string;
  readonly vpc: string;
  readonly network: string;
  readonly zones: readonly Zone[];
  /** Nodes and hosts are in subnets of their own. */
  readonly isSplit: boolean;
  /** The interfaces of the nodes can be seen. */
  readonly hasInterfaces: boolean;
  /** Somebody calls an interface of their own as AWS calls those of the nodes. */
  readonly isForged: boolean;
  readonly balancerGroups: readonly string[];
  readonly hostGroups: readonly string[];
  /** Where hosts are checked. */
  readonly port: number;
}

/** An address of a subnet. */
export function addressOf({ cidr }: Subnet, number: number): string {
  return cidr.replace(/\.0\/24$/u, `.${number}`);
}

/** Of the ACL of a subnet. */
export function aclId({ letter }: Pick<Place, 'letter'>, side: Side, zone: number): string {
  return `acl-0b${letter}${side === 'node' ? '1' : '2'}${zone}`;
}

/** Of the list of the nodes' networks. */
export function listId({ letter }: Pick<Place, 'letter'>): string {
  return `pl-0b${letter}`;
}
