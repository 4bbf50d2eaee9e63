/** What a recording will create, what that costs at most, and what the credentials must be allowed: said before anything is asked for. */

import { playOnSimulator } from '../on-simulator.ts';
import type { Played, Scenario, Seed } from '../scenario.ts';
import { CREATIONS, type Kind } from './kinds.ts';
import { textsAt } from './plain.ts';
import { mostUsd, SCENARIO_HOURS, usdText, type Counts } from './prices.ts';

/** A scenario with what it will create. */
export interface Planned {
  readonly scenario: Scenario;
  readonly counts: Counts;
  /** What it asks for, as the simulator has seen it. */
  readonly operations: readonly string[];
}

function sizeOf(part: object | undefined): number {
  return Object.keys(part ?? {}).length;
}

/** What the beginning needs. A group is counted full, and once more: members that are replaced overlap. */
function seeded(seed: Seed): Map<Kind, number> {
  const { group } = seed;
  const hasNetwork = seed.instances !== undefined || group !== undefined;
  const counts: readonly (readonly [Kind, number])[] = [
    ['instance', sizeOf(seed.instances) + (group === undefined ? 0 : 2 * group.max)],
    ['auto-scaling-group', group === undefined ? 0 : 1],
    ['launch-template', group === undefined ? 0 : 1],
    ['vpc', sizeOf(seed.vpcs) + (hasNetwork ? 1 : 0)],
    ['subnet', hasNetwork ? 2 : 0],
    ['internet-gateway', hasNetwork ? 1 : 0],
    ['elastic-ip', sizeOf(seed.addresses)],
    ['volume', sizeOf(seed.volumes)],
    ['snapshot', sizeOf(seed.snapshots)],
    ['network-acl', sizeOf(seed.networkAcls)],
    ['security-group', sizeOf(seed.securityGroups)],
    ['prefix-list', sizeOf(seed.prefixLists)],
    ['vpc-peering-connection', sizeOf(seed.peerings)],
    ['queue', sizeOf(seed.queues)],
  ];
  return new Map(counts.filter(([, count]) => count > 0));
}

function planOf(scenario: Scenario, { notes }: Played): Planned {
  const counts = seeded(scenario.seed);
  for (const { operation, answer } of notes) {
    const creation = CREATIONS[operation];
    // What the simulator refuses AWS may grant.
    const made =
      'output' in answer && creation?.isNamed !== true ? textsAt(answer.output, creation?.ids ?? '').length : 1;
    if (creation !== undefined) counts.set(creation.kind, (counts.get(creation.kind) ?? 0) + made);
  }
  const operations = [...new Set(notes.map(({ operation }) => operation))].filter((one) => one !== 'fact');
  return { scenario, counts, operations };
}

/** Plays the scenarios in the simulator to know what each will ask for. */
export async function planned(scenarios: readonly Scenario[]): Promise<readonly Planned[]> {
  const plans: Planned[] = [];
  for (const scenario of scenarios) plans.push(planOf(scenario, await playOnSimulator(scenario)));
  return plans;
}

/** IAM has one action for some calls and their batches. Source: Service Authorization Reference, Amazon SQS. */
const ACTIONS: { readonly [operation: string]: string } = {
  'sqs:SendMessageBatch': 'sqs:SendMessage',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
};

/** What the recorder asks besides: whose account, its zones and image; beginnings; and clean-up. */
const ALWAYS = [
  'iam:ListAccountAliases',
  'ssm:GetParameter',
  ...['DescribeAvailabilityZones', 'CreateTags'].map((name) => `ec2:${name}`),
];

/** What each kind needs to be made in a beginning, and to be found and deleted. */
const OF_KIND: { readonly [kind in Kind]: readonly string[] } = {
  'auto-scaling-group': [
    'autoscaling:CreateAutoScalingGroup',
    'autoscaling:CreateOrUpdateTags',
    'autoscaling:PutLifecycleHook',
    'autoscaling:DescribeAutoScalingGroups',
    'autoscaling:DeleteAutoScalingGroup',
    'iam:CreateServiceLinkedRole',
  ],
  'elastic-ip': ['ec2:AllocateAddress', 'ec2:AssociateAddress', 'ec2:DescribeAddresses', 'ec2:ReleaseAddress'],
  instance: [
    'ec2:RunInstances',
    'ec2:StopInstances',
    'ec2:DescribeInstances',
    'ec2:ModifyInstanceAttribute',
    'ec2:TerminateInstances',
  ],
  'internet-gateway': [
    'ec2:CreateInternetGateway',
    'ec2:AttachInternetGateway',
    'ec2:DescribeInternetGateways',
    'ec2:DetachInternetGateway',
    'ec2:DeleteInternetGateway',
  ],
  'launch-template': ['ec2:CreateLaunchTemplate', 'ec2:DescribeLaunchTemplates', 'ec2:DeleteLaunchTemplate'],
  'network-acl': ['ec2:CreateNetworkAcl', 'ec2:DescribeNetworkAcls', 'ec2:DeleteNetworkAcl'],
  'prefix-list': ['ec2:CreateManagedPrefixList', 'ec2:DescribeManagedPrefixLists', 'ec2:DeleteManagedPrefixList'],
  queue: [
    'sqs:CreateQueue',
    'sqs:TagQueue',
    'sqs:GetQueueAttributes',
    'sqs:ListQueues',
    'sqs:ListQueueTags',
    'sqs:DeleteQueue',
  ],
  'security-group': ['ec2:CreateSecurityGroup', 'ec2:DescribeSecurityGroups', 'ec2:DeleteSecurityGroup'],
  snapshot: ['ec2:CreateSnapshot', 'ec2:DescribeSnapshots', 'ec2:DeleteSnapshot'],
  subnet: ['ec2:CreateSubnet', 'ec2:DescribeSubnets', 'ec2:DeleteSubnet'],
  volume: ['ec2:CreateVolume', 'ec2:AttachVolume', 'ec2:DescribeVolumes', 'ec2:DeleteVolume'],
  vpc: ['ec2:CreateVpc', 'ec2:DescribeVpcs', 'ec2:DeleteVpc'],
  'vpc-peering-connection': [
    'ec2:CreateVpcPeeringConnection',
    'ec2:AcceptVpcPeeringConnection',
    'ec2:DescribeVpcPeeringConnections',
    'ec2:DeleteVpcPeeringConnection',
  ],
};

/** IAM actions that these need, in alphabetical order. */
export function actionsFor(plans: readonly Planned[]): readonly string[] {
  const kinds = plans.flatMap(({ counts }) => [...counts.keys()]);
  const asked = plans.flatMap(({ operations }) => operations.map((one) => ACTIONS[one] ?? one));
  return [...new Set([...ALWAYS, ...asked, ...kinds.flatMap((kind) => OF_KIND[kind])])].toSorted();
}

function countsText(counts: Counts): string {
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'nothing';
}

/** The list, a line each. */
export function listingLines(plans: readonly Planned[]): readonly string[] {
  const total = plans.reduce((sum, { counts }) => sum + mostUsd(counts), 0);
  return [
    ...plans.flatMap(({ scenario, counts }) => [
      scenario.name,
      `    ${countsText(counts)}: at most ${usdText(mostUsd(counts))}`,
    ]),
    '',
    `${plans.length} scenario${plans.length === 1 ? '' : 's'}, one after the other, each at most ${SCENARIO_HOURS} h and taken away after it: at most ${usdText(total)} in all.`,
    'What a run leaves that is killed costs on, until npm run conformance -- --aws --clean.',
    '',
    'The credentials must be allowed:',
    ...actionsFor(plans).map((action) => `    ${action}`),
  ];
}
