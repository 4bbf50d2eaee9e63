/** The function itself, in the framework's terms, and the rules that start it. */

import { att } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { Particulars } from './particulars.ts';
import { failedQueue } from './queues.ts';
import { isGathering } from './requests.ts';

/** Lambda's own retries of a plain function's event. Source: "How Lambda handles errors with asynchronous invocation", the most. */
const RETRIES = 2;

/** What a durable function takes, and what only a plain one does: destinations, age and retries of its events. */
function asyncSettings(names: Names, particulars: Particulars): object {
  const { durable, delivery } = particulars;
  const failed = failedQueue(names, particulars);
  if (durable !== undefined) return { durableConfig: durable, onError: failed };
  return {
    maximumEventAge: delivery.maximumEventAge,
    maximumRetryAttempts: RETRIES,
    destinations: { onFailure: { type: 'sqs', arn: failed } },
  };
}

/** One function of the framework, as `functions:` of serverless.yml has it. */
export function lambdaFunction(names: Names, particulars: Particulars): Readonly<Record<string, object>> {
  const { runbook, full, id } = names;
  const { description, timeout, memorySize, delivery, rules } = particulars;
  return {
    [runbook]: {
      name: full,
      description,
      handler: `functions/${runbook}/handler.handler`,
      role: `${id}Role`,
      timeout,
      memorySize,
      // Its own, so that no other function can starve it in an incident.
      reservedConcurrency: '${deploy:reservedConcurrency, null}',
      ...asyncSettings(names, particulars),
      events: Object.entries(isGathering(particulars) ? {} : rules).map(([rule, { description: told, pattern }]) => ({
        eventBridge: {
          name: `${full}-${rule}`,
          description: told,
          pattern,
          retryPolicy: delivery,
          deadLetterQueueArn: att('Undelivered', 'Arn'),
        },
      })),
    },
  };
}
