/** What is looked at in the account once the stack stands there. Each returns what is wrong, one line each. */

import { isDeepStrictEqual } from 'node:util';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { REGION } from './account.ts';

/** The prefix of the stack. */
export const STACK = 'runbook-dev';
const MOVER = `${STACK}-reassign-elastic-ip`;
const CARRIER = `${STACK}-carry-volumes`;

/** Longest wait for something that happens by itself; a tick of the schedule comes within a minute. */
const PATIENCE_MS = 100_000;

/** Clients of the account. */
export interface Account {
  readonly cloudformation: CloudFormationClient;
  readonly lambda: LambdaClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly ec2: EC2Client;
  readonly logs: CloudWatchLogsClient;
}

/** Clients of the account at `url`. */
export function clientsOf(url: string): Account {
  const how = { endpoint: url, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  return {
    cloudformation: new CloudFormationClient(how),
    lambda: new LambdaClient(how),
    sns: new SNSClient(how),
    sqs: new SQSClient(how),
    dynamodb: new DynamoDBClient(how),
    ec2: new EC2Client(how),
    logs: new CloudWatchLogsClient(how),
  };
}

/** A check by name. */
export type Check = readonly [name: string, look: (account: Account) => Promise<readonly string[]>];

/** Looks once a second; a fault when it has not come. */
export async function eventually(what: string, look: () => Promise<boolean>): Promise<readonly string[]> {
  const from = performance.now();
  while (performance.now() - from < PATIENCE_MS) {
    if (await look()) return [];
    await new Promise((resolve) => void setTimeout(resolve, 1_000));
  }
  return [`not within ${PATIENCE_MS / 1_000} s: ${what}`];
}

/** Every resource of the template stands, complete. */
export function stands(ids: readonly string[]): Check {
  return [
    `${ids.length} resources of the template stand`,
    async ({ cloudformation }) => {
      const { StackResources = [] } = await cloudformation.send(
        new DescribeStackResourcesCommand({ StackName: STACK }),
      );
      const complete = new Set(
        StackResources.flatMap(({ LogicalResourceId, ResourceStatus }) =>
          ResourceStatus?.endsWith('_COMPLETE') === true ? [LogicalResourceId] : [],
        ),
      );
      return ids.filter((id) => !complete.has(id)).map((id) => `${id} does not stand`);
    },
  ];
}

interface Answer {
  readonly failed: boolean;
  readonly text: string;
}

async function invoke({ lambda }: Account, FunctionName: string, event: object): Promise<Answer> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  return { failed: FunctionError !== undefined, text: Buffer.from(Payload ?? []).toString() };
}

function stateChange(instanceId: string): object {
  return {
    version: '0',
    id: '7bf73129-1428-4cd3-a780-95db273d1602',
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: '111122223333',
    time: new Date().toISOString().replace(/\.\d+/u, ''),
    region: REGION,
    resources: [`arn:aws:ec2:${REGION}:111122223333:instance/${instanceId}`],
    detail: { 'instance-id': instanceId, state: 'stopped' },
  };
}

async function read({ sqs }: Account, queue: string): Promise<string[]> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${STACK}-${queue}` }));
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.flatMap(({ Body }) => Body ?? []);
}

/** Whether a function has logged that. */
export async function logged({ logs }: Account, functionName: string, text: string): Promise<boolean> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}` }));
  return events.some(({ message = '' }) => message.includes(text));
}

/** The address of a tagged instance, which then stops. Returns the instance. */
async function stoppedHolder({ ec2 }: Account): Promise<string> {
  const Tags = [{ Key: 'runbook:vip', Value: 'web' }];
  const launched = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0a1b2c3d4e5f60718',
      InstanceType: 't3.micro',
      MinCount: 2,
      MaxCount: 2,
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
    }),
  );
  const { AllocationId } = await ec2.send(
    new AllocateAddressCommand({ Domain: 'vpc', TagSpecifications: [{ ResourceType: 'elastic-ip', Tags }] }),
  );
  const InstanceId = launched.Instances?.[0]?.InstanceId ?? '';
  await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId }));
  await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
  return InstanceId;
}

const byHand: Check = [
  'by hand, about nothing of ours: it says so',
  async (account) => {
    const { failed, text } = await invoke(account, MOVER, stateChange('i-0a17c4e9b2d58f306'));
    return !failed && text.includes('"not-mine"') ? [] : [`expected not-mine, found ${text.slice(0, 300)}`];
  },
];

const deadLetter: Check = [
  'an event that cannot be read ends in the queue of failed runs, with the error and whose it is',
  async (account) => {
    const Payload = Buffer.from('{"nonsense":1}');
    await account.lambda.send(new InvokeCommand({ FunctionName: MOVER, InvocationType: 'Event', Payload }));
    return eventually('a message that names the function', async () =>
      (await read(account, 'failed-runs')).some((body) => body.includes(MOVER) && body.includes('nonsense')),
    );
  },
];

/** A queue hears of a topic, as a mail or a chat would. */
async function subscribe({ sns, sqs }: Account, topic: string): Promise<void> {
  const QueueName = `${STACK}-hears-${topic}`;
  await sqs.send(new CreateQueueCommand({ QueueName }));
  const here = `${REGION}:111122223333`;
  await sns.send(
    new SubscribeCommand({
      TopicArn: `arn:aws:sns:${here}:${STACK}-${topic}`,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${here}:${QueueName}`,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
}

function isNotification(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return isDeepStrictEqual(Object.keys(Object(parsed)), ['version', 'source', 'content', 'metadata']);
  } catch {
    return false;
  }
}

/** What people read of the run that failed: a mail in lines, and a chat the same in the form that it takes. */
async function messages(account: Account): Promise<readonly string[]> {
  const tells = (body: string): boolean =>
    body.includes('reassign-elastic-ip failed: elastic-ip/eipalloc-') && body.includes(`--stack ${STACK}`);
  const mail = await eventually('the message for a mail', async () =>
    (await read(account, 'hears-messages')).some(
      (body) => tells(body) && /\n"AWS_REGION=\S+ npx runbook show /u.test(body),
    ),
  );
  const chat = await eventually('the message for a chat', async () =>
    (await read(account, 'hears-chat')).some((body) => tells(body) && isNotification(body)),
  );
  return [...mail, ...chat];
}

const failingRun: Check = [
  'a run that fails stands in the ledger, its outcome reaches the subscriber, and people read of it',
  async (account) => {
    for (const topic of ['messages', 'chat']) await subscribe(account, topic);
    const instanceId = await stoppedHolder(account);
    const { text } = await invoke(account, MOVER, stateChange(instanceId));
    if (!text.includes('NetworkInterfaceId')) return [`expected the emulator's gap, found ${text.slice(0, 300)}`];
    const { Items = [] } = await account.dynamodb.send(
      new QueryCommand({
        TableName: `${STACK}-control`,
        KeyConditionExpression: 'pk = :run',
        ExpressionAttributeValues: { ':run': { S: 'run' } },
      }),
    );
    const recorded = Items.some(({ body }) => body?.S?.includes('"outcome":"failed"') === true);
    const heard = await eventually('the outcome in the trouble queue', async () =>
      (await read(account, 'trouble')).some((body) => body.includes('Runbook Outcome') && body.includes('failed')),
    );
    return [...(recorded ? [] : ['the ledger has no record of it']), ...heard, ...(await messages(account))];
  },
];

const schedule: Check = [
  'its schedule starts it, and it says that it is alive, by the name of the stack',
  (account) =>
    eventually('a heartbeat in the log', () =>
      logged(account, MOVER, `"Stack":"${STACK}","Runbook":"reassign-elastic-ip","Heartbeat":1`),
    ),
];

const durable: Check = [
  'the durable function starts as far as an emulator without durable executions lets it',
  async (account) => {
    const { text } = await invoke(account, CARRIER, stateChange('i-0a17c4e9b2d58f306'));
    return text.includes('durable execution') ? [] : [`found ${text.slice(0, 300)}`];
  },
];

/** What is tried in the account, in this order. */
export const CHECKS: readonly Check[] = [byHand, failingRun, deadLetter, schedule, durable];

/** What a removal may leave: the ledger, which outlives its stack. */
const KEPT = [`${STACK}-control`, `${STACK}-data`];

/** After the removal nothing is left but the ledger. */
export const gone: Check = [
  'nothing is left but the ledger',
  async ({ cloudformation, dynamodb }) => {
    const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({})).catch(() => ({ Stacks: [] }));
    const left = Stacks.filter(
      ({ StackName, StackStatus }) => StackName === STACK && StackStatus !== 'DELETE_COMPLETE',
    );
    const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
    const tables = TableNames.toSorted().join();
    return [
      ...left.map(({ StackStatus }) => `the stack is still there: ${StackStatus}`),
      ...(tables === KEPT.join() ? [] : [`expected the tables ${KEPT.join()}, found ${tables || 'none'}`]),
    ];
  },
];
