/** CloudWatch alarms and EventBridge events. */

import { DescribeAlarmsCommand, DescribeAlarmsForMetricCommand } from '@aws-sdk/client-cloudwatch';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Scenario, Seed } from '../scenario.ts';

const ALARMS: Seed = {
  instances: { web: { zone: 'a' } },
  alarms: [
    { name: 'web-down', metric: 'Down', state: 'ALARM', instance: 'web' },
    { name: 'web-slow', metric: 'Slow', state: 'OK', instance: 'web' },
  ],
};

const entry = { Source: 'runbook', DetailType: 'outcome', Detail: '{"outcome":"done"}' };

export const alarmAndEventScenarios: readonly Scenario[] = [
  {
    name: 'alarms are described by name, prefix and state',
    seed: ALARMS,
    play: async ({ cloudWatch }) => {
      await cloudWatch(new DescribeAlarmsCommand({ AlarmNames: ['web-down'] }));
      await cloudWatch(
        new DescribeAlarmsCommand({ AlarmNames: ['web-down', 'none'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      );
      await cloudWatch(new DescribeAlarmsCommand({ AlarmNamePrefix: 'web-' }));
      await cloudWatch(
        new DescribeAlarmsCommand({ StateValue: 'ALARM', AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      );
      await cloudWatch(new DescribeAlarmsCommand({ AlarmNames: ['web-down'], AlarmTypes: ['CompositeAlarm'] }));
      await cloudWatch(new DescribeAlarmsCommand({ AlarmNames: ['none'] }));
    },
  },
  {
    name: 'alarms come in pages',
    seed: ALARMS,
    play: async ({ cloudWatch, fact, unnoted }) => {
      const first = await unnoted(() => cloudWatch(new DescribeAlarmsCommand({ MaxRecords: 1 })));
      fact('alarms on the first page', first?.MetricAlarms?.length);
      fact('the first page of alarms has a successor', first?.NextToken !== undefined);
    },
  },
  {
    name: 'the alarms on a metric are described',
    seed: ALARMS,
    play: async ({ cloudWatch, id }) => {
      const Dimensions = [{ Name: 'InstanceId', Value: id('web') }];
      await cloudWatch(
        new DescribeAlarmsForMetricCommand({ Namespace: 'Conformance', MetricName: 'Down', Dimensions }),
      );
      await cloudWatch(
        new DescribeAlarmsForMetricCommand({ Namespace: 'Conformance', MetricName: 'Nothing', Dimensions }),
      );
    },
  },
  {
    name: 'an event is accepted, and one that is malformed is refused by itself',
    seed: {},
    play: async ({ eventBridge, fact }) => {
      await eventBridge(new PutEventsCommand({ Entries: [entry] }));
      const mixed = await eventBridge(
        new PutEventsCommand({
          Entries: [entry, { ...entry, Detail: 'no JSON' }, { Source: 'runbook', DetailType: 'outcome' }],
        }),
      );
      fact(
        'which entries of three were accepted',
        mixed?.Entries?.map(({ EventId }) => (EventId === undefined ? 'no' : 'yes')).join(' '),
      );
    },
  },
  {
    name: 'requests about events that cannot be',
    seed: {},
    play: async ({ eventBridge }) => {
      await eventBridge(new PutEventsCommand({ Entries: [] }));
      await eventBridge(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) }));
      await eventBridge(new PutEventsCommand({ Entries: [{ ...entry, Source: 'aws.ec2' }] }));
    },
  },
];
