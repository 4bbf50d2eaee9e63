/**
 * What a conformance scenario is: a beginning that both worlds can be given, and plain SDK calls. It is written once and played in two
 * worlds, the simulator and one that others wrote. Everything it asks for is noted; what was noted is compared.
 */

import type {
  APIGatewayClientResolvedConfig,
  ServiceInputTypes as GatewayIn,
  ServiceOutputTypes as GatewayOut,
} from '@aws-sdk/client-api-gateway';
import type {
  AutoScalingClientResolvedConfig,
  ServiceInputTypes as ScalingIn,
  ServiceOutputTypes as ScalingOut,
} from '@aws-sdk/client-auto-scaling';
import type {
  BatchClientResolvedConfig,
  ServiceInputTypes as BatchIn,
  ServiceOutputTypes as BatchOut,
} from '@aws-sdk/client-batch';
import type {
  CloudFrontClientResolvedConfig,
  DistributionConfig,
  ServiceInputTypes as FrontIn,
  ServiceOutputTypes as FrontOut,
} from '@aws-sdk/client-cloudfront';
import type {
  CloudWatchClientResolvedConfig,
  ServiceInputTypes as AlarmsIn,
  ServiceOutputTypes as AlarmsOut,
} from '@aws-sdk/client-cloudwatch';
import type {
  _InstanceType,
  EC2ClientResolvedConfig,
  ServiceInputTypes as Ec2In,
  ServiceOutputTypes as Ec2Out,
} from '@aws-sdk/client-ec2';
import type {
  ElasticLoadBalancingV2ClientResolvedConfig,
  ServiceInputTypes as BalancingIn,
  ServiceOutputTypes as BalancingOut,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  DAXClientResolvedConfig,
  ServiceInputTypes as AcceleratorsIn,
  ServiceOutputTypes as AcceleratorsOut,
} from '@aws-sdk/client-dax';
import type {
  ElastiCacheClientResolvedConfig,
  ServiceInputTypes as MemoryIn,
  ServiceOutputTypes as MemoryOut,
} from '@aws-sdk/client-elasticache';
import type {
  EventBridgeClientResolvedConfig,
  ServiceInputTypes as EventsIn,
  ServiceOutputTypes as EventsOut,
} from '@aws-sdk/client-eventbridge';
import type {
  DataSyncClientResolvedConfig,
  ServiceInputTypes as TransfersIn,
  ServiceOutputTypes as TransfersOut,
} from '@aws-sdk/client-datasync';
import type {
  FSxClientResolvedConfig,
  ServiceInputTypes as ImportsIn,
  ServiceOutputTypes as ImportsOut,
} from '@aws-sdk/client-fsx';
import type {
  KMSClientResolvedConfig,
  ServiceInputTypes as KeysIn,
  ServiceOutputTypes as KeysOut,
} from '@aws-sdk/client-kms';
import type {
  LambdaClientResolvedConfig,
  ServiceInputTypes as FunctionsIn,
  ServiceOutputTypes as FunctionsOut,
} from '@aws-sdk/client-lambda';
import type {
  SchedulerClientResolvedConfig,
  ServiceInputTypes as SchedulesIn,
  ServiceOutputTypes as SchedulesOut,
} from '@aws-sdk/client-scheduler';
import type {
  ServiceQuotasClientResolvedConfig,
  ServiceInputTypes as QuotasIn,
  ServiceOutputTypes as QuotasOut,
} from '@aws-sdk/client-service-quotas';
import type {
  SNSClientResolvedConfig,
  ServiceInputTypes as TopicsIn,
  ServiceOutputTypes as TopicsOut,
} from '@aws-sdk/client-sns';
import type {
  SSMClientResolvedConfig,
  ServiceInputTypes as SystemsIn,
  ServiceOutputTypes as SystemsOut,
} from '@aws-sdk/client-ssm';
import type {
  ResourceGroupsTaggingAPIClientResolvedConfig,
  ServiceInputTypes as TaggingIn,
  ServiceOutputTypes as TaggingOut,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type {
  Rule,
  VisibilityConfig,
  WAFV2ClientResolvedConfig,
  ServiceInputTypes as WafIn,
  ServiceOutputTypes as WafOut,
} from '@aws-sdk/client-wafv2';
import type {
  S3ClientResolvedConfig,
  ServiceInputTypes as ObjectsIn,
  ServiceOutputTypes as ObjectsOut,
} from '@aws-sdk/client-s3';
import type {
  SQSClientResolvedConfig,
  ServiceInputTypes as QueuesIn,
  ServiceOutputTypes as QueuesOut,
} from '@aws-sdk/client-sqs';
import type { Command } from '@smithy/types';
import type { SeedBalancing } from './seed-balancing.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const IMAGE = 'ami-0c38b837cd80f13bb';

/** `MaxEntries` of a scenario's managed prefix lists. */
export const PREFIX_LIST_SIZE = 5;

/** The bucket of a scenario's objects. */
export const BUCKET = 'lists';

/** ARN of a key of the account. */
export function keyArn(keyId: string): string {
  return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}`;
}

/** ARN of a queue of the account. */
export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

export type TagSet = { readonly [key: string]: string };

interface SeedInstance {
  /** Last letter of the availability zone. */
  readonly zone: 'a' | 'b';
  readonly tags?: TagSet;
  readonly stopped?: true;
}

interface SeedAddress {
  /** Name of the instance that holds it. */
  readonly on?: string;
  readonly tags?: TagSet;
}

export interface SeedVolume {
  readonly zone: 'a' | 'b';
  readonly tags?: TagSet;
  readonly iops?: number;
  readonly throughput?: number;
  /** Name of the key it is encrypted with. */
  readonly key?: string;
  readonly on?: { readonly instance: string; readonly device: string; readonly deleteOnTermination?: true };
}

interface SeedSnapshot {
  /** Name of the volume it was taken of. */
  readonly of: string;
  readonly tags?: TagSet;
}

interface SeedHook {
  readonly name: string;
  readonly transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';
  readonly heartbeatSeconds: number;
}

export interface SeedGroup {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of its members; each starts in service. */
  readonly members: readonly string[];
  readonly tags?: TagSet;
  readonly hooks?: readonly SeedHook[];
}

interface SeedAlarm {
  readonly name: string;
  readonly metric: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Name of the instance it watches. */
  readonly instance: string;
}

interface SeedKey {
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion';
}

interface SeedIpSet {
  readonly family: 'IPV4' | 'IPV6';
  readonly addresses: readonly string[];
  readonly tags?: TagSet;
}

interface SeedWebAcl {
  /** What each of its rate-based rules counts by, by the rule's name. */
  readonly counting: { readonly [rule: string]: 'IP' | 'CUSTOM_KEYS' };
}

interface SeedQueue {
  readonly tags?: TagSet;
  /** Name of the queue, before it in the seed, that takes what was received twice. */
  readonly deadLetters?: string;
  readonly attributes?: { readonly [name: string]: string };
}

/** Something that sends to a queue, each queue by its name. */
interface SeedSender {
  readonly queue: string;
  /** Where what the queue does not get goes. */
  readonly deadLetters?: string;
}

interface SeedFunction {
  readonly deadLetters?: string;
  /** The queue that gets records of what it has failed on. */
  readonly onFailure?: string;
  readonly alias?: string;
}

interface SeedDistribution {
  /** Countries that it is not served in; none: it is served everywhere. */
  readonly countries?: readonly string[];
  readonly tags?: TagSet;
}

/** The beginning of a scenario: things by the names that the scenario uses for them. */
export interface Seed extends SeedBalancing {
  readonly instances?: { readonly [name: string]: SeedInstance };
  readonly addresses?: { readonly [name: string]: SeedAddress };
  readonly volumes?: { readonly [name: string]: SeedVolume };
  readonly snapshots?: { readonly [name: string]: SeedSnapshot };
  readonly group?: SeedGroup;
  readonly alarms?: readonly SeedAlarm[];
  readonly keys?: { readonly [name: string]: SeedKey };
  /** Names of command documents, each with the parameters of Data Lifecycle Manager's. */
  readonly documents?: readonly string[];
  /** WAF's, in this Region, by their names. */
  readonly ipSets?: { readonly [name: string]: SeedIpSet };
  /** WAF's, in this Region, attached to nothing. */
  readonly webAcls?: { readonly [name: string]: SeedWebAcl };
  /** CloudFront's, by name. `NAME.arn`, `NAME.domain` and `NAME.etag` are known, too. */
  readonly distributions?: { readonly [name: string]: SeedDistribution };
  /** Job queues of AWS Batch by name, each with the names of its compute environments, which are UNMANAGED. */
  readonly jobQueues?: { readonly [name: string]: readonly string[] };
  /** Contents of objects in the bucket `lists`, by their keys, the oldest version first; the n-th version's id is `KEY.n`. */
  readonly objects?: { readonly [key: string]: readonly string[] };
  /** Queues by name, empty; the id of each is its URL. */
  readonly queues?: { readonly [name: string]: SeedQueue };
  /** Subscriptions by name, each to a topic. */
  readonly subscriptions?: { readonly [name: string]: SeedSender & { readonly topic: string } };
  readonly functions?: { readonly [name: string]: SeedFunction };
  /** Event buses beside the default one. */
  readonly buses?: { readonly [name: string]: Pick<SeedSender, 'deadLetters'> };
  /** Rules with one target, by name; on the default bus if they say none. */
  readonly rules?: { readonly [name: string]: SeedSender & { readonly bus?: string } };
  readonly schedules?: { readonly [name: string]: SeedSender };
  /** Networks of managed prefix lists of the account's own, by name. */
  readonly prefixLists?: { readonly [name: string]: readonly string[] };
  /** Ranges of VPCs by name. */
  readonly vpcs?: { readonly [name: string]: string };
  /** Network ACLs by name, each with the name of its VPC; they deny everything. */
  readonly networkAcls?: { readonly [name: string]: string };
  /** Security groups without inbound rules by name, each with the name of its VPC. */
  readonly securityGroups?: { readonly [name: string]: string };
  /** Peerings that were accepted by name, each with the names of the VPCs that asked and that accepted. */
  readonly peerings?: { readonly [name: string]: readonly [requester: string, accepter: string] };
  /** Types of instances by the names of launch templates; where there are any, the first zone has a default subnet. */
  readonly launchTemplates?: { readonly [name: string]: _InstanceType };
  /** Instance types that are offered in each zone. */
  readonly instanceTypes?: readonly _InstanceType[];
  /** Values of Systems Manager's parameters by name. */
  readonly parameters?: { readonly [name: string]: string };
  /** Names of the instances whose agent Systems Manager knows. */
  readonly managed?: readonly string[];
}

type Send<In extends object, Out extends { $metadata: object }, Config> = <I extends In, O extends Out>(
  command: Command<In, I, Out, O, Config>,
) => Promise<O | undefined>;

/** One of the two worlds, as a scenario sees it. A refused call gives `undefined`; its error is noted. */
export interface Place {
  readonly ec2: Send<Ec2In, Ec2Out, EC2ClientResolvedConfig>;
  readonly balancing: Send<BalancingIn, BalancingOut, ElasticLoadBalancingV2ClientResolvedConfig>;
  readonly batch: Send<BatchIn, BatchOut, BatchClientResolvedConfig>;
  readonly autoScaling: Send<ScalingIn, ScalingOut, AutoScalingClientResolvedConfig>;
  readonly cloudFront: Send<FrontIn, FrontOut, CloudFrontClientResolvedConfig>;
  readonly cloudWatch: Send<AlarmsIn, AlarmsOut, CloudWatchClientResolvedConfig>;
  readonly dataSync: Send<TransfersIn, TransfersOut, DataSyncClientResolvedConfig>;
  readonly dax: Send<AcceleratorsIn, AcceleratorsOut, DAXClientResolvedConfig>;
  readonly elastiCache: Send<MemoryIn, MemoryOut, ElastiCacheClientResolvedConfig>;
  readonly eventBridge: Send<EventsIn, EventsOut, EventBridgeClientResolvedConfig>;
  readonly gateway: Send<GatewayIn, GatewayOut, APIGatewayClientResolvedConfig>;
  readonly fsx: Send<ImportsIn, ImportsOut, FSxClientResolvedConfig>;
  readonly kms: Send<KeysIn, KeysOut, KMSClientResolvedConfig>;
  readonly lambda: Send<FunctionsIn, FunctionsOut, LambdaClientResolvedConfig>;
  readonly quotas: Send<QuotasIn, QuotasOut, ServiceQuotasClientResolvedConfig>;
  readonly scheduler: Send<SchedulesIn, SchedulesOut, SchedulerClientResolvedConfig>;
  readonly sns: Send<TopicsIn, TopicsOut, SNSClientResolvedConfig>;
  readonly sqs: Send<QueuesIn, QueuesOut, SQSClientResolvedConfig>;
  readonly ssm: Send<SystemsIn, SystemsOut, SSMClientResolvedConfig>;
  readonly tagging: Send<TaggingIn, TaggingOut, ResourceGroupsTaggingAPIClientResolvedConfig>;
  readonly s3: Send<ObjectsIn, ObjectsOut, S3ClientResolvedConfig>;
  readonly wafV2: Send<WafIn, WafOut, WAFV2ClientResolvedConfig>;
  /**
   * The id of something in the beginning: an instance's, volume's, snapshot's or key's by its name, an address's allocation by its name;
   * `NAME.public`, `NAME.association` of an address, `NAME.interface`, `NAME.ip` of an instance.
   */
  readonly id: (name: string) => string;
  /** Calls until the answer is as wanted; each world on its own clock, without noting the calls. Notes whether it ever was. */
  readonly until: (what: string, look: () => Promise<boolean>) => Promise<void>;
  /** Does something whose calls are not noted. */
  readonly unnoted: <T>(work: () => Promise<T>) => Promise<T>;
  /** Notes something the answers only show together, such as two ids being the same. */
  readonly fact: (what: string, value: string | number | boolean | undefined) => void;
}

/** A web ACL's rate-based rules, as they are asked for and printed. */
export function rateBasedRules({ counting }: SeedWebAcl): Rule[] {
  return Object.entries(counting).map(([Name, AggregateKeyType], Priority) => ({
    Name,
    Priority,
    Action: { Block: {} },
    VisibilityConfig: visible(Name),
    Statement: {
      RateBasedStatement: {
        Limit: 500,
        EvaluationWindowSec: 60,
        AggregateKeyType,
        ...(AggregateKeyType === 'IP' ? {} : { CustomKeys: [{ HTTPMethod: {} }, { IP: {} }] }),
      },
    },
  }));
}

/** A distribution's configuration, as it is asked for and printed. */
export function distributionConfig(name: string, { countries = [] }: SeedDistribution): DistributionConfig {
  return {
    CallerReference: `made for ${name}`,
    Comment: `distribution ${name}`,
    Enabled: true,
    Origins: { Quantity: 1, Items: [{ Id: 'web', DomainName: 'web.example.com' }] },
    DefaultCacheBehavior: { TargetOriginId: 'web', ViewerProtocolPolicy: 'redirect-to-https' },
    Restrictions: {
      GeoRestriction:
        countries.length === 0
          ? { RestrictionType: 'none', Quantity: 0 }
          : { RestrictionType: 'blacklist', Quantity: countries.length, Items: [...countries] },
    },
  };
}

/** Metrics under a name of their own. */
export function visible(MetricName: string): VisibilityConfig {
  return { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName };
}

export interface Scenario {
  /** A sentence, unique. */
  readonly name: string;
  readonly seed: Seed;
  readonly play: (place: Place) => Promise<void>;
}

/** One thing that was noted: a call with its answer or its error's name, and what was asked where that is kept, or a fact. */
export interface Note {
  /** `ec2:AssociateAddress`, or `fact`. */
  readonly operation: string;
  /** The fact's name; for a call its place among the calls of the operation in the scenario, from 1. */
  readonly label: string;
  readonly request?: unknown;
  readonly answer:
    | { readonly output: unknown }
    | { readonly error: string; readonly message: string; readonly status: number | undefined };
}

/** What one world noted of one scenario. `failure`: the scenario itself did not come to its end. */
export interface Played {
  readonly scenario: string;
  readonly notes: readonly Note[];
  /** Id → the name that stands for it, for the comparison. */
  readonly names: ReadonlyMap<string, string>;
  /** Behaviours of grade `assumed` that the simulator has used. */
  readonly assumed?: readonly string[];
  readonly failure?: string;
}
