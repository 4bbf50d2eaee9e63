/** The changing call on a compute environment, and what Batch's errors mean. */

import { BatchClient, UpdateComputeEnvironmentCommand } from '@aws-sdk/client-batch';
import { client } from '../../../shared/aws/clients.ts';
import type { Change } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';

/** Sets minvCpus alone: what else is changed with it would have Batch replace the instances. */
export const updateComputeEnvironment: Change = {
  send: ({ computeEnvironment, computeResources }, { signal }) => {
    const minvCpus = isJsonObject(computeResources) ? computeResources['minvCpus'] : undefined;
    if (typeof computeEnvironment !== 'string' || typeof minvCpus !== 'number')
      throw new TerminalError('plan: UpdateComputeEnvironment: expected computeEnvironment and minvCpus');
    const command = new UpdateComputeEnvironmentCommand({ computeEnvironment, computeResources: { minvCpus } });
    return client(BatchClient).send(command, { abortSignal: signal });
  },
  // Batch has two errors: this one says that the request cannot be done, whatever is wrong with it.
  means: { ClientException: 'refused' },
};
