/** Known differences about target groups, their targets, and network load balancers. */

import { missingError, type Known } from './known.ts';

const API = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference';
const page = (name: string): string => `${API}/API_${name}.html`;

const ATTRIBUTES = ['Attributes[] count', 'Attributes[].Key', 'Attributes[].Value'];
const BY_PORT = 'A target is an instance by a port, and an instance may be there by several. Moto knows it by its id.';

const health: readonly Known[] = [
  {
    operation: 'elasticloadbalancing:DescribeTargetHealth',
    where: ['TargetHealthDescriptions[].HealthCheckPort'],
    simulator: '22',
    right: 'simulator',
    because: 'The port that is checked is a number. Moto prints the setting of the group.',
    source: page('DescribeTargetHealth'),
  },
  {
    operation: 'elasticloadbalancing:DescribeTargetHealth',
    where: ['TargetHealthDescriptions[].HealthCheckPort'],
    simulator: 'absent',
    right: 'both allowed',
    because: 'A target that is not registered is not checked; AWS does not say whether a port is printed all the same.',
    source: page('TargetHealthDescription'),
  },
  {
    operation: 'elasticloadbalancing:DescribeTargetHealth',
    where: ['TargetHealthDescriptions[].Target.Port', 'TargetHealthDescriptions[].TargetHealth.*'],
    scenario: 'the health of targets, of one that is not registered, of one that cannot be, of no group',
    right: 'simulator',
    because: BY_PORT,
    source: page('TargetDescription'),
  },
  {
    operation: 'elasticloadbalancing:DescribeTargetHealth',
    where: ['TargetHealthDescriptions[].TargetHealth.*'],
    scenario: 'a target is registered twice, gets healthy, and is deregistered twice',
    right: 'simulator',
    because: 'A target that is deregistered is draining for the delay of its group. In moto it is gone at once.',
    source: page('TargetHealth'),
  },
  missingError(
    'elasticloadbalancing:DescribeTargetHealth',
    'InvalidTargetException',
    'A target that does not exist is an error. To moto it is one that is not registered.',
    page('DescribeTargetHealth'),
  ),
  {
    operation: 'fact',
    where: [
      'ports that an instance is registered by',
      'ports after another was deregistered',
      'ports after the own one was deregistered',
    ],
    right: 'simulator',
    because: BY_PORT,
    source: page('DeregisterTargets'),
  },
];

export const targetGroupDifferences: readonly Known[] = [
  ...health,
  {
    operation: 'elasticloadbalancing:DeregisterTargets',
    where: ['error'],
    simulator: 'answers',
    right: 'simulator',
    because: '"If the specified target does not exist, the action returns successfully." Moto fails.',
    source: page('DeregisterTargets'),
  },
  ...['RegisterTargets', 'DeregisterTargets'].map((name) =>
    missingError(
      `elasticloadbalancing:${name}`,
      'ValidationError',
      'Targets are required. Moto takes a request without.',
      page(name),
    ),
  ),
  missingError(
    'elasticloadbalancing:RegisterTargets',
    'InvalidTargetException',
    'A target that does not exist is an error. Moto registers it.',
    page('RegisterTargets'),
  ),
  missingError(
    'elasticloadbalancing:DescribeListeners',
    'ValidationError',
    '"You must specify either a load balancer or one or more listeners." Moto takes both.',
    page('DescribeListeners'),
  ),
  ...['TargetGroupNotFoundException', 'LoadBalancerNotFoundException'].map((error) =>
    missingError(
      'elasticloadbalancing:DescribeTags',
      error,
      'A resource that does not exist is an error. In moto it has no tags.',
      page('DescribeTags'),
    ),
  ),
  {
    operation: 'elasticloadbalancing:DescribeLoadBalancerAttributes',
    where: ATTRIBUTES,
    right: 'simulator',
    because: "A network load balancer has nine attributes, of which moto's has four.",
    source: page('LoadBalancerAttribute'),
  },
  {
    operation: 'elasticloadbalancing:DescribeTargetGroupAttributes',
    where: ATTRIBUTES,
    right: 'simulator',
    because: "Moto gives a group of TCP attributes that are an application load balancer's, and leaves out its own.",
    source: page('TargetGroupAttribute'),
  },
];
