/** Bundled by `bundles.test.ts` as a function is, to see that the clients in a bundle still sign, send, read and name errors. */

import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  RecordLifecycleActionHeartbeatCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DescribeVolumesCommand,
  EC2Client,
  paginateDescribeInstances,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const ONCE = { maxAttempts: 1 };

async function failure(call: Promise<unknown>): Promise<object> {
  try {
    await call;
    return { name: 'none' };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const [fault, metadata]: unknown[] =
      error instanceof Error ? [Reflect.get(error, '$fault'), Reflect.get(error, '$metadata')] : [];
    return {
      name,
      message,
      fault,
      status: typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined,
    };
  }
}

async function instances(client: EC2Client): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const page of paginateDescribeInstances(
    { client },
    { Filters: [{ Name: 'tag:runbook:vip', Values: ['web', 'api'] }], MaxResults: 5 },
  )) {
    for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances);
  }
  return found;
}

/** Calls of each protocol, answers and errors. `input` goes to every client beside its one attempt. */
export async function handler(input: object): Promise<unknown> {
  const settings = { ...ONCE, ...input };
  const [scaling, alarms, dynamodb, ec2, events] = [
    new AutoScalingClient(settings),
    new CloudWatchClient(settings),
    new DynamoDBClient(settings),
    new EC2Client(settings),
    new EventBridgeClient(settings),
  ];
  const lifecycle = { AutoScalingGroupName: 'g', LifecycleHookName: 'h' };
  const tags = [{ Key: 'runbook:vip', Value: 'web' }];
  return {
    condition: await failure(dynamodb.send(new PutItemCommand({ TableName: 'control', Item: { pk: { S: 'run' } } }))),
    throughput: await failure(dynamodb.send(new GetItemCommand({ TableName: 'control', Key: { pk: { S: 'run' } } }))),
    events: await failure(
      events.send(
        new PutEventsCommand({ Entries: [{ Source: 'runbook', DetailType: 'x', Detail: '{}', Time: new Date(0) }] }),
      ),
    ),
    validation: await failure(
      scaling.send(new CompleteLifecycleActionCommand({ ...lifecycle, LifecycleActionResult: 'CONTINUE' })),
    ),
    renamed: await failure(scaling.send(new RecordLifecycleActionHeartbeatCommand(lifecycle))),
    throttled: await failure(scaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['g'] }))),
    associated: await failure(
      ec2.send(
        new AssociateAddressCommand({
          AllocationId: 'eipalloc-1',
          NetworkInterfaceId: 'eni-1',
          AllowReassociation: false,
        }),
      ),
    ),
    limited: await failure(
      ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: 'volume-id', Values: ['vol-1'] }] })),
    ),
    unmodelled: await failure(ec2.send(new CreateTagsCommand({ Resources: ['i-0a1'], Tags: tags }))),
    nested: await failure(
      ec2.send(
        new RunInstancesCommand({
          ClientToken: 'once',
          MinCount: 1,
          MaxCount: 2,
          NetworkInterfaces: [{ DeviceIndex: 0, Groups: ['sg-1'] }],
          TagSpecifications: [{ ResourceType: 'instance', Tags: tags }],
        }),
      ),
    ),
    instances: await instances(ec2),
    alarms: (await alarms.send(new DescribeAlarmsCommand({ StateValue: 'OK' }))).MetricAlarms,
  };
}
