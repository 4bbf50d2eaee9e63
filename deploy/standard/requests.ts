/** A runbook's own queue of requests, the mapping that starts its function with them, and where those end that came to nothing. */

import { arn, att, pascal, PREFIX, ref, sub, type Outputs, type Resources } from './cloudformation.ts';
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
/** How many messages Lambda takes at once, and how long it waits for more. */
interface Taking {
  readonly batchSize: number;
  readonly windowSeconds: number;
}

const TAKING: { readonly [kind in NonNullable<Particulars['requests']>]: Taking } = {
  // The most without waiting for more (CreateEventSourceMapping, `BatchSize`): who asks is not to wait for others who may.
  queue: { batchSize: 10, windowSeconds: 0 },
  // A deployment of thousands of files is told in as many messages. No more than can each be a run of its own within one invocation: what
  // is not begun has been received in vain.
  gathered: { batchSize: 100, windowSeconds: 5 },
};
/**
 * Invocations at a time, the fewest that Lambda lets one say (CreateEventSourceMapping, `ScalingConfig`): the rest of the function's
 * concurrency is for what no queue would keep.
 */
const MOST_AT_ONCE = 2;

/** Whether it takes in for others what arrives in many messages. */
export function isGathering({ requests }: Pick<Particulars, 'requests'>): boolean {
  return requests === 'gathered';
}

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

/**
 * Services that may send to the queue that gathers, as long as they do so for this account. Source: the user guides of the three, each
 * with a policy for a queue; that SNS says for which account it sends is in none of them.
 */
const SENDERS = {
  events: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
  s3: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
  sns: { ArnLike: { 'aws:SourceArn': sub('arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*') } },
} as const;

function senders(id: string): readonly object[] {
  return Object.entries(SENDERS).map(([service, Condition]) => ({
    Sid: `${pascal(service)}Tells`,
    Effect: 'Allow',
    Principal: { Service: `${service}.amazonaws.com` },
    Action: 'sqs:SendMessage',
    Resource: att(id, 'Arn'),
    Condition,
  }));
}

/** Rules that put their events into the queue: the framework's own start a function. */
function rulesToQueue({ full, id }: Names, { rules, delivery }: Particulars, queue: string): Resources {
  return Object.fromEntries(
    Object.entries(rules).map(([rule, { description, pattern }]) => [
      `${id}${pascal(rule)}Rule`,
      {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: `${full}-${rule}`,
          Description: description,
          EventPattern: pattern,
          Targets: [
            {
              Id: 'requests',
              Arn: att(queue, 'Arn'),
              RetryPolicy: {
                MaximumEventAgeInSeconds: delivery.maximumEventAge,
                MaximumRetryAttempts: delivery.maximumRetryAttempts,
              },
              DeadLetterConfig: { Arn: att('Undelivered', 'Arn') },
            },
          ],
        },
      },
    ]),
  );
}

/** What the queue of a runbook is called; that which gathers for the stack has the stack's name alone. */
function queueName({ full }: Names, particulars: Particulars): string {
  return `${isGathering(particulars) ? PREFIX : full}-requests`;
}

/** The queues and the mapping; none where requests come to the function alone. */
export function requestsResources(names: Names, particulars: Particulars): Resources {
  const { requests, timeout } = particulars;
  if (requests === undefined) return {};
  const { queue, failed } = requestsIds(names);
  const name = queueName(names, particulars);
  const { batchSize, windowSeconds } = TAKING[requests];
  const told = isGathering(particulars) ? senders(queue) : [];
  return {
    [queue]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: name,
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: RETENTION,
        VisibilityTimeout: TIMEOUTS_HIDDEN * timeout + windowSeconds,
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
        PolicyDocument: { Version: '2012-10-17', Statement: [overTls(queue), overTls(failed), ...told] },
      },
    },
    [`${queue}Mapping`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: names.target,
        EventSourceArn: att(queue, 'Arn'),
        BatchSize: batchSize,
        MaximumBatchingWindowInSeconds: windowSeconds,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: MOST_AT_ONCE },
      },
    },
    ...(isGathering(particulars) ? rulesToQueue(names, particulars, queue) : {}),
  };
}

/** Where requests are sent to. */
export function requestsOutputs(names: Names, particulars: Particulars): Outputs {
  if (particulars.requests === undefined) return {};
  const { queue } = requestsIds(names);
  const url = { [`${queue}Url`]: { Description: `Send requests for ${names.runbook} here`, Value: ref(queue) } };
  if (!isGathering(particulars)) return url;
  return {
    ...url,
    [`${queue}Arn`]: {
      Description: 'Where buckets and topics of this account tell what has changed',
      Value: att(queue, 'Arn'),
    },
  };
}
