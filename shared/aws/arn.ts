/** Names of resources as ARNs: what names a target. */

import type { Io } from '../kernel/definition.ts';

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** `arn:aws:ec2:REGION:ACCOUNT:KIND/ID` in the partition of the Region. */
export function ec2Arn(
  kind: 'instance' | 'elastic-ip' | 'launch-template' | 'network-acl' | 'prefix-list' | 'security-group',
  id: string,
  { account, region }: Pick<Io, 'account' | 'region'>,
): string {
  return `arn:${partitionOf(region)}:ec2:${region}:${account}:${kind}/${id}`;
}

/** The ARN of a distribution of CloudFront, which is in no Region. */
export function distributionArn(id: string, { account, region }: Io): string {
  return `arn:${partitionOf(region)}:cloudfront::${account}:distribution/${id}`;
}

/** The ARN of a tenant of a multi-tenant distribution, in no Region either. */
export function tenantArn(id: string, { account, region }: Io): string {
  return `arn:${partitionOf(region)}:cloudfront::${account}:distribution-tenant/${id}`;
}

/** The ARN of a queue of SQS. */
export function queueArn(name: string, { account, region }: Io): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

/** The ARN of a topic of SNS. */
export function topicArn(name: string, { account, region }: Io): string {
  return `arn:${partitionOf(region)}:sns:${region}:${account}:${name}`;
}

/** The ARN of a function of Lambda. */
export function functionArn(name: string, { account, region }: Io): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${account}:function:${name}`;
}

/** The ARN of a task of DataSync. */
export function transferArn(task: string, { account, region }: Pick<Io, 'account' | 'region'>): string {
  return `arn:${partitionOf(region)}:datasync:${region}:${account}:task/${task}`;
}

/** The ARN of a compute environment of AWS Batch. */
export function computeEnvironmentArn(name: string, { account, region }: Pick<Io, 'account' | 'region'>): string {
  return `arn:${partitionOf(region)}:batch:${region}:${account}:compute-environment/${name}`;
}

/** The parts of an ARN that tell one resource from another. */
export interface ArnParts {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly kind: string;
  /** Its id or name. That of an Auto Scaling group may hold slashes, and look like an id. */
  readonly name: string;
}

/** `instance/i-1`, `alarm:cpu`, `autoScalingGroup:UUID:autoScalingGroupName/prod/db`. Source: AWS, "Actions, resources and condition keys". */
const RESOURCE = /^(?:autoScalingGroup:[^:]*:)?([^/:]*)[/:](.*)$/su;

/** Takes an ARN apart; `undefined` for a text that is none. */
export function arnParts(text: string): ArnParts | undefined {
  const [arn, , service = '', region = '', account = '', ...rest] = text.split(':');
  const [, kind, name] = RESOURCE.exec(rest.join(':')) ?? [];
  return arn !== 'arn' || kind === undefined || name === undefined
    ? undefined
    : { service, region, account, kind, name };
}

/** The id or name in an ARN; a text that is none as it is. */
export function nameInArn(text: string): string {
  return arnParts(text)?.name ?? text;
}
