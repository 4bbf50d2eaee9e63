/** The simulated Elastic Load Balancing, version 2: which load balancers there are. What is behind them is not modelled. */

import { LoadBalancer$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../../engine/model.ts';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { isShape, show, text } from '../ec2/state.ts';
import { elasticLoadBalancingV2Schema } from './schema.ts';

const SERVICE = 'elastic-load-balancing-v2';
const CALL = 'elasticloadbalancing:DescribeLoadBalancers';
const REFERENCE = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html';

/** Source: REFERENCE (PageSize). */
const MOST_PER_PAGE = 400;
/** Source: REFERENCE (LoadBalancerArns). */
const MOST_NAMED = 20;

const shown = outputOf(LoadBalancer$);

/** `app/web/0a1b2c3d4e5f6071` at the end of an ARN, by the word for the type. */
const ARN = /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:loadbalancer\/(app|net|gwy)\/([^/]+)\/([0-9a-f]+)$/u;
const TYPES = new Map([
  ['app', 'application'],
  ['net', 'network'],
  ['gwy', 'gateway'],
]);

function invalid(message: string): Error {
  return awsError('ValidationError', message);
}

/** What the SDK throws for the code LoadBalancerNotFound. Source of the wordings: github.com/hashicorp/terraform-provider-aws/issues 10669 and 15214. */
function notFound(message: string): Error {
  return awsError('LoadBalancerNotFoundException', message);
}

/** @throws NotSimulatedError where a pasted world says nothing of any: none is not known to be there */
function allOf(world: World): readonly Shape[] {
  const given = world.data[SERVICE]?.['LoadBalancers'];
  if (given !== undefined || !world.isPasted) return given ?? [];
  throw new NotSimulatedError(
    `${CALL} in ${world.region}: no LoadBalancers were pasted; write "${SERVICE}": { "LoadBalancers": [] } if there are none`,
  );
}

function byArn(all: readonly Shape[], arns: readonly string[]): readonly Shape[] {
  // Source: github.com/aws/aws-cli/issues/3673.
  for (const arn of arns) if (!ARN.test(arn)) throw invalid(`'${arn}' is not a valid load balancer ARN`);
  const found = all.filter((record) => arns.includes(show(record['LoadBalancerArn'])));
  if (found.length < new Set(arns).size) throw notFound('One or more load balancers not found');
  return found;
}

function byName(all: readonly Shape[], names: readonly string[]): readonly Shape[] {
  const lost = names.filter((name) => !all.some((record) => record['LoadBalancerName'] === name));
  if (lost.length > 0) throw notFound(`Load balancers '[${lost.join(', ')}]' not found`);
  return all.filter((record) => names.includes(show(record['LoadBalancerName'])));
}

function selected(world: World, input: Shape): readonly Shape[] {
  const [arns, names] = [strings(input, 'LoadBalancerArns'), strings(input, 'Names')];
  const all = allOf(world);
  if (arns.length > 0 && names.length > 0) throw new NotSimulatedError(`${CALL} by ARNs and names at once`);
  if (arns.length > MOST_NAMED || names.length > MOST_NAMED) {
    world.assume(`elasticloadbalancing: more than ${MOST_NAMED} load balancers by name or ARN are a ValidationError`);
    throw invalid(`Up to ${MOST_NAMED} load balancers can be specified in a single call`);
  }
  if (arns.length > 0) return byArn(all, arns);
  return names.length > 0 ? byName(all, names) : all;
}

/** A marker is the ARN of the last of the page before. */
function describeLoadBalancers(input: Shape, world: World): object {
  const found = selected(world, input);
  const size = Number(input['PageSize'] ?? MOST_PER_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > MOST_PER_PAGE)
    throw invalid(`PageSize must be from 1 to ${MOST_PER_PAGE}`);
  const marker = text(input, 'Marker');
  const before = marker === undefined ? -1 : found.findIndex((record) => record['LoadBalancerArn'] === marker);
  if (marker !== undefined && before < 0) throw invalid('The marker is not valid');
  const following = found.slice(before + 1);
  const items = following.slice(0, size);
  return {
    LoadBalancers: items.map(shown),
    ...(following.length > items.length ? { NextMarker: items.at(-1)?.['LoadBalancerArn'] } : {}),
  };
}

/** @throws BadInputError for an ARN that is no load balancer's of this version */
function complete(world: World, record: Shape, at: string): void {
  const [, type = '', name = '', digits = ''] = ARN.exec(show(record['LoadBalancerArn'])) ?? [];
  if (type === '')
    throw new BadInputError(
      `${at}.LoadBalancerArn`,
      'must be arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app|net|gwy/NAME/ID',
    );
  const scheme = record['Scheme'] === 'internal' ? 'internal-' : '';
  record['LoadBalancerName'] ??= name;
  record['Type'] ??= TYPES.get(type);
  record['DNSName'] ??=
    `${scheme}${name}-${digits}.${type === 'net' ? 'elb.' : ''}${world.region}.${type === 'net' ? '' : 'elb.'}amazonaws.com`;
  if (world.isPasted) return;
  record['Scheme'] ??= 'internet-facing';
  record['State'] ??= { Code: 'active' };
  record['IpAddressType'] ??= 'ipv4';
  record['CreatedTime'] ??= world.clock.iso();
  record['AvailabilityZones'] ??= [];
}

/** A load balancer appears, or is replaced as a whole; its members are set as they are. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (path.length > 0 || !isShape(value)) return false;
  const record: Shape = { ...value, LoadBalancerArn: value['LoadBalancerArn'] ?? key };
  complete(world, record, [SERVICE, collection, key].join('/'));
  const all = world.records(SERVICE, collection);
  const index = all.findIndex((one) => one['LoadBalancerArn'] === record['LoadBalancerArn']);
  if (index < 0) all.push(record);
  else all[index] = record;
  return true;
}

const operations: { readonly [operation: string]: Operation } = {
  DescribeLoadBalancers: { kind: 'read', grade: 'documented', source: REFERENCE, run: describeLoadBalancers },
};

export const elasticLoadBalancingV2: ServiceModel = {
  name: SERVICE,
  prefix: 'elasticloadbalancing',
  schema: elasticLoadBalancingV2Schema,
  collections: { LoadBalancers: 'LoadBalancerArn' },
  operations,
  start: (world) => {
    for (const [index, record] of (world.data[SERVICE]?.['LoadBalancers'] ?? []).entries())
      complete(world, record, `${SERVICE}.LoadBalancers[${index}]`);
  },
  change,
};
