/** Which load balancers there are. */

import { LoadBalancer$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { show, text } from '../ec2/state.ts';
import { API, invalid, recordsGiven } from './state.ts';

const CALL = 'elasticloadbalancing:DescribeLoadBalancers';
const REFERENCE = `${API}DescribeLoadBalancers.html`;

/** Source: PageSize of each describe operation, e.g. API_DescribeLoadBalancers. */
const MOST_PER_PAGE = 400;
/** Source: REFERENCE (LoadBalancerArns). */
const MOST_NAMED = 20;

const shown = outputOf(LoadBalancer$);

/** `app/web/0a1b2c3d4e5f6071` at the end of an ARN, by the word for the type. */
export const BALANCER_ARN =
  /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:loadbalancer\/(app|net|gwy)\/([^/]+)\/([0-9a-f]+)$/u;
const TYPES = new Map([
  ['app', 'application'],
  ['net', 'network'],
  ['gwy', 'gateway'],
]);

/** What the SDK throws for the code LoadBalancerNotFound. Source of the wordings: github.com/hashicorp/terraform-provider-aws/issues 10669 and 15214. */
export function balancerNotFound(message: string): Error {
  return awsError('LoadBalancerNotFoundException', message);
}

function byArn(all: readonly Shape[], arns: readonly string[]): readonly Shape[] {
  // Source: github.com/aws/aws-cli/issues/3673.
  for (const arn of arns) if (!BALANCER_ARN.test(arn)) throw invalid(`'${arn}' is not a valid load balancer ARN`);
  const found = all.filter((record) => arns.includes(show(record['LoadBalancerArn'])));
  if (found.length < new Set(arns).size) throw balancerNotFound('One or more load balancers not found');
  return found;
}

function byName(all: readonly Shape[], names: readonly string[]): readonly Shape[] {
  const lost = names.filter((name) => !all.some((record) => record['LoadBalancerName'] === name));
  if (lost.length > 0) throw balancerNotFound(`Load balancers '[${lost.join(', ')}]' not found`);
  return all.filter((record) => names.includes(show(record['LoadBalancerName'])));
}

function selected(world: World, input: Shape): readonly Shape[] {
  const [arns, names] = [strings(input, 'LoadBalancerArns'), strings(input, 'Names')];
  const all = recordsGiven(world, 'DescribeLoadBalancers', 'LoadBalancers');
  if (arns.length > 0 && names.length > 0) throw new NotSimulatedError(`${CALL} by ARNs and names at once`);
  if (arns.length > MOST_NAMED || names.length > MOST_NAMED) {
    world.assume(`elasticloadbalancing: more than ${MOST_NAMED} load balancers by name or ARN are a ValidationError`);
    throw invalid(`Up to ${MOST_NAMED} load balancers can be specified in a single call`);
  }
  if (arns.length > 0) return byArn(all, arns);
  return names.length > 0 ? byName(all, names) : all;
}

/** One page of records. A marker is the ARN, the member `key`, of the last of the page before. */
export function pageOf(
  input: Shape,
  found: readonly Shape[],
  key: string,
): { readonly items: readonly Shape[]; readonly rest: object } {
  const size = Number(input['PageSize'] ?? MOST_PER_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > MOST_PER_PAGE)
    throw invalid(`PageSize must be from 1 to ${MOST_PER_PAGE}`);
  const marker = text(input, 'Marker');
  const before = marker === undefined ? -1 : found.findIndex((record) => record[key] === marker);
  if (marker !== undefined && before < 0) throw invalid('The marker is not valid');
  const following = found.slice(before + 1);
  const items = following.slice(0, size);
  return { items, rest: following.length > items.length ? { NextMarker: items.at(-1)?.[key] } : {} };
}

function describeLoadBalancers(input: Shape, world: World): object {
  const { items, rest } = pageOf(input, selected(world, input), 'LoadBalancerArn');
  return { LoadBalancers: items.map(shown), ...rest };
}

/**
 * Adds what was left out of a load balancer.
 * @throws BadInputError for an ARN that is no load balancer's of this version
 */
export function completeBalancer(world: World, record: Shape, at: string): void {
  const [, type = '', name = '', digits = ''] = BALANCER_ARN.exec(show(record['LoadBalancerArn'])) ?? [];
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

export const loadBalancerOperations: { readonly [operation: string]: Operation } = {
  DescribeLoadBalancers: { kind: 'read', grade: 'documented', source: REFERENCE, run: describeLoadBalancers },
};
