/** Which words are AWS's, or ours, and identify nobody. */

import { z } from 'zod';
import { isRecord } from '../../../simulator/engine/json.ts';
import { worldSchema } from '../../../simulator/world/world-file.ts';
import { allPackages } from '../sdk.ts';

/** Parts of ARNs, hosts and expressions that are the same for everybody. */
const COMMON = `
arn aws aws-cn aws-us-gov amazon amazonaws amazon-ebs com net org internal compute ec2 elb elasticloadbalancing cloudfront sqs sns lambda
events scheduler ssm kms iam sts s3 wafv2 waf autoscaling batch datasync fsx dax elasticache cloudwatch apigateway execute-api dynamodb logs
tag servicequotas shield appsync cognito-idp apprunner guardduty http https tcp udp icmp ip dns fifo html json self default root user role
assumed-role instance volume snapshot image network-interface elastic-ip subnet vpc security-group prefix-list launch-template
targetgroup loadbalancer net app gwy listener autoScalingGroup autoScalingGroupName distribution distribution-tenant function queue topic
rule event-bus schedule document parameter key alias alarm cluster cache replicationgroup serverlesscache restapis apis stages ipset webacl
rulegroup regional global job-queue compute-environment job job-definition task execution file-system association placement-group
capacity-reservation group durable-execution table stream durable latest LATEST Default Latest null none any all auto manual best-effort
required primary secondary reboot device eth0 eth1 eth2 dev sda sda1 sdb sdf sdg xvda nvme fresh once group terminate stop spot on-demand open yes no unknown ALARM OK INSUFFICIENT_DATA AND OR NOT TRUE FALSE HeadNode Compute
fsx datasync  public runbook blocklist claim list index
`;

const OWN: ReadonlySet<string> = new Set(COMMON.split(/\s+/u).filter((one) => one !== ''));

/** Whether a word stands for nothing of anybody's, wherever it is. */
export function isCommon(word: string): boolean {
  return OWN.has(word) || OWN.has(word.toLowerCase()) || word.startsWith('AWS') || /^[A-Z]{2}$/u.test(word);
}

/** A Region, a zone, or the id of one. */
export function isPlace(word: string): boolean {
  return /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d[a-z]?|[a-z]{3,4}\d-[a-z]*\d?-?az\d)$/u.test(word);
}

/** A type of instances, of nodes of a cache. */
export function isType(text: string): boolean {
  return /^(?:cache\.|db\.|dax\.)?[a-z][a-z0-9-]{0,12}\.(?:nano|micro|small|medium|metal|\d*x?large)[a-z0-9-]*$/u.test(
    text,
  );
}

function enumerationsOf(sdk: object): readonly string[] {
  return Object.values(sdk).flatMap((one: unknown) => {
    if (!isRecord(one)) return [];
    const values = Object.values(one);
    return values.length > 0 && values.every((value) => typeof value === 'string') ? values : [];
  });
}

/** Values of every enumeration in a JSON Schema. */
function valuesIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(valuesIn);
  if (!isRecord(schema)) return [];
  const { enum: values, const: one, ...rest } = schema;
  const own = [values, one].flat().filter((value) => typeof value === 'string');
  return [...own, ...Object.values(rest).flatMap(valuesIn)];
}

/** Words of enumerations, AWS's as the SDK has them and those of a world file: states, types, reasons. */
export async function vocabulary(): Promise<ReadonlySet<string>> {
  const world = z.toJSONSchema(worldSchema, { io: 'input', unrepresentable: 'any' });
  return new Set([...(await allPackages()).flatMap(enumerationsOf), ...valuesIn(world)]);
}
