/** The records of Elastic Load Balancing, and the way to them. */

import { type AwsError, awsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { list, part, show, text } from '../ec2/state.ts';

export const SERVICE = 'elastic-load-balancing-v2';
export const PREFIX = 'elasticloadbalancing';
export const API = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_';

/** The collections with the member that identifies a record. */
export const COLLECTIONS = {
  LoadBalancers: 'LoadBalancerArn',
  TargetGroups: 'TargetGroupArn',
  TargetHealth: 'TargetGroupArn',
  Listeners: 'ListenerArn',
} as const;

export type Collection = keyof typeof COLLECTIONS;

/** The records of a collection; none are made by being asked for. */
export function recordsOf(world: World, collection: Collection): readonly Shape[] {
  return world.data[SERVICE]?.[collection] ?? [];
}

/** The record of an ARN. */
export function findRecord(world: World, collection: Collection, arn: unknown): Shape | undefined {
  return recordsOf(world, collection).find((record) => record[COLLECTIONS[collection]] === arn);
}

/** What a collection is called where something of it is missing, and the command that prints it. */
const PRINTED: { readonly [collection in Collection]: string } = {
  LoadBalancers: 'describe-load-balancers',
  TargetGroups: 'describe-target-groups',
  TargetHealth: 'describe-target-health',
  Listeners: 'describe-listeners',
};

/**
 * The records of a collection, for an operation.
 * @throws NotSimulatedError where a pasted world says nothing of any: none is not known to be there
 */
export function recordsGiven(world: World, operation: string, collection: Collection): readonly Shape[] {
  const given = world.data[SERVICE]?.[collection];
  if (given !== undefined || !world.isPasted) return given ?? [];
  throw new NotSimulatedError(
    `${PREFIX}:${operation} in ${world.region}: no ${collection} were pasted, \`aws elbv2 ${PRINTED[collection]}\` prints them; write "${SERVICE}": { "${collection}": [] } if there are none`,
  );
}

/** The error of a request that is not well formed. */
export function invalid(message: string): AwsError {
  return awsError('ValidationError', message);
}

/** Source of the wording: github.com/hashicorp/terraform-provider-aws/issues/636. */
export function groupNotFound(message = 'One or more target groups not found'): AwsError {
  return awsError('TargetGroupNotFoundException', message);
}

/** `targetgroup/NAME/ID` at the end of an ARN. */
export const GROUP_ARN = /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:targetgroup\/([^/]+)\/([0-9a-f]+)$/u;

/** The target group of a request. */
export function demandGroup(world: World, operation: string, arn: unknown): Shape {
  if (!GROUP_ARN.test(show(arn))) throw invalid(`'${show(arn)}' is not a valid target group ARN`);
  const all = recordsGiven(world, operation, 'TargetGroups');
  const found = all.find((group) => group['TargetGroupArn'] === arn);
  if (found === undefined) throw groupNotFound();
  return found;
}

/** A whole number of a record, or AWS's default. */
export function numberIn(record: Shape, member: string, usual: number): number {
  const value = record[member];
  return typeof value === 'number' ? value : usual;
}

/** The load balancer that a target group is used by: it has at most one. */
export function balancerArn(group: Shape): string | undefined {
  const arns: unknown = group['LoadBalancerArns'];
  return Array.isArray(arns) && typeof arns[0] === 'string' ? arns[0] : undefined;
}

/** One registration: an instance by a port. */
export interface Target {
  readonly group: Shape;
  /** An entry of TargetHealthDescriptions. */
  readonly record: Shape;
}

export function idOf({ record }: Target): string {
  return text(part(record, 'Target'), 'Id') ?? '';
}

export function portOf({ group, record }: Target): number {
  return numberIn(part(record, 'Target'), 'Port', numberIn(group, 'Port', 0));
}

/** The port that is checked: the target's own unless the group names one. */
export function checkedPort(target: Target): number {
  const wanted = text(target.group, 'HealthCheckPort') ?? 'traffic-port';
  return wanted === 'traffic-port' ? portOf(target) : Number(wanted);
}

export function stateOf({ record }: Target): string {
  return text(part(record, 'TargetHealth'), 'State') ?? 'initial';
}

export function reasonOf({ record }: Target): string {
  return text(part(record, 'TargetHealth'), 'Reason') ?? '';
}

/** What the world has of a group's targets; `undefined`: nothing is known of them. */
export function healthRecord(world: World, groupArn: unknown): Shape | undefined {
  return findRecord(world, 'TargetHealth', groupArn);
}

/** The targets of a group, in the order of their registration. */
export function targetsOf(world: World, group: Shape): readonly Target[] {
  const health = healthRecord(world, group['TargetGroupArn']);
  return list(health, 'TargetHealthDescriptions').map((record) => ({ group, record }));
}

/** All targets of all groups. */
export function allTargets(world: World): readonly Target[] {
  return recordsOf(world, 'TargetGroups').flatMap((group) => targetsOf(world, group));
}

/** The registration of an instance by a port. */
export function findTarget(world: World, group: Shape, id: string, port: number): Target | undefined {
  return targetsOf(world, group).find((target) => idOf(target) === id && portOf(target) === port);
}

/** Takes a target out of its group. */
export function dropTarget(world: World, { group, record }: Target): void {
  const health = healthRecord(world, group['TargetGroupArn']);
  if (health === undefined) return;
  health['TargetHealthDescriptions'] = list(health, 'TargetHealthDescriptions').filter((one) => one !== record);
}
