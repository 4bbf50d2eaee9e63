/** Target groups that are tagged as fleets, and what stands in front of them. */

import {
  DescribeLoadBalancerAttributesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type LoadBalancer,
  type TargetGroup as TargetGroupRecord,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { client } from '../../../shared/aws/clients.ts';
import { need, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { wholeNumber } from '../../../shared/aws/tag-settings.ts';
import { taggedResources } from '../../../shared/aws/tagged-resources.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import type { Balancer, TargetGroup, TargetHealth } from '../decide.ts';

/** By which people opt in: the name of the fleet. */
export const TAG = 'runbook:bastion';

/** A target group that is tagged. */
export interface Tagged {
  readonly arn: string;
  readonly fleet: string;
}

/** All target groups that are tagged, in the order of their ARNs. */
export async function taggedTargetGroups(io: Io): Promise<readonly Tagged[]> {
  const found = await taggedResources({ tag: TAG, types: ['elasticloadbalancing:targetgroup'] }, io);
  const tagged = found.flatMap(({ ResourceARN: arn, Tags: tags }) =>
    arn === undefined ? [] : [{ arn, fleet: tagsOf(tags).get(TAG) ?? '' }],
  );
  return tagged.toSorted((one, other) => (one.arn < other.arn ? -1 : 1));
}

/** What ends an ARN, as metrics name it: `targetgroup/bastion/73e2d6bc24d8a067`, `net/bastion/50dc6c495c0c9188`. */
export function nameOf(arn: string): string {
  const [, , , , , ...rest] = arn.split(':');
  return rest.join(':').replace(/^loadbalancer\//u, '');
}

/** The name of a Network Load Balancer in metrics. */
const BALANCER = /^net\/[\w-]+\/[0-9a-f]+$/u;

/**
 * The target groups that a load balancer uses: their ARNs. It is named as metrics name it, and is of the account and Region of the target
 * group `beside`. Where there is no such load balancer there are none.
 */
export async function targetGroupsBehind(name: string, beside: string, { signal }: Io): Promise<ReadonlySet<string>> {
  if (!BALANCER.test(name)) return new Set();
  const balancer = [...beside.split(':').slice(0, 5), `loadbalancer/${name}`].join(':');
  try {
    const groups = await collect(
      paginateDescribeTargetGroups(
        { client: client(ElasticLoadBalancingV2Client) },
        { LoadBalancerArn: balancer },
        { abortSignal: signal },
      ),
      (page) => page.TargetGroups,
    );
    return new Set(groups.flatMap(({ TargetGroupArn: arn }) => arn ?? []));
  } catch (error) {
    if (errorName(error).startsWith('LoadBalancerNotFound')) return new Set();
    throw error;
  }
}

/** The attributes that AWS prints as texts. */
type Attributes = ReadonlyMap<string, string>;

function attributesOf(
  attributes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Attributes {
  return tagsOf(attributes);
}

/** A target group as Elastic Load Balancing gives it, with the load balancer in front; `undefined`: it is gone. */
export interface TargetGroupRead {
  readonly record: TargetGroupRecord;
  readonly fleet: string | undefined;
  readonly attributes: Attributes;
  readonly balancer: LoadBalancer | undefined;
  readonly balancerAttributes: Attributes;
}

/** Source: names of the exception in the API and in what the SDK throws. */
const IS_GONE = /^TargetGroupNotFound/u;

/** Reads a target group, and the Network Load Balancer that uses it. */
export async function readTargetGroup(arn: string, { signal }: Io): Promise<TargetGroupRead | undefined> {
  const options = { abortSignal: signal };
  const elb = client(ElasticLoadBalancingV2Client);
  try {
    const [groups, tags, attributes] = await Promise.all([
      collect(
        paginateDescribeTargetGroups({ client: elb }, { TargetGroupArns: [arn] }, options),
        (page) => page.TargetGroups,
      ),
      elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }), options),
      elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }), options),
    ]);
    const [record] = groups;
    if (record === undefined) return undefined;
    // A target group has one at most.
    const [balancerArn] = record.LoadBalancerArns ?? [];
    const balancer = balancerArn === undefined ? undefined : await readBalancer(balancerArn, options);
    return {
      record,
      fleet: tagsOf(tags.TagDescriptions?.[0]?.Tags).get(TAG),
      attributes: attributesOf(attributes.Attributes),
      balancer: balancer?.record,
      balancerAttributes: balancer?.attributes ?? new Map(),
    };
  } catch (error) {
    if (IS_GONE.test(errorName(error))) return undefined;
    throw error;
  }
}

async function readBalancer(
  arn: string,
  options: { readonly abortSignal: AbortSignal },
): Promise<{ readonly record: LoadBalancer | undefined; readonly attributes: Attributes }> {
  const elb = client(ElasticLoadBalancingV2Client);
  const [balancers, { Attributes: attributes }] = await Promise.all([
    collect(
      paginateDescribeLoadBalancers({ client: elb }, { LoadBalancerArns: [arn] }, options),
      (page) => page.LoadBalancers,
    ),
    elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }), options),
  ]);
  return { record: balancers[0], attributes: attributesOf(attributes) };
}

function balancerOf({ balancer, attributes, balancerAttributes }: TargetGroupRead): Balancer | null {
  if (balancer?.Type !== 'network') return null;
  const own = attributes.get('load_balancing.cross_zone.enabled');
  const isOwn = own === 'true' || own === 'false';
  return {
    name: nameOf(need(balancer.LoadBalancerArn, 'LoadBalancers[].LoadBalancerArn')),
    zones: (balancer.AvailabilityZones ?? []).flatMap(({ ZoneName: zone }) => zone ?? []).toSorted(),
    // The target group says otherwise, or as its load balancer, which does not by default.
    isCrossZone: (isOwn ? own : balancerAttributes.get('load_balancing.cross_zone.enabled')) === 'true',
  };
}

/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html: the defaults. */
const [INTERVAL_SECONDS, HEALTHY_CHECKS, UNHEALTHY_CHECKS] = [30, 5, 2];

const DELAY = 'deregistration_delay.timeout_seconds';

/** 300 by default, as the same page says. */
function delayOf(attributes: Attributes): number {
  const text = attributes.get(DELAY) ?? '300';
  const seconds = wholeNumber(text);
  if (seconds === undefined) throw new TerminalError(`${DELAY} is '${text}', which is no number of seconds`);
  return seconds;
}

/** A target group as `decide` sees it. */
export function targetGroupOf(read: TargetGroupRead, fleet: string): TargetGroup {
  const { record, attributes } = read;
  const {
    HealthCheckIntervalSeconds: interval = INTERVAL_SECONDS,
    HealthyThresholdCount: healthyThreshold = HEALTHY_CHECKS,
    UnhealthyThresholdCount: unhealthyThreshold = UNHEALTHY_CHECKS,
  } = record;
  const resetsDrained = attributes.get('deregistration_delay.connection_termination.enabled') === 'true';
  const delay = delayOf(attributes);
  return {
    name: nameOf(need(record.TargetGroupArn, 'TargetGroups[].TargetGroupArn')),
    fleet,
    targetType: record.TargetType ?? 'instance',
    healthySeconds: interval * healthyThreshold,
    checks: { intervalSeconds: interval, unhealthyThreshold, healthyThreshold },
    // By default it does.
    resetsUnhealthy: attributes.get('target_health_state.unhealthy.connection_termination.enabled') !== 'false',
    drainsSeconds: delay,
    resetsDrainedAfterSeconds: resetsDrained ? delay : null,
    balancer: balancerOf(read),
  };
}

/** How targets are, or why nobody says it; `isGone`: there are none, for the target group does not exist. */
export type HealthRead =
  | readonly TargetHealthDescription[]
  | { readonly unavailable: string; readonly isGone: boolean };

/** Reads how the targets are. */
export async function readHealth(arn: string, { signal }: Io): Promise<HealthRead> {
  try {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: arn });
    const answer = await client(ElasticLoadBalancingV2Client).send(command, { abortSignal: signal });
    return need(answer.TargetHealthDescriptions, 'TargetHealthDescriptions');
  } catch (error) {
    const name = errorName(error);
    // No knowledge is not an empty answer.
    const isGone = IS_GONE.test(name);
    if (isGone || name.startsWith('HealthUnavailable')) return { unavailable: name, isGone };
    throw error;
  }
}

/** What is said of one target. */
export function targetHealthOf({
  Target: target,
  TargetHealth: health,
  AdministrativeOverride: override,
}: TargetHealthDescription): TargetHealth {
  return {
    port: need(target?.Port, 'TargetHealthDescriptions[].Target.Port'),
    state: need(health?.State, `${target?.Id}.TargetHealth.State`),
    reason: health?.Reason ?? null,
    isShifted: override?.State !== undefined && override.State !== 'no_override' && override.State !== 'unknown',
  };
}
