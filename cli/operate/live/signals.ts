/** What CloudWatch knows of a stack: when its schedules ticked last, and which of its alarms ring. */

import { CloudWatchClient, paginateDescribeAlarms, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { client } from '../../../shared/aws/clients.ts';
import { METRIC_NAMESPACE } from '../../../shared/kernel/report/telemetry.ts';
import type { Stack } from '../place.ts';
import { ANSWER_MS } from './asking.ts';

/** A schedule that has not ticked for so long is told as one that does not; the alarm on it rings earlier. */
const LOOKED_BACK_MS = 3 * 3_600_000;
/** CloudWatch keeps a metric of ours by the minute. */
const PERIOD_SECONDS = 60;

function cloudWatch(region: string): CloudWatchClient {
  return client(CloudWatchClient, { region, purpose: 'signals', timeoutMs: ANSWER_MS });
}

/** The newest heartbeat of each runbook that had one, ISO 8601: the minute in which it beat. */
export async function newestHeartbeats(
  region: string,
  prefix: string,
  runbooks: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const byId = new Map(runbooks.map((runbook, index) => [`m${index}`, runbook]));
  const newest = new Map<string, string>();
  if (byId.size === 0) return newest;
  const EndTime = new Date();
  const pages = paginateGetMetricData(
    { client: cloudWatch(region) },
    {
      StartTime: new Date(EndTime.getTime() - LOOKED_BACK_MS),
      EndTime,
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [...byId].map(([Id, runbook]) => ({
        Id,
        MetricStat: {
          Metric: {
            Namespace: METRIC_NAMESPACE,
            MetricName: 'Heartbeat',
            Dimensions: [
              { Name: 'Stack', Value: prefix },
              { Name: 'Runbook', Value: runbook },
            ],
          },
          Period: PERIOD_SECONDS,
          Stat: 'Sum',
        },
      })),
    },
  );
  for await (const { MetricDataResults = [] } of pages) {
    for (const { Id = '', Timestamps = [] } of MetricDataResults) {
      const runbook = byId.get(Id);
      const at = Timestamps.map((time) => time.toISOString())
        .toSorted()
        .at(-1);
      if (runbook !== undefined && at !== undefined && at > (newest.get(runbook) ?? '')) newest.set(runbook, at);
    }
  }
  return newest;
}

/**
 * The alarms of a stack that ring.
 * @param others prefixes of other stacks here: those of `ops-eu` begin like those of `ops`
 */
export async function ringingAlarms(
  region: string,
  prefix: string,
  others: readonly string[],
): Promise<NonNullable<Awaited<ReturnType<Stack['alarms']>>>> {
  const longer = others.filter((other) => other.startsWith(`${prefix}-`)).map((other) => `${other}-`);
  const ringing = [];
  const pages = paginateDescribeAlarms(
    { client: cloudWatch(region) },
    { AlarmNamePrefix: `${prefix}-`, StateValue: 'ALARM' },
  );
  for await (const { MetricAlarms = [] } of pages) {
    for (const {
      AlarmName: name = '',
      StateTransitionedTimestamp,
      StateUpdatedTimestamp,
      StateReason,
    } of MetricAlarms) {
      if (longer.some((beginning) => name.startsWith(beginning))) continue;
      const since = StateTransitionedTimestamp ?? StateUpdatedTimestamp;
      ringing.push({ name, since: since?.toISOString() ?? '', why: StateReason ?? '' });
    }
  }
  return ringing;
}
