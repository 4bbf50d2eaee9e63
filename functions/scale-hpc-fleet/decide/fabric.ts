/**
 * What a launch meets in the account, as AWS says it: read where a gang is missing. What AWS does not say is `null`, and is not held
 * against a rung. All of it is JSON, some kilobytes of twenty rungs.
 */

/** The image of the launch template. */
type ImageFact = {
  readonly state: string;
  /** Its `PlatformDetails`. */
  readonly platform: string | null;
};

/** A security group that the nodes are in. */
export type GroupFact = {
  readonly id: string;
  readonly vpcId: string | null;
  /** It is its VPC's own, and stands where an interface names none. */
  readonly isDefault: boolean;
  /** Groups from which it lets in, and to which it lets out, all traffic. */
  readonly from: readonly string[];
  readonly to: readonly string[];
};

/** An instance type. */
export type TypeFact = {
  readonly vcpus: number | null;
  /** How it can be paid for: `on-demand`, `spot` and others. */
  readonly usage: readonly string[] | null;
  /** Strategies of the placement groups that it can be in. */
  readonly strategies: readonly string[] | null;
  readonly hasEna: boolean | null;
  readonly hasEfa: boolean | null;
  readonly maxEfaInterfaces: number | null;
  /** Interfaces that each network card takes, by its index. */
  readonly cards: { readonly [index: string]: number | null } | null;
};

/** A subnet of a rung. */
type SubnetFact = {
  readonly vpcId: string | null;
  readonly freeAddresses: number | null;
};

/** A placement group of a rung. */
type PlacementFact = {
  readonly strategy: string;
  readonly state: string;
  /** Zones in which it has instances. */
  readonly zones: readonly string[];
};

/** A capacity reservation of a rung. */
export type ReservationFact = {
  readonly state: string;
  readonly instanceType: string;
  readonly zone: string;
  /** The cluster placement group that it is in: the name of one of this account, the ARN of any other; `null`: in none. */
  readonly placementGroup: string | null;
  readonly platform: string | null;
  readonly tenancy: string | null;
  /** It is a Capacity Block. */
  readonly isBlock: boolean;
  /** Instances that it has left. */
  readonly available: number;
};

/** A quota of vCPUs. */
export type QuotaFact = {
  readonly code: string;
  readonly vcpus: number;
  /** What the nodes of all fleets hold of it. */
  readonly held: number;
};

/** What a launch meets. What is not in one of these is not there, but for quotas: one that is not here limits nothing. */
export type Fabric = {
  readonly image: ImageFact | null;
  readonly groups: readonly GroupFact[];
  readonly types: { readonly [type: string]: TypeFact };
  /** TYPE/ZONE. */
  readonly offered: readonly string[];
  readonly subnets: { readonly [id: string]: SubnetFact };
  readonly placementGroups: { readonly [name: string]: PlacementFact };
  readonly reservations: { readonly [id: string]: ReservationFact };
  /** By TYPE/MARKET. */
  readonly quotas: { readonly [rung: string]: QuotaFact };
};
