/**
 * Stands in front of every request of the process while a snapshot is taken: what the table of calls does not have does not leave, whoever
 * sends it. It is no check of the account's; it is one of ours, against a defect of ours.
 */

import { Client } from '@smithy/core/client';
import { surroundings, surroundWith } from '../../shared/aws/clients.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { CALLS, type Call } from './calls.ts';
import { clientNameOf } from './sdk.ts';

/** The request was stopped before it was made. */
class NotReadError extends Error {
  override readonly name = 'NotReadError';
}

function commandsOf(calls: readonly Call[]): ReadonlySet<string> {
  return new Set(
    calls.flatMap(({ call }) => {
      const [prefix = '', operation = ''] = call.split(':');
      const name = clientNameOf(prefix);
      return name === undefined ? [] : [`${name} ${operation}Command`];
    }),
  );
}

const OF_A_SNAPSHOT = commandsOf(CALLS);

/** Attributes of an instance that may be asked for. */
const ATTRIBUTES: ReadonlySet<unknown> = new Set(['disableApiStop', 'disableApiTermination']);

/**
 * Refuses a request that is no read of the table, and of those that are the ones that would bring a secret.
 * @param command `DescribeInstancesCommand`
 * @param allowed those that may be sent, `EC2Client DescribeInstancesCommand`; absent: those of a snapshot
 * @throws NotReadError
 */
export function demandRead(clientName: string, command: string, input: unknown, allowed = OF_A_SNAPSHOT): void {
  const what = `${clientName} ${command}`;
  if (!allowed.has(what)) throw new NotReadError(`${what} is not in the table of calls: it was not sent`);
  const { Attribute: attribute, WithDecryption: decrypted } = isRecord(input) ? input : {};
  if (command === 'DescribeInstanceAttributeCommand' && !ATTRIBUTES.has(attribute))
    throw new NotReadError(`${what} of ${String(attribute)} is not sent: it may bring user data`);
  if (decrypted === true) throw new NotReadError(`${what} with decryption is not sent: it would bring a secret`);
}

/** Puts it in front of all clients that are made from now on; returns the way back. `calls`: the table of whoever reads. */
export function guardReads(calls: readonly Call[] = CALLS): () => void {
  const { onClient } = surroundings();
  const allowed = commandsOf(calls);
  return surroundWith({
    onClient: (one) => {
      onClient?.(one);
      if (!(one instanceof Client)) return;
      one.middlewareStack.add(
        (next, context) => (args) => {
          demandRead(context.clientName ?? '', context.commandName ?? '', args.input, allowed);
          return next(args);
        },
        { step: 'initialize', name: 'readsAlone', priority: 'high' },
      );
    },
  });
}
