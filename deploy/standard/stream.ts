/** The event source mapping that starts a function when its partitions of the data ledger are written to. */

import { att, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { Particulars } from './particulars.ts';
import { failedQueue } from './queues.ts';

/** A second gathers what comes together, so that a storm of findings is a few runs. */
const WINDOW_SECONDS = 1;
/** A batch is one delivery whatever is in it: the most that 6 MB of items are likely to be. */
const BATCH_SIZE = 1_000;
/**
 * So long a batch that fails is handed over again; what it was about the schedule looks at in any case. Source: Lambda,
 * `MaximumRecordAgeInSeconds`, which is 60 at least.
 */
const MAXIMUM_AGE_SECONDS = 120;

/** None where the runbook listens to nothing. */
export function streamResources(names: Names, particulars: Particulars): Resources {
  const { stream } = particulars;
  if (stream.length === 0) return {};
  const pattern = { dynamodb: { Keys: { pk: { S: stream } } } };
  return {
    [`${names.id}DataStream`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: names.target,
        EventSourceArn: att('DataTable', 'StreamArn'),
        StartingPosition: 'LATEST',
        BatchSize: BATCH_SIZE,
        MaximumBatchingWindowInSeconds: WINDOW_SECONDS,
        MaximumRecordAgeInSeconds: MAXIMUM_AGE_SECONDS,
        FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
        DestinationConfig: { OnFailure: { Destination: failedQueue(names, particulars) } },
      },
    },
  };
}
