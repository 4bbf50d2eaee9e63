/** Who hears of the stack: its topics, and the alarms that tell them. */

import {
  CloudWatchClient,
  paginateDescribeAlarms,
  type CompositeAlarm,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import { topicArn } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Alarm, Topic } from '../decide.ts';
import { unlessGone } from './gone.ts';

/** The subscriptions to a topic. Throws what AWS throws. */
export async function readTopic(name: string, io: Io): Promise<Topic> {
  const found = await unlessGone(() =>
    collect(
      paginateListSubscriptionsByTopic(
        { client: client(SNSClient) },
        { TopicArn: topicArn(name, io) },
        { abortSignal: io.signal },
      ),
      ({ Subscriptions }) => Subscriptions,
    ),
  );
  const subscribers = found?.map(({ SubscriptionArn: subscription = '', Endpoint: endpoint = '' }) => ({
    subscription,
    endpoint,
  }));
  return { name, subscribers: subscribers ?? null };
}

function alarmOf({
  AlarmName: name = '',
  ActionsEnabled,
  AlarmActions = [],
  StateValue,
  StateTransitionedTimestamp,
  StateUpdatedTimestamp,
}: MetricAlarm | CompositeAlarm): Alarm {
  const since = StateTransitionedTimestamp ?? StateUpdatedTimestamp;
  const at = since?.toISOString() ?? '';
  return { name, isMuted: ActionsEnabled === false, actions: AlarmActions.length, state: StateValue ?? '', since: at };
}

/** The alarms whose names begin as the stack's do, and those that somebody has put over them. Throws what AWS throws. */
export async function readAlarms(prefix: string, io: Io): Promise<readonly Alarm[]> {
  const found = await collect(
    paginateDescribeAlarms(
      { client: client(CloudWatchClient), pageSize: 100 },
      { AlarmNamePrefix: `${prefix}-`, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
      { abortSignal: io.signal },
    ),
    ({ MetricAlarms = [], CompositeAlarms = [] }) => [...MetricAlarms, ...CompositeAlarms],
  );
  return found.map(alarmOf);
}
