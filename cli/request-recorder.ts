/** Notes every AWS request that the process sends, as it is sent: one entry per attempt. */

import { Client } from '@smithy/core/client';
import { regionMadeFor } from '../shared/aws/clients.ts';
import { errorName } from '../shared/kernel/errors.ts';
import type { RecordedCall } from './results.ts';

/** Where IAM's service prefix is not the name that requests are signed with. Source: Service Authorization Reference. */
const IAM_PREFIXES: { readonly [signingName: string]: string } = { monitoring: 'cloudwatch' };

type Recorded = { -readonly [K in keyof RecordedCall]: RecordedCall[K] };

function prefixOf(config: unknown): string {
  const name: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, 'defaultSigningName') : undefined;
  return typeof name === 'string' ? (IAM_PREFIXES[name] ?? name) : 'unknown';
}

/** Another Region than home that a client sends to. */
function placeOf(client: unknown, home: string): Pick<RecordedCall, 'region'> {
  const region = regionMadeFor(client) ?? '';
  return region === '' || region === home ? {} : { region };
}

/** A list that grows, and what `surroundings().onClient` has to be for it to grow. `home`: the functions' own Region. */
export function requestRecorder(home: string): {
  readonly calls: readonly RecordedCall[];
  readonly onClient: (client: unknown) => void;
} {
  const calls: Recorded[] = [];
  const onClient = (client: unknown): void => {
    if (!(client instanceof Client)) return;
    const prefix = prefixOf(client.config);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const command = (context['commandName'] ?? 'Unknown').replace(/Command$/u, '');
        const input: unknown = args.input;
        const entry: Recorded = {
          at: new Date().toISOString(),
          call: `${prefix}:${command}`,
          ...placeOf(client, home),
          input: typeof input === 'object' && input !== null ? input : {},
        };
        calls.push(entry);
        try {
          return await next(args);
        } catch (error) {
          entry.error = errorName(error);
          throw error;
        }
      },
      // Outside of the reading of the answer, so that its errors have their names; inside of signing, so that only what was sent is noted.
      { step: 'deserialize', priority: 'high', name: 'noteRequest' },
    );
  };
  return { calls, onClient };
}
