/** Bundled by `packaging.test.ts` as a function is, to see that the clients in a bundle still sign, send and name errors. */

import { AutoScalingClient, CompleteLifecycleActionCommand, RecordLifecycleActionHeartbeatCommand } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const ONCE = { maxAttempts: 1 };

async function failure(call: Promise<unknown>): Promise<object> {
  try {
    await call;
    return { name: 'none' };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const metadata: unknown = error instanceof Error ? Reflect.get(error, '$metadata') : undefined;
    return { name, message, status: typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined };
  }
}

/** One call of each protocol. */
export async function handler(): Promise<unknown> {
  const put = new PutItemCommand({ TableName: 'control', Item: { pk: { S: 'run' } } });
  const complete = new CompleteLifecycleActionCommand({ AutoScalingGroupName: 'g', LifecycleHookName: 'h', LifecycleActionResult: 'CONTINUE' });
  const instances: unknown[] = [];
  for await (const page of paginateDescribeInstances({ client: new EC2Client(ONCE) }, {})) {
    for (const { Instances = [] } of page.Reservations ?? []) instances.push(...Instances.map(({ InstanceId, LaunchTime, Tags }) => ({ InstanceId, LaunchTime, Tags })));
  }
  return {
    dynamodb: await failure(new DynamoDBClient(ONCE).send(put)),
    events: await failure(new EventBridgeClient(ONCE).send(new PutEventsCommand({ Entries: [{ Source: 'runbook', DetailType: 'x', Detail: '{}' }] }))),
    autoscaling: await failure(new AutoScalingClient(ONCE).send(complete)),
    renamed: await failure(new AutoScalingClient(ONCE).send(new RecordLifecycleActionHeartbeatCommand({ AutoScalingGroupName: 'g', LifecycleHookName: 'h' }))),
    instances,
  };
}
