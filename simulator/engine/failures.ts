/** What the sender of a request is told when something goes wrong with it. */

import { awsError, type AwsError } from './model.ts';

/** Seen of CloudFront by users of the API: github.com/ansible-collections/community.aws/issues/296. */
const SAYS_THROTTLING: ReadonlySet<string> = new Set([
  'autoscaling',
  'cloudfront',
  'cloudwatch',
  'elasticloadbalancing',
]);

/** The throttling error of a service, by IAM's prefix. */
export function throttled(prefix: string): Error {
  if (prefix === 'ec2') return awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (SAYS_THROTTLING.has(prefix)) return awsError('Throttling', 'Rate exceeded', 400);
  // Source: the error's schema in `@aws-sdk/client-sqs`.
  if (prefix === 'sqs') return awsError('RequestThrottled', 'The request was denied due to request throttling.', 403);
  // Source: the error's schema in `@aws-sdk/client-sns`.
  if (prefix === 'sns') return awsError('ThrottledException', 'Rate exceeded', 429);
  // Source: the error's schema in `@aws-sdk/client-api-gateway`.
  if (prefix === 'apigateway') return awsError('TooManyRequestsException', 'Too Many Requests', 429);
  if (prefix === 'lambda') return awsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  return awsError('ThrottlingException', 'Rate exceeded', 400);
}

type Refusal = readonly [name: string, message: string, status?: number];

/**
 * Errors that the operation's reference lists for a resource in another state. Sources: "Error codes for the Amazon EC2 API", the
 * Errors sections of SendCommand in the Systems Manager API reference, of Invoke in that of Lambda, of FlushStageCache in that of API Gateway.
 */
const NOT_IN_THIS_STATE: { readonly [call: string]: Refusal } = {
  'apigateway:FlushStageCache': ['BadRequestException', 'The stage has no cache cluster.'],
  'datasync:StartTaskExecution': ['InvalidRequestException', 'Task is currently running.'],
  'ec2:AssociateAddress': ['IncorrectInstanceState', 'The instance is not in a state in which it takes an address'],
  'ec2:AttachVolume': ['IncorrectState', 'The resource is in an incorrect state for the requested action'],
  'ec2:DeleteSnapshot': ['InvalidSnapshot.InUse', 'The snapshot is in use'],
  'ec2:DeleteVolume': ['VolumeInUse', 'The volume is in use'],
  'ec2:DetachVolume': ['IncorrectState', 'The resource is in an incorrect state for the requested action'],
  'ec2:CreateSnapshot': ['SnapshotCreationPerVolumeRateExceeded', 'The rate of snapshots of this volume is exceeded'],
  'ec2:ModifyInstanceAttribute': [
    'IncorrectInstanceState',
    'The instance is not in a state in which it can be changed',
  ],
  'ec2:StartInstances': ['IncorrectInstanceState', 'The instance is not in a state from which it can be started'],
  'ec2:StopInstances': ['IncorrectInstanceState', 'The instance is not in a state from which it can be stopped'],
  'fsx:CreateDataRepositoryTask': [
    'DataRepositoryTaskExecuting',
    'An existing data repository task is currently executing on the file system.',
  ],
  'lambda:Invoke': ['ResourceNotFoundException', 'Function not found', 404],
  'ssm:SendCommand': ['InvalidInstanceId', 'Instances not in a valid state for account'],
};

/** What IAM, an organization's policy or a tag policy makes of any other operation. */
const NOT_ALLOWED: { readonly [prefix: string]: Refusal } = {
  apigateway: ['UnauthorizedException', 'The role is not authorized to perform this operation', 401],
  autoscaling: ['AccessDenied', 'The role is not authorized to perform this operation', 403],
  cloudfront: ['AccessDenied', 'The role is not authorized to perform this operation', 403],
  ec2: ['UnauthorizedOperation', 'You are not authorized to perform this operation.', 403],
  elasticloadbalancing: ['AccessDenied', 'The role is not authorized to perform this operation', 403],
  sns: ['AuthorizationErrorException', 'The role is not authorized to perform this operation', 403],
  sqs: ['AccessDenied', 'The role is not authorized to perform this operation', 403],
};
const DENIED: Refusal = ['AccessDeniedException', 'The role is not authorized to perform this operation'];

/** The refusal of a call, `service:Operation`; without effect. */
export function refusalOf(call: string): AwsError {
  const prefix = call.slice(0, call.indexOf(':'));
  const [name, message, status] = NOT_IN_THIS_STATE[call] ?? NOT_ALLOWED[prefix] ?? DENIED;
  return awsError(name, message, status);
}

/** No reply within the request's time-out. */
export function timedOut(): Error {
  const error = new Error('the reply did not arrive within the request time-out');
  error.name = 'TimeoutError';
  return error;
}

/** What a bug in the sender's own process looks like, such as a parser that meets an answer it cannot read. */
export function broken(): Error {
  return new TypeError("Cannot read properties of undefined (reading 'length')");
}

/** The sender gave up waiting. */
export function aborted(): Error {
  const error = new Error('Request aborted');
  error.name = 'AbortError';
  return error;
}

/** Whether an error is an answer of the service, not a bug of the simulator. */
export function isAnswer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$metadata' in error;
}
