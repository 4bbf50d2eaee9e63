/** Calls that are wishes: what AWS has against one is no reason to stop, nor to ask for it again and again. */

import type { Change, Send } from '../../../shared/kernel/definition.ts';
import { classify, errorName } from '../../../shared/kernel/errors.ts';

/** The name under which every refusal of a wish is known. */
const NOT_DONE = 'NotDone';

/** AWS has refused it, for whatever reason; the message begins with AWS's own name for that. */
class NotDoneError extends Error {
  override readonly name = NOT_DONE;
}

/**
 * A call of which `decide` is told whatever AWS refuses it for, so that it does not plan it again. A throttle, a failure of AWS's
 * and a lost reply stay what they are.
 * @param means errors that mean something else
 */
export function wish(send: Send, means: Change['means'] = {}): Change {
  return {
    send: async (input, io) => {
      try {
        return await send(input, io);
      } catch (error) {
        const { class: verdict, effect, name, message } = classify(error);
        const isRefused = verdict === 'terminal' && effect === 'none' && !Object.hasOwn(means, errorName(error));
        throw isRefused ? new NotDoneError(`${name}: ${message}`) : error;
      }
    },
    means: { ...means, [NOT_DONE]: 'refused' },
  };
}
