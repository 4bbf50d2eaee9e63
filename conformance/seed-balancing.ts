/** Load balancers and target groups of a scenario's beginning. */

export interface SeedTargetGroup {
  readonly port: number;
  /** Name of the network load balancer that has a listener for it, by the same port. */
  readonly behind?: string;
  /** Names of the instances that are registered. */
  readonly targets?: readonly string[];
  /** The members of the beginning's Auto Scaling group are registered. */
  readonly hasMembers?: true;
  readonly tags?: { readonly [key: string]: string };
}

export interface SeedBalancing {
  /** Names of load balancers for applications; `NAME.dns` is known, too. */
  readonly loadBalancers?: readonly string[];
  /** Names of load balancers for networks. */
  readonly networks?: readonly string[];
  /** Target groups for TCP by name; the id of each is its ARN. `NAME.listener` is known, too, of one behind a load balancer. */
  readonly targetGroups?: { readonly [name: string]: SeedTargetGroup };
}

/** ARNs of the target groups that the members of the Auto Scaling group are registered with. */
export function groupsOfMembers({ targetGroups = {} }: SeedBalancing, id: (name: string) => string): string[] {
  return Object.entries(targetGroups).flatMap(([name, { hasMembers }]) => (hasMembers === true ? [id(name)] : []));
}
