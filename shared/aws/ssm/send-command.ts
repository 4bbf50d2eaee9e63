/** Sends the command of a plan (SSM Run Command). */

import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { JsonObject } from '../../kernel/decision.ts';
import type { Io } from '../../kernel/definition.ts';
import { client } from '../clients.ts';
import { objectOf, textOf, textsOf } from '../planned-input.ts';

/**
 * `ssm:SendCommand`. It has no client token: a second one gives the instance the same once more, so whoever plans it looks for its comment first.
 * @param version of the document; absent: its default. Throws what AWS throws.
 */
export function sendPlannedCommand(
  input: JsonObject,
  { signal }: Pick<Io, 'signal'>,
  version?: string,
): Promise<unknown> {
  const parameters = objectOf(input, 'Parameters');
  const command = new SendCommandCommand({
    InstanceIds: textsOf(input, 'InstanceIds'),
    DocumentName: textOf(input, 'DocumentName'),
    ...(version === undefined ? {} : { DocumentVersion: version }),
    Parameters: Object.fromEntries(Object.keys(parameters).map((name) => [name, textsOf(parameters, name)])),
    TimeoutSeconds: Number(input['TimeoutSeconds']),
    Comment: textOf(input, 'Comment'),
  });
  return client(SSMClient).send(command, { abortSignal: signal });
}
