/** The SDK by the names that IAM has for it: a call of the table becomes a client and a command. Each package is loaded when it is first asked for. */

import { client, type ClientUse } from '../../shared/aws/clients.ts';
import { isRecord } from '../../simulator/engine/json.ts';

/** By IAM's prefix: the package, and how its client is called. */
const PACKAGES: { readonly [prefix: string]: readonly [client: string, load: () => Promise<object>] } = {
  apigateway: ['APIGatewayClient', () => import('@aws-sdk/client-api-gateway')],
  autoscaling: ['AutoScalingClient', () => import('@aws-sdk/client-auto-scaling')],
  batch: ['BatchClient', () => import('@aws-sdk/client-batch')],
  cloudfront: ['CloudFrontClient', () => import('@aws-sdk/client-cloudfront')],
  cloudwatch: ['CloudWatchClient', () => import('@aws-sdk/client-cloudwatch')],
  datasync: ['DataSyncClient', () => import('@aws-sdk/client-datasync')],
  dax: ['DAXClient', () => import('@aws-sdk/client-dax')],
  ec2: ['EC2Client', () => import('@aws-sdk/client-ec2')],
  elasticache: ['ElastiCacheClient', () => import('@aws-sdk/client-elasticache')],
  elasticloadbalancing: ['ElasticLoadBalancingV2Client', () => import('@aws-sdk/client-elastic-load-balancing-v2')],
  events: ['EventBridgeClient', () => import('@aws-sdk/client-eventbridge')],
  fsx: ['FSxClient', () => import('@aws-sdk/client-fsx')],
  kms: ['KMSClient', () => import('@aws-sdk/client-kms')],
  lambda: ['LambdaClient', () => import('@aws-sdk/client-lambda')],
  scheduler: ['SchedulerClient', () => import('@aws-sdk/client-scheduler')],
  servicequotas: ['ServiceQuotasClient', () => import('@aws-sdk/client-service-quotas')],
  sns: ['SNSClient', () => import('@aws-sdk/client-sns')],
  sqs: ['SQSClient', () => import('@aws-sdk/client-sqs')],
  ssm: ['SSMClient', () => import('@aws-sdk/client-ssm')],
  tag: ['ResourceGroupsTaggingAPIClient', () => import('@aws-sdk/client-resource-groups-tagging-api')],
  wafv2: ['WAFV2Client', () => import('@aws-sdk/client-wafv2')],
};

/** Clients that other parts of the command send with, of the calls in the table. */
const OTHERS: { readonly [prefix: string]: string } = {
  dynamodb: 'DynamoDBClient',
  iam: 'IAMClient',
  sts: 'STSClient',
};

/** How the client of a service is called; `undefined`: none is known. */
export function clientNameOf(prefix: string): string | undefined {
  return PACKAGES[prefix]?.[0] ?? OTHERS[prefix];
}

interface Sender {
  readonly send: (command: object) => Promise<unknown>;
}

type Made = new (input: object) => object;

function isClass(value: unknown): value is Made {
  return typeof value === 'function';
}

function isSender(value: object): value is Sender {
  return typeof Reflect.get(value, 'send') === 'function';
}

function classIn(sdk: object, name: string): Made {
  const found: unknown = Reflect.get(sdk, name);
  if (!isClass(found)) throw new Error(`the SDK has no ${name}`);
  return found;
}

/**
 * Sends one request.
 * @param call `ec2:DescribeInstances`
 * @returns the output as the SDK gives it
 * @throws the SDK's error
 */
export async function send(call: string, input: object, use: ClientUse): Promise<Record<string, unknown>> {
  const [prefix = '', operation = ''] = call.split(':');
  const known = PACKAGES[prefix];
  if (known === undefined) throw new Error(`${call}: no package of the SDK is known for it`);
  const [name, load] = known;
  const sdk = await load();
  const sender = client(classIn(sdk, name), use);
  const command = new (classIn(sdk, `${operation}Command`))(input);
  if (!isSender(sender)) throw new Error(`${name} sends nothing`);
  const output = await sender.send(command);
  return isRecord(output) ? output : {};
}

/** Every package of the SDK that a snapshot sends with. */
export function allPackages(): Promise<readonly object[]> {
  return Promise.all(Object.values(PACKAGES).map(([, load]) => load()));
}
