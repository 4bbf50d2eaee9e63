/** The scenario's view of a world: sends its commands with ordinary SDK clients and notes what comes back. */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BatchClient } from '@aws-sdk/client-batch';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DataSyncClient } from '@aws-sdk/client-datasync';
import { DAXClient } from '@aws-sdk/client-dax';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { FSxClient } from '@aws-sdk/client-fsx';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { errorName } from '../shared/kernel/errors.ts';
import { REGION, type Note, type Place } from './scenario.ts';

/** The clients of one world. */
export interface Clients {
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly balancing: ElasticLoadBalancingV2Client;
  readonly batch: BatchClient;
  readonly cloudFront: CloudFrontClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dataSync: DataSyncClient;
  readonly dax: DAXClient;
  readonly elastiCache: ElastiCacheClient;
  readonly eventBridge: EventBridgeClient;
  readonly fsx: FSxClient;
  readonly gateway: APIGatewayClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly quotas: ServiceQuotasClient;
  readonly s3: S3Client;
  readonly scheduler: SchedulerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  readonly tagging: ResourceGroupsTaggingAPIClient;
  readonly wafV2: WAFV2Client;
}

/** ElasticMQ leaves some questions without an answer. Moto takes a second where the machine is busy. */
const REQUEST_TIMEOUT_MS = 15_000;

/** Clients that send each request once. Absent endpoint: the simulator answers before anything is sent. */
export function clientsFor(endpoint?: string): Clients {
  return clientsWith({
    region: REGION,
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    credentials: { accessKeyId: 'conformance', secretAccessKey: 'conformance' },
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}

interface ClientConfig {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler?: { readonly requestTimeout: number; readonly throwOnRequestTimeout: boolean };
  /** Absent: those of the environment. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly endpoint?: string;
}

/** Clients of every service that scenarios ask, made alike. */
export function clientsWith(config: ClientConfig): Clients {
  return {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    balancing: new ElasticLoadBalancingV2Client(config),
    batch: new BatchClient(config),
    cloudFront: new CloudFrontClient(config),
    cloudWatch: new CloudWatchClient(config),
    dataSync: new DataSyncClient(config),
    dax: new DAXClient(config),
    elastiCache: new ElastiCacheClient(config),
    eventBridge: new EventBridgeClient(config),
    fsx: new FSxClient(config),
    gateway: new APIGatewayClient(config),
    kms: new KMSClient(config),
    quotas: new ServiceQuotasClient(config),
    // An emulator's own address has no bucket in front of it.
    s3: new S3Client({ ...config, forcePathStyle: true }),
    lambda: new LambdaClient(config),
    scheduler: new SchedulerClient(config),
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
    ssm: new SSMClient(config),
    tagging: new ResourceGroupsTaggingAPIClient(config),
    wafV2: new WAFV2Client(config),
  };
}

function statusOf(error: unknown): number | undefined {
  const metadata: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, '$metadata') : undefined;
  const status: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return typeof status === 'number' ? status : undefined;
}

function refusalIn(error: unknown): Note['answer'] {
  const message = error instanceof Error ? error.message : String(error);
  return { error: errorName(error), message, status: statusOf(error) };
}

function outputOf(answer: object): unknown {
  return Object.fromEntries(Object.entries(answer).filter(([member]) => member !== '$metadata'));
}

export interface PlaceOptions {
  readonly clients: Clients;
  readonly id: (name: string) => string;
  /** How long `until` pauses between two looks, on the clock of this world, and how often it looks. */
  readonly pauseMs: number;
  readonly looks: number;
  /** Notes what was asked, too. */
  readonly keepsRequests?: true;
}

/** Looks so often, with a pause after each. */
async function looked(look: () => Promise<boolean>, pauseMs: number, looks: number): Promise<boolean> {
  for (let count = 0; count < looks; count += 1) {
    if (await look()) return true;
    await new Promise((resolve) => void setTimeout(resolve, pauseMs));
  }
  return false;
}

/** The how-manyth call of an operation it is. */
function nextLabel(counts: Map<string, number>, operation: string): string {
  const count = (counts.get(operation) ?? 0) + 1;
  counts.set(operation, count);
  return String(count);
}

function requestOf(command: object, isKept = false): Pick<Note, 'request'> {
  if (!isKept) return {};
  const request: unknown = Reflect.get(command, 'input');
  return { request };
}

/** Makes the place; `notes` grows while a scenario plays. */
export function placeFor({ clients, id, pauseMs, looks, keepsRequests }: PlaceOptions): {
  readonly place: Place;
  readonly notes: readonly Note[];
} {
  const notes: Note[] = [];
  const counts = new Map<string, number>();
  let quiet = false;

  async function noted<O extends object>(
    prefix: string,
    command: object,
    send: () => Promise<O>,
  ): Promise<O | undefined> {
    const operation = `${prefix}:${command.constructor.name.replace(/Command$/u, '')}`;
    const note = (answer: Note['answer']): void => {
      if (quiet) return;
      notes.push({ operation, label: nextLabel(counts, operation), ...requestOf(command, keepsRequests), answer });
    };
    try {
      const answer = await send();
      note({ output: outputOf(answer) });
      return answer;
    } catch (error) {
      note(refusalIn(error));
      return undefined;
    }
  }

  const fact: Place['fact'] = (label, value) =>
    void notes.push({ operation: 'fact', label, answer: { output: value } });

  async function unnoted<T>(work: () => Promise<T>): Promise<T> {
    quiet = true;
    try {
      return await work();
    } finally {
      quiet = false;
    }
  }

  const place: Place = {
    ec2: (command) => noted('ec2', command, () => clients.ec2.send(command)),
    autoScaling: (command) => noted('autoscaling', command, () => clients.autoScaling.send(command)),
    balancing: (command) => noted('elasticloadbalancing', command, () => clients.balancing.send(command)),
    batch: (command) => noted('batch', command, () => clients.batch.send(command)),
    cloudFront: (command) => noted('cloudfront', command, () => clients.cloudFront.send(command)),
    cloudWatch: (command) => noted('cloudwatch', command, () => clients.cloudWatch.send(command)),
    dataSync: (command) => noted('datasync', command, () => clients.dataSync.send(command)),
    dax: (command) => noted('dax', command, () => clients.dax.send(command)),
    elastiCache: (command) => noted('elasticache', command, () => clients.elastiCache.send(command)),
    fsx: (command) => noted('fsx', command, () => clients.fsx.send(command)),
    gateway: (command) => noted('apigateway', command, () => clients.gateway.send(command)),
    eventBridge: (command) => noted('events', command, () => clients.eventBridge.send(command)),
    kms: (command) => noted('kms', command, () => clients.kms.send(command)),
    quotas: (command) => noted('servicequotas', command, () => clients.quotas.send(command)),
    s3: (command) => noted('s3', command, () => clients.s3.send(command)),
    lambda: (command) => noted('lambda', command, () => clients.lambda.send(command)),
    scheduler: (command) => noted('scheduler', command, () => clients.scheduler.send(command)),
    sns: (command) => noted('sns', command, () => clients.sns.send(command)),
    sqs: (command) => noted('sqs', command, () => clients.sqs.send(command)),
    ssm: (command) => noted('ssm', command, () => clients.ssm.send(command)),
    tagging: (command) => noted('tag', command, () => clients.tagging.send(command)),
    wafV2: (command) => noted('wafv2', command, () => clients.wafV2.send(command)),
    id,
    fact,
    until: async (what, look) => fact(what, await unnoted(() => looked(look, pauseMs, looks))),
    unnoted,
  };
  return { place, notes };
}
