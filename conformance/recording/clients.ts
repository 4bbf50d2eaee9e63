/** Clients of an account whose every request goes through a recorder. */

import type { MiddlewareStack } from '@smithy/types';
import { clientsWith, type Clients } from '../place.ts';
import type { Recorder } from './recorder.ts';

function putBetween<I extends object, O extends object>(
  stack: MiddlewareStack<I, O>,
  prefix: string,
  recorder: Recorder,
): void {
  stack.add(
    (next, context) => async (args) => {
      const operation = `${prefix}:${(context.commandName ?? '').replace(/Command$/u, '')}`;
      let response: unknown;
      const output = await recorder.through(operation, args.input, async (out) => {
        // A copy: scenarios use their inputs again.
        const result = await next({ ...args, input: Object.assign({ ...args.input }, out) });
        response = result.response;
        return result.output;
      });
      return { output, response };
    },
    { step: 'initialize', name: 'recorder', priority: 'high' },
  );
}

/** Every client, by IAM's prefix: none is without a recorder. */
const BETWEEN: { readonly [client in keyof Clients]: (clients: Clients, recorder: Recorder) => void } = {
  ec2: ({ ec2 }, recorder) => putBetween(ec2.middlewareStack, 'ec2', recorder),
  autoScaling: ({ autoScaling }, recorder) => putBetween(autoScaling.middlewareStack, 'autoscaling', recorder),
  balancing: ({ balancing }, recorder) => putBetween(balancing.middlewareStack, 'elasticloadbalancing', recorder),
  batch: ({ batch }, recorder) => putBetween(batch.middlewareStack, 'batch', recorder),
  cloudFront: ({ cloudFront }, recorder) => putBetween(cloudFront.middlewareStack, 'cloudfront', recorder),
  cloudWatch: ({ cloudWatch }, recorder) => putBetween(cloudWatch.middlewareStack, 'cloudwatch', recorder),
  dataSync: ({ dataSync }, recorder) => putBetween(dataSync.middlewareStack, 'datasync', recorder),
  dax: ({ dax }, recorder) => putBetween(dax.middlewareStack, 'dax', recorder),
  elastiCache: ({ elastiCache }, recorder) => putBetween(elastiCache.middlewareStack, 'elasticache', recorder),
  eventBridge: ({ eventBridge }, recorder) => putBetween(eventBridge.middlewareStack, 'events', recorder),
  fsx: ({ fsx }, recorder) => putBetween(fsx.middlewareStack, 'fsx', recorder),
  gateway: ({ gateway }, recorder) => putBetween(gateway.middlewareStack, 'apigateway', recorder),
  kms: ({ kms }, recorder) => putBetween(kms.middlewareStack, 'kms', recorder),
  lambda: ({ lambda }, recorder) => putBetween(lambda.middlewareStack, 'lambda', recorder),
  quotas: ({ quotas }, recorder) => putBetween(quotas.middlewareStack, 'servicequotas', recorder),
  s3: ({ s3 }, recorder) => putBetween(s3.middlewareStack, 's3', recorder),
  scheduler: ({ scheduler }, recorder) => putBetween(scheduler.middlewareStack, 'scheduler', recorder),
  sns: ({ sns }, recorder) => putBetween(sns.middlewareStack, 'sns', recorder),
  sqs: ({ sqs }, recorder) => putBetween(sqs.middlewareStack, 'sqs', recorder),
  ssm: ({ ssm }, recorder) => putBetween(ssm.middlewareStack, 'ssm', recorder),
  tagging: ({ tagging }, recorder) => putBetween(tagging.middlewareStack, 'tag', recorder),
  wafV2: ({ wafV2 }, recorder) => putBetween(wafV2.middlewareStack, 'wafv2', recorder),
};

/** Clients for one Region. `recorder`: who stands between. */
export function recordedClients(region: string, recorder: Recorder): Clients {
  const clients = clientsWith({ region, maxAttempts: 1 });
  for (const between of Object.values(BETWEEN)) between(clients, recorder);
  return clients;
}
