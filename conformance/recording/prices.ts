/** What a recording would cost at most: each thing for a whole hour, in the dearest Region. */

import type { Kind } from './kinds.ts';

/** The longest a scenario may take. Its own clean-up comes after. */
export const SCENARIO_HOURS = 1;

/**
 * US dollars an hour, rounded up from the dearest Region for ordinary accounts (São Paulo), as of November 2026; taken high rather than
 * read from a price list.
 *
 * Instances: a t3.small (https://aws.amazon.com/ec2/pricing/on-demand/) is a few cents, and with "unlimited" credits at most 0.05 an hour
 * more for each of its two vCPUs (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode-concepts.html);
 * its root volume is in it. Volumes and snapshots: https://aws.amazon.com/ebs/pricing/, 10 GiB with 4,000 IOPS and 250 MiB/s. Addresses:
 * 0.005 for every public IPv4 address (https://aws.amazon.com/vpc/pricing/). Queues: some thousand requests
 * (https://aws.amazon.com/sqs/pricing/). VPCs and what is in them, templates and groups cost nothing of their own.
 */
const HOURLY_USD: { readonly [kind in Kind]: number } = {
  'auto-scaling-group': 0,
  'elastic-ip': 0.005,
  instance: 0.15,
  'internet-gateway': 0,
  'launch-template': 0,
  'network-acl': 0,
  'prefix-list': 0,
  queue: 0.01,
  'security-group': 0,
  snapshot: 0.01,
  subnet: 0,
  volume: 0.05,
  vpc: 0,
  'vpc-peering-connection': 0,
};

/** How many of each kind. */
export type Counts = ReadonlyMap<Kind, number>;

/** What so many would cost at most, in US dollars. */
export function mostUsd(counts: Counts): number {
  return [...counts].reduce((sum, [kind, count]) => sum + HOURLY_USD[kind] * count * SCENARIO_HOURS, 0);
}

/** Rounded up to a cent. */
export function usdText(usd: number): string {
  return `$${(Math.ceil(Math.round(usd * 100_000) / 1_000) / 100).toFixed(2)}`;
}
