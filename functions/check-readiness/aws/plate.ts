/** The door plate of the stack (deploy/standard/plate.ts): which runbooks were deployed. */

import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag } from '../../../shared/kernel/json.ts';
import { unlessGone } from './gone.ts';

/** A runbook of the stack. */
export interface Plated {
  /** Of its function, its schedule, and what else has one of its kind. */
  readonly name: string;
  readonly isDurable: boolean;
}

const OWN = 'check-readiness';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The runbooks of the stack. Throws what AWS throws.
 * @throws TerminalError for a plate that cannot be understood: taken for one of no runbooks, all of them would be well
 */
export async function readPlate(prefix: string, io: Io): Promise<readonly Plated[]> {
  const Name = `/runbook/stacks/${prefix}`;
  const answer = await unlessGone(() =>
    client(SSMClient).send(new GetParameterCommand({ Name }), { abortSignal: io.signal }),
  );
  const plate = parsed(answer?.Parameter?.Value ?? '');
  const runbooks = isBag(plate) ? plate['runbooks'] : undefined;
  if (!isBag(runbooks) || runbooks[OWN] === undefined)
    throw new TerminalError(
      `${Name} ${answer === null ? 'is not there' : `does not name ${OWN}`}: deploy the stack again`,
    );
  return Object.entries(runbooks).map(([name, host]) => ({ name: `${prefix}-${name}`, isDurable: host === 'durable' }));
}
