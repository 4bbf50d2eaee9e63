/** Names of resources as ARNs: what names a target. */

import type { Io } from '../kernel/definition.ts';

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** `arn:aws:ec2:REGION:ACCOUNT:KIND/ID` in the partition of the Region. */
export function ec2Arn(kind: 'instance' | 'elastic-ip', id: string, { account, region }: Io): string {
  return `arn:${partitionOf(region)}:ec2:${region}:${account}:${kind}/${id}`;
}

/** What follows the last slash of an ARN; a text without one as it is. */
export function lastPartOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
