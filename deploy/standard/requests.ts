/** A runbook's own queue of requests, the mapping that starts its function with them, and where those end that came to nothing. */

import { arn, att, ref, type Outputs, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { Particulars } from './particulars.ts';
import { deadLetterQueue } from './queues.ts';

/**
 * A message is hidden for so many times the function's time-out. Source: "Creating and configuring an Amazon SQS event source
 * mapping", which asks for six at least: what is throttled is tried again meanwhile.
 */
const TIMEOUTS_HIDDEN = 6;
/** Received so often in vain, it is kept with the failed ones. Tried twice more, as Lambda tries an event of its own queue. */
const MOST_RECEIVES = 3;
/** As long as SQS keeps a message that nobody says anything of, seconds: four days. A request is stale long before. */
const RETENTION = 345_600;
/** The most that Lambda takes at once without waiting for more. Source: CreateEventSourceMapping, `BatchSize`. */
const BATCH_SIZE = 10;
/** None: who asks by a queue is not to wait for others who may. */
const WINDOW_SECONDS = 0;
/**
 * Invocations at a time, the fewest that Lambda lets one say (CreateEventSourceMapping, `ScalingConfig`): the rest of the function's
 * concurrency is for what no queue would keep.
 */
const MOST_AT_ONCE = 2;

/** Seconds after which a message has been received as often as it may be, or nobody takes any: a time-out more than the most. */
export function longestWait({ timeout }: Pick<Particulars, 'timeout'>): number {
  return (TIMEOUTS_HIDDEN * MOST_RECEIVES + 1) * timeout;
}

/** Logical ids of what belongs to a queue of requests. */
interface RequestsIds {
  readonly queue: string;
  readonly failed: string;
}

/** The logical ids of a runbook's queue of requests, and of the queue of those that came to nothing. */
export function requestsIds({ id }: Names): RequestsIds {
  return { queue: `${id}Requests`, failed: `${id}RequestsFailed` };
}

/** Whoever may send still has to do so encrypted. */
function overTls(id: string): object {
  return {
    Sid: `${id}OverTls`,
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: att(id, 'Arn'),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** The queues and the mapping; none where requests come to the function alone. */
export function requestsResources(names: Names, { requests, timeout }: Particulars): Resources {
  if (requests === undefined) return {};
  const { queue, failed } = requestsIds(names);
  const name = `${names.full}-requests`;
  return {
    [queue]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: name,
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: RETENTION,
        VisibilityTimeout: TIMEOUTS_HIDDEN * timeout + WINDOW_SECONDS,
        RedrivePolicy: { deadLetterTargetArn: att(failed, 'Arn'), maxReceiveCount: MOST_RECEIVES },
      },
    },
    [failed]: deadLetterQueue(`${name}-failed`, {
      // By its name: each of the two would have to be there before the other.
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('sqs', name)] },
    }),
    [`${queue}Policy`]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref(queue), ref(failed)],
        PolicyDocument: { Version: '2012-10-17', Statement: [overTls(queue), overTls(failed)] },
      },
    },
    [`${queue}Mapping`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: names.target,
        EventSourceArn: att(queue, 'Arn'),
        BatchSize: BATCH_SIZE,
        MaximumBatchingWindowInSeconds: WINDOW_SECONDS,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: MOST_AT_ONCE },
      },
    },
  };
}

/** Where requests are sent to. */
export function requestsOutputs(names: Names, { requests }: Particulars): Outputs {
  if (requests === undefined) return {};
  const { queue } = requestsIds(names);
  return { [`${queue}Url`]: { Description: `Send requests for ${names.runbook} here`, Value: ref(queue) } };
}
