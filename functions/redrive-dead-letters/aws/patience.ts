/** Sends a request of a piece again where it is known, or does not matter, that nothing came of it. */

import { classify, errorName, fault as faultOf, type Fault } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';

/** Times that a request is sent. */
const MOST_TRIES = 4;
/** The first pause, doubling: with it a queue that is throttled gets two seconds before the piece gives up. Assumed. */
const PAUSE_MS = 250;

/** Turned away for the moment, under names that only SQS has. Source: SDK, `@aws-sdk/client-sqs`, errors; API_ReceiveMessage. */
export const THROTTLED: ReadonlySet<string> = new Set([
  'KmsThrottled',
  'KMS.ThrottlingException',
  'OverLimit',
  'RequestThrottled',
  'ThrottlingException',
]);

function faultIn(error: unknown): Fault {
  const name = errorName(error);
  const { message, ...judged } = classify(error);
  return THROTTLED.has(name) ? faultOf('retryable', name, message, 'none') : { ...judged, message, name };
}

/** What came of a request: AWS's answer, or why there is none. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/**
 * @param isRepeatable a lost reply does not matter: what is asked for twice is done once (a receive, a deletion). Otherwise only what is
 * known to have had no effect is sent again.
 */
export async function patiently<T>(request: () => Promise<T>, isRepeatable: boolean, io: Io): Promise<Answer<T>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { ok: true, value: await request() };
    } catch (error) {
      const fault = faultIn(error);
      const isHarmless = isRepeatable || fault.effect === 'none';
      if (fault.class === 'terminal' || !isHarmless || tries === MOST_TRIES) return { ok: false, fault };
      await io.sleep(PAUSE_MS * 2 ** (tries - 1));
    }
  }
}
