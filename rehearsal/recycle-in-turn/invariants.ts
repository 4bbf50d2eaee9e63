/** What must hold of turns: each is one execution, whoever starts it, and however often. */

import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';

/** An execution that was started under a name that ends in a hash: `…/durable-execution/NAME_HASH/ID`. */
const STARTED_BY_NAME = /\/durable-execution\/(?<turn>.+)_[0-9a-f]{20}\/(?<id>[^/]+)$/u;

/** The execution that a checkpoint is of, by the legible part of its name; `undefined`: it was started without a name. */
function executionOf({ input }: LoggedRequest): { readonly turn: string; readonly arn: string } | undefined {
  const arn: unknown = input['DurableExecutionArn'];
  const turn = typeof arn === 'string' ? STARTED_BY_NAME.exec(arn)?.groups?.['turn'] : undefined;
  return typeof arn !== 'string' || turn === undefined ? undefined : { turn, arn };
}

/** One turn is one execution: not one more under another name, nor one more under the same. */
const oneExecutionATurn: Watcher = {
  name: 'one-execution-a-turn',
  check: (_world, _memory, _told, sent = []) => {
    const known = new Map<string, string>();
    for (const { turn, arn } of sent.map(executionOf).filter((one) => one !== undefined)) {
      const first = known.get(turn) ?? arn;
      if (first !== arn) return `${turn} was started as ${first} and as ${arn}`;
      known.set(turn, first);
    }
    return undefined;
  },
};

/** The invariants of turns. */
export const INVARIANTS: readonly Watcher[] = [oneExecutionATurn];
