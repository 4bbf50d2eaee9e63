/** What is read of target groups: which there are, their attributes, tags and listeners, and how healthy their targets are. */

import { Listener$, TargetGroup$, TargetHealthDescription$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { find, list, show, text } from '../ec2/state.ts';
import { balancerAttributes, groupAttributes } from './attributes.ts';
import { demandKnown, healthShape } from './health.ts';
import { BALANCER_ARN, balancerNotFound, pageOf } from './load-balancers.ts';
import {
  API,
  COLLECTIONS,
  demandGroup,
  findRecord,
  GROUP_ARN,
  groupNotFound,
  idOf,
  invalid,
  numberIn,
  portOf,
  PREFIX,
  recordsGiven,
  targetsOf,
  type Target,
} from './state.ts';
import { demandKnownTargets } from './targets.ts';

const shownGroup = outputOf(TargetGroup$);
const shownHealth = outputOf(TargetHealthDescription$);
const shownListener = outputOf(Listener$);

function groupsByArn(all: readonly Shape[], arns: readonly string[]): readonly Shape[] {
  for (const arn of arns) if (!GROUP_ARN.test(arn)) throw invalid(`'${arn}' is not a valid target group ARN`);
  const found = all.filter((group) => arns.includes(show(group['TargetGroupArn'])));
  if (found.length < new Set(arns).size) throw groupNotFound();
  return found;
}

function groupsByName(all: readonly Shape[], names: readonly string[]): readonly Shape[] {
  const found = all.filter((group) => names.includes(show(group['TargetGroupName'])));
  if (found.length < new Set(names).size) throw groupNotFound();
  return found;
}

/** The load balancer of a request. */
function demandBalancer(world: World, operation: string, arn: string): Shape {
  if (!BALANCER_ARN.test(arn)) throw invalid(`'${arn}' is not a valid load balancer ARN`);
  const found = recordsGiven(world, operation, 'LoadBalancers').find((one) => one['LoadBalancerArn'] === arn);
  if (found === undefined) throw balancerNotFound(`Load balancer '${arn}' not found`);
  return found;
}

function usesBalancer(group: Shape, arn: string): boolean {
  return strings(group, 'LoadBalancerArns').includes(arn);
}

/** The API reference says "one of the following" (API_DescribeTargetGroups), not what becomes of two. */
const TWO_WAYS = `${PREFIX}: target groups that are asked for in two ways at once are a ValidationError`;

function describeTargetGroups(input: Shape, world: World): object {
  const operation = 'DescribeTargetGroups';
  const [arns, names, balancer] = [
    strings(input, 'TargetGroupArns'),
    strings(input, 'Names'),
    text(input, 'LoadBalancerArn'),
  ];
  const ways = [arns.length > 0, names.length > 0, balancer !== undefined].filter(Boolean);
  if (ways.length > 1) {
    world.assume(TWO_WAYS);
    throw invalid(
      'Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time',
    );
  }
  const all = recordsGiven(world, operation, 'TargetGroups');
  let found = all;
  if (arns.length > 0) found = groupsByArn(all, arns);
  else if (names.length > 0) found = groupsByName(all, names);
  else if (balancer !== undefined) {
    demandBalancer(world, operation, balancer);
    found = all.filter((group) => usesBalancer(group, balancer));
  }
  const { items, rest } = pageOf(input, found, 'TargetGroupArn');
  return { TargetGroups: items.map(shownGroup), ...rest };
}

function describeTargetGroupAttributes(input: Shape, world: World): object {
  return { Attributes: groupAttributes(demandGroup(world, 'DescribeTargetGroupAttributes', input['TargetGroupArn'])) };
}

function describeLoadBalancerAttributes(input: Shape, world: World): object {
  const arn = show(input['LoadBalancerArn']);
  return { Attributes: balancerAttributes(demandBalancer(world, 'DescribeLoadBalancerAttributes', arn)) };
}

/** A target of a request, as it is or as one that is not registered. */
function namedTarget(world: World, group: Shape, wanted: Shape): Target {
  const id = text(wanted, 'Id') ?? '';
  const port = numberIn(wanted, 'Port', numberIn(group, 'Port', 0));
  const found = targetsOf(world, group).find((target) => idOf(target) === id && portOf(target) === port);
  if (found !== undefined) return found;
  if (find(world, 'Instances', id) === undefined && !world.isPasted)
    throw awsError('InvalidTargetException', `The following targets are not valid instances: '${id}'`);
  const record: Shape = {
    Target: { Id: id, Port: port },
    TargetHealth: healthShape('unused', 'Target.NotRegistered'),
  };
  return { group, record };
}

function describeTargetHealth(input: Shape, world: World): object {
  const call = `${PREFIX}:DescribeTargetHealth`;
  const group = demandGroup(world, 'DescribeTargetHealth', input['TargetGroupArn']);
  if (findRecord(world, 'TargetHealth', group['TargetGroupArn'])?.['Unavailable'] === true)
    throw awsError('HealthUnavailableException', 'The health of the specified targets could not be retrieved', 500);
  demandKnownTargets(world, call, group);
  const named = list(input, 'Targets');
  const targets = named.length > 0 ? named.map((wanted) => namedTarget(world, group, wanted)) : targetsOf(world, group);
  for (const target of targets) demandKnown(world, call, target);
  const showsAnomalies = strings(input, 'Include').length > 0;
  const shown = targets.map(({ record }) => {
    const { AnomalyDetection: anomaly, ...rest } = shownHealth(record);
    return showsAnomalies && anomaly !== undefined ? { ...rest, AnomalyDetection: anomaly } : rest;
  });
  return { TargetHealthDescriptions: shown };
}

/** Source: API_DescribeTags (ResourceArns). */
const MOST_TAGGED = 20;

const TAGGED = ['LoadBalancers', 'TargetGroups', 'Listeners'] as const;

function tagsOf(world: World, arn: string): Shape {
  const collection = TAGGED.find((one) => findRecord(world, one, arn) !== undefined);
  if (collection === undefined) {
    if (arn.includes(':targetgroup/')) throw groupNotFound(`Target groups '${arn}' not found`);
    throw balancerNotFound(`Load balancers '${arn}' not found`);
  }
  const record = findRecord(world, collection, arn) ?? {};
  if (world.isPasted && record['Tags'] === undefined)
    throw new NotSimulatedError(
      `${PREFIX}:DescribeTags: the tags of ${arn} are not pasted; \`aws elbv2 describe-tags --resource-arns ${arn}\` prints them: write its Tags beside it`,
    );
  return { ResourceArn: arn, Tags: list(record, 'Tags').map((tag) => ({ ...tag })) };
}

function describeTags(input: Shape, world: World): object {
  const arns = strings(input, 'ResourceArns');
  if (arns.length === 0 || arns.length > MOST_TAGGED)
    throw invalid(`From 1 to ${MOST_TAGGED} resources can be specified in a single call`);
  return { TagDescriptions: arns.map((arn) => tagsOf(world, arn)) };
}

function describeListeners(input: Shape, world: World): object {
  const operation = 'DescribeListeners';
  const [arns, balancer] = [strings(input, 'ListenerArns'), text(input, 'LoadBalancerArn')];
  if (arns.length > 0 === (balancer !== undefined))
    throw invalid('You must specify either listener ARNs or a load balancer ARN');
  if (balancer !== undefined) demandBalancer(world, operation, balancer);
  const all = recordsGiven(world, operation, 'Listeners');
  const found = all.filter((one) =>
    balancer === undefined ? arns.includes(show(one[COLLECTIONS.Listeners])) : one['LoadBalancerArn'] === balancer,
  );
  if (found.length < new Set(arns).size) throw awsError('ListenerNotFoundException', 'One or more listeners not found');
  const { items, rest } = pageOf(input, found, 'ListenerArn');
  return { Listeners: items.map(shownListener), ...rest };
}

function read(operation: string, run: Operation['run']): Operation {
  return { kind: 'read', grade: 'documented', source: `${API}${operation}.html`, run };
}

export const readOperations: { readonly [operation: string]: Operation } = {
  DescribeTargetGroups: read('DescribeTargetGroups', describeTargetGroups),
  DescribeTargetGroupAttributes: read('DescribeTargetGroupAttributes', describeTargetGroupAttributes),
  DescribeLoadBalancerAttributes: read('DescribeLoadBalancerAttributes', describeLoadBalancerAttributes),
  DescribeTargetHealth: read('DescribeTargetHealth', describeTargetHealth),
  DescribeTags: read('DescribeTags', describeTags),
  DescribeListeners: read('DescribeListeners', describeListeners),
};
