/** What the services behind the bundled clients of `bundles.test.ts` answer. */

import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Answer } from './bundle-runs.ts';

const INSTANCES = `<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet><item><instanceId>i-0a1</instanceId>
<instanceState><code>16</code><name>running</name></instanceState><enaSupport>true</enaSupport>
<launchTime>2026-11-22T08:00:00.000Z</launchTime><tagSet><item><key>runbook:vip</key><value>web</value></item></tagSet></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;

const json = (status: number, type: string, message: string): Answer => [
  status,
  'application/x-amz-json-1.0',
  JSON.stringify({ __type: type, message }),
];

const query = (status: number, code: string, message: string): Answer => [
  status,
  'text/xml',
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
];

const ec2 = (status: number, code: string, message: string): Answer => [
  status,
  'text/xml',
  `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
];

/** By what identifies a request: the target of a JSON protocol, or the action of a query. */
const ANSWERS: readonly (readonly [call: string, answer: Answer])[] = [
  [
    'DynamoDB_20120810.PutItem',
    json(400, 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', 'The conditional request failed'),
  ],
  [
    'DynamoDB_20120810.GetItem',
    json(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException', 'slower'),
  ],
  ['AWSEvents.PutEvents', json(500, 'InternalException', 'try later')],
  [
    'GraniteServiceVersion20100801.DescribeAlarms',
    [
      200,
      'application/x-amz-json-1.0',
      '{"MetricAlarms":[{"AlarmName":"a","StateValue":"OK","StateUpdatedTimestamp":1795334400,"new":1}]}',
    ],
  ],
  ['DescribeInstances', [200, 'text/xml', INSTANCES]],
  ['AssociateAddress', ec2(400, 'Resource.AlreadyAssociated', 'resource eipalloc-1 is already associated')],
  ['DescribeVolumes', ec2(503, 'RequestLimitExceeded', 'Request limit exceeded.')],
  ['CreateTags', ec2(400, 'InvalidInstanceID.NotFound', "The instance ID 'i-0a1' does not exist")],
  ['RunInstances', ec2(400, 'InvalidInstanceID.NotFound', "The instance ID 'i-0a1' does not exist")],
  ['RecordLifecycleActionHeartbeat', query(500, 'ResourceContention', 'You already have a pending update')],
  ['CompleteLifecycleAction', query(400, 'ValidationError', 'No active Lifecycle Action found')],
  ['DescribeAutoScalingGroups', query(400, 'Throttling', 'Rate exceeded')],
];

/** Answers as the services do. */
export function serviceAnswer(request: IncomingMessage, body: string): Answer {
  const call = request.headers['x-amz-target'] ?? new URLSearchParams(body).get('Action');
  return ANSWERS.find(([name]) => name === call)?.[1] ?? [404, 'text/plain', `nothing answers ${String(call)}`];
}

const failed = (status: number, type: string, text: object): Answer => [
  status,
  'application/json',
  JSON.stringify(text),
  type,
];

/** Errors of the durable SDK's calls by the name of the execution that meets them. */
export const CHECKPOINT_FAILURES: Readonly<Record<string, Answer>> = {
  stale: failed(400, 'InvalidParameterValueException', { Type: 'User', message: 'Invalid Checkpoint Token' }),
  invalid: failed(400, 'InvalidParameterValueException:http://internal.amazon.com/coral/', {
    Type: 'User',
    message: 'no such operation',
  }),
  denied: failed(403, 'AccessDeniedException', { Message: 'not allowed' }),
  key: failed(502, 'KMSAccessDeniedException', { Type: 'User', Message: 'no key' }),
  throttled: failed(429, 'TooManyRequestsException', {
    Type: 'User',
    message: 'Rate exceeded',
    Reason: 'CallerRateLimitExceeded',
  }),
  broken: failed(500, 'ServiceException', { Type: 'Service', Message: 'try later' }),
  // Met when the rest of the state is read, before the handler runs.
  paged: failed(400, 'InvalidParameterValueException', { Type: 'User', message: 'Invalid Checkpoint Token' }),
};

const checkpointSchema = z.object({ Updates: z.array(z.looseObject({ Type: z.string(), Action: z.string() })) });
const STATUS: Readonly<Record<string, string>> = {
  START: 'STARTED',
  SUCCEED: 'SUCCEEDED',
  FAIL: 'FAILED',
  RETRY: 'PENDING',
};

/** Fails as the execution's name says, or records what the checkpoint asks for. */
export function checkpointAnswer(execution: string, body: string): Answer {
  const failure = CHECKPOINT_FAILURES[execution];
  if (failure !== undefined) return failure;
  const Operations = checkpointSchema
    .parse(JSON.parse(body))
    .Updates.map(({ Action, Payload: _payload, ...update }) => ({
      ...update,
      Status: STATUS[Action],
      StartTimestamp: 1_763_798_400,
      ...(update.Type === 'CALLBACK' ? { CallbackDetails: { CallbackId: 'callback-1' } } : {}),
    }));
  return [200, 'application/json', JSON.stringify({ CheckpointToken: 'token-2', NewExecutionState: { Operations } })];
}
