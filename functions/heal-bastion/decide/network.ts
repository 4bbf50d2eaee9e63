/** The network between a load balancer and its targets, as far as it lets a health check through. JSON. */

/** What a rule of a security group lets through. */
export type Permission = {
  /** `tcp` by that name or its number; `-1`: all. */
  readonly protocol: string;
  /** Ports; `null`: all. */
  readonly from: number | null;
  readonly to: number | null;
  readonly cidrs: readonly string[];
  /** Prefix lists, by id. */
  readonly lists: readonly string[];
  /** Security groups whose members it lets through. */
  readonly groups: readonly string[];
};

/** A prefix list that a rule names. */
export type PrefixList = {
  readonly id: string;
  /** What of its networks are nodes and hosts of the network; `null`: it cannot be read, and whom it lets through is not known. */
  readonly cidrs: readonly string[] | null;
};

/** A security group, as far as its rules say something of a port that is checked: into hosts, and out of the load balancer. */
export type SecurityGroup = {
  readonly id: string;
  readonly inbound: readonly Permission[];
  readonly outbound: readonly Permission[];
};

/** An entry of a network ACL. */
export type AclEntry = {
  readonly number: number;
  readonly isOutbound: boolean;
  readonly isAllowed: boolean;
  /** Its number; `-1`: all. */
  readonly protocol: string;
  readonly from: number | null;
  readonly to: number | null;
  /** One network, or the two halves of all there is. */
  readonly cidrs: readonly string[];
};

/** A network ACL. */
export type NetworkAcl = { readonly id: string; readonly entries: readonly AclEntry[] };

/** A subnet, and what stands at its edge. */
export type Subnet = { readonly id: string; readonly acl: NetworkAcl };

/** A node of the load balancer: where health checks come from. */
export type Node = {
  readonly subnet: string;
  readonly zone: string;
  /** Its addresses; where they cannot be seen the network of its subnet. Each as a network. */
  readonly cidrs: readonly string[];
};

/** How a check gets to one host, which fails it or passes it. */
export type Reach = {
  readonly host: string;
  /** Its address, as a network of one. */
  readonly cidrs: readonly string[];
  readonly subnet: string;
  /** Its security groups, by id. */
  readonly groups: readonly string[];
  /** Where it is checked. */
  readonly port: number;
};

/** What lies between the nodes of a load balancer and its hosts. */
export type Network = {
  readonly subnets: readonly Subnet[];
  readonly nodes: readonly Node[];
  /** Each once, however many hosts have it. */
  readonly securityGroups: readonly SecurityGroup[];
  readonly prefixLists: readonly PrefixList[];
  /** Of the load balancer, by id; empty: it has none, and never will. */
  readonly balancerGroups: readonly string[];
  readonly reaches: readonly Reach[];
  /** Hosts for which there was no room: what stands before them is not known. */
  readonly leftOut: readonly string[];
};
