/** Clients of an account whose every request goes through a recorder. */

import type { MiddlewareStack } from '@smithy/types';
import { clientsWith, type Clients } from '../place.ts';
import type { Recorder } from './recorder.ts';

/** IAM's prefix of each client that recordings use. A request of any other is not sent. */
const PREFIXES: { readonly [client in keyof Clients]?: string } = {
  ec2: 'ec2',
  autoScaling: 'autoscaling',
  kms: 'kms',
  quotas: 'servicequotas',
  sqs: 'sqs',
  tagging: 'tag',
};

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

/** Clients for one Region. `recorder`: who stands between; of a service that recordings do not use everything is refused. */
export function recordedClients(region: string, recorder: Recorder): Clients {
  const clients = clientsWith({ region, maxAttempts: 1 });
  for (const [name, client] of Object.entries(clients)) {
    const prefix = Object.entries(PREFIXES).find(([own]) => own === name)?.[1];
    putBetween(client.middlewareStack, prefix ?? `unknown-${name}`, recorder);
  }
  return clients;
}
